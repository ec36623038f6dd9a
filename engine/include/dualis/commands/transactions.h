// MULTI, EXEC, DISCARD, WATCH, UNWATCH.
#ifndef DUALIS_COMMANDS_TRANSACTIONS_H_
#define DUALIS_COMMANDS_TRANSACTIONS_H_

#include <optional>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// MULTI: from here on commands are queued.
struct Multi {
  static constexpr CommandInfo kInfo{"MULTI",
                                     kNoScriptFlag | kLoading | kStale | kFast | kAllowBusy | kNotQueued,
                                     Group::kTransactions,
                                     "1.2.0",
                                     "Mark the start of a transaction block",
                                     "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// EXEC: runs what was queued as one turn; the replies in order, or null if a watched key changed.
struct Exec {
  static constexpr CommandInfo kInfo{"EXEC",
                                     kNoScriptFlag | kLoading | kStale | kSkipSlowlog | kNotQueued,
                                     Group::kTransactions,
                                     "1.2.0",
                                     "Execute all commands issued after MULTI",
                                     "Depends on commands in the transaction"};
  using Reply = std::optional<std::vector<AnyReply>>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// DISCARD: forgets what was queued, and the watches.
struct Discard {
  static constexpr CommandInfo kInfo{"DISCARD",
                                     kNoScriptFlag | kLoading | kStale | kFast | kAllowBusy | kNotQueued,
                                     Group::kTransactions,
                                     "2.0.0",
                                     "Discard all commands issued after MULTI",
                                     "O(N)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// WATCH key [key ...]: the next EXEC does nothing if one of them changed.
struct Watch {
  static constexpr CommandInfo kInfo{
      "WATCH", kNoScriptFlag | kLoading | kStale | kFast | kAllowBusy | kNotQueued,   Group::kTransactions,
      "2.2.0", "Watch the given keys to determine execution of the MULTI/EXEC block", "O(1) for every key."};
  using Reply = Ack;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, kKeyRO);
  }
};

// UNWATCH
struct Unwatch {
  static constexpr CommandInfo kInfo{"UNWATCH",
                                     kNoScriptFlag | kLoading | kStale | kFast | kAllowBusy,
                                     Group::kTransactions,
                                     "2.2.0",
                                     "Forget about all watched keys",
                                     "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_TRANSACTIONS_H_
