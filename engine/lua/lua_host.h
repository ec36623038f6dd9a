// LuaHost: Redis' Lua scripts of one engine, in one LuaJIT state that is created when the first script arrives, and its
// libraries of functions, in another. A script is compiled once and kept under the SHA-1 of its text.
#ifndef DUALIS_ENGINE_LUA_LUA_HOST_H_
#define DUALIS_ENGINE_LUA_LUA_HOST_H_

#include <memory>
#include <string>
#include <unordered_map>

#include "engine/command/script_host.h"
#include "engine/lua/function_library.h"
#include "engine/lua/lua_runner.h"

namespace dualis::lua {

class LuaHost final : public ScriptHost {
 public:
  explicit LuaHost(const LuaHostOptions& options);

  Error Eval(Bytes body, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) override;
  Error EvalSha(Bytes sha1, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) override;
  Result<std::string> Load(Bytes body) override;
  bool Exists(Bytes sha1) const override;
  void Flush() override;
  ScriptFlags FlagsOf(Bytes body) const override;
  ScriptFlags FlagsOfSha(Bytes sha1) const override;
  Error Kill(ScriptKind kind) override;
  FunctionHost& functions() override { return functions_; }

 private:
  struct Script {
    ScriptFlags flags;
    int function = LUA_NOREF;
    int last_return = 1;
  };
  struct NameHash {
    using is_transparent = void;
    size_t operator()(Bytes name) const { return std::hash<Bytes>()(name); }
  };
  using Scripts = std::unordered_map<std::string, Script, NameHash, std::equal_to<>>;

  // By name, in any case.
  Scripts::const_iterator Find(Bytes sha1) const;
  // The script of this text, compiled if it is new.
  Result<Scripts::const_iterator> Compile(Bytes sha1, Bytes body);
  Error Run(Scripts::const_iterator script, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink);

  bool runs_script() const override { return runner_.running(); }
  bool busy() const { return runner_.running() || functions_.is_running(); }

  LuaRunner runner_;
  Scripts scripts_;  // by SHA-1
  FunctionLibraries functions_;
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_LUA_HOST_H_
