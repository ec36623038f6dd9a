// Arena: memory for one command's parsing. Small commands never leave the part inside the object.
#ifndef DUALIS_ENGINE_COMMAND_ARENA_H_
#define DUALIS_ENGINE_COMMAND_ARENA_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

#include "dualis/bytes.h"

namespace dualis {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Uninitialised room for n objects that need no destructor; lives as long as the arena.
  template <class T>
  T* Allocate(size_t n) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
    return static_cast<T*>(AllocateBytes(n * sizeof(T)));
  }
  Bytes Copy(Bytes bytes) {
    char* copy = Allocate<char>(bytes.size());
    bytes.copy(copy, bytes.size());
    return Bytes(copy, bytes.size());
  }
  // True if the object lies in the part inside of the arena.
  bool HoldsInside(const std::byte* object) const {
    return !std::less<>()(object, inside_ + 0) && std::less<>()(object, inside_ + kInside);
  }

 private:
  static constexpr size_t kInside = 256;

  void* AllocateBytes(size_t size) {
    constexpr size_t kAlign = alignof(std::max_align_t);
    size = (size + kAlign - 1) / kAlign * kAlign;
    if (size <= kInside - used_) {
      void* place = inside_ + used_;
      used_ += size;
      return place;
    }
    blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    return blocks_.back().get();
  }

  alignas(std::max_align_t) std::byte inside_[kInside];
  size_t used_ = 0;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_ARENA_H_
