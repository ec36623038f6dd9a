// Cache: a value is computed once, however many ask for it at the same time, and kept for a while.
//
//   Cache cache = Cache::Open(client, "thumbnail", {.ttl = 1h}).value();
//   Result<std::string> image = cache.get(name, [&] { return Render(name); }, 5s);
//
// Who asks first claims the key, in the same turn in which it sees that there is no value; the others wait. A claim
// expires (Options::claim), because the one who computes may have died; a computation that fails gives the claim back,
// and one of those who wait tries next. A value that comes after its claim has expired is given to its caller, but
// stored only if nobody else has claimed the key meanwhile.
//
// In Redis: BASE:KEY, "v" and the value, or "c" and the claim's token. Values and releases are announced on the channel
// of that name.
#ifndef DUALIS_HELPERS_CACHE_H_
#define DUALIS_HELPERS_CACHE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dualis/client.h"

namespace dualis {

namespace helpers {
class ScriptSet;
}

// A value, cheap to copy. Thread-safe.
class Cache {
 public:
  struct Options {
    // How long a value is kept; zero: until it is removed.
    std::chrono::milliseconds ttl{0};
    // How long a computation may take before somebody else may start one, too.
    std::chrono::milliseconds claim{30'000};
  };
  using Compute = std::function<Result<std::string>()>;

  static Result<Cache> Open(const Client& client, const std::string& base, const Options& options);

  // The value of the key. If there is none and nobody computes it, `compute` is called on this thread, outside of every
  // lock, and its error, if it fails, is the result. Waits for others that compute up to `timeout`, then kTimeout.
  Result<std::string> get(const std::string& key, const Compute& compute, std::chrono::milliseconds timeout) const;
  // The value, if it is there now.
  Result<std::optional<std::string>> peek(const std::string& key) const;
  // Stores a value, whoever computes one at this moment.
  Error put(const std::string& key, const std::string& value) const;
  // Forgets the value, or the claim. False if there was none.
  Result<bool> forget(const std::string& key) const;

 private:
  Cache(Client client, std::string base, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts);
  Result<std::string> ComputeAndStore(const std::string& name, const std::string& token, const Compute& compute) const;

  Client client_;
  std::string base_;
  Options options_;
  std::shared_ptr<const helpers::ScriptSet> scripts_;  // shared by the copies
};

}  // namespace dualis

#endif  // DUALIS_HELPERS_CACHE_H_
