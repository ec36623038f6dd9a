#include "compat/listener/bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>

namespace dualis::listener {

Bell::Bell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::bad_alloc();
}

Bell::~Bell() { close(fd_); }

void Bell::Ring(Connection* connection) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    connections_.push_back(connection);
  } catch (const std::bad_alloc&) {
    all_ = true;
  }
  Wake();
}

void Bell::Ring() noexcept {
  const std::lock_guard lock(mutex_);
  Wake();
}

void Bell::Wake() noexcept {
  if (rung_) return;
  rung_ = true;
  const uint64_t one = 1;
  // It cannot fail: the counter is never near its end.
  (void)!write(fd_, &one, sizeof(one));
}

bool Bell::Take(std::vector<Connection*>* connections) {
  const std::lock_guard lock(mutex_);
  if (rung_) {
    uint64_t count;
    (void)!read(fd_, &count, sizeof(count));
    rung_ = false;
  }
  connections->clear();
  connections->swap(connections_);
  const bool all = all_;
  all_ = false;
  return all;
}

void Bell::Forget(Connection* connection) noexcept {
  const std::lock_guard lock(mutex_);
  connections_.erase(std::remove(connections_.begin(), connections_.end(), connection), connections_.end());
}

}  // namespace dualis::listener
