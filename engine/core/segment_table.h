// The table of the keyspace, and of large sets, hashes and the members of sorted sets: pointers to elements that know
// their own key. It grows one segment at a time, so no insertion waits for the whole table (SegmentIndex draws the
// layout), and costs about 11 bytes an element. Finding one takes two dependent cache misses: its bucket and the
// element.
//
//   struct EntryTraits {
//     uint64_t seed;
//     uint64_t Hash(const Entry* e) const { return HashBytes(e->key(), seed); }
//   };
//   SegmentTable<Entry, EntryTraits> table(EntryTraits{seed});
//   const uint64_t hash = HashBytes(key, seed);
//   Entry* e = table.FindValue(hash, [&](const Entry* e) { return e->key() == key; });
//
// The table does not own its elements and never looks inside but through Traits::Hash, which must not throw and must
// give the same 64 well mixed bits every time. An element must stay valid, with its hash, until it is erased or
// replaced.
//
// Slots (T**) are valid until the next change of the table. Looking things up changes nothing, so any number of threads
// may do it at once. No callback may change the table. Iteration order is the order of the hashes.
#ifndef DUALIS_ENGINE_CORE_SEGMENT_TABLE_H_
#define DUALIS_ENGINE_CORE_SEGMENT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/core/segment_index.h"

namespace dualis {

template <class T, class Traits>
class SegmentTable {
 public:
  explicit SegmentTable(Traits traits = {}) : traits_(std::move(traits)) {}
  SegmentTable(SegmentTable&&) noexcept = default;
  SegmentTable& operator=(SegmentTable&&) noexcept = default;

  const Traits& traits() const { return traits_; }
  size_t size() const { return index_.size(); }
  bool empty() const { return size() == 0; }
  // Memory of the table itself, elements not included; an empty table has none.
  size_t bytes() const { return index_.bytes(); }

  // The slot of the element with this hash for which eq(const T*) holds; null if there is none.
  template <class Eq>
  T** Find(uint64_t hash, Eq&& eq) {
    return Slot(index_.Find(hash, [&](const void* element) { return eq(static_cast<const T*>(element)); }));
  }
  template <class Eq>
  T* FindValue(uint64_t hash, Eq&& eq) const {
    void** slot = index_.Find(hash, [&](const void* element) { return eq(static_cast<const T*>(element)); });
    return slot == nullptr ? nullptr : static_cast<T*>(*slot);
  }

  // Starts fetching what Find(hash) will read first, and then (called for the same hash a little later) the elements
  // that it will compare. For commands with many keys: prefetch all, then find each.
  [[gnu::always_inline]] void Prefetch(uint64_t hash) const { index_.Prefetch(hash); }
  [[gnu::always_inline]] void PrefetchElements(uint64_t hash) const { index_.PrefetchElements(hash); }

  // Does all allocation that inserting an element with this hash needs. Throws bad_alloc with the contents unchanged.
  void Reserve(uint64_t hash) { index_.Reserve(hash, hasher()); }

  // Inserts; throws bad_alloc with the contents unchanged, and never if Reserve(hash) was the last change.
  // Requires: no equal element is present, and hash is the element's.
  T** Insert(uint64_t hash, T* element) {
    Reserve(hash);
    return Slot(index_.InsertReserved(hash, element));
  }

  // Takes the element out of the table and returns it; null if there is none. The caller disposes of it. Never throws.
  template <class Eq>
  T* Erase(uint64_t hash, Eq&& eq) {
    T** slot = Find(hash, eq);
    return slot == nullptr ? nullptr : EraseSlot(hash, slot);
  }
  // The same for a slot that was found; the element must still be valid.
  T* Erase(T** slot) { return EraseSlot(traits_.Hash(*slot), slot); }

  // Puts another element with an equal key into the slot.
  static void Replace(T** slot, T* element) { *reinterpret_cast<void**>(slot) = element; }

  // Calls fn(T*) for every element and forgets them all. `fn` may delete the element.
  template <class Fn>
  void Clear(Fn&& fn) {
    ForEach(fn);
    index_.Reset();
  }

  // Calls fn(T*) for every element.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    index_.ForEach([&](void* element) { fn(static_cast<T*>(element)); });
  }

  // Calls fn(T*) for at least about `count` elements (a bucket is never cut) and returns the cursor to go on with.
  // Start with cursor 0; the returned cursor 0 means that all were visited. An element that is present from the first
  // to the last call is visited at least once, however the table changes between calls; others may be. Any number is a
  // valid cursor. A cursor is the start of a hash, below 2^48, so it survives a trip through a double.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, size_t count, Fn&& fn) const {
    uint64_t from = cursor << kCursorShift;
    size_t visited = 0;
    // A thin table (after removals) must not make one call long: empty buckets count too, but ten times less.
    for (size_t buckets = 0; visited < count && buckets < count * 10; ++buckets) {
      from = index_.VisitHome(from, [&](void* element) {
        ++visited;
        fn(static_cast<T*>(element));
      });
      if (from == 0) return 0;
    }
    return from >> kCursorShift;
  }

  // An element by chance, each about equally likely; null if the table is empty.
  T* Random(Rng& rng) const { return static_cast<T*>(index_.Random(rng)); }

 private:
  static constexpr int kCursorShift = 16;

  static uint64_t HashElement(const void* traits, const void* element) {
    return static_cast<const Traits*>(traits)->Hash(static_cast<const T*>(element));
  }
  SegmentIndex::Hasher hasher() const { return {&HashElement, &traits_}; }
  // The index keeps void*, which is read back as void* everywhere; a T* has the same representation.
  static T** Slot(void** slot) { return reinterpret_cast<T**>(slot); }
  T* EraseSlot(uint64_t hash, T** slot) {
    void** const raw = reinterpret_cast<void**>(slot);
    T* const element = static_cast<T*>(*raw);
    index_.Erase(hash, raw, hasher());
    return element;
  }

  [[no_unique_address]] Traits traits_;
  SegmentIndex index_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_SEGMENT_TABLE_H_
