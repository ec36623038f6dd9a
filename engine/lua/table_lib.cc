// The table functions that can be long or could change a read-only table.
#include <algorithm>
#include <cmath>

#include "engine/lua/host_state.h"

namespace dualis::lua {
namespace {

int Length(lua_State* L) {
  Api().aux_checktype(L, 1, LUA_TTABLE);
  return static_cast<int>(Api().objlen(L, 1));
}

void RefuseReadOnly(lua_State* L) {
  if (PushReal(L, 1)) RaiseText(L, "Attempt to modify a readonly table");
}

int Insert(lua_State* L) {
  const LuaApi& api = Api();
  const int end = Length(L) + 1;
  int position = end;
  RefuseReadOnly(L);
  switch (api.gettop(L)) {
    case 2:
      break;
    case 3: {
      position = static_cast<int>(api.aux_checkinteger(L, 2));
      if (position < end) Charge(L, static_cast<uint64_t>(end) - static_cast<uint64_t>(std::max(position, 1)));
      for (int i = end; i > position; --i) {
        api.rawgeti(L, 1, i - 1);
        api.rawseti(L, 1, i);
      }
      break;
    }
    default:
      RaiseTextHere(L, "wrong number of arguments to 'insert'");
  }
  api.rawseti(L, 1, position);
  return 0;
}

int Remove(lua_State* L) {
  const LuaApi& api = Api();
  const int end = Length(L);
  const int position = static_cast<int>(api.aux_optinteger(L, 2, end));
  if (position < 1 || position > end) return 0;
  RefuseReadOnly(L);
  Charge(L, static_cast<uint64_t>(end - position));
  api.rawgeti(L, 1, position);
  for (int i = position; i < end; ++i) {
    api.rawgeti(L, 1, i + 1);
    api.rawseti(L, 1, i);
  }
  api.pushnil(L);
  api.rawseti(L, 1, end);
  return 1;
}

int SetN(lua_State* L) {
  Api().aux_checktype(L, 1, LUA_TTABLE);
  RaiseTextHere(L, "'setn' is obsolete");
}

int Concat(lua_State* L) {
  const LuaApi& api = Api();
  size_t separator_size;
  const char* separator = api.aux_optlstring(L, 2, "", &separator_size);
  api.aux_checktype(L, 1, LUA_TTABLE);
  const int first = static_cast<int>(api.aux_optinteger(L, 3, 1));
  const int last = static_cast<int>(api.aux_optinteger(L, 4, Length(L)));
  HostState& state = StateOf(L);
  luaL_Buffer out;
  api.aux_buffinit(L, &out);
  for (int64_t i = first; i <= last; ++i) {
    if (!state.Spend(1 + separator_size / 16)) RaiseEnd(L);
    api.rawgeti(L, 1, static_cast<int>(i));
    if (!api.isstring(L, -1)) {
      return api.aux_error(L, "invalid value (%s) at index %d in table for 'concat'", api.type_name(L, api.type(L, -1)),
                           static_cast<int>(i));
    }
    api.aux_addvalue(&out);
    if (i != last) api.aux_addlstring(&out, separator, separator_size);
  }
  api.aux_pushresult(&out);
  return 1;
}

// Upvalue 1: a comparing function that is not Lua code, or nil for `<`.
int ChargedLess(lua_State* L) {
  const LuaApi& api = Api();
  Charge(L, 1);
  if (api.type(L, lua_upvalueindex(1)) == LUA_TNIL) {
    api.pushboolean(L, api.lessthan(L, 1, 2));
    return 1;
  }
  api.settop(L, 2);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 2, 1);
  return 1;
}

// Lua's own sort (upvalue 1) is quadratic for unlucky orders, and comparisons in C are not counted; so for tables that
// are not small they are made to.
int Sort(lua_State* L) {
  constexpr int kSmall = 256;
  const LuaApi& api = Api();
  const int size = Length(L);
  if (api.type(L, 2) > LUA_TNIL) api.aux_checktype(L, 2, LUA_TFUNCTION);
  api.settop(L, 2);
  if (size > 1) RefuseReadOnly(L);
  Charge(L, static_cast<uint64_t>(size));
  CheckDepth(L);
  if (size > kSmall && (api.type(L, 2) == LUA_TNIL || api.iscfunction(L, 2))) {
    api.pushcclosure(L, ChargedLess, 1);
  }
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 2, 0);
  return 0;
}

constexpr Function kFunctions[] = {{"insert", Insert}, {"remove", Remove}, {"setn", SetN}, {"concat", Concat}};

}  // namespace

void PatchTableLibrary(lua_State* L) {
  const LuaApi& api = Api();
  SetFunctions(L, kFunctions, std::size(kFunctions));
  api.getfield(L, -1, "sort");
  api.pushcclosure(L, Sort, 1);
  api.setfield(L, -2, "sort");
}

}  // namespace dualis::lua
