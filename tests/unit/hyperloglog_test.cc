// HyperLogLog: both encodings hold the same registers; what is corrupt is found out. That the bytes are Redis' own is
// for hyperloglogs.case.
#include "engine/types/hyperloglog.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/core/rng.h"

namespace dualis::hll {
namespace {

Registers RegistersOf(Bytes bytes) {
  Registers registers{};
  EXPECT_TRUE(Merge(registers, bytes));
  return registers;
}

TEST(HyperLogLog, EncodingsAgreeElementByElement) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  std::string sparse = Empty();
  std::string dense = Empty();
  ASSERT_TRUE(MakeDense(dense));
  for (int i = 0; i < 3000; ++i) {
    const std::string element = std::to_string(rng.Uniform(4000));
    const Added a = Add(sparse, element, SIZE_MAX);
    EXPECT_EQ(Add(dense, element, 0), a);
    if (i % 100 == 0) {
      ASSERT_EQ(RegistersOf(sparse), RegistersOf(dense)) << i;
    }
  }
  EXPECT_FALSE(IsDense(sparse));
  ASSERT_TRUE(MakeDense(sparse));
  EXPECT_EQ(RegistersOf(sparse), RegistersOf(dense));
}

TEST(HyperLogLog, RegistersRaisedInAnyOrder) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  std::string bytes = Empty();
  Registers expected{};
  for (int i = 0; i < 5000; ++i) {
    // Neighbours, so that runs are made, joined and cut.
    const size_t index = rng.Uniform(2) == 0 ? rng.Uniform(60) : rng.Uniform(kRegisters);
    const auto value = static_cast<uint8_t>(1 + rng.Uniform(32));
    const bool higher = value > expected[index];
    EXPECT_EQ(Raise(bytes, index, value, SIZE_MAX), higher ? Added::kChanged : Added::kUnchanged);
    expected[index] = std::max(expected[index], value);
  }
  EXPECT_FALSE(IsDense(bytes));
  EXPECT_EQ(RegistersOf(bytes), expected);
  // More than a sparse string can say.
  EXPECT_EQ(Raise(bytes, 5, 33, SIZE_MAX), Added::kChanged);
  EXPECT_TRUE(IsDense(bytes));
  expected[5] = 33;
  EXPECT_EQ(RegistersOf(bytes), expected);
}

TEST(HyperLogLog, BecomesDenseAtItsLimit) {
  std::string bytes = Empty();
  int elements = 0;
  while (!IsDense(bytes)) {
    ASSERT_LE(bytes.size(), 100u);
    ASSERT_LT(elements, 100);
    Add(bytes, std::to_string(elements++), 100);
  }
  EXPECT_EQ(bytes.size(), kDenseBytes);
  EXPECT_EQ(Estimate(RegistersOf(bytes)), static_cast<uint64_t>(elements));
}

TEST(HyperLogLog, EstimatesWithinItsError) {
  std::string bytes = Empty();
  uint64_t elements = 0;
  for (const uint64_t size : {1, 10, 100, 1000, 10000, 100000}) {
    while (elements < size) Add(bytes, std::to_string(elements++), 3000);
    EXPECT_NEAR(static_cast<double>(Estimate(RegistersOf(bytes))), static_cast<double>(size),
                static_cast<double>(size) * 0.03);
  }
}

TEST(HyperLogLog, KeepsTheEstimateInTheHeader) {
  std::string bytes = Empty();
  EXPECT_EQ(Cached(bytes), 0u);
  DropCached(bytes.data());
  EXPECT_FALSE(Cached(bytes));
  SetCached(bytes.data(), 0x0123456789abcdef);
  EXPECT_EQ(Cached(bytes), 0x0123456789abcdefu);
  EXPECT_EQ(bytes[8], '\xef');
}

TEST(HyperLogLog, AnyBytesAreTakenOrRefusedWhole) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = Empty();
    for (int i = 0; i < 20; ++i) Add(bytes, std::to_string(rng.Next()), 3000);
    for (uint64_t n = rng.Uniform(4); n > 0; --n) {
      const size_t at = kHeaderBytes + rng.Uniform(bytes.size() - kHeaderBytes);
      bytes[at] = static_cast<char>(rng.Uniform(256));
      if (rng.Uniform(4) == 0) bytes.resize(at);
      if (bytes.size() == kHeaderBytes) break;
    }
    ASSERT_TRUE(Check(bytes));
    Registers registers{};
    const bool whole = Merge(registers, bytes);
    EXPECT_EQ(Describe(bytes).has_value(), whole);
    std::string changed = bytes;
    Add(changed, "x", 3000);
    EXPECT_EQ(MakeDense(bytes), whole);
  }
}

}  // namespace
}  // namespace dualis::hll
