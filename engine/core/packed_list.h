// A short sequence of strings in one block of memory: small lists, hashes (field, value, field, ...), sets and sorted
// sets, and the blocks of large lists. What it costs to search is paid back by what it saves in memory and cache
// misses.
//
//   block: | used u32 | capacity u32 | count u32 | gap | item | item | ...
//   item:  | head | payload | back |
//   gap:   | 0xfe size u8 ... | or | 0xff size u32 ... |
//
// `used` counts the bytes of the items, `capacity` those of the gap and the items. There is a gap only where items were
// removed from the front: they need not make all the others move, so that LPOP costs the same in a long list.
//
//   head 0xxxxxxx            the integer 0..127, no payload
//        10xxxxxx            a string of 0..63 bytes
//        110xxxxx + u8       an integer of 13 bits, two's complement, high bits first, no payload
//        1110xxxx + u8       a string of up to 4095 bytes, high bits first
//        11110000 + u32      a string of any size
//        111100nn, 11110100  an integer of nn + 1 or of 8 bytes, low byte first, two's complement
//   back: the size of head and payload in groups of 7 bits, written so that it is read from its last byte backwards;
//   the
//        last byte has bit 7 clear if it is the only one.
//
// Items take as many bytes as in Redis' listpacks, so that limits in bytes mean the same.
//
// Texts that are canonical integers are stored as integers and recreated exactly. The back size lets us walk from the
// tail without an index, which RPOP and LRANGE -n -1 need. Limits are for the owner: a block grows up to 4 GiB, beyond
// which it throws bad_alloc.
//
// Every change gives the strong guarantee: if memory is short it throws bad_alloc and nothing has changed; removing
// never throws. Iterators, and views taken from items, are valid until the next change. No text given to a change may
// lie inside the list itself.
#ifndef DUALIS_ENGINE_CORE_PACKED_LIST_H_
#define DUALIS_ENGINE_CORE_PACKED_LIST_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "dualis/bytes.h"
#include "engine/core/number_text.h"

namespace dualis {

class PackedList {
 public:
  // One item, as it is stored: an integer or a view into the list.
  class Item {
   public:
    explicit Item(int64_t number) : number_(number), is_int_(true) {}
    explicit Item(Bytes text) : text_(text) {}

    bool is_int() const { return is_int_; }
    // Requires is_int() and !is_int(), respectively.
    int64_t number() const { return number_; }
    Bytes raw_text() const { return text_; }

    // The text; an integer is written into the buffer, which must then live as long as the result.
    Bytes Text(char (&buffer)[kInt64Chars]) const { return is_int_ ? FormatInt64(number_, buffer) : text_; }
    std::string ToString() const;
    bool operator==(Bytes text) const;
    // The number that the text spells, if it is a canonical integer.
    std::optional<int64_t> AsInt() const { return is_int_ ? number_ : ParseInt64(text_); }

   private:
    Bytes text_;
    int64_t number_ = 0;
    bool is_int_ = false;
  };

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Item;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Item;

    Iterator() = default;
    Item operator*() const;
    Iterator& operator++();
    Iterator& operator--();
    bool operator==(const Iterator&) const = default;

   private:
    friend class PackedList;
    explicit Iterator(const unsigned char* at) : at_(at) {}
    const unsigned char* at_ = nullptr;
  };

  PackedList() = default;
  PackedList(const PackedList& from);
  PackedList(PackedList&& from) noexcept;
  PackedList& operator=(PackedList from) noexcept;
  ~PackedList();

  size_t size() const { return block_ == nullptr ? 0 : block_->count; }
  bool empty() const { return size() == 0; }
  // Bytes of all items with their lengths, the measure for limits such as list-max-listpack-size.
  size_t bytes() const { return block_ == nullptr ? 0 : block_->used; }
  // Memory taken, the object itself not included. An empty list that was never filled has none.
  size_t memory() const { return block_ == nullptr ? 0 : sizeof(Block) + block_->capacity; }
  // What an item with this text adds to bytes().
  static size_t BytesFor(Bytes text);

  Iterator begin() const { return Iterator(data()); }
  Iterator end() const { return Iterator(data() + bytes()); }
  // The item with this index, walking from the nearer end; negative indexes count from the tail. end() if there is
  // none.
  Iterator At(int64_t index) const;
  Item Front() const { return *begin(); }
  Item Back() const { return *--end(); }

  // The first item at or after `from` with this text; end() if there is none. `skip` items are passed over after each
  // one that was compared, so that skip 1 finds fields of a hash and not its values.
  Iterator Find(Bytes text, Iterator from, size_t skip = 0) const;
  Iterator Find(Bytes text) const { return Find(text, begin()); }

  void PushFront(Bytes text) { Insert(begin(), text); }
  void PushBack(Bytes text);
  void PushBack(int64_t number) { Insert(end(), number); }
  // Inserts before `at` and returns where the new item is.
  Iterator Insert(Iterator at, Bytes text);
  Iterator Insert(Iterator at, int64_t number);
  Iterator Replace(Iterator at, Bytes text);
  Iterator Replace(Iterator at, int64_t number);

  // Removes one item, or the items [first, last), and returns where the next one is.
  Iterator Erase(Iterator at);
  Iterator Erase(Iterator first, Iterator last);
  // Removes `count` items from an index on; fewer if there are not so many.
  void EraseRange(int64_t index, size_t count);
  void Clear();

  // Appends all items of another list.
  void Append(const PackedList& other);
  // Moves the items from `at` on into a new list.
  PackedList SplitOff(Iterator at);

  // Makes sure that items of so many bytes (by BytesFor) can be added without allocation.
  void Reserve(size_t bytes);
  // Gives back unused capacity if that can be done.
  void ShrinkToFit();

 private:
  struct Block {
    uint32_t used;
    uint32_t capacity;
    uint32_t count;
    unsigned char* items() { return reinterpret_cast<unsigned char*>(this + 1); }
  };
  static_assert(sizeof(Block) == 12);

  struct Encoded;

  static constexpr unsigned char kShortGap = 0xfe;
  static constexpr unsigned char kLongGap = 0xff;

  // Never null, so that begin() and end() of a list without a block are equal and positions can be computed. Nothing is
  // written there without a block.
  unsigned char* data() const {
    static constexpr Block kNone{};
    return block_ == nullptr ? const_cast<Block&>(kNone).items() : block_->items() + gap();
  }
  // Requires a block.
  size_t gap() const {
    const unsigned char* at = block_->items();
    return *at < kShortGap ? 0 : LongGap(at);
  }
  static size_t LongGap(const unsigned char* at);
  // Requires: as large as a mark of its size, or 0 and no items at all.
  void SetGap(size_t size);
  // Requires a gap.
  void CloseGap();
  // Removes the first items, so many bytes; others are left.
  void DropFront(size_t bytes, size_t count);
  // After a removal, which may be one of many: a block is not cut each time.
  void ShrinkIfHalfFree();
  Iterator Splice(Iterator at, size_t removed_bytes, size_t removed_count, const Encoded& item);
  void Reallocate(size_t capacity);
  size_t CountBetween(Iterator first, Iterator last) const;

  Block* block_ = nullptr;
};

static_assert(sizeof(PackedList) == sizeof(void*));

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_PACKED_LIST_H_
