// What a library sees while it is loaded.
#ifndef DUALIS_ENGINE_LUA_REGISTER_FUNCTION_H_
#define DUALIS_ENGINE_LUA_REGISTER_FUNCTION_H_

#include <vector>

#include "engine/command/function_host.h"
#include "engine/lua/host_state.h"

namespace dualis::lua {

// Collects what redis.register_function is told.
struct Registration {
  std::vector<FunctionInfo> functions;
  std::vector<int> references;  // registry references, owned by whoever takes them
};

// While one lives, the globals of `L` are those of loading and registrations go to `into`. False from ready(): out of
// memory.
class LoadingGlobals {
 public:
  LoadingGlobals(lua_State* L, Registration& into);
  ~LoadingGlobals();
  LoadingGlobals(const LoadingGlobals&) = delete;
  LoadingGlobals& operator=(const LoadingGlobals&) = delete;
  bool ready() const { return ready_; }

 private:
  lua_State* L_;
  bool ready_;
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_REGISTER_FUNCTION_H_
