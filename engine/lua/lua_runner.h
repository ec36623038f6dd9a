// LuaRunner: one Lua state, and how a function in it is compiled and run. EVAL's scripts and the libraries of FUNCTION
// have a runner each, so that forgetting the ones leaves the others.
//
// Running is one protected call, inside which everything happens that can raise a Lua error: keys and arguments are
// set, the function is called, its value becomes reply events. An error arrives here as text and is returned as an
// Error.
#ifndef DUALIS_ENGINE_LUA_LUA_RUNNER_H_
#define DUALIS_ENGINE_LUA_LUA_RUNNER_H_

#include <functional>
#include <memory>
#include <string>

#include "engine/command/script_host.h"
#include "engine/lua/host_state.h"

namespace dualis::lua {

struct LuaHostOptions {
  bool jit = false;         // Options::lua_jit
  uint64_t step_limit = 0;  // Options::script_step_limit
  int32_t random_seed = 0;  // of math.random, whose sequence goes on from script to script
  size_t memory_limit = 0;  // Options::script_memory_limit: what one script may add to what the state holds
  // Told beside ScriptCalls::Poll that a script computes; true the first time for each. An error ends the script.
  std::function<Error(bool first)> computes = {};
};

// A compiled function and how errors name it.
struct LuaFunction {
  Bytes name;   // in errors: "script: NAME"
  Bytes chunk;  // "@user_script"
  int reference = LUA_NOREF;
  int last_return = 1;           // the line of the last `return`
  bool takes_arguments = false;  // keys and args as arguments, not as the globals KEYS and ARGV
};

class LuaRunner {
 public:
  explicit LuaRunner(const LuaHostOptions& options);
  ~LuaRunner();
  LuaRunner(const LuaRunner&) = delete;
  LuaRunner& operator=(const LuaRunner&) = delete;

  // Makes sure that there is a Lua state.
  Error Open();
  // Forgets everything that was compiled.
  void Close();
  lua_State* L() { return L_; }
  HostState& state() { return *state_; }
  const HostState& state() const { return *state_; }
  bool running() const { return state_->running.load(std::memory_order_relaxed); }

  // Compiles a text; a registry reference to its function, or LUA_NOREF and what is wrong in `*error`. Requires:
  // Open().
  int Compile(Bytes code, const char* chunk, std::string* error);
  void Release(int reference);
  // Runs a function with the rights that `flags` gives.
  Error Run(const LuaFunction& function, const ScriptFlags& flags, const ScriptInput& input, ScriptCalls& calls,
            ReplySink& sink);
  // Runs what a library does when it is loaded, for at most `steps`. False, and Lua's error text, if it fails.
  bool RunLoading(int reference, uint64_t steps, std::string* error);

  // Whether something runs that has not written. Any thread.
  bool killable() const {
    return state_->running.load(std::memory_order_acquire) && !state_->wrote.load(std::memory_order_acquire);
  }
  // Asks what runs now to end, from any thread. NOTBUSY if nothing does, UNKILLABLE if it wrote.
  Error Kill();

 private:
  struct Running;
  Error Explain(const LuaFunction& function, Running& run);

  const LuaHostOptions options_;
  const std::unique_ptr<HostState> state_;
  lua_State* L_ = nullptr;
};

// Where an error happened that left no frame behind: LuaJIT drops the frame of a function that ends in a tail call, and
// such a call follows a `return`.
int LineOfLastReturn(Bytes code);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_RUNNER_H_
