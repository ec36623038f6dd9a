// HRANDFIELD and ZRANDMEMBER: one command over two types.
#include "dualis/commands/random_members.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/sample.h"
#include "engine/types/hash.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

using FieldValueText = std::pair<std::string, std::string>;
using MemberScore = std::pair<std::string, double>;

FieldValueText Draw(const Hash& hash, Rng& rng) {
  TextBuffer field, value;
  const auto [f, v] = hash.Random(rng, field, value);
  return {std::string(f), std::string(v)};
}
MemberScore Draw(const SortedSet& set, Rng& rng) {
  MemberScore drawn;
  set.ForRange(rng.Uniform(set.size()), 1, [&](Bytes member, double score) { drawn = {std::string(member), score}; });
  return drawn;
}
void ForEach(const Hash& hash, auto&& fn) { hash.ForEach(fn); }
void ForEach(const SortedSet& set, auto&& fn) { set.ForRange(0, set.size(), fn); }

template <class T>
Outcome EmitRandom(Exec& x, const Key& key, const std::optional<Late<int64_t>>& count, bool with_second,
                   ReplySink& sink) {
  using Couple = decltype(Draw(std::declval<const T&>(), x.rng()));
  const auto read = x.Read<T>(key);
  if (!read) return read.error();
  const T* collection = *read;
  if (!count) {
    collection == nullptr ? sink.Null() : sink.Bulk(Draw(*collection, x.rng()).first);
    return Outcome();
  }
  const auto emit = [&](Bytes first, const auto& second) {
    sink.Bulk(first);
    if (with_second) Emit(sink, second);
  };
  const Shape shape = with_second ? Shape::kPairs : Shape::kArray;
  const int64_t n = count->value_or(0);
  if (collection == nullptr || n == 0) {
    sink.Begin(shape, 0);
  } else if (n < 0) {
    sink.Begin(shape, static_cast<size_t>(-n));
    for (int64_t i = n; i < 0; ++i) {
      const Couple drawn = Draw(*collection, x.rng());
      emit(drawn.first, drawn.second);
    }
  } else if (static_cast<uint64_t>(n) >= collection->size()) {
    sink.Begin(shape, collection->size());
    ForEach(*collection, emit);
  } else {
    const std::vector<Couple> sample = Sample<Couple>(
        x.rng(), collection->size(), static_cast<size_t>(n), [&] { return Draw(*collection, x.rng()); },
        [&](auto take) {
          ForEach(*collection, [&](Bytes first, const auto& second) {
            take(Couple(std::string(first), typename Couple::second_type(second)));
          });
        });
    sink.Begin(shape, sample.size());
    for (const Couple& couple : sample) emit(couple.first, couple.second);
  }
  sink.End();
  return Outcome();
}

}  // namespace

Outcome Run(Exec& x, const HRandField& c, ReplySink& sink) {
  return EmitRandom<Hash>(x, c.key, c.count, c.with_values, sink);
}
Outcome Run(Exec& x, const ZRandMember& c, ReplySink& sink) {
  return EmitRandom<SortedSet>(x, c.key, c.count, c.with_scores, sink);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family RandomMemberCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<HRandField>(), Add<ZRandMember>()};
  static constexpr const CommandRow* kForms[] = {AddForm<HRandFieldCount>(), AddForm<HRandFieldWithValues>(),
                                                 AddForm<ZRandMemberCount>(), AddForm<ZRandMemberWithScores>()};
  return {kCommands, kForms};
}

}  // namespace dualis
