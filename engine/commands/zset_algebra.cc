// Unions, intersections and differences of sorted sets.
//
// The order in which scores are added up is Redis': from the smallest set to the largest, so that the last digit
// agrees.
#include "dualis/commands/zset_algebra.h"

#include <algorithm>
#include <cmath>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

// One of the sets: a sorted one, a plain one, or none.
struct Source {
  const SortedSet* sorted = nullptr;
  const dualis::Set* plain = nullptr;
  double weight = 1;

  size_t size() const { return sorted != nullptr ? sorted->size() : plain != nullptr ? plain->size() : 0; }
  bool Is(const Source& other) const { return sorted == other.sorted && plain == other.plain; }
  std::optional<double> Find(Bytes member) const {
    if (sorted != nullptr) return sorted->Find(member);
    if (plain != nullptr && plain->Contains(member)) return 1.0;
    return std::nullopt;
  }
  // Calls fn(Bytes member, double score).
  template <class Fn>
  void ForEach(Fn&& fn) const {
    if (sorted != nullptr) sorted->ForRange(0, sorted->size(), fn);
    if (plain != nullptr) plain->ForEach([&](Bytes member) { fn(member, 1.0); });
  }
};
using Sources = std::vector<Source>;

// Redis looks at the keys before it reads the options, whose error comes second.
Result<Sources> ReadAll(ReadExec& x, const Many<Key>& keys, const Many<double>& weights, const LateErrors& late) {
  Sources sources(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!weights.empty()) sources[i].weight = weights[i];
    const Entry* entry = x.Find(keys[i]);
    if (entry == nullptr) continue;
    if (entry->type() == ValueType::kSortedSet) {
      sources[i].sorted = static_cast<const SortedSet*>(entry->value());
    } else if (entry->type() == ValueType::kSet) {
      sources[i].plain = static_cast<const dualis::Set*>(entry->value());
    } else {
      return Error(&errors::kWrongType);
    }
  }
  if (late.error) return late.error;
  return sources;
}

void SortBySize(Sources& sources) {
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return a.size() < b.size(); });
}

double Combine(double a, double b, Aggregate how) {
  if (how == Aggregate::kMin) return b < a ? b : a;
  if (how == Aggregate::kMax) return b > a ? b : a;
  const double sum = a + b;
  return std::isnan(sum) ? 0 : sum;  // the infinities cancel out
}

double Weighted(double score, double weight) {
  const double product = score * weight;
  return std::isnan(product) ? 0 : product;
}

void Unite(Sources& sources, Aggregate how, SortedSet& result) {
  SortBySize(sources);
  for (const Source& source : sources) {
    source.ForEach([&](Bytes member, double score) {
      score = Weighted(score, source.weight);
      const auto old = result.Find(member);
      if (!old) {
        result.Insert(member, score);
      } else if (const double both = Combine(*old, score, how); both != *old) {
        result.Update(member, both);
      }
    });
  }
}

// Calls fn(Bytes member, double score) for each member of the intersection, until it returns false.
template <class Fn>
void Intersect(Sources& sources, Aggregate how, Fn&& fn) {
  SortBySize(sources);
  if (sources[0].size() == 0) return;
  bool more = true;
  sources[0].ForEach([&](Bytes member, double own) {
    if (!more) return;
    double score = Weighted(own, sources[0].weight);
    for (size_t i = 1; i < sources.size(); ++i) {
      const auto found = sources[i].Is(sources[0]) ? own : sources[i].Find(member);
      if (!found) return;
      score = Combine(score, *found * sources[i].weight, how);
    }
    more = fn(member, score);
  });
}

void Subtract(const Sources& sources, SortedSet& result) {
  sources[0].ForEach([&](Bytes member, double score) {
    const bool elsewhere = std::any_of(sources.begin() + 1, sources.end(),
                                       [&](const Source& other) { return other.Is(sources[0]) || other.Find(member); });
    if (!elsewhere) result.Insert(member, score);
  });
}

Aggregate HowOf(const std::optional<AggregateOption>& option) { return option ? option->how : Aggregate::kSum; }

// A result that is only emitted keeps its scores as doubles: a compact one would turn -0 into 0.
EncodingLimits Emitted() { return EncodingLimits::AllExpanded(); }

Outcome EmitAll(const SortedSet& result, bool with_scores, ReplySink& sink) {
  sink.Begin(with_scores ? Shape::kPairs : Shape::kArray, result.size());
  result.ForRange(0, result.size(), [&](Bytes member, double score) {
    sink.Bulk(member);
    if (with_scores) sink.Double(score);
  });
  sink.End();
  return Outcome();
}

int64_t Store(Exec& x, const Key& destination, std::unique_ptr<SortedSet> result, Event event) {
  const auto size = static_cast<int64_t>(result->size());
  if (size == 0) {
    x.Delete(destination);
  } else {
    x.PutValue(destination, std::move(result));
    x.SendEvent(event, destination);
  }
  return size;
}

}  // namespace

Outcome Run(ReadExec& x, const ZUnion& c, ReplySink& sink) {
  auto sources = ReadAll(x, c.keys, c.weights, c.late);
  if (!sources) return sources.error();
  const EncodingLimits limits = Emitted();
  SortedSet result(limits, x.db().seed());
  Unite(*sources, HowOf(c.aggregate), result);
  return EmitAll(result, c.with_scores, sink);
}

Outcome Run(ReadExec& x, const ZInter& c, ReplySink& sink) {
  auto sources = ReadAll(x, c.keys, c.weights, c.late);
  if (!sources) return sources.error();
  const EncodingLimits limits = Emitted();
  SortedSet result(limits, x.db().seed());
  Intersect(*sources, HowOf(c.aggregate),
            [&](Bytes member, double score) { return result.Insert(member, score), true; });
  return EmitAll(result, c.with_scores, sink);
}

Outcome Run(ReadExec& x, const ZDiff& c, ReplySink& sink) {
  const auto sources = ReadAll(x, c.keys, {}, c.late);
  if (!sources) return sources.error();
  const EncodingLimits limits = Emitted();
  SortedSet result(limits, x.db().seed());
  Subtract(*sources, result);
  return EmitAll(result, c.with_scores, sink);
}

Result<int64_t> Run(ReadExec& x, const ZInterCard& c) {
  auto sources = ReadAll(x, c.keys, {}, c.late);
  if (!sources) return sources.error();
  const int64_t limit = c.limit.value_or(0);
  int64_t count = 0;
  Intersect(*sources, Aggregate::kSum, [&](Bytes, double) { return ++count != limit; });
  return count;
}

Result<int64_t> Run(Exec& x, const ZUnionStore& c) {
  auto sources = ReadAll(x, c.keys, c.weights, c.late);
  if (!sources) return sources.error();
  auto result = x.NewValue<SortedSet>();
  Unite(*sources, HowOf(c.aggregate), *result);
  return Store(x, c.destination, std::move(result), Event::kZUnionStore);
}

Result<int64_t> Run(Exec& x, const ZInterStore& c) {
  auto sources = ReadAll(x, c.keys, c.weights, c.late);
  if (!sources) return sources.error();
  auto result = x.NewValue<SortedSet>();
  Intersect(*sources, HowOf(c.aggregate),
            [&](Bytes member, double score) { return result->Insert(member, score), true; });
  return Store(x, c.destination, std::move(result), Event::kZInterStore);
}

Result<int64_t> Run(Exec& x, const ZDiffStore& c) {
  const auto sources = ReadAll(x, c.keys, {}, c.late);
  if (!sources) return sources.error();
  auto result = x.NewValue<SortedSet>();
  Subtract(*sources, *result);
  return Store(x, c.destination, std::move(result), Event::kZDiffStore);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family ZSetAlgebraCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<ZDiff>(),       Add<ZDiffStore>(), Add<ZInter>(),      Add<ZInterCard>(),
      Add<ZInterStore>(), Add<ZUnion>(),     Add<ZUnionStore>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<ZDiffWithScores>(), AddForm<ZInterWithScores>(),
                                                 AddForm<ZUnionWithScores>()};
  return {kCommands, kForms};
}

}  // namespace dualis
