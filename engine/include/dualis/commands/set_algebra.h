// Unions, intersections and differences of sets. A key that is absent is an empty set.
#ifndef DUALIS_COMMANDS_SET_ALGEBRA_H_
#define DUALIS_COMMANDS_SET_ALGEBRA_H_

#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// SDIFF key [key ...]
// The members of the first set that are in none of the others.
struct SDiff {
  static constexpr CommandInfo kInfo{"SDIFF",
                                     kReadOnly,
                                     Group::kSet,
                                     "1.0.0",
                                     "Returns the difference of sets.",
                                     "O(N) with N the number of members of all sets."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key");
  }
};

// SINTER key [key ...]
// The members that all sets have.
struct SInter {
  static constexpr CommandInfo kInfo{"SINTER",
                                     kReadOnly,
                                     Group::kSet,
                                     "1.0.0",
                                     "Returns the intersection of sets.",
                                     "O(N*M) with N the size of the smallest set and M the number of sets."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key");
  }
};

// SUNION key [key ...]
// The members that any of the sets has.
struct SUnion {
  static constexpr CommandInfo kInfo{"SUNION",
                                     kReadOnly,
                                     Group::kSet,
                                     "1.0.0",
                                     "Returns the union of sets.",
                                     "O(N) with N the number of members of all sets."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key");
  }
};

// SDIFFSTORE destination key [key ...]
// Puts the difference under `destination`, whatever was there; an empty one removes the key. Replies with its size.
struct SDiffStore {
  static constexpr CommandInfo kInfo{"SDIFFSTORE",
                                     kWrite | kDenyOom,
                                     Group::kSet,
                                     "1.0.0",
                                     "Stores the difference of sets.",
                                     "O(N) with N the number of members of all sets."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyOverwrites, "destination");
    v.many(c.keys, "key", 0, kKeyReads);
  }
};

// SINTERSTORE destination key [key ...]
// Puts the intersection under `destination`, as SDIFFSTORE.
struct SInterStore {
  static constexpr CommandInfo kInfo{"SINTERSTORE",
                                     kWrite | kDenyOom,
                                     Group::kSet,
                                     "1.0.0",
                                     "Stores the intersection of sets.",
                                     "O(N*M) with N the size of the smallest set and M the number of sets."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyDefault, "destination");
    v.many(c.keys, "key", 0, kKeyReads);
  }
};

// SUNIONSTORE destination key [key ...]
// Puts the union under `destination`, as SDIFFSTORE.
struct SUnionStore {
  static constexpr CommandInfo kInfo{
      "SUNIONSTORE", kWrite | kDenyOom,           Group::kSet,
      "1.0.0",       "Stores the union of sets.", "O(N) with N the number of members of all sets."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyOverwrites, "destination");
    v.many(c.keys, "key", 0, kKeyReads);
  }
};

// SINTERCARD numkeys key [key ...] [LIMIT limit]
// The size of the intersection; counting ends at `limit`, 0: never.
struct SInterCard {
  static constexpr CommandInfo kInfo{"SINTERCARD",
                                     kReadOnly,
                                     Group::kSet,
                                     "7.0.0",
                                     "Returns the number of members of the intersection of sets.",
                                     "O(N*M) with N the size of the smallest set and M the number of sets."};
  using Reply = int64_t;
  Many<Key> keys;
  std::optional<int64_t> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kKeys);
    v.trailing([&](auto& o) {
      o.number("LIMIT", c.limit, errors::kLimitNegative);
      o.rule(c.limit.value_or(0) >= 0, errors::kLimitNegative);
    });
  }
  static constexpr CountRule kKeys = {1, &errors::kNumKeysNotPositive, &errors::kNumKeysNotPositive,
                                      &errors::kScriptKeysTooMany};
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SET_ALGEBRA_H_
