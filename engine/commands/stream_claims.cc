// XCLAIM and XAUTOCLAIM.
#include "dualis/commands/stream_claims.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/group_work.h"
#include "engine/commands/stream_entries.h"

namespace dualis::cmd {
namespace {

// A group that must be there.
Result<StreamGroup*> GroupOf(Edit<Stream>& stream, const Key& key, Bytes name) {
  StreamGroup* group = stream ? stream->FindGroup(name) : nullptr;
  if (group == nullptr) return NoKeyOrGroup(key.name, name);
  return group;
}

void EmitClaimed(const Stream& stream, const std::vector<StreamId>& ids, bool just_id, ReplySink& sink) {
  sink.Begin(Shape::kArray, ids.size());
  for (StreamId id : ids) {
    if (just_id) {
      EmitStreamId(id, sink);
      continue;
    }
    StreamReader reader(stream, id, id);
    if (reader.Next()) EmitEntry(reader, sink);
  }
  sink.End();
}

// The time of delivery that the options ask for. A time in the future is a client's clock that is ahead: then it is
// now.
TimeMs DeliveryTime(const XClaim& c, TimeMs now) {
  TimeMs time = now;
  if (c.idle_ms && __builtin_sub_overflow(now, *c.idle_ms, &time)) time = now;
  if (c.time_ms) time = *c.time_ms;
  return time < 0 || time > now ? now : time;
}

}  // namespace

Outcome Run(Exec& x, const XClaim& c, ReplySink& sink) {
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (edit) edit.Unchanged();
  const auto found = GroupOf(edit, c.key, c.group);
  if (!found) return found.error();
  if (c.late.error) return c.late.error;
  StreamGroup& group = **found;

  GroupWork work(x, c.key, edit, group);
  const auto last_id = c.last_id ? ParseStreamId(*c.last_id) : std::nullopt;
  bool moved = last_id && *last_id > group.last_id;
  if (moved) group.last_id = *last_id;
  StreamConsumer& consumer = work.Consumer(c.consumer);
  const TimeMs time = DeliveryTime(c, x.now());
  std::vector<StreamId> claimed;
  for (Bytes word : c.ids) {
    const StreamId id = *ParseStreamId(word);
    const StreamGroup::Delivery* pending = group.FindPending(id);
    if (!edit->Contains(id)) {
      if (pending == nullptr) continue;
      work.Forget(id);
      moved = false;  // which the claim told
      continue;
    }
    if (pending == nullptr && !c.force) continue;
    if (pending != nullptr && c.min_idle_ms > 0 && x.now() - pending->time < c.min_idle_ms) continue;
    // What FORCE takes counts as delivered once before.
    uint64_t count = pending == nullptr ? 1 : pending->count;
    if (c.retry_count && *c.retry_count >= 0) {
      count = static_cast<uint64_t>(*c.retry_count);
    } else if (!c.just_id) {
      ++count;
    }
    work.Assign(id, consumer, time, count);
    moved = false;
    claimed.push_back(id);
  }
  if (moved) work.RecordPosition();
  EmitClaimed(*edit, claimed, c.just_id, sink);
  return Outcome();
}

Outcome Run(Exec& x, const XAutoClaim& c, ReplySink& sink) {
  // So many pending entries are looked at for each that is asked for.
  constexpr int64_t kTries = 10;
  constexpr int64_t kDefaultCount = 100;
  const auto range = ParseStreamRange(c.start, "+");
  if (!range) return range.error();
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (edit) edit.Unchanged();
  const auto found = GroupOf(edit, c.key, c.group);
  if (!found) return found.error();
  StreamGroup& group = **found;

  GroupWork work(x, c.key, edit, group);
  StreamConsumer& consumer = work.Consumer(c.consumer);
  int64_t left = c.count ? *c.count : kDefaultCount;
  int64_t tries = left > INT64_MAX / kTries ? INT64_MAX : left * kTries;
  std::vector<StreamId> claimed;
  std::vector<StreamId> deleted;
  // Looked up anew each time: claiming changes what is pending.
  auto it = group.pending().lower_bound(range->first);
  while (tries-- > 0 && left > 0 && it != group.pending().end()) {
    const StreamId id = it->first;
    const StreamGroup::Delivery pending = it->second;
    if (!edit->Contains(id)) {
      work.Forget(id);
      deleted.push_back(id);
      --left;
    } else if (c.min_idle_ms <= 0 || x.now() - pending.time >= c.min_idle_ms) {
      work.Assign(id, consumer, x.now(), pending.count + (c.just_id ? 0 : 1));
      claimed.push_back(id);
      --left;
    }
    it = group.pending().upper_bound(id);
  }

  sink.Begin(Shape::kArray, 3);
  EmitStreamId(it == group.pending().end() ? StreamId() : it->first, sink);
  EmitClaimed(*edit, claimed, c.just_id, sink);
  EmitClaimed(*edit, deleted, true, sink);
  sink.End();
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StreamClaimCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<XAutoClaim>(), Add<XClaim>()};
  static constexpr const CommandRow* kForms[] = {AddForm<XAutoClaimJustId>(), AddForm<XClaimJustId>()};
  return {kCommands, kForms};
}

}  // namespace dualis
