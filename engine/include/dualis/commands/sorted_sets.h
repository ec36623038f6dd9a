// The sorted set commands.
//
// A sorted set orders its members by score, then by their bytes. Bounds of ranges are words, as in Redis: a rank (0,
// -1), a score ("5", "(5" without 5 itself, "-inf", "+inf"), or a place among members of equal score ("[a", "(a", "-",
// "+").
#ifndef DUALIS_COMMANDS_SORTED_SETS_H_
#define DUALIS_COMMANDS_SORTED_SETS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// A member with its score.
struct ScoreMember {
  double score = 0;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.score, "score");
    v.bytes(c.member, "member");
  }
};

// LIMIT offset count: skips `offset` results and stops after `count`; a negative count means all.
struct RangeLimit {
  int64_t offset = 0;
  int64_t count = -1;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.offset, "offset");
    v.number(c.count, "count");
  }
};

// What the bounds of a range are.
enum class RangeBy : uint8_t { kRank, kScore, kLex };

// ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]
// Adds members or moves them to a new score. Replies with how many are new. With INCR use ZAddIncr.
struct ZAdd {
  static constexpr CommandInfo kInfo{"ZADD",
                                     kWrite | kDenyOom | kFast,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Adds members to a sorted set or changes their scores.",
                                     "O(log(N)) for each member."};
  using Reply = int64_t;
  Key key;
  Many<ScoreMember> members;
  bool if_missing = false;  // NX: only new members
  bool if_exists = false;   // XX: only present members
  bool if_greater = false;  // GT: present members only to a greater score
  bool if_less = false;     // LT: present members only to a smaller score
  bool changed = false;     // CH: the reply counts changed members too
  bool increment = false;   // INCR: adds to the score, as ZINCRBY
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.leading([&](auto& o) {
      o.flag("NX", c.if_missing);
      o.flag("XX", c.if_exists);
      o.flag("GT", c.if_greater);
      o.flag("LT", c.if_less);
      o.flag("CH", c.changed);
      o.flag("INCR", c.increment);
    });
    v.late_tuples(c.members, Uneven::kSyntax);
    v.rule(!(c.if_missing && c.if_exists), errors::kZAddNxXx);
    v.rule(c.if_missing + c.if_greater + c.if_less <= 1, errors::kZAddGtLtNx);
    v.rule(!c.increment || v.tuple_count(c.members) == 1, errors::kZAddIncrOne);
    v.convert(c.members);
  }
};
// ZADD key ... INCR increment member: the new score; null if a condition kept the member as it was.
struct ZAddIncr : ZAdd {
  using Reply = std::optional<double>;
  ZAddIncr() { increment = true; }
  explicit ZAddIncr(ZAdd add) : ZAdd(std::move(add)) { increment = true; }
};

// ZINCRBY key increment member
// Adds to the score of a member, 0 if it is missing. Replies with the new score.
struct ZIncrBy {
  static constexpr CommandInfo kInfo{"ZINCRBY",
                                     kWrite | kDenyOom | kFast,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Adds to the score of a member, 0 if there is none.",
                                     "O(log(N))"};
  using Reply = double;
  Key key;
  double increment = 0;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyComputes);
    v.number(c.increment, "increment");
    v.bytes(c.member, "member");
  }
};

// ZREM key member [member ...]
// Removes members, and the key with its last one. Replies with how many went.
struct ZRem {
  static constexpr CommandInfo kInfo{"ZREM",
                                     kWrite | kFast,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Removes members of a sorted set.",
                                     "O(log(N)) for each member."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.many(c.members, "member");
  }
};

// ZCARD key
// The number of members.
struct ZCard {
  static constexpr CommandInfo kInfo{
      "ZCARD", kReadOnly | kFast, Group::kSortedSet, "1.2.0", "Returns the number of members of a sorted set.", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
  }
};

// ZSCORE key member
// The score of a member; null if there is none.
struct ZScore {
  static constexpr CommandInfo kInfo{
      "ZSCORE", kReadOnly | kFast, Group::kSortedSet, "1.2.0", "Returns the score of a member of a sorted set.",
      "O(1)"};
  using Reply = std::optional<double>;
  Key key;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.member, "member");
  }
};

// ZMSCORE key member [member ...]
// The scores of several members; null where there is none.
struct ZMScore {
  static constexpr CommandInfo kInfo{"ZMSCORE",
                                     kReadOnly | kFast,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Returns the scores of several members of a sorted set.",
                                     "O(1) for each member."};
  using Reply = std::vector<std::optional<double>>;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.many(c.members, "member");
  }
};

// ZRANK key member [WITHSCORE]
// The rank of a member, 0 for the lowest score; null if there is none.
struct ZRank {
  static constexpr CommandInfo kInfo{
      "ZRANK",    kReadOnly | kFast, Group::kSortedSet, "2.0.0", "Returns the rank of a member, lowest score first.",
      "O(log(N))"};
  using Reply = std::optional<int64_t>;
  Key key;
  Bytes member;
  bool with_score = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.member, "member");
    v.trailing([&](auto& o) { o.flag("WITHSCORE", c.with_score); });
  }
};
// ZRANK key member WITHSCORE: rank and score.
struct ZRankWithScore : ZRank {
  using Reply = std::optional<std::pair<int64_t, double>>;
  ZRankWithScore(Key k = {}, Bytes m = {}) : ZRank{k, m, true} {}  // NOLINT(google-explicit-constructor)
};

// ZREVRANK key member [WITHSCORE]
// The rank of a member, 0 for the highest score; null if there is none.
struct ZRevRank {
  static constexpr CommandInfo kInfo{
      "ZREVRANK", kReadOnly | kFast, Group::kSortedSet, "2.0.0", "Returns the rank of a member, highest score first.",
      "O(log(N))"};
  using Reply = std::optional<int64_t>;
  Key key;
  Bytes member;
  bool with_score = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.member, "member");
    v.trailing([&](auto& o) { o.flag("WITHSCORE", c.with_score); });
  }
};
// ZREVRANK key member WITHSCORE: rank and score.
struct ZRevRankWithScore : ZRevRank {
  using Reply = std::optional<std::pair<int64_t, double>>;
  ZRevRankWithScore(Key k = {}, Bytes m = {}) : ZRevRank{k, m, true} {}  // NOLINT(google-explicit-constructor)
};

// ZRANGE key start stop [BYSCORE|BYLEX] [REV] [LIMIT offset count] [WITHSCORES]
// The members from start to stop, both included. With REV from the highest to the lowest, and for BYSCORE and BYLEX
// `start` is then the upper bound. With WITHSCORES use ZRangeWithScores.
struct ZRange {
  static constexpr CommandInfo kInfo{"ZRANGE",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Returns a range of members of a sorted set.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Arg start = 0;
  Arg stop = -1;
  RangeBy by = RangeBy::kRank;
  bool rev = false;
  std::optional<RangeLimit> limit;
  bool with_scores = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.start, "start");
    v.bytes(c.stop, "stop");
    v.trailing([&](auto& o) {
      // Unlike other options these may not be given twice.
      if (c.by != RangeBy::kRank) {
        o.refuse("BYSCORE", errors::kSyntax);
        o.refuse("BYLEX", errors::kSyntax);
      }
      if (c.rev) o.refuse("REV", errors::kSyntax);
      o.choice("BYSCORE", c.by, RangeBy::kScore);
      o.choice("BYLEX", c.by, RangeBy::kLex);
      o.flag("REV", c.rev);
      o.option("LIMIT", c.limit);
      o.flag("WITHSCORES", c.with_scores);
    });
    // Redis takes LIMIT with a count of -1 for no limit given.
    v.rule(!c.limit || c.limit->count == -1 || c.by != RangeBy::kRank, errors::kLimitNeedsBy);
    v.rule(!c.with_scores || c.by != RangeBy::kLex, errors::kWithScoresByLex);
  }
};
// ZRANGE ... WITHSCORES: members with their scores.
struct ZRangeWithScores : ZRange {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZRangeWithScores() { with_scores = true; }
  explicit ZRangeWithScores(ZRange range) : ZRange(std::move(range)) { with_scores = true; }
};

// ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset count]
// Puts what ZRANGE would reply under `dst`, whatever was there; nothing removes the key. Replies with its size.
struct ZRangeStore {
  static constexpr CommandInfo kInfo{"ZRANGESTORE",
                                     kWrite | kDenyOom,
                                     Group::kSortedSet,
                                     "6.2.0",
                                     "Stores a range of members of a sorted set.",
                                     "O(log(N)+M) with M the number of members stored."};
  using Reply = int64_t;
  Key dst;
  Key src;
  Arg min = 0;
  Arg max = -1;
  RangeBy by = RangeBy::kRank;
  bool rev = false;
  std::optional<RangeLimit> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.dst, kKeyOverwrites, "dst");
    v.key(c.src, kKeyReads, "src");
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
    v.trailing([&](auto& o) {
      if (c.by != RangeBy::kRank) {
        o.refuse("BYSCORE", errors::kSyntax);
        o.refuse("BYLEX", errors::kSyntax);
      }
      if (c.rev) o.refuse("REV", errors::kSyntax);
      o.choice("BYSCORE", c.by, RangeBy::kScore);
      o.choice("BYLEX", c.by, RangeBy::kLex);
      o.flag("REV", c.rev);
      o.option("LIMIT", c.limit);
    });
    v.rule(!c.limit || c.limit->count == -1 || c.by != RangeBy::kRank, errors::kLimitNeedsBy);
  }
};

// ZREVRANGE key start stop [WITHSCORES]
// The members from rank start to stop, highest score first.
struct ZRevRange {
  static constexpr CommandInfo kInfo{"ZREVRANGE",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Returns a range of members by rank, highest score first.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Arg start = 0;
  Arg stop = -1;
  bool with_scores = false;
  std::optional<RangeLimit> limit = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.start, "start");
    v.bytes(c.stop, "stop");
    v.trailing([&](auto& o) {
      o.flag("WITHSCORES", c.with_scores);
      o.option("LIMIT", c.limit);
    });
    // Only ranges by score or by words have one; but as with ZRANGE a count of -1 is none.
    v.rule(!c.limit || c.limit->count == -1, errors::kLimitNeedsBy);
  }
};
// ZREVRANGE ... WITHSCORES: members with their scores.
struct ZRevRangeWithScores : ZRevRange {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZRevRangeWithScores() { with_scores = true; }
  explicit ZRevRangeWithScores(ZRevRange range) : ZRevRange(std::move(range)) { with_scores = true; }
};

// ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]
// The members with min <= score <= max, lowest first.
struct ZRangeByScore {
  static constexpr CommandInfo kInfo{"ZRANGEBYSCORE",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "1.0.5",
                                     "Returns the members with scores in a range.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Arg min = "-inf";
  Arg max = "+inf";
  bool with_scores = false;
  std::optional<RangeLimit> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
    v.trailing([&](auto& o) {
      o.flag("WITHSCORES", c.with_scores);
      o.option("LIMIT", c.limit);
    });
  }
};
// ZRANGEBYSCORE ... WITHSCORES: members with their scores.
struct ZRangeByScoreWithScores : ZRangeByScore {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZRangeByScoreWithScores() { with_scores = true; }
  explicit ZRangeByScoreWithScores(ZRangeByScore range) : ZRangeByScore(std::move(range)) { with_scores = true; }
};

// ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]
// The members with min <= score <= max, highest first.
struct ZRevRangeByScore {
  static constexpr CommandInfo kInfo{"ZREVRANGEBYSCORE",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "2.2.0",
                                     "Returns the members with scores in a range, highest first.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Arg max = "+inf";
  Arg min = "-inf";
  bool with_scores = false;
  std::optional<RangeLimit> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.max, "max");
    v.bytes(c.min, "min");
    v.trailing([&](auto& o) {
      o.flag("WITHSCORES", c.with_scores);
      o.option("LIMIT", c.limit);
    });
  }
};
// ZREVRANGEBYSCORE ... WITHSCORES: members with their scores.
struct ZRevRangeByScoreWithScores : ZRevRangeByScore {
  using Reply = std::vector<std::pair<std::string, double>>;
  ZRevRangeByScoreWithScores() { with_scores = true; }
  explicit ZRevRangeByScoreWithScores(ZRevRangeByScore range) : ZRevRangeByScore(std::move(range)) {
    with_scores = true;
  }
};

// ZRANGEBYLEX key min max [LIMIT offset count]
// The members between two words, if all scores are equal.
struct ZRangeByLex {
  static constexpr CommandInfo kInfo{"ZRANGEBYLEX",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "2.8.9",
                                     "Returns the members between two words.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Bytes min = "-";
  Bytes max = "+";
  std::optional<RangeLimit> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
    v.trailing([&](auto& o) {
      o.option("LIMIT", c.limit);
      o.refuse("WITHSCORES", errors::kWithScoresByLex);
    });
  }
};

// ZREVRANGEBYLEX key max min [LIMIT offset count]
// The members between two words, the last one first, if all scores are equal.
struct ZRevRangeByLex {
  static constexpr CommandInfo kInfo{"ZREVRANGEBYLEX",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "2.8.9",
                                     "Returns the members between two words, the last one first.",
                                     "O(log(N)+M) with M the number of members returned."};
  using Reply = std::vector<std::string>;
  Key key;
  Bytes max = "+";
  Bytes min = "-";
  std::optional<RangeLimit> limit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.max, "max");
    v.bytes(c.min, "min");
    v.trailing([&](auto& o) {
      o.option("LIMIT", c.limit);
      o.refuse("WITHSCORES", errors::kWithScoresByLex);
    });
  }
};

// ZCOUNT key min max
// The number of members with min <= score <= max.
struct ZCount {
  static constexpr CommandInfo kInfo{"ZCOUNT",
                                     kReadOnly | kFast,
                                     Group::kSortedSet,
                                     "2.0.0",
                                     "Returns the number of members with scores in a range.",
                                     "O(log(N))"};
  using Reply = int64_t;
  Key key;
  Arg min = "-inf";
  Arg max = "+inf";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
  }
};

// ZLEXCOUNT key min max
// The number of members between two words, if all scores are equal.
struct ZLexCount {
  static constexpr CommandInfo kInfo{
      "ZLEXCOUNT", kReadOnly | kFast, Group::kSortedSet, "2.8.9", "Returns the number of members between two words.",
      "O(log(N))"};
  using Reply = int64_t;
  Key key;
  Bytes min = "-";
  Bytes max = "+";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
  }
};

// ZPOPMIN key [count]
// Removes and replies the members with the lowest scores; at most `count`, one without a count.
struct ZPopMin {
  static constexpr CommandInfo kInfo{"ZPOPMIN",
                                     kWrite | kFast,
                                     Group::kSortedSet,
                                     "5.0.0",
                                     "Removes and returns the members with the lowest scores.",
                                     "O(log(N)*M) with M the number of members popped."};
  using Reply = std::vector<std::pair<std::string, double>>;
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

// ZPOPMAX key [count]
// Removes and replies the members with the highest scores, the highest first; at most `count`, one without a count.
struct ZPopMax {
  static constexpr CommandInfo kInfo{"ZPOPMAX",
                                     kWrite | kFast,
                                     Group::kSortedSet,
                                     "5.0.0",
                                     "Removes and returns the members with the highest scores.",
                                     "O(log(N)*M) with M the number of members popped."};
  using Reply = std::vector<std::pair<std::string, double>>;
  Key key;
  std::optional<Late<int64_t>> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTakes);
    v.optional(c.count, "count");
    v.trailing([](auto&) {});
    v.rule(!c.count || c.count->value_or(-1) >= 0, errors::kNotPositive);
  }
};

// ZREMRANGEBYRANK key start stop
// Removes the members from rank start to stop. Replies with how many went.
struct ZRemRangeByRank {
  static constexpr CommandInfo kInfo{"ZREMRANGEBYRANK",
                                     kWrite,
                                     Group::kSortedSet,
                                     "2.0.0",
                                     "Removes the members in a range of ranks.",
                                     "O(log(N)+M) with M the number of members removed."};
  using Reply = int64_t;
  Key key;
  int64_t start = 0;
  int64_t stop = -1;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.number(c.start, "start");
    v.number(c.stop, "stop");
  }
};

// ZREMRANGEBYSCORE key min max
// Removes the members with min <= score <= max. Replies with how many went.
struct ZRemRangeByScore {
  static constexpr CommandInfo kInfo{"ZREMRANGEBYSCORE",
                                     kWrite,
                                     Group::kSortedSet,
                                     "1.2.0",
                                     "Removes the members with scores in a range.",
                                     "O(log(N)+M) with M the number of members removed."};
  using Reply = int64_t;
  Key key;
  Arg min = "-inf";
  Arg max = "+inf";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
  }
};

// ZREMRANGEBYLEX key min max
// Removes the members between two words, if all scores are equal. Replies with how many went.
struct ZRemRangeByLex {
  static constexpr CommandInfo kInfo{"ZREMRANGEBYLEX",
                                     kWrite,
                                     Group::kSortedSet,
                                     "2.8.9",
                                     "Removes the members between two words.",
                                     "O(log(N)+M) with M the number of members removed."};
  using Reply = int64_t;
  Key key;
  Bytes min = "-";
  Bytes max = "+";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.bytes(c.min, "min");
    v.bytes(c.max, "max");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SORTED_SETS_H_
