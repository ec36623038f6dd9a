// FUNCTION and FCALL: libraries of Lua functions that are loaded once and called by name.
#ifndef DUALIS_COMMANDS_FUNCTIONS_H_
#define DUALIS_COMMANDS_FUNCTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "dualis/commands/scripting.h"

namespace dualis::cmd {

inline constexpr CountRule kFunctionKeys = {0, &errors::kFunctionKeysBad, &errors::kFunctionKeysNegative,
                                            &errors::kFunctionKeysTooMany};

// FCALL function numkeys [key ...] [arg ...]
// Replies what the function returns; an error of the function is the error reply.
struct FCall {
  static constexpr CommandInfo kInfo{
      "FCALL", kMayReplicate | kScriptFlags, Group::kScripting,
      "7.0.0", "Invoke a function",          "Depends on the function that is executed."};
  using Reply = AnyReply;
  Bytes function;
  Many<Key> keys;
  Many<Bytes> args;
  Error wrong_keys = {};  // numkeys is looked at after the function
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.function, "name");
    v.late_counted_keys(c.wrong_keys, c.keys, kFunctionKeys, kScriptKeyUse<Self>);
    v.note(kScriptKeyNote<Self>);
    v.any(c.args, "arg");
  }
};

// FCALL_RO function numkeys [key ...] [arg ...]: only of functions that are flagged no-writes.
struct FCallRo : FCall {
  static constexpr CommandInfo kInfo{
      "FCALL_RO", kReadOnly | kScriptFlags,      Group::kScripting,
      "7.0.0",    "Invoke a read-only function", "Depends on the function that is executed."};
};

// FUNCTION LOAD [REPLACE] code
// Loads a library, whose first line names it (#!lua name=mylib). Replies its name.
struct FunctionLoad {
  static constexpr CommandInfo kInfo{"FUNCTION LOAD",
                                     kWrite | kDenyOom | kNoScriptFlag,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Create a function with the given arguments (name, code, description)",
                                     "O(1) (considering compilation time is redundant)"};
  using Reply = std::string;
  bool replace = false;
  Many<Bytes> words;  // the code; Run refuses words before it
  FunctionLoad() = default;
  explicit FunctionLoad(Bytes code, bool replaces = false) : replace(replaces), words{code} {}
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.at_least(3);
    v.leading([&](auto& o) { o.flag("REPLACE", c.replace); });
    v.any(c.words, "function-code");
  }
};

// FUNCTION DELETE library
struct FunctionDelete {
  static constexpr CommandInfo kInfo{"FUNCTION DELETE", kWrite | kNoScriptFlag,      Group::kScripting,
                                     "7.0.0",           "Delete a function by name", "O(1)"};
  using Reply = Ack;
  Bytes library;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.library, "library-name");
  }
};

// FUNCTION FLUSH [ASYNC | SYNC]: forgets all libraries; both words mean the same.
struct FunctionFlush {
  static constexpr CommandInfo kInfo{"FUNCTION FLUSH",         kWrite | kNoScriptFlag,
                                     Group::kScripting,        "7.0.0",
                                     "Deleting all functions", "O(N) where N is the number of functions deleted"};
  using Reply = Ack;
  Many<Bytes> mode;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.mode, "async");
  }
};

// FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]
// A map a library: library_name, engine, functions (maps of name, description, flags) and, if asked, library_code.
struct FunctionList {
  static constexpr CommandInfo kInfo{"FUNCTION LIST",
                                     kNoScriptFlag,
                                     Group::kScripting,
                                     "7.0.0",
                                     "List information about all the functions",
                                     "O(N) where N is the number of functions"};
  using Reply = AnyReply;
  Many<Bytes> words;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.words, "option");
  }
};

// FUNCTION STATS: a map of running_script (null: none) and engines.
struct FunctionStats {
  static constexpr CommandInfo kInfo{
      "FUNCTION STATS",
      kNoScriptFlag | kAllowBusy,
      Group::kScripting,
      "7.0.0",
      "Return information about the function currently running (name, description, duration)",
      "O(1)"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// FUNCTION KILL: ends the function that runs now, unless it wrote. Runs beside it, without waiting for it.
struct FunctionKill {
  static constexpr CommandInfo kInfo{"FUNCTION KILL",
                                     kNoScriptFlag | kAllowBusy,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Kill the function currently in execution.",
                                     "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// FUNCTION DUMP: all libraries as bytes for FUNCTION RESTORE, here or in Redis.
struct FunctionDump {
  static constexpr CommandInfo kInfo{"FUNCTION DUMP",
                                     kNoScriptFlag,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Dump all functions into a serialized binary payload",
                                     "O(N) where N is the number of functions"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// FUNCTION RESTORE payload [FLUSH | APPEND | REPLACE]
// All libraries of the payload, or none. APPEND, the default, refuses a name that is there.
struct FunctionRestore {
  static constexpr CommandInfo kInfo{"FUNCTION RESTORE",
                                     kWrite | kDenyOom | kNoScriptFlag,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Restore all the functions on the given payload",
                                     "O(N) where N is the number of functions on the payload"};
  using Reply = Ack;
  Bytes payload;
  Many<Bytes> policy;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.payload, "serialized-value");
    v.any(c.policy, "policy");
  }
};

// FUNCTION HELP
struct FunctionHelp {
  static constexpr CommandInfo kInfo{"FUNCTION HELP",
                                     kLoading | kStale,
                                     Group::kScripting,
                                     "7.0.0",
                                     "Show helpful text about the different subcommands",
                                     "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_FUNCTIONS_H_
