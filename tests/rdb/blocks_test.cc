// Checksum, and the blocks of packed collections: what is written is read again, and what is wrong is refused.
#include "engine/rdb/blocks.h"

#include <gtest/gtest.h>

#include "engine/rdb/crc64.h"
#include "tests/rdb/contents.h"
#include "tests/rdb/payload.h"

namespace dualis::test {
namespace {

template <class Reader>
std::string Read(Bytes block) {
  Reader reader(block);
  rdb::ItemBuffer buffer;
  Bytes text;
  std::string all;
  while (reader.Next(&text, buffer)) all += std::string(text) + ",";
  return reader.sound() ? all : "unsound";
}

TEST(Crc64, OfJones) {
  EXPECT_EQ(rdb::Crc64(0, "123456789"), 0xe9c6d914c4b8d9cau);
  EXPECT_EQ(rdb::Crc64(0, ""), 0u);
  const std::string text = Noise(1000, 1);
  for (const size_t cut : {1u, 7u, 8u, 9u, 500u, 999u}) {
    EXPECT_EQ(rdb::Crc64(rdb::Crc64(0, Bytes(text).substr(0, cut)), Bytes(text).substr(cut)), rdb::Crc64(0, text));
  }
}

TEST(Blocks, ListpackOfEveryInteger) {
  rdb::ListpackWriter writer;
  std::string want;
  std::vector<int64_t> numbers;
  for (int bit = 0; bit < 64; ++bit) {
    for (int64_t delta = -1; delta <= 1; ++delta) {
      const uint64_t n = (uint64_t{1} << bit) + static_cast<uint64_t>(delta);
      numbers.insert(numbers.end(), {static_cast<int64_t>(n), static_cast<int64_t>(0 - n)});
    }
  }
  for (const int64_t number : numbers) {
    writer.Add(number);
    want += std::to_string(number) + ",";
  }
  EXPECT_EQ(Read<rdb::ListpackReader>(writer.Finish()), want);
}

TEST(Blocks, ListpackOfEverySize) {
  for (const size_t size : {0u, 1u, 62u, 63u, 64u, 125u, 126u, 127u, 128u, 4095u, 4096u, 16379u, 16380u, 16381u, 16384u,
                            2097150u, 2097160u}) {
    rdb::ListpackWriter writer;
    writer.Add(std::string(size, 'x'));
    writer.Add("end");
    EXPECT_EQ(Read<rdb::ListpackReader>(writer.Finish()), std::string(size, 'x') + ",end,") << size;
  }
}

TEST(Blocks, ListpackOfMoreItemsThanItCounts) {
  rdb::ListpackWriter writer;
  for (int i = 0; i < 70000; ++i) writer.Add(int64_t{1});
  std::string want;
  for (int i = 0; i < 70000; ++i) want += "1,";
  EXPECT_EQ(Read<rdb::ListpackReader>(writer.Finish()), want);
}

// Every block with any of its bytes changed, or any of its ends cut off, is refused or read without harm.
template <class Reader>
void Damage(const std::string& block) {
  ASSERT_NE(Read<Reader>(block), "unsound");
  for (size_t size = 0; size < block.size(); ++size) {
    EXPECT_EQ(Read<Reader>(Bytes(block).substr(0, size)), "unsound") << "cut after " << size;
  }
  for (size_t at = 0; at < block.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      // In an allocation of its own, so that a sanitizer sees reading beyond.
      const std::string copy(block.data(), block.size());
      std::vector<char> damaged(copy.begin(), copy.end());
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      Read<Reader>(Bytes(damaged.data(), damaged.size()));
    }
  }
}

TEST(Blocks, DamageIsNoticed) {
  const Texts items = {
      "",           "a",           "12",          "-1", "128", "40000", "9000000", "3000000000", "7000000000000",
      Noise(70, 1), Noise(300, 2), Noise(5000, 3)};
  Damage<rdb::ListpackReader>(Listpack(items));
  Damage<rdb::ZiplistReader>(Ziplist(items));
  Damage<rdb::ZipmapReader>(Zipmap(items));
  Damage<rdb::IntsetReader>(Intset({-5, 3, 70000}, 4));
}

TEST(Blocks, IntsetMustAscend) {
  EXPECT_EQ(Read<rdb::IntsetReader>(Intset({1, 2, 3}, 2)), "1,2,3,");
  EXPECT_EQ(Read<rdb::IntsetReader>(Intset({1, 3, 3}, 2)), "unsound");
  EXPECT_EQ(Read<rdb::IntsetReader>(Intset({3, 1}, 8)), "unsound");
  EXPECT_EQ(rdb::WriteIntset({-1, 40000}), Intset({-1, 40000}, 4));
}

}  // namespace
}  // namespace dualis::test
