// Scripts in pipelines and transactions, at every home and in both forms: order, errors, watches, prefixes; and what
// travels to a server.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dualis/commands/keys.h"
#include "dualis/commands/lists.h"
#include "dualis/script.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using script::Value;
using ScriptPipelines = HomeTest;
DUALIS_AT_EVERY_HOME(ScriptPipelines);

constexpr ScriptForm kForms[] = {ScriptForm::kBest, ScriptForm::kLua};
constexpr Atomicity kKinds[] = {Atomicity::kNone, Atomicity::kTransaction};

// Appends x to the list, then divides 100 by it; returns the quotient and how long the list is.
int divides_at = 0;
script::Program Divide() {
  script::FnContext ctx("divide");
  const script::RedisList list(ctx.add_key("list"));
  const script::Expr x = ctx.add_arg("x");
  ctx.add(list.rpush(x));
  const script::Local quotient = ctx.add_local(100 / x);
  divides_at = __LINE__ - 1;
  ctx.return_(script::ListOf(quotient, list.llen()));
  return ctx.Build().value();
}

script::Program Read() {
  script::FnContext ctx("read");
  ctx.return_(script::RedisVar(ctx.add_key("k")).get());
  return ctx.Build().value();
}

TEST_P(ScriptPipelines, KeepTheOrderAndTheirErrorsToThemselves) {
  for (const ScriptForm form : kForms) {
    for (const Atomicity kind : kKinds) {
      const Script divide = client.register_script(Divide(), form).value();
      client.del("l").value();
      Pipeline batch = client.pipeline(kind);
      const auto first = divide.queue(batch, {{"list", "l"}}, {{"x", 4}});
      const auto length = batch.llen("l");
      const auto zero = divide.queue(batch, {{"list", "l"}}, {{"x", 0}});
      const auto text = batch.set("t", "text");
      const auto wrong = divide.queue(batch, {{"list", "t"}}, {{"x", 1}});
      const auto last = divide.queue(batch, {{"list", "l"}}, {{"x", 8}});
      EXPECT_EQ(first->error().code(), ErrorCode::kUsage);
      EXPECT_EQ(batch.size(), 6u);
      EXPECT_EQ(client.exists("l").value(), 0);
      EXPECT_EQ(batch.execute().value(), 6u);
      EXPECT_EQ(first->value(), Value::List({25, 1}));
      EXPECT_EQ(first.place(), "");
      EXPECT_EQ(length->value(), 1);
      EXPECT_EQ(zero->error().message(), "ERR div: division by zero");
      EXPECT_EQ(zero.place(), "script_pipelines_test.cc:" + std::to_string(divides_at));
      EXPECT_TRUE(text->ok());
      EXPECT_EQ(wrong->error().message(), "WRONGTYPE Operation against a key holding the wrong kind of value");
      EXPECT_EQ(wrong.place(), "script_pipelines_test.cc:" + std::to_string(divides_at - 1));
      EXPECT_EQ(last->value(), Value::List({12.5, 3}));  // what failed had appended its number
      EXPECT_EQ(raw.lrange(Stored("l"), 0, -1).value(), (std::vector<std::string>{"4", "0", "8"}));
      client.del("t").value();
    }
  }
}

TEST_P(ScriptPipelines, CopyWhatTheyAreGiven) {
  script::FnContext ctx("grow");
  const script::Expr list = ctx.add_arg("list");
  const script::Local own = ctx.add_local(list);
  own.append("more");
  ctx.return_(script::ListOf(own, ctx.add_key("key")));
  const Script grow = client.register_script(ctx).value();
  for (const Atomicity kind : kKinds) {
    Pipeline batch = client.pipeline(kind);
    Value given = Value::List({"a"});
    std::vector<Pending<Value>> results;
    {
      const Script::Keys keys = {{"key", std::string(100, 'k')}};
      results.push_back(grow.queue(batch, keys, {{"list", given}}));
      results.push_back(grow.queue(batch, keys, {{"list", given}}));
    }
    given.mutable_items().push_back("later");
    batch.execute().value();
    for (const auto& result : results) {
      EXPECT_EQ(result->value(), Value::List({Value::List({"a", "more"}), Stored(std::string(100, 'k'))}));
    }
    EXPECT_EQ(given, Value::List({"a", "later"}));
  }
}

TEST_P(ScriptPipelines, AreOneTurnInATransaction) {
  for (const ScriptForm form : kForms) {
    const Script divide = client.register_script(Divide(), form).value();
    client.del("l", "other").value();
    int runs = 0;
    std::optional<Pending<Value>> kept;
    const Result<int> attempts = client.transaction({"l"}, [&](Client& reads, Transaction& writes) {
      // On the connection that watches.
      EXPECT_EQ(divide.run(reads, {{"list", "other"}}, {{"x", 10}}).value(), Value::List({10, ++runs}));
      if (runs == 1) raw.rpush(Stored("l"), "seen").value();
      kept = divide.queue(writes, {{"list", "l"}}, {{"x", 5}});
      (void)divide.queue(writes, {{"list", "l"}}, {{"x", 0}});
      return Error();
    });
    EXPECT_EQ(attempts.value(), 2);
    EXPECT_EQ((*kept)->value(), Value::List({20, 2}));  // nothing of the first attempt was run
    EXPECT_EQ(client.lrange("l", 0, -1).value(), (std::vector<std::string>{"seen", "5", "0"}));

    Pipeline batch = client.pipeline(Atomicity::kTransaction);
    const auto none = divide.queue(batch, {{"list", "l"}}, {{"x", 5}});
    (void)batch.command({"NOSUCH"});
    EXPECT_FALSE(batch.execute().ok());
    EXPECT_FALSE(none->ok());
    EXPECT_EQ(client.llen("l").value(), 3);
  }
}

TEST_P(ScriptPipelines, BelongToTheClientOfThePipeline) {
  const Script divide = client.register_script(Divide()).value();
  const Client elsewhere[] = {Client::Connect("mem://").value(), Client::Connect(SharedServer().url()).value(),
                              client.with_prefix("x:")};
  for (const Client& other : elsewhere) {
    for (const Atomicity kind : kKinds) {
      other.Run(cmd::Del{{Key{"l"}}}).value();
      Pipeline batch = other.pipeline(kind);
      const auto result = divide.queue(batch, {{"list", "l"}}, {{"x", 4}});
      batch.execute().value();
      EXPECT_EQ(result->value(), Value::List({25, 1}));
      EXPECT_EQ(other.Run(cmd::LLen{.key = "l"}).value(), 1);
      other.Run(cmd::Del{{Key{"l"}}}).value();
    }
  }
  EXPECT_EQ(client.exists("l").value(), 0);

  script::FnContext ctx("literal");
  ctx.return_(script::RedisVar(script::Expr("literal")).get());
  const Script literal = raw.register_script(ctx).value();
  Pipeline batch = client.pipeline();
  const auto result = literal.queue(batch, {});
  EXPECT_EQ(batch.execute().ok(), client.prefix().empty());
  if (!client.prefix().empty()) {
    EXPECT_EQ(result->error().code(), ErrorCode::kUsage);
  }
}

int64_t Calls(const Client& raw, const std::string& command) {
  const std::string info = raw.command({"INFO", "commandstats"}).value().text;
  const size_t at = info.find("cmdstat_" + command + ":calls=");
  return at == std::string::npos ? 0 : std::stoll(info.substr(info.find('=', at) + 1));
}

TEST_P(ScriptPipelines, SendATextOnce) {
  for (const ScriptForm form : kForms) {
    const bool native = !server() && form == ScriptForm::kBest;
    const Script divide = client.register_script(Divide(), form).value();
    const Script read = client.register_script(Read(), form).value();
    for (const Atomicity kind : kKinds) {
      raw.command({"SCRIPT", "FLUSH"}).value();
      raw.command({"CONFIG", "RESETSTAT"}).value();
      Pipeline batch = client.pipeline(kind);
      std::vector<Pending<Value>> results;
      for (int i = 0; i < 3; ++i) {
        results.push_back(divide.queue(batch, {{"list", "l"}}, {{"x", 1}}));
        results.push_back(read.queue(batch, {{"k", "k"}}));
      }
      batch.execute().value();
      for (const auto& result : results) EXPECT_TRUE(result->ok()) << result->error().message();
      EXPECT_EQ(Calls(raw, "eval"), native ? 0 : 1);
      EXPECT_EQ(Calls(raw, "evalsha"), native ? 3 : 2);
      EXPECT_EQ(Calls(raw, "eval_ro"), native ? 0 : 1);
      EXPECT_EQ(Calls(raw, "evalsha_ro"), native ? 3 : 2);
    }
    // One that forgets them itself.
    Pipeline batch = client.pipeline();
    std::vector<Pending<Value>> results;
    for (int i = 0; i < 3; ++i) {
      results.push_back(read.queue(batch, {{"k", "k"}}));
      results.push_back(read.queue(batch, {{"k", "k"}}));
      (void)batch.script_flush();
    }
    batch.execute().value();
    for (const auto& result : results) EXPECT_TRUE(result->ok()) << result->error().message();
  }
}

// Flushes the scripts after each command of a pipeline.
class Forgetful final : public Backend {
 public:
  explicit Forgetful(Client inner) : client_(std::move(inner)), inner_(client_.backend()) {}
  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override {
    return inner_.Execute(request, sink, options);
  }
  Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks, Atomicity,
                              const CallOptions& options) override {
    for (size_t i = 0; i < commands.size(); ++i) {
      if (Error error = inner_.Execute(commands[i], *sinks[i], options)) return error;
      client_.script_flush().value();
    }
    return Executed::kYes;
  }
  Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                std::function<void(const Error&)> done) override {
    return inner_.Submit(request, sink, options, std::move(done));
  }
  void Cancel(Ticket ticket) override { inner_.Cancel(ticket); }
  Result<std::unique_ptr<MessageSource>> Subscribe() override { return inner_.Subscribe(); }
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override { return inner_.Pin(options); }
  const CommandTable& commands() const override { return inner_.commands(); }

 private:
  Client client_;
  Backend& inner_;
};

TEST_P(ScriptPipelines, AreSentAgainWhenForgottenIfNothingOvertookThem) {
  const Client forgetful(std::make_shared<Forgetful>(raw), client.prefix());
  const Script divide = forgetful.register_script(Divide()).value();
  const Script read = forgetful.register_script(Read()).value();
  Pipeline batch = forgetful.pipeline();
  const auto first = divide.queue(batch, {{"list", "l"}}, {{"x", 1}});
  const auto overtaken = divide.queue(batch, {{"list", "l"}}, {{"x", 2}});
  const auto length = batch.llen("l");
  const auto get = read.queue(batch, {{"k", "k"}});
  const auto second = divide.queue(batch, {{"list", "l"}}, {{"x", 4}});
  const auto again = read.queue(batch, {{"k", "k"}});
  const auto third = divide.queue(batch, {{"list", "l"}}, {{"x", 5}});
  EXPECT_EQ(batch.execute().value(), 7u);
  EXPECT_EQ(first->value(), Value::List({100, 1}));
  EXPECT_EQ(overtaken->error().code(), ErrorCode::kNoScript);
  EXPECT_EQ(length->value(), 1);
  EXPECT_EQ(get->value(), Value());
  EXPECT_EQ(second->value(), Value::List({25, 2}));
  EXPECT_EQ(again->value(), Value());
  EXPECT_EQ(third->value(), Value::List({20, 3}));
}

// A user who may only read runs what only reads, in every way.
TEST_P(ScriptPipelines, ThatOnlyReadNeedNoRightToWrite) {
  Config config = server() ? ConfigOf(GetParam()) : Config::FromUrl("mem://readers").value();
  config.prefix = GetParam().prefix;
  const Client owner = Client::Connect(config).value();
  const Client all = owner.unprefixed();
  all.command({"ACL", "SETUSER", "reader", "reset", "on", ">secret", "~*", "+@read", "+@connection", "+evalsha_ro",
               "+eval_ro", "+multi", "+exec"})
      .value();
  config.user = "reader";
  config.password = "secret";
  const Client reader = Client::Connect(config).value();
  owner.Run(cmd::Set{.key = "k", .value = "v"}).value();
  for (const ScriptForm form : kForms) {
    const Script read = reader.register_script(Read(), form).value();
    const Script divide = reader.register_script(Divide(), form).value();
    EXPECT_EQ(read({{"k", "k"}}).value(), Value("v"));
    const Error refused = divide({{"list", "l"}}, {{"x", 1}}).error();
    EXPECT_EQ(refused.code(), ErrorCode::kNoPerm);
    EXPECT_TRUE(refused.message().find("'evalsha' command") != Bytes::npos) << refused.message();
    for (const Atomicity kind : kKinds) {
      Pipeline batch = reader.pipeline(kind);
      const auto first = read.queue(batch, {{"k", "k"}});
      const auto second = read.queue(batch, {{"k", "none"}});
      batch.execute().value();
      EXPECT_EQ(first->value(), Value("v"));
      EXPECT_EQ(second->value(), Value());
      const auto no = divide.queue(batch, {{"list", "l"}}, {{"x", 1}});
      EXPECT_EQ(batch.execute().ok(), kind == Atomicity::kNone);
      EXPECT_EQ(no->error().code(), ErrorCode::kNoPerm) << no->error().message();
    }
    EXPECT_EQ(owner.Run(cmd::Exists{{Key{"l"}}}).value(), 0);
  }
  // The keys that the user may see are the script's, too.
  all.command({"ACL", "SETUSER", "reader", "resetkeys", "~nothing"}).value();
  for (const ScriptForm form : kForms) {
    const Script read = reader.register_script(Read(), form).value();
    EXPECT_EQ(read({{"k", "k"}}).error().code(), ErrorCode::kNoPerm);
  }
  all.command({"ACL", "DELUSER", "reader"}).value();
  Engine::Forget("readers");
}

// CLIENT PAUSE holds up what writes, native scripts as well, with all they were given.
TEST(NativeScripts, WaitForAPauseToEnd) {
  Options options;
  options.clock = std::make_shared<ManualClock>();
  const std::shared_ptr<Engine> engine = Engine::Create(options);
  const Client client = Client::On(engine);
  const Script divide = client.register_script(Divide()).value();
  const Script read = client.register_script(Read()).value();
  client.command({"CLIENT", "PAUSE", "100", "WRITE"}).value();
  EXPECT_EQ(read({{"k", "k"}}).value(), Value());
  Result<Value> late = Value();
  std::thread writer([&] { late = divide({{"list", "l"}}, {{"x", 4}}); });
  while (client.command({"INFO", "clients"}).value().text.find("blocked_clients:1") == std::string::npos) {
    std::this_thread::yield();
  }
  EXPECT_EQ(client.Run(cmd::Exists{{Key{"l"}}}).value(), 0);
  engine->Advance(101);
  writer.join();
  EXPECT_EQ(late.value(), Value::List({25, 1}));
}

}  // namespace
}  // namespace dualis::test
