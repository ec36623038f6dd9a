// Scripts: native and on the embedded LuaJIT, against EVALSHA on redis-server.
#include <string>
#include <vector>

#include "bench/figure.h"
#include "dualis/client.h"
#include "dualis/script.h"
#include "tests/client/private_server.h"
#include "tests/script/programs.h"

namespace dualis::bench {
namespace {

// Fills the list that filter_list empties, and clears its results.
void Refill(Client& client, size_t items) {
  client.del("left", "right").value();
  std::vector<std::string> texts;
  for (size_t i = 0; i < items; ++i) texts.push_back(std::to_string(i * 7919 % 1000));
  const std::vector<Bytes> views(texts.begin(), texts.end());
  client.Run(cmd::RPush{"inp", views}).value();
}

const Script::Keys kFilterKeys = {{"inp", "inp"}, {"left", "left"}, {"right", "right"}};

double Filter(Client& client, const Script& filter, size_t items) {
  Refill(client, items);
  return TimePer(items, [&] { filter(kFilterKeys, {{"cmp", 500}}).value(); });
}

Measured ScriptLong(const Plan& plan) {
  const OneCpu cpu;
  test::PrivateServer server;
  Client memory = Client::Connect("mem://").value(), remote = Client::Connect(server.url()).value();
  const Script ours = memory.register_script(script::FilterList()).value();
  const Script theirs = remote.register_script(script::FilterList()).value();
  const size_t items = 10'000;
  return Alternate(
      plan, [&] { return Filter(memory, ours, items); }, [&] { return Filter(remote, theirs, items); });
}

Measured LuaLong(const Plan& plan) {
  const OneCpu cpu;
  test::PrivateServer server;
  Client memory = Client::Connect("mem://").value(), remote = Client::Connect(server.url()).value();
  const Script ours = memory.register_script(script::FilterList(), ScriptForm::kLua).value();
  const Script theirs = remote.register_script(script::FilterList()).value();
  const size_t items = 10'000;
  return Alternate(
      plan, [&] { return Filter(memory, ours, items); }, [&] { return Filter(remote, theirs, items); });
}

// GET, compare, SET: raises a maximum.
script::Program Raise() {
  script::FnContext ctx("raise");
  const script::RedisVar best(ctx.add_key("best"));
  const script::Expr score = ctx.add_arg("score");
  const script::Local old = ctx.add_local(script::ToNum(best.get(0)));
  ctx.if_(old < score, [&] { ctx.add(best.set(script::ToIntStr(score))); });
  ctx.return_(old);
  return ctx.Build().value();
}

Measured Short(const Plan& plan, ScriptForm form) {
  const OneCpu cpu;
  test::PrivateServer server;
  Client memory = Client::Connect("mem://").value(), remote = Client::Connect(server.url()).value();
  const Script ours = memory.register_script(Raise(), form).value(), theirs = remote.register_script(Raise()).value();
  auto run = [](Client& client, const Script& raise, size_t times) {
    client.del("best").value();
    return TimePer(times, [&] {
      for (size_t i = 1; i <= times; ++i) raise({{"best", "best"}}, {{"score", static_cast<int64_t>(i)}}).value();
    });
  };
  const size_t n = plan.Scale(20'000);
  return Alternate(
      plan, [&] { return run(memory, ours, n * 5); }, [&] { return run(remote, theirs, n); });
}

Measured ScriptShort(const Plan& plan) { return Short(plan, ScriptForm::kBest); }
Measured LuaShort(const Plan& plan) { return Short(plan, ScriptForm::kLua); }

}  // namespace

std::vector<Figure> ScriptFigures() {
  return {
      {"script_long", "filter_list over 10 000 items, native, per item; EVALSHA on redis-server", ScriptLong},
      {"script_short", "GET, compare, SET, native, per call; EVALSHA over a Unix socket", ScriptShort},
      {"lua_long", "filter_list on the embedded LuaJIT, per item; EVALSHA on redis-server", LuaLong},
      {"lua_short", "GET, compare, SET on the embedded LuaJIT, per call; EVALSHA over a Unix socket", LuaShort},
  };
}

}  // namespace dualis::bench
