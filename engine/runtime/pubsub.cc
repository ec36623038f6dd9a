#include "engine/runtime/pubsub.h"

#include "engine/core/glob.h"

namespace dualis::runtime {

void PubSub::Subscribe(SubscriptionKind kind, Bytes name, const Subscriber& subscriber) {
  if (kind != SubscriptionKind::kPattern) {
    (kind == SubscriptionKind::kShard ? shards_ : channels_)[std::string(name)].push_back(subscriber);
    return;
  }
  Pattern& p = patterns_[std::string(name)];
  if (p.glob == nullptr) p.glob = std::make_shared<const std::string>(name);
  p.subscribers.push_back(subscriber);
}

void PubSub::Unsubscribe(SubscriptionKind kind, Bytes name, const Subscriber& subscriber) noexcept {
  if (kind != SubscriptionKind::kPattern) {
    Subscribed& channels = kind == SubscriptionKind::kShard ? shards_ : channels_;
    const auto it = channels.find(name);
    if (it == channels.end()) return;
    std::erase(it->second, subscriber);
    if (it->second.empty()) channels.erase(it);
    return;
  }
  const auto it = patterns_.find(name);
  if (it == patterns_.end()) return;
  std::erase(it->second.subscribers, subscriber);
  if (it->second.subscribers.empty()) patterns_.erase(it);
}

int64_t PubSub::Publish(Bytes channel, Bytes payload, RingList& rung) {
  int64_t deliveries = 0;
  std::shared_ptr<const Message> message;
  const auto send = [&](const Subscriber& to, const std::shared_ptr<const std::string>& pattern) {
    if (message == nullptr) {
      message =
          std::make_shared<const Message>(Message{.channel = std::string(channel), .payload = std::string(payload)});
    }
    if (to->Append(message, pattern)) rung.Add(to);
    ++deliveries;
  };
  if (const auto it = channels_.find(channel); it != channels_.end()) {
    for (const Subscriber& subscriber : it->second) send(subscriber, nullptr);
  }
  for (const auto& [glob, pattern] : patterns_) {
    if (!GlobMatch(glob, channel)) continue;
    for (const Subscriber& subscriber : pattern.subscribers) send(subscriber, pattern.glob);
  }
  return deliveries;
}

int64_t PubSub::PublishToShard(Bytes channel, Bytes payload, RingList& rung) {
  const auto it = shards_.find(channel);
  if (it == shards_.end()) return 0;
  const auto message = std::make_shared<const Message>(
      Message{.kind = Message::Kind::kShard, .channel = std::string(channel), .payload = std::string(payload)});
  for (const Subscriber& subscriber : it->second) {
    if (subscriber->Append(message, nullptr)) rung.Add(subscriber);
  }
  return static_cast<int64_t>(it->second.size());
}

std::vector<std::string> PubSub::Channels(SubscriptionKind kind) const {
  std::vector<std::string> names;
  for (const auto& [name, subscribers] : Of(kind)) names.push_back(name);
  return names;
}

int64_t PubSub::Subscribers(SubscriptionKind kind, Bytes channel) const {
  const auto it = Of(kind).find(channel);
  return it == Of(kind).end() ? 0 : static_cast<int64_t>(it->second.size());
}

}  // namespace dualis::runtime
