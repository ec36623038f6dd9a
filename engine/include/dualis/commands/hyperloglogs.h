// HyperLogLog: how many different elements were added, to within a percent, in at most 12 kB.
#ifndef DUALIS_COMMANDS_HYPERLOGLOGS_H_
#define DUALIS_COMMANDS_HYPERLOGLOGS_H_

#include <cstdint>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// PFADD key [element [element ...]]: whether the estimate may have changed. Without elements it creates the key.
struct PfAdd {
  static constexpr CommandInfo kInfo{"PFADD",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHyperLogLog,
                                     "2.8.9",
                                     "Adds the specified elements to the specified HyperLogLog.",
                                     "O(1) to add every element."};
  using Reply = bool;
  Key key;
  Many<Bytes> elements;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyInsert));
    v.any(c.elements, "element");
  }
};

// PFCOUNT key [key ...]: the estimate for one, or for the union of several. Of one it is kept in the value, which so
// changes, although the command counts as reading.
struct PfCount {
  static constexpr CommandInfo kInfo{"PFCOUNT",
                                     kReadOnly | kMayReplicate,
                                     Group::kHyperLogLog,
                                     "2.8.9",
                                     "Return the approximated cardinality of the set(s) observed by the HyperLogLog at "
                                     "key(s).",
                                     "O(1) with a very small average constant time when called with a single key. O(N) "
                                     "with N being the number of keys, and much bigger constant times, when called "
                                     "with multiple keys."};
  using Reply = int64_t;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, static_cast<KeyUse>(kKeyRW | kKeyAccess));
    v.note("RW because it may change the internal representation of the key, and propagate to replicas");
  }
};

// PFMERGE destkey [sourcekey [sourcekey ...]]
struct PfMerge {
  static constexpr CommandInfo kInfo{"PFMERGE",
                                     kWrite | kDenyOom,
                                     Group::kHyperLogLog,
                                     "2.8.9",
                                     "Merge N different HyperLogLogs into a single one.",
                                     "O(N) to merge N HyperLogLogs, but with high constant times."};
  using Reply = Ack;
  Key destkey;
  Many<Key> sourcekeys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.destkey, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyInsert), "destkey");
    v.any(c.sourcekeys, "sourcekey", static_cast<KeyUse>(kKeyRO | kKeyAccess));
  }
};

// PFDEBUG GETREG | DECODE | ENCODING | TODENSE key: what a HyperLogLog is made of.
struct PfDebug {
  static constexpr CommandInfo kInfo{"PFDEBUG",
                                     kWrite | kDenyOom | kAdmin,
                                     Group::kHyperLogLog,
                                     "2.8.9",
                                     "Internal commands for debugging HyperLogLog values",
                                     "N/A"};
  using Reply = AnyReply;
  Bytes subcommand;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.subcommand, "subcommand");
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess));
  }
};

// PFSELFTEST
struct PfSelfTest {
  static constexpr CommandInfo kInfo{
      "PFSELFTEST", kAdmin, Group::kHyperLogLog, "2.8.9", "An internal command for testing HyperLogLog values", "N/A"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_HYPERLOGLOGS_H_
