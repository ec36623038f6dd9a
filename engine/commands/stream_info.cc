// XINFO and XSETID.
#include "dualis/commands/stream_info.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/group_work.h"
#include "engine/commands/stream_entries.h"

namespace dualis::cmd {
namespace {

// Emits the couples of a map.
void Put(ReplySink& sink, Bytes name, int64_t value) {
  sink.Bulk(name);
  sink.Int(value);
}
void Put(ReplySink& sink, Bytes name, size_t value) { Put(sink, name, static_cast<int64_t>(value)); }
void Put(ReplySink& sink, Bytes name, StreamId id) {
  sink.Bulk(name);
  EmitStreamId(id, sink);
}

Result<const Stream*> StreamOf(ReadExec& x, const Key& key) {
  const auto stream = x.Read<Stream>(key);
  if (stream && *stream == nullptr) return Error(&errors::kNoSuchKey);
  return stream;
}

// How many entries the group has still to get; null if deleted ones make that unknown.
void EmitLag(const Stream& stream, const StreamGroup& group, ReplySink& sink) {
  int64_t reads = group.entries_read;
  if (stream.entries_added() == 0) {
    reads = 0;
  } else if (reads == StreamGroup::kUnknownReads || stream.MayLackEntriesFrom(group.last_id)) {
    reads = stream.ReadsUpTo(group.last_id);
  }
  if (reads == StreamGroup::kUnknownReads) return sink.Null();
  sink.Int(static_cast<int64_t>(stream.entries_added()) - reads);
}

void PutPosition(const Stream& stream, const StreamGroup& group, ReplySink& sink) {
  Put(sink, "last-delivered-id", group.last_id);
  sink.Bulk("entries-read");
  group.entries_read == StreamGroup::kUnknownReads ? sink.Null() : sink.Int(group.entries_read);
  sink.Bulk("lag");
  EmitLag(stream, group, sink);
}

// The oldest or the newest entry, null if there is none.
void PutEdge(const Stream& stream, Bytes name, StreamReader::Direction from, ReplySink& sink) {
  sink.Bulk(name);
  StreamReader reader(stream, StreamId(), StreamId::Max(), from);
  reader.Next() ? EmitEntry(reader, sink) : sink.Null();
}

void PutConsumerFully(const StreamGroup& group, const StreamConsumer& consumer, size_t most, ReplySink& sink) {
  sink.Begin(Shape::kMap, 5);
  sink.Bulk("name");
  sink.Bulk(consumer.name());
  Put(sink, "seen-time", consumer.seen_time);
  Put(sink, "active-time", consumer.active_time);
  Put(sink, "pel-count", consumer.pending().size());
  sink.Bulk("pending");
  size_t left = std::min(most, consumer.pending().size());
  sink.Begin(Shape::kArray, left);
  for (auto it = consumer.pending().begin(); left > 0; ++it, --left) {
    const StreamGroup::Delivery& delivery = group.pending().find(*it)->second;
    sink.Begin(Shape::kArray, 3);
    EmitStreamId(*it, sink);
    sink.Int(delivery.time);
    sink.Int(static_cast<int64_t>(delivery.count));
    sink.End();
  }
  sink.End();
  sink.End();
}

void PutGroupFully(const Stream& stream, const StreamGroup& group, size_t most, ReplySink& sink) {
  sink.Begin(Shape::kMap, 7);
  sink.Bulk("name");
  sink.Bulk(group.name());
  PutPosition(stream, group, sink);
  Put(sink, "pel-count", group.pending().size());
  sink.Bulk("pending");
  size_t left = std::min(most, group.pending().size());
  sink.Begin(Shape::kArray, left);
  for (auto it = group.pending().begin(); left > 0; ++it, --left) {
    sink.Begin(Shape::kArray, 4);
    EmitStreamId(it->first, sink);
    sink.Bulk(it->second.consumer->name());
    sink.Int(it->second.time);
    sink.Int(static_cast<int64_t>(it->second.count));
    sink.End();
  }
  sink.End();
  sink.Bulk("consumers");
  sink.Begin(Shape::kArray, group.consumers().size());
  for (const auto& [name, consumer] : group.consumers()) PutConsumerFully(group, *consumer, most, sink);
  sink.End();
  sink.End();
}

}  // namespace

Outcome Run(ReadExec& x, const XInfoStream& c, ReplySink& sink) {
  const auto found = StreamOf(x, c.key);
  if (!found) return found.error();
  if (c.late.error) return c.late.error;
  const Stream& stream = **found;
  sink.Begin(Shape::kMap, c.full ? 9 : 10);
  Put(sink, "length", stream.size());
  Put(sink, "radix-tree-keys", stream.blocks());
  Put(sink, "radix-tree-nodes", stream.radix_nodes());
  Put(sink, "last-generated-id", stream.last_id());
  Put(sink, "max-deleted-entry-id", stream.max_deleted_id());
  Put(sink, "entries-added", stream.entries_added());
  Put(sink, "recorded-first-entry-id", stream.first_id());
  if (c.full) {
    constexpr int64_t kDefaultCount = 10;
    int64_t count = c.full->count.value_or(kDefaultCount);
    if (count < 0) count = kDefaultCount;
    sink.Bulk("entries");
    EmitEntries(StreamReader(stream, StreamId(), StreamId::Max()), static_cast<uint64_t>(count), sink);
    sink.Bulk("groups");
    sink.Begin(Shape::kArray, stream.groups().size());
    const size_t most = count == 0 ? SIZE_MAX : static_cast<size_t>(count);
    for (const auto& [name, group] : stream.groups()) PutGroupFully(stream, *group, most, sink);
    sink.End();
  } else {
    Put(sink, "groups", stream.groups().size());
    PutEdge(stream, "first-entry", StreamReader::kUp, sink);
    PutEdge(stream, "last-entry", StreamReader::kDown, sink);
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const XInfoGroups& c, ReplySink& sink) {
  const auto stream = StreamOf(x, c.key);
  if (!stream) return stream.error();
  sink.Begin(Shape::kArray, (*stream)->groups().size());
  for (const auto& [name, group] : (*stream)->groups()) {
    sink.Begin(Shape::kMap, 6);
    sink.Bulk("name");
    sink.Bulk(name);
    Put(sink, "consumers", group->consumers().size());
    Put(sink, "pending", group->pending().size());
    PutPosition(**stream, *group, sink);
    sink.End();
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const XInfoConsumers& c, ReplySink& sink) {
  const auto stream = StreamOf(x, c.key);
  if (!stream) return stream.error();
  const StreamGroup* group = (*stream)->FindGroup(c.group);
  if (group == nullptr) return NoGroupForKey(c.group, c.key.name);
  sink.Begin(Shape::kArray, group->consumers().size());
  for (const auto& [name, consumer] : group->consumers()) {
    sink.Begin(Shape::kMap, 4);
    sink.Bulk("name");
    sink.Bulk(name);
    Put(sink, "pending", consumer->pending().size());
    Put(sink, "idle", std::max<TimeMs>(x.now() - consumer->seen_time, 0));
    const bool never = consumer->active_time == StreamConsumer::kNever;
    Put(sink, "inactive", never ? TimeMs{-1} : std::max<TimeMs>(x.now() - consumer->active_time, 0));
    sink.End();
  }
  sink.End();
  return Outcome();
}

Outcome Run(Exec&, const XInfoHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CONSUMERS <key> <groupname>",
      "    Show consumers of <groupname>.",
      "GROUPS <key>",
      "    Show the stream consumer groups.",
      "STREAM <key> [FULL [COUNT <count>]",
      "    Show information about the stream.",
  };
  return EmitHelp("XINFO", kLines, sink);
}

Result<Ack> Run(Exec& x, const XSetId& c) {
  const auto id = ParseStreamId(c.last_id);
  const auto max_deleted = c.max_deleted_id ? ParseStreamId(*c.max_deleted_id) : StreamId();
  if (!id || !max_deleted) return Error(&errors::kInvalidStreamId);
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (!edit) return Error(&errors::kNoSuchKey);
  edit.Unchanged();
  if (*id < edit->max_deleted_id()) return Error(&errors::kXSetIdBelowDeleted);
  StreamReader newest(*edit, StreamId(), StreamId::Max(), StreamReader::kDown);
  if (newest.Next()) {
    if (*id < newest.id()) return Error(&errors::kXSetIdBelowTop);
    if (c.entries_added && static_cast<uint64_t>(c.entries_added->entries) < edit->size()) {
      return Error(&errors::kXSetIdFewAdded);
    }
  }
  edit->SetLastId(*id);
  if (c.entries_added) edit->SetEntriesAdded(static_cast<uint64_t>(c.entries_added->entries));
  if (*max_deleted > StreamId()) edit->SetMaxDeletedId(*max_deleted);
  edit.ChangedUnheard(Event::kXSetId);
  return Ack{};
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StreamInfoCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<XInfoConsumers>(), Add<XInfoGroups>(), Add<XInfoHelp>(), Add<XInfoStream>(), Add<XSetId>(),
  };
  return {kCommands};
}

}  // namespace dualis
