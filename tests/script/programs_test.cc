// Programs in every home: the same results and the same keys afterwards.
#include "tests/script/programs.h"

#include <gtest/gtest.h>

#include "tests/script/every_home.h"

namespace dualis::script {
namespace {

using Programs = EveryHome;

TEST_F(Programs, FilterListSplitsByAThreshold) {
  const Program program = FilterList();
  ExpectGolden("filter_list.lua", CompileLua(program).source);
  ExpectGolden("filter_list.txt", program.ToText());
  Everywhere(program, [&](Home& home) {
    home.Do({"RPUSH", "in", "1", "5", "2.5", "-3", "4", "9"});
    EXPECT_EQ(Repr(home.Run(program, {"in", "l", "r"}, {4})), "None");
    EXPECT_EQ(home.Do({"LRANGE", "l", "0", "-1"}), "1) \"1\"\n2) \"2.5\"\n3) \"-3\"");
    EXPECT_EQ(home.Do({"LRANGE", "r", "0", "-1"}), "1) \"5\"\n2) \"4\"\n3) \"9\"");
    EXPECT_EQ(home.Do({"EXISTS", "in"}), "0");
  });
}

TEST_F(Programs, DictionaryStack) {
  const Program set = StackSet(), get = StackGet(), cascade = StackGetCascading(), pop = StackPop();
  ExpectGolden("stack_pop.lua", CompileLua(pop).source);
  ExpectGolden("stack_get_cascading.lua", CompileLua(cascade).source);
  const std::vector<std::string> keys = {"st:size", "st:frame"};
  Everywhere(pop, [&](Home& home) {
    auto run = [&](const Program& program, const std::vector<Value>& args) {
      return Repr(home.Run(program, keys, args));
    };
    EXPECT_EQ(run(set, {"foo", "a"}), "None");
    EXPECT_EQ(run(set, {"bar", 7}), "None");
    EXPECT_EQ(home.Do({"INCRBY", "st:size", "1"}), "1");
    EXPECT_EQ(run(set, {"bar", "b"}), "None");
    EXPECT_EQ(run(get, {"foo"}), "None");
    EXPECT_EQ(run(get, {"bar"}), "\"b\"");
    EXPECT_EQ(run(cascade, {"foo"}), "\"a\"");
    EXPECT_EQ(run(cascade, {"nosuch"}), "None");
    EXPECT_EQ(run(pop, {}), "{\"bar\": \"b\"}");
    EXPECT_EQ(run(get, {"bar"}), "\"7\"");
    EXPECT_EQ(run(pop, {}), "{\"bar\": \"7\", \"foo\": \"a\"}");
    EXPECT_EQ(run(pop, {}), "{}");
    EXPECT_EQ(home.Do({"DBSIZE"}), "0");
  });
}

TEST_F(Programs, Workers) {
  const Program take = WorkerTake(), rescue = WorkerRescue();
  ExpectGolden("worker_rescue.lua", CompileLua(rescue).source);
  Everywhere(take, [&](Home& home) {
    home.Do({"ZADD", "q", "1", "low", "5.5", "high"});
    home.Do({"HSET", "p", "low", "L", "high", "H"});
    home.Do({"SET", "alive:w2", "1"});
    const std::vector<std::string> keys = {"q", "p", "b"};
    EXPECT_EQ(Repr(home.Run(take, keys, {"w1"})), "{\"payload\": \"H\", \"priority\": 5.5, \"task\": \"high\"}");
    EXPECT_EQ(Repr(home.Run(take, keys, {"w2"})), "{\"payload\": \"L\", \"priority\": 1, \"task\": \"low\"}");
    EXPECT_EQ(Repr(home.Run(take, keys, {"w3"})), "None");
    EXPECT_EQ(Repr(home.Run(rescue, {"q", "b", "alive"}, {9})), "[\"high\"]");
    EXPECT_EQ(home.Do({"ZRANGE", "q", "0", "-1"}), "1) \"high\"");
    EXPECT_EQ(home.Do({"HGETALL", "b"}), "1) \"low\"\n2) \"w2\"");
  });
}

// Each command whose reply has a meaning of its own.
TEST_F(Programs, RepliesAreAdapted) {
  struct Row {
    std::vector<std::vector<std::string>> before;
    std::vector<std::string> command;
    const char* want;
  };
  const Row kRows[] = {
      {{}, {"GET", "k"}, "None"},
      {{{"SET", "k", ""}}, {"GET", "k"}, "\"\""},
      {{}, {"SET", "k", "v"}, "true"},
      {{{"SET", "k", "o"}}, {"SET", "k", "v", "NX"}, "false"},
      {{{"SET", "k", "o"}}, {"SET", "k", "v", "GET"}, "\"o\""},
      {{}, {"SET", "k", "GET"}, "true"},
      {{}, {"TYPE", "k"}, "\"none\""},
      {{{"SET", "k", "o"}}, {"INCRBYFLOAT", "n", "0.5"}, "0.5"},
      {{{"SET", "k", "o"}}, {"EXISTS", "k", "k"}, "2"},
      {{{"SET", "k", "o"}}, {"PEXPIRE", "k", "100000"}, "true"},
      {{}, {"PEXPIRE", "k", "100000"}, "false"},
      {{}, {"PERSIST", "k"}, "false"},
      {{{"MSET", "b", "1", "a", "1"}}, {"KEYS", "*"}, "[\"a\", \"b\"]"},
      {{{"MSET", "b", "1", "a", "2"}}, {"MGET", "a", "x", "b"}, "[\"2\", None, \"1\"]"},
      {{}, {"LPOP", "l"}, "None"},
      {{}, {"LPOP", "l", "2"}, "None"},
      {{{"RPUSH", "l", "a", "b", "c"}}, {"LPOP", "l", "2"}, "[\"a\", \"b\"]"},
      {{}, {"LRANGE", "l", "0", "-1"}, "[]"},
      {{{"HSET", "h", "b", "1", "a", "2"}}, {"HGETALL", "h"}, "{\"a\": \"2\", \"b\": \"1\"}"},
      {{}, {"HGETALL", "h"}, "{}"},
      {{{"HSET", "h", "b", "1", "a", "2"}}, {"HKEYS", "h"}, "[\"a\", \"b\"]"},
      {{{"HSET", "h", "b", "1", "a", "2"}}, {"HVALS", "h"}, "[\"1\", \"2\"]"},
      {{{"HSET", "h", "b", "1"}}, {"HMGET", "h", "a", "b"}, "[None, \"1\"]"},
      {{{"HSET", "h", "b", "1"}}, {"HEXISTS", "h", "b"}, "true"},
      {{}, {"HINCRBYFLOAT", "h", "f", "2.5"}, "2.5"},
      {{{"SADD", "s", "b", "a", "\xff"}}, {"SMEMBERS", "s"}, "[\"a\", \"b\", \"\\xff\"]"},
      {{{"SADD", "s", "b", "a"}}, {"SISMEMBER", "s", "a"}, "true"},
      {{{"SADD", "s", "b", "a"}}, {"SMISMEMBER", "s", "a", "z"}, "[true, false]"},
      {{{"SADD", "s", "b", "a"}}, {"SADD", "s", "a", "c"}, "1"},
      {{}, {"ZADD", "z", "1.5", "m"}, "1"},
      {{{"ZADD", "z", "1.5", "m"}}, {"ZADD", "z", "INCR", "2", "m"}, "3.5"},
      {{}, {"ZADD", "z", "XX", "INCR", "2", "m"}, "None"},
      {{{"ZADD", "z", "1.5", "m", "-inf", "l"}}, {"ZRANGE", "z", "0", "-1"}, "[\"l\", \"m\"]"},
      {{{"ZADD", "z", "1.5", "m", "-inf", "l"}},
       {"ZRANGE", "z", "0", "-1", "WITHSCORES"},
       "[[\"l\", -inf], [\"m\", 1.5]]"},
      {{{"ZADD", "z", "1.5", "m"}}, {"ZSCORE", "z", "m"}, "1.5"},
      {{}, {"ZSCORE", "z", "m"}, "None"},
      {{{"ZADD", "z", "1.5", "m"}}, {"ZMSCORE", "z", "x", "m"}, "[None, 1.5]"},
      {{{"ZADD", "z", "1.5", "m", "1e300", "n"}}, {"ZPOPMAX", "z", "5"}, "[[\"n\", 1e+300], [\"m\", 1.5]]"},
      {{}, {"ZPOPMIN", "z"}, "[]"},
      {{{"ZADD", "z", "2", "m"}}, {"ZMPOP", "1", "z", "MIN"}, "[\"z\", [[\"m\", 2]]]"},
      {{}, {"ZMPOP", "1", "z", "MIN"}, "None"},
      {{{"XADD", "x", "1-1", "f", "v", "f", "w"}},
       {"XRANGE", "x", "-", "+"},
       "[[\"1-1\", [[\"f\", \"v\"], [\"f\", \"w\"]]]]"},
      {{{"XADD", "x", "1-1", "f", "v"}}, {"XREAD", "STREAMS", "x", "0"}, "{\"x\": [[\"1-1\", [[\"f\", \"v\"]]]]}"},
      {{}, {"XREAD", "STREAMS", "x", "0"}, "None"},
      {{{"GEOADD", "g", "13.361389", "38.115556", "p"}}, {"GEODIST", "g", "p", "p"}, "0"},
      {{{"SET", "k", "9007199254740991"}},
       {"INCR", "k"},
       "! ERR script: an integer reply of 2^53 or more cannot be held exactly"},
      {{{"SET", "k", "v"}}, {"LPUSH", "k", "a"}, "! WRONGTYPE Operation against a key holding the wrong kind of value"},
      {{}, {"NOSUCHCOMMAND"}, "! ERR Unknown Redis command called from script"},
      {{}, {"GET"}, "! ERR Wrong number of args calling Redis command from script"},
  };
  for (const Row& row : kRows) {
    FnContext ctx;
    std::vector<Expr> words;
    for (size_t i = 1; i < row.command.size(); ++i) words.emplace_back(row.command[i]);
    ctx.return_(CallWords(row.command[0], words));
    const Program program = ctx.Build().value();
    const bool is_error_of_calling = std::string(row.want).find("from script") != std::string::npos;
    for (const auto& home : homes_) {
      // A server that gets the command from outside words these two differently.
      if (is_error_of_calling && home->name().starts_with("native, commands")) continue;
      if (!is_error_of_calling && !home->Has(program)) continue;
      if (home->name() == "Lua on the engine" && !home->Has(FilterList())) continue;
      SCOPED_TRACE(home->name() + ": " + row.command[0]);
      home->Do({"FLUSHALL"});
      for (const auto& words : row.before) home->Do(words);
      EXPECT_EQ(Repr(home->Run(program, {}, {})), row.want);
    }
  }
}

TEST_F(Programs, LoopsWithBreakAndContinue) {
  FnContext ctx;
  const Local out = ctx.add_local(ListOf(), "out");
  ctx.for_range(0, 10, [&](const Local& i) {
    ctx.if_(i == 2, [&] { ctx.continue_(); });
    ctx.if_(i == 6, [&] { ctx.break_(); });
    ctx.for_(ListOf("a", "b", "c"), [&](const Local& k, const Local& v) {
      ctx.if_(k == 1, [&] { ctx.continue_(); });
      out.append(Strs(i, v));
      ctx.if_(i == 4, [&] { ctx.break_(); });
    });
    i += 100;  // does not touch the loop
  });
  const Local n = ctx.add_local(0, "n");
  ctx.while_(true, [&] {
    n += 1;
    ctx.if_(n < 3, [&] { ctx.continue_(); }).else_if(n == 3, [&] { out.append("three"); }).else_([&] { ctx.break_(); });
  });
  ctx.return_(ListOf(out, n));
  ExpectEverywhere("[[\"0a\", \"0c\", \"1a\", \"1c\", \"3a\", \"3c\", \"4a\", \"5a\", \"5c\", \"three\"], 4]", ctx);
}

TEST_F(Programs, AndOrGiveOperandsAndEvaluateOnlyWhatDecides) {
  FnContext ctx;
  const Expr key = ctx.add_key("k");
  const RedisVar var(key);
  auto bump = [&] { return var.incrby(1); };
  const Local out = ctx.add_local(ListOf());
  out.append(Expr(0) && bump());            // 0
  out.append(Expr("") || bump());           // 1
  out.append(Expr("x") || bump());          // "x"
  out.append(bump() + (bump() && bump()));  // 2 + 4
  out.append(IfElse(bump() == 5, "yes", bump()));
  ctx.if_((bump() && Expr(0)) || ListOf(), [&] { out.append("wrong"); });
  ctx.while_(bump() < 9 && !(Expr(None) || Expr(false)), [&] { out.append("loop"); });
  out.append(ListOf(bump(), Expr(None) || bump(), bump()));
  out.append(var.get());
  ctx.return_(out);
  ExpectEverywhere("[0, 1, \"x\", 6, \"yes\", \"loop\", \"loop\", [10, 11, 12], \"12\"]", ctx, {}, {"k"});
}

TEST_F(Programs, ListsAndDictsAreReferences) {
  FnContext ctx;
  const Expr given = ctx.add_arg("given");
  const Local list = ctx.add_local(Value::List({1, 2}), "list");
  const Local same = ctx.add_local(list, "same");
  same.append(3);
  const Local dict = ctx.add_local(DictOf({{"l", list}, {1, "one"}}), "dict");
  dict["l"].set_at(0, "first");
  dict.set_key("n", None);
  given.append("here only");
  const Local copy = ctx.add_local(Copy(dict));
  copy["l"].append("not there");
  ctx.for_range(0, 2, [&](const Local&) { ctx.add_local(ListOf()).append(1); });
  ctx.return_(ListOf(list, dict, given, copy["l"].len(), list.pop(0), list));
  ExpectEverywhere("[[2, 3], {\"1\": \"one\", \"l\": [2, 3], \"n\": None}, [7, \"here only\"], 4, \"first\", [2, 3]]",
                   ctx, {Value::List({7})});
}

TEST_F(Programs, MoreLocalsAndWordsThanLuaAllows) {
  FnContext ctx;
  std::vector<Local> locals;
  for (int i = 0; i < 400; ++i) locals.push_back(ctx.add_local(i));
  Expr sum = 0;
  for (const Local& local : locals) sum = sum + local;
  std::vector<Expr> words = {ctx.add_key("l")};
  for (const Local& local : locals) words.push_back(local);
  const Local pushed = ctx.add_local(CallWords("RPUSH", words));
  std::vector<Expr> items(locals.begin(), locals.end());
  const Local list = ctx.add_local(Apply("list", items));
  const Local more = ctx.add_local(Call("RPUSH", Expr("l2"), Spread(list), "end", Spread(DictOf({{"k", 1}}))));
  Expr deep = "x";
  for (int i = 0; i < 300; ++i) deep = Strs(deep, ToStr(locals[i % 7]));
  ctx.return_(ListOf(sum, pushed, list[399], more, deep.len()));
  ExpectEverywhere("[79800, 400, 399, 403, 301]", ctx, {}, {"l"});
}

TEST_F(Programs, NestingHasALimitAndNothingContainsItself) {
  FnContext ctx;
  const Local list = ctx.add_local(ListOf(), "list");
  ctx.for_range(0, 1000, [&](const Local&) { list.assign(ListOf(list)); });
  ctx.return_(list);
  ExpectEverywhere("! ERR return: nested too deeply", ctx);

  FnContext self;
  const Local outer = self.add_local(ListOf(ListOf()), "outer");
  outer[0].append(DictOf({{"o", outer}}));
  self.return_(1);
  ExpectEverywhere("! ERR append: a container cannot contain itself", self);
}

TEST_F(Programs, AnyBytesInLiteralsArgumentsKeysAndNames) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string kNasty[] = {all,         "\"]]--[[\\", "\r\n",       std::string(3, '\0'),
                                "\\n",       "'\"",        "]==]\xff",   "\\",
                                "\x7f\x80",  "%d %s %",    "\n\n",       "$1 $2",
                                "é\xe2\x82", "{\"a\":1}",  "\\065\\x41", "--\nerror('x')",
                                "z"};
  for (const std::string& bytes : kNasty) {
    FnContext ctx("name " + bytes);
    const RedisVar var(ctx.add_key("key " + bytes));
    const Expr arg = ctx.add_arg("arg " + bytes);
    const Local local = ctx.add_local(bytes, bytes);
    ctx.add(var.set(local));
    const Local dict = ctx.add_local(Value::Dict({{bytes, Value::List({bytes})}}));
    dict.set_key(Strs(bytes, "2"), ToJSON(bytes));
    ctx.return_(ListOf(local == bytes, local == arg, var.get() == bytes, dict[bytes][0] == bytes,
                       FromJSON(dict[Strs(bytes, "2")]) == bytes, Keys(dict), arg, local));
    const std::string want =
        Repr(Value::List({true, true, true, true, true, Value::List({bytes, bytes + "2"}), bytes, bytes}));
    ExpectEverywhere(want, ctx, {bytes}, {"k" + bytes});
    // And through the JSON form.
    const Program program = ctx.Build().value();
    const Result<Program> again = Program::FromJson(program.ToJson());
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(again->hash(), program.hash());
    EXPECT_EQ(CompileLua(*again).source, CompileLua(program).source);
  }
}

TEST_F(Programs, NumbersKeepAllTheirDigits) {
  FnContext ctx;
  const Expr x = ctx.add_arg("x");
  const RedisVar var(ctx.add_key("k"));
  ctx.add(var.set(x));
  ctx.return_(ListOf(x, ToStr(x), var.get(), ToNum(ToStr(x)) == x));
  const Program program = ctx.Build().value();
  const double kNumbers[] = {0.1,    1.0 / 3, 1e21,      5e-324, 1.7976931348623157e308, 9007199254740991, 123456789012,
                             -2.5e7, 1e15,    0.1 + 0.2, 1e16,   4503599627370497.5};
  for (double number : kNumbers) {
    std::vector<std::string> seen;
    Everywhere(program, [&](Home& home) { seen.push_back(Repr(home.Run(program, {"k"}, {number}))); });
    for (const std::string& text : seen) EXPECT_EQ(text, seen[0]);
    EXPECT_TRUE(seen[0].ends_with(", true]")) << seen[0];
  }
}

TEST_F(Programs, AFailureNamesItsPlaceAndKeepsWhatWasWritten) {
  FnContext ctx("failing");
  const RedisVar var(ctx.add_key("k"));
  ctx.add(var.set("written"));
  const int line = __LINE__ + 1;
  ctx.add(RedisList(var.key()).lpush(1));
  const Program program = ctx.Build().value();
  Everywhere(program, [&](Home& home) {
    std::string place;
    EXPECT_EQ(Repr(home.Run(program, {"k"}, {}, &place)),
              "! WRONGTYPE Operation against a key holding the wrong kind of value");
    EXPECT_EQ(place, "programs_test.cc:" + std::to_string(line));
    EXPECT_EQ(home.Do({"GET", "k"}), "\"written\"");
  });

  FnContext custom;
  custom.error(Strs("MYCODE ", "because"));
  ExpectEverywhere("! MYCODE because", custom);
}

TEST_F(Programs, WrongNumberOfArguments) {
  const Program program = FilterList();
  Everywhere(program, [&](Home& home) {
    EXPECT_EQ(Repr(home.Run(program, {"a"}, {})), "! ERR script: wrong number of keys or arguments");
  });
}

}  // namespace
}  // namespace dualis::script
