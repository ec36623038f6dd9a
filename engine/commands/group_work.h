// GroupWork: what the commands of consumer groups do to a group, with what follows from it: events, and the effects
// that repeat each delivery on a log or a replica. Watchers of the stream hear of none of it.
#ifndef DUALIS_ENGINE_COMMANDS_GROUP_WORK_H_
#define DUALIS_ENGINE_COMMANDS_GROUP_WORK_H_

#include "engine/command/exec.h"
#include "engine/types/stream.h"

namespace dualis::cmd {

// The NOGROUP errors, which commands word differently.
Error NoGroupForKey(Bytes group, Bytes key);                   // XGROUP, XINFO
Error NoKeyOrGroup(Bytes key, Bytes group, Bytes where = {});  // the others; `where` ends the text

class GroupWork {
 public:
  // The command itself is no effect: what is done here is recorded instead.
  GroupWork(Exec& x, const Key& key, Edit<Stream>& stream, StreamGroup& group)
      : x_(x), key_(key), stream_(stream), group_(group) {
    x_.NoEffect();
    stream_.Unchanged();
  }

  StreamGroup& group() { return group_; }
  // The consumer of this name, created if need be. It was seen now.
  StreamConsumer& Consumer(Bytes name);
  // Delivers an entry, or claims it.
  void Assign(StreamId id, StreamConsumer& consumer, TimeMs time, uint64_t count);
  // Forgets what is pending for an entry that is no more. Requires: it is pending.
  void Forget(StreamId id);
  // Records where the group stands, after group().last_id or entries_read changed.
  void RecordPosition();

 private:
  void RecordClaim(StreamId id, const StreamGroup::Delivery& delivery);

  Exec& x_;
  const Key& key_;
  Edit<Stream>& stream_;
  StreamGroup& group_;
};

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_GROUP_WORK_H_
