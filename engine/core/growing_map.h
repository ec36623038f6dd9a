// A small hash map for state that grows inside a turn: watched keys, channels, script caches, sessions. The hash maps
// at hand lose their contents if memory runs out while they grow; this one builds the larger table aside and then
// swaps.
//
//   GrowingMap<std::string, Subscribers> channels(seed);
//   channels.TryEmplace(Bytes("news")).first->Add(session);      // keys are looked up as Bytes, without a copy
//   if (Subscribers* s = channels.Find(name)) ...
//
//   slots: | hash or 0 | key | value | ...     a power of two of them, at most three quarters in use
//
// An element sits at or, with nothing free between, after the slot of its hash; removal moves the ones behind it
// forward. So there are no tombstones, and pointers and iterators are valid until the next insertion or removal.
//
// Keys are std::string or uint64_t. Inserting gives the strong guarantee. Removing neither allocates nor throws; the
// table is given back when the last element goes. Iteration order is arbitrary.
#ifndef DUALIS_ENGINE_CORE_GROWING_MAP_H_
#define DUALIS_ENGINE_CORE_GROWING_MAP_H_

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include "dualis/bytes.h"
#include "engine/core/hash.h"

namespace dualis {

template <class K, class V>
class GrowingMap {
  static_assert(std::is_same_v<K, std::string> || std::is_same_v<K, uint64_t>);
  static_assert(std::is_nothrow_move_constructible_v<V>, "elements move when the table grows, which must not fail");

 public:
  // How a key is asked for.
  using Lookup = std::conditional_t<std::is_same_v<K, std::string>, Bytes, uint64_t>;

 private:
  struct Stored {
    K key;
    V value;
  };
  struct Slot {
    uint64_t hash;  // 0: empty
    union {
      Stored element;
    };
    Slot() : hash(0) {}
    ~Slot() {}
  };

  template <class S, class Value>
  class BasicIterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::pair<const K&, Value&>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    BasicIterator() = default;
    BasicIterator(S* at, S* end) : at_(at), end_(end) { SkipEmpty(); }
    reference operator*() const { return {at_->element.key, at_->element.value}; }
    BasicIterator& operator++() {
      ++at_;
      SkipEmpty();
      return *this;
    }
    bool operator==(const BasicIterator&) const = default;

   private:
    void SkipEmpty() {
      while (at_ != end_ && at_->hash == 0) ++at_;
    }
    S* at_ = nullptr;
    S* end_ = nullptr;
  };

 public:
  using Iterator = BasicIterator<Slot, V>;
  using ConstIterator = BasicIterator<const Slot, const V>;

  explicit GrowingMap(uint64_t seed = 0) : seed_(seed) {}
  GrowingMap(GrowingMap&& from) noexcept
      : slots_(std::exchange(from.slots_, nullptr)),
        capacity_(std::exchange(from.capacity_, 0)),
        size_(std::exchange(from.size_, 0)),
        seed_(from.seed_) {}
  GrowingMap& operator=(GrowingMap&& from) noexcept {
    GrowingMap taken(std::move(from));
    Swap(taken);
    return *this;
  }
  ~GrowingMap() { Clear(); }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Memory of the table, without what keys and values own.
  size_t bytes() const { return capacity_ * sizeof(Slot); }

  // For range-for over std::pair<const K&, V&>.
  Iterator begin() { return Iterator(slots_, slots_ + capacity_); }
  Iterator end() { return Iterator(slots_ + capacity_, slots_ + capacity_); }
  ConstIterator begin() const { return ConstIterator(slots_, slots_ + capacity_); }
  ConstIterator end() const { return ConstIterator(slots_ + capacity_, slots_ + capacity_); }

  // The value of the key; null if there is none.
  V* Find(Lookup key) {
    Slot* slot = FindSlot(key);
    return slot == nullptr ? nullptr : &slot->element.value;
  }
  const V* Find(Lookup key) const {
    const Slot* slot = FindSlot(key);
    return slot == nullptr ? nullptr : &slot->element.value;
  }
  bool Contains(Lookup key) const { return FindSlot(key) != nullptr; }

  // The value of the key, made from `args` if it was absent (then second is true).
  template <class... Args>
  std::pair<V*, bool> TryEmplace(Lookup key, Args&&... args) {
    if (Slot* found = FindSlot(key)) return {&found->element.value, false};
    Stored element{K(key), V(std::forward<Args>(args)...)};
    Reserve(size_ + 1);
    Slot* slot = Place(HashOf(key), std::move(element));
    ++size_;
    return {&slot->element.value, true};
  }
  V& operator[](Lookup key) { return *TryEmplace(key).first; }

  // Whether the key was there.
  bool Erase(Lookup key) {
    Slot* slot = FindSlot(key);
    if (slot == nullptr) return false;
    EraseSlot(static_cast<size_t>(slot - slots_));
    if (size_ == 0) Clear();
    return true;
  }

  // Removes the elements for which pred(const K&, V&) holds; each is asked once. Returns how many were removed.
  template <class Pred>
  size_t EraseIf(Pred&& pred) {
    if (size_ == 0) return 0;
    const size_t before = size_;
    // Starting behind a gap, no element is moved from what lies ahead to what was seen already.
    size_t at = 0;
    while (slots_[at].hash != 0) ++at;
    for (size_t left = capacity_; left > 0; --left) {
      at = Next(at);
      while (slots_[at].hash != 0 && pred(std::as_const(slots_[at].element.key), slots_[at].element.value))
        EraseSlot(at);
    }
    const size_t removed = before - size_;
    if (size_ == 0) Clear();
    return removed;
  }

  // Makes sure that `count` elements fit, so that TryEmplace needs memory for key and value only.
  void Reserve(size_t count) {
    if (count * 4 <= capacity_ * 3) return;
    GrowingMap larger(seed_);
    const size_t capacity = std::max(kMinCapacity, std::bit_ceil(count + count / 3 + 1));
    larger.slots_ = new Slot[capacity];
    larger.capacity_ = capacity;
    for (size_t i = 0; i < capacity_; ++i) {
      if (slots_[i].hash != 0) larger.Place(slots_[i].hash, std::move(slots_[i].element));
    }
    larger.size_ = size_;
    Swap(larger);
  }

  void Clear() {
    for (size_t i = 0; i < capacity_; ++i) {
      if (slots_[i].hash != 0) std::destroy_at(&slots_[i].element);
    }
    delete[] slots_;
    slots_ = nullptr;
    capacity_ = size_ = 0;
  }

 private:
  static constexpr size_t kMinCapacity = 8;

  // Never 0, which marks an empty slot. The home slot is made of the high bits.
  uint64_t HashOf(Lookup key) const {
    if constexpr (std::is_same_v<K, uint64_t>) {
      return HashNumber(key ^ seed_) | 1;
    } else {
      return HashBytes(key, seed_) | 1;
    }
  }
  size_t Home(uint64_t hash) const { return static_cast<size_t>(hash >> 1 >> (63 - std::countr_zero(capacity_))); }
  size_t Next(size_t at) const { return (at + 1) & (capacity_ - 1); }

  Slot* FindSlot(Lookup key) const {
    if (capacity_ == 0) return nullptr;
    const uint64_t hash = HashOf(key);
    for (size_t at = Home(hash); slots_[at].hash != 0; at = Next(at)) {
      if (slots_[at].hash == hash && Lookup(slots_[at].element.key) == key) return &slots_[at];
    }
    return nullptr;
  }

  Slot* Place(uint64_t hash, Stored&& element) noexcept {
    size_t at = Home(hash);
    while (slots_[at].hash != 0) at = Next(at);
    std::construct_at(&slots_[at].element, std::move(element));
    slots_[at].hash = hash;
    return &slots_[at];
  }

  void EraseSlot(size_t hole) noexcept {
    std::destroy_at(&slots_[hole].element);
    --size_;
    for (size_t at = Next(hole); slots_[at].hash != 0; at = Next(at)) {
      // An element may fill the hole if that is not before its home.
      const size_t mask = capacity_ - 1;
      if (((at - Home(slots_[at].hash)) & mask) < ((at - hole) & mask)) continue;
      std::construct_at(&slots_[hole].element, std::move(slots_[at].element));
      slots_[hole].hash = slots_[at].hash;
      std::destroy_at(&slots_[at].element);
      hole = at;
    }
    slots_[hole].hash = 0;
  }

  void Swap(GrowingMap& other) noexcept {
    std::swap(slots_, other.slots_);
    std::swap(capacity_, other.capacity_);
    std::swap(size_, other.size_);
    std::swap(seed_, other.seed_);
  }

  Slot* slots_ = nullptr;
  size_t capacity_ = 0;
  size_t size_ = 0;
  uint64_t seed_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_GROWING_MAP_H_
