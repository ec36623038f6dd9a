// The untyped half of SegmentTable: where pointers live, how segments grow, split and merge. Use SegmentTable.
//
//   directory (2^depth entries, indexed by the high bits of the hash; several may name one segment)
//   | segment*, buckets, local depth, has a stash |  16 bytes, so that a lookup needs no segment header
//
//   segment:  | header 64 | bucket 64 | bucket 64 | ...                  1 to 176 buckets
//
//   bucket, one cache line:
//   | fingerprint u8 x 7 | state u8 | pointer x 7 |
//   state := | own 3 bits | foreign 3 bits | spilled 2 bits |
//
// A key's place comes from its position x, the 14 hash bits that follow the `local depth` bits which chose the segment:
// its home is bucket x * buckets / 2^14, so buckets are in the order of their hashes, and its fingerprint is x mod 256.
// Own entries (in their home) fill a bucket from slot 0 up. An entry whose home is full goes to one other bucket,
// home + 1 + fingerprint mod 32, as a foreign one; these fill from slot 6 down. `spilled` counts how many entries of
// this home live elsewhere (3: three or more, or no longer known), so that most failing lookups read one bucket. If
// both are full, others are moved to their other bucket; what still finds no place goes to the segment's stash, a short
// chain.
//
// Why this bookkeeping: bucket, fingerprint and own/foreign give x back without looking at the key as long as a home
// spans at most 256 positions, that is from 64 buckets on. So a segment changes its number of buckets in small steps
// without one cache miss per key, and stays 84 to 92 % full. Keys are hashed again only when a segment splits.
#ifndef DUALIS_ENGINE_CORE_SEGMENT_INDEX_H_
#define DUALIS_ENGINE_CORE_SEGMENT_INDEX_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/core/rng.h"

namespace dualis {

class SegmentIndex {
 public:
  static constexpr int kSlots = 7;
  static constexpr int kPositionBits = 14;
  static constexpr uint32_t kReach = 32;  // how far behind its home an entry may be

  // How to hash an element again. `fn` must not throw.
  struct Hasher {
    uint64_t (*fn)(const void* context, const void* element);
    const void* context;
    uint64_t operator()(const void* element) const { return fn(context, element); }
  };

  struct Bucket {
    uint8_t fingerprints[kSlots];
    uint8_t state;
    void* slots[kSlots];

    int own() const { return state & 7; }
    int foreign() const { return state >> 3 & 7; }
    int spilled() const { return state >> 6; }
    bool full() const { return own() + foreign() == kSlots; }
    void AddOwn(int n) { state = static_cast<uint8_t>(state + n); }
    void AddForeign(int n) { state = static_cast<uint8_t>(state + n * 8); }
    void set_spilled(int n) { state = static_cast<uint8_t>((state & 63) | n << 6); }
  };

  // Entries without a place in their two buckets. Only the first of a chain may have free slots.
  struct Stash {
    static constexpr int kSlots = 5;
    Stash* next;
    uint16_t positions[kSlots];
    uint8_t used;
    void* slots[kSlots];
  };

  struct alignas(64) Segment {
    uint32_t count;    // elements, those in the stash included
    uint32_t stashed;  // elements in the stash
    Stash* stash;
    uint16_t buckets;
    uint8_t depth;  // how many high bits all hashes here share

    Bucket* bucket(size_t i) { return reinterpret_cast<Bucket*>(this + 1) + i; }
    const Bucket* bucket(size_t i) const { return reinterpret_cast<const Bucket*>(this + 1) + i; }
  };

  struct Directory {
    Segment* segment;
    uint16_t buckets;
    uint8_t depth;
    bool stashed;
  };

  // Where a hash belongs inside its segment.
  struct Place {
    uint32_t home;
    uint32_t other;
    uint16_t position;
    uint8_t fingerprint;
  };

  SegmentIndex() = default;
  SegmentIndex(SegmentIndex&& from) noexcept { Steal(from); }
  SegmentIndex& operator=(SegmentIndex&& from) noexcept;
  ~SegmentIndex() { FreeAll(); }

  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }

  const Directory& Locate(uint64_t hash) const { return directory_[DirectoryIndex(hash)]; }

  static uint16_t Position(uint64_t hash, int depth) {
    return static_cast<uint16_t>(hash << depth >> (64 - kPositionBits));
  }
  static uint32_t OtherBucket(uint32_t home, uint8_t fingerprint, uint32_t buckets) {
    return (home + 1 + fingerprint % kReach) % buckets;
  }
  static uint32_t HomeOfForeign(uint32_t at, uint8_t fingerprint, uint32_t buckets) {
    return (at + buckets * kReach - 1 - fingerprint % kReach) % buckets;
  }
  static Place PlaceAt(uint16_t position, uint32_t buckets) {
    const uint32_t home = position * buckets >> kPositionBits;
    const auto fingerprint = static_cast<uint8_t>(position);
    return Place{home, OtherBucket(home, fingerprint, buckets), position, fingerprint};
  }

  static Place PlaceOf(uint64_t hash, const Directory& at) { return PlaceAt(Position(hash, at.depth), at.buckets); }

  // Bit 8 * i + 7 is set if slot i may hold the fingerprint, among own or foreign slots. Rarely one bit too many.
  static uint64_t MatchOwn(const Bucket& bucket, uint8_t fingerprint) {
    return Match(bucket, fingerprint) & ((uint64_t{1} << 8 * bucket.own()) - 1);
  }
  static uint64_t MatchForeign(const Bucket& bucket, uint8_t fingerprint) {
    return Match(bucket, fingerprint) & kSlotBytes & ~((uint64_t{1} << 8 * (kSlots - bucket.foreign())) - 1);
  }

  // Calls same(element) for each candidate until one says yes; returns its slot or null.
  template <class Same>
  void** Find(uint64_t hash, Same&& same) const {
    const Directory& at = Locate(hash);
    if (at.segment == nullptr) return nullptr;
    const Place place = PlaceOf(hash, at);
    Bucket* bucket = at.segment->bucket(place.home);
    for (uint64_t m = MatchOwn(*bucket, place.fingerprint); m != 0; m &= m - 1) {
      void** slot = &bucket->slots[std::countr_zero(m) / 8];
      if (same(*slot)) return slot;
    }
    if (bucket->spilled() == 0) return nullptr;
    bucket = at.segment->bucket(place.other);
    for (uint64_t m = MatchForeign(*bucket, place.fingerprint); m != 0; m &= m - 1) {
      void** slot = &bucket->slots[std::countr_zero(m) / 8];
      if (same(*slot)) return slot;
    }
    if (!at.stashed) return nullptr;
    for (Stash* stash = at.segment->stash; stash != nullptr; stash = stash->next) {
      for (int i = 0; i < stash->used; ++i) {
        if (stash->positions[i] == place.position && same(stash->slots[i])) return &stash->slots[i];
      }
    }
    return nullptr;
  }

  // Always inlined: GCC takes a function that only prefetches for one without effect and drops the calls.
  [[gnu::always_inline]] void Prefetch(uint64_t hash) const {
    const Directory& at = Locate(hash);
    if (at.segment != nullptr) __builtin_prefetch(at.segment->bucket(PlaceOf(hash, at).home));
  }
  [[gnu::always_inline]] void PrefetchElements(uint64_t hash) const {
    const Directory& at = Locate(hash);
    if (at.segment == nullptr) return;
    const Place place = PlaceOf(hash, at);
    const Bucket& bucket = *at.segment->bucket(place.home);
    for (uint64_t m = MatchOwn(bucket, place.fingerprint); m != 0; m &= m - 1) {
      __builtin_prefetch(bucket.slots[std::countr_zero(m) / 8]);
    }
  }

  // Makes room for one element with this hash; may throw bad_alloc, the contents are then as before.
  void Reserve(uint64_t hash, Hasher hasher);
  // Requires Reserve(hash) as the last change.
  void** InsertReserved(uint64_t hash, void* element);
  // Forgets the element in `slot`, whose hash is given. Shrinks if it can, and never throws.
  void Erase(uint64_t hash, void** slot, Hasher hasher);

  // Forgets everything and gives all memory back.
  void Reset();

  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (size_t i = 0; i < directory_size(); i += size_t{1} << (depth_ - directory_[i].depth)) {
      if (const Segment* segment = directory_[i].segment) ForEachIn(*segment, fn);
    }
  }

  // Calls fn(element) for the elements whose home is the bucket that holds the hash `from`. Returns the hash where the
  // next bucket starts, 0 after the last.
  template <class Fn>
  uint64_t VisitHome(uint64_t from, Fn&& fn) const {
    const Directory& at = Locate(from);
    if (at.segment == nullptr) return 0;
    const Segment& segment = *at.segment;
    const uint32_t home = PlaceAt(Position(from, at.depth), at.buckets).home;
    const Bucket& bucket = *segment.bucket(home);
    for (int i = 0; i < bucket.own(); ++i) fn(bucket.slots[i]);
    if (bucket.spilled() != 0) VisitSpilled(segment, home, fn);
    return NextHome(from, at, home);
  }

  void* Random(Rng& rng) const;

 private:
  static constexpr uint64_t kSlotBytes = (uint64_t{1} << 56) - 1;

  static uint64_t Match(const Bucket& bucket, uint8_t fingerprint) {
    uint64_t word;
    std::memcpy(&word, bucket.fingerprints, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    word ^= 0x0101010101010101u * fingerprint;
    return (word - 0x0101010101010101u) & ~word & 0x8080808080808080u;
  }
  template <class Fn>
  static void ForEachIn(const Segment& segment, Fn&& fn) {
    for (size_t b = 0; b < segment.buckets; ++b) {
      const Bucket& bucket = *segment.bucket(b);
      for (int i = 0; i < bucket.own(); ++i) fn(bucket.slots[i]);
      for (int i = kSlots - bucket.foreign(); i < kSlots; ++i) fn(bucket.slots[i]);
    }
    for (const Stash* stash = segment.stash; stash != nullptr; stash = stash->next) {
      for (int i = 0; i < stash->used; ++i) fn(stash->slots[i]);
    }
  }

  template <class Fn>
  static void VisitSpilled(const Segment& segment, uint32_t home, Fn&& fn) {
    const uint32_t reach = segment.buckets - 1u < kReach ? segment.buckets - 1u : kReach;
    for (uint32_t step = 1; step <= reach; ++step) {
      const uint32_t at = (home + step) % segment.buckets;
      const Bucket& bucket = *segment.bucket(at);
      for (int i = kSlots - bucket.foreign(); i < kSlots; ++i) {
        if (HomeOfForeign(at, bucket.fingerprints[i], segment.buckets) == home) fn(bucket.slots[i]);
      }
    }
    for (const Stash* stash = segment.stash; stash != nullptr; stash = stash->next) {
      for (int i = 0; i < stash->used; ++i) {
        if (PlaceAt(stash->positions[i], segment.buckets).home == home) fn(stash->slots[i]);
      }
    }
  }

  class Building;

  size_t directory_size() const { return size_t{1} << depth_; }
  // Two shifts, because one by 64 (depth 0) would be undefined.
  size_t DirectoryIndex(uint64_t hash) const { return hash >> 1 >> (63 - depth_); }
  static uint64_t NextHome(uint64_t from, const Directory& at, uint32_t home);

  void AddStash(Segment& segment, uint64_t hash);
  void RemoveFromStash(Segment& segment, void** slot, uint64_t hash);
  int MaxDepth() const;
  bool CanGrow(const Segment& segment, uint64_t hash) const;
  void Grow(uint64_t hash, Hasher hasher);
  void Split(uint64_t hash, Hasher hasher);
  void Shrink(uint64_t hash, Hasher hasher);
  bool Merge(uint64_t hash);
  void PrepareDirectory();
  void DoubleDirectory();
  void DropNextDirectory();
  void HalveDirectory();
  void Publish(Segment* segment, uint64_t hash);
  void FreeSegment(Segment* segment);
  void FreeAll();
  void Steal(SegmentIndex& from) noexcept;

  Directory root_{};  // the directory of a table with one segment
  Directory* directory_ = &root_;
  size_t size_ = 0;
  size_t bytes_ = 0;
  size_t deepest_ = 0;         // segments whose depth is depth_; without any, the directory can be halved
  Directory* next_ = nullptr;  // memory for twice the directory, if that is near
  uint32_t next_touched_ = 0;
  int depth_ = 0;
};

static_assert(sizeof(SegmentIndex::Bucket) == 64);
static_assert(sizeof(SegmentIndex::Stash) == 64);
static_assert(sizeof(SegmentIndex::Segment) == 64);
static_assert(sizeof(SegmentIndex::Directory) == 16);
static_assert(sizeof(SegmentIndex) == 64);

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_SEGMENT_INDEX_H_
