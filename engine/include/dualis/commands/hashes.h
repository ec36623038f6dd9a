// The hash commands.
#ifndef DUALIS_COMMANDS_HASHES_H_
#define DUALIS_COMMANDS_HASHES_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// A field with its value.
struct FieldValue {
  Bytes field;
  Bytes value;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.bytes(c.field, "field");
    v.bytes(c.value, "value");
  }
};

// HSET key field value [field value ...]
// Replies with how many fields are new.
struct HSet {
  static constexpr CommandInfo kInfo{"HSET",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "2.0.0",
                                     "Sets fields of a hash, creating it if needed.",
                                     "O(1) for each field."};
  using Reply = int64_t;
  Key key;
  Many<FieldValue> fields;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.tuples(c.fields, Uneven::kArity);
  }
};

// HMSET key field value [field value ...]
// HSET with the reply OK.
struct HMSet {
  static constexpr CommandInfo kInfo{"HMSET",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "2.0.0",
                                     "Sets fields of a hash, creating it if needed.",
                                     "O(1) for each field."};
  using Reply = Ack;
  Key key;
  Many<FieldValue> fields;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.tuples(c.fields, Uneven::kArity);
  }
};

// HSETNX key field value
// Sets a field that does not exist yet. Replies whether it did.
struct HSetNx {
  static constexpr CommandInfo kInfo{
      "HSETNX", kWrite | kDenyOom | kFast, Group::kHash, "2.0.0", "Sets a field of a hash if it does not exist.",
      "O(1)"};
  using Reply = bool;
  Key key;
  Bytes field;
  Bytes value;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.bytes(c.field, "field");
    v.bytes(c.value, "value");
  }
};

// HGET key field
// The value of a field; null if there is none.
struct HGet {
  static constexpr CommandInfo kInfo{
      "HGET", kReadOnly | kFast, Group::kHash, "2.0.0", "Returns the value of a field of a hash.", "O(1)"};
  using Reply = std::optional<std::string>;
  Key key;
  Bytes field;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.field, "field");
  }
};

// HMGET key field [field ...]
// The values in the order of the fields; null where there is none.
struct HMGet {
  static constexpr CommandInfo kInfo{"HMGET",
                                     kReadOnly | kFast,
                                     Group::kHash,
                                     "2.0.0",
                                     "Returns the values of several fields of a hash.",
                                     "O(1) for each field."};
  using Reply = std::vector<std::optional<std::string>>;
  Key key;
  Many<Bytes> fields;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.many(c.fields, "field");
  }
};

// HDEL key field [field ...]
// Removes fields, and the key with its last one. Replies with how many went.
struct HDel {
  static constexpr CommandInfo kInfo{
      "HDEL", kWrite | kFast, Group::kHash, "2.0.0", "Removes fields of a hash.", "O(1) for each field."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> fields;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.many(c.fields, "field");
  }
};

// HGETALL key
// All fields with their values; nothing if there is no hash.
struct HGetAll {
  static constexpr CommandInfo kInfo{"HGETALL",
                                     kReadOnly,
                                     Group::kHash,
                                     "2.0.0",
                                     "Returns all fields and values of a hash.",
                                     "O(N) with N the size of the hash."};
  using Reply = std::map<std::string, std::string, std::less<>>;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
  }
};

// HKEYS key
// All fields.
struct HKeys {
  static constexpr CommandInfo kInfo{
      "HKEYS", kReadOnly, Group::kHash, "2.0.0", "Returns all fields of a hash.", "O(N) with N the size of the hash."};
  using Reply = std::vector<std::string>;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
  }
};

// HVALS key
// All values.
struct HVals {
  static constexpr CommandInfo kInfo{
      "HVALS", kReadOnly, Group::kHash, "2.0.0", "Returns all values of a hash.", "O(N) with N the size of the hash."};
  using Reply = std::vector<std::string>;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
  }
};

// HLEN key
// The number of fields.
struct HLen {
  static constexpr CommandInfo kInfo{
      "HLEN", kReadOnly | kFast, Group::kHash, "2.0.0", "Returns the number of fields of a hash.", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
  }
};

// HEXISTS key field
// Whether there is such a field.
struct HExists {
  static constexpr CommandInfo kInfo{
      "HEXISTS", kReadOnly | kFast, Group::kHash, "2.0.0", "Tells whether a field exists in a hash.", "O(1)"};
  using Reply = bool;
  Key key;
  Bytes field;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
    v.bytes(c.field, "field");
  }
};

// HSTRLEN key field
// The length of a value; 0 if there is none.
struct HStrLen {
  static constexpr CommandInfo kInfo{
      "HSTRLEN", kReadOnly | kFast, Group::kHash, "3.2.0", "Returns the length of the value of a field.", "O(1)"};
  using Reply = int64_t;
  Key key;
  Bytes field;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
    v.bytes(c.field, "field");
  }
};

// HINCRBY key field increment
// Adds to the integer in a field, 0 if it is missing. Replies with the sum.
struct HIncrBy {
  static constexpr CommandInfo kInfo{"HINCRBY",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "2.0.0",
                                     "Adds to the integer value of a field, 0 if there is none.",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  Bytes field;
  int64_t increment = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyComputes);
    v.bytes(c.field, "field");
    v.number(c.increment, "increment");
  }
};

// HINCRBYFLOAT key field increment
// Adds to the number in a field, 0 if it is missing. Replies with the sum, as the text that is now stored.
struct HIncrByFloat {
  static constexpr CommandInfo kInfo{"HINCRBYFLOAT",
                                     kWrite | kDenyOom | kFast,
                                     Group::kHash,
                                     "2.6.0",
                                     "Adds to the number in a field, 0 if there is none.",
                                     "O(1)"};
  using Reply = std::string;
  Key key;
  Bytes field;
  // Stays text until it runs: the sum is a long double, and a double would already have lost digits.
  Late<double> increment;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyComputes);
    v.bytes(c.field, "field");
    v.late(c.increment, "increment");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_HASHES_H_
