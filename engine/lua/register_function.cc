#include "engine/lua/register_function.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/command/word.h"
#include "engine/lua/library_text.h"
#include "engine/lua/script_text.h"

namespace dualis::lua {
namespace {

// What one call says, as places on the stack and plain values: nothing here has a destructor.
struct Said {
  int name = 0;
  int description = 0;
  int callback = 0;
  int flags = 0;
};

bool IsFunction(lua_State* L, int index) { return Api().type(L, index) == LUA_TFUNCTION; }

// The named arguments of the table at index 1. Each value stays on the stack.
Said ReadNamed(lua_State* L) {
  const LuaApi& api = Api();
  Said said;
  api.pushnil(L);
  while (api.next(L, 1) != 0) {
    if (api.checkstack(L, 8) == 0) RaiseRedisError(L, "ERR unknown argument given to redis.register_function");
    const int value = api.gettop(L);
    const int key = value - 1;
    if (!api.isstring(L, key)) {
      RaiseRedisError(L, "ERR named argument key given to redis.register_function is not a string");
    }
    // Only a real string is read in place: to read a number would turn it into one and confuse the walk.
    const Bytes name = api.type(L, key) == LUA_TSTRING ? api.tobytes(L, key) : Bytes();
    if (IsWord(name, "FUNCTION_NAME")) {
      if (!api.isstring(L, value)) {
        RaiseRedisError(L, "ERR function_name argument given to redis.register_function must be a string");
      }
      said.name = value;
    } else if (IsWord(name, "DESCRIPTION")) {
      if (!api.isstring(L, value)) {
        RaiseRedisError(L, "ERR description argument given to redis.register_function must be a string");
      }
      said.description = value;
    } else if (IsWord(name, "CALLBACK")) {
      if (!IsFunction(L, value)) {
        RaiseRedisError(L, "ERR callback argument given to redis.register_function must be a function");
      }
      said.callback = value;
    } else if (IsWord(name, "FLAGS")) {
      if (api.type(L, value) != LUA_TTABLE) {
        RaiseRedisError(L, "ERR flags argument to redis.register_function must be a table representing function flags");
      }
      said.flags = value;
    } else {
      RaiseRedisError(L, "ERR unknown argument given to redis.register_function");
    }
    api.pushvalue(L, key);
  }
  if (said.name == 0) RaiseRedisError(L, "ERR redis.register_function must get a function name argument");
  if (said.callback == 0) RaiseRedisError(L, "ERR redis.register_function must get a callback argument");
  return said;
}

Said ReadPlain(lua_State* L) {
  if (!Api().isstring(L, 1)) {
    RaiseRedisError(L, "ERR first argument to redis.register_function must be a string");
  }
  if (!IsFunction(L, 2)) RaiseRedisError(L, "ERR second argument to redis.register_function must be a function");
  return {.name = 1, .callback = 2};
}

ScriptFlags ReadFlags(lua_State* L, int table) {
  const LuaApi& api = Api();
  ScriptFlags flags{.declared = true};
  for (int i = 1; table != 0; ++i) {
    api.rawgeti(L, table, i);
    const int type = api.type(L, -1);
    if (type == LUA_TNIL) break;
    Charge(L, 1);
    if (!api.isstring(L, -1) || !SetScriptFlag(flags, api.tobytes(L, -1))) {
      RaiseRedisError(L, "ERR unknown flag given");
    }
    api.pop(L, 1);
  }
  return flags;
}

// Keeps what was said. What is wrong with it, or null.
const char* Keep(lua_State* L, Registration& into, const Said& said, const ScriptFlags& flags, int reference) noexcept {
  const LuaApi& api = Api();
  try {
    const Bytes name = api.tobytes(L, said.name);
    if (const Error error = CheckName(name)) {
      return "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one "
             "character "
             "long";
    }
    const auto same = [&](const FunctionInfo& f) { return f.name == name; };
    if (std::any_of(into.functions.begin(), into.functions.end(), same)) {
      return "ERR Function already exists in the library";
    }
    FunctionInfo function{std::string(name), std::nullopt, flags};
    if (said.description != 0) function.description = api.tobytes(L, said.description);
    into.references.reserve(into.references.size() + 1);
    into.functions.push_back(std::move(function));
    into.references.push_back(reference);
    return nullptr;
  } catch (const std::exception&) {
    return "OOM out of memory";
  }
}

// redis.register_function(name, callback), or one table of named arguments.
int RegisterFunction(lua_State* L) {
  const LuaApi& api = Api();
  Registration* into = StateOf(L).registration;
  if (into == nullptr) {
    RaiseRedisError(L, "ERR redis.register_function can only be called on FUNCTION LOAD command");
  }
  const int count = api.gettop(L);
  if (count < 1 || count > 2) RaiseRedisError(L, "ERR wrong number of arguments to redis.register_function");
  if (count == 1 && api.type(L, 1) != LUA_TTABLE) {
    RaiseRedisError(L,
                    "ERR calling redis.register_function with a single argument is only applicable to Lua table "
                    "(representing named arguments).");
  }
  const Said said = count == 1 ? ReadNamed(L) : ReadPlain(L);
  const ScriptFlags flags = ReadFlags(L, said.flags);
  // A number becomes its text while it may.
  api.tolstring(L, said.name, nullptr);
  if (said.description != 0) api.tolstring(L, said.description, nullptr);
  api.pushvalue(L, said.callback);
  const int reference = api.aux_ref(L, LUA_REGISTRYINDEX);
  if (const char* wrong = Keep(L, *into, said, flags, reference)) {
    api.aux_unref(L, LUA_REGISTRYINDEX, reference);
    RaiseRedisError(L, wrong);
  }
  return 0;
}

// Makes the table on top of the stack what globals are read from.
void SetGlobalsSource(lua_State* L) {
  const LuaApi& api = Api();
  api.pushvalue(L, LUA_GLOBALSINDEX);
  api.getmetatable(L, -1);
  api.pushvalue(L, -3);
  api.setfield(L, -2, "__index");
  api.pop(L, 3);
}

int UseLoadingGlobals(lua_State* L) {
  const LuaApi& api = Api();
  api.createtable(L, 0, 1);
  PushLoadingRedisLibrary(L);
  api.pushfunction(L, RegisterFunction);
  api.setfield(L, -2, "register_function");
  RefuseMissing(L);
  Protect(L);
  api.setfield(L, -2, "redis");
  RefuseMissing(L);
  SetGlobalsSource(L);
  return 0;
}

int UseScriptGlobals(lua_State* L) {
  Api().rawgeti(L, LUA_REGISTRYINDEX, StateOf(L).globals);
  SetGlobalsSource(L);
  return 0;
}

}  // namespace

LoadingGlobals::LoadingGlobals(lua_State* L, Registration& into) : L_(L) {
  ready_ = Api().cpcall(L, UseLoadingGlobals, nullptr) == 0;
  Api().settop(L, 0);
  StateOf(L).registration = &into;
}

LoadingGlobals::~LoadingGlobals() {
  StateOf(L_).registration = nullptr;
  // Assigns to a field that is there, which takes no memory.
  Api().cpcall(L_, UseScriptGlobals, nullptr);
  Api().settop(L_, 0);
}

}  // namespace dualis::lua
