// The commands that pop from the first of several sorted sets, and wait for one.
#ifndef DUALIS_COMMANDS_ZSET_POPS_H_
#define DUALIS_COMMANDS_ZSET_POPS_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// Which members go first: those with the lowest scores, or with the highest.
enum class ZSetEnd : uint8_t { kMin, kMax };

// A popped couple's reply: the key, and its members with their scores.
using ZSetPopped = std::optional<std::pair<KeyName, std::vector<std::pair<std::string, double>>>>;

// ZMPOP numkeys key [key ...] MIN|MAX [COUNT count]
// Up to `count` members, one if it is not given, with the lowest or highest scores of the first sorted set that has
// any, and the name of its key; null if all are empty.
struct ZMPop {
  static constexpr CommandInfo kInfo{
      "ZMPOP",
      kWrite,
      Group::kSortedSet,
      "7.0.0",
      "Removes and returns members of the first of several sorted sets that has any.",
      "O(K)+O(M*log(N)) with K the number of keys and M the number of members returned."};
  using Reply = ZSetPopped;
  Many<Key> keys;
  ZSetEnd where = ZSetEnd::kMin;
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kPopKeys, kKeyTakes);
    v.one_of(c.where, "where", errors::kSyntax, {{"MIN", ZSetEnd::kMin}, {"MAX", ZSetEnd::kMax}});
    v.trailing([&](auto& o) {
      if (c.count) o.refuse("COUNT", errors::kSyntax);
      o.number("COUNT", c.count, errors::kCountNotPositive);
      o.rule(c.count.value_or(1) > 0, errors::kCountNotPositive);
    });
  }
};

// BZMPOP timeout numkeys key [key ...] MIN|MAX [COUNT count]
// ZMPOP that waits for a member up to `timeout` seconds (0: for ever). Null after the timeout; inside MULTI and scripts
// at once.
struct BZMPop {
  static constexpr CommandInfo kInfo{
      "BZMPOP",
      kWrite | kBlocking,
      Group::kSortedSet,
      "7.0.0",
      "Removes and returns members of the first of several sorted sets that has any; waits for one.",
      "O(K)+O(M*log(N)) with K the number of keys and M the number of members returned."};
  using Reply = ZSetPopped;
  Late<double> timeout;
  Many<Key> keys;
  ZSetEnd where = ZSetEnd::kMin;
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.late(c.timeout, "timeout");
    v.counted_keys(c.keys, kPopKeys, kKeyTakes);
    v.one_of(c.where, "where", errors::kSyntax, {{"MIN", ZSetEnd::kMin}, {"MAX", ZSetEnd::kMax}});
    v.trailing([&](auto& o) {
      if (c.count) o.refuse("COUNT", errors::kSyntax);
      o.number("COUNT", c.count, errors::kCountNotPositive);
      o.rule(c.count.value_or(1) > 0, errors::kCountNotPositive);
    });
    v.convert(c.timeout, errors::kTimeoutNotFloat);
    v.rule(c.timeout.value_or(0) >= 0, errors::kTimeoutNegative);
  }
};

// BZPOPMIN key [key ...] timeout
// The member with the lowest score of the first sorted set that has any, with its key and score; waits up to `timeout`
// seconds for one (0: for ever). Null after the timeout; inside MULTI and scripts at once.
struct BZPopMin {
  static constexpr CommandInfo kInfo{
      "BZPOPMIN",
      kWrite | kBlocking | kFast,
      Group::kSortedSet,
      "5.0.0",
      "Removes and returns the member with the lowest score of one of the sorted sets; waits for one.",
      "O(log(N))"};
  using Reply = std::optional<std::tuple<KeyName, std::string, double>>;
  Many<Key> keys;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key", 1, kKeyTakes);
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

// BZPOPMAX key [key ...] timeout
// The member with the highest score, as BZPOPMIN.
struct BZPopMax {
  static constexpr CommandInfo kInfo{
      "BZPOPMAX",
      kWrite | kBlocking | kFast,
      Group::kSortedSet,
      "5.0.0",
      "Removes and returns the member with the highest score of one of the sorted sets; waits for one.",
      "O(log(N))"};
  using Reply = std::optional<std::tuple<KeyName, std::string, double>>;
  Many<Key> keys;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key", 1, kKeyTakes);
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_ZSET_POPS_H_
