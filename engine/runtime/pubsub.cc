#include "engine/runtime/pubsub.h"

#include <algorithm>

#include "engine/core/glob.h"

namespace dualis::runtime {
namespace {

void Ring(std::vector<PubSub::Subscriber>& rung, const PubSub::Subscriber& subscriber) {
  if (std::find(rung.begin(), rung.end(), subscriber) == rung.end()) rung.push_back(subscriber);
}

}  // namespace

void PubSub::SubscribeChannel(Bytes channel, const Subscriber& subscriber) {
  channels_[std::string(channel)].push_back(subscriber);
}

void PubSub::SubscribePattern(Bytes pattern, const Subscriber& subscriber) {
  Pattern& p = patterns_[std::string(pattern)];
  if (p.glob == nullptr) p.glob = std::make_shared<const std::string>(pattern);
  p.subscribers.push_back(subscriber);
}

void PubSub::UnsubscribeChannel(Bytes channel, const Subscriber& subscriber) noexcept {
  const auto it = channels_.find(channel);
  if (it == channels_.end()) return;
  std::erase(it->second, subscriber);
  if (it->second.empty()) channels_.erase(it);
}

void PubSub::UnsubscribePattern(Bytes pattern, const Subscriber& subscriber) noexcept {
  const auto it = patterns_.find(pattern);
  if (it == patterns_.end()) return;
  std::erase(it->second.subscribers, subscriber);
  if (it->second.subscribers.empty()) patterns_.erase(it);
}

int64_t PubSub::Publish(Bytes channel, Bytes payload, std::vector<Subscriber>& rung) {
  int64_t deliveries = 0;
  std::shared_ptr<const Message> message;
  const auto send = [&](const Subscriber& to, const std::shared_ptr<const std::string>& pattern) {
    if (message == nullptr) {
      message =
          std::make_shared<const Message>(Message{.channel = std::string(channel), .payload = std::string(payload)});
    }
    to->Append(message, pattern);
    Ring(rung, to);
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

std::vector<std::string> PubSub::Channels() const {
  std::vector<std::string> names;
  for (const auto& [name, subscribers] : channels_) names.push_back(name);
  return names;
}

int64_t PubSub::Subscribers(Bytes channel) const {
  const auto it = channels_.find(channel);
  return it == channels_.end() ? 0 : static_cast<int64_t>(it->second.size());
}

}  // namespace dualis::runtime
