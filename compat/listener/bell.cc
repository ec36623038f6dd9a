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

void Bell::Ring(Peer* peer) noexcept {
  const std::lock_guard lock(mutex_);
  try {
    peers_.push_back(peer);
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

bool Bell::Take(std::vector<Peer*>* peers) {
  const std::lock_guard lock(mutex_);
  if (rung_) {
    uint64_t count;
    (void)!read(fd_, &count, sizeof(count));
    rung_ = false;
  }
  peers->clear();
  peers->swap(peers_);
  const bool all = all_;
  all_ = false;
  return all;
}

void Bell::Forget(Peer* peer) noexcept {
  const std::lock_guard lock(mutex_);
  peers_.erase(std::remove(peers_.begin(), peers_.end(), peer), peers_.end());
}

}  // namespace dualis::listener
