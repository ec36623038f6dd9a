// The globals that a script sees, as Redis 7 has them: a fixed set of functions and read-only tables.
//
// Redis patched its Lua to have read-only tables; LuaJIT has none. Instead a script sees an empty table whose metatable
// reads from the real one and refuses to write (Protect). The base functions that would see through this (rawset, next,
// getmetatable ...) are replaced by ones that know such tables.
//
//   _G (empty) --__index--> globals --__index--> "nonexistent global variable"
//   redis, string, ... (empty) --__index--> their functions
#include <algorithm>
#include <cmath>
#include <new>

#include "engine/lua/host_state.h"
#include "engine/lua/puc_source.h"

namespace dualis::lua {
namespace {

[[noreturn]] void RaiseReadOnly(lua_State* L) { RaiseText(L, "Attempt to modify a readonly table"); }

int MissingGlobal(lua_State* L) {
  const LuaApi& api = Api();
  if (api.type(L, 2) != LUA_TSTRING && api.type(L, 2) != LUA_TNUMBER) return 0;
  return api.aux_error(L, "Script attempted to access nonexistent global variable '%s'", api.tolstring(L, 2, nullptr));
}

// --- base functions that look behind read-only tables ---

// Replaces a read-only table at `index` by the one it stands for.
void LookBehind(lua_State* L, int index) {
  if (PushReal(L, index)) Api().replace(L, index);
}

int RawGet(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TTABLE);
  if (api.type(L, 2) == LUA_TNONE) api.aux_argerror(L, 2, "value expected");
  api.settop(L, 2);
  LookBehind(L, 1);
  api.rawget(L, 1);
  return 1;
}

int RawSet(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TTABLE);
  if (api.gettop(L) < 3) api.aux_argerror(L, std::max(api.gettop(L) + 1, 2), "value expected");
  api.settop(L, 3);
  if (PushReal(L, 1)) RaiseReadOnly(L);
  api.rawset(L, 1);
  return 1;
}

int Next(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TTABLE);
  api.settop(L, 2);
  LookBehind(L, 1);
  if (api.next(L, 1)) return 2;
  api.pushnil(L);
  return 1;
}

// Upvalue 1 is Lua's own next, which its interpreter knows how to run fast.
int Pairs(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TTABLE);
  api.settop(L, 1);
  LookBehind(L, 1);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.pushnil(L);
  return 3;
}

int SetMetatable(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TTABLE);
  const int type = api.type(L, 2);
  if (type != LUA_TNIL && type != LUA_TTABLE) api.aux_argerror(L, 2, "nil or table expected");
  api.settop(L, 2);
  if (api.getmetatable(L, 1)) {
    api.pop(L, 1);
    if (PushReal(L, 1)) RaiseReadOnly(L);
    api.getmetatable(L, 1);
    api.pushbytes(L, "__metatable");
    api.rawget(L, -2);
    if (api.type(L, -1) != LUA_TNIL) RaiseTextHere(L, "cannot change a protected metatable");
    api.settop(L, 2);
  }
  api.setmetatable(L, 1);
  return 1;
}

int GetMetatable(lua_State* L) {
  const LuaApi& api = Api();
  if (api.type(L, 1) == LUA_TNONE) api.aux_argerror(L, 1, "value expected");
  const HostState& state = StateOf(L);
  if (api.type(L, 1) == LUA_TSTRING) {
    api.rawgeti(L, LUA_REGISTRYINDEX, state.string_meta);
    return 1;
  }
  if (!api.getmetatable(L, 1)) {
    api.pushnil(L);
    return 1;
  }
  if (PushReal(L, 1)) {
    api.rawgeti(L, LUA_REGISTRYINDEX, state.public_meta);
    api.pushvalue(L, 1);
    api.rawget(L, -2);
    return 1;
  }
  api.pushbytes(L, "__metatable");
  api.rawget(L, -2);
  if (api.type(L, -1) == LUA_TNIL) api.pop(L, 1);
  return 1;
}

// --- errors and chunks ---

// Redis' pcall: an error table is replaced by its text.
int ProtectedCall(lua_State* L) {
  const LuaApi& api = Api();
  if (api.type(L, 1) == LUA_TNONE) api.aux_argerror(L, 1, "value expected");
  CheckDepth(L);
  Charge(L, 10);
  const int status = api.pcall(L, api.gettop(L) - 1, LUA_MULTRET, 0);
  if (StateOf(L).ended) RaiseEnd(L);
  if (status != 0) {
    Charge(L, 100);  // raising costs much more than calling
    if (api.type(L, -1) == LUA_TTABLE) {
      api.getfield(L, -1, "err");
      if (api.isstring(L, -1)) {
        api.replace(L, -2);
      }
    }
  }
  if (!api.checkstack(L, 1)) RaiseText(L, "stack overflow");
  api.pushboolean(L, status == 0);
  api.insert(L, 1);
  return api.gettop(L);
}

// Upvalue 1 is the handler that the script gave to xpcall. It does not run when the script is being ended: the error
// may come from the hook, and while that is on the stack no hook fires, so that the handler could not be stopped.
int CallHandler(lua_State* L) {
  const LuaApi& api = Api();
  if (StateOf(L).ended) return 1;
  api.settop(L, 1);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 1, 1);
  return 1;
}

int ProtectedCallWithHandler(lua_State* L) {
  const LuaApi& api = Api();
  if (api.type(L, 2) == LUA_TNONE) api.aux_argerror(L, 2, "value expected");
  CheckDepth(L);
  Charge(L, 10);
  api.settop(L, 2);
  api.pushcclosure(L, CallHandler, 1);
  api.insert(L, 1);
  const int status = api.pcall(L, 0, LUA_MULTRET, 1);
  if (StateOf(L).ended) RaiseEnd(L);
  if (status != 0) Charge(L, 100);
  api.pushboolean(L, status == 0);
  api.replace(L, 1);
  return api.gettop(L);
}

// Upvalue 1 is Lua's own resume, or a function that its wrap made: each nests the C stack, which they do not check.
int Resume(lua_State* L) {
  const LuaApi& api = Api();
  CheckDepth(L);
  Charge(L, 10);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, api.gettop(L) - 1, LUA_MULTRET);
  return api.gettop(L);
}

int Wrap(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TFUNCTION);
  api.settop(L, 1);
  api.pushvalue(L, lua_upvalueindex(1));
  api.insert(L, 1);
  api.call(L, 1, 1);
  api.pushcclosure(L, Resume, 1);
  return 1;
}

int Assert(lua_State* L) {
  const LuaApi& api = Api();
  if (api.type(L, 1) == LUA_TNONE) api.aux_argerror(L, 1, "value expected");
  if (api.toboolean(L, 1)) return api.gettop(L);
  return api.aux_error(L, "%s", api.aux_optlstring(L, 2, "assertion failed!", nullptr));
}

// Compiles the text on top of the stack; leaves the function, or nil and the error.
int Load(lua_State* L, const char* chunk_name) {
  const LuaApi& api = Api();
  const Bytes text = api.tobytes(L, -1);
  Charge(L, text.size() / 4);
  std::string& changed = StateOf(L).scratch;
  bool fits = true;
  try {
    changed = PucSource(text);
  } catch (const std::bad_alloc&) {
    fits = false;
  }
  if ((fits && LoadText(L, changed, chunk_name) == 0) || LoadText(L, text, chunk_name) == 0) return 1;
  api.pushnil(L);
  api.insert(L, -2);
  return 2;
}

int LoadString(lua_State* L) {
  const LuaApi& api = Api();
  const char* text = api.aux_checklstring(L, 1, nullptr);
  const char* name = api.aux_optlstring(L, 2, text, nullptr);
  api.pushvalue(L, 1);
  return Load(L, name);
}

// load(function): nil and a text if the function fails. The pieces are collected in a table first.
int LoadFunction(lua_State* L) {
  const LuaApi& api = Api();
  api.aux_checktype(L, 1, LUA_TFUNCTION);
  const char* name = api.aux_optlstring(L, 2, "=(load)", nullptr);
  api.settop(L, 2);
  api.createtable(L, 0, 0);
  int pieces = 0;
  CheckDepth(L);
  for (;;) {
    Charge(L, 10);
    api.pushvalue(L, 1);
    const int status = api.pcall(L, 0, 1, 0);
    if (StateOf(L).ended) RaiseEnd(L);
    if (status != 0) {
      api.pushnil(L);
      api.insert(L, -2);
      return 2;
    }
    if (api.type(L, -1) == LUA_TNIL) break;
    if (!api.isstring(L, -1)) {
      api.pushnil(L);
      api.aux_where(L, 1);
      api.pushbytes(L, "reader function must return a string");
      api.concat(L, 2);
      return 2;
    }
    if (api.tobytes(L, -1).empty()) break;
    api.rawseti(L, 3, ++pieces);
  }
  api.settop(L, 3);
  luaL_Buffer buffer;
  api.aux_buffinit(L, &buffer);
  for (int i = 1; i <= pieces; ++i) {
    api.rawgeti(L, 3, i);
    api.aux_addvalue(&buffer);
  }
  api.aux_pushresult(&buffer);
  return Load(L, name);
}

// The collector belongs to the engine: it can be run, not stopped or tuned for the scripts that follow.
int CollectGarbage(lua_State* L) {
  const LuaApi& api = Api();
  const Bytes option = api.aux_optlstring(L, 1, "collect", nullptr);
  api.aux_optinteger(L, 2, 0);
  double result = 0;
  if (option == "collect") {
    Charge(L, StateOf(L).used / 64);
    api.gc(L, LUA_GCCOLLECT, 0);
  } else if (option == "count") {
    result = api.gc(L, LUA_GCCOUNT, 0) + api.gc(L, LUA_GCCOUNTB, 0) / 1024.0;
  } else if (option == "step") {
    Charge(L, StateOf(L).used / 64);
    api.gc(L, LUA_GCCOLLECT, 0);
    api.pushboolean(L, 0);
    return 1;
  } else if (option == "setpause" || option == "setstepmul") {
    result = 200;
  } else if (option != "stop" && option != "restart") {
    api.pushbytes(L, "invalid option '");
    api.pushvalue(L, 1);
    api.pushbytes(L, "'");
    luaL_Buffer buffer;
    api.aux_buffinit(L, &buffer);
    for (int i = -3; i <= -1; ++i) api.aux_addlstring(&buffer, api.tolstring(L, i, nullptr), api.objlen(L, i));
    api.aux_pushresult(&buffer);
    return api.aux_argerror(L, 1, api.tolstring(L, -1, nullptr));
  }
  api.pushnumber(L, result);
  return 1;
}

int ErrorHandler(lua_State* L) {
  const LuaApi& api = Api();
  lua_Debug where;
  // The innermost line of Lua code. Redis looks two levels up; our wrappers and LuaJIT's built-in byte code (which has
  // no lines) take a few more.
  bool known = false;
  for (int level = 1; level < 6 && api.getstack(L, level, &where); ++level) {
    known = api.getinfo(L, "Sl", &where) != 0;
    if (*where.what != 'C' && where.currentline > 0) break;
  }
  api.settop(L, 1);
  if (api.type(L, 1) != LUA_TTABLE) {
    api.createtable(L, 0, 3);
    api.rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).tostring);
    api.pushvalue(L, 1);
    api.call(L, 1, 1);
    luaL_Buffer buffer;
    api.aux_buffinit(L, &buffer);
    api.aux_addlstring(&buffer, "ERR ", 4);
    api.pushvalue(L, 3);
    api.aux_addvalue(&buffer);
    api.aux_pushresult(&buffer);
    PushName(L, Name::kErr);
    api.insert(L, -2);
    api.rawset(L, 2);
    api.settop(L, 2);
    api.replace(L, 1);
  }
  if (known && !PushReal(L, 1)) {
    PushName(L, Name::kSource);
    api.pushbytes(L, where.source);
    api.rawset(L, 1);
    PushName(L, Name::kLine);
    api.pushnumber(L, where.currentline);
    api.rawset(L, 1);
  }
  api.settop(L, 1);
  return 1;
}

// --- mathematics ---

int Random(lua_State* L) {
  const LuaApi& api = Api();
  constexpr int32_t kMax = INT32_MAX;
  const double unit = static_cast<double>(StateOf(L).random.Next() % kMax) / kMax;
  switch (api.gettop(L)) {
    case 0:
      api.pushnumber(L, unit);
      return 1;
    case 1: {
      const auto high = static_cast<int>(api.aux_checkinteger(L, 1));
      if (high < 1) api.aux_argerror(L, 1, "interval is empty");
      api.pushnumber(L, std::floor(unit * high) + 1);
      return 1;
    }
    case 2: {
      const auto low = static_cast<int>(api.aux_checkinteger(L, 1));
      const auto high = static_cast<int>(api.aux_checkinteger(L, 2));
      if (low > high) api.aux_argerror(L, 2, "interval is empty");
      api.pushnumber(L, std::floor(unit * (static_cast<double>(high) - low + 1)) + low);
      return 1;
    }
    default:
      RaiseTextHere(L, "wrong number of arguments");
  }
}

int RandomSeed(lua_State* L) {
  StateOf(L).random.Seed(static_cast<int32_t>(Api().aux_checkinteger(L, 1)));
  return 0;
}

// --- assembly ---

constexpr const char* kBase[] = {"error",    "gcinfo",   "ipairs", "rawequal", "select",
                                 "tonumber", "tostring", "type",   "unpack",   "_VERSION"};
constexpr const char* kString[] = {"byte", "char", "dump", "format", "len", "lower", "rep", "reverse", "sub", "upper"};
constexpr const char* kTable[] = {"concat", "foreach", "foreachi", "getn", "insert", "maxn", "remove", "sort"};
constexpr const char* kMath[] = {"abs",   "acos", "asin",  "atan2", "atan",  "ceil",  "cosh", "cos", "deg", "exp",
                                 "floor", "fmod", "frexp", "huge",  "ldexp", "log10", "log",  "max", "min", "modf",
                                 "pi",    "pow",  "rad",   "sinh",  "sin",   "sqrt",  "tanh", "tan"};
constexpr const char* kCoroutine[] = {"create", "resume", "running", "status", "wrap", "yield"};
constexpr const char* kBit[] = {"arshift", "band", "bnot", "bor",    "bswap", "bxor",
                                "lshift",  "rol",  "ror",  "rshift", "tobit", "tohex"};
constexpr const char* kOs[] = {"clock"};

// Pushes a new table with the named fields of Lua's own `library` ("_G" for the base functions).
template <size_t N>
void PushSelected(lua_State* L, const char* library, const char* const (&names)[N]) {
  const LuaApi& api = Api();
  api.createtable(L, 0, N);
  api.getfield(L, LUA_GLOBALSINDEX, library);
  for (const char* name : names) {
    api.getfield(L, -1, name);
    api.setfield(L, -3, name);
  }
  api.pop(L, 1);
}

void SetAlias(lua_State* L, const char* alias, const char* name) {
  Api().getfield(L, -1, name);
  Api().setfield(L, -2, alias);
}

int NewReference(lua_State* L) { return Api().aux_ref(L, LUA_REGISTRYINDEX); }

void InternNames(lua_State* L) {
  constexpr const char* kNames[] = {"err",    "ok",     "double", "map", "set", "big_number", "verbatim_string",
                                    "string", "format", "source", "line"};
  static_assert(std::size(kNames) == static_cast<size_t>(Name::kCount));
  HostState& state = StateOf(L);
  for (size_t i = 0; i < std::size(kNames); ++i) {
    Api().pushbytes(L, kNames[i]);
    state.names[i] = NewReference(L);
  }
}

constexpr Function kBaseFunctions[] = {
    {"rawget", RawGet},
    {"rawset", RawSet},
    {"next", Next},
    {"setmetatable", SetMetatable},
    {"getmetatable", GetMetatable},
    {"pcall", ProtectedCall},
    {"xpcall", ProtectedCallWithHandler},
    {"assert", Assert},
    {"load", LoadFunction},
    {"loadstring", LoadString},
    {"collectgarbage", CollectGarbage},
    {"__redis__err__handler", ErrorHandler},
};

}  // namespace

void RefuseMissing(lua_State* L) {
  const LuaApi& api = Api();
  api.createtable(L, 0, 1);
  api.pushfunction(L, MissingGlobal);
  api.setfield(L, -2, "__index");
  api.setmetatable(L, -2);
}

void PushErrorHandler(lua_State* L) { Api().pushfunction(L, ErrorHandler); }

int OpenSandbox(lua_State* L) {
  const LuaApi& api = Api();
  HostState& state = StateOf(L);
  api.settop(L, 0);
  api.openlibs(L);
  InternNames(L);
  api.createtable(L, 0, 0);
  state.real_of = NewReference(L);
  api.createtable(L, 0, 0);
  state.public_meta = NewReference(L);
  api.getfield(L, LUA_GLOBALSINDEX, "tostring");
  state.tostring = NewReference(L);

  PushSelected(L, "_G", kBase);
  const int globals = api.gettop(L);
  api.pushvalue(L, globals);
  state.globals = NewReference(L);
  SetFunctions(L, kBaseFunctions, std::size(kBaseFunctions));
  api.getfield(L, LUA_GLOBALSINDEX, "next");
  api.pushcclosure(L, Pairs, 1);
  api.setfield(L, globals, "pairs");

  auto add = [&](const char* name) {
    Protect(L);
    api.setfield(L, globals, name);
  };
  PushSelected(L, "string", kString);
  PatchStringLibrary(L);
  // "x":upper() reads the real table; what getmetatable("") shows leads to the read-only one.
  api.pushbytes(L, "");
  api.createtable(L, 0, 1);
  api.pushvalue(L, -3);
  api.setfield(L, -2, "__index");
  api.setmetatable(L, -2);
  api.pop(L, 1);
  Protect(L);
  api.createtable(L, 0, 1);
  api.pushvalue(L, -2);
  api.setfield(L, -2, "__index");
  Protect(L);
  state.string_meta = NewReference(L);
  api.setfield(L, globals, "string");

  PushSelected(L, "table", kTable);
  PatchTableLibrary(L);
  add("table");
  PushSelected(L, "math", kMath);
  SetAlias(L, "mod", "fmod");
  constexpr Function kRandom[] = {{"random", Random}, {"randomseed", RandomSeed}};
  SetFunctions(L, kRandom, std::size(kRandom));
  add("math");
  PushSelected(L, "coroutine", kCoroutine);
  constexpr Function kNesting[] = {{"resume", Resume}, {"wrap", Wrap}};
  for (const Function& nesting : kNesting) {
    api.getfield(L, -1, nesting.name);
    api.pushcclosure(L, nesting.function, 1);
    api.setfield(L, -2, nesting.name);
  }
  add("coroutine");
  PushSelected(L, "bit", kBit);
  add("bit");
  PushSelected(L, "os", kOs);
  add("os");
  PushRedisLibrary(L);
  add("redis");
  PushCjsonLibrary(L);
  add("cjson");
  PushStructLibrary(L);
  add("struct");
  PushCmsgpackLibrary(L);
  add("cmsgpack");

  // A missing global raises; getmetatable(_G) shows that function, in a table that cannot be changed.
  api.settop(L, globals);
  api.createtable(L, 0, 1);
  api.pushfunction(L, MissingGlobal);
  api.setfield(L, -2, "__index");
  api.pushvalue(L, -1);
  api.setmetatable(L, globals);
  Protect(L);
  api.insert(L, globals);
  Protect(L);
  // [shown metatable] [_G]
  api.rawgeti(L, LUA_REGISTRYINDEX, state.public_meta);
  api.pushvalue(L, -2);
  api.pushvalue(L, globals);
  api.rawset(L, -3);
  api.pop(L, 1);
  api.rawgeti(L, LUA_REGISTRYINDEX, state.globals);
  api.pushvalue(L, -2);
  api.setfield(L, -2, "_G");
  api.pop(L, 1);
  api.replace(L, LUA_GLOBALSINDEX);
  return 0;
}

}  // namespace dualis::lua
