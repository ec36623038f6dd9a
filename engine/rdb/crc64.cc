#include "engine/rdb/crc64.h"

#include <array>
#include <bit>
#include <cstring>

namespace dualis::rdb {
namespace {

static_assert(std::endian::native == std::endian::little, "eight bytes at a time are read low byte first");

// kTables[k][b]: what byte b contributes when k more bytes follow it in a group of eight.
using Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint64_t kReflected = 0x95ac9329ac4bc9b5;
  Tables tables{};
  for (uint64_t b = 0; b < 256; ++b) {
    uint64_t sum = b;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? kReflected : 0);
    tables[0][b] = sum;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t b = 0; b < 256; ++b) {
      const uint64_t before = tables[k - 1][b];
      tables[k][b] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint64_t Crc64(uint64_t sum, Bytes bytes) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t group;
    std::memcpy(&group, at, sizeof(group));
    group ^= sum;
    sum = 0;
    for (size_t k = 0; k < 8; ++k) sum ^= kTables[7 - k][(group >> (8 * k)) & 0xff];
  }
  for (; left > 0; ++at, --left) sum = (sum >> 8) ^ kTables[0][(sum ^ static_cast<uint8_t>(*at)) & 0xff];
  return sum;
}

}  // namespace dualis::rdb
