// Subscription: the prefix of channels, over a backend's MessageSource that knows of none.
#include "dualis/subscription.h"

#include <utility>

#include "client/prefix/prefix_mapper.h"

namespace dualis {

Subscription::Subscription(std::unique_ptr<MessageSource> source, std::shared_ptr<const void> owner, std::string prefix)
    : owner_(std::move(owner)), source_(std::move(source)), prefix_(std::move(prefix)) {}
Subscription::~Subscription() = default;
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&& other) noexcept {
  // The old source goes before what it borrows from.
  source_ = std::move(other.source_);
  owner_ = std::move(other.owner_);
  prefix_ = std::move(other.prefix_);
  return *this;
}

Error Subscription::Change(MessageSource::Change change, const std::vector<std::string>& names, bool patterns) {
  if (prefix_.empty()) return source_->Apply(change, std::vector<Bytes>(names.begin(), names.end()));
  std::vector<std::string> prefixed;
  prefixed.reserve(names.size());
  const std::string front = patterns ? client::EscapeGlob(prefix_) : prefix_;
  for (const std::string& name : names) prefixed.push_back(front + name);
  return source_->Apply(change, std::vector<Bytes>(prefixed.begin(), prefixed.end()));
}

Error Subscription::subscribe(const std::vector<std::string>& channels) {
  if (channels.empty()) return {};
  return Change(MessageSource::Change::kSubscribe, channels, false);
}

Error Subscription::unsubscribe(const std::vector<std::string>& channels) {
  return Change(MessageSource::Change::kUnsubscribe, channels, false);
}

Error Subscription::psubscribe(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return {};
  return Change(MessageSource::Change::kPatternSubscribe, patterns, true);
}

Error Subscription::punsubscribe(const std::vector<std::string>& patterns) {
  return Change(MessageSource::Change::kPatternUnsubscribe, patterns, true);
}

Result<Message> Subscription::receive(std::chrono::milliseconds timeout) { return Strip(source_->Receive(timeout)); }

Result<Message> Subscription::receive() { return Strip(source_->Receive(std::nullopt)); }

Result<Message> Subscription::Strip(Result<Message> message) const {
  if (!message || prefix_.empty()) return message;
  const std::string glob = client::EscapeGlob(prefix_);
  if (message->channel.starts_with(prefix_)) message->channel.erase(0, prefix_.size());
  if (message->pattern.starts_with(glob)) message->pattern.erase(0, glob.size());
  return message;
}

}  // namespace dualis
