// List commands.
#include "dualis/commands/lists.h"

#include <algorithm>
#include <cmath>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/families.h"
#include "engine/commands/list_ends.h"
#include "engine/commands/range.h"

namespace dualis::cmd {
namespace {

int64_t PushAll(Edit<List>& list, List::End end, const Many<Bytes>& elements) {
  list->PushAll(end, elements.span());
  list.Changed(PushEvent(end));
  return static_cast<int64_t>(list->size());
}

Result<int64_t> Push(Exec& x, const Key& key, List::End end, const Many<Bytes>& elements) {
  auto list = x.Write<List>(key);
  if (!list) return list.error();
  return PushAll(*list, end, elements);
}

Result<int64_t> PushExisting(Exec& x, const Key& key, List::End end, const Many<Bytes>& elements) {
  auto list = x.WriteExisting<List>(key);
  if (!list) return list.error();
  if (!*list) return int64_t{0};
  return PushAll(*list, end, elements);
}

Outcome Pop(Exec& x, const Key& key, List::End end, const std::optional<Late<int64_t>>& count, ReplySink& sink) {
  auto list = x.WriteExisting<List>(key);
  if (!list) return list.error();
  Edit<List>& edit = *list;
  if (!edit) {
    count ? sink.NullArray() : sink.Null();
    return Outcome();
  }
  if (!count) {
    List::Buffer buffer;
    sink.Bulk(edit->Peek(end, buffer));
    edit->Drop(end, 1);
    edit.Changed(PopEvent(end));
    return Outcome();
  }
  const size_t n = std::min<uint64_t>(static_cast<uint64_t>(count->value_or(0)), edit->size());
  sink.Begin(Shape::kArray, n);
  const auto emit = [&](Bytes item) { sink.Bulk(item); };
  end == kFront ? edit->ForRange(0, n, emit) : edit->ForLast(n, emit);
  sink.End();
  if (n == 0) {
    edit.Unchanged();
    return Outcome();
  }
  edit->Drop(end, n);
  edit.Changed(PopEvent(end));
  return Outcome();
}

// BLPOP and BRPOP.
Outcome BlockingPop(Exec& x, const Many<Key>& keys, double timeout, List::End end, ReplySink& sink) {
  const auto wait = BlockMillis(x, timeout);
  if (!wait) return wait.error();
  for (const Key& key : keys) {
    auto list = x.WriteExisting<List>(key);
    if (!list) {
      // A key that got another type while we were waiting does not end the wait.
      if (x.rerunning()) continue;
      return list.error();
    }
    Edit<List>& edit = *list;
    if (!edit) continue;
    List::Buffer buffer;
    sink.Begin(Shape::kArray, 2);
    sink.Bulk(key.name);
    sink.Bulk(edit->Peek(end, buffer));
    sink.End();
    edit->Drop(end, 1);
    edit.Changed(PopEvent(end));
    x.Effect({PopCommand(end), key});
    return Outcome();
  }
  return x.Park(sink, keys.span(), *wait);
}

// The position that an index names, negative from the end; nothing out of range.
std::optional<size_t> PositionOf(int64_t index, size_t size) {
  if (index < 0) index += static_cast<int64_t>(size);
  if (index < 0 || static_cast<uint64_t>(index) >= size) return std::nullopt;
  return static_cast<size_t>(index);
}

}  // namespace

Result<int64_t> Run(Exec& x, const LPush& c) { return Push(x, c.key, kFront, c.elements); }
Result<int64_t> Run(Exec& x, const RPush& c) { return Push(x, c.key, kBack, c.elements); }
Result<int64_t> Run(Exec& x, const LPushX& c) { return PushExisting(x, c.key, kFront, c.elements); }
Result<int64_t> Run(Exec& x, const RPushX& c) { return PushExisting(x, c.key, kBack, c.elements); }
Outcome Run(Exec& x, const LPop& c, ReplySink& sink) { return Pop(x, c.key, kFront, c.count, sink); }
Outcome Run(Exec& x, const RPop& c, ReplySink& sink) { return Pop(x, c.key, kBack, c.count, sink); }
Outcome Run(Exec& x, const BLPop& c, ReplySink& sink) { return BlockingPop(x, c.keys, c.timeout, kFront, sink); }
Outcome Run(Exec& x, const BRPop& c, ReplySink& sink) { return BlockingPop(x, c.keys, c.timeout, kBack, sink); }

Outcome Run(ReadExec& x, const LRange& c, ReplySink& sink) {
  const auto list = x.Read<List>(c.key);
  if (!list) return list.error();
  const Slice slice = *list == nullptr ? Slice{} : ClampRange(c.start, c.stop, (*list)->size());
  sink.Begin(Shape::kArray, slice.count);
  if (slice.count > 0) (*list)->ForRange(slice.begin, slice.count, [&](Bytes item) { sink.Bulk(item); });
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const LLen& c) {
  const auto list = x.Read<List>(c.key);
  if (!list) return list.error();
  return *list == nullptr ? int64_t{0} : static_cast<int64_t>((*list)->size());
}

Outcome Run(ReadExec& x, const LIndex& c, ReplySink& sink) {
  const auto list = x.Read<List>(c.key);
  if (!list) return list.error();
  if (*list == nullptr) {
    sink.Null();
    return Outcome();
  }
  int64_t index;
  if (!c.index.Get(&index)) return Error(&errors::kNotInteger);
  const auto position = PositionOf(index, (*list)->size());
  List::Buffer buffer;
  if (position) {
    sink.Bulk((*list)->At(*position, buffer));
  } else {
    sink.Null();
  }
  return Outcome();
}

Result<Ack> Run(Exec& x, const LSet& c) {
  auto list = x.WriteExisting<List>(c.key);
  if (!list) return list.error();
  Edit<List>& edit = *list;
  if (!edit) return Error(&errors::kNoSuchKey);
  int64_t index;
  const bool is_number = c.index.Get(&index);
  if (is_number) edit->WillAdd(c.element.size(), 1);
  const auto position = is_number ? PositionOf(index, edit->size()) : std::nullopt;
  if (!position) {
    edit.Unchanged();
    return Error(is_number ? &errors::kIndexOutOfRange : &errors::kNotInteger);
  }
  edit->Replace(*position, c.element);
  edit.Changed(Event::kLSet);
  return Ack{};
}

Result<int64_t> Run(Exec& x, const LRem& c) {
  auto list = x.WriteExisting<List>(c.key);
  if (!list) return list.error();
  Edit<List>& edit = *list;
  if (!edit) return int64_t{0};
  const uint64_t limit = c.count == 0  ? UINT64_MAX
                         : c.count > 0 ? static_cast<uint64_t>(c.count)
                                       : -static_cast<uint64_t>(c.count);
  const size_t removed = edit->RemoveEqual(c.element, c.count < 0 ? kBack : kFront, limit);
  if (removed > 0) {
    edit.Changed(Event::kLRem);
  } else {
    edit.Unchanged();
  }
  return static_cast<int64_t>(removed);
}

Result<Ack> Run(Exec& x, const LTrim& c) {
  auto list = x.WriteExisting<List>(c.key);
  if (!list) return list.error();
  Edit<List>& edit = *list;
  if (!edit) return Ack{};
  const Slice keep = ClampRange(c.start, c.stop, edit->size());
  // Tail first: dropping the head renumbers the rest.
  edit->Drop(kBack, edit->size() - keep.begin - keep.count);
  edit->Drop(kFront, edit->size() - keep.count);
  edit.Changed(Event::kLTrim);  // Redis sends it even when nothing was cut.
  return Ack{};
}

Result<int64_t> Run(Exec& x, const LInsert& c) {
  const bool before = IsWord(c.where, "BEFORE");
  if (!before && !IsWord(c.where, "AFTER")) return Error(&errors::kSyntax);
  auto list = x.WriteExisting<List>(c.key);
  if (!list) return list.error();
  Edit<List>& edit = *list;
  if (!edit) return int64_t{0};
  edit->WillAdd(c.element.size(), 1);
  const auto pivot = edit->Find(c.pivot);
  if (!pivot) {
    edit.Unchanged();
    return int64_t{-1};
  }
  edit->Insert(before ? *pivot : *pivot + 1, c.element);
  edit.Changed(Event::kLInsert);
  return static_cast<int64_t>(edit->size());
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family ListCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<BLPop>(), Add<BRPop>(), Add<LIndex>(), Add<LInsert>(), Add<LLen>(),
      Add<LPop>(),  Add<LPush>(), Add<LPushX>(), Add<LRange>(),  Add<LRem>(),
      Add<LSet>(),  Add<LTrim>(), Add<RPop>(),   Add<RPush>(),   Add<RPushX>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<LPopCount>(), AddForm<RPopCount>()};
  return {kCommands, kForms};
}

}  // namespace dualis
