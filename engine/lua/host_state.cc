#include "engine/lua/host_state.h"

#include <cstring>
#include <utility>

namespace dualis::lua {

bool HostState::Look() {
  steps += uncounted;
  uncounted = 0;
  if (ended) return false;
  if (kill.load(std::memory_order_relaxed)) {
    end_error = Error(&kScriptKilled);
    ended = true;
  } else if (steps > step_limit) {
    end_error = Error(&kScriptTooManySteps);
    ended = true;
  } else if (calls != nullptr && ++looks % kPollLooks == 0) {
    Error error = calls->Poll();
    if (!error && computes != nullptr && *computes) error = (*computes)(!std::exchange(computed, true));
    if (error) {
      end_error = std::move(error);
      ended = true;
    }
  }
  return !ended;
}

void RaiseEnd(lua_State* L) {
  const LuaApi& api = Api();
  // A pcall in the script may catch this; then the next instruction raises it again.
  api.sethook(
      L, [](lua_State* L, lua_Debug*) { RaiseEnd(L); }, LUA_MASKCOUNT, 1);
  PushErrorTable(L, StateOf(L).end_error.message());
  api.error(L);
  __builtin_unreachable();
}

void PushErrorTable(lua_State* L, Bytes text) {
  const LuaApi& api = Api();
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  api.createtable(L, 0, 2);
  PushName(L, Name::kErr);
  api.pushbytes(L, text);
  api.rawset(L, -3);
}

void RaiseRedisError(lua_State* L, const char* text) {
  PushErrorTable(L, text);
  Api().error(L);
  __builtin_unreachable();
}

void RaiseText(lua_State* L, const char* text) {
  Api().pushbytes(L, text);
  Api().error(L);
  __builtin_unreachable();
}

void RaiseTextHere(lua_State* L, const char* text) {
  Api().aux_error(L, "%s", text);
  __builtin_unreachable();
}

int LoadText(lua_State* L, Bytes text, const char* chunk_name) {
  const LuaApi& api = Api();
  if (!text.empty() && (text[0] == '\x1b' || text[0] == '#' || text[0] == '\xef')) {
    luaL_Buffer buffer;
    api.aux_buffinit(L, &buffer);
    api.aux_addlstring(&buffer, " ", 1);
    api.aux_addlstring(&buffer, text.data(), text.size());
    api.aux_pushresult(&buffer);
    text = api.tobytes(L, -1);
  }
  return api.aux_loadbufferx(L, text.data(), text.size(), chunk_name, "t");
}

bool PushReal(lua_State* L, int index) {
  const LuaApi& api = Api();
  if (api.type(L, index) != LUA_TTABLE || !api.getmetatable(L, index)) return false;
  api.pop(L, 1);
  api.pushvalue(L, index);
  api.rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).real_of);
  api.insert(L, -2);
  api.rawget(L, -2);
  api.remove(L, -2);
  if (api.type(L, -1) == LUA_TTABLE) return true;
  api.pop(L, 1);
  return false;
}

void Protect(lua_State* L) {
  const LuaApi& api = Api();
  const HostState& state = StateOf(L);
  const int real = api.gettop(L);
  api.createtable(L, 0, 0);
  api.createtable(L, 0, 2);
  api.pushvalue(L, real);
  api.setfield(L, -2, "__index");
  api.pushfunction(L, [](lua_State* L) -> int { RaiseTextHere(L, "Attempt to modify a readonly table"); });
  api.setfield(L, -2, "__newindex");
  api.setmetatable(L, -2);
  api.rawgeti(L, LUA_REGISTRYINDEX, state.real_of);
  api.pushvalue(L, -2);
  api.pushvalue(L, real);
  api.rawset(L, -3);
  api.pop(L, 1);
  api.replace(L, real);
}

void SetFunctions(lua_State* L, const Function* functions, size_t count) {
  const LuaApi& api = Api();
  for (size_t i = 0; i < count; ++i) {
    api.pushfunction(L, functions[i].function);
    api.setfield(L, -2, functions[i].name);
  }
}

}  // namespace dualis::lua
