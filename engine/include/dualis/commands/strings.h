// String commands. Each struct is one Redis command, or a typed form of one; fields carry the words of Redis'
// documentation.
#ifndef DUALIS_COMMANDS_STRINGS_H_
#define DUALIS_COMMANDS_STRINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// GET key
struct Get {
  static constexpr CommandInfo kInfo{"GET",   kReadOnly | kFast,        Group::kString,
                                     "1.0.0", "Get the value of a key", "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
  }
};

// How SET, GETEX give an expiry.
enum class ExpiryUnit : uint8_t { kNone, kSeconds, kMillis, kUnixSeconds, kUnixMillis, kKeepTtl, kPersist };

// SET key value [NX | XX] [GET] [EX s | PX ms | EXAT unix-s | PXAT unix-ms | KEEPTTL]
// Replies OK, or null if the condition refused. With GET: the old value; use SetGet.
struct Set {
  static constexpr CommandInfo kInfo{"SET", kWrite | kDenyOom, Group::kString, "1.0.0", "Set the string value of a key",
                                     "O(1)"};
  using Reply = bool;
  enum class Condition : uint8_t { kAlways, kIfMissing, kIfExists };
  Key key;
  Bytes value;
  Condition condition = Condition::kAlways;
  bool get = false;
  ExpiryUnit unit = ExpiryUnit::kNone;
  Late<int64_t> expiry = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate | kKeyVariable));
    v.note("RW and ACCESS due to the optional `GET` argument");
    v.bytes(c.value, "value");
    v.trailing([&](auto& o) {
      o.choice("NX", c.condition, Condition::kIfMissing);
      o.choice("XX", c.condition, Condition::kIfExists);
      o.flag("GET", c.get);
      o.choice("EX", c.unit, ExpiryUnit::kSeconds, c.expiry);
      o.choice("PX", c.unit, ExpiryUnit::kMillis, c.expiry);
      o.choice("EXAT", c.unit, ExpiryUnit::kUnixSeconds, c.expiry);
      o.choice("PXAT", c.unit, ExpiryUnit::kUnixMillis, c.expiry);
      o.choice("KEEPTTL", c.unit, ExpiryUnit::kKeepTtl);
    });
    v.convert(c.expiry);
  }
  // Without GET it overwrites, unseen.
  static bool FindKeys(Args argv, std::vector<KeyPosition>* keys);
};

// SET ... GET: the value before, whether or not it was replaced.
struct SetGet : Set {
  using Reply = std::optional<std::string>;
  SetGet() { get = true; }
  explicit SetGet(Set set) : Set(set) { get = true; }
};

// GETDEL key
struct GetDel {
  static constexpr CommandInfo kInfo{
      "GETDEL", kWrite | kFast, Group::kString, "6.2.0", "Get the value of a key and delete the key", "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete));
  }
};

// GETEX key [EX s | PX ms | EXAT unix-s | PXAT unix-ms | PERSIST]
struct GetEx {
  static constexpr CommandInfo kInfo{
      "GETEX", kWrite | kFast, Group::kString, "6.2.0", "Get the value of a key and optionally set its expiration",
      "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  ExpiryUnit unit = ExpiryUnit::kNone;
  Late<int64_t> expiry = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.note("RW and UPDATE because it changes the TTL");
    v.trailing([&](auto& o) {
      o.choice("EX", c.unit, ExpiryUnit::kSeconds, c.expiry);
      o.choice("PX", c.unit, ExpiryUnit::kMillis, c.expiry);
      o.choice("EXAT", c.unit, ExpiryUnit::kUnixSeconds, c.expiry);
      o.choice("PXAT", c.unit, ExpiryUnit::kUnixMillis, c.expiry);
      o.choice("PERSIST", c.unit, ExpiryUnit::kPersist);
    });
  }
};

// INCR key
struct Incr {
  static constexpr CommandInfo kInfo{
      "INCR", kWrite | kDenyOom | kFast, Group::kString, "1.0.0", "Increment the integer value of a key by one",
      "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
  }
};

// DECR key
struct Decr {
  static constexpr CommandInfo kInfo{
      "DECR", kWrite | kDenyOom | kFast, Group::kString, "1.0.0", "Decrement the integer value of a key by one",
      "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
  }
};

// INCRBY key increment
struct IncrBy {
  static constexpr CommandInfo kInfo{"INCRBY",
                                     kWrite | kDenyOom | kFast,
                                     Group::kString,
                                     "1.0.0",
                                     "Increment the integer value of a key by the given amount",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  int64_t increment = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.number(c.increment, "increment");
  }
};

// DECRBY key decrement
struct DecrBy {
  static constexpr CommandInfo kInfo{"DECRBY",
                                     kWrite | kDenyOom | kFast,
                                     Group::kString,
                                     "1.0.0",
                                     "Decrement the integer value of a key by the given number",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  int64_t decrement = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.number(c.decrement, "decrement");
  }
};

// INCRBYFLOAT key increment. Computes in long double, as Redis does; the reply is the text of the new value.
struct IncrByFloat {
  static constexpr CommandInfo kInfo{"INCRBYFLOAT",
                                     kWrite | kDenyOom | kFast,
                                     Group::kString,
                                     "2.6.0",
                                     "Increment the float value of a key by the given amount",
                                     "O(1)"};
  using Reply = double;
  Key key;
  Late<double> increment = 0.0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.late(c.increment, "increment");
  }
};

// APPEND key value: the new length.
struct Append {
  static constexpr CommandInfo kInfo{"APPEND", kWrite | kDenyOom | kFast, Group::kString,
                                     "2.0.0",  "Append a value to a key", "O(1)"};
  using Reply = int64_t;
  Key key;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyInsert));
    v.bytes(c.value, "value");
  }
};

// SETEX key seconds value. SET with EX says the same.
struct SetEx {
  static constexpr CommandInfo kInfo{
      "SETEX", kWrite | kDenyOom, Group::kString, "2.0.0", "Set the value and expiration of a key", "O(1)"};
  using Reply = Ack;
  Key key;
  int64_t seconds = 0;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyUpdate));
    v.number(c.seconds, "seconds");
    v.bytes(c.value, "value");
  }
};

// PSETEX key milliseconds value
struct PSetEx {
  static constexpr CommandInfo kInfo{
      "PSETEX", kWrite | kDenyOom, Group::kString, "2.6.0", "Set the value and expiration in milliseconds of a key",
      "O(1)"};
  using Reply = Ack;
  Key key;
  int64_t milliseconds = 0;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyUpdate));
    v.number(c.milliseconds, "milliseconds");
    v.bytes(c.value, "value");
  }
};

// GETSET key value: the old value. SET with GET says the same.
struct GetSet {
  static constexpr CommandInfo kInfo{"GETSET",
                                     kWrite | kDenyOom | kFast,
                                     Group::kString,
                                     "1.0.0",
                                     "Set the string value of a key and return its old value",
                                     "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.bytes(c.value, "value");
  }
};

// STRLEN key
struct StrLen {
  static constexpr CommandInfo kInfo{
      "STRLEN", kReadOnly | kFast, Group::kString, "2.2.0", "Get the length of the value stored in a key", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, kKeyRO);
  }
};

// GETRANGE key start end
struct GetRange {
  static constexpr CommandInfo kInfo{
      "GETRANGE", kReadOnly, Group::kString, "2.4.0", "Get a substring of the string stored at a key", "O(N)"};
  using Reply = std::string;
  Key key;
  int64_t start = 0;
  int64_t end = -1;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.number(c.start, "start");
    v.number(c.end, "end");
  }
};

// SUBSTR key start end: GETRANGE by its first name.
struct SubStr {
  static constexpr CommandInfo kInfo{
      "SUBSTR", kReadOnly, Group::kString, "1.0.0", "Get a substring of the string stored at a key", "O(N)"};
  using Reply = std::string;
  Key key;
  int64_t start = 0;
  int64_t end = -1;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.number(c.start, "start");
    v.number(c.end, "end");
  }
};

// SETRANGE key offset value: the new length.
struct SetRange {
  static constexpr CommandInfo kInfo{"SETRANGE",
                                     kWrite | kDenyOom,
                                     Group::kString,
                                     "2.2.0",
                                     "Overwrite part of a string at key starting at the specified offset",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  int64_t offset = 0;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.number(c.offset, "offset");
    v.bytes(c.value, "value");
  }
};

// MGET key [key ...]: null for a key that is absent or no string.
struct MGet {
  static constexpr CommandInfo kInfo{
      "MGET", kReadOnly | kFast, Group::kString, "1.0.0", "Get the values of all the given keys", "O(N)"};
  using Reply = std::vector<std::optional<std::string>>;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.keys, "key");
  }
};

// One couple of MSET.
struct KeyValue {
  Key key;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyUpdate));
    v.bytes(c.value, "value");
  }
};

// MSET key value [key value ...]
struct MSet {
  static constexpr CommandInfo kInfo{
      "MSET", kWrite | kDenyOom, Group::kString, "1.0.1", "Set multiple keys to multiple values", "O(N)"};
  using Reply = Ack;
  Many<KeyValue> pairs;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.tuples(c.pairs, Uneven::kArity);
  }
};

// One couple of MSETNX.
struct NewKeyValue {
  Key key;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyInsert));
    v.bytes(c.value, "value");
  }
};

// MSETNX key value [key value ...]: all of them, or, if one of the keys exists, none.
struct MSetNx {
  static constexpr CommandInfo kInfo{"MSETNX",
                                     kWrite | kDenyOom,
                                     Group::kString,
                                     "1.0.1",
                                     "Set multiple keys to multiple values, only if none of the keys exist",
                                     "O(N)"};
  using Reply = bool;
  Many<NewKeyValue> pairs;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.tuples(c.pairs, Uneven::kArity);
  }
};

// SETNX key value
struct SetNx {
  static constexpr CommandInfo kInfo{"SETNX",
                                     kWrite | kDenyOom | kFast,
                                     Group::kString,
                                     "1.0.0",
                                     "Set the value of a key, only if the key does not exist",
                                     "O(1)"};
  using Reply = bool;
  Key key;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyOW | kKeyInsert));
    v.bytes(c.value, "value");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STRINGS_H_
