// A small fast generator (xoshiro256**), one per engine, seeded from Options so that a run can be repeated.
// Not for secrets. Not synchronised: it is used inside a turn.
#ifndef DUALIS_ENGINE_CORE_RNG_H_
#define DUALIS_ENGINE_CORE_RNG_H_

#include <cstdint>

namespace dualis {

class Rng {
 public:
  using result_type = uint64_t;  // a UniformRandomBitGenerator, for std::shuffle and friends

  explicit Rng(uint64_t seed = 0) { Seed(seed); }

  // Starts over: the same seed gives the same numbers on every platform.
  void Seed(uint64_t seed);

  uint64_t Next();

  // Uniform in [0, n), without bias. Requires n > 0.
  uint64_t Uniform(uint64_t n);

  // Uniform in [0, 1), with 53 random bits.
  double UnitDouble() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  uint64_t operator()() { return Next(); }
  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return UINT64_MAX; }

 private:
  uint64_t state_[4];
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_RNG_H_
