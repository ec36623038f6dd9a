// Commands of one's own at every way into an engine: typed, by words, in pipelines and transactions, through a
// listener, in Lua and in scripts, with and without a prefix; and what access control makes of their keys.
#include "dualis/plugin.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "dualis/client.h"
#include "dualis/client_script.h"
#include "dualis/listener.h"
#include "dualis/script.h"
#include "tests/script/plugin_move.h"

namespace dualis::test {
namespace {

using Strings = std::vector<std::string>;

// ACME.LENGTHS key text [key text ...]: how long each list is.
struct Lengths {
  static constexpr CommandInfo kInfo{"ACME.LENGTHS", kReadOnly | kFast, Group::kList, "1.0.0", "Lengths of lists."};
  static constexpr PluginWords kWords{.arity = -3, .first_key = 1, .last_key = -2, .step = 2};
  using Reply = Strings;
  static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
    Strings lines;
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
      const auto length = turn.Ask<int64_t>({"LLEN", words[i]});
      if (!length) return length.error();
      char buffer[Arg::kTextBytes];
      lines.push_back(std::string(words[i + 1].Text(buffer)) + std::to_string(*length));
    }
    reply.Begin(Shape::kArray, lines.size());
    for (const std::string& line : lines) reply.Bulk(line);
    reply.End();
    return {};
  }
};

struct Way {
  const char* name;
  bool listener;
  const char* prefix;
};
std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }

constexpr Way kWays[] = {
    {"Direct", false, ""},
    {"DirectPrefixed", false, "p*:"},
    {"Listener", true, ""},
    {"ListenerPrefixed", true, "p*:"},
};

class PluginsEverywhere : public testing::TestWithParam<Way> {
 protected:
  PluginsEverywhere() {
    EXPECT_FALSE(RegisterCommand<Move>(*engine));
    EXPECT_FALSE(RegisterCommand<Lengths>(*engine));
    socket_ = (std::filesystem::temp_directory_path() / ("dualis-plugins-" + std::to_string(getpid()))).string();
    listener_ = Listener::Open(*engine, {.port = {}, .unixsocket = socket_}).value();
    listener_->Start();
  }
  ~PluginsEverywhere() override { listener_->Stop(); }

  Client Open(const std::string& user = "", const std::string& password = "") {
    if (!GetParam().listener && user.empty()) return Client::On(engine, GetParam().prefix);
    Config config = Config::FromUrl("unix://" + socket_).value();
    config.prefix = GetParam().prefix;
    config.user = user;
    config.password = password;
    return Client::Connect(config).value();
  }
  // A client without the command in its table cannot know where its keys are.
  bool knows_words() const { return !GetParam().listener || GetParam().prefix[0] == 0; }

  const std::shared_ptr<Engine> engine = Engine::Create();
  Client raw = Client::On(engine);

 private:
  std::string socket_;
  std::unique_ptr<Listener> listener_;
};

INSTANTIATE_TEST_SUITE_P(Ways, PluginsEverywhere, testing::ValuesIn(kWays),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(PluginsEverywhere, TypedAndByWords) {
  Client client = Open();
  const std::string prefix = GetParam().prefix;
  raw.rpush(prefix + "a", "1", "2", "3").value();
  EXPECT_EQ(client.Run(PluginCall<Move>({"a", "b"})).value(), 1);
  EXPECT_EQ(client.Run(PluginCall<Lengths>({"a", "a=", "b", "b="})).value(), (Strings{"a=2", "b=1"}));
  EXPECT_EQ(raw.llen(prefix + "b").value(), 1);
  EXPECT_EQ(client.Run(PluginCall<Move>({"a"})).error().message(),
            "ERR wrong number of arguments for 'acme.move' command");
  const Result<AnyReply> words = client.command({"acme.move", "a", "b", "5"});
  if (!knows_words()) {
    EXPECT_EQ(words.error().code(), ErrorCode::kUsage);
    return;
  }
  EXPECT_EQ(words.value().integer, 2);
  EXPECT_EQ(client.command({"ACME.MOVE", "a", "b", "x"}).error().message(), "ERR value is not an integer");
  EXPECT_EQ(client.command({"ACME.MOVE", "a"}).error().message(),
            "ERR wrong number of arguments for 'acme.move' command");
  EXPECT_EQ(raw.lrange(prefix + "b", 0, -1).value(), (Strings{"1", "2", "3"}));
}

TEST_P(PluginsEverywhere, InPipelinesAndTransactions) {
  Client client = Open();
  const std::string prefix = GetParam().prefix;
  for (const Atomicity kind : {Atomicity::kNone, Atomicity::kTransaction}) {
    raw.flushall().value();
    raw.rpush(prefix + "a", "1", "2", "3").value();
    Pipeline batch = client.pipeline(kind);
    const auto moved = batch.Run(PluginCall<Move>({"a", "b", "2"}));
    const auto length = batch.llen("b");
    const auto wrong = batch.set("text", "t");
    const auto failed = batch.Run(PluginCall<Move>({"b", "text"}));
    const auto lengths = batch.Run(PluginCall<Lengths>({"a", "", "b", ""}));
    batch.execute().value();
    EXPECT_EQ(moved->value(), 2);
    EXPECT_EQ(length->value(), 2);
    EXPECT_EQ(failed->error().code(), ErrorCode::kWrongType);
    EXPECT_EQ(lengths->value(), (Strings{"1", "2"}));
  }
  // A plug-in's write spoils a watch.
  int attempts = 0;
  const Result<int> took = client.transaction({"b"}, [&](Client&, Transaction& writes) {
    if (++attempts == 1) raw.Run(PluginCall<Move>({prefix + "a", prefix + "b"})).value();
    (void)writes.Run(PluginCall<Move>({"b", "c", "10"}));
    return Error();
  });
  EXPECT_EQ(took.value(), 2);
  EXPECT_EQ(raw.llen(prefix + "c").value(), 3);
}

TEST_P(PluginsEverywhere, InLuaAndInScripts) {
  Client client = Open();
  const std::string prefix = GetParam().prefix;
  raw.rpush(prefix + "a", "1", "2", "3").value();
  EXPECT_EQ(client.eval("return redis.call('ACME.MOVE', KEYS[1], KEYS[2], ARGV[1])", {"a", "b"}, {"2"}).value().integer,
            2);
  script::FnContext ctx("moves");
  const script::Expr from = ctx.add_key("from"), to = ctx.add_key("to"), count = ctx.add_arg("count");
  const script::Local moved = ctx.add_local(ctx.call("ACME.MOVE", from, to, count));
  ctx.return_(script::ListOf(moved, ctx.call("ACME.LENGTHS", from, "from ", to, "to ")));
  const Script::Keys keys = {{"from", "b"}, {"to", "c"}};
  for (const ScriptForm form : {ScriptForm::kBest, ScriptForm::kLua}) {
    const Result<Script> moves = client.register_script(ctx, form);
    if (!knows_words()) {
      EXPECT_EQ(moves.error().code(), ErrorCode::kUsage);
      return;
    }
    using script::Value;
    raw.del(prefix + "b", prefix + "c").value();
    raw.rpush(prefix + "b", "1", "2", "3").value();
    EXPECT_EQ((*moves)(keys, {{"count", 1}}).value(), Value::List({1, Value::List({"from 2", "to 1"})}));
    Pipeline batch = client.pipeline(Atomicity::kTransaction);
    const auto queued = moves->queue(batch, keys, {{"count", 5}});
    batch.execute().value();
    EXPECT_EQ(queued->value(), Value::List({2, Value::List({"from 0", "to 3"})}));
    EXPECT_EQ((*moves)(keys, {{"count", "x"}}).error().message(), "ERR value is not an integer");
  }
  // A key that no declaration tells of is found out by the positions that the plug-in describes.
  script::FnContext foreign("foreign");
  foreign.add(foreign.call("ACME.MOVE", foreign.add_key("k"), "literal"));
  EXPECT_EQ(client.register_script(foreign).ok(), prefix.empty());
}

TEST_P(PluginsEverywhere, UnderAccessControl) {
  const std::string prefix = GetParam().prefix;
  raw.command({"ACL", "SETUSER", "u", "reset", "on", ">secret",
               "~" + (prefix.empty() ? "" : std::string("p[*]:")) + "a*", "+@list", "+@connection", "+eval",
               "-acme.lengths"})
      .value();
  raw.rpush(prefix + "a", "1", "2", "3").value();
  Client user = Open("u", "secret");
  EXPECT_EQ(user.Run(PluginCall<Move>({"a", "a2"})).value(), 1);
  const Error key = user.Run(PluginCall<Move>({"a", "b"})).error();
  EXPECT_EQ(key.code(), ErrorCode::kNoPerm) << key.message();
  EXPECT_EQ(user.Run(PluginCall<Lengths>({"a", ""})).error().message(),
            "NOPERM this user has no permissions to run the 'acme.lengths' command");
  EXPECT_EQ(user.eval("return redis.call('ACME.MOVE', KEYS[1], KEYS[2])", {"a", "a2"}).value().integer, 1);
  const Error hidden = user.eval("return redis.call('ACME.MOVE', KEYS[1], ARGV[1])", {"a"}, {"b"}).error();
  EXPECT_NE(hidden.message().find("can't access at least one of the keys"), Bytes::npos) << hidden.message();
  raw.command({"ACL", "SETUSER", "u", "resetkeys", "%R~*"}).value();
  EXPECT_EQ(user.Run(PluginCall<Move>({"a", "a2"})).error().code(), ErrorCode::kNoPerm);
  EXPECT_EQ(raw.command({"ACL", "DRYRUN", "u", "ACME.MOVE", "a", "b"}).value().text,
            "This user has no permissions to access the 'a' key");
  EXPECT_EQ(raw.llen(prefix + "a").value(), 1);
}

std::string Print(const AnyReply& reply) {
  if (reply.kind == AnyReply::Kind::kInt) return std::to_string(reply.integer);
  if (reply.elements.empty()) return reply.text;
  std::string text = "[";
  for (const AnyReply& element : reply.elements) text += (text.size() > 1 ? " " : "") + Print(element);
  return text + "]";
}

TEST_P(PluginsEverywhere, AreDescribed) {
  const Client client = Open().unprefixed();
  EXPECT_EQ(Print(client.command({"COMMAND", "GETKEYS", "ACME.MOVE", "a", "b", "3"}).value()), "[a b]");
  EXPECT_EQ(Print(client.command({"COMMAND", "GETKEYS", "ACME.LENGTHS", "a", "x", "b", "y"}).value()), "[a b]");
  EXPECT_EQ(Print(client.command({"COMMAND", "GETKEYSANDFLAGS", "ACME.MOVE", "a", "b"}).value()),
            "[[a [RW update]] [b [RW update]]]");
  const std::string move = Print(client.command({"COMMAND", "INFO", "ACME.MOVE"}).value());
  EXPECT_TRUE(move.starts_with("[[acme.move -3 [write] 1 2 1 [@write @list @slow]")) << move;
  const std::string lengths = Print(client.command({"COMMAND", "INFO", "ACME.LENGTHS"}).value());
  EXPECT_TRUE(lengths.starts_with("[[acme.lengths -3 [readonly fast] 1 -2 2 [@read @list @fast]")) << lengths;
  EXPECT_NE(Print(client.command({"COMMAND", "DOCS", "ACME.MOVE"}).value()).find("Moves items."), std::string::npos);
  EXPECT_NE(Print(client.command({"ACL", "CAT", "list"}).value()).find("acme.move"), std::string::npos);
}

}  // namespace
}  // namespace dualis::test
