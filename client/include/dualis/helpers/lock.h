// Lock: one holder at a time, among threads, processes and machines.
//
//   Lock lock = Lock::Open(client, "report").value();
//   Result<std::optional<Lock::Held>> held = lock.acquire(5s);
//   if (!held || !*held) return;                       // an error; or others held it all the time
//   Store(report, (*held)->fence());
//   (*held)->extend(30s);                              // false: it had expired, and may be somebody else's by now
//
// A lock expires by itself (Options::ttl), because its holder may have died; so a holder that was stopped for long may
// go on without holding it. What must not suffer from that checks the fence, a number that grows with every
// acquisition: whoever stores refuses a smaller fence than it has seen.
//
// In Redis: NAME, the holder's token, with its expiry; NAME:fence, the last fence. Releases are published on NAME. On a
// cluster, give a name in braces.
#ifndef DUALIS_HELPERS_LOCK_H_
#define DUALIS_HELPERS_LOCK_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "dualis/client.h"

namespace dualis {

namespace helpers {
class ScriptSet;
}

// A value, cheap to copy. Thread-safe.
class Lock {
 public:
  struct Options {
    // How long an acquisition lasts if nobody extends or releases it.
    std::chrono::milliseconds ttl{10'000};
  };

  // One acquisition. Movable; destroying it releases the lock if it still holds it. Used by one thread at a time.
  class Held {
   public:
    ~Held();
    Held(Held&&) noexcept;
    Held& operator=(Held&&) noexcept;

    // The text that proves the acquisition.
    const std::string& token() const { return token_; }
    // Greater than that of every acquisition before.
    int64_t fence() const { return fence_; }
    // Lets it last that long from now on. False if it does not hold the lock any more.
    Result<bool> extend(std::chrono::milliseconds ttl);
    // False if it did not hold the lock any more.
    Result<bool> release();
    // Whether it holds the lock now.
    Result<bool> holds() const;

   private:
    friend class Lock;
    Held(std::shared_ptr<const helpers::ScriptSet> scripts, std::string token, int64_t fence);

    // Shared with the Lock, which may go first. Null after release().
    std::shared_ptr<const helpers::ScriptSet> scripts_;
    std::string token_;
    int64_t fence_ = 0;
  };

  static Result<Lock> Open(const Client& client, const std::string& name, const Options& options);
  static Result<Lock> Open(const Client& client, const std::string& name) { return Open(client, name, Options()); }

  // Takes the lock if it is free; nothing if somebody holds it.
  Result<std::optional<Held>> try_acquire() const;
  // The same, and waits for it up to that long; nothing if it was held all the time. Who waits is woken by a release,
  // in no order, and by an expiry.
  Result<std::optional<Held>> acquire(std::chrono::milliseconds timeout) const;

 private:
  Lock(Client client, std::string name, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts);
  Result<std::optional<Held>> Try(int64_t* busy_for) const;

  Client client_;
  std::string name_;
  Options options_;
  // Shared with the acquisitions.
  std::shared_ptr<const helpers::ScriptSet> scripts_;
};

}  // namespace dualis

#endif  // DUALIS_HELPERS_LOCK_H_
