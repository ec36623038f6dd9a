// XGROUP, XACK and XPENDING.
#include "dualis/commands/stream_groups.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/group_work.h"
#include "engine/commands/stream_entries.h"

namespace dualis::cmd {
namespace {

// A stream that must be there, opened for what XGROUP does.
Result<Edit<Stream>> OpenStream(Exec& x, const Key& key) {
  auto stream = x.WriteExisting<Stream>(key);
  if (!stream) return stream.error();
  if (!*stream) return Error(&errors::kXGroupNoKey);
  stream->Unchanged();
  return stream;
}

// The group in it that must be there too.
Result<StreamGroup*> GroupOf(Edit<Stream>& stream, Bytes group, const Key& key) {
  StreamGroup* found = stream->FindGroup(group);
  if (found == nullptr) return NoGroupForKey(group, key.name);
  return found;
}

int64_t ReadsOf(const std::optional<EntriesRead>& given) { return given ? given->entries : StreamGroup::kUnknownReads; }

void EmitSummary(const StreamGroup& group, ReplySink& sink) {
  const StreamGroup::Pending& pending = group.pending();
  sink.Begin(Shape::kArray, 4);
  sink.Int(static_cast<int64_t>(pending.size()));
  if (pending.empty()) {
    sink.Null();
    sink.Null();
    sink.NullArray();
  } else {
    EmitStreamId(pending.begin()->first, sink);
    EmitStreamId(std::prev(pending.end())->first, sink);
    sink.Begin(Shape::kArray, kUnknownCount);
    for (const auto& [name, consumer] : group.consumers()) {
      if (consumer->pending().empty()) continue;
      sink.Begin(Shape::kArray, 2);
      sink.Bulk(name);
      char digits[kInt64Chars];
      sink.Bulk(FormatUint64(consumer->pending().size(), digits));
      sink.End();
    }
    sink.End();
  }
  sink.End();
}

// Calls fn(id, delivery) for what is pending in the range, for the consumer or for everybody, as long as it says true.
template <class Fn>
void ForPending(const StreamGroup& group, const StreamConsumer* consumer, const StreamIdRange& range, Fn&& fn) {
  const StreamGroup::Pending& pending = group.pending();
  if (consumer == nullptr) {
    auto it = pending.lower_bound(range.first);
    while (it != pending.end() && it->first <= range.last && fn(it->first, it->second)) ++it;
    return;
  }
  auto it = consumer->pending().lower_bound(range.first);
  while (it != consumer->pending().end() && *it <= range.last && fn(*it, pending.find(*it)->second)) ++it;
}

// An option may come twice, for all that Redis minds while it reads them; it counts the words once it has found the key
// and the group.
Error CountWords(Exec& x, size_t most) {
  return x.words().size() <= most ? Error() : SubcommandSyntax(x, {}, "XGROUP");
}

}  // namespace

Result<Ack> Run(Exec& x, const XGroupCreate& c) {
  const auto present = x.Read<Stream>(c.key);
  if (!present) return present.error();
  if (*present == nullptr && !c.mkstream) return Error(&errors::kXGroupNoKey);
  if (Error error = CountWords(x, 8)) return error;
  std::optional<StreamId> id;
  if (c.id == "$") {
    id = *present == nullptr ? StreamId() : (*present)->last_id();
  } else {
    id = ParseStreamId(c.id);
  }
  if (!id) return Error(&errors::kInvalidStreamId);
  const bool made = *present == nullptr;
  auto stream = x.Write<Stream>(c.key);
  Edit<Stream>& edit = *stream;
  if (edit->CreateGroup(c.group, *id, ReadsOf(c.entries_read)) == nullptr) {
    edit.Unchanged();
    return Error(&errors::kBusyGroup);
  }
  made ? edit.Changed(Event::kXGroupCreate) : edit.ChangedUnheard(Event::kXGroupCreate);
  return Ack{};
}

Result<Ack> Run(Exec& x, const XGroupSetId& c) {
  auto stream = OpenStream(x, c.key);
  if (!stream) return stream.error();
  const auto group = GroupOf(*stream, c.group, c.key);
  if (!group) return group.error();
  if (Error error = CountWords(x, 7)) return error;
  std::optional<StreamId> id;
  if (c.id == "$") {
    id = (*stream)->last_id();
  } else if (c.id == "-" || c.id == "+") {
    id = c.id == "-" ? StreamId() : StreamId::Max();
  } else {
    id = ParseStreamId(c.id);
  }
  if (!id) return Error(&errors::kInvalidStreamId);
  (*group)->last_id = *id;
  (*group)->entries_read = ReadsOf(c.entries_read);
  stream->ChangedUnheard(Event::kXGroupSetId);
  return Ack{};
}

Result<bool> Run(Exec& x, const XGroupDestroy& c) {
  auto stream = OpenStream(x, c.key);
  if (!stream) return stream.error();
  if (!(*stream)->DeleteGroup(c.group)) return false;
  stream->ChangedUnheard(Event::kXGroupDestroy);
  x.Ready(c.key);
  return true;
}

Result<bool> Run(Exec& x, const XGroupCreateConsumer& c) {
  auto stream = OpenStream(x, c.key);
  if (!stream) return stream.error();
  const auto group = GroupOf(*stream, c.group, c.key);
  if (!group) return group.error();
  if ((*group)->FindConsumer(c.consumer) != nullptr) return false;
  (*group)->CreateConsumer(c.consumer, x.now());
  stream->ChangedUnheard(Event::kXGroupCreateConsumer);
  return true;
}

Result<int64_t> Run(Exec& x, const XGroupDelConsumer& c) {
  auto stream = OpenStream(x, c.key);
  if (!stream) return stream.error();
  const auto group = GroupOf(*stream, c.group, c.key);
  if (!group) return group.error();
  StreamConsumer* consumer = (*group)->FindConsumer(c.consumer);
  if (consumer == nullptr) return int64_t{0};
  const size_t pending = (*group)->DeleteConsumer(*consumer);
  stream->ChangedUnheard(Event::kXGroupDelConsumer);
  return static_cast<int64_t>(pending);
}

Outcome Run(Exec&, const XGroupHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CREATE <key> <groupname> <id|$> [option]",
      "    Create a new consumer group. Options are:",
      "    * MKSTREAM",
      "      Create the empty stream if it does not exist.",
      "    * ENTRIESREAD entries_read",
      "      Set the group's entries_read counter (internal use).",
      "CREATECONSUMER <key> <groupname> <consumer>",
      "    Create a new consumer in the specified group.",
      "DELCONSUMER <key> <groupname> <consumer>",
      "    Remove the specified consumer.",
      "DESTROY <key> <groupname>",
      "    Remove the specified group.",
      "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
      "    Set the current group ID and entries_read counter.",
  };
  return EmitHelp("XGROUP", kLines, sink);
}

Result<int64_t> Run(Exec& x, const XAck& c) {
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (!edit) return int64_t{0};
  edit.Unchanged();
  StreamGroup* group = edit->FindGroup(c.group);
  if (group == nullptr) return int64_t{0};
  if (!std::all_of(c.ids.begin(), c.ids.end(), IsStreamId)) return Error(&errors::kInvalidStreamId);
  int64_t acknowledged = 0;
  for (Bytes id : c.ids) acknowledged += group->Acknowledge(*ParseStreamId(id));
  if (acknowledged > 0) edit.ChangedUnheard();
  return acknowledged;
}

Outcome Run(ReadExec& x, const XPending& c, ReplySink& sink) {
  const auto stream = x.Read<Stream>(c.key);
  if (!stream) return stream.error();
  const StreamGroup* group = *stream == nullptr ? nullptr : (*stream)->FindGroup(c.group);
  if (group == nullptr) return NoKeyOrGroup(c.key.name, c.group);
  if (!c.filter) {
    EmitSummary(*group, sink);
    return Outcome();
  }
  const PendingFilter& filter = *c.filter;
  const auto range = ParseStreamRange(filter.start, filter.end);
  if (!range) return range.error();
  int64_t left = filter.count.value_or(0);
  const StreamConsumer* consumer = filter.consumer ? group->FindConsumer(*filter.consumer) : nullptr;
  if (filter.consumer && consumer == nullptr) left = 0;
  const int64_t min_idle = filter.min_idle_ms.value_or(0);
  sink.Begin(Shape::kArray, kUnknownCount);
  if (left > 0) {
    ForPending(*group, consumer, *range, [&](StreamId id, const StreamGroup::Delivery& delivery) {
      const TimeMs idle = x.now() - delivery.time;
      if (min_idle != 0 && idle < min_idle) return true;
      sink.Begin(Shape::kArray, 4);
      EmitStreamId(id, sink);
      sink.Bulk(delivery.consumer->name());
      sink.Int(std::max<TimeMs>(idle, 0));
      sink.Int(static_cast<int64_t>(delivery.count));
      sink.End();
      return --left > 0;
    });
  }
  sink.End();
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StreamGroupCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<XAck>(),          Add<XGroupCreate>(), Add<XGroupCreateConsumer>(), Add<XGroupDelConsumer>(),
      Add<XGroupDestroy>(), Add<XGroupHelp>(),   Add<XGroupSetId>(),          Add<XPending>(),
  };
  static constexpr const CommandRow* kForms[] = {AddForm<XPendingRange>()};
  return {kCommands, kForms};
}

}  // namespace dualis
