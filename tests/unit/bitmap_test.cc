// Bitmaps against the plainest way to do the same.
#include "engine/types/bitmap.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "engine/core/rng.h"

namespace dualis::bitmap {
namespace {

std::string RandomBits(Rng& rng, size_t bytes) {
  std::string bits(bytes, '\0');
  // Long runs, too.
  const uint64_t kind = rng.Uniform(3);
  for (char& byte : bits) byte = kind == 0 ? '\0' : kind == 1 ? '\xff' : static_cast<char>(rng.Uniform(256));
  if (!bits.empty()) bits[rng.Uniform(bytes)] = static_cast<char>(rng.Uniform(256));
  return bits;
}

TEST(Bitmap, CountsAndFindsAsBitByBit) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::string bits = RandomBits(rng, 1 + rng.Uniform(40));
    const size_t last = rng.Uniform(bits.size() * 8);
    const size_t first = rng.Uniform(last + 1);
    uint64_t count = 0;
    std::optional<size_t> zero, one;
    for (size_t i = first; i <= last; ++i) {
      const bool set = Get(bits, i);
      count += set ? 1 : 0;
      if (set && !one) one = i;
      if (!set && !zero) zero = i;
    }
    EXPECT_EQ(Count(bits, first, last), count);
    EXPECT_EQ(Find(bits, true, first, last), one);
    EXPECT_EQ(Find(bits, false, first, last), zero);
  }
}

TEST(Bitmap, CombinesAsByteByByte) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::string> texts;
    for (uint64_t n = 1 + rng.Uniform(4); n > 0; --n) texts.push_back(RandomBits(rng, 1 + rng.Uniform(30)));
    const std::vector<Bytes> sources(texts.begin(), texts.end());
    const std::string all = Combine(Operation::kAnd, sources);
    const std::string any = Combine(Operation::kOr, sources);
    const std::string odd = Combine(Operation::kXor, sources);
    const std::string no = Combine(Operation::kNot, std::span(sources).first(1));
    for (size_t i = 0; i < all.size(); ++i) {
      int a = 0xff, o = 0, x = 0;
      for (const std::string& text : texts) {
        const int byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
        a &= byte, o |= byte, x ^= byte;
      }
      EXPECT_EQ(static_cast<unsigned char>(all[i]), a);
      EXPECT_EQ(static_cast<unsigned char>(any[i]), o);
      EXPECT_EQ(static_cast<unsigned char>(odd[i]), x);
      if (i < no.size()) {
        EXPECT_EQ(no[i], static_cast<char>(~texts[0][i]));
      }
    }
  }
}

TEST(Bitmap, FieldsKeepWhatWasPutIn) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  for (int round = 0; round < 2000; ++round) {
    std::string bits = RandomBits(rng, 24);
    const std::string before = bits;
    const bool is_signed = rng.Uniform(2) == 0;
    const FieldType type{is_signed, static_cast<int>(1 + rng.Uniform(is_signed ? 64 : 63))};
    const size_t at = rng.Uniform(100);
    const auto value = *Fit(type, static_cast<int64_t>(rng.Next()), 0, Overflow::kWrap);
    SetField(bits.data(), type, at, value);
    EXPECT_EQ(GetField(bits, type, at), value);
    for (size_t i = 0; i < bits.size() * 8; ++i) {
      if (i < at || i >= at + static_cast<size_t>(type.bits)) {
        EXPECT_EQ(Get(bits, i), Get(before, i));
      }
    }
  }
}

TEST(Bitmap, FitsAsWideArithmeticDoes) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(seed);
  Rng rng(seed);
  for (int round = 0; round < 20000; ++round) {
    const bool is_signed = rng.Uniform(2) == 0;
    const FieldType type{is_signed, static_cast<int>(1 + rng.Uniform(is_signed ? 64 : 63))};
    // The value comes out of such a field, as for INCRBY.
    const int64_t value = *Fit(type, static_cast<int64_t>(rng.Next()), 0, Overflow::kWrap);
    const auto increment = static_cast<int64_t>(rng.Next()) >> rng.Uniform(64);
    const __int128 sum = static_cast<__int128>(value) + increment;
    const __int128 one = 1;
    const __int128 max = is_signed ? (one << (type.bits - 1)) - 1 : (one << type.bits) - 1;
    const __int128 min = is_signed ? -max - 1 : 0;
    const bool fits = sum >= min && sum <= max;
    EXPECT_EQ(Fit(type, value, increment, Overflow::kFail).has_value(), fits);
    const __int128 saturated = sum < min ? min : sum > max ? max : sum;
    EXPECT_TRUE(*Fit(type, value, increment, Overflow::kSaturate) == saturated);
    const __int128 wrapped = *Fit(type, value, increment, Overflow::kWrap);
    EXPECT_TRUE(wrapped >= min && wrapped <= max && (wrapped - sum) % (one << type.bits) == 0);
  }
}

TEST(Bitmap, ReadsTypes) {
  EXPECT_EQ(ParseFieldType("u63")->bits, 63);
  EXPECT_TRUE(ParseFieldType("i64")->is_signed);
  for (const char* text : {"", "u", "i", "u0", "u64", "i65", "x8", "u08", "u8 ", "8", "U8", "u-1"}) {
    EXPECT_FALSE(ParseFieldType(text)) << text;
  }
}

}  // namespace
}  // namespace dualis::bitmap
