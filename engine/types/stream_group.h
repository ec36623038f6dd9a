// StreamGroup: one consumer group of a stream: how far it has read, and which entries it has handed to whom.
//
//   StreamGroup  pending:   id ──> Delivery{consumer, time, count}      every entry handed out and not acknowledged
//                consumers: name ──> StreamConsumer
//   StreamConsumer  pending: ids that are its own                       the same entries, by consumer
//
// The two views of what is pending never differ: only the group changes them. Ids may outlive their entries: a pending
// entry that was deleted stays pending until somebody acknowledges or claims it.
#ifndef DUALIS_ENGINE_TYPES_STREAM_GROUP_H_
#define DUALIS_ENGINE_TYPES_STREAM_GROUP_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <memory>
#include <string>

#include "dualis/bytes.h"
#include "engine/types/stream_id.h"

namespace dualis {

class StreamConsumer {
 public:
  using Ids = absl::btree_set<StreamId>;
  // The value of active_time before the first success.
  static constexpr TimeMs kNever = -1;

  StreamConsumer(Bytes name, TimeMs seen) : seen_time(seen), name_(name) {}
  StreamConsumer(const StreamConsumer&) = delete;
  StreamConsumer& operator=(const StreamConsumer&) = delete;

  Bytes name() const { return name_; }
  // Ids of the entries that it has and did not acknowledge.
  const Ids& pending() const { return pending_; }

  // When it last tried to get entries, and when it last got some.
  TimeMs seen_time;
  TimeMs active_time = kNever;

 private:
  friend class StreamGroup;
  const std::string name_;
  Ids pending_;
};

class StreamGroup {
 public:
  // The value of entries_read when nobody knows: the group began, or was set, somewhere in the middle of the stream.
  static constexpr int64_t kUnknownReads = -1;

  // An entry handed to a consumer.
  struct Delivery {
    StreamConsumer* consumer;  // of this group
    TimeMs time;               // of the last delivery
    uint64_t count;            // of deliveries
  };
  using Pending = absl::btree_map<StreamId, Delivery>;
  using Consumers = absl::btree_map<Bytes, std::unique_ptr<StreamConsumer>>;

  StreamGroup(Bytes name, StreamId last, int64_t reads) : last_id(last), entries_read(reads), name_(name) {}
  StreamGroup(const StreamGroup&) = delete;
  StreamGroup& operator=(const StreamGroup&) = delete;

  Bytes name() const { return name_; }
  const Pending& pending() const { return pending_; }
  // In bytewise order of their names.
  const Consumers& consumers() const { return consumers_; }
  // Bytes held, this object included.
  size_t memory() const;

  // The consumer of this name; null if there is none. It stays where it is until it is deleted.
  StreamConsumer* FindConsumer(Bytes name) const;
  // A new consumer. Requires: there is none of this name.
  StreamConsumer& CreateConsumer(Bytes name, TimeMs seen);
  // Deletes a consumer with all that is pending for it; returns how many entries that were.
  size_t DeleteConsumer(StreamConsumer& consumer) noexcept;

  // What is pending under this id; null if nothing. Valid until anything becomes or ceases to be pending.
  Delivery* FindPending(StreamId id);
  // Makes an entry the consumer's, whoever had it before.
  void Assign(StreamId id, StreamConsumer& consumer, TimeMs time, uint64_t count);
  // Forgets a pending entry. False if it was not pending.
  bool Acknowledge(StreamId id) noexcept;

  // A copy under the same name.
  std::unique_ptr<StreamGroup> Clone() const;

  // The last entry delivered: the next read with ">" goes on after it.
  StreamId last_id;
  // How many of all the entries ever added the group has passed; kUnknownReads if that is not known.
  int64_t entries_read;

 private:
  const std::string name_;
  Pending pending_;
  Consumers consumers_;  // the keys are the consumers' own names
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_STREAM_GROUP_H_
