// Subscription: messages of channels and patterns, in the order in which they were published.
//
//   Subscription feed = *client.subscribe({"news"});
//   while (Result<Message> m = feed.receive(1s)) Show(m->channel, m->payload);
//
// On a server a subscription has a connection of its own. If that is lost, one receive() reports it, because messages
// may have been missed; the next one connects again and renews every subscription.
#ifndef DUALIS_SUBSCRIPTION_H_
#define DUALIS_SUBSCRIPTION_H_

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dualis/bytes.h"
#include "dualis/result.h"

namespace dualis {

struct Message {
  std::string channel;
  std::string payload;
  // The pattern that matched; empty for a message of a channel subscribed by name.
  std::string pattern;
  friend bool operator==(const Message&, const Message&) = default;
};

// What a Backend gives for Subscribe(): the same without prefixes. Used by one thread at a time, but for Interrupt().
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  enum class Change : uint8_t { kSubscribe, kUnsubscribe, kPatternSubscribe, kPatternUnsubscribe };
  // Returns after the backend has confirmed it: what is published from then on is received.
  virtual Error Apply(Change change, std::span<const Bytes> names) = 0;
  // The next message. kTimeout when `timeout` has passed without one; without a timeout it waits for ever.
  virtual Result<Message> Receive(std::optional<std::chrono::milliseconds> timeout) = 0;
};

// Movable. Used by one thread at a time. Destroying it ends its subscriptions.
class Subscription {
 public:
  // `owner` is what the source borrows from.
  Subscription(std::unique_ptr<MessageSource> source, std::shared_ptr<const void> owner, std::string prefix);
  ~Subscription();
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;

  // SUBSCRIBE, UNSUBSCRIBE, PSUBSCRIBE, PUNSUBSCRIBE. No names to the un-forms: all of them.
  Error subscribe(const std::vector<std::string>& channels);
  Error unsubscribe(const std::vector<std::string>& channels = {});
  Error psubscribe(const std::vector<std::string>& patterns);
  Error punsubscribe(const std::vector<std::string>& patterns = {});

  // The next message; kTimeout if none came within `timeout` (zero looks without waiting).
  Result<Message> receive(std::chrono::milliseconds timeout);
  // Waits without limit.
  Result<Message> receive();

 private:
  Error Change(MessageSource::Change change, const std::vector<std::string>& names, bool patterns);
  Result<Message> Strip(Result<Message> message) const;

  // Shared with the client, whose backend must live as long as the source. Declared first, destroyed last.
  std::shared_ptr<const void> owner_;
  std::unique_ptr<MessageSource> source_;
  std::string prefix_;
};

}  // namespace dualis

#endif  // DUALIS_SUBSCRIPTION_H_
