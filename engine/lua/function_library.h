// FunctionLibraries: the libraries of FUNCTION LOAD, in a Lua state of their own. While a library is loaded it sees
// redis.register_function and little else, and what it registers is collected here; afterwards its functions see what
// scripts see.
#ifndef DUALIS_ENGINE_LUA_FUNCTION_LIBRARY_H_
#define DUALIS_ENGINE_LUA_FUNCTION_LIBRARY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/command/function_host.h"
#include "engine/lua/lua_runner.h"

namespace dualis::lua {

class FunctionLibraries final : public FunctionHost {
 public:
  explicit FunctionLibraries(const LuaHostOptions& options) : runner_(options) {}

  Result<std::string> Load(Bytes code, bool replace) override;
  Error Restore(std::span<const std::string> codes, OnConflict on_conflict) override;
  bool Delete(Bytes library) override;
  void Flush() override;
  std::vector<const LibraryInfo*> libraries() const override;
  const FunctionInfo* Find(Bytes function) const override;
  Error Call(Bytes function, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) override;
  const RunningFunction* running() const override { return is_running() ? &present_ : nullptr; }
  bool is_running() const { return runner_.running(); }
  LuaRunner& runner() { return runner_; }

 private:
  // A loaded library. Its functions' references are given back to Lua when the last holder goes.
  struct Library {
    explicit Library(LuaRunner& r) : runner(r) {}
    ~Library() {
      for (int reference : references) runner.Release(reference);
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    LuaRunner& runner;
    LibraryInfo info;
    std::vector<int> references;  // of info.functions
    int last_return = 1;
  };
  struct Place {
    const Library* library;
    size_t index;
  };
  // Replaced as a whole, so that a change that fails leaves nothing behind.
  struct Set {
    std::map<std::string, std::shared_ptr<const Library>, std::less<>> libraries;
    std::map<std::string, Place, std::less<>> functions;  // by name in lower case
  };

  Result<std::shared_ptr<const Library>> Create(std::string name, Bytes code, Bytes text);
  static Error Join(Set& set, std::shared_ptr<const Library> library);
  static void Leave(Set& set, const std::string& name);
  const Place* PlaceOf(Bytes function) const;

  LuaRunner runner_;
  Set set_;
  RunningFunction present_;  // while the runner runs it
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_FUNCTION_LIBRARY_H_
