#include "engine/core/rng.h"

#include <bit>
#include <cassert>

#include "engine/core/hash.h"

namespace dualis {

void Rng::Seed(uint64_t seed) {
  // SplitMix64, as the authors of xoshiro advise: four equal or zero words would be a bad start.
  for (uint64_t& word : state_) word = HashNumber(seed += 0x9e3779b97f4a7c15u);
}

uint64_t Rng::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Rng::Uniform(uint64_t n) {
  assert(n > 0);
  // The high half of a 128-bit product maps 64 random bits to [0, n). A low half below 2^64 mod n belongs to a number
  // that would come up once too often, so it is drawn again.
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(Next()) * n;
  if (static_cast<uint64_t>(product) < n) {
    const uint64_t threshold = -n % n;
    while (static_cast<uint64_t>(product) < threshold) product = static_cast<Wide>(Next()) * n;
  }
  return static_cast<uint64_t>(product >> 64);
}

}  // namespace dualis
