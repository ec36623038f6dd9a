// Where a script failed, in terms of the C++ that built it: the same place in every home, whether a command failed, an
// operation, or the script itself said so.
#include <gtest/gtest.h>

#include "tests/script/homes.h"

namespace dualis::script {
namespace {

struct Failure {
  const char* what;
  std::string message;
  int line;
};

// Runs the program with a list under its key everywhere and expects this failure, in a line of this file.
void ExpectFailure(const Program& program, const std::string& what, const std::string& message, int line) {
  static const std::vector<std::unique_ptr<Home>> homes = AllHomes();
  for (const auto& home : homes) {
    home->Do({"FLUSHALL"});
    home->Do({"RPUSH", "list", "a"});
    std::string place;
    const std::vector<std::string> keys(program.keys().size(), "list");
    const std::vector<Value> args(program.args().size(), Value::List({"x", 1}));
    EXPECT_EQ(Repr(home->Run(program, keys, args, &place)), "! " + message) << what << ", " << home->name();
    EXPECT_EQ(place, line == 0 ? "" : "places_test.cc:" + std::to_string(line)) << what << ", " << home->name();
  }
}

TEST(Places, OfEveryKindOfFailure) {
  const std::string wrong_type = "WRONGTYPE Operation against a key holding the wrong kind of value";
  const auto expect = [](const char* what, const std::string& message, auto build) {
    FnContext ctx(what);
    const Expr key = ctx.add_key("key"), arg = ctx.add_arg("arg");
    const int line = build(ctx, key, arg);
    ctx.return_(1);
    ExpectFailure(ctx.Build().value(), what, message, line);
  };
  expect("a command", wrong_type, [](FnContext& ctx, const Expr& key, const Expr&) {
    ctx.add(RedisVar(key).get(0));
    return __LINE__ - 1;
  });
  expect("a command inside of a formula", wrong_type, [](FnContext& ctx, const Expr& key, const Expr&) {
    ctx.add_local(1);
    ctx.add_local(Len(Strs("a", RedisVar(key).get(0))));
    return __LINE__ - 1;
  });
  expect("an operation on the wrong kind", "ERR add: argument 1 must be number, not list",
         [](FnContext& ctx, const Expr&, const Expr& arg) {
           ctx.if_(true, [&] { ctx.add_local(arg + 1); });
           return __LINE__ - 1;
         });
  expect("an operation on the wrong value", "ERR div: division by zero",
         [](FnContext& ctx, const Expr&, const Expr& arg) {
           const Local zero = ctx.add_local(Len(arg) - 2);
           ctx.for_range(0, 3, [&](const Local& i) { ctx.add_local(i / zero); });
           return __LINE__ - 1;
         });
  expect("a function of the prelude that calls others", "ERR set_at: index out of range",
         [](FnContext&, const Expr&, const Expr& arg) {
           arg.set_at(7, 1);
           return __LINE__ - 1;
         });
  expect("a condition", "ERR lt: cannot order bytes and number", [](FnContext& ctx, const Expr&, const Expr& arg) {
    ctx.while_(arg[0] < arg[1], [&] { ctx.break_(); });
    return __LINE__ - 1;
  });
  expect("an else-if", "ERR lt: cannot order bytes and number", [](FnContext& ctx, const Expr&, const Expr& arg) {
    auto chain = ctx.if_(arg == 1, [&] { ctx.add_local(2); });
    chain.else_if(arg[0] < arg[1], [&] { ctx.add_local(3); });
    return __LINE__ - 1;
  });
  expect("a loop over no list", "ERR for: needs list, not bytes", [](FnContext& ctx, const Expr&, const Expr& arg) {
    ctx.for_(arg[0], [&](const Local& item) { ctx.add(RedisVar(item).get()); });
    return __LINE__ - 1;
  });
  expect("a word that is none", "ERR GET: a word must be number or bytes, not list",
         [](FnContext& ctx, const Expr&, const Expr& arg) {
           ctx.add(RedisVar(arg).get());
           return __LINE__ - 1;
         });
  expect("an error of one's own", "MINE it was so", [](FnContext& ctx, const Expr&, const Expr&) {
    ctx.error(Strs("MINE it was ", Slice("so", 0, 2)));
    return __LINE__ - 1;
  });
  expect("an error that looks like ours", "MINE (line 3)", [](FnContext& ctx, const Expr&, const Expr&) {
    ctx.error("MINE (line 3)");
    return __LINE__ - 1;
  });
}

TEST(Places, AProgramWithoutPlacesHasNone) {
  FnContext ctx;
  ctx.error("MINE (line 3)", {"", 0});
  ExpectFailure(ctx.Build().value(), "no place", "MINE (line 3)", 0);
}

TEST(Places, ARawCallerSeesTheLineOfTheStatement) {
  FnContext ctx;
  const Expr a = ctx.add_arg("a");
  ctx.return_(a + 1);
  const LuaScript lua = CompileLua(ctx.Build().value());
  const auto home = LuaOnEngine();
  const std::string reply = home->Do({"EVAL", lua.source, "0", EncodeValue("text")});
  const std::string line = std::to_string(lua.places.size() - 1);
  EXPECT_NE(reply.find("must be number, not bytes (line " + line + ")"), std::string::npos) << reply;
}

}  // namespace
}  // namespace dualis::script
