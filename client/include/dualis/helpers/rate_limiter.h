// RateLimiter: at most so many in a period, for each name: requests of a user, mails to an address.
//
//   RateLimiter limiter = RateLimiter::Open(client, "api", {.limit = 100, .period = 60s}).value();
//   const RateLimiter::Answer answer = limiter.allow(user).value();
//   if (!answer.allowed) return TooManyRequests(answer.retry_after);
//
// What is spent comes back evenly: with 100 in 60 s one every 600 ms, up to 100 at once after a pause (the generic cell
// rate algorithm, a leaky bucket). One number a name is kept, in the key BASE:NAME, which expires when all has come
// back. Time is the store's, so callers' clocks need not agree.
#ifndef DUALIS_HELPERS_RATE_LIMITER_H_
#define DUALIS_HELPERS_RATE_LIMITER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "dualis/client.h"

namespace dualis {

namespace helpers {
class ScriptSet;
}

// A value, cheap to copy. Thread-safe; each call is one atomic turn.
class RateLimiter {
 public:
  struct Options {
    int64_t limit = 10;
    std::chrono::milliseconds period{1000};
  };
  struct Answer {
    bool allowed = false;
    // How much could be spent right now, after this call.
    int64_t remaining = 0;
    // When the same call would be allowed; zero if it was.
    std::chrono::milliseconds retry_after{0};
    // When all will have come back.
    std::chrono::milliseconds full_after{0};
  };

  // kUsage for a limit or period below 1.
  static Result<RateLimiter> Open(const Client& client, const std::string& base, const Options& options);

  // Spends `cost` if that much is left, else nothing. kUsage for a cost below 0 or above the limit. A cost of 0 only
  // asks.
  Result<Answer> allow(const std::string& name, int64_t cost = 1) const;
  // As if nothing had been spent.
  Error reset(const std::string& name) const;

 private:
  RateLimiter(Client client, std::string base, const Options& options,
              std::shared_ptr<const helpers::ScriptSet> scripts);

  Client client_;
  std::string base_;
  Options options_;
  std::shared_ptr<const helpers::ScriptSet> scripts_;  // shared by the copies
};

}  // namespace dualis

#endif  // DUALIS_HELPERS_RATE_LIMITER_H_
