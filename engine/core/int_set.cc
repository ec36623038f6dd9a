#include "engine/core/int_set.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace dualis {
namespace {

int WidthOf(int64_t value) {
  if (value == static_cast<int16_t>(value)) return 2;
  return value == static_cast<int32_t>(value) ? 4 : 8;
}

template <class Int>
int64_t Load(const unsigned char* at) {
  Int value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

int64_t Read(const unsigned char* items, size_t index, int width) {
  switch (width) {
    case 2:
      return Load<int16_t>(items + index * 2);
    case 4:
      return Load<int32_t>(items + index * 4);
    default:
      return Load<int64_t>(items + index * 8);
  }
}

void Write(unsigned char* items, size_t index, int width, int64_t value) {
  const auto v16 = static_cast<int16_t>(value);
  const auto v32 = static_cast<int32_t>(value);
  switch (width) {
    case 2:
      std::memcpy(items + index * 2, &v16, 2);
      break;
    case 4:
      std::memcpy(items + index * 4, &v32, 4);
      break;
    default:
      std::memcpy(items + index * 8, &value, 8);
  }
}

}  // namespace

IntSet::IntSet(const IntSet& from) {
  if (from.empty()) return;
  Reallocate(from.size(), from.width());
  block_->count = from.block_->count;
  std::memcpy(block_->items(), from.block_->items(), from.size() * static_cast<size_t>(from.width()));
}

IntSet::IntSet(IntSet&& from) noexcept : block_(std::exchange(from.block_, nullptr)) {}

IntSet& IntSet::operator=(IntSet from) noexcept {
  std::swap(block_, from.block_);
  return *this;
}

IntSet::~IntSet() { ::operator delete(block_); }

size_t IntSet::memory() const {
  return block_ == nullptr ? 0 : sizeof(Block) + static_cast<size_t>(block_->capacity) * block_->width;
}

int64_t IntSet::At(size_t index) const {
  assert(index < size());
  return Read(block_->items(), index, block_->width);
}

size_t IntSet::LowerBound(int64_t value) const {
  size_t low = 0;
  for (size_t length = size(); length > 0;) {
    const size_t half = length / 2;
    if (At(low + half) < value) {
      low += half + 1;
      length -= half + 1;
    } else {
      length = half;
    }
  }
  return low;
}

bool IntSet::Contains(int64_t value) const {
  const size_t index = LowerBound(value);
  return index < size() && At(index) == value;
}

bool IntSet::Insert(int64_t value) {
  const size_t index = LowerBound(value);
  if (index < size() && At(index) == value) return false;
  const int wide = std::max(width(), WidthOf(value));
  if (block_ == nullptr || wide != width()) {
    Reallocate(size() + 1, wide);
  } else if (block_->count == block_->capacity) {
    Reallocate(size() + 1 + size() / 4, wide);
  }
  unsigned char* const at = block_->items() + index * static_cast<size_t>(wide);
  std::memmove(at + wide, at, (block_->count - index) * static_cast<size_t>(wide));
  Write(block_->items(), index, wide, value);
  ++block_->count;
  return true;
}

bool IntSet::Erase(int64_t value) {
  const size_t index = LowerBound(value);
  if (index == size() || At(index) != value) return false;
  const auto bytes = static_cast<size_t>(block_->width);
  unsigned char* const at = block_->items() + index * bytes;
  std::memmove(at, at + bytes, (block_->count - index - 1) * bytes);
  --block_->count;
  if (block_->capacity > 32 && block_->count < block_->capacity / 2) {
    try {
      Reallocate(block_->count, block_->width);
    } catch (const std::bad_alloc&) {
      // Then it stays as large as it is.
    }
  }
  return true;
}

// Moves the integers to a block for at least `capacity` of them, of a width that is not smaller than theirs.
void IntSet::Reallocate(size_t capacity, int width) {
  const auto bytes_each = static_cast<size_t>(width);
  // malloc keeps 8 bytes of each 16 for itself; the rest is ours.
  const size_t bytes = ((sizeof(Block) + capacity * bytes_each + 8 + 15) & ~size_t{15}) - 8;
  capacity = (bytes - sizeof(Block)) / bytes_each;
  if (capacity > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
  auto* block = static_cast<Block*>(::operator new(bytes));
  *block = Block{static_cast<uint32_t>(size()), static_cast<uint32_t>(capacity), static_cast<uint8_t>(width)};
  if (width == this->width()) {
    if (block_ != nullptr) std::memcpy(block->items(), block_->items(), size() * bytes_each);
  } else {
    for (size_t i = 0; i < size(); ++i) Write(block->items(), i, width, At(i));
  }
  ::operator delete(std::exchange(block_, block));
}

}  // namespace dualis
