// LuaHost: runs Redis' Lua scripts for one engine, in one LuaJIT state that is created when the first script arrives.
//
// A script is compiled once and kept under the SHA-1 of its text. Running it is one protected call, inside which
// everything happens that can raise a Lua error: KEYS and ARGV are set, the function is called, its value becomes reply
// events. An error arrives here as text and is returned as an Error.
#ifndef DUALIS_ENGINE_LUA_LUA_HOST_H_
#define DUALIS_ENGINE_LUA_LUA_HOST_H_

#include <memory>
#include <string>
#include <unordered_map>

#include "engine/command/script_host.h"

struct lua_State;

namespace dualis::lua {

struct HostState;

struct LuaHostOptions {
  bool jit = false;         // Options::lua_jit
  uint64_t step_limit = 0;  // Options::script_step_limit
  int32_t random_seed = 0;  // of math.random, whose sequence goes on from script to script
  size_t memory_limit = 0;  // Options::script_memory_limit: what one script may add to what the state holds
};

class LuaHost final : public ScriptHost {
 public:
  explicit LuaHost(const LuaHostOptions& options);
  ~LuaHost() override;
  LuaHost(const LuaHost&) = delete;
  LuaHost& operator=(const LuaHost&) = delete;

  Error Eval(Bytes body, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) override;
  Error EvalSha(Bytes sha1, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) override;
  Result<std::string> Load(Bytes body) override;
  bool Exists(Bytes sha1) const override;
  void Flush() override;
  Error Kill() override;

 private:
  struct Script {
    ScriptFlags flags;
    int function = 0;     // a registry reference
    int last_return = 1;  // the line of the last `return`
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(Bytes name) const { return std::hash<Bytes>()(name); }
  };
  using Scripts = std::unordered_map<std::string, Script, NameHash, std::equal_to<>>;
  struct Running;

  // By name, in any case.
  Scripts::const_iterator Find(Bytes sha1) const;
  // Makes sure that there is a Lua state.
  Error Open();
  void Close();
  // The script of this text, compiled if it is new.
  Result<Scripts::const_iterator> Compile(Bytes sha1, Bytes body);
  Error Run(Scripts::const_iterator script, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink);

  const LuaHostOptions options_;
  const std::unique_ptr<HostState> state_;
  lua_State* L_ = nullptr;
  Scripts scripts_;  // by SHA-1
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_HOST_H_
