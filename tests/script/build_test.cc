// The builder and the verifier: what is refused, with which words, and what programs say of themselves.
#include <gtest/gtest.h>

#include <optional>

#include "script/ir/program.h"
#include "script/lua/prelude.h"
#include "tests/script/homes.h"
#include "tests/script/programs.h"

namespace dualis::script {
namespace {

// Message of a Build that must fail. "%d" in `want` stands for the line.
void ExpectMistake(const std::string& want, const FnContext& ctx) {
  const Result<Program> program = ctx.Build();
  ASSERT_FALSE(program.ok()) << want;
  EXPECT_EQ(program.error().message(), want);
}

std::string Here(int line) { return "build_test.cc:" + std::to_string(line); }

TEST(Build, AVariableOutsideItsBlock) {
  FnContext ctx("s");
  std::optional<Local> inner;
  ctx.if_(true, [&] { inner.emplace(ctx.add_local(1, "inner")); });
  ctx.return_(*inner);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": variable 'inner' is used outside its block", ctx);
}

TEST(Build, AnExpressionOfAnotherContext) {
  FnContext a("a"), b("b");
  const Expr key = a.add_key("k");
  b.add(Call("GET", key));
  ExpectMistake("ERR script b, " + Here(__LINE__ - 1) + ": the formula belongs to another FnContext", b);
  FnContext c("c");
  const Local mine = c.add_local(1);
  c.return_(ListOf(mine, Strs(key, "x")));
  ExpectMistake("ERR script c, " + Here(__LINE__ - 1) + ": the formula belongs to another FnContext", c);
}

TEST(Build, ACommandPlacedTwiceOrNever) {
  FnContext twice("s");
  const Expr popped = RedisList(twice.add_key("l")).lpop();
  twice.if_(popped != None, [&] { twice.return_(popped); });
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) +
                    ": the same LPOP is placed twice, and would run twice; keep its result in a local",
                twice);
  FnContext never("s");
  const Expr key = never.add_key("l");
  (void)never.call("LPOP", key);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) +
                    ": the LPOP that was made here was never placed: pass it to add(), or use its result",
                never);
}

TEST(Build, NamesGivenTwice) {
  FnContext ctx("s");
  const Expr key = ctx.add_key("k"), arg = ctx.add_arg("k");
  const Expr again = ctx.add_key("k");
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": key 'k' is declared twice", ctx);
  FnContext arguments("s");
  const Expr first = arguments.add_arg("a"), other = arguments.add_key("a");
  const Expr second = arguments.add_arg("a");
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": argument 'a' is declared twice", arguments);
}

TEST(Build, WhatBelongsToALoopOrAFunction) {
  FnContext loop("s");
  std::optional<Local> item;
  loop.for_(ListOf(1), [&](const Local& each) { item.emplace(each); });
  loop.return_(*item);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": variable 'item' is used outside its block", loop);
  FnContext parameter("s");
  const Function f = parameter.function("f", {"x"}, [&](const Local& x) { item.emplace(x); });
  parameter.return_(f(*item));
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) +
                    ": variable 'x' is used in another function: one sees its parameters, keys and arguments",
                parameter);
}

TEST(Build, WhatCanOnlyFail) {
  FnContext add("s");
  add.return_(Expr("a") + 1);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": add: argument 1 must be number, not bytes", add);
  FnContext word("s");
  word.add(Call("SET", "k", ListOf(1)));
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": SET needs number or bytes, not list", word);
  FnContext loop("s");
  loop.for_(Expr(5), [](const Local&) {});
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": for needs list, not number", loop);
}

TEST(Build, Structure) {
  FnContext outside("s");
  outside.break_();
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": break outside of a loop", outside);
  FnContext spread("s");
  const Local x = spread.add_local(Spread(ListOf(1)));
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": Spread stands only among the words of a command", spread);
  FnContext name("s");
  name.add(Call("GET\n", "k"));
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": 'GET\n' is not the name of a command", name);
  FnContext large("s");
  Expr sum = large.add_local(1);
  for (int i = 0; i < 64; ++i) sum = sum + sum;
  large.return_(sum);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": the formula is too large", large);
  FnContext high("s");
  Expr chain = high.add_local(1);
  for (int i = 0; i < 100'000; ++i) chain = chain + 1;
  high.return_(chain);
  ExpectMistake("ERR script s, " + Here(__LINE__ - 1) + ": the formula is too large", high);
}

TEST(Build, ProgramsDescribeThemselves) {
  const Program program = FilterList();
  EXPECT_EQ(program.name(), "filter_list");
  EXPECT_EQ(program.keys(), (std::vector<std::string>{"inp", "left", "right"}));
  EXPECT_EQ(program.commands(), (std::vector<std::string>{"LPOP", "RPUSH"}));
  EXPECT_EQ(program.hash().size(), 40u);
  EXPECT_EQ(program.hash(), FilterList().hash());
  EXPECT_NE(program.hash(), StackPop().hash());
  EXPECT_TRUE(program.keys_are_declared());
  EXPECT_TRUE(StackPop().keys_are_declared());
  FnContext ctx;
  ctx.add(RedisVar("literal").set(1));
  EXPECT_FALSE(ctx.Build().value().keys_are_declared());
}

TEST(Build, TheContextCanBeBuiltFurther) {
  FnContext ctx;
  EXPECT_TRUE(ctx.is_empty());
  const Local x = ctx.add_local(1);
  const Program first = ctx.Build().value();
  x.assign(2);
  ctx.return_(x);
  const Program second = ctx.Build().value();
  EXPECT_NE(first.hash(), second.hash());
  EXPECT_EQ(CompileLua(first).source, CompileLua(first).source);
}

TEST(Json, OnlyProgramsAreLoaded) {
  const char* const kBad[] = {
      "",
      "{}",
      "[1]",
      R"({"dualis_script":2})",
      R"({"dualis_script":1,"body":[["return",["var",0]]]})",
      R"({"dualis_script":1,"body":[["return",["key",0]]]})",
      R"({"dualis_script":1,"body":[["break"]]})",
      R"({"dualis_script":1,"body":[["nosuch"]]})",
      R"({"dualis_script":1,"body":[["return",["op","nosuch"]]]})",
      R"({"dualis_script":1,"body":[["return",["op","add",["lit","n1;"]]]]})",
      R"({"dualis_script":1,"body":[["return",["lit","q"]]]})",
      R"({"dualis_script":1,"locals":[""],"body":[["let",0,["lit","z"]],["let",0,["lit","z"]]]})",
      R"({"dualis_script":1,"locals":[7],"body":[]})",
      R"({"dualis_script":1,"body":[["do",["call","",["lit","z"]]]]})",
  };
  for (const char* json : kBad) EXPECT_FALSE(Program::FromJson(json).ok()) << json;
  std::string deep = R"({"dualis_script":1,"body":[["return",)";
  for (int i = 0; i < 100'000; ++i) deep += R"(["op","not",)";
  EXPECT_FALSE(Program::FromJson(deep).ok());
  EXPECT_TRUE(Program::FromJson(R"({"dualis_script":1,"body":[]})").ok());
}

TEST(Json, TheSameProgramComesBack) {
  for (const Program& program : {FilterList(), StackPop(), StackGetCascading(), WorkerTake(), WorkerRescue()}) {
    const Result<Program> again = Program::FromJson(program.ToJson());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again->hash(), program.hash());
    EXPECT_EQ(again->ToText(), program.ToText());
    EXPECT_EQ(again->ToJson(), program.ToJson());
    EXPECT_EQ(CompileLua(*again).places, CompileLua(program).places);
  }
}

// Lua allows 200 locals in a function; the compiler's budget for variables is 60.
TEST(Lua, ThePreludeFits) {
  const lua::Prelude prelude;
  std::string everything;
  for (int i = 0; i < static_cast<int>(Op::kCount); ++i) {
    const std::string name = "op_" + std::string(InfoOf(static_cast<Op>(i)).name);
    const Op op = static_cast<Op>(i);
    // These three are always written in Lua's own words.
    if (op == Op::kNot || op == Op::kTruth || op == Op::kList) continue;
    EXPECT_TRUE(prelude.Has(name)) << name;
    everything += name + " ";
  }
  for (int i = 0; i < static_cast<int>(Adapt::kCount); ++i) {
    const std::string name = "reply_" + std::string(AdaptName(static_cast<Adapt>(i)));
    EXPECT_TRUE(prelude.Has(name)) << name;
    everything += name + " ";
  }
  everything += "encode decode word spread few each bound truth text None fail";
  EXPECT_LE(prelude.Used(everything).size(), 130u);
}

TEST(Values, TextsAndCodes) {
  const Value value = Value::List({Value(), true, 0.1, "a\"b", Value::Dict({{"k", -1}})});
  EXPECT_EQ(value.ToText(), R"([null,true,0.1,"a\"b",{"k":-1}])");
  EXPECT_EQ(EncodeValue(value), "l5:ztn0.1;s3:a\"bd1:1:kn-1;");
  Value back;
  ASSERT_TRUE(DecodeValue(EncodeValue(value), &back));
  EXPECT_EQ(back, value);
  for (const char* bad : {"", "q", "n;", "n1", "s5:abc", "l2:z", "l99999999999:", "zz", "d1:1:a", "l-1:", "s:"}) {
    EXPECT_FALSE(DecodeValue(bad, &back)) << bad;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "l1:";
  EXPECT_FALSE(DecodeValue(deep + "z", &back));
  // Taking a deep value apart does not recurse.
  Value nested;
  for (int i = 0; i < 1'000'000; ++i) nested = Value::List({nested});
}

// Strings of every length up to some thousand: the byte that tells a short string's length must not tell anything of a
// long one's.
TEST(Values, StringsOfEveryLength) {
  for (size_t size = 0; size < 3000; ++size) {
    const std::string text(size, 'x');
    const Value value(text);
    ASSERT_EQ(value.bytes(), text);
    Value out;
    ASSERT_TRUE(DecodeValue(EncodeValue(value), &out));
    ASSERT_EQ(out, value);
  }
}

TEST(Limits, StepsAndStop) {
  FnContext ctx("endless");
  ctx.while_(true, [&] { (void)0; });
  const NativeScript script(ctx.Build().value());
  class None final : public CommandCaller {
    Error Call(Args, ReplySink&) override { return {}; }
  } none;
  RunOptions limited;
  limited.step_limit = 1000;
  EXPECT_EQ(Repr(script.Run(none, {}, {}, limited)), "! ERR Script exceeded its limit of steps");
  std::atomic<bool> stop = true;
  RunOptions stopped;
  stopped.stop = &stop;
  EXPECT_EQ(Repr(script.Run(none, {}, {}, stopped)), "! ERR script: stopped from outside");
}

TEST(Logs, GoToTheirReceiver) {
  FnContext ctx;
  ctx.log("notice", Strs("n = ", 1));
  const NativeScript script(ctx.Build().value());
  class None final : public CommandCaller {
    Error Call(Args, ReplySink&) override { return {}; }
  } none;
  std::string seen;
  RunOptions options;
  options.log = [&](Bytes level, Bytes text) { seen.append(level).append(": ").append(text); };
  EXPECT_EQ(Repr(script.Run(none, {}, {}, options)), "None");
  EXPECT_EQ(seen, "notice: n = 1");
}

}  // namespace
}  // namespace dualis::script
