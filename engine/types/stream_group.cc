#include "engine/types/stream_group.h"

#include <cassert>

namespace dualis {

size_t StreamGroup::memory() const {
  size_t bytes = sizeof(*this) + name_.size() + pending_.size() * sizeof(Pending::value_type);
  // An id is pending once for the group and once for a consumer.
  bytes += pending_.size() * sizeof(StreamId);
  for (const auto& [name, consumer] : consumers_) {
    bytes += sizeof(Consumers::value_type) + sizeof(StreamConsumer) + name.size();
  }
  return bytes;
}

StreamConsumer* StreamGroup::FindConsumer(Bytes name) const {
  const auto it = consumers_.find(name);
  return it == consumers_.end() ? nullptr : it->second.get();
}

StreamConsumer& StreamGroup::CreateConsumer(Bytes name, TimeMs seen) {
  auto consumer = std::make_unique<StreamConsumer>(name, seen);
  StreamConsumer& made = *consumer;
  [[maybe_unused]] const bool fresh = consumers_.try_emplace(made.name(), std::move(consumer)).second;
  assert(fresh);
  return made;
}

size_t StreamGroup::DeleteConsumer(StreamConsumer& consumer) noexcept {
  const size_t pending = consumer.pending_.size();
  for (StreamId id : consumer.pending_) pending_.erase(id);
  // The name goes with the consumer, so it cannot be the key that is looked for.
  consumers_.erase(consumers_.find(consumer.name()));
  return pending;
}

StreamGroup::Delivery* StreamGroup::FindPending(StreamId id) {
  const auto it = pending_.find(id);
  return it == pending_.end() ? nullptr : &it->second;
}

void StreamGroup::Assign(StreamId id, StreamConsumer& consumer, TimeMs time, uint64_t count) {
  const bool added = consumer.pending_.insert(id).second;
  Pending::iterator place;
  try {
    place = pending_.try_emplace(id, Delivery{&consumer, time, count}).first;
  } catch (...) {
    if (added) consumer.pending_.erase(id);
    throw;
  }
  Delivery& delivery = place->second;
  if (delivery.consumer != &consumer) delivery.consumer->pending_.erase(id);
  delivery = {&consumer, time, count};
}

bool StreamGroup::Acknowledge(StreamId id) noexcept {
  const auto it = pending_.find(id);
  if (it == pending_.end()) return false;
  it->second.consumer->pending_.erase(id);
  pending_.erase(it);
  return true;
}

std::unique_ptr<StreamGroup> StreamGroup::Clone() const {
  auto copy = std::make_unique<StreamGroup>(name_, last_id, entries_read);
  for (const auto& [name, consumer] : consumers_) {
    StreamConsumer& twin = copy->CreateConsumer(name, consumer->seen_time);
    twin.active_time = consumer->active_time;
  }
  for (const auto& [id, delivery] : pending_) {
    copy->Assign(id, *copy->FindConsumer(delivery.consumer->name()), delivery.time, delivery.count);
  }
  return copy;
}

}  // namespace dualis
