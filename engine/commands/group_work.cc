#include "engine/commands/group_work.h"

#include <string>

#include "dualis/command.h"
#include "engine/command/errors.h"

namespace dualis::cmd {

Error NoGroupForKey(Bytes group, Bytes key) {
  const std::string end = std::string("' for key name '").append(key).append("'");
  return errors::Named("NOGROUP No such consumer group '", group, end);
}

Error NoKeyOrGroup(Bytes key, Bytes group, Bytes where) {
  const std::string end = std::string("' or consumer group '").append(group).append("'").append(where);
  return errors::Named("NOGROUP No such key '", key, end);
}

StreamConsumer& GroupWork::Consumer(Bytes name) {
  StreamConsumer* consumer = group_.FindConsumer(name);
  if (consumer == nullptr) {
    consumer = &group_.CreateConsumer(name, x_.now());
    stream_.ChangedUnheard(Event::kXGroupCreateConsumer);
    x_.Effect({"XGROUP", "CREATECONSUMER", key_, group_.name(), name});
  }
  consumer->seen_time = x_.now();
  return *consumer;
}

void GroupWork::Assign(StreamId id, StreamConsumer& consumer, TimeMs time, uint64_t count) {
  group_.Assign(id, consumer, time, count);
  consumer.active_time = x_.now();
  stream_.ChangedUnheard();
  if (x_.wants_effects()) RecordClaim(id, {&consumer, time, count});
}

void GroupWork::Forget(StreamId id) {
  // Claimed by whoever has it, an entry that is no more ceases to be pending there as well.
  if (x_.wants_effects()) RecordClaim(id, *group_.FindPending(id));
  group_.Acknowledge(id);
  stream_.ChangedUnheard();
}

void GroupWork::RecordClaim(StreamId id, const StreamGroup::Delivery& delivery) {
  ArgList effect;
  for (Bytes word : {Bytes("XCLAIM"), key_.name, group_.name(), delivery.consumer->name(), Bytes("0")})
    effect.Add(word);
  effect.Own(StreamIdText(id).text());
  effect.Add("TIME");
  effect.Add(delivery.time);
  effect.Add("RETRYCOUNT");
  effect.Add(static_cast<int64_t>(delivery.count));
  effect.Add("FORCE");
  effect.Add("JUSTID");
  effect.Add("LASTID");
  effect.Own(StreamIdText(group_.last_id).text());
  x_.Effect(effect.args());
}

void GroupWork::RecordPosition() {
  stream_.ChangedUnheard();
  const StreamIdText last(group_.last_id);
  x_.Effect({"XGROUP", "SETID", key_, group_.name(), last.text(), "ENTRIESREAD", group_.entries_read});
}

}  // namespace dualis::cmd
