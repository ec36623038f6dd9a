// The commands of values and databases as bytes: DUMP and RESTORE, and the saving of snapshots.
#ifndef DUALIS_COMMANDS_SNAPSHOTS_H_
#define DUALIS_COMMANDS_SNAPSHOTS_H_

#include <optional>
#include <string>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// DUMP key
// The value as bytes that RESTORE takes, here or in a Redis of at least version 7.0 (7.4 for a hash with fields that
// expire). The expiry is not part of it. Null if the key is absent.
struct Dump {
  static constexpr CommandInfo kInfo{"DUMP",
                                     kReadOnly | kVolatileReply,
                                     Group::kGeneric,
                                     "2.6.0",
                                     "Return a serialized version of the value stored at the specified key.",
                                     "O(1) to access the key and O(N*M) to serialize it: N parts of M bytes."};
  using Reply = std::optional<std::string>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
// Makes a key of what DUMP gave. `ttl` is in milliseconds, 0: none; with ABSTTL it is a Unix time, and one that has
// passed makes no key. Bytes that are no dump are refused, and change nothing.
struct Restore {
  static constexpr CommandInfo kInfo{
      "RESTORE",
      kWrite | kDenyOom | kDangerous,
      Group::kGeneric,
      "2.6.0",
      "Create a key using the provided serialized value, previously obtained using DUMP.",
      "O(1) to create the key and O(N*M) to reconstruct the value: N parts of M bytes; "
      "for sorted sets O(N*M*log(N))."};
  using Reply = Ack;
  Key key;
  Late<int64_t> ttl = 0;
  Bytes serialized_value;
  bool replace = false;
  bool absttl = false;
  std::optional<int64_t> idletime;
  std::optional<int64_t> freq;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyUpdate));
    v.late(c.ttl, "ttl");
    v.bytes(c.serialized_value, "serialized-value");
    v.trailing([&](auto& o) {
      o.flag("REPLACE", c.replace);
      o.flag("ABSTTL", c.absttl);
      // Either excludes the other, as if it were unknown.
      if (!c.freq) o.option("IDLETIME", c.idletime);
      o.rule(!c.idletime || *c.idletime >= 0, errors::kInvalidIdleTime);
      if (!c.idletime) o.option("FREQ", c.freq);
      o.rule(!c.freq || (*c.freq >= 0 && *c.freq <= 255), errors::kInvalidFreq);
    });
  }
};

// RESTORE-ASKING: RESTORE, as the nodes of a cluster say it to each other.
struct RestoreAsking : Restore {
  static constexpr CommandInfo kInfo{"RESTORE-ASKING",
                                     kWrite | kDenyOom | kDangerous,
                                     Group::kServer,
                                     "3.0.0",
                                     "An internal command for migrating keys in a cluster",
                                     "As RESTORE."};
};

// SAVE
// Writes a snapshot to the file that the parameters `dir` and `dbfilename` name.
struct Save {
  static constexpr CommandInfo kInfo{"SAVE",
                                     kAdmin | kNoScriptFlag | kNoAsyncLoading | kNoMulti,
                                     Group::kServer,
                                     "1.0.0",
                                     "Synchronously save the dataset to disk",
                                     "O(N) where N is the total number of keys in all databases"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// BGSAVE [SCHEDULE]
// SAVE with another reply: an embedded engine does not fork, so the file is complete when the reply comes.
struct BgSave {
  static constexpr CommandInfo kInfo{
      "BGSAVE", kAdmin | kNoScriptFlag | kNoAsyncLoading,  Group::kServer,
      "1.0.0",  "Asynchronously save the dataset to disk", "O(N) where N is the total number of keys in all databases"};
  using Reply = std::string;
  bool schedule = false;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.trailing([&](auto& o) { o.flag("SCHEDULE", c.schedule); });
  }
};

// LASTSAVE: the Unix second of the last snapshot that was saved, or of the engine's creation.
struct LastSave {
  static constexpr CommandInfo kInfo{"LASTSAVE",
                                     kLoading | kStale | kFast | kVolatileReply,
                                     Group::kServer,
                                     "1.0.0",
                                     "Get the UNIX time stamp of the last successful save to disk",
                                     "O(1)",
                                     "admin dangerous"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// BGREWRITEAOF: what a server replies; the engine writes no append-only file.
struct BgRewriteAof {
  static constexpr CommandInfo kInfo{"BGREWRITEAOF", kAdmin | kNoScriptFlag | kNoAsyncLoading,      Group::kServer,
                                     "1.0.0",        "Asynchronously rewrite the append-only file", "O(1)"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SNAPSHOTS_H_
