#include "tests/unit/alloc_fault.h"

#include <cstdlib>

namespace dualis::testing {
namespace {
constexpr int64_t kNever = INT64_MAX;
thread_local int64_t allocations_left = kNever;
}  // namespace

FailAllocations::FailAllocations(int64_t nth) { allocations_left = nth; }
FailAllocations::~FailAllocations() { allocations_left = kNever; }
int64_t FailAllocations::Left() { return allocations_left; }

static void CountAllocation() {
  if (allocations_left == kNever) return;
  if (allocations_left <= 0) throw std::bad_alloc();
  --allocations_left;
}

}  // namespace dualis::testing

// All forms are replaced, because a sanitizer would else supply some of them.
void* operator new(size_t size) {
  dualis::testing::CountAllocation();
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, std::align_val_t align) {
  dualis::testing::CountAllocation();
  const size_t a = static_cast<size_t>(align);
  if (void* memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, std::align_val_t align) { return operator new(size, align); }
void* operator new[](size_t size, const std::nothrow_t& nothrow) noexcept { return operator new(size, nothrow); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
