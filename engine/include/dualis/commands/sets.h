// The set commands.
#ifndef DUALIS_COMMANDS_SETS_H_
#define DUALIS_COMMANDS_SETS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// SADD key member [member ...]
// Replies with how many members are new.
struct SAdd {
  static constexpr CommandInfo kInfo{"SADD",
                                     kWrite | kDenyOom | kFast,
                                     Group::kSet,
                                     "1.0.0",
                                     "Adds members to a set, creating it if needed.",
                                     "O(1) for each member."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.many(c.members, "member");
  }
};

// SREM key member [member ...]
// Removes members, and the key with its last one. Replies with how many went.
struct SRem {
  static constexpr CommandInfo kInfo{
      "SREM", kWrite | kFast, Group::kSet, "1.0.0", "Removes members of a set.", "O(1) for each member."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.many(c.members, "member");
  }
};

// SISMEMBER key member
// Whether it is a member.
struct SIsMember {
  static constexpr CommandInfo kInfo{
      "SISMEMBER", kReadOnly | kFast, Group::kSet, "1.0.0", "Tells whether a set has a member.", "O(1)"};
  using Reply = bool;
  Key key;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
    v.bytes(c.member, "member");
  }
};

// SMISMEMBER key member [member ...]
// For each of the words 1 if it is a member, else 0.
struct SMIsMember {
  static constexpr CommandInfo kInfo{"SMISMEMBER",
                                     kReadOnly | kFast,
                                     Group::kSet,
                                     "6.2.0",
                                     "Tells for several words whether a set has them as members.",
                                     "O(1) for each member."};
  using Reply = std::vector<int64_t>;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.many(c.members, "member");
  }
};

// SMEMBERS key
// All members, in no particular order.
struct SMembers {
  static constexpr CommandInfo kInfo{
      "SMEMBERS", kReadOnly, Group::kSet, "1.0.0", "Returns all members of a set.", "O(N) with N the size of the set."};
  using Reply = std::vector<std::string>;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
  }
};

// SCARD key
// The number of members.
struct SCard {
  static constexpr CommandInfo kInfo{
      "SCARD", kReadOnly | kFast, Group::kSet, "1.0.0", "Returns the number of members of a set.", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
  }
};

// SPOP key [count]
// Removes and replies a random member; null if there is none. With a count use SPopCount.
struct SPop {
  static constexpr CommandInfo kInfo{"SPOP",
                                     kWrite | kFast | kVolatileReply,
                                     Group::kSet,
                                     "1.0.0",
                                     "Removes and returns random members of a set.",
                                     "O(N) with N the number of members returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTakes);
    v.optional(c.count, "count");
    v.trailing([](auto&) {});  // A further word is a syntax error, not one of arity.
    v.rule(!c.count || c.count->value_or(-1) >= 0, errors::kNotPositive);
  }
};
// SPOP key count: up to `count` members.
struct SPopCount : SPop {
  using Reply = std::vector<std::string>;
  SPopCount(Key k = {}, int64_t n = 1) : SPop{k, n} {}  // NOLINT(google-explicit-constructor)
};

// SRANDMEMBER key [count]
// A random member; null if there is none. With a count use SRandMemberCount.
struct SRandMember {
  static constexpr CommandInfo kInfo{
      "SRANDMEMBER", kReadOnly | kVolatileReply,         Group::kSet,
      "1.0.0",       "Returns random members of a set.", "O(N) with N the number of members returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.optional(c.count, "count");
    v.trailing([](auto&) {});
    v.convert(c.count);
    v.rule(!c.count || c.count->value_or(0) != INT64_MIN, errors::kCountOutOfRange);
  }
};
// SRANDMEMBER key count: up to `count` different members; a negative count: exactly that many, with repetitions.
struct SRandMemberCount : SRandMember {
  using Reply = std::vector<std::string>;
  SRandMemberCount(Key k = {}, int64_t n = 1) : SRandMember{k, n} {}  // NOLINT(google-explicit-constructor)
};

// SMOVE source destination member
// Moves a member from one set to another. Replies whether it was there.
struct SMove {
  static constexpr CommandInfo kInfo{
      "SMOVE", kWrite | kFast, Group::kSet, "1.0.0", "Moves a member from one set to another.", "O(1)"};
  using Reply = bool;
  Key source;
  Key destination;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.source, kKeyTakes);
    v.key(c.destination, kKeyInserts);
    v.bytes(c.member, "member");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SETS_H_
