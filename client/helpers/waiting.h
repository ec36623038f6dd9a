// RetryUntil: tries something again whenever a channel says that it may succeed, and when time may have made it so.
#ifndef DUALIS_CLIENT_HELPERS_WAITING_H_
#define DUALIS_CLIENT_HELPERS_WAITING_H_

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "dualis/client.h"

namespace dualis::helpers {

// Calls `attempt` until it is true or fails, at most for `timeout`: at first, after each message on the channel, and
// after the milliseconds that it leaves in its argument (the time after which an expiry may help; negative: none).
// Between subscribing and waiting it is tried once more, so no message is missed. False when the time is over.
inline Result<bool> RetryUntil(const Client& client, const std::string& channel, std::chrono::milliseconds timeout,
                               const std::function<Result<bool>(int64_t* again_in)>& attempt) {
  using std::chrono::milliseconds;
  int64_t again_in = -1;
  Result<bool> done = attempt(&again_in);
  if (!done || *done || timeout.count() <= 0) return done;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  Result<Subscription> messages = client.subscribe({channel});
  if (!messages) return messages.error();
  for (;;) {
    again_in = -1;
    done = attempt(&again_in);
    if (!done || *done) return done;
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    // A little later than told: on a server the key is gone only after its last millisecond.
    const milliseconds wait = again_in < 0 ? left : std::min(left, milliseconds(again_in + 1));
    const Result<Message> message = messages->receive(wait);
    if (!message && message.error().code() != ErrorCode::kTimeout) return message.error();
  }
}

}  // namespace dualis::helpers

#endif  // DUALIS_CLIENT_HELPERS_WAITING_H_
