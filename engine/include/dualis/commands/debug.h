// DEBUG, SHUTDOWN, ROLE.
#ifndef DUALIS_COMMANDS_DEBUG_H_
#define DUALIS_COMMANDS_DEBUG_H_

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// DEBUG subcommand [argument ...]: what tests need; refused unless the parameter enable-debug-command allows it. What
// would crash a server or act on its allocator is refused.
struct Debug {
  static constexpr CommandInfo kInfo{"DEBUG",
                                     kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply,
                                     Group::kServer,
                                     "1.0.0",
                                     "A container for debugging commands",
                                     "Depends on subcommand."};
  using Reply = AnyReply;
  Bytes subcommand;
  Many<Bytes> arguments;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.subcommand, "subcommand");
    v.any(c.arguments, "argument");
  }
};

// SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]: stops the listener that serves the engine. An embedded engine has
// none, and says so.
struct Shutdown {
  static constexpr CommandInfo kInfo{
      "SHUTDOWN",
      kAdmin | kNoScriptFlag | kLoading | kStale | kNoMulti | kAllowBusy,
      Group::kServer,
      "1.0.0",
      "Synchronously save the dataset to disk and then shut down the server",
      "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)"};
  using Reply = Ack;
  Many<Bytes> options;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.options, "option");
  }
};

// ROLE: a master without replicas.
struct Role {
  static constexpr CommandInfo kInfo{"ROLE",
                                     kNoScriptFlag | kLoading | kStale | kFast,
                                     Group::kServer,
                                     "2.8.12",
                                     "Return the role of the instance in the context of replication",
                                     "O(1)",
                                     "admin dangerous"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_DEBUG_H_
