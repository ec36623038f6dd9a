// The one hash of the engine: XXH3, 64 bits, seeded.
//
// Every engine has its own seed, so two engines iterate in different orders and a client cannot prepare keys that
// collide. All 64 bits are good: SegmentTable uses the high ones, Abseil's tables the low ones.
#ifndef DUALIS_ENGINE_CORE_HASH_H_
#define DUALIS_ENGINE_CORE_HASH_H_

#include <cstddef>
#include <cstdint>

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

// Transparent hash and equality: a table of std::string can be asked with Bytes, whatever Abseil's own string_view is.
struct BytesHash {
  using is_transparent = void;
  uint64_t seed = 0;
  size_t operator()(Bytes bytes) const { return HashBytes(bytes, seed); }
};
struct BytesEqual {
  using is_transparent = void;
  bool operator()(Bytes a, Bytes b) const { return a == b; }
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_HASH_H_
