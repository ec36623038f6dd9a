// The libraries of functions of one engine, as FUNCTION and FCALL see them. The host (engine/lua) implements it.
#ifndef DUALIS_ENGINE_COMMAND_FUNCTION_HOST_H_
#define DUALIS_ENGINE_COMMAND_FUNCTION_HOST_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dualis/reply.h"
#include "dualis/result.h"
#include "engine/command/script_host.h"

namespace dualis {

struct FunctionInfo {
  std::string name;
  std::optional<std::string> description;
  ScriptFlags flags;
};

struct LibraryInfo {
  std::string name;
  std::string code;
  std::vector<FunctionInfo> functions;
};

// A function that runs, and the words that called it. Borrowed from the call.
struct RunningFunction {
  Bytes name;
  Args words;
  TimeMs since = 0;  // of the monotonic clock
};

// One call at a time, under the engine's gate, except Kill.
class FunctionHost {
 public:
  virtual ~FunctionHost() = default;

  // FUNCTION LOAD: the library's name. With `replace` it takes the place of one that has the same name. After an error
  // everything is as before.
  virtual Result<std::string> Load(Bytes code, bool replace) = 0;

  // FUNCTION RESTORE: loads all of these libraries, or none. What meets one of its name: kFlush removes all others
  // first, kAppend is an error, kReplace replaces it.
  enum class OnConflict { kFlush, kAppend, kReplace };
  virtual Error Restore(std::span<const std::string> codes, OnConflict on_conflict) = 0;

  // FUNCTION DELETE; false if there is no such library.
  virtual bool Delete(Bytes library) = 0;
  // FUNCTION FLUSH: starts over with a new Lua state.
  virtual void Flush() = 0;

  // By name. Valid until the next change.
  virtual std::vector<const LibraryInfo*> libraries() const = 0;
  // The function of this name, in any case; null if there is none.
  virtual const FunctionInfo* Find(Bytes function) const = 0;
  // FCALL. Requires: Find(function). An error of the function is returned, with Redis' text; else its reply was
  // emitted.
  virtual Error Call(Bytes function, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) = 0;
  // For FUNCTION STATS; null if none runs.
  virtual const RunningFunction* running() const = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_FUNCTION_HOST_H_
