// Where redipy's two backends gave different answers, ours give one: a row each, on every executor. And bytes of all
// kinds that come out as they went in, wherever a script may hold them.
#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

using Disagreements = EveryHome;

TEST_F(Disagreements, HaveOneAnswer) {
  struct Topic {
    const char* what;
    std::function<Expr(FnContext&, const Expr& arg)> formula;
    Value arg;
    const char* want;
  };
  auto literal = [](Value v) { return [v](FnContext&, const Expr&) { return Expr(v); }; };
  const auto truth = [](FnContext&, const Expr& x) { return IfElse(x, "true", "false"); };
  const auto same = [](FnContext&, const Expr& x) { return x; };
  auto looped = [](FnContext& ctx, const Expr& x) {
    const Local seen = ctx.add_local(ListOf());
    ctx.for_(x, [&](const Local& item) { seen.append(item); });
    return Expr(seen);
  };
  const Topic kTopics[] = {
      {"truth of 0", truth, 0, "\"false\""},
      {"truth of 0.0", truth, 0.0, "\"false\""},
      {"truth of -0", truth, -0.0, "\"false\""},
      {"truth of \"\"", truth, "", "\"false\""},
      {"truth of \"0\"", truth, "0", "\"true\""},
      {"truth of []", truth, Value::List(), "\"false\""},
      {"truth of {}", truth, Value::Dict(), "\"false\""},
      {"truth of [0]", truth, Value::List({0}), "\"true\""},
      {"null is None", [](FnContext&, const Expr& x) { return x == None; }, Value(), "true"},
      {"null is false", truth, Value(), "\"false\""},
      {"null or a value", [](FnContext&, const Expr& x) { return x || Expr("d"); }, Value(), "\"d\""},
      {"null of JSON", [](FnContext&, const Expr& x) { return FromJSON(x) == None; }, "null", "true"},
      {"exists as a condition", [](FnContext&, const Expr& x) { return IfElse(RedisVar(x).exists(), "there", "not"); },
       "nosuch", "\"not\""},
      {"exists gives a bool", [](FnContext&, const Expr& x) { return RedisVar(x).exists(); }, "nosuch", "false"},
      {"1 == true", [](FnContext&, const Expr& x) { return ListOf(x == true, Expr(1) == true); }, 1, "[false, false]"},
      {"0 == false", [](FnContext&, const Expr& x) { return x == false; }, 0, "false"},
      {"equality of lists", [](FnContext&, const Expr& x) { return x == ListOf(1, "a"); }, Value::List({1, "a"}),
       "true"},
      {"equality of dicts",
       [](FnContext&, const Expr& x) {
         return x == DictOf({{"a", 1}});
       },
       Value::Dict({{"a", 1}}), "true"},
      {"text + number", [](FnContext&, const Expr& x) { return x + 1; }, "2",
       "! ERR add: argument 1 must be number, not bytes"},
      {"text + text", [](FnContext&, const Expr& x) { return x + x; }, "a",
       "! ERR add: argument 1 must be number, not bytes"},
      {"Strs joins texts", [](FnContext&, const Expr& x) { return Strs(x, x); }, "a", "\"aa\""},
      {"Strs of true", [](FnContext&, const Expr& x) { return Strs("v", x); }, true,
       "! ERR concat: argument 2 must be number or bytes, not bool"},
      {"Strs of None", [](FnContext&, const Expr& x) { return Strs("v", x); }, Value(),
       "! ERR concat: argument 2 must be number or bytes, not none"},
      {"Strs of 5.0", [](FnContext&, const Expr& x) { return Strs("v", x); }, 5.0, "\"v5\""},
      {"Strs of one number", [](FnContext&, const Expr& x) { return TypeStr(Strs(x)); }, 5, "\"bytes\""},
      {"len of a dict", [](FnContext&, const Expr& x) { return Len(x); }, Value::Dict({{"a", 1}, {"b", 2}}), "2"},
      {"len of text is in bytes", [](FnContext&, const Expr& x) { return Len(x); }, "\xc3\xa9", "2"},
      {"for over a dict", looped, Value::Dict({{"a", 1}}), "! ERR for: needs list, not dict"},
      {"for over its keys", [&](FnContext& c, const Expr& x) { return looped(c, Keys(x)); },
       Value::Dict({{"b", 1}, {"a", 1}}), "[\"a\", \"b\"]"},
      {"for over a list with None", looped, Value::List({1, Value(), 2}), "[1, None, 2]"},
      {"2^53", [](FnContext&, const Expr& x) { return ListOf(x, ToStr(x), x - 1); }, 9007199254740992.0,
       "[9007199254740992, \"9007199254740992\", 9007199254740991]"},
      {"an integer reply of 2^53", [](FnContext&, const Expr& x) { return Call("INCRBY", x, "9007199254740992"); }, "n",
       "! ERR script: an integer reply of 2^53 or more cannot be held exactly"},
      {"1.0 as a result", same, 1.0, "1"},
      {"a nested empty list", same, Value::List({Value::List()}), "[[]]"},
      {"an empty list and an empty dict", same, Value::List({Value::List(), Value::Dict()}), "[[], {}]"},
      {"keys of dicts that are numbers",
       [](FnContext&, const Expr& x) {
         return DictOf({{x, "one"}, {2, "two"}});
       },
       1, "{\"1\": \"one\", \"2\": \"two\"}"},
      {"None in a dict", same, Value::Dict({{"a", Value()}}), "{\"a\": None}"},
      {"get with a fallback, of a stored \"\"",
       [](FnContext& ctx, const Expr& x) {
         ctx.add(RedisVar(x).set(""));
         return RedisVar(x).get(7);
       },
       "k", "\"\""},
      {"get with a fallback, of nothing", [](FnContext&, const Expr& x) { return RedisVar(x).get(7); }, "k", "7"},
      {"infinity as a literal", literal(std::numeric_limits<double>::infinity()), 0, "inf"},
      {"text literals", literal(Bytes("a\\\r\n\0\"]]", 8)), 0, "\"a\\\\\\x0d\\x0a\\x00\\\"]]\""},
      {"list literals", literal(Value::List({"\\n\"", Bytes("\r\0", 2)})), 0, "[\"\\\\n\\\"\", \"\\x0d\\x00\"]"},
      {"a wrong type",
       [](FnContext& ctx, const Expr& x) {
         ctx.add(RedisVar(x).set(1));
         return RedisList(x).llen();
       },
       "k", "! WRONGTYPE Operation against a key holding the wrong kind of value"},
      {"ToNum of no number", [](FnContext&, const Expr& x) { return ListOf(ToNum(x), ToNum("0x10"), ToNum(" 1")); },
       "abc", "[None, None, None]"},
      {"ToNum keeps the fraction", [](FnContext&, const Expr& x) { return ToNum(x); }, 2.75, "2.75"},
      {"ToIntStr below zero", [](FnContext&, const Expr& x) { return ToIntStr(x); }, -2.7, "\"-2\""},
      {"ToStr of 1e15", [](FnContext&, const Expr& x) { return ToStr(x); }, 1e15, "\"1000000000000000\""},
      {"ToJSON of a number", [](FnContext&, const Expr& x) { return ToJSON(x); }, 5, "\"5\""},
      {"ToJSON of a list", [](FnContext&, const Expr& x) { return ToJSON(x); }, Value::List({1, Value::List()}),
       "\"[1,[]]\""},
      {"Find looks for bytes", [](FnContext&, const Expr& x) { return ListOf(Find(x, "."), Find(x, "c", 1)); }, "ab.c",
       "[2, 3]"},
      {"names of commands in lower case", [](FnContext&, const Expr& x) { return Call("strlen", x); }, "k", "0"},
      {"incrby gives a number", [](FnContext&, const Expr& x) { return RedisVar(x).incrby(2); }, "n", "2"},
      {"incrby by a fraction", [](FnContext&, const Expr& x) { return RedisVar(x).incrby(0.5); }, "n", "0.5"},
      {"expiries are in milliseconds",
       [](FnContext& ctx, const Expr& x) {
         ctx.add(RedisVar(x).set("v"));
         ctx.add(RedisVar(x).expire(std::chrono::seconds(100)));
         const Local left = ctx.add_local(RedisVar(x).pttl());
         return left > 90000 && left <= 100000;
       },
       "k", "true"},
      {"lset of a missing key", [](FnContext&, const Expr& x) { return RedisList(x).lset(0, "v"); }, "k",
       "! ERR no such key"},
      {"an argument is a copy",
       [](FnContext&, const Expr& x) {
         x.append(1);
         return Len(x);
       },
       Value::List(), "1"},
  };
  for (const Topic& topic : kTopics) {
    FnContext ctx;
    const Expr arg = ctx.add_arg("x");
    ctx.return_(topic.formula(ctx, arg));
    const Result<Program> program = ctx.Build();
    ASSERT_TRUE(program.ok()) << topic.what << ": " << program.error().message();
    Everywhere(*program, [&](Home& home) {
      home.Do({"FLUSHALL"});
      EXPECT_EQ(Repr(home.Run(*program, {}, {topic.arg})), topic.want) << topic.what;
    });
  }
  FnContext nan;
  nan.return_(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(nan.Build().ok());
}

// Keys, words, fields, names of all kinds of things, errors: nothing is cut, escaped or run.
TEST_F(Disagreements, BytesArePassedAsTheyAre) {
  const std::string kNasty[] = {"'",
                                "\"",
                                "\\",
                                "\r",
                                "\n",
                                "\r\n+OK\r\n",
                                std::string(1, '\0'),
                                std::string("a\0b", 3),
                                "\xff",
                                "\xff\xfe\x80",
                                "]]",
                                "]]..error('x')..[[",
                                "]==]",
                                "--[[",
                                "\xc3(",
                                "\xed\xa0\x80",
                                "\" .. redis.call(\"FLUSHALL\") .. \"",
                                "%s%d%n",
                                "{0}",
                                "\x1b[31m",
                                "*1\r\n$8\r\nFLUSHALL\r\n"};
  for (const std::string& bytes : kNasty) {
    FnContext ctx(bytes);
    const Expr key = ctx.add_key(bytes), arg = ctx.add_arg(bytes);
    const Function echo = ctx.function(bytes, {bytes}, [](const Local& x) { return x; });
    const Local out = ctx.add_local(ListOf(), bytes);
    ctx.add(Call("SET", "guard", 1));
    ctx.add(Call("RPUSH", Strs(key, ":l"), bytes, arg, Spread(ListOf(bytes, arg)), echo(bytes)));
    out.append(Call("LRANGE", Strs(key, ":l"), 0, -1));
    ctx.add(Call("HSET", Strs(bytes, ":h"), bytes, arg));
    out.append(Call("HGETALL", Strs(arg, ":h")));
    out.append(Call("HGET", Strs(bytes, ":h"), arg));
    out.append(key);
    out.append(Replace(Strs("<", arg, ">"), bytes, "x"));
    out.append(Split(Strs("a", bytes, "b"), arg));
    out.append(Format("{}{0}", arg));
    out.append(FromJSON(ToJSON(ListOf(bytes, DictOf({{arg, bytes}})))));
    out.append(Call("EXISTS", "guard"));
    ctx.return_(out);
    const std::string want = Repr(Value::List(
        {Value::List({bytes, bytes, bytes, bytes, bytes}), Value::Dict({{bytes, bytes}}), bytes, "k" + bytes, "<x>",
         Value::List({"a", "b"}), bytes + bytes, Value::List({bytes, Value::Dict({{bytes, bytes}})}), 1}));
    const Result<Program> program = ctx.Build();
    ASSERT_TRUE(program.ok()) << program.error().message();
    Everywhere(*program, [&](Home& home) {
      home.Do({"FLUSHALL"});
      EXPECT_EQ(Repr(home.Run(*program, {"k" + bytes}, {bytes})), want) << Repr(Value(bytes));
    });
    const Result<Program> again = Program::FromJson(program->ToJson());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(CompileLua(*again).source, CompileLua(*program).source);
  }
}

}  // namespace
}  // namespace dualis::script
