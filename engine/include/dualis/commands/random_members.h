// HRANDFIELD and ZRANDMEMBER. SRANDMEMBER is with the sets.
#ifndef DUALIS_COMMANDS_RANDOM_MEMBERS_H_
#define DUALIS_COMMANDS_RANDOM_MEMBERS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// HRANDFIELD key [count [WITHVALUES]]
// A random field; null if there is none. With a count use HRandFieldCount or HRandFieldWithValues.
struct HRandField {
  static constexpr CommandInfo kInfo{
      "HRANDFIELD", kReadOnly | kVolatileReply,         Group::kHash,
      "6.2.0",      "Returns random fields of a hash.", "O(N) with N the number of fields returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  bool with_values = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.optional(c.count, "count");
    v.convert(c.count);
    v.rule(!c.count || c.count->value_or(0) != INT64_MIN, errors::kCountOutOfRange);
    v.trailing([&](auto& o) {
      if (c.with_values) o.refuse("WITHVALUES", errors::kSyntax);
      o.flag("WITHVALUES", c.with_values);
    });
    v.rule(!c.with_values || c.count, errors::kNotInteger);
    v.rule(!c.with_values || IsHalf(c.count->value_or(0)), errors::kValueOutOfRange);
  }
  // Couples of so many words can still be counted.
  static constexpr bool IsHalf(int64_t n) { return n >= -(INT64_MAX / 2) && n <= INT64_MAX / 2; }
};
// HRANDFIELD key count: up to `count` different fields; a negative count: exactly that many, with repetitions.
struct HRandFieldCount : HRandField {
  using Reply = std::vector<std::string>;
  HRandFieldCount(Key k = {}, int64_t n = 1) : HRandField{k, n} {}  // NOLINT(google-explicit-constructor)
};
// HRANDFIELD key count WITHVALUES: fields with their values.
struct HRandFieldWithValues : HRandField {
  using Reply = std::vector<std::pair<std::string, std::string>>;
  HRandFieldWithValues(Key k = {}, int64_t n = 1) : HRandField{k, n, true} {}  // NOLINT(google-explicit-constructor)
};

// ZRANDMEMBER key [count [WITHSCORES]]
// A random member; null if there is none. With a count use ZRandMemberCount or ZRandMemberWithScores.
struct ZRandMember {
  static constexpr CommandInfo kInfo{"ZRANDMEMBER",
                                     kReadOnly | kVolatileReply,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Returns random members of a sorted set.",
                                     "O(N) with N the number of members returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  bool with_scores = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.optional(c.count, "count");
    v.convert(c.count);
    v.rule(!c.count || c.count->value_or(0) != INT64_MIN, errors::kCountOutOfRange);
    v.trailing([&](auto& o) {
      if (c.with_scores) o.refuse("WITHSCORES", errors::kSyntax);
      o.flag("WITHSCORES", c.with_scores);
    });
    v.rule(!c.with_scores || c.count, errors::kNotInteger);
    v.rule(!c.with_scores || HRandField::IsHalf(c.count->value_or(0)), errors::kValueOutOfRange);
  }
};
// ZRANDMEMBER key count: up to `count` different members; a negative count: exactly that many, with repetitions.
struct ZRandMemberCount : ZRandMember {
  using Reply = std::vector<std::string>;
  ZRandMemberCount(Key k = {}, int64_t n = 1) : ZRandMember{k, n} {}  // NOLINT(google-explicit-constructor)
};
// ZRANDMEMBER key count WITHSCORES: members with their scores.
struct ZRandMemberWithScores : ZRandMember {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZRandMemberWithScores(Key k = {}, int64_t n = 1) : ZRandMember{k, n, true} {}  // NOLINT(google-explicit-constructor)
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_RANDOM_MEMBERS_H_
