// A small set of integers, sorted in one block: what SADD builds while all members are integers and few.
//
//   block: | count u32 | capacity u32 | width u8, 3 unused | integer | integer | ...
//
// All integers have the same width, 2, 4 or 8 bytes; the first that does not fit widens them all, and they stay wide.
// Changes give the strong guarantee; removing never throws.
#ifndef DUALIS_ENGINE_CORE_INT_SET_H_
#define DUALIS_ENGINE_CORE_INT_SET_H_

#include <cstddef>
#include <cstdint>

namespace dualis {

class IntSet {
 public:
  IntSet() = default;
  IntSet(const IntSet& from);
  IntSet(IntSet&& from) noexcept;
  IntSet& operator=(IntSet from) noexcept;
  ~IntSet();

  size_t size() const { return block_ == nullptr ? 0 : block_->count; }
  bool empty() const { return size() == 0; }
  // Memory taken, the object itself not included.
  size_t memory() const;
  // 2, 4 or 8; 2 for the empty set.
  int width() const { return block_ == nullptr ? 2 : block_->width; }

  // The member with this index in ascending order. Requires index < size().
  int64_t At(size_t index) const;
  bool Contains(int64_t value) const;
  // Whether the value was not there before.
  bool Insert(int64_t value);
  // Whether the value was there.
  bool Erase(int64_t value);

  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (size_t i = 0; i < size(); ++i) fn(At(i));
  }

 private:
  struct alignas(4) Block {
    uint32_t count;
    uint32_t capacity;  // integers, of this width
    uint8_t width;
    unsigned char* items() { return reinterpret_cast<unsigned char*>(this + 1); }
  };
  static_assert(sizeof(Block) == 12);

  // The first index whose integer is not less than `value`.
  size_t LowerBound(int64_t value) const;
  void Reallocate(size_t capacity, int width);

  Block* block_ = nullptr;
};

static_assert(sizeof(IntSet) == sizeof(void*));

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_INT_SET_H_
