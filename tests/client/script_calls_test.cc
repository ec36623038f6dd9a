// Ways to call a script, at every home: typed, as JSON, elsewhere, in transactions, from many threads; and where it
// failed.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "dualis/script.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using script::Value;
using ScriptCalls = HomeTest;
DUALIS_AT_EVERY_HOME(ScriptCalls);

// {"list": what was there, "added": ...}; raises the counter.
script::Program Collect() {
  script::FnContext ctx("collect");
  const script::RedisList list(ctx.add_key("list"));
  const script::RedisVar counter(ctx.add_key("counter"));
  const script::Expr items = ctx.add_arg("items");
  const script::Local before = ctx.add_local(list.lrange(0, -1));
  ctx.for_(items, [&](const script::Local& item) { ctx.add(list.rpush(item)); });
  const script::Local calls = ctx.add_local(counter.redis_fn("INCR"));
  ctx.return_(script::DictOf({{"before", before}, {"added", script::Len(items)}, {"calls", calls}}));
  return ctx.Build().value();
}

const Script::Keys kKeys = {{"list", "l"}, {"counter", "c"}};

TEST_P(ScriptCalls, TypedResults) {
  script::FnContext ctx("typed");
  ctx.return_(ctx.add_arg("x"));
  const Script same = client.register_script(ctx).value();
  const auto as = [&]<class T>(const T& x) { return same.as<T>({}, {{"x", script::ToValue(x)}}).value() == x; };
  EXPECT_TRUE(as(true));
  EXPECT_TRUE(as(int64_t{-7}));
  EXPECT_TRUE(as(uint8_t{255}));
  EXPECT_TRUE(as(0.1));
  EXPECT_TRUE(as(std::string("\0\xff", 2)));
  EXPECT_TRUE(as(std::optional<int64_t>()));
  EXPECT_TRUE(as(std::optional<int64_t>(3)));
  EXPECT_TRUE(as(std::vector<std::string>{"a", ""}));
  EXPECT_TRUE(as(std::vector<std::vector<int>>{{}, {1}}));
  EXPECT_TRUE(as(std::map<std::string, double>{{"a", 1.5}, {"", -2}}));
  EXPECT_TRUE(as(std::pair<std::string, bool>("a", false)));
  EXPECT_TRUE(as(std::tuple<int, std::string, std::optional<bool>>(1, "b", true)));

  const auto error = [&]<class T>(T*, const Value& x) {
    return std::string(same.as<T>({}, {{"x", x}}).error().message());
  };
  EXPECT_EQ(error(static_cast<bool*>(nullptr), 1), "ERR a script's value is number, not bool");
  EXPECT_EQ(error(static_cast<int*>(nullptr), "1"), "ERR a script's value is bytes, not number");
  EXPECT_EQ(error(static_cast<int*>(nullptr), 1.5), "ERR a script's number is not such an integer: 1.5");
  EXPECT_EQ(error(static_cast<uint8_t*>(nullptr), 256), "ERR a script's number is not such an integer: 256");
  EXPECT_EQ(error(static_cast<uint64_t*>(nullptr), -1), "ERR a script's number is not such an integer: -1");
  EXPECT_EQ(error(static_cast<std::string*>(nullptr), Value()), "ERR a script's value is none, not bytes");
  EXPECT_EQ(error(static_cast<std::vector<int>*>(nullptr), Value::List({1, "x"})),
            "ERR a script's value is bytes, not number");
  EXPECT_EQ(error(static_cast<std::pair<int, int>*>(nullptr), Value::List({1})),
            "ERR a script's list has 1 items, not 2");
}

TEST_P(ScriptCalls, JsonInAndOut) {
  const Script collect = client.register_script(Collect()).value();
  EXPECT_EQ(collect.json(R"({"list": "l", "counter": "c"})", R"({"items": ["a", 1.5]})").value(),
            R"({"added":2,"before":[],"calls":1})");
  EXPECT_EQ(collect.json(R"({"list":"l","counter":"c","more":"m"})", R"({"items":[]})").value(),
            R"({"added":0,"before":["a","1.5"],"calls":2})");
  EXPECT_EQ(collect.json("[]", "{}").error().message(), "ERR the script's keys are not a JSON object");
  EXPECT_EQ(collect.json("{}", "{").error().message(), "ERR the script's arguments are not a JSON object");
  EXPECT_EQ(collect.json(R"({"list":1})", "").error().message(), "ERR the script's key 'list' is not a string");
  EXPECT_EQ(collect.json("", "").error().message(), "ERR the script's key 'list' is not given");
  script::FnContext ctx("infinite");
  ctx.return_(std::numeric_limits<double>::infinity());
  EXPECT_FALSE(client.register_script(ctx)->json("").ok());
}

TEST_P(ScriptCalls, AFailureHasItsPlace) {
  script::FnContext ctx("failing");
  const script::RedisVar key(ctx.add_key("k"));
  const script::Expr x = ctx.add_arg("x");
  ctx.add_local(1 / x);
  const int operation = __LINE__ - 1;
  ctx.add(script::RedisList(key.key()).lpush("v"));
  const int command = __LINE__ - 1;
  for (const ScriptForm form : {ScriptForm::kBest, ScriptForm::kLua}) {
    const Script failing = client.register_script(ctx, form).value();
    client.set("k", "text").value();
    std::string place = "?";
    EXPECT_EQ(failing({{"k", "k"}}, {{"x", 0}}, &place).error().message(), "ERR div: division by zero");
    EXPECT_EQ(place, "script_calls_test.cc:" + std::to_string(operation));
    EXPECT_EQ(failing({{"k", "k"}}, {{"x", 1}}, &place).error().code(), ErrorCode::kWrongType);
    EXPECT_EQ(place, "script_calls_test.cc:" + std::to_string(command));
    EXPECT_TRUE(failing({{"k", "other"}}, {{"x", 1}}, &place).ok());
    EXPECT_EQ(place, "");
    client.del("other").value();
  }
}

TEST_P(ScriptCalls, ATraceTellsOfEachStatement) {
  script::FnContext ctx("traced");
  const script::RedisList list(ctx.add_key("list"));
  const script::Local sum = ctx.add_local(0, "sum");
  ctx.for_(list.lrange(0, -1),
           [&](const script::Local& item) { ctx.if_(script::ToNum(item) > 1, [&] { sum += script::ToNum(item); }); });
  ctx.add(list.rpush(sum));
  ctx.while_(sum > 100, [&] { ctx.break_(); });
  ctx.return_(sum / script::ToNum("0"));
  const Script traced = client.register_script(ctx).value();
  client.rpush("l", "1", "2").value();
  std::string seen;
  const Result<Value> result = traced.traced({{"list", "l"}}, {}, [&](const script::TraceStep& step) {
    seen += step.text + " -> " + (step.error ? std::string(step.error.message()) : step.value.ToText()) + "\n";
    EXPECT_TRUE(step.place.starts_with("script_calls_test.cc:")) << step.place;
  });
  if (server()) {
    EXPECT_EQ(result.error().code(), ErrorCode::kUsage);
    return;
  }
  EXPECT_EQ(result.error().message(), "ERR div: division by zero");
  EXPECT_EQ(seen,
            "let sum = 0 -> 0\n"
            "for i, item in LRANGE(list, 0, -1): -> \"1\"\n"
            "if to_num(item) > 1: -> false\n"
            "for i, item in LRANGE(list, 0, -1): -> \"2\"\n"
            "if to_num(item) > 1: -> true\n"
            "sum = sum + to_num(item) -> 2\n"
            "RPUSH(list, sum) -> 3\n"
            "while sum > 100: -> false\n"
            "return sum / to_num(\"0\") -> ERR div: division by zero\n");
}

TEST_P(ScriptCalls, AnExplanationHasAllForms) {
  const std::string text = client.register_script(Collect()).value().explain();
  for (const char* part : {"for i, item in items:", "redis.call(\"RPUSH\", key_list", "INCR(key1)", "result "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_NE(text.find(server() ? "find RPUSH(key0, s2)" : "run RPUSH(key0, s2)"), std::string::npos) << text;
}

TEST_P(ScriptCalls, AtHomesOfAnyKind) {
  const Script collect = client.register_script(Collect()).value();
  const Client elsewhere[] = {Client::Connect("mem://").value(), Client::Connect(SharedServer().url()).value(),
                              client.with_prefix("x:")};
  for (const Client& other : elsewhere) {
    other.Run(cmd::Del{{Key{"l"}, Key{"c"}}}).value();
    for (int i = 1; i <= 3; ++i) {
      const Value value = collect.run(other, kKeys, {{"items", Value::List({"a"})}}).value();
      EXPECT_EQ(value.entries().at("calls"), Value(i));
    }
    other.Run(cmd::Del{{Key{"l"}, Key{"c"}}}).value();
  }
}

TEST_P(ScriptCalls, ATransactionCarriesTheTextOnce) {
  const Script collect = client.register_script(Collect()).value();
  EXPECT_TRUE(raw.command({"SCRIPT", "FLUSH"}).ok());
  std::vector<Pending<Value>> results;
  Pipeline batch = client.pipeline(Atomicity::kTransaction);
  for (int i = 0; i < 5; ++i) results.push_back(collect.queue(batch, kKeys, {{"items", Value::List({i})}}));
  EXPECT_EQ(batch.execute().value(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(results[static_cast<size_t>(i)]->value().entries().at("calls"), Value(i + 1));
  // And again, though nobody knows the script any more.
  EXPECT_TRUE(raw.command({"SCRIPT", "FLUSH"}).ok());
  const auto sixth = collect.queue(batch, kKeys, {{"items", Value::List()}});
  EXPECT_TRUE(batch.execute().ok());
  EXPECT_EQ(sixth->value().entries().at("calls"), Value(6));

  const Result<int> attempts = client.transaction({"c"}, [&](Client& reads, Transaction& writes) {
    const Value seen = collect.run(reads, {{"list", "other"}, {"counter", "else"}}, {{"items", Value::List()}}).value();
    EXPECT_EQ(seen.entries().at("calls"), Value(1));
    (void)collect.queue(writes, kKeys, {{"items", Value::List()}});
    (void)collect.queue(writes, kKeys, {{"items", Value::List()}});
    return Error();
  });
  EXPECT_EQ(attempts.value(), 1);
  EXPECT_EQ(client.get("c").value(), "8");
}

TEST_P(ScriptCalls, ManyThreadsCallOneScript) {
  for (const ScriptForm form : {ScriptForm::kBest, ScriptForm::kLua}) {
    const Script collect = client.register_script(Collect(), form).value();
    client.del("l", "c").value();
    constexpr int kThreads = 4, kCalls = 25;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        double last = 0;
        for (int i = 0; i < kCalls; ++i) {
          const Value value = collect(kKeys, {{"items", Value::List({"x"})}}).value();
          // As many items were there as calls came before: each call is one turn.
          const double calls = value.entries().at("calls").number();
          EXPECT_EQ(value.entries().at("before").items().size() + 1, calls);
          EXPECT_GT(calls, last);
          last = calls;
          if (i % 10 == 0) {
            EXPECT_TRUE(raw.command({"SCRIPT", "FLUSH"}).ok());
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(client.llen("l").value(), kThreads * kCalls);
  }
}

}  // namespace
}  // namespace dualis::test
