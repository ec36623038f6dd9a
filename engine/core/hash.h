// The one hash of the engine: XXH3, 64 bits, seeded.
//
// Every engine has its own seed, so two engines iterate in different orders and a client cannot prepare keys that
// collide. All 64 bits are good: SegmentTable uses the high ones, Abseil's tables the low ones.
#ifndef DUALIS_ENGINE_CORE_HASH_H_
#define DUALIS_ENGINE_CORE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "dualis/bytes.h"

namespace dualis {

uint64_t HashBytes(Bytes bytes, uint64_t seed);

// A good 64-bit mix of one number, for keys that are numbers. Bijective.
constexpr uint64_t HashNumber(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// a == b. Names of up to 32 bytes, which most keys are, are compared without a call.
inline bool SameBytes(Bytes a, Bytes b) {
  const size_t n = a.size();
  if (n != b.size()) return false;
  if (n > 32) return a == b;
  if (n < 8) {
    // Four bytes at both ends, or the first, the middle and the last one.
    if (n < 4) return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
    uint32_t x, y, u, v;
    std::memcpy(&x, a.data(), 4);
    std::memcpy(&y, b.data(), 4);
    std::memcpy(&u, a.data() + n - 4, 4);
    std::memcpy(&v, b.data() + n - 4, 4);
    return ((x ^ y) | (u ^ v)) == 0;
  }
  const auto differ = [&](size_t at) {
    uint64_t x, y;
    std::memcpy(&x, a.data() + at, 8);
    std::memcpy(&y, b.data() + at, 8);
    return x ^ y;
  };
  // The words overlap where n is not a multiple of 8.
  uint64_t any = differ(0) | differ(n - 8);
  if (n > 16) any |= differ(8) | differ(n - 16);
  return any == 0;
}

// Transparent hash and equality: a table of std::string can be asked with Bytes, whatever Abseil's own string_view is.
struct BytesHash {
  using is_transparent = void;
  uint64_t seed = 0;
  size_t operator()(Bytes bytes) const { return HashBytes(bytes, seed); }
};
struct BytesEqual {
  using is_transparent = void;
  bool operator()(Bytes a, Bytes b) const { return SameBytes(a, b); }
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_HASH_H_
