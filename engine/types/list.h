// List: a deque of packed blocks.
//
//   blocks_ (a ring)   | block | block | block |      one block of a short list lies in the ring object itself
//   block              | item | item | item | ...     core/packed_list.h
//
// A block takes no more items once it holds EncodingLimits::list_max_listpack_size: a number of items, or, if negative,
// 4 KiB << (-n - 1). Both ends cost O(1); an index costs a walk over the blocks from the nearer end and one block.
//
// A short list is one block and called a listpack. When it becomes a quicklist is Redis' rule, looked at before items
// are added (WillAdd): all the items of one command together, without what each of them costs beside its text. It turns
// back when something was removed and a single, half full block is left.
#ifndef DUALIS_ENGINE_TYPES_LIST_H_
#define DUALIS_ENGINE_TYPES_LIST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "dualis/options.h"
#include "engine/core/packed_list.h"
#include "engine/types/value_type.h"

namespace dualis {

class List {
 public:
  static constexpr ValueType kType = ValueType::kList;
  enum class End : uint8_t { kFront, kBack };
  // A text as it is read: a view into the list, or into the buffer for one that is stored as an integer.
  using Buffer = char[kInt64Chars];

  // `limits` must outlive the list.
  explicit List(const EncodingLimits& limits, uint64_t /*seed: nothing is hashed here*/ = 0) : limits_(&limits) {}
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  // Bytes held, this object included.
  size_t memory() const { return sizeof(*this) + blocks_.memory(); }
  // "listpack" or "quicklist".
  Bytes encoding() const { return chained_ ? "quicklist" : "listpack"; }

  // No text given to a change may lie inside the list.
  void Push(End end, Bytes text) {
    WillAdd(text.size(), 1);
    PushNext(end, text);
  }
  // Pushes all of them, one after the other; none if memory runs out.
  void PushAll(End end, std::span<const Bytes> texts);
  // Items of so many bytes of text are about to be added: the list becomes a quicklist if they do not fit. Redis asks
  // this also of a change that then does not happen (LINSERT without its pivot, LSET of an index that there is not).
  void WillAdd(size_t bytes, size_t items) noexcept;
  // The item at an end. Requires: not empty.
  Bytes Peek(End end, Buffer& buffer) const;
  // Removes up to `count` items from an end.
  void Drop(End end, size_t count);

  // The item at an index. Requires: index < size().
  Bytes At(size_t index, Buffer& buffer) const;
  // Requires: index < size().
  void Replace(size_t index, Bytes text);
  // Inserts before the item that has this index; at size(): appends.
  void Insert(size_t index, Bytes text);
  // The index of the first item with this text.
  std::optional<size_t> Find(Bytes text) const;
  // Removes the first `limit` items with this text, or the last ones if counted from the back. Returns how many went.
  size_t RemoveEqual(Bytes text, End from, size_t limit);

  // A copy.
  std::unique_ptr<List> Clone() const;

  // Calls fn(Bytes) for `count` items from `index` on. Requires: index + count <= size().
  template <class Fn>
  void ForRange(size_t index, size_t count, Fn&& fn) const {
    if (count == 0) return;
    Place place = Locate(index);
    PackedList::Iterator it = blocks_[place.block].At(static_cast<int64_t>(place.item));
    Buffer buffer;
    for (;; --count) {
      fn((*it).Text(buffer));
      if (count == 1) return;
      if (++it == blocks_[place.block].end()) it = blocks_[++place.block].begin();
    }
  }
  // Calls fn(const PackedList::Item&) for the items from one end to the other, until it returns false.
  template <class Fn>
  void ForEachFrom(End end, Fn&& fn) const {
    if (end == End::kFront) {
      for (size_t block = 0; block < blocks_.size(); ++block) {
        for (const PackedList::Item item : blocks_[block]) {
          if (!fn(item)) return;
        }
      }
      return;
    }
    for (size_t block = blocks_.size(); block-- > 0;) {
      const PackedList& items = blocks_[block];
      for (auto it = items.end(); it != items.begin();) {
        if (!fn(*--it)) return;
      }
    }
  }
  // Calls fn(Bytes) for `count` items from the end of the list backwards. Requires: count <= size().
  template <class Fn>
  void ForLast(size_t count, Fn&& fn) const {
    Buffer buffer;
    for (size_t block = blocks_.size(); count > 0;) {
      const PackedList& items = blocks_[--block];
      for (auto it = items.end(); count > 0 && it != items.begin(); --count) fn((*--it).Text(buffer));
    }
  }
  // The blocks in order: how many, and fn(const PackedList&) for each.
  size_t blocks() const { return blocks_.size(); }
  template <class Fn>
  void ForEachBlock(Fn&& fn) const {
    for (size_t i = 0; i < blocks_.size(); ++i) fn(blocks_[i]);
  }

 private:
  // Blocks in order. Room for one is inside; more are in a ring whose capacity is a power of two.
  class Ring {
   public:
    Ring() = default;
    size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    PackedList& operator[](size_t i) { return slots()[(head_ + i) & (capacity_ - 1)]; }
    const PackedList& operator[](size_t i) const { return const_cast<Ring&>(*this)[i]; }
    PackedList& front() { return (*this)[0]; }
    PackedList& back() { return (*this)[size_ - 1]; }
    // Of the ring and its blocks, the first of which may lie in the ring object.
    size_t memory() const { return (heap_ == nullptr ? 0 : capacity_ * sizeof(PackedList)) + block_bytes_; }
    // Keeps count of the memory of a block while it is changed. Blocks may be inserted behind it meanwhile.
    class Changing {
     public:
      Changing(Ring& ring, size_t i) : ring_(ring), i_(i) { ring_.block_bytes_ -= ring_[i_].memory(); }
      ~Changing() { ring_.block_bytes_ += ring_[i_].memory(); }
      Changing(const Changing&) = delete;
      Changing& operator=(const Changing&) = delete;

     private:
      Ring& ring_;
      const size_t i_;
    };
    // Makes room for one more block; the next Insert does not throw.
    void Reserve();
    // Puts a block before block i. Requires: Reserve().
    void Insert(size_t i, PackedList block) noexcept;
    void Erase(size_t i) noexcept;

   private:
    PackedList* slots() { return heap_ == nullptr ? &single_ : heap_.get(); }
    std::unique_ptr<PackedList[]> heap_;
    PackedList single_;
    uint32_t capacity_ = 1;
    uint32_t head_ = 0;
    uint32_t size_ = 0;
    size_t block_bytes_ = 0;
  };
  // A block, and an item in it.
  struct Place {
    size_t block;
    size_t item;
  };

  Place Locate(size_t index) const;
  // Whether a block may grow to so many bytes and items.
  bool Fits(size_t bytes, size_t items) const { return bytes <= byte_limit() && items <= item_limit(); }
  size_t byte_limit() const;
  size_t item_limit() const;
  // Whether a block takes one more text; the only block of a listpack takes everything.
  bool Takes(const PackedList& block, Bytes text) const;
  void PushNext(End end, Bytes text);
  // After a removal, or a change that may have made the list smaller.
  void Shrunk() noexcept;

  const EncodingLimits* limits_;
  Ring blocks_;
  size_t size_ = 0;
  bool chained_ = false;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_LIST_H_
