// The functions of LuaJIT that the host uses, as one table of pointers.
//
// A host program may link PUC Lua: its lua_* would then capture ours, and two incompatible Luas would share states. So
// nothing here is linked. The library is loaded when the first script runs (dlopen, local and deep-bound, so that it
// does not see the program's lua_* either), and every call goes through this table. The headers are used for types and
// constants only; their macros (lua_pop, lua_tostring) would name the linked functions and must not be used.
#ifndef DUALIS_ENGINE_LUA_LUA_API_H_
#define DUALIS_ENGINE_LUA_LUA_API_H_

#include <luajit-2.1/lua.hpp>

#include "dualis/bytes.h"
#include "dualis/result.h"

namespace dualis::lua {

#define DUALIS_LUA_CORE_FUNCTIONS(X)                                                                                   \
  X(atpanic)                                                                                                           \
  X(call)                                                                                                              \
  X(checkstack)                                                                                                        \
  X(close)                                                                                                             \
  X(concat)                                                                                                            \
  X(cpcall) X(createtable) X(error) X(gc) X(getallocf) X(getfield) X(getinfo) X(getmetatable) X(getstack) X(gettable)  \
      X(gettop) X(insert) X(iscfunction) X(isnumber) X(isstring) X(lessthan) X(newuserdata) X(next) X(objlen) X(pcall) \
          X(pushboolean) X(pushcclosure) X(pushlightuserdata) X(pushlstring) X(pushnil) X(pushnumber) X(pushthread)    \
              X(pushvalue) X(rawequal) X(rawget) X(rawgeti) X(rawset) X(rawseti) X(remove) X(replace) X(setallocf)     \
                  X(setfield) X(sethook) X(setmetatable) X(settable) X(settop) X(toboolean) X(tolstring) X(tonumber)   \
                      X(topointer) X(touserdata) X(type)
#define DUALIS_LUA_AUX_FUNCTIONS(X)                                                                         \
  X(addlstring)                                                                                             \
  X(addvalue)                                                                                               \
  X(argerror)                                                                                               \
  X(buffinit)                                                                                               \
  X(checkinteger)                                                                                           \
  X(checklstring)                                                                                           \
  X(checknumber) X(checktype) X(error) X(loadbufferx) X(newstate) X(optinteger) X(optlstring) X(prepbuffer) \
      X(pushresult) X(ref) X(typerror) X(unref) X(where)

struct LuaApi {
#define DUALIS_LUA_MEMBER(name) decltype(&::lua_##name) name;
  DUALIS_LUA_CORE_FUNCTIONS(DUALIS_LUA_MEMBER)
#undef DUALIS_LUA_MEMBER
#define DUALIS_LUA_MEMBER(name) decltype(&::luaL_##name) aux_##name;
  DUALIS_LUA_AUX_FUNCTIONS(DUALIS_LUA_MEMBER)
#undef DUALIS_LUA_MEMBER
  decltype(&::lua_typename) type_name;  // `typename` is a word of C++
  decltype(&::luaL_openlibs) openlibs;
  decltype(&::luaJIT_setmode) jit_setmode;

  // What the headers' macros would do.
  void pop(lua_State* L, int n) const { settop(L, -n - 1); }
  void pushfunction(lua_State* L, lua_CFunction f) const { pushcclosure(L, f, 0); }
  void pushbytes(lua_State* L, Bytes text) const { pushlstring(L, text.data(), text.size()); }
  // Requires: the value at `index` is a string (a number would be turned into one, in place).
  Bytes tobytes(lua_State* L, int index) const {
    size_t size;
    const char* data = tolstring(L, index, &size);
    return Bytes(data, size);
  }
};

// Loads the library on first use; later calls are cheap. Thread-safe. An error if it is not installed or lacks a
// function; then it is the same error for as long as the process lives.
Error LoadLuaApi();

// The table. Requires: LoadLuaApi() succeeded before.
const LuaApi& Api();

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_API_H_
