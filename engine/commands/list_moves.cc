// LPOS; LMOVE and LMPOP with their kin. The blocking ones are the others, but for what they do when there is nothing to
// take.
#include "dualis/commands/list_moves.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/list_ends.h"
#include "engine/commands/range.h"

namespace dualis::cmd {
namespace {

List::End EndOf(ListEnd end) { return end == ListEnd::kLeft ? kFront : kBack; }
Bytes WordOf(ListEnd end) { return end == ListEnd::kLeft ? "LEFT" : "RIGHT"; }

struct Route {
  const Key& source;
  const Key& destination;
  List::End from;
  List::End to;
};

// Moves one element and emits it. False if there is none; then nothing is emitted.
Result<bool> Move(Exec& x, const Route& r, ReplySink& sink) {
  auto opened = x.WriteExisting<List>(r.source);
  if (!opened) return opened.error();
  Edit<List>& source = *opened;
  if (!source) return false;
  source.Unchanged();
  const auto there = x.Read<List>(r.destination);
  if (!there) return there.error();
  auto destination = x.Write<List>(r.destination);
  if (!destination) return destination.error();
  List::Buffer buffer;
  const std::string element(source->Peek(r.from, buffer));
  if (r.source.name == r.destination.name) {
    if (r.from != r.to) {
      source->Push(r.to, element);
      source->Drop(r.from, 1);
    }
  } else {
    (*destination)->Push(r.to, element);
    source->Drop(r.from, 1);
  }
  destination->Changed(PushEvent(r.to));
  source.Changed(PopEvent(r.from));
  sink.Bulk(element);
  return true;
}

Outcome MoveNow(Exec& x, const Route& route, ReplySink& sink) {
  const auto moved = Move(x, route, sink);
  if (!moved) return moved.error();
  if (!*moved) sink.Null();
  return Outcome();
}

// Moves or waits. `effect` is what a log gets.
Outcome MoveOrWait(Exec& x, const Route& route, double timeout, std::initializer_list<Arg> effect, ReplySink& sink) {
  const auto wait = BlockMillis(x, timeout);
  if (!wait) return wait.error();
  if (x.rerunning()) {
    // A source of another type does not end the wait, but a destination does: the element stays where it is.
    if (!x.Read<List>(route.source)) return x.Park(sink, {&route.source, 1}, *wait);
    if (const auto moved = Move(x, route, sink); !moved) {
      sink.Error(moved.error());
    } else if (*moved) {
      x.Effect(effect);
    } else {
      return x.Park(sink, {&route.source, 1}, *wait);
    }
    return Outcome();
  }
  const auto moved = Move(x, route, sink);
  if (!moved) return moved.error();
  if (*moved) {
    x.Effect(effect);
    return Outcome();
  }
  if (x.mode().may_park) return x.Park(sink, {&route.source, 1}, *wait);
  sink.Null();
  return Outcome();
}

// Pops up to `count` elements from the first list that has any, and emits them with its key. False if there are none.
Result<bool> PopFirst(Exec& x, const Many<Key>& keys, List::End end, int64_t count, ReplySink& sink) {
  for (const Key& key : keys) {
    auto list = x.WriteExisting<List>(key);
    if (!list) {
      // A key that got another type while we were waiting does not end the wait.
      if (x.rerunning()) continue;
      return list.error();
    }
    Edit<List>& edit = *list;
    if (!edit) continue;
    const size_t n = std::min<uint64_t>(static_cast<uint64_t>(count), edit->size());
    sink.Begin(Shape::kArray, 2);
    sink.Bulk(key.name);
    sink.Begin(Shape::kArray, n);
    const auto emit = [&](Bytes item) { sink.Bulk(item); };
    end == kFront ? edit->ForRange(0, n, emit) : edit->ForLast(n, emit);
    sink.End();
    sink.End();
    edit->Drop(end, n);
    edit.Changed(PopEvent(end));
    x.Effect({PopCommand(end), key, static_cast<int64_t>(n)});
    return true;
  }
  return false;
}

}  // namespace

Outcome Run(ReadExec& x, const LPos& c, ReplySink& sink) {
  const auto list = x.Read<List>(c.key);
  if (!list) return list.error();
  const int64_t rank = c.rank.value_or(1);
  const uint64_t skip = (rank < 0 ? -static_cast<uint64_t>(rank) : static_cast<uint64_t>(rank)) - 1;
  const uint64_t wanted = !c.count ? 1 : *c.count == 0 ? UINT64_MAX : static_cast<uint64_t>(*c.count);
  const uint64_t looks = c.maxlen.value_or(0) == 0 ? UINT64_MAX : static_cast<uint64_t>(*c.maxlen);
  std::vector<size_t> found;
  if (*list != nullptr) {
    uint64_t matches = 0;
    size_t seen = 0;
    (*list)->ForEachFrom(rank < 0 ? kBack : kFront, [&](const PackedList::Item& item) {
      if (item == c.element && ++matches > skip) {
        found.push_back(rank < 0 ? (*list)->size() - 1 - seen : seen);
      }
      ++seen;
      return found.size() < wanted && seen < looks;
    });
  }
  if (c.count) {
    sink.Begin(Shape::kArray, found.size());
    for (size_t index : found) sink.Int(static_cast<int64_t>(index));
    sink.End();
  } else if (found.empty()) {
    sink.Null();
  } else {
    sink.Int(static_cast<int64_t>(found[0]));
  }
  return Outcome();
}

Outcome Run(Exec& x, const LMove& c, ReplySink& sink) {
  return MoveNow(x, {c.source, c.destination, EndOf(c.from), EndOf(c.to)}, sink);
}
Outcome Run(Exec& x, const RPopLPush& c, ReplySink& sink) {
  return MoveNow(x, {c.source, c.destination, kBack, kFront}, sink);
}
Outcome Run(Exec& x, const BLMove& c, ReplySink& sink) {
  return MoveOrWait(x, {c.source, c.destination, EndOf(c.from), EndOf(c.to)}, c.timeout,
                    {"LMOVE", c.source, c.destination, WordOf(c.from), WordOf(c.to)}, sink);
}
Outcome Run(Exec& x, const BRPopLPush& c, ReplySink& sink) {
  return MoveOrWait(x, {c.source, c.destination, kBack, kFront}, c.timeout, {"RPOPLPUSH", c.source, c.destination},
                    sink);
}

Outcome Run(Exec& x, const LMPop& c, ReplySink& sink) {
  const auto popped = PopFirst(x, c.keys, EndOf(c.where), c.count.value_or(1), sink);
  if (!popped) return popped.error();
  if (!*popped) sink.NullArray();
  return Outcome();
}
Outcome Run(Exec& x, const BLMPop& c, ReplySink& sink) {
  const auto wait = BlockMillis(x, c.timeout.value_or(0));
  if (!wait) return wait.error();
  const auto popped = PopFirst(x, c.keys, EndOf(c.where), c.count.value_or(1), sink);
  if (!popped) return popped.error();
  return *popped ? Outcome() : x.Park(sink, c.keys.span(), *wait);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family ListMoveCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<BLMPop>(), Add<BLMove>(), Add<BRPopLPush>(), Add<LMPop>(), Add<LMove>(), Add<LPos>(), Add<RPopLPush>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<LPosAll>()};
  return {kCommands, kForms};
}

}  // namespace dualis
