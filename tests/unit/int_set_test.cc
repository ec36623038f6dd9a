#include "engine/core/int_set.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <set>
#include <vector>

#include "engine/core/rng.h"
#include "tests/unit/alloc_fault.h"

namespace dualis {
namespace {

void ExpectHolds(const IntSet& set, const std::set<int64_t>& want) {
  std::vector<int64_t> got;
  set.ForEach([&](int64_t value) { got.push_back(value); });
  ASSERT_EQ(got, std::vector<int64_t>(want.begin(), want.end()));
}

TEST(IntSet, WidensWithItsLargestMember) {
  IntSet set;
  EXPECT_EQ(set.memory(), 0u);
  EXPECT_FALSE(set.Contains(0));
  EXPECT_FALSE(set.Erase(0));
  EXPECT_TRUE(set.Insert(INT16_MAX));
  EXPECT_TRUE(set.Insert(INT16_MIN));
  EXPECT_EQ(set.width(), 2);
  EXPECT_TRUE(set.Insert(INT16_MAX + 1));
  EXPECT_EQ(set.width(), 4);
  EXPECT_TRUE(set.Insert(INT32_MIN));
  EXPECT_EQ(set.width(), 4);
  EXPECT_TRUE(set.Insert(int64_t{INT32_MIN} - 1));
  EXPECT_TRUE(set.Insert(INT64_MAX));
  EXPECT_EQ(set.width(), 8);
  EXPECT_FALSE(set.Insert(INT64_MAX));
  ExpectHolds(set, {int64_t{INT32_MIN} - 1, INT32_MIN, INT16_MIN, INT16_MAX, INT16_MAX + 1, INT64_MAX});
  EXPECT_TRUE(set.Erase(INT64_MAX));
  EXPECT_EQ(set.width(), 8);
}

TEST(IntSet, AgreesWithAStdSet) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Rng rng(seed);
  for (const int bits : {6, 9, 16, 20, 33, 64}) {
    IntSet set;
    std::set<int64_t> model;
    for (int i = 0; i < 6'000; ++i) {
      const int64_t value = static_cast<int64_t>(rng.Next()) >> (64 - bits);
      const auto above = model.lower_bound(value / 2);
      const int64_t known = above == model.end() ? value : *above;
      if (rng.Uniform(i < 3'000 ? 3 : 2) != 0) {
        ASSERT_EQ(set.Insert(value), model.insert(value).second);
      } else {
        ASSERT_EQ(set.Erase(known), model.erase(known) == 1);
        ASSERT_EQ(set.Erase(value), model.erase(value) == 1);
      }
      ASSERT_EQ(set.Contains(value), model.count(value) == 1);
      ASSERT_EQ(set.size(), model.size());
      if (i % 100 == 0) ExpectHolds(set, model);
      ASSERT_LE(set.memory(), 300 + 2 * set.size() * static_cast<size_t>(set.width()));
    }
    const IntSet copy = set;
    ExpectHolds(copy, model);
  }
}

TEST(IntSet, AFailedAllocationLeavesItAsItWas) {
  IntSet set;
  std::set<int64_t> model;
  int failures = 0;
  for (const int64_t value : {1, 2, 3, 70'000, 4, 5, 6, 7, 8, 9}) {
    const int64_t wide = value == 9 ? INT64_MAX : value;
    failures += testing::SweepAllocationFailures([&] { set.Insert(wide); }, [&] { ExpectHolds(set, model); });
    model.insert(wide);
  }
  EXPECT_GE(failures, 3);
  ExpectHolds(set, model);
  const testing::FailAllocations none(0);
  for (const int64_t value : model) EXPECT_TRUE(set.Erase(value));
}

}  // namespace
}  // namespace dualis
