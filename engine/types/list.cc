#include "engine/types/list.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace dualis {
namespace {

// What bounds a block whose limit is a number of items.
constexpr size_t kSafeBlockBytes = 8192;

// What Redis' listpacks have beside their items, and what it expects an item to cost beside its text.
constexpr size_t kFrameBytes = 7;
constexpr size_t kItemOverhead = 8;

}  // namespace

void List::Ring::Reserve() {
  if (size_ < capacity_) return;
  auto larger = std::make_unique<PackedList[]>(2 * size_t{capacity_});
  for (size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
  heap_ = std::move(larger);
  capacity_ *= 2;
  head_ = 0;
}

void List::Ring::Insert(size_t i, PackedList block) noexcept {
  assert(size_ < capacity_ && i <= size_);
  block_bytes_ += block.memory();
  // The shorter side moves.
  if (i < size_ / 2) {
    head_ = (head_ + capacity_ - 1) & (capacity_ - 1);
    ++size_;
    for (size_t k = 0; k < i; ++k) (*this)[k] = std::move((*this)[k + 1]);
  } else {
    ++size_;
    for (size_t k = size_ - 1; k > i; --k) (*this)[k] = std::move((*this)[k - 1]);
  }
  (*this)[i] = std::move(block);
}

void List::Ring::Erase(size_t i) noexcept {
  block_bytes_ -= (*this)[i].memory();
  if (i < size_ / 2) {
    for (size_t k = i; k > 0; --k) (*this)[k] = std::move((*this)[k - 1]);
    front() = PackedList();
    head_ = (head_ + 1) & (capacity_ - 1);
  } else {
    for (size_t k = i; k + 1 < size_; ++k) (*this)[k] = std::move((*this)[k + 1]);
    back() = PackedList();
  }
  --size_;
}

size_t List::byte_limit() const {
  const int64_t limit = limits_->list_max_listpack_size;
  return limit >= 0 ? kSafeBlockBytes : size_t{4096} << std::min<int64_t>(-limit - 1, 4);
}

size_t List::item_limit() const {
  const int64_t limit = limits_->list_max_listpack_size;
  return limit >= 0 ? std::max<size_t>(1, static_cast<size_t>(limit)) : SIZE_MAX;
}

void List::WillAdd(size_t bytes, size_t items) noexcept {
  if (chained_) return;
  if (!blocks_.empty()) bytes += blocks_.front().bytes();
  if (!Fits(kFrameBytes + bytes, size_ + items)) chained_ = true;
}

bool List::Takes(const PackedList& block, Bytes text) const {
  return !chained_ || Fits(kFrameBytes + block.bytes() + text.size() + kItemOverhead, block.size() + 1);
}

void List::PushAll(End end, std::span<const Bytes> texts) {
  if (texts.size() == 1) return Push(end, texts.front());
  size_t bytes = 0;
  for (Bytes text : texts) bytes += text.size();
  WillAdd(bytes, texts.size());
  size_t pushed = 0;
  try {
    for (; pushed < texts.size(); ++pushed) PushNext(end, texts[pushed]);
  } catch (...) {
    Drop(end, pushed);
    throw;
  }
}

void List::PushNext(End end, Bytes text) {
  const bool front = end == End::kFront;
  if (blocks_.empty() || !Takes(front ? blocks_.front() : blocks_.back(), text)) {
    blocks_.Reserve();
    PackedList block;
    block.PushBack(text);
    blocks_.Insert(front ? 0 : blocks_.size(), std::move(block));
  } else if (front) {
    const Ring::Changing changing(blocks_, 0);
    blocks_.front().PushFront(text);
  } else {
    const Ring::Changing changing(blocks_, blocks_.size() - 1);
    blocks_.back().PushBack(text);
  }
  ++size_;
}

Bytes List::Peek(End end, Buffer& buffer) const {
  const PackedList& block = blocks_[end == End::kFront ? 0 : blocks_.size() - 1];
  return (end == End::kFront ? block.Front() : block.Back()).Text(buffer);
}

void List::Drop(End end, size_t count) {
  count = std::min(count, size_);
  size_ -= count;
  while (count > 0) {
    const size_t at = end == End::kFront ? 0 : blocks_.size() - 1;
    PackedList& block = blocks_[at];
    if (count >= block.size()) {
      count -= block.size();
      blocks_.Erase(at);
      continue;
    }
    const Ring::Changing changing(blocks_, at);
    block.EraseRange(end == End::kFront ? 0 : -static_cast<int64_t>(count), count);
    count = 0;
  }
  Shrunk();
}

List::Place List::Locate(size_t index) const {
  assert(index < size_);
  if (index <= size_ / 2) {
    size_t block = 0;
    while (index >= blocks_[block].size()) index -= blocks_[block++].size();
    return {block, index};
  }
  size_t behind = size_ - index;  // items from here to the end
  size_t block = blocks_.size() - 1;
  while (behind > blocks_[block].size()) behind -= blocks_[block--].size();
  return {block, blocks_[block].size() - behind};
}

Bytes List::At(size_t index, Buffer& buffer) const {
  const Place place = Locate(index);
  return (*blocks_[place.block].At(static_cast<int64_t>(place.item))).Text(buffer);
}

void List::Replace(size_t index, Bytes text) {
  WillAdd(text.size(), 1);
  const Place place = Locate(index);
  const Ring::Changing changing(blocks_, place.block);
  PackedList& block = blocks_[place.block];
  block.Replace(block.At(static_cast<int64_t>(place.item)), text);
  // One long text may exceed the limit; several must not pile up in one block.
  if (chained_ && block.size() > 1 && block.bytes() > 2 * byte_limit()) {
    try {
      blocks_.Reserve();
      PackedList& full = blocks_[place.block];
      blocks_.Insert(place.block + 1, full.SplitOff(full.At(static_cast<int64_t>(full.size() / 2))));
    } catch (const std::bad_alloc&) {
      // The block is large, but right.
    }
  }
  Shrunk();
}

void List::Insert(size_t index, Bytes text) {
  if (index == 0) return Push(End::kFront, text);
  if (index == size_) return Push(End::kBack, text);
  WillAdd(text.size(), 1);
  const Place place = Locate(index);
  PackedList& block = blocks_[place.block];
  if (Takes(block, text)) {
    const Ring::Changing changing(blocks_, place.block);
    block.Insert(block.At(static_cast<int64_t>(place.item)), text);
  } else if (place.item == 0 && Takes(blocks_[place.block - 1], text)) {
    const Ring::Changing changing(blocks_, place.block - 1);
    blocks_[place.block - 1].PushBack(text);
  } else {
    PackedList fresh;
    fresh.PushBack(text);
    size_t at = place.block;
    if (place.item > 0) {
      blocks_.Reserve();
      const Ring::Changing changing(blocks_, place.block);
      PackedList& full = blocks_[place.block];
      blocks_.Insert(++at, full.SplitOff(full.At(static_cast<int64_t>(place.item))));
    }
    // A block split in vain if this throws; the items are as before.
    blocks_.Reserve();
    blocks_.Insert(at, std::move(fresh));
  }
  ++size_;
}

std::optional<size_t> List::Find(Bytes text) const {
  size_t index = 0;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const PackedList& block = blocks_[b];
    const auto found = block.Find(text);
    if (found == block.end()) {
      index += block.size();
      continue;
    }
    for (auto it = block.begin(); it != found; ++it) ++index;
    return index;
  }
  return std::nullopt;
}

size_t List::RemoveEqual(Bytes text, End from, size_t limit) {
  size_t removed = 0;
  const bool forward = from == End::kFront;
  for (size_t b = forward ? 0 : blocks_.size(); removed < limit;) {
    if (forward ? b == blocks_.size() : b == 0) break;
    if (!forward) --b;
    PackedList& block = blocks_[b];
    const size_t before = block.size();
    {
      const Ring::Changing changing(blocks_, b);
      if (forward) {
        for (auto it = block.Find(text); removed < limit && it != block.end(); it = block.Find(text, it)) {
          it = block.Erase(it);
          ++removed;
        }
      } else {
        for (auto it = block.end(); removed < limit && it != block.begin();) {
          --it;
          if (!(*it == text)) continue;
          it = block.Erase(it);
          ++removed;
        }
      }
    }
    size_ -= before - block.size();
    if (block.empty()) {
      blocks_.Erase(b);
    } else if (forward) {
      ++b;
    }
  }
  if (removed > 0) Shrunk();
  return removed;
}

void List::Shrunk() noexcept {
  if (!chained_ || blocks_.size() > 1) return;
  const bool counted = limits_->list_max_listpack_size >= 0;
  if (size_ == 0 || (counted ? size_ <= item_limit() / 2 : kFrameBytes + blocks_.front().bytes() <= byte_limit() / 2)) {
    chained_ = false;
  }
}

std::unique_ptr<List> List::Clone() const {
  auto copy = std::make_unique<List>(*limits_);
  for (size_t i = 0; i < blocks_.size(); ++i) {
    copy->blocks_.Reserve();
    copy->blocks_.Insert(i, PackedList(blocks_[i]));
  }
  copy->size_ = size_;
  copy->chained_ = chained_;
  return copy;
}

}  // namespace dualis
