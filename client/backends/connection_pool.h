// ConnectionPool: the connections of one client to one server, lent to one call at a time.
//
// The connection given back last is lent first, so that few stay in use when little is to do. One that the server has
// closed meanwhile is noticed when it is lent and replaced. After fork() the child begins with an empty pool and closes
// its copies of the parent's descriptors without a word to the server.
#ifndef DUALIS_CLIENT_BACKENDS_CONNECTION_POOL_H_
#define DUALIS_CLIENT_BACKENDS_CONNECTION_POOL_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "compat/wire/connection.h"
#include "dualis/config.h"

namespace dualis::client {

// Thread-safe.
class ConnectionPool {
  struct State;

 public:
  explicit ConnectionPool(const Config& config);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // A connection on loan. Goes back when it is destroyed, if it is fit for another call.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : state_(other.state_),
          reused_(other.reused_),
          spoilt_(other.spoilt_),
          connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    wire::Connection& operator*() const { return *connection_; }
    wire::Connection* operator->() const { return connection_.get(); }
    // True if it served earlier calls: the server may have closed it since.
    bool reused() const { return reused_; }
    // Keeps it from serving others: it carries watches.
    void Spoil() { spoilt_ = true; }

   private:
    friend class ConnectionPool;
    Lease(State* state, std::unique_ptr<wire::Connection> connection, bool reused)
        : state_(state), reused_(reused), connection_(std::move(connection)) {}

    State* state_;
    bool reused_;
    bool spoilt_ = false;
    std::unique_ptr<wire::Connection> connection_;
  };

  enum class Wanted : uint8_t { kAny, kNew };
  // Waits for a free connection, or opens one. kTimeout after Config::pool_timeout or at the deadline.
  Result<Lease> Borrow(wire::Deadline deadline, Wanted wanted = Wanted::kAny);
  // A connection beside the pool, for its owner alone.
  Result<std::unique_ptr<wire::Connection>> Open(wire::Deadline deadline) const;

 private:
  // Everything that belongs to one process.
  struct State {
    State(uint64_t g, size_t most) : generation(g) { idle.reserve(most); }
    const uint64_t generation;
    std::mutex mutex;
    std::condition_variable freed;
    // Has room for all, so that giving back never allocates. Guarded by mutex.
    std::vector<std::unique_ptr<wire::Connection>> idle;
    size_t open = 0;  // lent and idle; guarded by mutex
    // Of the process this one was forked from: kept, because the destructor of a mutex that was held then is undefined.
    State* inherited = nullptr;
  };
  State& Current();

  const wire::ConnectionOptions options_;
  const std::chrono::milliseconds connect_timeout_;
  const std::chrono::milliseconds pool_timeout_;
  const size_t most_;
  std::atomic<State*> state_;
};

// The earlier of a moment and a time from now; a time of zero is without limit.
wire::Deadline Earlier(wire::Deadline deadline, std::chrono::milliseconds time);

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_CONNECTION_POOL_H_
