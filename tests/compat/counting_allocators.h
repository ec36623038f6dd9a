// Allocators for hiredisSetAllocators that count what has not come back.
#ifndef DUALIS_TESTS_COMPAT_COUNTING_ALLOCATORS_H_
#define DUALIS_TESTS_COMPAT_COUNTING_ALLOCATORS_H_

#include <hiredis/alloc.h>

#include <cstdlib>
#include <cstring>

namespace dualis::compat_test {

// Counts from its making to its end; one at a time, on one thread.
class CountingAllocators {
 public:
  CountingAllocators() {
    live_ = 0;
    hiredisAllocFuncs counting = {
        [](size_t n) { return ++live_, malloc(n); },
        [](size_t n, size_t m) { return ++live_, calloc(n, m); },
        [](void* p, size_t n) { return live_ += p == nullptr, realloc(p, n); },
        [](const char* text) { return ++live_, strdup(text); },
        [](void* p) { live_ -= p != nullptr, free(p); },
    };
    hiredisSetAllocators(&counting);
  }
  ~CountingAllocators() { hiredisResetAllocators(); }
  CountingAllocators(const CountingAllocators&) = delete;
  CountingAllocators& operator=(const CountingAllocators&) = delete;

  // Blocks that were allocated and not freed.
  long live() const { return live_; }

 private:
  static inline long live_ = 0;
};

}  // namespace dualis::compat_test

#endif  // DUALIS_TESTS_COMPAT_COUNTING_ALLOCATORS_H_
