#include "client/backends/connection_pool.h"

#include <algorithm>

#include "compat/wire/fork.h"

namespace dualis::client {
namespace {

wire::ConnectionOptions OptionsOf(const Config& config) {
  wire::ConnectionOptions options;
  options.host = config.host;
  options.port = config.port;
  if (config.home == Config::Home::kUnix) options.unix_path = config.path;
  options.user = config.user;
  options.password = config.password;
  options.db = config.db;
  options.client_name = config.client_name;
  options.protocol = config.protocol;
  return options;
}

}  // namespace

wire::Deadline Earlier(wire::Deadline deadline, std::chrono::milliseconds time) {
  return time.count() == 0 ? deadline : std::min(deadline, wire::In(time));
}

ConnectionPool::ConnectionPool(const Config& config)
    : options_(OptionsOf(config)),
      connect_timeout_(config.connect_timeout),
      pool_timeout_(config.pool_timeout),
      most_(config.pool),
      state_(new State(wire::ForkGeneration(), config.pool)) {}

ConnectionPool::~ConnectionPool() {
  // Inherited states, if any, stay: see State::inherited.
  State* state = state_.load(std::memory_order_acquire);
  if (state->generation == wire::ForkGeneration()) delete state;
}

ConnectionPool::State& ConnectionPool::Current() {
  State* state = state_.load(std::memory_order_acquire);
  const uint64_t generation = wire::ForkGeneration();
  if (state->generation == generation) return *state;
  auto fresh = std::make_unique<State>(generation, most_);
  fresh->inherited = state;
  if (!state_.compare_exchange_strong(state, fresh.get(), std::memory_order_acq_rel)) return *state;
  State& inherited = *fresh->inherited;
  // Held by a thread that does not exist here: then the list may be half changed, and its descriptors stay open.
  if (inherited.mutex.try_lock()) {
    inherited.idle.clear();
    inherited.mutex.unlock();
  }
  return *fresh.release();
}

Result<std::unique_ptr<wire::Connection>> ConnectionPool::Open(wire::Deadline deadline) const {
  return wire::Connection::Open(options_, Earlier(deadline, connect_timeout_));
}

Result<ConnectionPool::Lease> ConnectionPool::Borrow(wire::Deadline deadline, Wanted wanted) {
  State& state = Current();
  std::unique_lock lock(state.mutex);
  const wire::Deadline patience = Earlier(deadline, pool_timeout_);
  for (;;) {
    while (wanted == Wanted::kAny && !state.idle.empty()) {
      std::unique_ptr<wire::Connection> connection = std::move(state.idle.back());
      state.idle.pop_back();
      // The look at the socket and the close are system calls: not under the lock.
      lock.unlock();
      if (connection->Idle()) return Lease(&state, std::move(connection), true);
      connection.reset();
      lock.lock();
      --state.open;
    }
    if (state.open < most_) break;
    // A new one is wanted and the pool is full: an idle one makes room.
    if (!state.idle.empty()) {
      state.idle.erase(state.idle.begin());
      --state.open;
      break;
    }
    if (patience == wire::kNoDeadline) {
      state.freed.wait(lock);
    } else if (state.freed.wait_until(lock, patience) == std::cv_status::timeout && state.idle.empty() &&
               state.open >= most_) {
      return Error(ErrorCode::kTimeout, "ERR no connection of the pool became free in time");
    }
  }
  ++state.open;
  lock.unlock();
  Result<std::unique_ptr<wire::Connection>> connection = Open(deadline);
  if (connection) return Lease(&state, std::move(*connection), false);
  lock.lock();
  --state.open;
  state.freed.notify_one();
  return connection.error();
}

ConnectionPool::Lease::~Lease() {
  if (connection_ == nullptr) return;
  // Borrowed before a fork and given back in the child: the lock may be held for ever.
  if (state_->generation != wire::ForkGeneration()) return;
  if (spoilt_ || !connection_->Idle()) connection_.reset();
  const std::lock_guard lock(state_->mutex);
  if (connection_ != nullptr) {
    state_->idle.push_back(std::move(connection_));
  } else {
    --state_->open;
  }
  state_->freed.notify_one();
}

}  // namespace dualis::client
