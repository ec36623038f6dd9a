// A command of one's own, registered once: by words, by type, in MULTI, from Lua, from scripts in both of their forms.
#include "dualis/plugin.h"

#include <gtest/gtest.h>

#include "tests/runner/reply_tree.h"
#include "tests/runner/tree_sink.h"
#include "tests/script/homes.h"
#include "tests/script/plugin_move.h"

namespace dualis::script {
namespace {

using test::Move;

// ACME.TOP key: the greatest of a list of numbers, or null.
struct Top {
  static constexpr CommandInfo kInfo{"ACME.TOP", kReadOnly, Group::kList, "1.0.0", "The greatest number of a list."};
  static constexpr PluginWords kWords{.arity = 2, .first_key = 1, .last_key = 1};
  using Reply = std::optional<double>;
  static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
    const auto items = turn.Ask<std::vector<double>>({"LRANGE", words[0], 0, -1});
    if (!items) return items.error();
    if (items->empty()) {
      reply.Null();
    } else {
      reply.Double(*std::max_element(items->begin(), items->end()));
    }
    return {};
  }
};

// A command that says it reads and does not.
struct Liar {
  static constexpr CommandInfo kInfo{"ACME.LIAR", kReadOnly, Group::kString, "1.0.0", "Writes."};
  static constexpr PluginWords kWords{.arity = 2, .first_key = 1, .last_key = 1};
  static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
    return turn.Call(Args({Arg("DEL"), words[0]}), reply);
  }
};

struct Lower {
  static constexpr CommandInfo kInfo{"acme.lower", kReadOnly, Group::kString, "1.0.0", "No name of a command."};
  static constexpr PluginWords kWords{.arity = 1};
  static Error Run(PluginTurn&, Args, ReplySink&) { return {}; }
};

class Effects : public EffectSink {
 public:
  void Effect(int, Args argv) override {
    char buffer[Arg::kTextBytes];
    for (const Arg& word : argv) text += std::string(word.Text(buffer)) + " ";
    text += "\n";
  }
  std::string text;
};

class Plugins : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options;
    options.effects = &effects_;
    engine_ = Engine::Create(options);
    ASSERT_FALSE(RegisterCommand<Top>(*engine_));
    ASSERT_FALSE(RegisterCommand<Move>(*engine_));
    ASSERT_FALSE(RegisterCommand<Liar>(*engine_));
    EXPECT_TRUE(RegisterCommand<Lower>(*engine_));
    session_ = engine_->Connect();
    EXPECT_TRUE(RegisterCommand<Top>(*engine_));  // too late
  }
  std::string Do(const std::vector<std::string>& words) {
    std::vector<Arg> argv(words.begin(), words.end());
    cases::TreeSink sink([] { return 2; });
    session_->Execute(Args(argv), sink);
    std::string text;
    for (const std::string& line : cases::PrintReply(sink.Take())) text += (text.empty() ? "" : "\n") + line;
    return text;
  }

  Effects effects_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
};

TEST_F(Plugins, AreCommandsForEveryFront) {
  Do({"RPUSH", "l", "1", "5.5", "3"});
  EXPECT_EQ(Do({"ACME.TOP", "l"}), "\"5.5\"");
  EXPECT_EQ(Do({"acme.top", "nosuch"}), "(nil)");
  EXPECT_EQ(Do({"ACME.TOP"}), "(error) ERR wrong number of arguments for 'acme.top' command");
  Do({"SET", "s", "x"});
  EXPECT_EQ(Do({"ACME.TOP", "s"}), "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
  // Typed.
  Into<std::optional<double>> typed;
  const PluginCall<Top> call({"l"});
  session_->Execute(call, typed);
  EXPECT_EQ(std::move(typed).Take().value(), 5.5);
  Into<std::optional<double>> wrong;
  session_->Execute(PluginCall<Top>({"l", "m"}), wrong);
  EXPECT_EQ(std::move(wrong).Take().error().message(), "ERR wrong number of arguments for 'acme.top' command");
  // MULTI and Lua.
  Do({"MULTI"});
  EXPECT_EQ(Do({"ACME.MOVE", "l", "m", "2"}), "QUEUED");
  EXPECT_EQ(Do({"ACME.TOP", "l"}), "QUEUED");
  EXPECT_EQ(Do({"EXEC"}), "1) 2\n2) \"3\"");
  EXPECT_EQ(Do({"EVAL", "return {redis.call('ACME.TOP', KEYS[1]), redis.pcall('ACME.MOVE', 'm', 's').err}", "1", "m"}),
            "1) \"5.5\"\n2) \"WRONGTYPE Operation against a key holding the wrong kind of value\"");
  // What is told of it.
  EXPECT_EQ(Do({"COMMAND", "GETKEYS", "ACME.MOVE", "a", "b", "3"}), "1) \"a\"\n2) \"b\"");
  EXPECT_NE(Do({"COMMAND", "INFO", "ACME.TOP"}).find("acme.top"), std::string::npos);
  EXPECT_EQ(Do({"ACME.LIAR", "s"}), "(error) ERR a command that is registered as read-only called one that writes");
  EXPECT_EQ(Do({"GET", "s"}), "\"x\"");
}

TEST_F(Plugins, TellTheEffectsOfWhatTheyCalled) {
  Do({"RPUSH", "l", "1", "2"});
  effects_.text.clear();
  EXPECT_EQ(Do({"ACME.MOVE", "l", "m", "5"}), "2");
  EXPECT_EQ(effects_.text.find("ACME"), std::string::npos) << effects_.text;
  EXPECT_NE(effects_.text.find("LMOVE l m LEFT RIGHT"), std::string::npos) << effects_.text;
}

TEST_F(Plugins, AreCalledByScripts) {
  FnContext ctx;
  const Expr from = ctx.add_key("from"), to = ctx.add_key("to");
  const Local moved = ctx.add_local(Call("ACME.MOVE", from, to, 2));
  ctx.return_(ListOf(moved, ToNum(Call("ACME.TOP", to))));
  const Program program = ctx.Build().value();
  EXPECT_FALSE(program.read_only());
  Do({"RPUSH", "a", "4", "7", "9"});
  const NativeScript native(program);
  Result<Value> result;
  const std::vector<Bytes> keys = {"a", "b"};
  EXPECT_FALSE(session_->InTurn([&](Exec& exec) {
    result = native.Run(exec, keys, {});
    return Error();
  }));
  EXPECT_EQ(Repr(result), "[2, 7]");
  const LuaScript lua = CompileLua(program);
  Into<std::string> reply;
  const std::vector<Arg> words = {"EVAL", lua.source, 2, "a", "b"};
  session_->Execute(Args(words), reply);
  EXPECT_EQ(Repr(DecodeResult(std::move(reply).Take().value())), "[1, 9]");
}

}  // namespace
}  // namespace dualis::script
