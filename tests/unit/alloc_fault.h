// Lets a test make an allocation fail: the test program replaces operator new. Only the calling thread is affected.
#ifndef DUALIS_TESTS_UNIT_ALLOC_FAULT_H_
#define DUALIS_TESTS_UNIT_ALLOC_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <new>

namespace dualis::testing {

// While it lives, the `nth` allocation (from 0) and all later ones throw bad_alloc.
class FailAllocations {
 public:
  explicit FailAllocations(int64_t nth);
  ~FailAllocations();
  // How many may still succeed; while it is not 0, none has failed.
  static int64_t Left();
  FailAllocations(const FailAllocations&) = delete;
  FailAllocations& operator=(const FailAllocations&) = delete;
};

// Runs `operation` with its first allocation failing, then its second, and so on until it succeeds. After each failure
// `check_unchanged` runs. Returns the number of failures.
template <class Operation, class Check>
int SweepAllocationFailures(Operation&& operation, Check&& check_unchanged) {
  for (int nth = 0;; ++nth) {
    try {
      const FailAllocations fail(nth);
      operation();
      return nth;
    } catch (const std::bad_alloc&) {
    }
    check_unchanged();
  }
}

}  // namespace dualis::testing

#endif  // DUALIS_TESTS_UNIT_ALLOC_FAULT_H_
