#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/hash.h"
#include "engine/core/rng.h"

namespace dualis {
namespace {

TEST(Hash, DependsOnEveryByteAndOnTheSeed) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (size_t length = 0; length < 300; ++length) seen.insert(HashBytes(std::string(length, '\0'), seed));
  }
  EXPECT_EQ(seen.size(), 4u * 300u);
}

TEST(Hash, TablesOfStringsAreAskedWithBytes) {
  std::unordered_map<std::string, int, BytesHash, BytesEqual> map(8, BytesHash{42});
  map["one"] = 1;
  EXPECT_EQ(map.find(Bytes("one"))->second, 1);
  EXPECT_EQ(map.find(Bytes("two")), map.end());
}

TEST(Rng, RepeatsUnderTheSameSeed) {
  Rng a(1), b(1), c(2);
  EXPECT_EQ(a.Next(), b.Next());
  EXPECT_NE(a.Next(), c.Next());
  b.Seed(1);
  b.Next();
  b.Next();
  EXPECT_EQ(a.Next(), b.Next());
}

TEST(Rng, UniformStaysInRangeAndIsFair) {
  Rng rng(3);
  std::vector<int> hits(7);
  for (int i = 0; i < 70'000; ++i) ++hits.at(rng.Uniform(7));
  for (const int n : hits) EXPECT_NEAR(n, 10'000, 500);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rng.Uniform(1), 0u);
  // Two thirds of 2^64: a modulo would prefer the lower half of the range by two to one.
  const uint64_t n = UINT64_MAX / 3 * 2;
  int low = 0;
  for (int i = 0; i < 10'000; ++i) low += rng.Uniform(n) < n / 2;
  EXPECT_NEAR(low, 5'000, 300);
  for (int i = 0; i < 1'000; ++i) {
    const double unit = rng.UnitDouble();
    EXPECT_GE(unit, 0);
    EXPECT_LT(unit, 1);
  }
}

}  // namespace
}  // namespace dualis
