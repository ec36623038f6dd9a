// ZMPOP, and what waits for a sorted set.
#include "dualis/commands/zset_pops.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/range.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

struct Popping {
  ZSetEnd where;
  int64_t count;
  // Emits key, member and score side by side, not the key with a list of couples.
  bool flat;
};

// Pops from the first sorted set that has members, and emits them. False if there is none.
Result<bool> PopFirst(Exec& x, const Many<Key>& keys, const Popping& p, ReplySink& sink) {
  for (const Key& key : keys) {
    auto set = x.WriteExisting<SortedSet>(key);
    if (!set) {
      // A key that got another type while we were waiting does not end the wait.
      if (x.rerunning()) continue;
      return set.error();
    }
    Edit<SortedSet>& edit = *set;
    if (!edit) continue;
    const size_t n = std::min<uint64_t>(static_cast<uint64_t>(p.count), edit->size());
    sink.Begin(Shape::kArray, p.flat ? 3 : 2);
    sink.Bulk(key.name);
    if (!p.flat) sink.Begin(Shape::kArray, n);
    const auto emit = [&](Bytes member, double score) {
      if (!p.flat) sink.Begin(Shape::kArray, 2);
      sink.Bulk(member);
      sink.Double(score);
      if (!p.flat) sink.End();
    };
    const bool highest = p.where == ZSetEnd::kMax;
    if (highest) {
      edit->ForRangeDown(edit->size() - 1, n, emit);
    } else {
      edit->ForRange(0, n, emit);
    }
    if (!p.flat) sink.End();
    sink.End();
    edit->EraseRange(highest ? edit->size() - n : 0, n);
    edit.Changed(highest ? Event::kZPopMax : Event::kZPopMin);
    const Bytes command = highest ? "ZPOPMAX" : "ZPOPMIN";
    if (p.flat) {
      x.Effect({command, key});
    } else {
      x.Effect({command, key, static_cast<int64_t>(n)});
    }
    return true;
  }
  return false;
}

Outcome PopOrWait(Exec& x, const Many<Key>& keys, const Popping& p, double timeout, ReplySink& sink) {
  const auto wait = BlockMillis(x, timeout);
  if (!wait) return wait.error();
  const auto popped = PopFirst(x, keys, p, sink);
  if (!popped) return popped.error();
  return *popped ? Outcome() : x.Park(sink, keys.span(), *wait);
}

}  // namespace

Outcome Run(Exec& x, const ZMPop& c, ReplySink& sink) {
  const auto popped = PopFirst(x, c.keys, {c.where, c.count.value_or(1), false}, sink);
  if (!popped) return popped.error();
  if (!*popped) sink.NullArray();
  return Outcome();
}
Outcome Run(Exec& x, const BZMPop& c, ReplySink& sink) {
  return PopOrWait(x, c.keys, {c.where, c.count.value_or(1), false}, c.timeout.value_or(0), sink);
}
Outcome Run(Exec& x, const BZPopMin& c, ReplySink& sink) {
  return PopOrWait(x, c.keys, {ZSetEnd::kMin, 1, true}, c.timeout, sink);
}
Outcome Run(Exec& x, const BZPopMax& c, ReplySink& sink) {
  return PopOrWait(x, c.keys, {ZSetEnd::kMax, 1, true}, c.timeout, sink);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family ZSetPopCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<BZMPop>(), Add<BZPopMax>(), Add<BZPopMin>(), Add<ZMPop>()};
  return {kCommands};
}

}  // namespace dualis
