// Unions, intersections and differences of sets.
#include "dualis/commands/set_algebra.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/types/set.h"

namespace dualis::cmd {
namespace {

using SetValue = dualis::Set;
// The sets under the keys; null for an absent one. What a command is given may be longer than any stack.
using Sources = std::vector<const SetValue*>;

Result<Sources> ReadAll(ReadExec& x, const Many<Key>& keys) {
  Sources sources;
  sources.reserve(keys.size());
  for (const Key& key : keys) {
    const auto set = x.Read<SetValue>(key);
    if (!set) return set.error();
    sources.push_back(*set);
  }
  return sources;
}

// Calls fn(Bytes) for each member of the intersection, until it returns false, in the order of the smallest set.
template <class Fn>
void Intersect(Sources& sources, Fn&& fn) {
  if (std::find(sources.begin(), sources.end(), nullptr) != sources.end()) return;
  std::stable_sort(sources.begin(), sources.end(),
                   [](const SetValue* a, const SetValue* b) { return a->size() < b->size(); });
  bool more = true;
  sources[0]->ForEach([&](Bytes member) {
    if (!more) return;
    const bool everywhere = std::all_of(sources.begin() + 1, sources.end(), [&](const SetValue* other) {
      return other == sources[0] || other->Contains(member);
    });
    if (everywhere) more = fn(member);
  });
}

enum class Operation { kUnion, kIntersection, kDifference };

// The result as a set of its own.
Result<std::unique_ptr<SetValue>> Compute(ReadExec& x, const Many<Key>& keys, Operation operation) {
  auto read = ReadAll(x, keys);
  if (!read) return read.error();
  Sources& sources = *read;
  auto result = x.NewValue<SetValue>();
  switch (operation) {
    case Operation::kUnion:
      for (const SetValue* source : sources) {
        if (source != nullptr) source->ForEach([&](Bytes member) { result->Insert(member); });
      }
      break;
    case Operation::kIntersection:
      Intersect(sources, [&](Bytes member) { return result->Insert(member), true; });
      break;
    case Operation::kDifference:
      if (sources[0] == nullptr) break;
      sources[0]->ForEach([&](Bytes member) {
        const bool elsewhere = std::any_of(sources.begin() + 1, sources.end(), [&](const SetValue* other) {
          return other != nullptr && (other == sources[0] || other->Contains(member));
        });
        if (!elsewhere) result->Insert(member);
      });
  }
  return result;
}

Outcome EmitResult(ReadExec& x, const Many<Key>& keys, Operation operation, ReplySink& sink) {
  const auto result = Compute(x, keys, operation);
  if (!result) return result.error();
  sink.Begin(Shape::kSet, (*result)->size());
  (*result)->ForEach([&](Bytes member) { sink.Bulk(member); });
  sink.End();
  return Outcome();
}

Result<int64_t> Store(Exec& x, const Key& destination, const Many<Key>& keys, Operation operation, Event event) {
  auto result = Compute(x, keys, operation);
  if (!result) return result.error();
  const auto size = static_cast<int64_t>((*result)->size());
  if (size == 0) {
    x.Delete(destination);
  } else {
    x.PutValue(destination, std::move(*result));
    x.SendEvent(event, destination);
  }
  return size;
}

}  // namespace

Outcome Run(ReadExec& x, const SUnion& c, ReplySink& sink) { return EmitResult(x, c.keys, Operation::kUnion, sink); }
Outcome Run(ReadExec& x, const SDiff& c, ReplySink& sink) {
  return EmitResult(x, c.keys, Operation::kDifference, sink);
}

// Its members come one by one, without a set in between.
Outcome Run(ReadExec& x, const SInter& c, ReplySink& sink) {
  auto sources = ReadAll(x, c.keys);
  if (!sources) return sources.error();
  sink.Begin(Shape::kSet, kUnknownCount);
  Intersect(*sources, [&](Bytes member) { return sink.Bulk(member), true; });
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const SInterCard& c) {
  auto sources = ReadAll(x, c.keys);
  if (!sources) return sources.error();
  const int64_t limit = c.limit.value_or(0);
  int64_t count = 0;
  Intersect(*sources, [&](Bytes) { return ++count != limit; });
  return count;
}

Result<int64_t> Run(Exec& x, const SUnionStore& c) {
  return Store(x, c.destination, c.keys, Operation::kUnion, Event::kSUnionStore);
}
Result<int64_t> Run(Exec& x, const SInterStore& c) {
  return Store(x, c.destination, c.keys, Operation::kIntersection, Event::kSInterStore);
}
Result<int64_t> Run(Exec& x, const SDiffStore& c) {
  return Store(x, c.destination, c.keys, Operation::kDifference, Event::kSDiffStore);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family SetAlgebraCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<SDiff>(),       Add<SDiffStore>(), Add<SInter>(),      Add<SInterCard>(),
      Add<SInterStore>(), Add<SUnion>(),     Add<SUnionStore>(),
  };
  return {kCommands};
}

}  // namespace dualis
