// PubSub: who is subscribed to what. Guarded by the gate.
#ifndef DUALIS_ENGINE_RUNTIME_PUBSUB_H_
#define DUALIS_ENGINE_RUNTIME_PUBSUB_H_

#include <absl/container/btree_map.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/command/pubsub_ops.h"
#include "engine/runtime/outbox.h"

namespace dualis::runtime {

class PubSub final : public PubSubOps {
 public:
  using Subscriber = std::shared_ptr<Outbox>;

  void Subscribe(SubscriptionKind kind, Bytes name, const Subscriber& subscriber);
  void Unsubscribe(SubscriptionKind kind, Bytes name, const Subscriber& subscriber) noexcept;

  // Appends the message to every subscriber's outbox: channels first, then patterns, each in order of subscription.
  // Those who are to be told of it are added to `rung`. Returns the number of deliveries.
  int64_t Publish(Bytes channel, Bytes payload, RingList& rung);
  // The same to the subscribers of a shard's channel.
  int64_t PublishToShard(Bytes channel, Bytes payload, RingList& rung);

  // PubSubOps.
  std::vector<std::string> Channels(SubscriptionKind kind) const override;
  int64_t Subscribers(SubscriptionKind kind, Bytes channel) const override;
  int64_t Patterns() const override { return static_cast<int64_t>(patterns_.size()); }

 private:
  struct Pattern {
    std::shared_ptr<const std::string> glob;
    std::vector<Subscriber> subscribers;
  };
  using Subscribed = absl::btree_map<std::string, std::vector<Subscriber>, std::less<>>;
  const Subscribed& Of(SubscriptionKind kind) const { return kind == SubscriptionKind::kShard ? shards_ : channels_; }
  Subscribed channels_;
  Subscribed shards_;
  absl::btree_map<std::string, Pattern, std::less<>> patterns_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_PUBSUB_H_
