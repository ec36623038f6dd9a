// Registered scripts at every home: the same program, natively and as Lua.
#include "dualis/script.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dualis/client.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using script::Value;
using ScriptTest = HomeTest;
DUALIS_AT_EVERY_HOME(ScriptTest);

// Moves up to `count` elements from one list to another; returns what was moved.
script::Program Move() {
  script::FnContext ctx("move");
  const script::RedisList from(ctx.add_key("from"));
  const script::RedisList to(ctx.add_key("to"));
  const script::Expr count = ctx.add_arg("count");
  const script::Local moved = ctx.add_local(script::ListOf());
  ctx.for_range(0, count, [&](const script::Local&) {
    const script::Local element = ctx.add_local(from.lpop());
    ctx.if_(element == script::None, [&] { ctx.break_(); });
    ctx.add(to.rpush(element));
    moved.append(element);
  });
  ctx.return_(moved);
  return ctx.Build().value();
}

TEST_P(ScriptTest, NamedKeysAndArguments) {
  const Script move = client.register_script(Move()).value();
  client.rpush("a", "1", "2", "3").value();
  EXPECT_EQ(move({{"from", "a"}, {"to", "b"}}, {{"count", 2}}).value(), Value::List({"1", "2"}));
  EXPECT_EQ(client.lrange("b", 0, -1).value(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(raw.llen(Stored("a")).value(), 1);
  // Others than the declared ones are ignored, declared ones must be there.
  EXPECT_TRUE(move({{"from", "a"}, {"to", "b"}, {"x", "y"}}, {{"count", 2}, {"y", 1}}).ok());
  const Error no_key = move({{"from", "a"}}, {{"count", 1}}).error();
  EXPECT_EQ(no_key.message(), "ERR the script's key 'to' is not given");
  EXPECT_EQ(move({{"from", "a"}, {"to", "b"}}).error().message(), "ERR the script's argument 'count' is not given");
}

TEST_P(ScriptTest, ValuesGoBothWays) {
  script::FnContext ctx("same");
  ctx.return_(ctx.add_arg("x"));
  const Script same = client.register_script(ctx).value();
  const Value values[] = {
      Value::None(),
      true,
      0.1,
      1e300,
      -0.0,
      "",
      std::string("\0\r\n\xff", 4),
      Value::List(),
      Value::Dict(),
      Value::List({1, Value::None(), Value::Dict({{"a", Value::List({false})}})}),
  };
  for (const Value& value : values) EXPECT_EQ(same({}, {{"x", value}}).value(), value) << value.ToText();
}

TEST_P(ScriptTest, AnErrorEndsTheScriptAndIsTheResult) {
  const Script move = client.register_script(Move()).value();
  client.rpush("a", "1").value();
  client.set("b", "text").value();
  const Result<Value> failed = move({{"from", "a"}, {"to", "b"}}, {{"count", 1}});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), ErrorCode::kWrongType);
  EXPECT_EQ(failed.error().message(), "WRONGTYPE Operation against a key holding the wrong kind of value");
  // What it had done stays, as in Redis.
  EXPECT_EQ(client.exists("a").value(), 0);
}

TEST_P(ScriptTest, AMistakeInTheContextIsReported) {
  script::FnContext ctx("twice");
  (void)ctx.add_key("k");
  (void)ctx.add_key("k");
  EXPECT_FALSE(client.register_script(ctx).ok());
}

TEST_P(ScriptTest, KeysThatAreNotDeclaredNeedAClientWithoutPrefix) {
  script::FnContext ctx("literal");
  ctx.return_(script::RedisVar(script::Expr("literal")).get());
  const Result<Script> literal = client.register_script(ctx);
  EXPECT_EQ(literal.ok(), client.prefix().empty());
  if (!literal) {
    EXPECT_EQ(literal.error().code(), ErrorCode::kUsage);
  }
}

TEST_P(ScriptTest, AScriptRunsElsewhere) {
  const Script move = client.register_script(Move()).value();
  Client other = client.with_prefix("other:");
  other.rpush("a", "1").value();
  EXPECT_EQ(move.run(other, {{"from", "a"}, {"to", "b"}}, {{"count", 5}}).value(), Value::List({"1"}));
  EXPECT_EQ(other.llen("b").value(), 1);
  EXPECT_EQ(client.exists("b").value(), 0);
}

TEST_P(ScriptTest, LuaGivesTheSame) {
  const Script move = client.register_script(Move(), ScriptForm::kLua).value();
  client.rpush("a", "1", "2", "3").value();
  EXPECT_EQ(move({{"from", "a"}, {"to", "b"}}, {{"count", 2}}).value(), Value::List({"1", "2"}));
  // The text is sent again when the home has forgotten it.
  EXPECT_TRUE(raw.command({"SCRIPT", "FLUSH"}).ok());
  EXPECT_EQ(move({{"from", "a"}, {"to", "b"}}, {{"count", 2}}).value(), Value::List({"3"}));
}

TEST_P(ScriptTest, AnErrorThatLooksLikeAForgottenScriptIsTheScriptsOwn) {
  script::FnContext ctx("noscript");
  const script::RedisVar counter(ctx.add_key("k"));
  ctx.add(counter.incr());
  ctx.error("NOSCRIPT No matching script. Please use EVAL.");
  for (const ScriptForm form : {ScriptForm::kBest, ScriptForm::kLua}) {
    const Script noscript = client.register_script(ctx, form).value();
    client.del("k").value();
    EXPECT_EQ(noscript({{"k", "k"}}).error().code(), ErrorCode::kNoScript);
    EXPECT_EQ(noscript({{"k", "k"}}).error().message(), "NOSCRIPT No matching script. Please use EVAL.");
    EXPECT_EQ(client.get("k").value(), "2");
  }
}

TEST_P(ScriptTest, LuaOfOnesOwn) {
  EXPECT_EQ(client.eval("return redis.call('SET', KEYS[1], ARGV[1])", {"k"}, {"v"}).value().text, "OK");
  EXPECT_EQ(raw.get(Stored("k")).value(), "v");
  const std::string sha1 = client.script_load("return redis.call('GET', KEYS[1])").value();
  EXPECT_EQ(client.evalsha(sha1, {"k"}).value().text, "v");
  EXPECT_EQ(client.script_exists({sha1, "no"}).value(), (std::vector<int64_t>{1, 0}));
  EXPECT_TRUE(client.script_flush().ok());
  EXPECT_EQ(client.evalsha(sha1, {"k"}).error().code(), ErrorCode::kNoScript);
  EXPECT_FALSE(client.eval("return redis.call('GET', KEYS[1])", {}).ok());
}

TEST_P(ScriptTest, ScriptsInPipelines) {
  const Script move = client.register_script(Move()).value();
  for (const Atomicity atomicity : {Atomicity::kNone, Atomicity::kTransaction}) {
    client.del("a", "b").value();
    Pipeline batch = client.pipeline(atomicity);
    (void)batch.rpush("a", "1", "2", "3");
    const auto moved = move.queue(batch, {{"from", "a"}, {"to", "b"}}, {{"count", 2}});
    const auto left = batch.llen("a");
    EXPECT_EQ(moved->error().code(), ErrorCode::kUsage);
    batch.execute().value();
    EXPECT_EQ(moved->value(), Value::List({"1", "2"}));
    EXPECT_EQ(left->value(), 1);
  }
  Pipeline batch = client.pipeline();
  const auto missing = move.queue(batch, {{"from", "a"}}, {{"count", 2}});
  EXPECT_EQ(missing->error().message(), "ERR the script's key 'to' is not given");
  EXPECT_FALSE(batch.execute().ok());
}

}  // namespace
}  // namespace dualis::test
