// Set commands.
#include "dualis/commands/sets.h"

#include <algorithm>
#include <vector>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/sample.h"
#include "engine/types/set.h"

namespace dualis::cmd {
namespace {

// SET the command shares this namespace.
using SetValue = dualis::Set;

// Takes one member by chance out of the set and emits it. Appends it to the words of the effect.
void PopOne(Exec& x, SetValue& set, ReplySink& sink, ArgList& effect) {
  TextBuffer buffer;
  const std::string member(set.Random(x.rng(), buffer));
  set.Erase(member);
  sink.Bulk(member);
  if (x.wants_effects()) effect.Own(member);
}

}  // namespace

Result<int64_t> Run(Exec& x, const SAdd& c) {
  auto set = x.Write<SetValue>(c.key);
  if (!set) return set.error();
  int64_t added = 0;
  for (Bytes member : c.members) {
    if (!(*set)->Insert(member)) continue;
    ++added;
    set->ChangedSilently();  // should memory run out at the next member
  }
  if (added > 0) {
    set->Changed(Event::kSAdd);
  } else {
    set->Unchanged();
  }
  return added;
}

Result<int64_t> Run(Exec& x, const SRem& c) {
  auto set = x.WriteExisting<SetValue>(c.key);
  if (!set) return set.error();
  Edit<SetValue>& edit = *set;
  if (!edit) return int64_t{0};
  int64_t removed = 0;
  for (Bytes member : c.members) {
    removed += edit->Erase(member);
    if (edit->empty()) break;
  }
  if (removed > 0) {
    edit.Changed(Event::kSRem);
  } else {
    edit.Unchanged();
  }
  return removed;
}

Result<bool> Run(ReadExec& x, const SIsMember& c) {
  const auto set = x.Read<SetValue>(c.key);
  if (!set) return set.error();
  return *set != nullptr && (*set)->Contains(c.member);
}

Outcome Run(ReadExec& x, const SMIsMember& c, ReplySink& sink) {
  const auto set = x.Read<SetValue>(c.key);
  if (!set) return set.error();
  sink.Begin(Shape::kArray, c.members.size());
  for (Bytes member : c.members) sink.Int(*set != nullptr && (*set)->Contains(member) ? 1 : 0);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const SMembers& c, ReplySink& sink) {
  const auto set = x.Read<SetValue>(c.key);
  if (!set) return set.error();
  sink.Begin(Shape::kSet, *set == nullptr ? 0 : (*set)->size());
  if (*set != nullptr) (*set)->ForEach([&](Bytes member) { sink.Bulk(member); });
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const SCard& c) {
  const auto set = x.Read<SetValue>(c.key);
  if (!set) return set.error();
  return *set == nullptr ? int64_t{0} : static_cast<int64_t>((*set)->size());
}

Outcome Run(Exec& x, const SPop& c, ReplySink& sink) {
  auto set = x.WriteExisting<SetValue>(c.key);
  if (!set) return set.error();
  Edit<SetValue>& edit = *set;
  if (!edit) {
    if (c.count) {
      sink.Begin(Shape::kSet, 0);
      sink.End();
    } else {
      sink.Null();
    }
    return Outcome();
  }
  const size_t n = c.count ? std::min<uint64_t>(static_cast<uint64_t>(c.count->value_or(0)), edit->size()) : 1;
  if (n == 0) {
    edit.Unchanged();
    sink.Begin(Shape::kSet, 0);
    sink.End();
    return Outcome();
  }
  const bool all = n == edit->size();
  ArgList effect;
  effect.Add("SREM");
  effect.Add(c.key);
  if (c.count) sink.Begin(Shape::kSet, n);
  if (c.count && all) {
    edit->ForEach([&](Bytes member) { sink.Bulk(member); });
    edit.Changed(Event::kSPop);
    sink.End();
    edit = Edit<SetValue>();
    x.Delete(c.key);
    x.Effect({"DEL", c.key});
    return Outcome();
  }
  for (size_t i = 0; i < n; ++i) PopOne(x, *edit, sink, effect);
  if (c.count) sink.End();
  edit.Changed(Event::kSPop);
  x.Effect(effect.args());
  return Outcome();
}

Outcome Run(Exec& x, const SRandMember& c, ReplySink& sink) {
  const auto set = x.Read<SetValue>(c.key);
  if (!set) return set.error();
  const SetValue* value = *set;
  TextBuffer buffer;
  if (!c.count) {
    Emit(sink, value == nullptr ? std::nullopt : std::optional<Bytes>(value->Random(x.rng(), buffer)));
    return Outcome();
  }
  const int64_t count = c.count->value_or(0);
  if (value == nullptr || count == 0) {
    sink.Begin(Shape::kArray, 0);
  } else if (count < 0) {
    const uint64_t times = -static_cast<uint64_t>(count);
    sink.Begin(Shape::kArray, times);
    for (uint64_t i = 0; i < times; ++i) sink.Bulk(value->Random(x.rng(), buffer));
  } else if (static_cast<uint64_t>(count) >= value->size()) {
    sink.Begin(Shape::kArray, value->size());
    value->ForEach([&](Bytes member) { sink.Bulk(member); });
  } else {
    const std::vector<std::string> sample = Sample<std::string>(
        x.rng(), value->size(), static_cast<size_t>(count), [&] { return std::string(value->Random(x.rng(), buffer)); },
        [&](auto take) { value->ForEach([&](Bytes member) { take(std::string(member)); }); });
    sink.Begin(Shape::kArray, sample.size());
    for (const std::string& member : sample) sink.Bulk(member);
  }
  sink.End();
  return Outcome();
}

Result<bool> Run(Exec& x, const SMove& c) {
  auto source = x.WriteExisting<SetValue>(c.source);
  if (!source) return source.error();
  Edit<SetValue>& from = *source;
  if (!from) return false;
  from.Unchanged();
  const auto target = x.Read<SetValue>(c.destination);
  if (!target) return target.error();
  if (!from->Contains(c.member)) return false;
  if (c.source == c.destination) return true;
  auto destination = x.Write<SetValue>(c.destination);
  if (!destination) return destination.error();
  const bool added = (*destination)->Insert(c.member);
  from->Erase(c.member);
  from.Changed(Event::kSRem);
  // Redis deletes an emptied source before it tells of the addition.
  from = Edit<SetValue>();
  if (added) {
    destination->Changed(Event::kSAdd);
  } else {
    destination->Unchanged();
  }
  return true;
}

}  // namespace dualis::cmd

namespace dualis {

Family SetCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<cmd::SAdd>(),  Add<cmd::SCard>(), Add<cmd::SIsMember>(),   Add<cmd::SMembers>(), Add<cmd::SMIsMember>(),
      Add<cmd::SMove>(), Add<cmd::SPop>(),  Add<cmd::SRandMember>(), Add<cmd::SRem>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<cmd::SPopCount>(), AddForm<cmd::SRandMemberCount>()};
  return {kCommands, kForms};
}

}  // namespace dualis
