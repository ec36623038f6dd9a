#include "engine/core/segment_index.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <new>
#include <utility>

#include "engine/core/hash.h"

namespace dualis {
namespace {

using Bucket = SegmentIndex::Bucket;
using Segment = SegmentIndex::Segment;
using Stash = SegmentIndex::Stash;
using Place = SegmentIndex::Place;
constexpr int kSlots = SegmentIndex::kSlots;

// The sizes a segment may have. From kRecoverable on positions can be read back, so growth is cheap and steps are
// small; below, a table is small anyway.
constexpr uint16_t kSizes[] = {1,  2,  3,  4,  6,  8,  12,  16,  20,  24,  28, 32,
                               40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176};
constexpr uint32_t kRecoverable = 64;
constexpr uint32_t kLargest = 176;

// A segment with more elements than this grows: 92 % of its slots, where a second move still finds a free one nearly
// always.
constexpr uint32_t Capacity(uint32_t buckets) { return buckets * kSlots * 59 / 64; }

// The smallest size with some room left. At least `least`.
uint32_t SizeFor(uint32_t count, uint32_t least) {
  for (const uint16_t size : kSizes) {
    if (size >= least && count <= Capacity(size) * 15 / 16) return size;
  }
  return kLargest;
}

// Segments split at different sizes, so that a table with evenly spread hashes does not split everywhere at once.
uint32_t SplitSize(uint64_t hash, int depth) {
  const uint64_t prefix = depth == 0 ? 0 : hash >> (64 - depth);
  return 128 + 16 * (HashNumber(prefix << 6 | static_cast<uint64_t>(depth)) & 3);
}
static_assert(128 + 16 * 3 == kLargest);

size_t SegmentBytes(uint32_t buckets) { return sizeof(Segment) + buckets * sizeof(Bucket); }

constexpr uint32_t kPositions = 1u << SegmentIndex::kPositionBits;

// The one position of this home with this fingerprint. Requires buckets >= kRecoverable.
uint32_t RecoverPosition(uint32_t home, uint8_t fingerprint, uint32_t buckets) {
  const uint32_t first = (home * kPositions + buckets - 1) / buckets;
  return first + static_cast<uint8_t>(fingerprint - first);
}

// Whether `slot` is one of `count` slots from `first`, for pointers that may be of different blocks.
bool Within(void* const* slot, void* const* first, int count) {
  return !std::less<>()(slot, first) && std::less<>()(slot, first + count);
}

void CountSpilled(Bucket& home, int change) {
  // Three means "three or more", which a removal cannot make exact again; the next growth does.
  if (home.spilled() < 3) home.set_spilled(home.spilled() + change);
}

void AppendOwn(Bucket& bucket, uint8_t fingerprint, void* element) {
  const int slot = bucket.own();
  bucket.fingerprints[slot] = fingerprint;
  bucket.slots[slot] = element;
  bucket.AddOwn(1);
}
void AppendForeign(Bucket& bucket, uint8_t fingerprint, void* element) {
  const int slot = kSlots - 1 - bucket.foreign();
  bucket.fingerprints[slot] = fingerprint;
  bucket.slots[slot] = element;
  bucket.AddForeign(1);
}
void RemoveOwn(Bucket& bucket, int slot) {
  const int last = bucket.own() - 1;
  bucket.fingerprints[slot] = bucket.fingerprints[last];
  bucket.slots[slot] = bucket.slots[last];
  bucket.AddOwn(-1);
}
void RemoveForeign(Bucket& bucket, int slot) {
  const int first = kSlots - bucket.foreign();
  bucket.fingerprints[slot] = bucket.fingerprints[first];
  bucket.slots[slot] = bucket.slots[first];
  bucket.AddForeign(-1);
}

// Frees a slot of a full bucket by sending one of its elements to its other place, if need be after making room there
// in the same way. Full buckets are never moved into, so a deeper move does not disturb this one.
bool MakeRoom(Segment& segment, uint32_t at, int moves) {
  Bucket& bucket = *segment.bucket(at);
  for (int depth = 1; depth <= moves; ++depth) {
    for (int slot = 0; slot < kSlots; ++slot) {
      const uint8_t fingerprint = bucket.fingerprints[slot];
      const bool own = slot < bucket.own();
      const uint32_t to = own ? SegmentIndex::OtherBucket(at, fingerprint, segment.buckets)
                              : SegmentIndex::HomeOfForeign(at, fingerprint, segment.buckets);
      if (to == at) continue;
      Bucket& target = *segment.bucket(to);
      if (target.full() && (depth == 1 || !MakeRoom(segment, to, depth - 1))) continue;
      void* const element = bucket.slots[slot];
      if (own) {
        AppendForeign(target, fingerprint, element);
        RemoveOwn(bucket, slot);
        CountSpilled(bucket, 1);
      } else {
        AppendOwn(target, fingerprint, element);
        RemoveForeign(bucket, slot);
        CountSpilled(target, -1);
      }
      return true;
    }
  }
  return false;
}

// Whether Put will find a slot; moves others away for it.
bool HasRoom(Segment& segment, const Place& place) {
  if (!segment.bucket(place.home)->full() || !segment.bucket(place.other)->full()) return true;
  if (MakeRoom(segment, place.home, 2) || MakeRoom(segment, place.other, 2)) return true;
  return segment.stash != nullptr && segment.stash->used < Stash::kSlots;
}

// Requires HasRoom or a stash with a free slot.
void** Put(Segment& segment, const Place& place, void* element) {
  ++segment.count;
  Bucket& home = *segment.bucket(place.home);
  if (!home.full()) {
    AppendOwn(home, place.fingerprint, element);
    return &home.slots[home.own() - 1];
  }
  CountSpilled(home, 1);
  Bucket& other = *segment.bucket(place.other);
  if (!other.full()) {
    AppendForeign(other, place.fingerprint, element);
    return &other.slots[kSlots - other.foreign()];
  }
  Stash& stash = *segment.stash;
  assert(stash.used < Stash::kSlots);
  stash.positions[stash.used] = place.position;
  stash.slots[stash.used] = element;
  ++segment.stashed;
  return &stash.slots[stash.used++];
}

void PushStash(Segment& segment) {
  auto* stash = new Stash{};
  stash->next = segment.stash;
  segment.stash = stash;
}

void DeleteSegment(Segment* segment) {
  while (Stash* stash = segment->stash) {
    segment->stash = stash->next;
    delete stash;
  }
  ::operator delete (segment, std::align_val_t{alignof(Segment)});
}

// The memory of a segment, for SegmentIndex::bytes().
size_t BytesOf(const Segment& segment) {
  size_t bytes = SegmentBytes(segment.buckets);
  for (const Stash* stash = segment.stash; stash != nullptr; stash = stash->next) bytes += sizeof(Stash);
  return bytes;
}

// Always inlined: GCC takes a function that only prefetches for one without effect and drops the calls.
[[gnu::always_inline]] inline void PrefetchElementsOf(const Segment& segment, size_t at) {
  if (at >= segment.buckets) return;
  const Bucket& bucket = *segment.bucket(at);
  for (int i = 0; i < bucket.own(); ++i) __builtin_prefetch(bucket.slots[i]);
  for (int i = kSlots - bucket.foreign(); i < kSlots; ++i) __builtin_prefetch(bucket.slots[i]);
}

// Calls fn(position, element) for all elements, without looking at them. Requires buckets >= kRecoverable.
template <class Fn>
void ForEachPosition(const Segment& segment, Fn&& fn) {
  const uint32_t n = segment.buckets;
  for (uint32_t at = 0; at < n; ++at) {
    const Bucket& bucket = *segment.bucket(at);
    for (int i = 0; i < bucket.own(); ++i) fn(RecoverPosition(at, bucket.fingerprints[i], n), bucket.slots[i]);
    for (int i = kSlots - bucket.foreign(); i < kSlots; ++i) {
      fn(RecoverPosition(SegmentIndex::HomeOfForeign(at, bucket.fingerprints[i], n), bucket.fingerprints[i], n),
         bucket.slots[i]);
    }
  }
  for (const Stash* stash = segment.stash; stash != nullptr; stash = stash->next) {
    for (int i = 0; i < stash->used; ++i) fn(stash->positions[i], stash->slots[i]);
  }
}

// Calls fn(hash, element) for all elements; they are fetched some buckets ahead.
template <class Fn>
void ForEachHash(const Segment& segment, SegmentIndex::Hasher hasher, Fn&& fn) {
  constexpr uint32_t kAhead = 6;
  for (uint32_t at = 0; at < kAhead; ++at) PrefetchElementsOf(segment, at);
  for (uint32_t at = 0; at < segment.buckets; ++at) {
    PrefetchElementsOf(segment, at + kAhead);
    const Bucket& bucket = *segment.bucket(at);
    for (int i = 0; i < bucket.own(); ++i) fn(hasher(bucket.slots[i]), bucket.slots[i]);
    for (int i = kSlots - bucket.foreign(); i < kSlots; ++i) fn(hasher(bucket.slots[i]), bucket.slots[i]);
  }
  for (const Stash* stash = segment.stash; stash != nullptr; stash = stash->next) {
    for (int i = 0; i < stash->used; ++i) fn(hasher(stash->slots[i]), stash->slots[i]);
  }
}

}  // namespace

// A segment that is being filled and not yet in the directory. Its elements still belong to the old one, so an
// allocation that fails just drops it.
class SegmentIndex::Building {
 public:
  Building(uint32_t buckets, int depth) {
    void* memory = ::operator new (SegmentBytes(buckets), std::align_val_t{alignof(Segment)});
    std::memset(memory, 0, SegmentBytes(buckets));
    segment_ = static_cast<Segment*>(memory);
    segment_->buckets = static_cast<uint16_t>(buckets);
    segment_->depth = static_cast<uint8_t>(depth);
  }
  ~Building() {
    if (segment_ != nullptr) DeleteSegment(segment_);
  }
  Building(const Building&) = delete;
  Building& operator=(const Building&) = delete;

  void Add(uint32_t position, void* element) {
    const Place place = SegmentIndex::PlaceAt(position, segment_->buckets);
    if (!HasRoom(*segment_, place)) PushStash(*segment_);
    Put(*segment_, place, element);
  }
  // Takes all elements of `from`, which has the same depth.
  void AddAll(const Segment& from, Hasher hasher) {
    if (from.buckets >= kRecoverable) {
      ForEachPosition(from, [&](uint32_t position, void* element) { Add(position, element); });
    } else {
      ForEachHash(from, hasher,
                  [&](uint64_t hash, void* element) { Add(SegmentIndex::Position(hash, from.depth), element); });
    }
  }
  Segment* Release() { return std::exchange(segment_, nullptr); }

 private:
  Segment* segment_;
};

SegmentIndex& SegmentIndex::operator=(SegmentIndex&& from) noexcept {
  if (this != &from) {
    FreeAll();
    Steal(from);
  }
  return *this;
}

void SegmentIndex::Steal(SegmentIndex& from) noexcept {
  root_ = std::exchange(from.root_, Directory{});
  directory_ = from.depth_ == 0 ? &root_ : from.directory_;
  from.directory_ = &from.root_;
  size_ = std::exchange(from.size_, 0);
  bytes_ = std::exchange(from.bytes_, 0);
  deepest_ = std::exchange(from.deepest_, 0);
  next_ = std::exchange(from.next_, nullptr);
  next_touched_ = std::exchange(from.next_touched_, 0);
  depth_ = std::exchange(from.depth_, 0);
}

void SegmentIndex::FreeAll() {
  for (size_t i = 0; i < directory_size();) {
    const Directory at = directory_[i];
    i += size_t{1} << (depth_ - at.depth);
    if (at.segment != nullptr) DeleteSegment(at.segment);
  }
  if (depth_ != 0) delete[] directory_;
  delete[] next_;
}

void SegmentIndex::Reset() {
  FreeAll();
  root_ = Directory{};
  directory_ = &root_;
  size_ = bytes_ = deepest_ = 0;
  next_ = nullptr;
  next_touched_ = 0;
  depth_ = 0;
}

// Enters a segment under every directory index it is responsible for.
void SegmentIndex::Publish(Segment* segment, uint64_t hash) {
  const size_t span = size_t{1} << (depth_ - segment->depth);
  Directory* at = directory_ + (DirectoryIndex(hash) & ~(span - 1));
  std::fill(at, at + span, Directory{segment, segment->buckets, segment->depth, segment->stash != nullptr});
  if (segment->depth == depth_) ++deepest_;
  bytes_ += BytesOf(*segment);
}

// Frees a segment whose successor is published or about to be.
void SegmentIndex::FreeSegment(Segment* segment) {
  if (segment->depth == depth_) --deepest_;
  bytes_ -= BytesOf(*segment);
  DeleteSegment(segment);
}

void SegmentIndex::AddStash(Segment& segment, uint64_t hash) {
  PushStash(segment);
  bytes_ += sizeof(Stash);
  const size_t span = size_t{1} << (depth_ - segment.depth);
  Directory* at = directory_ + (DirectoryIndex(hash) & ~(span - 1));
  for (size_t i = 0; i < span; ++i) at[i].stashed = true;
}

void SegmentIndex::RemoveFromStash(Segment& segment, void** slot, uint64_t hash) {
  Stash& head = *segment.stash;
  Stash* node = &head;
  while (!Within(slot, node->slots, Stash::kSlots)) node = node->next;
  const size_t i = static_cast<size_t>(slot - node->slots);
  --head.used;
  node->slots[i] = head.slots[head.used];
  node->positions[i] = head.positions[head.used];
  --segment.stashed;
  if (head.used != 0) return;
  segment.stash = head.next;
  delete &head;
  bytes_ -= sizeof(Stash);
  if (segment.stash != nullptr) return;
  const size_t span = size_t{1} << (depth_ - segment.depth);
  Directory* at = directory_ + (DirectoryIndex(hash) & ~(span - 1));
  for (size_t k = 0; k < span; ++k) at[k].stashed = false;
}

// Hashes that agree in many more bits than chance allows must not blow up the directory; their segment gets a long
// stash instead. 48 bits of a scan cursor hold a prefix of 33 bits and a position.
int SegmentIndex::MaxDepth() const { return std::min(33, static_cast<int>(std::bit_width(size_ >> 8)) + 4); }

bool SegmentIndex::CanGrow(const Segment& segment, uint64_t hash) const {
  return segment.buckets < SplitSize(hash, segment.depth) || segment.depth < MaxDepth();
}

void SegmentIndex::Reserve(uint64_t hash, Hasher hasher) {
  if (root_.segment == nullptr && depth_ == 0) Publish(Building(1, 0).Release(), hash);
  for (;;) {
    const Directory& at = Locate(hash);
    Segment& segment = *at.segment;
    const bool can_grow = CanGrow(segment, hash);
    if (segment.count < Capacity(segment.buckets) || !can_grow) {
      if (HasRoom(segment, PlaceOf(hash, at))) return;
      // A few unlucky elements go to the stash. Many mean that more buckets are cheaper, unless the segment is nearly
      // empty: then their hashes are alike and buckets would not help.
      const bool crowded = segment.stashed >= segment.buckets / 16u && segment.count * 4 >= segment.buckets * kSlots;
      if (!crowded || !can_grow) {
        AddStash(segment, hash);
        return;
      }
    }
    Grow(hash, hasher);
  }
}

void** SegmentIndex::InsertReserved(uint64_t hash, void* element) {
  const Directory& at = Locate(hash);
  void** slot = Put(*at.segment, PlaceOf(hash, at), element);
  ++size_;
  return slot;
}

void SegmentIndex::Grow(uint64_t hash, Hasher hasher) {
  Segment* const old = Locate(hash).segment;
  if (old->buckets >= SplitSize(hash, old->depth)) return Split(hash, hasher);
  const uint32_t size = *std::upper_bound(std::begin(kSizes), std::end(kSizes), old->buckets);
  // A larger directory will be needed when this segment splits, which takes long enough by itself.
  const bool splits_next = size >= SplitSize(hash, old->depth) && old->depth < MaxDepth();
  if (splits_next && old->depth == depth_ && depth_ > 0) {
    DoubleDirectory();
  } else {
    PrepareDirectory();
  }
  Building larger(size, old->depth);
  larger.AddAll(*old, hasher);
  Publish(larger.Release(), hash);
  FreeSegment(old);
}

void SegmentIndex::Split(uint64_t hash, Hasher hasher) {
  Segment* const old = Locate(hash).segment;
  const int depth = old->depth;
  assert(old->buckets >= kRecoverable);
  uint32_t counts[2] = {0, 0};
  ForEachPosition(*old, [&](uint32_t position, void*) { ++counts[position / (kPositions / 2)]; });
  Building low(SizeFor(counts[0], kRecoverable), depth + 1);
  Building high(SizeFor(counts[1], kRecoverable), depth + 1);
  ForEachHash(*old, hasher, [&](uint64_t h, void* element) {
    Building& side = h >> (63 - depth) & 1 ? high : low;
    side.Add(SegmentIndex::Position(h, depth + 1), element);
  });
  if (depth == depth_) DoubleDirectory();
  const uint64_t side_bit = uint64_t{1} << (63 - depth);
  Publish(low.Release(), hash & ~side_bit);
  Publish(high.Release(), hash | side_bit);
  FreeSegment(old);
}

// Fresh memory costs a page fault every 4 KiB, for a large directory more than all the copying. So it is taken when
// about a quarter of the segments have the full depth, and touched page by page while segments grow.
void SegmentIndex::PrepareDirectory() {
  constexpr uint32_t kPage = 4096 / sizeof(Directory);
  if (depth_ < 10 || deepest_ * 4 < directory_size()) return;
  if (next_ == nullptr) {
    next_ = new (std::nothrow) Directory[directory_size() * 2];
    if (next_ != nullptr) bytes_ += directory_size() * 2 * sizeof(Directory);
  } else if (next_touched_ < directory_size() * 2) {
    next_[next_touched_] = Directory{};
    next_touched_ += kPage;
  }
}

void SegmentIndex::DropNextDirectory() {
  if (next_ == nullptr) return;
  delete[] std::exchange(next_, nullptr);
  next_touched_ = 0;
  bytes_ -= directory_size() * 2 * sizeof(Directory);
}

void SegmentIndex::DoubleDirectory() {
  const size_t count = directory_size();
  if (next_ == nullptr) {
    next_ = new Directory[count * 2];
    bytes_ += count * 2 * sizeof(Directory);
  }
  Directory* const larger = std::exchange(next_, nullptr);
  next_touched_ = 0;
  for (size_t i = 0; i < count; ++i) larger[2 * i] = larger[2 * i + 1] = directory_[i];
  if (depth_ != 0) {
    delete[] directory_;
    bytes_ -= count * sizeof(Directory);
  }
  directory_ = larger;
  root_ = Directory{};
  ++depth_;
  deepest_ = 0;
}

// Takes back a doubling that no segment needs any more; not while memory is short.
void SegmentIndex::HalveDirectory() {
  while (deepest_ == 0 && depth_ > 0) {
    DropNextDirectory();
    const size_t count = directory_size() / 2;
    Directory* smaller = count == 1 ? &root_ : new (std::nothrow) Directory[count];
    if (smaller == nullptr) return;
    for (size_t i = 0; i < count; ++i) smaller[i] = directory_[2 * i];
    delete[] directory_;
    bytes_ -= (count == 1 ? 2 : count) * sizeof(Directory);
    directory_ = smaller;
    --depth_;
    for (size_t i = 0; i < count; ++i) deepest_ += directory_[i].depth == depth_;
  }
}

void SegmentIndex::Erase(uint64_t hash, void** slot, Hasher hasher) {
  const Directory& at = Locate(hash);
  Segment& segment = *at.segment;
  const Place place = PlaceOf(hash, at);
  Bucket& home = *segment.bucket(place.home);
  Bucket& other = *segment.bucket(place.other);
  if (Within(slot, home.slots, home.own())) {
    RemoveOwn(home, static_cast<int>(slot - home.slots));
  } else {
    CountSpilled(home, -1);
    if (Within(slot, other.slots, kSlots)) {
      RemoveForeign(other, static_cast<int>(slot - other.slots));
    } else {
      RemoveFromStash(segment, slot, hash);
    }
  }
  --segment.count;
  if (--size_ == 0) return Reset();
  const uint32_t least = segment.depth == 0 ? 1 : kRecoverable;
  if (segment.count * 2 < Capacity(segment.buckets) && (segment.depth > 0 || segment.buckets > least)) {
    try {
      Shrink(hash, hasher);
    } catch (const std::bad_alloc&) {
      // It stays larger than it should be; the next removal tries again.
    }
  }
}

void SegmentIndex::Shrink(uint64_t hash, Hasher hasher) {
  if (Merge(hash)) return;
  Segment* const old = Locate(hash).segment;
  const uint32_t size = SizeFor(old->count, old->depth == 0 ? 1 : kRecoverable);
  if (size >= old->buckets) return;
  Building smaller(size, old->depth);
  smaller.AddAll(*old, hasher);
  Publish(smaller.Release(), hash);
  FreeSegment(old);
}

// Joins a segment with the one that it was split from, if both are nearly empty.
bool SegmentIndex::Merge(uint64_t hash) {
  Segment* const old = Locate(hash).segment;
  const int depth = old->depth;
  if (depth == 0 || old->count > Capacity(kRecoverable) / 2) return false;
  const uint64_t side_bit = uint64_t{1} << (64 - depth);
  Segment* const buddy = Locate(hash ^ side_bit).segment;
  if (buddy->depth != depth || old->count + buddy->count > Capacity(kRecoverable) * 5 / 8) return false;
  Building both(SizeFor(old->count + buddy->count, depth == 1 ? 1 : kRecoverable), depth - 1);
  const Segment& low = hash & side_bit ? *buddy : *old;
  const Segment& high = hash & side_bit ? *old : *buddy;
  ForEachPosition(low, [&](uint32_t position, void* element) { both.Add(position / 2, element); });
  ForEachPosition(high, [&](uint32_t position, void* element) { both.Add((kPositions + position) / 2, element); });
  Publish(both.Release(), hash);
  FreeSegment(old);
  FreeSegment(buddy);
  HalveDirectory();
  return true;
}

uint64_t SegmentIndex::NextHome(uint64_t from, const Directory& at, uint32_t home) {
  const int free_bits = 64 - at.depth;
  const uint64_t start = at.depth == 0 ? 0 : from >> free_bits << free_bits;
  if (home + 1 < at.buckets) {
    const uint64_t position = ((home + 1) * kPositions + at.buckets - 1) / at.buckets;
    return start | position << (free_bits - kPositionBits);
  }
  return at.depth == 0 ? 0 : start + (uint64_t{1} << free_bits);
}

void* SegmentIndex::Random(Rng& rng) const {
  if (size_ == 0) return nullptr;
  // Draws from equal shares of the hash space and rejects a draw that hits no element: a directory entry, then a bucket
  // number that counts as many buckets for each entry as the largest segment of full depth has.
  const uint64_t shares = depth_ == 0 ? root_.buckets + 1u : kLargest + 1;
  for (int tries = 0; tries < 1000; ++tries) {
    const size_t first = rng.Uniform(directory_size());
    const Directory& at = directory_[first];
    const uint64_t span = uint64_t{1} << (depth_ - at.depth);
    const uint64_t share = rng.Uniform(shares * span);
    const uint64_t slot = rng.Uniform(kSlots);
    if (share < at.buckets) {
      const Bucket& bucket = *at.segment->bucket(share);
      const bool used =
          slot < static_cast<uint64_t>(bucket.own()) || slot >= kSlots - static_cast<uint64_t>(bucket.foreign());
      if (used) return bucket.slots[slot];
    } else if (share == at.buckets && at.stashed) {
      // One more bucket for the stash, which is fair as long as it is short.
      uint64_t pick = rng.Uniform(std::max<uint64_t>(kSlots, at.segment->stashed));
      if (pick >= at.segment->stashed) continue;
      const Stash* stash = at.segment->stash;
      for (; pick >= stash->used; stash = stash->next) pick -= stash->used;
      return stash->slots[pick];
    }
  }
  // Hardly any element in much space, as after removals from a table whose hashes are alike: the next one from
  // anywhere.
  for (size_t i = rng.Uniform(directory_size());; i = (i + 1) % directory_size()) {
    if (directory_[i].segment->count == 0) continue;
    void* found = nullptr;
    ForEachIn(*directory_[i].segment, [&](void* element) { found = element; });
    return found;
  }
}

}  // namespace dualis
