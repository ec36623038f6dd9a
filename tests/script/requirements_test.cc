// What a user of other script builders looks for, word by word, in every home: operators as C++ writes them, literals,
// text and lists, control flow, errors; and one script under all the names by which a server runs it.
#include <functional>

#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

using Requirements = EveryHome;

struct Word {
  const char* what;
  std::function<Expr(FnContext&, const Expr& x)> formula;
  Value x;
  const char* want;
};

TEST_F(Requirements, FormulasAsTheyAreWritten) {
  const Value kList = Value::List({"a", "b", "c"});
  const Value kDict = Value::Dict({{"a", 1}, {"b", Value::None()}});
  using Ctx = FnContext;
  const Word kWords[] = {
      {"reflected +", [](Ctx&, const Expr& x) { return 1 + x; }, 2, "3"},
      {"reflected -", [](Ctx&, const Expr& x) { return 1 - x; }, 2, "-1"},
      {"reflected *", [](Ctx&, const Expr& x) { return 3 * x; }, 2, "6"},
      {"reflected /", [](Ctx&, const Expr& x) { return 1 / x; }, 2, "0.5"},
      {"reflected //", [](Ctx&, const Expr& x) { return FloorDiv(7, x); }, -2, "-4"},
      {"reflected %", [](Ctx&, const Expr& x) { return 7 % x; }, -2, "-1"},
      {"reflected <", [](Ctx&, const Expr& x) { return 1 < x; }, 2, "true"},
      {"reflected ==", [](Ctx&, const Expr& x) { return "2" == x; }, 2, "false"},
      {"% of what is below zero", [](Ctx&, const Expr& x) { return x % 3; }, -7, "2"},
      {"unary minus", [](Ctx&, const Expr& x) { return -x + -(-x); }, 2.5, "0"},
      {"precedence", [](Ctx&, const Expr& x) { return 1 + x * 3 - x / 4; }, 2, "6.5"},
      {"not", [](Ctx&, const Expr& x) { return ListOf(!x, !(x == None)); }, 0, "[true, true]"},
      {"and, or",
       [](Ctx&, const Expr& x) { return ListOf(x > 1 && x<3, x> 2 || x < 0, x.gt_(1).and_(x.lt_(3)).not_()); }, 2,
       "[true, false, false]"},
      {"chosen", [](Ctx&, const Expr& x) { return IfElse(x > 1, "more", "less"); }, 2, "\"more\""},
      {"list literals",
       [](Ctx&, const Expr& x) {
         return Chain(ListOf(1, "two", x, ListOf()), Value::List({Value(), true}));
       },
       3, "[1, \"two\", 3, [], None, true]"},
      {"dict literals",
       [](Ctx&, const Expr& x) {
         return DictOf({{"a", x}, {x, ListOf(x)}, {1, None}});
       },
       "k", "{\"1\": None, \"a\": \"k\", \"k\": [\"k\"]}"},
      {"entries", [](Ctx&, const Expr& x) { return ListOf(x["a"], x["b"], x["c"], x.get_key("a"), Len(x)); }, kDict,
       "[1, None, None, 1, 2]"},
      {"in", [](Ctx&, const Expr& x) { return ListOf(In("b", x), In("c", x), Contains(x, "a")); }, kDict,
       "[true, false, true]"},
      {"in a list", [](Ctx&, const Expr& x) { return ListOf(In("b", x), In(1, x)); }, kList, "[true, false]"},
      {"in text", [](Ctx&, const Expr& x) { return ListOf(In("el", x), In("", x), In("x", x)); }, "hello",
       "[true, true, false]"},
      {"keys, values, items", [](Ctx&, const Expr& x) { return ListOf(Keys(x), Values(x), Items(x)); }, kDict,
       "[[\"a\", \"b\"], [1, None], [[\"a\", 1], [\"b\", None]]]"},
      {"index", [](Ctx&, const Expr& x) { return ListOf(x[0], x[-1], x[3], x[-4]); }, kList,
       "[\"a\", \"c\", None, None]"},
      {"slices of a list",
       [](Ctx&, const Expr& x) { return ListOf(x.slice(1), x.slice(-2), x.slice(0, -1), x.slice(5), x.slice(-9, 1)); },
       kList, "[[\"b\", \"c\"], [\"b\", \"c\"], [\"a\", \"b\"], [], [\"a\"]]"},
      {"slices of text",
       [](Ctx&, const Expr& x) { return ListOf(x.slice(1), x.slice(-2), x.slice(0, -1), x.slice(9), Slice(x, 1, 3)); },
       "hello", "[\"ello\", \"lo\", \"hell\", \"\", \"el\"]"},
      {"find", [](Ctx&, const Expr& x) { return ListOf(Find(x, "l"), Find(x, "l", 3), Find(x, "%a"), Find(x, "")); },
       "hello", "[2, 3, None, 0]"},
      {"split and join", [](Ctx&, const Expr& x) { return ListOf(Split(x, ","), Join(Split(x, ","), "; ")); }, "a,,b",
       "[[\"a\", \"\", \"b\"], \"a; ; b\"]"},
      {"upper, lower, strip, replace",
       [](Ctx&, const Expr& x) { return ListOf(Upper(x), Lower(x), Strip(x), Replace(x, "b", "%0")); }, " aBb\t",
       "[\" ABB\\x09\", \" abb\\x09\", \"aBb\", \" aB%0\\x09\"]"},
      {"starts, ends",
       [](Ctx&, const Expr& x) { return ListOf(StartsWith(x, "he"), EndsWith(x, "lo!"), EndsWith(x, "")); }, "hello",
       "[true, false, true]"},
      {"format", [](Ctx&, const Expr& x) { return Format("{}/{1} {{{0}}}", x, ListOf(x)); }, "a",
       "\"a/[\\\"a\\\"] {a}\""},
      {"math", [](Ctx&, const Expr& x) { return ListOf(Floor(x), Ceil(x), Round(x), Abs(x), Min(x, 0), Max(x, 0)); },
       -2.5, "[-3, -2, -3, 2.5, -2.5, 0]"},
      {"sort, reverse, sum",
       [](Ctx&, const Expr& x) { return ListOf(Sort(x), Reverse(Sort(x)), Sum(x), Sort(ListOf("b", "B", "a"))); },
       Value::List({3, -1, 2.5}), "[[-1, 2.5, 3], [3, 2.5, -1], 4.5, [\"B\", \"a\", \"b\"]]"},
      {"JSON",
       [](Ctx&, const Expr& x) { return ListOf(ToJSON(x), FromJSON(ToJSON(x)) == x, FromJSON(" [1e2, null] ")); },
       kDict, "[\"{\\\"a\\\":1,\\\"b\\\":null}\", true, [100, None]]"},
      {"kinds",
       [](Ctx&, const Expr& x) {
         return ListOf(TypeStr(x), IsDict(x), IsList(x), IsNone(x["b"]), IsNumber(x["a"]), IsBytes("s"), IsBool(!x));
       },
       kDict, "[\"dict\", true, false, true, true, true, true]"},
      {"conversions",
       [](Ctx&, const Expr& x) { return ListOf(ToNum(x), ToNum("0x10"), ToStr(ToNum(x)), ToIntStr(x), ToBool(x)); },
       "-1.50", "[-1.5, None, \"-1.5\", \"-1\", true]"},
      {"fallbacks",
       [](Ctx&, const Expr& x) { return ListOf(Default(x, 1), Default("", 1), x || "none", 5 && x, x || 0); }, Value(),
       "[1, \"\", \"none\", None, 0]"},
      {"a changed list",
       [](Ctx& ctx, const Expr& x) {
         const Local list = ctx.add_local(Copy(x));
         list.append("d");
         list.insert(0, "first");
         const Local last = ctx.add_local(list.pop()), second = ctx.add_local(list.pop(1));
         list.set_at(0, "changed");
         list.set_at(list.len(), "more");
         return ListOf(list, last, second, list.len(), x.len());
       },
       kList, "[[\"changed\", \"b\", \"c\", \"more\"], \"d\", \"a\", 4, 3]"},
      {"a changed dict",
       [](Ctx& ctx, const Expr& x) {
         const Local dict = ctx.add_local(Copy(x));
         dict.set_key("c", 3);
         dict.set_key(1.5, "n");
         dict.remove_key("a");
         return ListOf(dict, Len(x));
       },
       kDict, "[{\"1.5\": \"n\", \"b\": None, \"c\": 3}, 2]"},
      {"assigning operators",
       [](Ctx& ctx, const Expr& x) {
         const Local n = ctx.add_local(x);
         n += 5;
         n *= 2;
         n -= 1;
         n /= 4;
         n %= 3;
         return n;
       },
       2, "0.25"},
  };
  for (const Word& word : kWords) {
    SCOPED_TRACE(word.what);
    FnContext ctx;
    const Expr x = ctx.add_arg("x");
    ctx.return_(word.formula(ctx, x));
    ExpectEverywhere(word.want, ctx, {word.x});
  }
}

// Each way out of loops, branches and functions, in one program.
TEST_F(Requirements, ControlFlow) {
  FnContext ctx;
  const Local seen = ctx.add_local(ListOf());
  const Function kind = ctx.function("kind", {"n"}, [&](const Local& n) {
    ctx.if_(n % 15 == 0, [&] { ctx.return_("both"); })
        .else_if(n % 5 == 0, [&] { ctx.return_("five"); })
        .else_if(n % 3 == 0, [&] { ctx.return_("three"); });
    const Local rest = ctx.add_local(n);
    ctx.while_(true, [&] {
      ctx.if_(rest > 100, [&] { ctx.return_("large"); });
      ctx.if_(rest > 20, [&] { ctx.break_(); });
      rest += 10;
    });
    return rest;
  });
  ctx.for_range(1, 100, [&](const Local& i) {
    ctx.if_(i % 2 == 0, [&] { ctx.continue_(); });
    ctx.if_(i > 15, [&] { ctx.break_(); });
    seen.append(kind(i));
  });
  ctx.for_(ListOf("x", "y"), [&](const Local& index, const Local& item) { seen.append(Strs(index, item)); });
  ctx.if_(Len(seen) > 5, [&] { ctx.return_(seen); });
  ctx.error("ERR not reached");
  ExpectEverywhere("[21, \"three\", \"five\", 27, \"three\", 21, 23, \"both\", \"0x\", \"1y\"]", ctx);
}

// An error that a script raises has its text everywhere, whatever the text is like.
TEST_F(Requirements, ErrorsOfScripts) {
  const char* const kTexts[][2] = {
      {"CODE some text", "! CODE some text"},
      {"ERR x", "! ERR x"},
      {"lower case text", nullptr},
      {"word", nullptr},
      {"", nullptr},
      {" blank first", nullptr},
      {"-MINUS first", nullptr},
      {"two\r\nlines", nullptr},
      {"quotes ' \" \\ and %s", nullptr},
      {"ERR ends like another script: abc, on @user_script:3.", nullptr},
  };
  for (const auto& [text, want] : kTexts) {
    FnContext ctx;
    const Expr x = ctx.add_arg("x");
    const Function fails = ctx.function("fails", {}, [&] { ctx.error(x); });
    ctx.return_(fails());
    const Program program = ctx.Build().value();
    std::string first = want == nullptr ? "" : want;
    Everywhere(program, [&](Home& home) {
      const std::string got = Repr(home.Run(program, {}, {text}));
      EXPECT_TRUE(got.starts_with("! ")) << text << ": " << got;
      if (first.empty()) first = got;
      EXPECT_EQ(got, first) << text;
    });
  }
}

// By its text, by its name, as a function of a library, and each of them read-only.
TEST_F(Requirements, OneScriptUnderAllNames) {
  for (const bool writes : {false, true}) {
    FnContext ctx("all_names");
    const RedisList list(ctx.add_key("list"));
    const Expr x = ctx.add_arg("x");
    const Function twice = ctx.function("twice", {"n"}, [](const Local& n) { return n * 2; });
    if (writes) ctx.add(list.rpush(x));
    ctx.return_(ListOf(list.lrange(0, -1), twice(x)));
    const Program program = ctx.Build().value();
    const LuaScript lua = CompileLua(program);
    const std::string argument = EncodeArgs(std::vector<Value>{Value(21)})[0];
    const std::string library = std::string("#!lua name=all\nredis.register_function{function_name='all', callback=") +
                                "function(KEYS, ARGV)\n" + lua.source + "\nend" +
                                (writes ? "" : ", flags={'no-writes'}") + "}";
    for (const auto& home : homes_) {
      SCOPED_TRACE(home->name());
      home->Do({"FLUSHALL"});
      home->Do({"RPUSH", "l", "1"});
      ASSERT_EQ(home->Do({"SCRIPT", "LOAD", lua.source}), "\"" + lua.sha1 + "\"");
      ASSERT_EQ(home->Do({"FUNCTION", "LOAD", "REPLACE", library}), "\"all\"");
      const auto ask = [&](const char* command, const std::string& what) {
        home->Do({"DEL", "l"});
        home->Do({"RPUSH", "l", "1"});
        return home->Do({command, what, "1", "l", argument});
      };
      const std::string want = ask("EVAL", lua.source);
      EXPECT_TRUE(want.starts_with("\"l2:")) << want;
      EXPECT_EQ(ask("EVALSHA", lua.sha1), want);
      EXPECT_EQ(ask("FCALL", "all"), want);
      const std::string read_only[] = {ask("EVAL_RO", lua.source), ask("EVALSHA_RO", lua.sha1), ask("FCALL_RO", "all")};
      for (const std::string& reply : read_only) {
        EXPECT_EQ(reply == want, program.read_only()) << reply;
        EXPECT_EQ(reply.starts_with("(error) ERR"), writes) << reply;
      }
    }
  }
}

// A saved program is the same one, whatever bytes it has.
TEST_F(Requirements, ProgramsAreSaved) {
  FnContext ctx("saved \xff");
  const RedisVar var(ctx.add_key("k\xfe"));
  const Function f = ctx.function("f\x80", {"x\x81"}, [&](const Local& x) {
    ctx.if_(x == 0, [&] { ctx.error("ERR \xf0 zero"); });
    return Strs("\xc3(", x, std::string("\0", 1));
  });
  ctx.add(var.set(f(ctx.add_arg("a"))));
  ctx.return_(ListOf(var.get(), Value::Dict({{"\xff", std::numeric_limits<double>::infinity()}})));
  const Program program = ctx.Build().value();
  const Program again = Program::FromJson(program.ToJson()).value();
  EXPECT_EQ(again.hash(), program.hash());
  EXPECT_EQ(again.ToText(), program.ToText());
  EXPECT_EQ(CompileLua(again).sha1, CompileLua(program).sha1);
  Everywhere(again, [&](Home& home) {
    EXPECT_EQ(Repr(home.Run(again, {"k"}, {5})), "[\"\\xc3(5\\x00\", {\"\\xff\": inf}]");
    std::string place;
    EXPECT_EQ(Repr(home.Run(again, {"k"}, {0}, &place)), "! ERR \xf0 zero");
    EXPECT_TRUE(place.starts_with("requirements_test.cc:")) << place;
  });
}

}  // namespace
}  // namespace dualis::script
