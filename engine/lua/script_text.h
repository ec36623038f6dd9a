// The first line of a script that declares something: #!lua flags=no-writes,allow-oom
#ifndef DUALIS_ENGINE_LUA_SCRIPT_TEXT_H_
#define DUALIS_ENGINE_LUA_SCRIPT_TEXT_H_

#include "dualis/result.h"
#include "engine/command/script_host.h"

namespace dualis::lua {

struct ScriptText {
  ScriptFlags flags;
  Bytes code;  // without the first line, but with its line break, so that line numbers stay true
};

// Borrows from `body`. The errors are Redis'.
Result<ScriptText> ReadScriptText(Bytes body);

// Sets the flag of this name; false if there is none.
bool SetScriptFlag(ScriptFlags& flags, Bytes name);

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_SCRIPT_TEXT_H_
