#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/core/hash.h"
#include "engine/core/rng.h"
#include "engine/core/sha256.h"

namespace dualis {
namespace {

TEST(Hash, DependsOnEveryByteAndOnTheSeed) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (size_t length = 0; length < 300; ++length) seen.insert(HashBytes(std::string(length, '\0'), seed));
  }
  EXPECT_EQ(seen.size(), 4u * 300u);
}

TEST(Hash, SameBytesSeesEveryByte) {
  for (size_t length = 0; length < 70; ++length) {
    const std::string text(length, 'a');
    EXPECT_TRUE(SameBytes(text, std::string(length, 'a')));
    EXPECT_FALSE(SameBytes(text, text + "a"));
    for (size_t i = 0; i < length; ++i) {
      std::string other = text;
      other[i] = 'b';
      EXPECT_FALSE(SameBytes(text, other)) << length << " " << i;
    }
  }
}

TEST(Hash, TablesOfStringsAreAskedWithBytes) {
  std::unordered_map<std::string, int, BytesHash, BytesEqual> map(8, BytesHash{42});
  map["one"] = 1;
  EXPECT_EQ(map.find(Bytes("one"))->second, 1);
  EXPECT_EQ(map.find(Bytes("two")), map.end());
}

// The lengths about the ends of a block, where the padding changes its shape.
TEST(Sha256, AgreesWithTheStandard) {
  struct Row {
    size_t length;  // of a run of 'a'
    const char* hash;
  };
  constexpr Row kRows[] = {
      {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {3, "9834876dcfb05cb167a5c24953eba58c4ac89b1adf57f28f2f9d09af107ee8f0"},
      {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
      {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
      {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
      {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
      {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
      {1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
  };
  for (const Row& row : kRows) {
    const auto hex = Sha256Hex(std::string(row.length, 'a'));
    EXPECT_EQ(std::string(hex.data(), hex.size()), row.hash) << row.length;
  }
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
