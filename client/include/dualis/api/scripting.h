// The commands that run Lua, as methods. See dualis/commands_api.h; dualis/client_script.h runs scripts written in C++.
#ifndef DUALIS_API_SCRIPTING_H_
#define DUALIS_API_SCRIPTING_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/functions.h"
#include "dualis/commands/scripting.h"

namespace dualis {

template <class Self>
class ScriptingCommands {
 public:
  auto eval(Bytes script, Many<Key> keys = {}, Many<Bytes> args = {}) {
    return Do(cmd::Eval{script, std::move(keys), std::move(args)});
  }
  auto evalsha(Bytes sha1, Many<Key> keys = {}, Many<Bytes> args = {}) {
    return Do(cmd::EvalSha{sha1, std::move(keys), std::move(args)});
  }
  auto script_load(Bytes script) { return Do(cmd::ScriptLoad{script}); }
  auto script_exists(Many<Bytes> sha1s) { return Do(cmd::ScriptExists{std::move(sha1s)}); }
  // Forgets everybody's scripts, also under a prefix.
  auto script_flush() { return Do(cmd::ScriptFlush{}); }
  auto script_kill() { return Do(cmd::ScriptKill{}); }
  auto fcall(Bytes function, Many<Key> keys = {}, Many<Bytes> args = {}) {
    return Do(cmd::FCall{function, std::move(keys), std::move(args)});
  }
  auto fcall_ro(Bytes function, Many<Key> keys = {}, Many<Bytes> args = {}) {
    return Do(cmd::FCallRo{{function, std::move(keys), std::move(args)}});
  }
  auto function_load(Bytes code, bool replace = false) { return Do(cmd::FunctionLoad(code, replace)); }
  auto function_delete(Bytes library) { return Do(cmd::FunctionDelete{library}); }
  auto function_flush() { return Do(cmd::FunctionFlush{}); }
  auto function_list(Many<Bytes> options = {}) { return Do(cmd::FunctionList{std::move(options)}); }
  auto function_stats() { return Do(cmd::FunctionStats{}); }
  auto function_kill() { return Do(cmd::FunctionKill{}); }
  auto function_dump() { return Do(cmd::FunctionDump{}); }
  auto function_restore(Bytes payload, Many<Bytes> policy = {}) {
    return Do(cmd::FunctionRestore{payload, std::move(policy)});
  }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SCRIPTING_H_
