// Two Luas in one process: the program's own PUC Lua 5.1, linked, and the engine's LuaJIT, loaded by the engine.
#include <gtest/gtest.h>

#include <string>

#include "dualis/commands/scripting.h"
#include "dualis/engine.h"
#include "lua.hpp"

namespace dualis {
namespace {

std::string AskEngine(Session& session, Bytes script) {
  cmd::Eval eval;
  eval.script = script;
  const Result<AnyReply> reply = session.Run(eval);
  return reply ? reply->text : std::string(reply.error().message());
}

std::string AskHost(lua_State* L, const char* script) {
  EXPECT_EQ(luaL_dostring(L, script), 0);
  std::string text = lua_tostring(L, -1);
  lua_settop(L, 0);
  return text;
}

TEST(LuaHost, AProgramThatLinksAnotherLuaKeepsItsOwn) {
  lua_State* L = luaL_newstate();
  luaL_openlibs(L);
  constexpr char kWhich[] = "return loadstring('return 1LL') and 'LuaJIT' or 'PUC'";
  EXPECT_EQ(AskHost(L, kWhich), "PUC");

  const auto engine = Engine::Create();
  const auto session = engine->Connect();
  EXPECT_EQ(AskEngine(*session, kWhich), "LuaJIT");
  EXPECT_EQ(AskEngine(*session,
                      "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(i) end "
                      "return cjson.encode({#table.concat(t), redis.call('ECHO', 'hello')})"),
            "[500500,\"hello\"]");
  EXPECT_EQ(AskEngine(*session, "return tostring(pcall(error, 'x'))"), "false");

  // Both go on, in turns, errors included.
  EXPECT_EQ(AskHost(L, "local ok, e = pcall(function() error('mine', 0) end) return e"), "mine");
  EXPECT_EQ(AskEngine(*session, "return select(2, pcall(function() error('its', 0) end))"), "its");
  EXPECT_EQ(AskHost(L, "collectgarbage() return 'alive'"), "alive");
  lua_close(L);
  EXPECT_EQ(AskEngine(*session, "collectgarbage() return 'alive'"), "alive");
}

}  // namespace
}  // namespace dualis
