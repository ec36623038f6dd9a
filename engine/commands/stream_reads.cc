// XREAD and XREADGROUP.
#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "dualis/commands/stream_groups.h"
#include "dualis/commands/streams.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/group_work.h"
#include "engine/commands/stream_entries.h"

namespace dualis::cmd {
namespace {

uint64_t CountOf(const std::optional<int64_t>& count) {
  return static_cast<uint64_t>(std::max<int64_t>(count.value_or(0), 0));
}

// The id of the newest living entry; what the stream says was its last if there is none.
StreamId NewestId(const Stream& stream) {
  StreamReader reader(stream, StreamId(), StreamId::Max(), StreamReader::kDown);
  return reader.Next() ? reader.id() : stream.last_id();
}

// What XREADGROUP found for one of its streams.
struct Served {
  Bytes key;
  const Stream* stream;
  // New entries: so many from `first` on.
  StreamId first;
  uint64_t count = 0;
  // Or what was pending.
  bool history = false;
  std::vector<StreamId> ids;
};

void EmitHistory(const Served& served, ReplySink& sink) {
  sink.Begin(Shape::kArray, served.ids.size());
  for (StreamId id : served.ids) {
    StreamReader reader(*served.stream, id, id);
    if (reader.Next()) {
      EmitEntry(reader, sink);
      continue;
    }
    sink.Begin(Shape::kArray, 2);
    EmitStreamId(id, sink);
    sink.NullArray();
    sink.End();
  }
  sink.End();
}

// Takes what is pending for the consumer after `after`: a delivery once more, which Redis does not propagate.
void TakeHistory(Exec& x, Edit<Stream>& stream, StreamGroup& group, const StreamConsumer& consumer, StreamId after,
                 uint64_t count, Served& served) {
  served.history = true;
  after.Increment();
  for (auto it = consumer.pending().lower_bound(after); it != consumer.pending().end(); ++it) {
    if (count != 0 && served.ids.size() == count) break;
    served.ids.push_back(*it);
    if (!stream->Contains(*it)) continue;
    StreamGroup::Delivery& delivery = *group.FindPending(*it);
    delivery.time = x.now();
    ++delivery.count;
    stream.ChangedUnheard();
  }
}

// Delivers the entries that the group did not get yet.
void Deliver(Exec& x, Edit<Stream>& stream, GroupWork& work, StreamConsumer& consumer, const XReadGroup& c,
             Served& served) {
  StreamGroup& group = work.group();
  const uint64_t count = CountOf(c.count);
  served.first = group.last_id;
  if (!served.first.Increment()) return;
  StreamReader reader(*stream, served.first, StreamId::Max());
  for (; (count == 0 || served.count < count) && reader.Next(); ++served.count) {
    const StreamId id = reader.id();
    if (group.entries_read != StreamGroup::kUnknownReads && !stream->MayLackEntriesFrom(id)) {
      ++group.entries_read;
    } else if (stream->entries_added() > 0) {
      group.entries_read = stream->ReadsUpTo(id);
    }
    group.last_id = id;
    if (!c.no_ack) work.Assign(id, consumer, x.now(), 1);
  }
  if (served.count > 0) work.RecordPosition();
}

// Waits for one of the keys to change.
Outcome Wait(Exec& x, const Many<Key>& keys, const BlockMs& block, ReplySink& sink, Args rewritten = {}) {
  if (!x.rerunning() && block.ms > INT64_MAX - x.now()) return Error(&errors::kTimeoutOutOfRange);
  return x.Park(sink, keys.span(), block.ms, rewritten);
}

}  // namespace

Outcome Run(Exec& x, const XRead& c, ReplySink& sink) {
  struct Source {
    const Stream* stream;
    StreamId after;
  };
  absl::InlinedVector<Source, 4> sources;
  size_t ready = 0;
  for (size_t i = 0; i < c.keys.size(); ++i) {
    const auto read = x.Read<Stream>(c.keys[i]);
    // A key that got another type while we were waiting does not end the wait.
    if (!read && !x.rerunning()) return read.error();
    const Stream* stream = read ? *read : nullptr;
    StreamId after;
    if (c.ids[i] == "$") {
      if (stream != nullptr) after = stream->last_id();
    } else if (c.ids[i] == "+") {
      // The newest entry itself, if there is one.
      if (stream != nullptr) after = NewestId(*stream);
      if (stream != nullptr && stream->size() > 0) after.Decrement();
    } else if (c.ids[i] == ">") {
      return Error(&errors::kXReadNewOnly);
    } else if (const auto id = ParseStreamId(c.ids[i])) {
      after = *id;
    } else {
      return Error(&errors::kInvalidStreamId);
    }
    sources.push_back({stream, after});
    // Entries with a greater id may all be deleted; then there is nothing yet.
    if (stream != nullptr && stream->last_id() > after && after.Increment()) {
      ready += StreamReader(*stream, after, StreamId::Max()).Next();
    }
  }
  if (ready > 0) {
    sink.Begin(Shape::kEntries, ready);
    for (size_t i = 0; i < sources.size(); ++i) {
      StreamId from = sources[i].after;
      if (sources[i].stream == nullptr || !from.Increment()) continue;
      StreamReader reader(*sources[i].stream, from, StreamId::Max());
      if (!StreamReader(reader).Next()) continue;
      sink.Bulk(c.keys[i].name);
      EmitEntries(std::move(reader), CountOf(c.count), sink);
    }
    sink.End();
    return Outcome();
  }
  if (!c.block) {
    sink.NullArray();
    return Outcome();
  }
  // What "$" means is settled now.
  ArgList words;
  words.Add("XREAD");
  if (c.count) {
    words.Add("COUNT");
    words.Add(*c.count);
  }
  words.Add("BLOCK");
  words.Add(c.block->ms);
  words.Add("STREAMS");
  for (const Key& key : c.keys) words.Add(key);
  for (const Source& source : sources) words.Own(StreamIdText(source.after).text());
  return Wait(x, c.keys, *c.block, sink, words.args());
}

Outcome Run(Exec& x, const XReadGroup& c, ReplySink& sink) {
  // One who waits is told when his group, its stream, or the stream's type has gone.
  const auto fail = [&](const Error& error) {
    if (!x.rerunning()) return Outcome(error);
    // As a reply, because a waiting command that returns WRONGTYPE waits on. It is a failure for the books all the
    // same.
    x.server().stats().CountError(error.message());
    ++x.server().stats().Of(Row<XReadGroup>::value).failed;
    sink.Error(error);
    return Outcome();
  };
  // Everything is looked at before anything is delivered. No id: ">".
  absl::InlinedVector<std::optional<StreamId>, 4> ids;
  for (size_t i = 0; i < c.keys.size(); ++i) {
    const auto stream = x.Read<Stream>(c.keys[i]);
    if (!stream) return fail(stream.error());
    if (*stream == nullptr || (*stream)->FindGroup(c.reader->group) == nullptr) {
      return fail(NoKeyOrGroup(c.keys[i].name, c.reader->group, " in XREADGROUP with GROUP option"));
    }
    if (c.ids[i] == "$") return Error(&errors::kXReadGroupDollar);
    const auto id = c.ids[i] == ">" ? StreamId::Max() : ParseStreamId(c.ids[i]);
    if (!id) return Error(&errors::kInvalidStreamId);
    ids.push_back(*id == StreamId::Max() ? std::nullopt : id);
  }

  absl::InlinedVector<Served, 1> all;
  for (size_t i = 0; i < c.keys.size(); ++i) {
    auto stream = x.WriteExisting<Stream>(c.keys[i]);
    Edit<Stream>& edit = *stream;
    GroupWork work(x, c.keys[i], edit, *edit->FindGroup(c.reader->group));
    StreamConsumer& consumer = work.Consumer(c.reader->consumer);
    Served served{.key = c.keys[i].name, .stream = &*edit};
    if (ids[i]) {
      TakeHistory(x, edit, work.group(), consumer, *ids[i], CountOf(c.count), served);
    } else {
      Deliver(x, edit, work, consumer, c, served);
    }
    if (served.history || served.count > 0) all.push_back(std::move(served));
  }

  if (!all.empty()) {
    sink.Begin(Shape::kEntries, all.size());
    for (const Served& served : all) {
      sink.Bulk(served.key);
      if (served.history) {
        EmitHistory(served, sink);
      } else {
        EmitEntries(StreamReader(*served.stream, served.first, StreamId::Max()), served.count, sink);
      }
    }
    sink.End();
    return Outcome();
  }
  if (!c.block) {
    sink.NullArray();
    return Outcome();
  }
  return Wait(x, c.keys, *c.block, sink);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StreamReadCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<XRead>(), Add<XReadGroup>()};
  return {kCommands};
}

}  // namespace dualis
