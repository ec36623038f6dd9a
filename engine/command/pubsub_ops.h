// PubSubOps: what the commands of PUBSUB ask about subscriptions. The runtime implements it; handlers reach it by
// ExecHost::pubsub().
#ifndef DUALIS_ENGINE_COMMAND_PUBSUB_OPS_H_
#define DUALIS_ENGINE_COMMAND_PUBSUB_OPS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dualis/bytes.h"

namespace dualis {

// The kinds of subscriptions, which share no names. Shards' channels are for clusters; here they are channels of a
// space of their own.
enum class SubscriptionKind : uint8_t { kChannel, kPattern, kShard };

class PubSubOps {
 public:
  virtual ~PubSubOps() = default;
  // The channels, of either kind, that somebody is subscribed to.
  virtual std::vector<std::string> Channels(SubscriptionKind kind) const = 0;
  // How many are subscribed to a channel by its name.
  virtual int64_t Subscribers(SubscriptionKind kind, Bytes channel) const = 0;
  // How many patterns somebody is subscribed to.
  virtual int64_t Patterns() const = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_PUBSUB_OPS_H_
