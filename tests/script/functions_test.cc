// Functions of scripts: what they see and give, how deep they may call, and what Lua's limits do not do to them.
#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

using Functions = EveryHome;

TEST_F(Functions, TakeAndGiveValues) {
  FnContext ctx;
  const Function square = ctx.function("square", {"x"}, [&](const Local& x) { return x * x; });
  const Function nothing = ctx.function("end", {}, [] {});
  const Function early = ctx.function("early", {"x", "y"}, [&](const Local& x, const Local& y) {
    ctx.if_(x == y, [&] { ctx.return_("same"); });
    ctx.for_range(0, 10, [&](const Local& i) { ctx.if_(i == x, [&] { ctx.return_(Strs("found ", i)); }); });
    x.assign("changed");
    return ListOf(x, y);
  });
  const Local x = ctx.add_local(5, "x");
  ctx.return_(ListOf(square(3) + square(4), square(square(2)), nothing(), early(1, 1), early(7, 0), early(x, 99), x,
                     early(Expr("a"), "b")));
  ExpectEverywhere("[25, 16, None, \"same\", \"found 7\", \"found 5\", 5, [\"changed\", \"b\"]]", ctx);
}

TEST_F(Functions, CallThemselvesAndEachOther) {
  FnContext ctx("recursive");
  const Function fib = ctx.function("fib", {"n"});
  fib.define([&](const Local& n) {
    const Local twice = ctx.add_local(n * 2, "twice");  // each call has its own
    ctx.if_(n < 2, [&] { ctx.return_(n); });
    const Local sum = ctx.add_local(fib(n - 1) + fib(n - 2), "sum");
    ctx.if_(twice != n * 2, [&] { ctx.error("ERR a variable was lost"); });
    return sum;
  });
  const Function even = ctx.function("even", {"n"}), odd = ctx.function("odd", {"n"});
  even.define([&](const Local& n) { return IfElse(n == 0, true, odd(n - 1)); });
  odd.define([&](const Local& n) { return IfElse(n == 0, false, even(n - 1)); });
  // A walk through a structure of unknown depth.
  const Function total = ctx.function("total", {"v"});
  total.define([&](const Local& v) {
    const Local sum = ctx.add_local(0, "sum");
    ctx.if_(IsNumber(v), [&] { ctx.return_(v); })
        .else_if(IsDict(v), [&] { ctx.for_(Values(v), [&](const Local& x) { sum += total(x); }); })
        .else_if(IsList(v), [&] { ctx.for_(v, [&](const Local& x) { sum += total(x); }); });
    return sum;
  });
  const Expr data = ctx.add_arg("data");
  ctx.return_(ListOf(fib(12), even(100), odd(100), total(data)));
  ExpectEverywhere("[144, true, false, 10]", ctx,
                   {Value::List({1, Value::Dict({{"a", 2}, {"b", Value::List({3, "x", Value()})}}), 4})});
}

TEST_F(Functions, NestingHasALimit) {
  FnContext ctx;
  const Function down = ctx.function("down", {"n"});
  down.define([&](const Local& n) { return down(n + 1); });
  ctx.return_(down(0));
  ExpectEverywhere("! ERR call: functions call each other too deeply", ctx);

  // As deep as can be.
  FnContext fits;
  const Function sum = fits.function("sum", {"n"});
  sum.define([&](const Local& n) { return IfElse(n == 0, 0, n + sum(n - 1)); });
  fits.return_(ListOf(sum(249), sum(249)));
  ExpectEverywhere("[31125, 31125]", fits);

  // Without recursion the nesting is known when the script is built.
  FnContext chain("chain");
  Function last = chain.function("f0", {"x"}, [&](const Local& x) { return x + 1; });
  std::vector<Function> all = {last};
  for (int i = 1; i < 300; ++i) {
    all.push_back(chain.function("f" + std::to_string(i), {"x"}, [&](const Local& x) { return all.back()(x); }));
  }
  chain.return_(all[200](1));
  const Result<Program> program = chain.Build();
  ASSERT_FALSE(program.ok());
  EXPECT_NE(program.error().message().find("calls others too deeply"), Bytes::npos) << program.error().message();
}

TEST_F(Functions, ShareListsAndRunCommandsInOrder) {
  FnContext ctx;
  const RedisList list(ctx.add_key("l"));
  const Expr name = ctx.add_arg("name");
  const Function push = ctx.function("push", {"items", "x"}, [&](const Local& items, const Local& x) {
    items.append(x);
    return list.rpush(Strs(name, x));
  });
  const Local items = ctx.add_local(ListOf(), "items");
  const Local sums = ctx.add_local(ListOf(push(items, 1), items.len() + push(items, 2), push(items, 3) && items.len(),
                                          Expr(0) && push(items, 4), push(items, 5) == 4 || push(items, 6)),
                                   "sums");
  ctx.return_(ListOf(items, sums, list.lrange(0, -1)));
  ExpectEverywhere("[[1, 2, 3, 5], [1, 3, 3, 0, true], [\"n1\", \"n2\", \"n3\", \"n5\"]]", ctx, {"n"}, {"k"});
}

TEST_F(Functions, AFailureBehindACallNamesItsOwnPlace) {
  FnContext ctx;
  const RedisVar var(ctx.add_key("k"));
  const Function set = ctx.function("set", {"v"}, [&](const Local& v) { ctx.add(var.set(v)); });
  const int line = __LINE__ + 1;
  ctx.add(CallWords("LPUSH", {var.key(), Default(set("x"), "y")}));
  const Program first = ctx.Build().value();
  FnContext other;
  const Expr key = other.add_key("k");
  const Function wrong = other.function("wrong", {}, [&] {
    other.add(RedisVar(key).set(1));
    other.add(Call("LPUSH", key, 1), Place{"in.cc", 7});
  });
  other.add(wrong());
  const Program second = other.Build().value();
  Everywhere(first, [&](Home& home) {
    std::string place;
    EXPECT_EQ(Repr(home.Run(first, {"k"}, {}, &place)),
              "! WRONGTYPE Operation against a key holding the wrong kind of value");
    EXPECT_EQ(place, "functions_test.cc:" + std::to_string(line));
    home.Do({"DEL", "k"});
    EXPECT_EQ(Repr(home.Run(second, {"k"}, {}, &place)),
              "! WRONGTYPE Operation against a key holding the wrong kind of value");
    EXPECT_EQ(place, "in.cc:7");
  });
}

// Far more variables than Lua's 200 locals in functions and around them, more names from outside than its 60 upvalues,
// more functions than locals.
TEST_F(Functions, OutgrowLuasLimits) {
  FnContext ctx("large");
  std::vector<Expr> keys, args;
  for (int i = 0; i < 20; ++i) {
    keys.push_back(ctx.add_key("k" + std::to_string(i)));
    args.push_back(ctx.add_arg("a" + std::to_string(i)));
  }
  std::vector<Local> outer;
  for (int i = 0; i < 150; ++i) outer.push_back(ctx.add_local(i));
  const Function wide = ctx.function("wide", {"x", "d"}, [&](const Local& x, const Local& d) {
    std::vector<Expr> all;
    for (int i = 0; i < 100; ++i) all.push_back(ctx.add_local(x + i));
    const Local list = ctx.add_local(Apply("list", all));
    const Local text = ctx.add_local("Text, text");
    const Local out = ctx.add_local(ListOf());
    // Every operation that is a name of Lua outside of the function.
    for (const Expr& f : {x / 3,
                          FloorDiv(x, 2),
                          x % 2,
                          Round(x / 2),
                          Floor(d["n"]),
                          Ceil(d["n"]),
                          Abs(d["n"]),
                          Min(x, 2),
                          Max(x, 2),
                          Default(None, 4),
                          ToNum("12"),
                          ToIntStr(d["n"]),
                          TypeStr(x),
                          ToJSON(d),
                          FromJSON("[1,{}]"),
                          list[2],
                          Slice(list, 97),
                          Contains(list, 3),
                          Find(text, "t"),
                          StartsWith(text, "T"),
                          EndsWith(text, "t"),
                          Upper(text),
                          Lower(text),
                          Split(text, ","),
                          Join(Slice(list, 0, 3), "-"),
                          Replace(text, "ext", "."),
                          Strip(" a "),
                          Format("{}-{}", x, "y"),
                          Chain(ListOf(1), ListOf(2)),
                          Zip(ListOf("a"), ListOf(1)),
                          Copy(d),
                          Reverse(ListOf(1, 2)),
                          Sort(ListOf(2, 1)),
                          Sum(list),
                          Keys(d),
                          Values(d),
                          Items(d),
                          x<d["n"], x <= d["n"], x>
                              d["n"],
                          x >= d["n"],
                          x == d["l"],
                          x != d["l"],
                          d["n"] + 1,
                          d["n"] - 1,
                          d["n"] * 2,
                          -d["n"],
                          ToStr(d),
                          Len(d),
                          Strs(x, text)}) {
      out.append(f);
    }
    for (int i = 0; i < 20; ++i) out.append(Strs(keys[i], args[i]));
    out.append(list.pop(0));
    list.insert(0, 1);
    list.set_at(0, 2);
    d.set_key("new", 1);
    d.remove_key("new");
    out.append(Call("SET", keys[0], 1));
    out.append(Call("INCRBYFLOAT", keys[1], 1));
    out.append(Call("SMEMBERS", keys[2]));
    out.append(Call("HGETALL", keys[3]));
    out.append(Call("ZPOPMIN", keys[4]));
    out.append(Call("SMISMEMBER", keys[5], 1));
    out.append(Call("ZMSCORE", keys[6], 1));
    out.append(Call("RPUSH", keys[7], Spread(ListOf(1, 2))));
    return out;
  });
  std::vector<Function> many;
  for (int i = 0; i < 220; ++i) {
    many.push_back(
        ctx.function("add" + std::to_string(i), {"x"}, [&](const Local& x) { return x + ToNum(args[i % 20]); }));
  }
  const Local sum = ctx.add_local(0);
  for (const Function& f : many) sum += f(1);
  for (const Local& x : outer) sum += x;
  ctx.return_(ListOf(sum, wide(5, DictOf({{"n", 2.5}, {"l", ListOf()}}))));
  std::vector<Value> values;
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) {
    values.emplace_back(i);
    names.push_back("key" + std::to_string(i));
  }
  const Program program = ctx.Build().value();
  std::string want;
  Everywhere(program, [&](Home& home) {
    home.Do({"FLUSHALL"});
    const std::string got = Repr(home.Run(program, names, values));
    if (want.empty()) want = got;
    EXPECT_EQ(got, want);
    EXPECT_TRUE(got.starts_with("[13485, [1.6666666666666667, 2, 1, 3, ")) << got;
  });
}

TEST_F(Functions, LookLikeFunctionsInLuaAndInText) {
  FnContext ctx("functions");
  const Function power = ctx.function("power", {"base", "n"});
  power.define([&](const Local& base, const Local& n) {
    ctx.if_(n == 0, [&] { ctx.return_(1); });
    return base * power(base, n - 1);
  });
  ctx.return_(power(2, 10));
  ExpectEverywhere("1024", ctx);
  const Program program = ctx.Build().value();
  ExpectGolden("functions.lua", CompileLua(program).source);
  EXPECT_EQ(program.ToText(),
            "script functions\n"
            "function power(base, n):\n"
            "  if n == 0:\n"
            "    return 1\n"
            "  return base * power(base, n - 1)\n"
            "return power(2, 10)\n");
  const Program again = Program::FromJson(program.ToJson()).value();
  EXPECT_EQ(again.hash(), program.hash());
  EXPECT_EQ(again.ToText(), program.ToText());
  EXPECT_EQ(again.ToJson(), program.ToJson());
  EXPECT_EQ(CompileLua(again).source, CompileLua(program).source);
}

TEST_F(Functions, TimeStandsStill) {
  FnContext ctx;
  const Local before = ctx.add_local(Now(), "before");
  ctx.for_range(0, 3000, [&](const Local& i) { ctx.add(Call("SET", "k", i)); });
  ctx.return_(ListOf(before == Now(), before > 1.6e12, before % 1));
  ExpectEverywhere("[true, true, 0]", ctx);
  EXPECT_EQ(ctx.Build()->commands(), (std::vector<std::string>{"SET", "TIME"}));
}

std::string Mistake(const FnContext& ctx) {
  const Result<Program> program = ctx.Build();
  return program.ok() ? "none" : std::string(program.error().message());
}
std::string At(int line) { return "functions_test.cc:" + std::to_string(line); }

TEST(FunctionMistakes, AreNamedWithTheirPlaces) {
  FnContext closure("s");
  const Local outside = closure.add_local(1, "outside");
  const Function f = closure.function("f", {"x"}, [&](const Local& x) { closure.return_(x + outside); });
  EXPECT_EQ(Mistake(closure), "ERR script s, " + At(__LINE__ - 1) +
                                  ": variable 'outside' is used in another function: one sees its parameters, keys and "
                                  "arguments");
  FnContext count("s");
  const Function two = count.function("two", {"a", "b"}, [](const Local&, const Local&) {});
  count.add(two(1));
  EXPECT_EQ(Mistake(count), "ERR script s, " + At(__LINE__ - 1) + ": function 'two' has 2 parameters, not 1");
  FnContext body("s");
  const Function one = body.function("one", {"a"}, [](const Local&, const Local&) {});
  EXPECT_EQ(Mistake(body), "ERR script s, " + At(__LINE__ - 1) + ": function 'one' has 1 parameters, its body takes 2");
  FnContext none("s");
  const Function empty = none.function("empty", {});
  EXPECT_EQ(Mistake(none), "ERR script s, " + At(__LINE__ - 1) + ": function 'empty' has no body");
  FnContext again("s");
  const Function g = again.function("g", {}, [] {});
  const Function h = again.function("g", {}, [] {});
  EXPECT_EQ(Mistake(again), "ERR script s, " + At(__LINE__ - 1) + ": function 'g' is declared twice");
  FnContext bodies("s");
  const Function b = bodies.function("b", {}, [] {});
  b.define([] {});
  EXPECT_EQ(Mistake(bodies), "ERR script s, " + At(__LINE__ - 1) + ": function 'b' has two bodies");
  FnContext leave("s");
  leave.for_range(0, 2, [&](const Local&) { leave.function("l", {}, [&] { leave.break_(); }); });
  EXPECT_EQ(Mistake(leave), "ERR script s, " + At(__LINE__ - 1) + ": break outside of a loop");
  FnContext forgotten("s");
  const Function p = forgotten.function("p", {}, [] {});
  (void)p();
  EXPECT_EQ(Mistake(forgotten), "ERR script s, " + At(__LINE__ - 1) +
                                    ": the call of p that was made here was never placed: pass it to add(), or use its "
                                    "result");
  FnContext twice("s");
  const Function q = twice.function("q", {}, [] {});
  const Expr call = q();
  twice.add(call);
  twice.return_(call);
  EXPECT_EQ(Mistake(twice),
            "ERR script s, " + At(__LINE__ - 2) +
                ": the same call of q is placed twice, and would run twice; keep its result in a local");
  FnContext foreign("s");
  foreign.add(q());
  EXPECT_EQ(Mistake(foreign), "ERR script s, " + At(__LINE__ - 1) + ": the formula belongs to another FnContext");
  FnContext kinds("s");
  const Function text = kinds.function("text", {}, [] { return Expr("x"); });
  kinds.return_(text() + 1);
  EXPECT_EQ(Mistake(kinds), "ERR script s, " + At(__LINE__ - 1) + ": add: argument 1 must be number, not bytes");
}

TEST(FunctionMistakes, JsonIsVerifiedToo) {
  const char* const kBad[] = {
      R"({"dualis_script":1,"functions":7,"body":[]})",
      R"({"dualis_script":1,"functions":[{"params":[0],"body":[]}],"body":[]})",
      R"({"dualis_script":1,"functions":[{"params":[]}],"body":[]})",
      R"({"dualis_script":1,"functions":[],"body":[["do",["fn",0]]]})",
      R"({"dualis_script":1,"functions":[{"params":[],"body":[]}],"body":[["do",["fn",0,["lit","z"]]]]})",
      R"({"dualis_script":1,"locals":[""],"functions":[{"params":[0,0],"body":[]}],"body":[]})",
      R"({"dualis_script":1,"locals":[""],"functions":[{"params":[0],"body":[]}],"body":[["return",["var",0]]]})",
      R"({"dualis_script":1,"locals":[""],"functions":[{"params":[],"body":[["let",0,["lit","z"]]]}],)"
      R"("body":[["let",0,["lit","z"]]]})",
  };
  for (const char* json : kBad) EXPECT_FALSE(Program::FromJson(json).ok()) << json;
  EXPECT_TRUE(
      Program::FromJson(R"({"dualis_script":1,"functions":[{"params":[],"body":[["do",["fn",0]]]}],"body":[]})").ok());
}

}  // namespace
}  // namespace dualis::script
