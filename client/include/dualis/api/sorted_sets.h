// The sorted set commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SORTED_SETS_H_
#define DUALIS_API_SORTED_SETS_H_

#include <optional>
#include <utility>
#include <vector>

#include "dualis/api/words.h"
#include "dualis/commands/collection_scans.h"
#include "dualis/commands/random_members.h"
#include "dualis/commands/sorted_sets.h"
#include "dualis/commands/zset_algebra.h"
#include "dualis/commands/zset_pops.h"

namespace dualis {

// The options of ZADD.
struct ZAddOptions {
  bool if_missing = false;  // NX
  bool if_exists = false;   // XX
  bool if_greater = false;  // GT
  bool if_less = false;     // LT
  bool changed = false;     // CH: the reply counts changed members too
};

// The options of ZRANGE.
struct ZRangeOptions {
  cmd::RangeBy by = cmd::RangeBy::kRank;  // BYSCORE, BYLEX
  bool rev = false;
  std::optional<cmd::RangeLimit> limit = {};  // {offset, count}
};

// The options of ZUNION and ZINTER.
struct ZCombineOptions {
  Many<double> weights = {};  // one for each key, or none
  std::optional<cmd::AggregateOption> aggregate = {};
};

template <class Self>
class SortedSetCommands {
 public:
  // Scores first, as in Redis: {{1.5, "a"}, {2, "b"}}.
  auto zadd(Key key, Many<cmd::ScoreMember> members, const ZAddOptions& options = {}) {
    return Do(ZAddOf(key, std::move(members), options));
  }
  auto zadd(Key key, double score, Bytes member, const ZAddOptions& options = {}) {
    return Do(ZAddOf(key, {{score, member}}, options));
  }
  template <Couples<double> Map>
  auto zadd(Key key, const Map& members, const ZAddOptions& options = {}) {
    std::vector<cmd::ScoreMember> words;
    for (const auto& [member, score] : members) words.push_back({score, member});
    return Do(ZAddOf(key, words, options));
  }
  // ZADD ... INCR: nothing if a condition kept the member as it was.
  auto zadd_incr(Key key, double increment, Bytes member, const ZAddOptions& options = {}) {
    return Do(cmd::ZAddIncr(ZAddOf(key, {{increment, member}}, options)));
  }
  auto zincrby(Key key, double increment, Bytes member) { return Do(cmd::ZIncrBy{key, increment, member}); }
  auto zrem(Key key, Many<Bytes> members) { return Do(cmd::ZRem{key, std::move(members)}); }
  template <Word... T>
  auto zrem(Key key, const T&... members) {
    return zrem(key, api::Words(members...));
  }
  auto zcard(Key key) { return Do(cmd::ZCard{key}); }
  auto zscore(Key key, Bytes member) { return Do(cmd::ZScore{key, member}); }
  auto zmscore(Key key, Many<Bytes> members) { return Do(cmd::ZMScore{key, std::move(members)}); }
  auto zrank(Key key, Bytes member) { return Do(cmd::ZRank{key, member, false}); }
  auto zrevrank(Key key, Bytes member) { return Do(cmd::ZRevRank{key, member, false}); }
  // Bounds are ranks (0, -1), scores (1.5, "(1.5", "-inf") or words ("[a", "(a", "-"), as `by` says.
  auto zrange(Key key, Arg start, Arg stop, const ZRangeOptions& options = {}) {
    return Do(ZRangeOf(key, start, stop, options));
  }
  auto zrange_with_scores(Key key, Arg start, Arg stop, const ZRangeOptions& options = {}) {
    return Do(cmd::ZRangeWithScores(ZRangeOf(key, start, stop, options)));
  }
  auto zcount(Key key, Arg min, Arg max) { return Do(cmd::ZCount{key, min, max}); }
  auto zpopmin(Key key) { return Do(cmd::ZPopMin{key, {}}); }
  auto zpopmin(Key key, int64_t count) { return Do(cmd::ZPopMin{key, count}); }
  auto zpopmax(Key key) { return Do(cmd::ZPopMax{key, {}}); }
  auto zpopmax(Key key, int64_t count) { return Do(cmd::ZPopMax{key, count}); }
  auto zremrangebyrank(Key key, int64_t start, int64_t stop) { return Do(cmd::ZRemRangeByRank{key, start, stop}); }
  auto zremrangebyscore(Key key, Arg min, Arg max) { return Do(cmd::ZRemRangeByScore{key, min, max}); }
  auto zrandmember(Key key) { return Do(cmd::ZRandMember{key, {}}); }
  auto zrandmember(Key key, int64_t count) { return Do(cmd::ZRandMemberCount(key, count)); }
  auto zrandmember_with_scores(Key key, int64_t count) { return Do(cmd::ZRandMemberWithScores(key, count)); }
  auto zscan(Key key, Bytes cursor, const CollectionScan& options = {}) {
    return Do(cmd::ZScan{key, cursor, options.match, options.count});
  }
  auto zrangestore(Key dst, Key src, Arg min, Arg max, const ZRangeOptions& options = {}) {
    return Do(cmd::ZRangeStore{dst, src, min, max, options.by, options.rev, options.limit});
  }
  auto zunion(Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZUnion{std::move(keys), options.weights, options.aggregate});
  }
  auto zunion_with_scores(Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZUnionWithScores({std::move(keys), options.weights, options.aggregate}));
  }
  auto zinter(Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZInter{std::move(keys), options.weights, options.aggregate});
  }
  auto zinter_with_scores(Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZInterWithScores({std::move(keys), options.weights, options.aggregate}));
  }
  auto zdiff(Many<Key> keys) { return Do(cmd::ZDiff{std::move(keys)}); }
  auto zdiff_with_scores(Many<Key> keys) { return Do(cmd::ZDiffWithScores({std::move(keys)})); }
  auto zunionstore(Key destination, Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZUnionStore{destination, std::move(keys), options.weights, options.aggregate});
  }
  auto zinterstore(Key destination, Many<Key> keys, const ZCombineOptions& options = {}) {
    return Do(cmd::ZInterStore{destination, std::move(keys), options.weights, options.aggregate});
  }
  auto zdiffstore(Key destination, Many<Key> keys) { return Do(cmd::ZDiffStore{destination, std::move(keys)}); }
  auto zintercard(Many<Key> keys, std::optional<int64_t> limit = {}) {
    return Do(cmd::ZInterCard{std::move(keys), limit});
  }
  auto zmpop(Many<Key> keys, cmd::ZSetEnd where, std::optional<int64_t> count = {}) {
    return Do(cmd::ZMPop{std::move(keys), where, count});
  }
  // A deadline of the call (client.within) bounds the waits, too.
  auto bzmpop(Many<Key> keys, cmd::ZSetEnd where, Seconds timeout, std::optional<int64_t> count = {}) {
    return Do(cmd::BZMPop{timeout.count(), std::move(keys), where, count});
  }
  auto bzpopmin(Many<Key> keys, Seconds timeout) { return Do(cmd::BZPopMin{std::move(keys), timeout.count()}); }
  auto bzpopmax(Many<Key> keys, Seconds timeout) { return Do(cmd::BZPopMax{std::move(keys), timeout.count()}); }

 private:
  static cmd::ZAdd ZAddOf(Key key, Many<cmd::ScoreMember> members, const ZAddOptions& o) {
    return {key, std::move(members), o.if_missing, o.if_exists, o.if_greater, o.if_less, o.changed, false};
  }
  static cmd::ZRange ZRangeOf(Key key, Arg start, Arg stop, const ZRangeOptions& o) {
    return {key, start, stop, o.by, o.rev, o.limit, false};
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SORTED_SETS_H_
