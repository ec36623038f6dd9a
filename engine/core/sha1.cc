// FIPS 180-4, section 6.1, with the message schedule kept as a ring of 16 words.
#include "engine/core/sha1.h"

#include <bit>
#include <cstring>

namespace dualis {
namespace {

void AddBlock(std::array<uint32_t, 5>& state, const unsigned char* block) {
  uint32_t w[16];
  for (int i = 0; i < 16; ++i) {
    w[i] = uint32_t{block[4 * i]} << 24 | uint32_t{block[4 * i + 1]} << 16 | uint32_t{block[4 * i + 2]} << 8 |
           uint32_t{block[4 * i + 3]};
  }
  auto [a, b, c, d, e] = state;
  for (int i = 0; i < 80; ++i) {
    if (i >= 16) {
      w[i % 16] = std::rotl(w[(i + 13) % 16] ^ w[(i + 8) % 16] ^ w[(i + 2) % 16] ^ w[i % 16], 1);
    }
    uint32_t mixed;
    if (i < 20) {
      mixed = ((b & c) | (~b & d)) + 0x5a827999u;
    } else if (i < 40) {
      mixed = (b ^ c ^ d) + 0x6ed9eba1u;
    } else if (i < 60) {
      mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    } else {
      mixed = (b ^ c ^ d) + 0xca62c1d6u;
    }
    const uint32_t next = std::rotl(a, 5) + mixed + e + w[i % 16];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

}  // namespace

std::array<char, 40> Sha1Hex(Bytes data) {
  std::array<uint32_t, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  size_t left = data.size();
  for (; left >= 64; bytes += 64, left -= 64) AddBlock(state, bytes);

  // The tail: what is left, a one bit, zeros, and the length in bits; one block or two.
  unsigned char tail[128] = {};
  if (left > 0) std::memcpy(tail, bytes, left);
  tail[left] = 0x80;
  const size_t tail_size = left < 56 ? 64 : 128;
  const uint64_t bits = uint64_t{data.size()} * 8;
  for (int i = 0; i < 8; ++i) tail[tail_size - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
  for (size_t at = 0; at < tail_size; at += 64) AddBlock(state, tail + at);

  std::array<char, 40> hex;
  for (int i = 0; i < 40; ++i) hex[i] = "0123456789abcdef"[state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  return hex;
}

}  // namespace dualis
