// Unions, intersections and differences of sorted sets. A plain set may stand for a sorted set in which all scores are
// 1; a key that is absent is an empty set.
#ifndef DUALIS_COMMANDS_ZSET_ALGEBRA_H_
#define DUALIS_COMMANDS_ZSET_ALGEBRA_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// What becomes of the scores of a member that several sets have.
enum class Aggregate : uint8_t { kSum, kMin, kMax };

struct AggregateOption {
  Aggregate how = Aggregate::kSum;
  AggregateOption() = default;
  AggregateOption(Aggregate a) : how(a) {}  // NOLINT(google-explicit-constructor)
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.one_of(c.how, "aggregate", errors::kSyntax,
             {{"SUM", Aggregate::kSum}, {"MIN", Aggregate::kMin}, {"MAX", Aggregate::kMax}});
  }
};

inline constexpr CountRule kInputKeys = {1, &errors::kNotInteger, &errors::kTooFewInputKeys, &errors::kSyntax};

// ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
// The members that any of the sets has, in order. Scores are multiplied with the weight of their set first. With
// WITHSCORES use ZUnionWithScores.
struct ZUnion {
  static constexpr CommandInfo kInfo{"ZUNION",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Returns the union of sorted sets.",
                                     "O(N)+O(M*log(M)) with N the size of all sets and M the size of the result."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  Many<double> weights;
  std::optional<AggregateOption> aggregate;
  bool with_scores = false;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kInputKeys);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.repeated("WEIGHTS", c.weights, c.keys.size(), errors::kWeightNotFloat);
      o.option("AGGREGATE", c.aggregate);
      o.flag("WITHSCORES", c.with_scores);
    });
  }
};
// ZUNION ... WITHSCORES: members with their scores.
struct ZUnionWithScores : ZUnion {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZUnionWithScores() { with_scores = true; }
  explicit ZUnionWithScores(ZUnion c) : ZUnion(std::move(c)) { with_scores = true; }
};

// ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX] [WITHSCORES]
// The members that all sets have, in order, as ZUNION. With WITHSCORES use ZInterWithScores.
struct ZInter {
  static constexpr CommandInfo kInfo{
      "ZINTER",
      kReadOnly,
      Group::kSortedSet,
      "6.2.0",
      "Returns the intersection of sorted sets.",
      "O(N*K)+O(M*log(M)) with N the size of the smallest of K sets and M the size of the result."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  Many<double> weights;
  std::optional<AggregateOption> aggregate;
  bool with_scores = false;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kInputKeys);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.repeated("WEIGHTS", c.weights, c.keys.size(), errors::kWeightNotFloat);
      o.option("AGGREGATE", c.aggregate);
      o.flag("WITHSCORES", c.with_scores);
    });
  }
};
// ZINTER ... WITHSCORES: members with their scores.
struct ZInterWithScores : ZInter {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZInterWithScores() { with_scores = true; }
  explicit ZInterWithScores(ZInter c) : ZInter(std::move(c)) { with_scores = true; }
};

// ZDIFF numkeys key [key ...] [WITHSCORES]
// The members of the first set that are in none of the others, in order. With WITHSCORES use ZDiffWithScores.
struct ZDiff {
  static constexpr CommandInfo kInfo{"ZDIFF",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Returns the difference of sorted sets.",
                                     "O(N*K) with N the size of the first of K sets."};
  using Reply = std::vector<std::string>;
  Many<Key> keys;
  bool with_scores = false;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kInputKeys);
    v.late_errors(c.late);
    v.trailing([&](auto& o) { o.flag("WITHSCORES", c.with_scores); });
  }
};
// ZDIFF ... WITHSCORES: members with their scores.
struct ZDiffWithScores : ZDiff {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZDiffWithScores() { with_scores = true; }
  explicit ZDiffWithScores(ZDiff c) : ZDiff(std::move(c)) { with_scores = true; }
};

// ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
// Puts the union under `destination`, whatever was there; an empty one removes the key. Replies with its size.
struct ZUnionStore {
  static constexpr CommandInfo kInfo{"ZUNIONSTORE",
                                     kWrite | kDenyOom,
                                     Group::kSortedSet,
                                     "2.0.0",
                                     "Stores the union of sorted sets.",
                                     "O(N)+O(M*log(M)) with N the size of all sets and M the size of the result."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  Many<double> weights;
  std::optional<AggregateOption> aggregate;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyOverwrites, "destination");
    v.counted_keys(c.keys, kInputKeys, kKeyReads);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.repeated("WEIGHTS", c.weights, c.keys.size(), errors::kWeightNotFloat);
      o.option("AGGREGATE", c.aggregate);
    });
  }
};

// ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM|MIN|MAX]
// Puts the intersection under `destination`, as ZUNIONSTORE.
struct ZInterStore {
  static constexpr CommandInfo kInfo{
      "ZINTERSTORE",
      kWrite | kDenyOom,
      Group::kSortedSet,
      "2.0.0",
      "Stores the intersection of sorted sets.",
      "O(N*K)+O(M*log(M)) with N the size of the smallest of K sets and M the size of the result."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  Many<double> weights;
  std::optional<AggregateOption> aggregate;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyOverwrites, "destination");
    v.counted_keys(c.keys, kInputKeys, kKeyReads);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.repeated("WEIGHTS", c.weights, c.keys.size(), errors::kWeightNotFloat);
      o.option("AGGREGATE", c.aggregate);
    });
  }
};

// ZDIFFSTORE destination numkeys key [key ...]
// Puts the difference under `destination`, as ZUNIONSTORE.
struct ZDiffStore {
  static constexpr CommandInfo kInfo{"ZDIFFSTORE",
                                     kWrite | kDenyOom,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Stores the difference of sorted sets.",
                                     "O(N*K) with N the size of the first of K sets."};
  using Reply = int64_t;
  Key destination;
  Many<Key> keys;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.destination, kKeyOverwrites, "destination");
    v.counted_keys(c.keys, kInputKeys, kKeyReads);
    v.late_errors(c.late);
    v.trailing([](auto&) {});
  }
};

// ZINTERCARD numkeys key [key ...] [LIMIT limit]
// The size of the intersection; counting ends at `limit`, 0: never.
struct ZInterCard {
  static constexpr CommandInfo kInfo{"ZINTERCARD",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "7.0.0",
                                     "Returns the number of members of the intersection of sorted sets.",
                                     "O(N*K) with N the size of the smallest of K sets."};
  using Reply = int64_t;
  Many<Key> keys;
  std::optional<int64_t> limit;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kInputKeys);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.number("LIMIT", c.limit, errors::kLimitNegative);
      o.rule(c.limit.value_or(0) >= 0, errors::kLimitNegative);
    });
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_ZSET_ALGEBRA_H_
