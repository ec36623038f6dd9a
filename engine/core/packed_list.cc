#include "engine/core/packed_list.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <iterator>
#include <limits>
#include <new>
#include <optional>
#include <utility>

namespace dualis {
namespace {

constexpr unsigned char kText6 = 0x80;
constexpr unsigned char kInt13 = 0xc0;
constexpr unsigned char kText12 = 0xe0;
constexpr unsigned char kText32 = 0xf0;
constexpr unsigned char kInt16 = 0xf1;  // and 24 and 32 bits
constexpr unsigned char kInt64 = 0xf4;
constexpr size_t kMaxBytes = std::numeric_limits<uint32_t>::max();
constexpr size_t kMaxHead = 9;
constexpr size_t kMaxBack = 5;

// Sizes that malloc can hand out without waste: it keeps 8 bytes of each 16 for itself.
size_t RoundCapacity(size_t capacity, size_t header) {
  return std::min(((capacity + header + 8 + 15) & ~size_t{15}) - 8 - header, kMaxBytes);
}

size_t BackSize(size_t size) {
  size_t n = 1;
  while (size >>= 7) ++n;
  return n;
}

// Written with the low group last, because it is read backwards. Bit 7 says that the byte before belongs to it too.
size_t WriteBack(unsigned char* to, size_t size) {
  if (size < 128) {
    *to = static_cast<unsigned char>(size);
    return 1;
  }
  const size_t n = BackSize(size);
  for (size_t i = n; i-- > 0; size >>= 7) to[i] = static_cast<unsigned char>((size & 0x7f) | (i > 0 ? 0x80 : 0));
  return n;
}

// The size of the whole item that ends at `end`.
size_t ReadBack(const unsigned char* end) {
  size_t size = 0;
  size_t n = 0;
  for (int shift = 0;; shift += 7) {
    const unsigned char byte = end[-1 - static_cast<std::ptrdiff_t>(n++)];
    size |= static_cast<size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return size + n;
  }
}

struct Head {
  size_t head;     // bytes of the head
  size_t payload;  // bytes after it, the back size not counted
};

Head ReadHead(const unsigned char* at) {
  const unsigned char first = *at;
  if (first < kText6) return {1, 0};
  if (first < kInt13) return {1, first & 0x3fu};
  if (first < kText12) return {2, 0};
  if (first < kText32) return {2, (first & 0x0fu) << 8 | at[1]};
  if (first == kInt64) return {1, 8};
  if (first >= kInt16) return {1, (first & 3u) + 1};
  uint32_t size;
  std::memcpy(&size, at + 1, 4);
  return {5, size};
}

bool IsText(const unsigned char* at) { return (*at >= kText6 && *at < kInt13) || (*at >= kText12 && *at <= kText32); }

size_t ItemSize(const unsigned char* at) {
  const Head head = ReadHead(at);
  return head.head + head.payload + BackSize(head.head + head.payload);
}

int64_t ReadInt(const unsigned char* bytes, size_t size) {
  uint64_t value = bytes[size - 1] & 0x80 ? ~uint64_t{0} : 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | bytes[i];
  return static_cast<int64_t>(value);
}

// Copies at most 16 bytes, without a call.
void CopyFew(unsigned char* to, const unsigned char* from, size_t n) {
  if (n >= 8) {
    uint64_t first, last;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + n - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + n - 8, &last, 8);
    return;
  }
  for (size_t i = 0; i < n; ++i) to[i] = from[i];
}

std::optional<int64_t> AsStoredInt(Bytes text) { return text.size() <= kInt64Chars ? ParseInt64(text) : std::nullopt; }

}  // namespace

// An item before it is written: the head (with an integer's payload), the text, the back size. Or nothing at all.
struct PackedList::Encoded {
  unsigned char head[kMaxHead];
  unsigned char back[kMaxBack];
  size_t head_size = 0;
  size_t back_size = 0;
  Bytes text;

  Encoded() = default;
  explicit Encoded(int64_t number) { SetInt(number); }
  explicit Encoded(Bytes value) {
    if (const auto number = AsStoredInt(value)) {
      SetInt(*number);
      return;
    }
    text = value;
    const size_t size = value.size();
    if (size < 64) {
      head[head_size++] = static_cast<unsigned char>(kText6 | size);
    } else if (size < 4096) {
      head[head_size++] = static_cast<unsigned char>(kText12 | size >> 8);
      head[head_size++] = static_cast<unsigned char>(size);
    } else {
      if (size > kMaxBytes - kMaxHead - kMaxBack) throw std::bad_alloc();
      const auto size32 = static_cast<uint32_t>(size);
      head[0] = kText32;
      std::memcpy(head + 1, &size32, 4);
      head_size = 5;
    }
    back_size = WriteBack(back, head_size + size);
  }

  size_t size() const { return head_size + text.size() + back_size; }
  void Write(unsigned char* to) const {
    CopyFew(to, head, head_size);
    if (!text.empty()) std::memcpy(to + head_size, text.data(), text.size());
    CopyFew(to + head_size + text.size(), back, back_size);
  }

 private:
  void SetInt(int64_t number) {
    if (number >= 0 && number < kText6) {
      head[head_size++] = static_cast<unsigned char>(number);
    } else if (number >= -4096 && number < 4096) {
      head[head_size++] = static_cast<unsigned char>(kInt13 | (number >> 8 & 0x1f));
      head[head_size++] = static_cast<unsigned char>(number);
    } else {
      auto rest = static_cast<uint64_t>(number);
      for (size_t i = 0; i < 8; ++i, rest >>= 8) head[1 + i] = static_cast<unsigned char>(rest);
      size_t n = 2;
      while (n < 5 && ReadInt(head + 1, n) != number) ++n;
      if (n == 5) n = 8;
      head[0] = n == 8 ? kInt64 : static_cast<unsigned char>(kInt16 + (n - 2));
      head_size = 1 + n;
    }
    back_size = WriteBack(back, head_size);
  }
};

std::string PackedList::Item::ToString() const {
  char buffer[kInt64Chars];
  return std::string(Text(buffer));
}

bool PackedList::Item::operator==(Bytes text) const {
  char buffer[kInt64Chars];
  return Text(buffer) == text;
}

PackedList::Item PackedList::Iterator::operator*() const {
  const unsigned char first = *at_;
  if (first < kText6) return Item(int64_t{first});
  const Head head = ReadHead(at_);
  if (first >= kInt13 && first < kText12) {
    const int value = (first & 0x1f) << 8 | at_[1];
    return Item(int64_t{value < 4096 ? value : value - 8192});
  }
  if (first >= kInt16) return Item(ReadInt(at_ + 1, head.payload));
  return Item(Bytes(reinterpret_cast<const char*>(at_ + head.head), head.payload));
}

PackedList::Iterator& PackedList::Iterator::operator++() {
  at_ += ItemSize(at_);
  return *this;
}

PackedList::Iterator& PackedList::Iterator::operator--() {
  at_ -= ReadBack(at_);
  return *this;
}

PackedList::PackedList(const PackedList& from) {
  if (from.empty()) return;
  Reallocate(from.bytes());
  block_->used = from.block_->used;
  block_->count = from.block_->count;
  std::memcpy(data(), from.data(), from.bytes());
}

PackedList::PackedList(PackedList&& from) noexcept : block_(std::exchange(from.block_, nullptr)) {}

PackedList& PackedList::operator=(PackedList from) noexcept {
  std::swap(block_, from.block_);
  return *this;
}

PackedList::~PackedList() { Clear(); }

void PackedList::Clear() { ::operator delete(std::exchange(block_, nullptr)); }

size_t PackedList::LongGap(const unsigned char* at) {
  if (*at == kShortGap) return at[1];
  uint32_t size;
  std::memcpy(&size, at + 1, 4);
  return size;
}

void PackedList::SetGap(size_t size) {
  unsigned char* const at = block_->items();
  if (size == 0) {
    *at = 0;
  } else if (size <= 0xff) {
    at[0] = kShortGap;
    at[1] = static_cast<unsigned char>(size);
  } else {
    const auto size32 = static_cast<uint32_t>(size);
    at[0] = kLongGap;
    std::memcpy(at + 1, &size32, 4);
  }
}

void PackedList::CloseGap() {
  const unsigned char* const from = data();
  SetGap(0);
  std::memmove(block_->items(), from, block_->used);
}

// An item takes at least 2 bytes, as the mark of a small gap does.
void PackedList::DropFront(size_t bytes, size_t count) {
  SetGap(gap() + bytes);
  block_->used -= static_cast<uint32_t>(bytes);
  block_->count -= static_cast<uint32_t>(count);
  ShrinkIfHalfFree();
}

void PackedList::ShrinkIfHalfFree() {
  if (block_->capacity > 64 && block_->used < block_->capacity / 2) ShrinkToFit();
}

size_t PackedList::BytesFor(Bytes text) { return Encoded(text).size(); }

PackedList::Iterator PackedList::At(int64_t index) const {
  const auto count = static_cast<int64_t>(size());
  if (index < 0) index += count;
  if (index < 0 || index >= count) return end();
  if (index <= count / 2) {
    Iterator it = begin();
    for (; index > 0; --index) ++it;
    return it;
  }
  Iterator it = end();
  for (; index < count; ++index) --it;
  return it;
}

PackedList::Iterator PackedList::Find(Bytes text, Iterator from, size_t skip) const {
  const auto number = AsStoredInt(text);
  const Iterator last = end();
  size_t to_skip = 0;
  while (from != last) {
    const Head head = ReadHead(from.at_);
    if (to_skip > 0) {
      --to_skip;
    } else {
      // An integer is stored as one or not at all, so that no item has to be formatted.
      const bool is_text = IsText(from.at_);
      if (number) {
        if (!is_text && (*from).number() == *number) return from;
      } else if (is_text && head.payload == text.size() &&
                 (text.empty() || std::memcmp(from.at_ + head.head, text.data(), text.size()) == 0)) {
        return from;
      }
      to_skip = skip;
    }
    from.at_ += head.head + head.payload + BackSize(head.head + head.payload);
  }
  return last;
}

PackedList::Iterator PackedList::Insert(Iterator at, Bytes text) { return Splice(at, 0, 0, Encoded(text)); }
PackedList::Iterator PackedList::Insert(Iterator at, int64_t number) { return Splice(at, 0, 0, Encoded(number)); }
PackedList::Iterator PackedList::Replace(Iterator at, Bytes text) {
  return Splice(at, ItemSize(at.at_), 1, Encoded(text));
}
PackedList::Iterator PackedList::Replace(Iterator at, int64_t number) {
  return Splice(at, ItemSize(at.at_), 1, Encoded(number));
}

PackedList::Iterator PackedList::Erase(Iterator at) { return Splice(at, ItemSize(at.at_), 1, Encoded()); }

PackedList::Iterator PackedList::Erase(Iterator first, Iterator last) {
  if (first == last) return first;
  return Splice(first, static_cast<size_t>(last.at_ - first.at_), CountBetween(first, last), Encoded());
}

void PackedList::EraseRange(int64_t index, size_t count) {
  if (index == 0 && count == 1 && size() > 1) return DropFront(ItemSize(data()), 1);  // LPOP
  const Iterator first = At(index);
  Iterator last = first;
  size_t erased = 0;
  for (; erased < count && last != end(); ++erased) ++last;
  if (erased > 0) Splice(first, static_cast<size_t>(last.at_ - first.at_), erased, Encoded());
}

size_t PackedList::CountBetween(Iterator first, Iterator last) const {
  size_t count = 0;
  for (; first != last; ++first) ++count;
  return count;
}

void PackedList::PushBack(Bytes text) {
  const Encoded item(text);
  const size_t size = item.size();
  if (block_ == nullptr || gap() + block_->used + size > block_->capacity) {
    Splice(end(), 0, 0, item);
    return;
  }
  item.Write(data() + block_->used);
  block_->used += static_cast<uint32_t>(size);
  ++block_->count;
}

// The one place that changes items, but for PushBack where there is room: replaces the removed bytes at `at` by the
// item, if it is one.
PackedList::Iterator PackedList::Splice(Iterator at, size_t removed_bytes, size_t removed_count, const Encoded& item) {
  const size_t offset = static_cast<size_t>(at.at_ - data());
  const size_t used = bytes() - removed_bytes + item.size();
  if (used > kMaxBytes) throw std::bad_alloc();
  const size_t gap = block_ == nullptr ? 0 : this->gap();
  if (item.head_size == 0 && offset == 0 && used > 0) {
    DropFront(removed_bytes, removed_count);
    return begin();
  }
  if (offset == 0 && removed_bytes == 0 && gap >= item.size() && gap - item.size() != 1) {
    SetGap(gap - item.size());
    item.Write(data());
    ++block_->count;
  } else {
    if (block_ == nullptr || used > block_->capacity) {
      Reallocate(std::max(used, std::min(used + used / 4, kMaxBytes)));
    } else if (gap + used > block_->capacity) {
      CloseGap();
    }
    unsigned char* const place = data() + offset;
    std::memmove(place + item.size(), place + removed_bytes, block_->used - offset - removed_bytes);
    if (item.head_size != 0) {
      item.Write(place);
      ++block_->count;
    }
  }
  block_->used = static_cast<uint32_t>(used);
  block_->count -= static_cast<uint32_t>(removed_count);
  if (removed_bytes != 0) ShrinkIfHalfFree();
  return Iterator(data() + offset);
}

// Moves the items to a block of at least this capacity, if memory for it is there.
void PackedList::Reallocate(size_t capacity) {
  capacity = RoundCapacity(capacity, sizeof(Block));
  auto* block = static_cast<Block*>(::operator new(sizeof(Block) + capacity));
  *block = Block{static_cast<uint32_t>(bytes()), static_cast<uint32_t>(capacity), static_cast<uint32_t>(size())};
  *block->items() = 0;  // no gap
  std::memcpy(block->items(), data(), bytes());
  ::operator delete(std::exchange(block_, block));
}

void PackedList::Reserve(size_t extra) {
  if (extra > kMaxBytes - bytes()) throw std::bad_alloc();
  if (block_ == nullptr || bytes() + extra > block_->capacity) {
    Reallocate(bytes() + extra);
  } else if (gap() + bytes() + extra > block_->capacity) {
    CloseGap();
  }
}

void PackedList::ShrinkToFit() {
  if (block_ == nullptr || RoundCapacity(block_->used, sizeof(Block)) >= block_->capacity) return;
  try {
    Reallocate(block_->used);
  } catch (const std::bad_alloc&) {
    // Then it stays as large as it is.
  }
}

void PackedList::Append(const PackedList& other) {
  if (other.empty()) return;
  Reserve(other.bytes());
  std::memcpy(data() + bytes(), other.data(), other.bytes());
  block_->used += other.block_->used;
  block_->count += other.block_->count;
}

PackedList PackedList::SplitOff(Iterator at) {
  PackedList tail;
  const size_t offset = static_cast<size_t>(at.at_ - data());
  const size_t tail_bytes = bytes() - offset;
  if (tail_bytes == 0) return tail;
  const size_t tail_count = CountBetween(at, end());
  tail.Reallocate(tail_bytes);
  std::memcpy(tail.data(), at.at_, tail_bytes);
  tail.block_->used = static_cast<uint32_t>(tail_bytes);
  tail.block_->count = static_cast<uint32_t>(tail_count);
  block_->used -= static_cast<uint32_t>(tail_bytes);
  block_->count -= static_cast<uint32_t>(tail_count);
  ShrinkToFit();
  return tail;
}

}  // namespace dualis
