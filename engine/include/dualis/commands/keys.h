// Commands on keys of any type.
#ifndef DUALIS_COMMANDS_KEYS_H_
#define DUALIS_COMMANDS_KEYS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// DEL key [key ...]: how many were removed.
struct Del {
  static constexpr CommandInfo kInfo{"DEL", kWrite, Group::kGeneric, "1.0.0", "Delete a key", "O(N)"};
  using Reply = int64_t;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, static_cast<KeyUse>(kKeyRM | kKeyDelete));
  }
};

// UNLINK key [key ...]
struct Unlink {
  static constexpr CommandInfo kInfo{"UNLINK",
                                     kWrite | kFast,
                                     Group::kGeneric,
                                     "4.0.0",
                                     "Delete a key asynchronously in another thread. Otherwise it is just as DEL, but "
                                     "non blocking.",
                                     "O(N)"};
  using Reply = int64_t;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, static_cast<KeyUse>(kKeyRM | kKeyDelete));
  }
};

// EXISTS key [key ...]: how many of them exist; a key named twice counts twice.
struct Exists {
  static constexpr CommandInfo kInfo{"EXISTS", kReadOnly | kFast,           Group::kGeneric,
                                     "1.0.0",  "Determine if a key exists", "O(N)"};
  using Reply = int64_t;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, kKeyRO);
  }
};

// TOUCH key [key ...]
struct Touch {
  static constexpr CommandInfo kInfo{"TOUCH",
                                     kReadOnly | kFast,
                                     Group::kGeneric,
                                     "3.2.1",
                                     "Alters the last access time of a key(s). Returns the number of existing keys "
                                     "specified.",
                                     "O(N)"};
  using Reply = int64_t;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key", 0, kKeyRO);
  }
};

// TYPE key: "string", "list", "set", "zset", "hash", "stream" or "none".
struct Type {
  static constexpr CommandInfo kInfo{
      "TYPE", kReadOnly | kFast, Group::kGeneric, "1.0.0", "Determine the type stored at key", "O(1)"};
  using Reply = std::string;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

// The conditions of EXPIRE. GT and XX may be combined, and LT and XX; a key without expiry counts as infinitely late.
struct ExpireConditions {
  bool nx = false;
  bool xx = false;
  bool gt = false;
  bool lt = false;
};

// EXPIRE key seconds [NX | XX | GT | LT]. The four commands of this kind differ in name and unit only.
struct Expire {
  static constexpr CommandInfo kInfo{
      "EXPIRE", kWrite | kFast, Group::kGeneric, "1.0.0", "Set a key's time to live in seconds", "O(1)"};
  using Reply = bool;
  Key key;
  Late<int64_t> seconds = 0;
  ExpireConditions when;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    ExpireSyntax(c.key, c.seconds, "seconds", c.when, v);
  }
  template <class K, class T, class W, class V>
  static void ExpireSyntax(K& key, T& time, Bytes name, W& when, V& v) {
    v.key(key, static_cast<KeyUse>(kKeyRW | kKeyUpdate));
    v.late(time, name);
    v.trailing(
        [&](auto& o) {
          o.flag("NX", when.nx);
          o.flag("XX", when.xx);
          o.flag("GT", when.gt);
          o.flag("LT", when.lt);
        },
        "ERR Unsupported option ");
    v.rule(!(when.nx && (when.xx || when.gt || when.lt)), errors::kExpireNxConflict);
    v.rule(!(when.gt && when.lt), errors::kExpireGtLtConflict);
    v.convert(time);
  }
};

// PEXPIRE key milliseconds [NX | XX | GT | LT]
struct PExpire {
  static constexpr CommandInfo kInfo{
      "PEXPIRE", kWrite | kFast, Group::kGeneric, "2.6.0", "Set a key's time to live in milliseconds", "O(1)"};
  using Reply = bool;
  Key key;
  Late<int64_t> milliseconds = 0;
  ExpireConditions when;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    Expire::ExpireSyntax(c.key, c.milliseconds, "milliseconds", c.when, v);
  }
};

// EXPIREAT key unix-time-seconds [NX | XX | GT | LT]
struct ExpireAt {
  static constexpr CommandInfo kInfo{
      "EXPIREAT", kWrite | kFast, Group::kGeneric, "1.2.0", "Set the expiration for a key as a UNIX timestamp", "O(1)"};
  using Reply = bool;
  Key key;
  Late<int64_t> unix_seconds = 0;
  ExpireConditions when;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    Expire::ExpireSyntax(c.key, c.unix_seconds, "unix-time-seconds", c.when, v);
  }
};

// PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]
struct PExpireAt {
  static constexpr CommandInfo kInfo{"PEXPIREAT",
                                     kWrite | kFast,
                                     Group::kGeneric,
                                     "2.6.0",
                                     "Set the expiration for a key as a UNIX timestamp specified in milliseconds",
                                     "O(1)"};
  using Reply = bool;
  Key key;
  Late<int64_t> unix_milliseconds = 0;
  ExpireConditions when;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    Expire::ExpireSyntax(c.key, c.unix_milliseconds, "unix-time-milliseconds", c.when, v);
  }
};

// TTL key: seconds, rounded; -1 for a key without expiry, -2 for none.
struct Ttl {
  static constexpr CommandInfo kInfo{
      "TTL", kReadOnly | kFast, Group::kGeneric, "1.0.0", "Get the time to live for a key in seconds", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// PTTL key: the same in milliseconds.
struct PTtl {
  static constexpr CommandInfo kInfo{
      "PTTL", kReadOnly | kFast, Group::kGeneric, "2.6.0", "Get the time to live for a key in milliseconds", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// EXPIRETIME key: the Unix second at which it expires; -1 and -2 as TTL.
struct ExpireTime {
  static constexpr CommandInfo kInfo{
      "EXPIRETIME", kReadOnly | kFast, Group::kGeneric, "7.0.0", "Get the expiration Unix timestamp for a key", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// PEXPIRETIME key: the same in milliseconds.
struct PExpireTime {
  static constexpr CommandInfo kInfo{"PEXPIRETIME",
                                     kReadOnly | kFast,
                                     Group::kGeneric,
                                     "7.0.0",
                                     "Get the expiration Unix timestamp for a key in milliseconds",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// PERSIST key: whether an expiry was removed.
struct Persist {
  static constexpr CommandInfo kInfo{
      "PERSIST", kWrite | kFast, Group::kGeneric, "2.2.0", "Remove the expiration from a key", "O(1)"};
  using Reply = bool;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// KEYS pattern
struct Keys {
  static constexpr CommandInfo kInfo{
      "KEYS", kReadOnly | kDangerous, Group::kGeneric, "1.0.0", "Find all keys matching the given pattern", "O(N)"};
  using Reply = std::vector<KeyName>;
  KeyPattern pattern;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.pattern(c.pattern);
  }
};

// One step of a SCAN.
struct ScanReply {
  std::string cursor;  // "0": all were seen
  std::vector<KeyName> keys;
  auto members() { return std::tie(cursor, keys); }
};

// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
struct Scan {
  static constexpr CommandInfo kInfo{
      "SCAN", kReadOnly, Group::kGeneric, "2.8.0", "Incrementally iterate the keys space", "O(1) for every call"};
  using Reply = ScanReply;
  Bytes cursor = "0";
  std::optional<KeyPattern> match = {};
  std::optional<int64_t> count = {};
  std::optional<Bytes> type = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.cursor, "cursor");
    v.rule(IsCursor(c.cursor), errors::kInvalidCursor);
    v.trailing([&](auto& o) {
      o.option("MATCH", c.match);
      o.option("COUNT", c.count);
      o.option("TYPE", c.type);
      o.rule(c.count.value_or(1) >= 1, errors::kSyntax);
    });
  }
  static bool IsCursor(Bytes text);
};

// RANDOMKEY
struct RandomKey {
  static constexpr CommandInfo kInfo{
      "RANDOMKEY", kReadOnly | kVolatileReply, Group::kGeneric, "1.0.0", "Return a random key from the keyspace",
      "O(1)"};
  using Reply = std::optional<KeyName>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// RENAME key newkey
struct Rename {
  static constexpr CommandInfo kInfo{"RENAME", kWrite, Group::kGeneric, "1.0.0", "Rename a key", "O(1)"};
  using Reply = Ack;
  Key key;
  Key newkey;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete));
    v.key(c.newkey, static_cast<KeyUse>(kKeyOW | kKeyUpdate));
  }
};

// RENAMENX key newkey: false if newkey exists.
struct RenameNx {
  static constexpr CommandInfo kInfo{
      "RENAMENX", kWrite | kFast, Group::kGeneric, "1.0.0", "Rename a key, only if the new key does not exist", "O(1)"};
  using Reply = bool;
  Key key;
  Key newkey;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete));
    v.key(c.newkey, static_cast<KeyUse>(kKeyOW | kKeyInsert));
  }
};

// DBSIZE
struct DbSize {
  static constexpr CommandInfo kInfo{
      "DBSIZE", kReadOnly | kFast, Group::kServer, "1.0.0", "Return the number of keys in the selected database",
      "O(1)"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// Whether a flush frees memory at once; here it always does.
enum class FlushMode : uint8_t { kDefault, kAsync, kSync };

// One word at most.
template <class Field, class Options>
void FlushModeOption(Field& mode, Options& o) {
  if (mode != FlushMode::kDefault) {
    o.refuse("ASYNC", errors::kSyntax);
    o.refuse("SYNC", errors::kSyntax);
  }
  o.choice("ASYNC", mode, FlushMode::kAsync);
  o.choice("SYNC", mode, FlushMode::kSync);
}

// FLUSHALL [ASYNC | SYNC]: empties every database.
struct FlushAll {
  static constexpr CommandInfo kInfo{
      "FLUSHALL", kWrite | kDangerous, Group::kServer, "1.0.0", "Remove all keys from all databases", "O(N)"};
  using Reply = Ack;
  FlushMode mode = FlushMode::kDefault;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.trailing([&](auto& o) { FlushModeOption(c.mode, o); });
  }
};

// FLUSHDB [ASYNC | SYNC]
struct FlushDb {
  static constexpr CommandInfo kInfo{
      "FLUSHDB", kWrite | kDangerous, Group::kServer, "1.0.0", "Remove all keys from the current database", "O(N)"};
  using Reply = Ack;
  FlushMode mode = FlushMode::kDefault;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.trailing([&](auto& o) { FlushModeOption(c.mode, o); });
  }
};

// OBJECT ENCODING key
struct ObjectEncoding {
  static constexpr CommandInfo kInfo{"OBJECT ENCODING",
                                     kReadOnly,
                                     Group::kGeneric,
                                     "2.2.3",
                                     "Inspect the internal encoding of a Redis object",
                                     "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

// OBJECT REFCOUNT key: always 1, but for the small integers that Redis shares.
struct ObjectRefCount {
  static constexpr CommandInfo kInfo{"OBJECT REFCOUNT",
                                     kReadOnly,
                                     Group::kGeneric,
                                     "2.2.3",
                                     "Get the number of references to the value of the key",
                                     "O(1)"};
  using Reply = std::optional<int64_t>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

// OBJECT HELP
struct ObjectHelp {
  static constexpr CommandInfo kInfo{
      "OBJECT HELP", kLoading | kStale, Group::kGeneric, "6.2.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_KEYS_H_
