// PubSub: who is subscribed to what. Guarded by the gate.
#ifndef DUALIS_ENGINE_RUNTIME_PUBSUB_H_
#define DUALIS_ENGINE_RUNTIME_PUBSUB_H_

#include <absl/container/btree_map.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/outbox.h"

namespace dualis::runtime {

class PubSub {
 public:
  using Subscriber = std::shared_ptr<Outbox>;

  void SubscribeChannel(Bytes channel, const Subscriber& subscriber);
  void SubscribePattern(Bytes pattern, const Subscriber& subscriber);
  void UnsubscribeChannel(Bytes channel, const Subscriber& subscriber) noexcept;
  void UnsubscribePattern(Bytes pattern, const Subscriber& subscriber) noexcept;

  // Appends the message to every subscriber's outbox: channels first, then patterns, each in order of subscription.
  // Those who got something are added to `rung`, once each. Returns the number of deliveries.
  int64_t Publish(Bytes channel, Bytes payload, std::vector<Subscriber>& rung);

  // PUBSUB CHANNELS, NUMSUB, NUMPAT.
  std::vector<std::string> Channels() const;
  int64_t Subscribers(Bytes channel) const;
  int64_t Patterns() const { return static_cast<int64_t>(patterns_.size()); }

 private:
  struct Pattern {
    std::shared_ptr<const std::string> glob;
    std::vector<Subscriber> subscribers;
  };
  absl::btree_map<std::string, std::vector<Subscriber>, std::less<>> channels_;
  absl::btree_map<std::string, Pattern, std::less<>> patterns_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_PUBSUB_H_
