// Commands that run Lua scripts.
#ifndef DUALIS_COMMANDS_SCRIPTING_H_
#define DUALIS_COMMANDS_SCRIPTING_H_

#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

inline constexpr CountRule kScriptKeys = {0, &errors::kNotInteger, &errors::kScriptKeysNegative,
                                          &errors::kScriptKeysTooMany};
inline constexpr uint32_t kScriptFlags = kNoScriptFlag | kStale | kSkipMonitor | kNoMandatoryKeys | kMovableKeys;

// What a script does with its keys nobody can tell.
template <class Self>
inline constexpr bool kReadsOnly = (Self::kInfo.flags & kReadOnly) != 0;
template <class Self>
inline constexpr KeyUse kScriptKeyUse = kReadsOnly<Self> ? kKeyDefault : kKeyComputes;
template <class Self>
inline constexpr Bytes kScriptKeyNote =
    kReadsOnly<Self> ? "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS"
                     : "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";

// EVAL script numkeys [key ...] [arg ...]
// Replies what the script returns; an error of the script is the error reply.
struct Eval {
  static constexpr CommandInfo kInfo{
      "EVAL",  kMayReplicate | kScriptFlags,       Group::kScripting,
      "2.6.0", "Execute a Lua script server side", "Depends on the script that is executed."};
  using Reply = AnyReply;
  Bytes script;
  Many<Key> keys;
  Many<Bytes> args;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.script, "script");
    v.counted_keys(c.keys, kScriptKeys, kScriptKeyUse<Self>);
    v.note(kScriptKeyNote<Self>);
    v.any(c.args, "arg");
  }
};

// EVAL_RO script numkeys [key ...] [arg ...]: refuses commands that write.
struct EvalRo : Eval {
  static constexpr CommandInfo kInfo{"EVAL_RO",
                                     kReadOnly | kScriptFlags,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Execute a read-only Lua script server side",
                                     "Depends on the script that is executed."};
};

// EVALSHA sha1 numkeys [key ...] [arg ...]: a script that was loaded or evaluated before; the NOSCRIPT error if not.
struct EvalSha {
  static constexpr CommandInfo kInfo{
      "EVALSHA", kMayReplicate | kScriptFlags,       Group::kScripting,
      "2.6.0",   "Execute a Lua script server side", "Depends on the script that is executed."};
  using Reply = AnyReply;
  static constexpr size_t kSha1Digits = 40;
  Bytes sha1;
  Many<Key> keys;
  Many<Bytes> args;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.sha1, "sha1");
    v.rule(c.sha1.size() == kSha1Digits, errors::kNoScript);
    v.counted_keys(c.keys, kScriptKeys, kScriptKeyUse<Self>);
    v.any(c.args, "arg");
  }
};

// EVALSHA_RO sha1 numkeys [key ...] [arg ...]
struct EvalShaRo : EvalSha {
  static constexpr CommandInfo kInfo{"EVALSHA_RO",
                                     kReadOnly | kScriptFlags,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Execute a read-only Lua script server side",
                                     "Depends on the script that is executed."};
};

// SCRIPT LOAD script: compiles and keeps it. Replies its name, 40 hexadecimal digits.
struct ScriptLoad {
  static constexpr CommandInfo kInfo{"SCRIPT LOAD",
                                     kNoScriptFlag | kStale,
                                     Group::kScripting,
                                     "2.6.0",
                                     "Load the specified Lua script into the script cache.",
                                     "O(N) with N being the length in bytes of the script body."};
  using Reply = std::string;
  Bytes script;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.script, "script");
  }
};

// SCRIPT EXISTS sha1 [sha1 ...]: 1 or 0 for each.
struct ScriptExists {
  static constexpr CommandInfo kInfo{
      "SCRIPT EXISTS",
      kNoScriptFlag,
      Group::kScripting,
      "2.6.0",
      "Check existence of scripts in the script cache.",
      "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation)."};
  using Reply = std::vector<int64_t>;
  Many<Bytes> sha1s;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.sha1s, "sha1");
  }
};

// SCRIPT FLUSH [ASYNC | SYNC]: forgets all scripts.
struct ScriptFlush {
  static constexpr CommandInfo kInfo{"SCRIPT FLUSH",
                                     kNoScriptFlag,
                                     Group::kScripting,
                                     "2.6.0",
                                     "Remove all the scripts from the script cache.",
                                     "O(N) with N being the number of scripts in cache"};
  using Reply = Ack;
  Many<Bytes> mode;  // none or one word; both words mean the same
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.mode, "async");
  }
};

// SCRIPT KILL: ends the script that runs now, unless it wrote. Runs beside a script, without waiting for it.
struct ScriptKill {
  static constexpr CommandInfo kInfo{
      "SCRIPT KILL", kNoScriptFlag | kAllowBusy, Group::kScripting, "2.6.0", "Kill the script currently in execution.",
      "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// SCRIPT DEBUG YES | SYNC | NO: there is no debugger; NO is accepted.
struct ScriptDebug {
  static constexpr CommandInfo kInfo{
      "SCRIPT DEBUG", kNoScriptFlag, Group::kScripting, "3.2.0", "Set the debug mode for executed scripts.", "O(1)"};
  using Reply = Ack;
  Bytes mode;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.mode, "mode");
  }
};

// SCRIPT HELP
struct ScriptHelp {
  static constexpr CommandInfo kInfo{
      "SCRIPT HELP", kLoading | kStale, Group::kScripting, "5.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SCRIPTING_H_
