// Sorted set commands. Every range, whatever its bounds are, becomes a range of ranks (RankRange) before it is read.
#include "dualis/commands/sorted_sets.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/range.h"
#include "engine/core/number_text.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

using Below = SortedSet::Below;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// A number as strtod reads it, to the last byte: unlike the scores of ZADD a bound may have leading spaces, be empty
// (0), overflow (infinity) or underflow.
std::optional<double> ParseLooseDouble(Bytes text) {
  if (text.empty()) return 0.0;
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  if (const auto value = ParseDouble(text)) return value;
  Bytes digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  const bool starts_number =
      !digits.empty() && (digits.front() == '.' || (digits.front() >= '0' && digits.front() <= '9'));
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (!starts_number || end != digits.data() + digits.size() || error != std::errc::result_out_of_range) {
    return std::nullopt;
  }
  const size_t exponent = digits.find_first_of("eE");
  const bool tiny = exponent != Bytes::npos ? digits.substr(exponent + 1, 1) == "-" : digits.front() == '.';
  const double magnitude = tiny ? 0 : std::numeric_limits<double>::infinity();
  return negative ? -magnitude : magnitude;
}

struct ScoreBound {
  double score = 0;
  bool exclusive = false;
};

// "5", "(5", "-inf".
std::optional<ScoreBound> ParseScoreBound(const Arg& word) {
  ScoreBound bound;
  if (!word.is_bytes()) {
    if (!word.ToDouble(&bound.score)) return std::nullopt;
    return bound;
  }
  // Read as a C string, which ends at a NUL.
  Bytes text = word.bytes.substr(0, word.bytes.find('\0'));
  if (!text.empty() && text.front() == '(') {
    bound.exclusive = true;
    text.remove_prefix(1);
  }
  const auto score = ParseLooseDouble(text);
  if (!score || std::isnan(*score)) return std::nullopt;
  bound.score = *score;
  return bound;
}

struct LexBound {
  enum Kind { kLowest, kHighest, kInclusive, kExclusive } kind = kLowest;
  Bytes text;
};

// "-", "+", "[a", "(a".
std::optional<LexBound> ParseLexBound(Bytes word) {
  if (word == "-") return LexBound{LexBound::kLowest, {}};
  if (word == "+") return LexBound{LexBound::kHighest, {}};
  if (word.empty() || (word.front() != '[' && word.front() != '(')) return std::nullopt;
  return LexBound{word.front() == '[' ? LexBound::kInclusive : LexBound::kExclusive, word.substr(1)};
}

// The bounds of a range, parsed; resolved against a set they are ranks.
class RankRange {
 public:
  static Result<RankRange> ByRank(const Arg& start, const Arg& stop) {
    RankRange range(RangeBy::kRank);
    if (!start.ToInt(&range.start_) || !stop.ToInt(&range.stop_)) return Error(&errors::kNotInteger);
    return range;
  }
  static Result<RankRange> ByScore(const Arg& min, const Arg& max) {
    const auto low = ParseScoreBound(min);
    const auto high = ParseScoreBound(max);
    if (!low || !high) return Error(&errors::kBoundNotFloat);
    RankRange range(RangeBy::kScore);
    range.min_score_ = *low;
    range.max_score_ = *high;
    return range;
  }
  static Result<RankRange> ByLex(Bytes min, Bytes max) {
    const auto low = ParseLexBound(min);
    const auto high = ParseLexBound(max);
    if (!low || !high) return Error(&errors::kBoundNotLex);
    RankRange range(RangeBy::kLex);
    range.min_lex_ = *low;
    range.max_lex_ = *high;
    return range;
  }

  // The ranks in this set. `rev`: ranks given as numbers count from the highest member.
  Slice In(const SortedSet& set, bool rev = false) const {
    if (by_ == RangeBy::kRank) {
      Slice slice = ClampRange(start_, stop_, set.size());
      if (rev) slice.begin = set.size() - slice.begin - slice.count;
      return slice;
    }
    const size_t first =
        by_ == RangeBy::kScore
            ? set.RankOfScore(min_score_.score, min_score_.exclusive ? Below::kLessOrEqual : Below::kLess)
            : LexRank(set, min_lex_, LexBound::kExclusive);
    const size_t last =
        by_ == RangeBy::kScore
            ? set.RankOfScore(max_score_.score, max_score_.exclusive ? Below::kLess : Below::kLessOrEqual)
            : LexRank(set, max_lex_, LexBound::kInclusive);
    return {first, last > first ? last - first : 0};
  }

 private:
  explicit RankRange(RangeBy by) : by_(by) {}

  // How many members are below the bound; a bound of kind `with_equal` has the equal member below it.
  static size_t LexRank(const SortedSet& set, const LexBound& bound, LexBound::Kind with_equal) {
    if (bound.kind == LexBound::kLowest) return 0;
    if (bound.kind == LexBound::kHighest) return set.size();
    return set.RankOfMember(bound.text, bound.kind == with_equal ? Below::kLessOrEqual : Below::kLess);
  }

  RangeBy by_;
  int64_t start_ = 0;
  int64_t stop_ = 0;
  ScoreBound min_score_;
  ScoreBound max_score_;
  LexBound min_lex_;
  LexBound max_lex_;
};

struct RangeReply {
  bool rev = false;
  bool with_scores = false;
  std::optional<RangeLimit> limit = std::nullopt;
};

// What LIMIT leaves of a range.
Slice Limited(Slice slice, const std::optional<RangeLimit>& given, bool rev) {
  const RangeLimit limit = given.value_or(RangeLimit{});
  const uint64_t skip = limit.offset < 0 ? slice.count : std::min<uint64_t>(limit.offset, slice.count);
  size_t left = slice.count - skip;
  if (limit.count >= 0) left = std::min<uint64_t>(limit.count, left);
  slice.begin += rev ? slice.count - skip - left : skip;
  slice.count = left;
  return slice;
}

Outcome EmitRange(ReadExec& x, const Key& key, const Result<RankRange>& range, const RangeReply& how, ReplySink& sink) {
  if (!range) return range.error();
  const auto set = x.Read<SortedSet>(key);
  if (!set) return set.error();
  const Slice slice = *set == nullptr ? Slice{} : Limited(range->In(**set, how.rev), how.limit, how.rev);
  sink.Begin(how.with_scores ? Shape::kPairs : Shape::kArray, slice.count);
  const auto emit = [&](Bytes member, double score) {
    sink.Bulk(member);
    if (how.with_scores) sink.Double(score);
  };
  if (slice.count > 0) {
    if (how.rev) {
      (*set)->ForRangeDown(slice.begin + slice.count - 1, slice.count, emit);
    } else {
      (*set)->ForRange(slice.begin, slice.count, emit);
    }
  }
  sink.End();
  return Outcome();
}

Result<int64_t> CountRange(ReadExec& x, const Key& key, const Result<RankRange>& range) {
  if (!range) return range.error();
  const auto set = x.Read<SortedSet>(key);
  if (!set) return set.error();
  return *set == nullptr ? int64_t{0} : static_cast<int64_t>(range->In(**set).count);
}

Result<int64_t> RemoveRange(Exec& x, const Key& key, const Result<RankRange>& range, Event event) {
  if (!range) return range.error();
  auto set = x.WriteExisting<SortedSet>(key);
  if (!set) return set.error();
  Edit<SortedSet>& edit = *set;
  if (!edit) return int64_t{0};
  const Slice slice = range->In(*edit);
  if (slice.count == 0) {
    edit.Unchanged();
    return int64_t{0};
  }
  edit->EraseRange(slice.begin, slice.count);
  edit.Changed(event);
  return static_cast<int64_t>(slice.count);
}

// What one member of ZADD did.
struct Added {
  enum What { kNothing, kNew, kMoved, kSame, kNan } what = kNothing;
  double score = 0;  // the member's, unless kNothing or kNan
};

Added AddMember(SortedSet& set, const ZAdd& c, double score, Bytes member) {
  const auto old = set.Find(member);
  if (!old) {
    if (c.if_exists) return {};
    set.Insert(member, score);
    return {Added::kNew, score};
  }
  if (c.if_missing) return {};
  if (c.increment) {
    score += *old;
    if (std::isnan(score)) return {Added::kNan, 0};
  }
  if ((c.if_less && score >= *old) || (c.if_greater && score <= *old)) return {};
  if (score == *old) return {Added::kSame, score};
  set.Update(member, score);
  return {Added::kMoved, score};
}

Outcome Pop(Exec& x, const Key& key, const std::optional<Late<int64_t>>& count, bool highest, ReplySink& sink) {
  auto set = x.WriteExisting<SortedSet>(key);
  if (!set) return set.error();
  Edit<SortedSet>& edit = *set;
  const uint64_t wanted = count ? static_cast<uint64_t>(count->value_or(0)) : 1;
  const size_t n = edit ? std::min<uint64_t>(wanted, edit->size()) : 0;
  // Without a count RESP3 has the couple itself, not an array of one couple.
  if (n > 0 && !count) {
    sink.Begin(Shape::kArray, 2);
  } else {
    sink.Begin(count ? Shape::kPairs : Shape::kArray, n);
  }
  const auto emit = [&](Bytes member, double score) {
    sink.Bulk(member);
    sink.Double(score);
  };
  if (n > 0) {
    if (highest) {
      edit->ForRangeDown(edit->size() - 1, n, emit);
      edit->EraseRange(edit->size() - n, n);
    } else {
      edit->ForRange(0, n, emit);
      edit->EraseRange(0, n);
    }
    edit.Changed(highest ? Event::kZPopMax : Event::kZPopMin);
  } else if (edit) {
    edit.Unchanged();
  }
  sink.End();
  return Outcome();
}

Outcome EmitRank(ReadExec& x, const Key& key, Bytes member, bool rev, bool with_score, ReplySink& sink) {
  const auto set = x.Read<SortedSet>(key);
  if (!set) return set.error();
  const auto rank = *set == nullptr ? std::nullopt : (*set)->Rank(member);
  if (!rank) {
    with_score ? sink.NullArray() : sink.Null();
    return Outcome();
  }
  if (with_score) sink.Begin(Shape::kArray, 2);
  sink.Int(static_cast<int64_t>(rev ? (*set)->size() - 1 - *rank : *rank));
  if (with_score) {
    sink.Double(*(*set)->Find(member));
    sink.End();
  }
  return Outcome();
}

}  // namespace

Outcome Run(Exec& x, const ZAdd& c, ReplySink& sink) {
  if (c.if_exists) {
    const auto present = x.Read<SortedSet>(c.key);
    if (!present) return present.error();
    if (*present == nullptr) {
      c.increment ? sink.Null() : sink.Int(0);
      return Outcome();
    }
  }
  auto set = x.Write<SortedSet>(c.key);
  if (!set) return set.error();
  Edit<SortedSet>& edit = *set;
  int64_t added = 0;
  int64_t moved = 0;
  Added last;
  for (const ScoreMember& m : c.members) {
    last = AddMember(*edit, c, m.score, m.member);
    if (last.what == Added::kNan) {
      edit.Unchanged();
      return Error(&errors::kScoreNan);
    }
    added += last.what == Added::kNew;
    moved += last.what == Added::kMoved;
    if (added + moved > 0) edit.ChangedSilently();  // should memory run out at the next member
  }
  if (added + moved > 0) {
    edit.Changed(c.increment ? Event::kZIncr : Event::kZAdd);
  } else {
    edit.Unchanged();
  }
  if (!c.increment) {
    sink.Int(c.changed ? added + moved : added);
  } else if (last.what == Added::kNothing) {
    sink.Null();
  } else {
    sink.Double(last.score);
  }
  return Outcome();
}

Outcome Run(Exec& x, const ZIncrBy& c, ReplySink& sink) {
  const ScoreMember member[] = {{c.increment, c.member}};
  ZAdd add{.key = c.key, .members = std::span<const ScoreMember>(member), .increment = true};
  return Run(x, add, sink);
}

Result<int64_t> Run(Exec& x, const ZRem& c) {
  auto set = x.WriteExisting<SortedSet>(c.key);
  if (!set) return set.error();
  Edit<SortedSet>& edit = *set;
  if (!edit) return int64_t{0};
  int64_t removed = 0;
  for (Bytes member : c.members) {
    removed += edit->Erase(member);
    if (edit->empty()) break;
  }
  if (removed > 0) {
    edit.Changed(Event::kZRem);
  } else {
    edit.Unchanged();
  }
  return removed;
}

Result<int64_t> Run(ReadExec& x, const ZCard& c) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  return *set == nullptr ? int64_t{0} : static_cast<int64_t>((*set)->size());
}

Result<std::optional<double>> Run(ReadExec& x, const ZScore& c) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  return *set == nullptr ? std::optional<double>() : (*set)->Find(c.member);
}

Outcome Run(ReadExec& x, const ZMScore& c, ReplySink& sink) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  sink.Begin(Shape::kArray, c.members.size());
  for (Bytes member : c.members) Emit(sink, *set == nullptr ? std::optional<double>() : (*set)->Find(member));
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const ZRank& c, ReplySink& sink) {
  return EmitRank(x, c.key, c.member, false, c.with_score, sink);
}
Outcome Run(ReadExec& x, const ZRevRank& c, ReplySink& sink) {
  return EmitRank(x, c.key, c.member, true, c.with_score, sink);
}

Outcome Run(ReadExec& x, const ZRange& c, ReplySink& sink) {
  const RangeReply how{c.rev, c.with_scores, c.by == RangeBy::kRank ? std::nullopt : c.limit};
  if (c.by == RangeBy::kRank) return EmitRange(x, c.key, RankRange::ByRank(c.start, c.stop), how, sink);
  // With REV the upper bound comes first.
  const Arg& min = c.rev ? c.stop : c.start;
  const Arg& max = c.rev ? c.start : c.stop;
  if (c.by == RangeBy::kScore) return EmitRange(x, c.key, RankRange::ByScore(min, max), how, sink);
  char low[Arg::kTextBytes];
  char high[Arg::kTextBytes];
  return EmitRange(x, c.key, RankRange::ByLex(min.Text(low), max.Text(high)), how, sink);
}

Result<int64_t> Run(Exec& x, const ZRangeStore& c) {
  const bool swapped = c.rev && c.by != RangeBy::kRank;
  const Arg& min = swapped ? c.max : c.min;
  const Arg& max = swapped ? c.min : c.max;
  char low[Arg::kTextBytes];
  char high[Arg::kTextBytes];
  const auto range = c.by == RangeBy::kRank    ? RankRange::ByRank(min, max)
                     : c.by == RangeBy::kScore ? RankRange::ByScore(min, max)
                                               : RankRange::ByLex(min.Text(low), max.Text(high));
  if (!range) return range.error();
  const auto set = x.Read<SortedSet>(c.src);
  if (!set) return set.error();
  const Slice all = *set == nullptr ? Slice{} : range->In(**set, c.rev);
  const Slice slice = c.by == RangeBy::kRank ? all : Limited(all, c.limit, c.rev);
  if (slice.count == 0) {
    x.Delete(c.dst);
    return int64_t{0};
  }
  auto result = x.NewValue<SortedSet>();
  (*set)->ForRange(slice.begin, slice.count, [&](Bytes member, double score) { result->Insert(member, score); });
  x.PutValue(c.dst, std::move(result));
  x.SendEvent(Event::kZRangeStore, c.dst);
  return static_cast<int64_t>(slice.count);
}

Outcome Run(ReadExec& x, const ZRevRange& c, ReplySink& sink) {
  return EmitRange(x, c.key, RankRange::ByRank(c.start, c.stop), {true, c.with_scores}, sink);
}
Outcome Run(ReadExec& x, const ZRangeByScore& c, ReplySink& sink) {
  return EmitRange(x, c.key, RankRange::ByScore(c.min, c.max), {false, c.with_scores, c.limit}, sink);
}
Outcome Run(ReadExec& x, const ZRevRangeByScore& c, ReplySink& sink) {
  return EmitRange(x, c.key, RankRange::ByScore(c.min, c.max), {true, c.with_scores, c.limit}, sink);
}
Outcome Run(ReadExec& x, const ZRangeByLex& c, ReplySink& sink) {
  return EmitRange(x, c.key, RankRange::ByLex(c.min, c.max), {false, false, c.limit}, sink);
}
Outcome Run(ReadExec& x, const ZRevRangeByLex& c, ReplySink& sink) {
  return EmitRange(x, c.key, RankRange::ByLex(c.min, c.max), {true, false, c.limit}, sink);
}

Result<int64_t> Run(ReadExec& x, const ZCount& c) { return CountRange(x, c.key, RankRange::ByScore(c.min, c.max)); }
Result<int64_t> Run(ReadExec& x, const ZLexCount& c) { return CountRange(x, c.key, RankRange::ByLex(c.min, c.max)); }

Result<int64_t> Run(Exec& x, const ZRemRangeByRank& c) {
  return RemoveRange(x, c.key, RankRange::ByRank(c.start, c.stop), Event::kZRemByRank);
}
Result<int64_t> Run(Exec& x, const ZRemRangeByScore& c) {
  return RemoveRange(x, c.key, RankRange::ByScore(c.min, c.max), Event::kZRemByScore);
}
Result<int64_t> Run(Exec& x, const ZRemRangeByLex& c) {
  return RemoveRange(x, c.key, RankRange::ByLex(c.min, c.max), Event::kZRemByLex);
}

Outcome Run(Exec& x, const ZPopMin& c, ReplySink& sink) { return Pop(x, c.key, c.count, false, sink); }
Outcome Run(Exec& x, const ZPopMax& c, ReplySink& sink) { return Pop(x, c.key, c.count, true, sink); }

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family SortedSetCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<ZAdd>(),      Add<ZCard>(),          Add<ZCount>(),           Add<ZIncrBy>(),
      Add<ZLexCount>(), Add<ZMScore>(),        Add<ZPopMax>(),          Add<ZPopMin>(),
      Add<ZRange>(),    Add<ZRangeByLex>(),    Add<ZRangeByScore>(),    Add<ZRank>(),
      Add<ZRem>(),      Add<ZRemRangeByLex>(), Add<ZRemRangeByRank>(),  Add<ZRemRangeByScore>(),
      Add<ZRevRange>(), Add<ZRevRangeByLex>(), Add<ZRevRangeByScore>(), Add<ZRevRank>(),
      Add<ZScore>(),    Add<ZRangeStore>(),
  };
  static constexpr const CommandRow* kForms[] = {
      AddForm<ZAddIncr>(),          AddForm<ZRangeWithScores>(),           AddForm<ZRangeByScoreWithScores>(),
      AddForm<ZRankWithScore>(),    AddForm<ZRevRangeByScoreWithScores>(), AddForm<ZRevRangeWithScores>(),
      AddForm<ZRevRankWithScore>(),
  };
  return {kCommands, kForms};
}

}  // namespace dualis
