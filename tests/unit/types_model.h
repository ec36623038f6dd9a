// What the tests of engine/types share: both encodings, words of all kinds, a seed that is printed.
#ifndef DUALIS_TESTS_UNIT_TYPES_MODEL_H_
#define DUALIS_TESTS_UNIT_TYPES_MODEL_H_

#include <cstdio>
#include <random>
#include <string>

#include "dualis/options.h"
#include "engine/core/rng.h"

namespace dualis::testing {

inline EncodingLimits Compact() { return EncodingLimits(); }

// Everything expanded from the first element; list and stream blocks of one.
inline EncodingLimits Expanded() {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 0;
  limits.list_max_listpack_size = 1;
  limits.set_max_intset_entries = 0;
  limits.set_max_listpack_entries = 0;
  limits.zset_max_listpack_entries = 0;
  limits.stream_node_max_entries = 1;
  return limits;
}

// Small limits, so that random operations cross them often.
inline EncodingLimits Tight() {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 8;
  limits.hash_max_listpack_value = 12;
  limits.list_max_listpack_size = 4;
  limits.set_max_intset_entries = 8;
  limits.set_max_listpack_entries = 12;
  limits.set_max_listpack_value = 12;
  limits.zset_max_listpack_entries = 8;
  limits.zset_max_listpack_value = 12;
  limits.stream_node_max_bytes = 100;
  limits.stream_node_max_entries = 5;
  return limits;
}

// A seed from the system, printed so that a failure can be repeated by writing it here.
inline uint64_t PrintedSeed(const char* test) {
  const uint64_t seed = std::random_device()();
  std::printf("%s: seed %llu\n", test, static_cast<unsigned long long>(seed));
  return seed;
}

// One of `variety` words: integers, short and long texts, texts that look like integers.
inline std::string Word(Rng& rng, uint64_t variety) {
  const uint64_t n = rng.Uniform(variety);
  switch (n % 5) {
    case 0:
      return std::to_string(static_cast<int64_t>(n) - 3);
    case 1:
      return "0" + std::to_string(n);
    case 2:
      return "word" + std::string(n % 23, 'x') + std::to_string(n);
    case 3:
      return std::string("\0\xff", 2) + std::to_string(n);
    default:
      return std::to_string(n * 1'000'003 * 1'000'003);
  }
}

}  // namespace dualis::testing

#endif  // DUALIS_TESTS_UNIT_TYPES_MODEL_H_
