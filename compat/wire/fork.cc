#include "compat/wire/fork.h"

#include <pthread.h>

#include <atomic>

namespace dualis::wire {
namespace {

// Writable for the life of the process: a fork concerns the process, and the handler has no other place to find.
std::atomic<uint64_t> generation{0};

}  // namespace

uint64_t ForkGeneration() {
  // A process that has not asked yet holds no descriptor of ours, so forks before the first call do not matter.
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { generation.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  return generation.load(std::memory_order_relaxed);
}

}  // namespace dualis::wire
