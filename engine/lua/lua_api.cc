#include "engine/lua/lua_api.h"

#include <dlfcn.h>

#include <string>

namespace dualis::lua {
namespace {

constexpr char kLibrary[] = "libluajit-5.1.so.2";

// Sanitizers intercept the allocator by symbol order and refuse a deep-bound library.
#if defined(DUALIS_SANITIZED)
constexpr int kLoadFlags = RTLD_NOW | RTLD_LOCAL;
#else
constexpr int kLoadFlags = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

struct Loaded {
  LuaApi api = {};
  Error error;

  Loaded() {
    void* library = dlopen(kLibrary, kLoadFlags);
    if (library == nullptr) {
      error = Error(ErrorCode::kErr, "ERR Scripts need LuaJIT, which could not be loaded: " + std::string(dlerror()));
      return;
    }
    bool complete = true;
    auto find = [&](auto*& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      complete = complete && function != nullptr;
    };
#define DUALIS_LUA_FIND(name) find(api.name, "lua_" #name);
    DUALIS_LUA_CORE_FUNCTIONS(DUALIS_LUA_FIND)
#undef DUALIS_LUA_FIND
#define DUALIS_LUA_FIND(name) find(api.aux_##name, "luaL_" #name);
    DUALIS_LUA_AUX_FUNCTIONS(DUALIS_LUA_FIND)
#undef DUALIS_LUA_FIND
    find(api.type_name, "lua_typename");
    find(api.openlibs, "luaL_openlibs");
    find(api.jit_setmode, "luaJIT_setmode");
    if (!complete) error = Error(ErrorCode::kErr, std::string("ERR ") + kLibrary + " is not a complete LuaJIT 2.1");
  }
};

// Never destroyed: a script may run on another thread while the process ends. The library stays loaded for the same
// reason.
const Loaded& TheLibrary() {
  static const Loaded* const loaded = new Loaded;
  return *loaded;
}

}  // namespace

Error LoadLuaApi() { return TheLibrary().error; }

const LuaApi& Api() { return TheLibrary().api; }

}  // namespace dualis::lua
