#include "engine/core/segment_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/core/hash.h"
#include "tests/unit/alloc_fault.h"

namespace dualis {
namespace {

struct Item {
  uint64_t key;
};
// `bits` of a good hash are kept: few of them make every kind of crowding.
struct ItemTraits {
  uint64_t seed = 1;
  int bits = 64;
  uint64_t HashKey(uint64_t key) const { return HashNumber(key + seed) << (64 - bits); }
  uint64_t Hash(const Item* item) const { return HashKey(item->key); }
};
struct LowBitsOnly {
  uint64_t HashKey(uint64_t key) const { return HashNumber(key) & 0xffff; }
  uint64_t Hash(const Item* item) const { return HashKey(item->key); }
};

// A table that owns its items and is asked by key.
template <class Traits = ItemTraits>
struct Owner {
  explicit Owner(Traits traits = {}) : table(traits) {}
  Owner(Owner&&) = default;
  ~Owner() {
    table.Clear([](Item* item) { delete item; });
  }
  uint64_t Hash(uint64_t key) const { return table.traits().HashKey(key); }
  Item* Find(uint64_t key) const {
    return table.FindValue(Hash(key), [&](const Item* item) { return item->key == key; });
  }
  void Insert(uint64_t key) {
    auto item = std::make_unique<Item>(Item{key});
    table.Insert(Hash(key), item.get());
    item.release();
  }
  bool Erase(uint64_t key) {
    Item* item = table.Erase(Hash(key), [&](const Item* i) { return i->key == key; });
    delete item;
    return item != nullptr;
  }
  std::vector<uint64_t> Keys() const {
    std::vector<uint64_t> keys;
    table.ForEach([&](Item* item) { keys.push_back(item->key); });
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  SegmentTable<Item, Traits> table;
};

TEST(SegmentTable, EmptyTakesNoMemory) {
  Owner<> owner;
  EXPECT_EQ(owner.table.bytes(), 0u);
  EXPECT_EQ(owner.Find(1), nullptr);
  EXPECT_FALSE(owner.Erase(1));
  Rng rng(1);
  EXPECT_EQ(owner.table.Random(rng), nullptr);
  EXPECT_EQ(owner.table.Scan(0, 10, [](Item*) { FAIL(); }), 0u);
  EXPECT_EQ(owner.table.Scan(12345, 10, [](Item*) { FAIL(); }), 0u);
  owner.Insert(1);
  EXPECT_EQ(owner.table.bytes(), 128u);
  EXPECT_TRUE(owner.Erase(1));
  EXPECT_EQ(owner.table.bytes(), 0u);
}

TEST(SegmentTable, GrowsAndShrinksBetweenItsBounds) {
  Owner<> owner;
  constexpr uint64_t kCount = 1'200'000;  // enough for a directory that is prepared before it doubles
  double sum = 0;
  int samples = 0;
  for (uint64_t key = 0; key < kCount; ++key) {
    owner.Insert(key);
    if (key > kCount / 4 && key % 64 == 0) {
      sum += static_cast<double>(owner.table.bytes()) / static_cast<double>(owner.table.size());
      ++samples;
    }
  }
  EXPECT_GT(sum / samples, 10.0);
  EXPECT_LT(sum / samples, 11.2) << "bytes an element while growing";
  const size_t full = owner.table.bytes();
  for (uint64_t key = 0; key < kCount; ++key) ASSERT_NE(owner.Find(key), nullptr);
  for (uint64_t key = kCount; key < 2 * kCount; ++key) ASSERT_EQ(owner.Find(key), nullptr);
  for (uint64_t key = 100; key < kCount; ++key) ASSERT_TRUE(owner.Erase(key));
  EXPECT_EQ(owner.table.size(), 100u);
  EXPECT_LT(owner.table.bytes(), full / 50);
  for (uint64_t key = 0; key < 200; ++key) ASSERT_EQ(owner.Find(key) != nullptr, key < 100);
}

TEST(SegmentTable, SlotsCanBeReplacedAndErased) {
  Owner<> owner;
  owner.Insert(7);
  auto same = [](const Item* item) { return item->key == 7; };
  Item** slot = owner.table.Find(owner.Hash(7), same);
  ASSERT_NE(slot, nullptr);
  delete *slot;
  owner.table.Replace(slot, new Item{7});
  EXPECT_EQ(owner.table.Find(owner.Hash(7), same), slot);
  Item* item = owner.table.Erase(slot);
  EXPECT_EQ(item->key, 7u);
  delete item;
  EXPECT_TRUE(owner.table.empty());
}

TEST(SegmentTable, MovesWithItsElements) {
  for (const uint64_t count : {3u, 5'000u}) {
    Owner<> owner;
    for (uint64_t key = 0; key < count; ++key) owner.Insert(key);
    Owner<> moved(std::move(owner));
    EXPECT_EQ(owner.table.size(), 0u);  // NOLINT(bugprone-use-after-move): empty is what it promises
    EXPECT_EQ(moved.table.size(), count);
    EXPECT_NE(moved.Find(count - 1), nullptr);
    owner.table = std::move(moved.table);
    EXPECT_NE(owner.Find(0), nullptr);
  }
}

TEST(SegmentTable, HashesThatAreAlikeCostTimeButNotTheDirectory) {
  for (const int bits : {1, 4, 8, 12}) {
    Owner<> owner(ItemTraits{1, bits});
    for (uint64_t key = 0; key < 5'000; ++key) owner.Insert(key);
    for (uint64_t key = 0; key < 5'000; ++key) ASSERT_NE(owner.Find(key), nullptr) << bits;
    EXPECT_LT(owner.table.bytes(), 5'000u * 100) << bits;
    EXPECT_EQ(owner.Keys().size(), 5'000u);
    for (uint64_t key = 0; key < 5'000; ++key) ASSERT_TRUE(owner.Erase(key)) << bits;
  }
  Owner<LowBitsOnly> owner;
  for (uint64_t key = 0; key < 5'000; ++key) owner.Insert(key);
  EXPECT_LT(owner.table.bytes(), 5'000u * 100);
  for (uint64_t key = 0; key < 5'000; ++key) ASSERT_TRUE(owner.Erase(key));
}

// Random operations against std::unordered_set, with full scans in flight that must visit every element that stays.
void RunModel(uint64_t seed, ItemTraits traits, uint64_t key_space, int operations) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed << " bits " << traits.bits << " keys " << key_space);
  Owner<> owner(traits);
  std::unordered_set<uint64_t> model;
  Rng rng(seed);
  std::unordered_set<uint64_t> must_see;
  uint64_t cursor = 0;
  int scans = 0;
  for (int i = 0; i < operations; ++i) {
    // Phases of growth and of decay, so that segments split and merge under the scans.
    const bool growing = i * 8 / operations % 2 == 0;
    const uint64_t key = rng.Uniform(key_space);
    if (rng.Uniform(10) < (growing ? 7u : 3u)) {
      if (model.insert(key).second) {
        ASSERT_EQ(owner.Find(key), nullptr);
        owner.Insert(key);
      } else {
        ASSERT_NE(owner.Find(key), nullptr);
      }
    } else {
      ASSERT_EQ(owner.Erase(key), model.erase(key) == 1);
      must_see.erase(key);
    }
    ASSERT_EQ(owner.table.size(), model.size());
    if (rng.Uniform(20) == 0) {
      if (cursor == 0) {
        ASSERT_TRUE(must_see.empty()) << must_see.size() << " elements missed in scan " << scans;
        must_see = model;
        ++scans;
      }
      cursor = owner.table.Scan(cursor, 1 + rng.Uniform(40), [&](Item* item) { must_see.erase(item->key); });
      ASSERT_LT(cursor, uint64_t{1} << 48);
    }
  }
  std::vector<uint64_t> want(model.begin(), model.end());
  std::sort(want.begin(), want.end());
  EXPECT_EQ(owner.Keys(), want);
}

TEST(SegmentTable, AgreesWithAModelUnderScans) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  RunModel(seed, ItemTraits{seed, 64}, 10, 5'000);
  RunModel(seed, ItemTraits{seed, 64}, 500, 50'000);
  RunModel(seed, ItemTraits{seed, 64}, 20'000, 300'000);
  RunModel(seed, ItemTraits{seed, 6}, 1'000, 20'000);
  RunModel(seed, ItemTraits{seed, 10}, 10'000, 100'000);
}

TEST(SegmentTable, OneScanVisitsEachOnce) {
  for (const uint64_t count : {1u, 6u, 7u, 100u, 3'000u, 20'000u}) {
    Owner<> owner;
    for (uint64_t key = 0; key < count; ++key) owner.Insert(key);
    std::map<uint64_t, int> visits;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      size_t in_call = 0;
      cursor = owner.table.Scan(cursor, 10, [&](Item* item) {
        ++visits[item->key];
        ++in_call;
      });
      EXPECT_LT(in_call, 40u);
      ++calls;
    } while (cursor != 0);
    EXPECT_EQ(visits.size(), count);
    for (const auto& [key, times] : visits) ASSERT_EQ(times, 1) << key;
    EXPECT_LE(calls, count / 10 + 1);
  }
}

TEST(SegmentTable, AnyCursorIsHarmless) {
  Owner<> owner;
  for (uint64_t key = 0; key < 5'000; ++key) owner.Insert(key);
  Rng rng(5);
  for (int i = 0; i < 2'000; ++i) {
    const uint64_t next = owner.table.Scan(rng.Next() >> rng.Uniform(64), 3, [](Item*) {});
    ASSERT_LT(next, uint64_t{1} << 48);
  }
}

TEST(SegmentTable, RandomIsFair) {
  for (const uint64_t count : {5u, 60u, 2'500u}) {
    Owner<> owner;
    for (uint64_t key = 0; key < count; ++key) owner.Insert(key);
    std::vector<int> hits(count);
    Rng rng(9);
    const int per_key = 400;
    for (uint64_t i = 0; i < count * per_key; ++i) ++hits[owner.table.Random(rng)->key];
    double chi2 = 0;
    for (const int n : hits) chi2 += (n - per_key) * (n - per_key) / static_cast<double>(per_key);
    const double freedom = static_cast<double>(count - 1);
    EXPECT_LT(chi2, freedom + 6 * std::sqrt(2 * freedom) + 10) << count;
  }
}

TEST(SegmentTable, RandomFindsTheLastOneOfMany) {
  Owner<> owner;
  for (uint64_t key = 0; key < 50'000; ++key) owner.Insert(key);
  for (uint64_t key = 1; key < 50'000; ++key) owner.Erase(key);
  Rng rng(9);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(owner.table.Random(rng)->key, 0u);
}

TEST(SegmentTable, AFailedAllocationLeavesItAsItWas) {
  Owner<> owner;
  int failures = 0;
  for (uint64_t key = 0; key < 6'000; ++key) {
    Item* item = new Item{key};
    const uint64_t hash = owner.Hash(key);
    const bool look = key % 100 == 0;
    auto unchanged = [&] {
      ASSERT_EQ(owner.table.size(), key);
      ASSERT_EQ(owner.Find(key), nullptr);
      ASSERT_TRUE(key == 0 || owner.Find(key / 2) != nullptr);
      ASSERT_TRUE(!look || owner.Keys().size() == key);
    };
    failures += testing::SweepAllocationFailures([&] { owner.table.Reserve(hash); }, unchanged);
    const testing::FailAllocations none(0);
    owner.table.Insert(hash, item);
  }
  EXPECT_GT(failures, 30);
  for (uint64_t key = 0; key < 6'000; ++key) ASSERT_NE(owner.Find(key), nullptr);
  // Removal goes on without any memory.
  {
    const testing::FailAllocations none(0);
    for (uint64_t key = 0; key < 5'999; ++key) ASSERT_TRUE(owner.Erase(key));
  }
  EXPECT_NE(owner.Find(5'999), nullptr);
  EXPECT_TRUE(owner.Erase(5'999));
  EXPECT_EQ(owner.table.bytes(), 0u);
}

}  // namespace
}  // namespace dualis
