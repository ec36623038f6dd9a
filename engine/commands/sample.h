// Different members of a collection, by chance.
#ifndef DUALIS_ENGINE_COMMANDS_SAMPLE_H_
#define DUALIS_ENGINE_COMMANDS_SAMPLE_H_

#include <absl/container/btree_set.h>

#include <algorithm>
#include <vector>

#include "engine/core/rng.h"

namespace dualis::cmd {

// `count` different ones of `size` things, all equally likely and in no order. `draw()` gives any of them as a T,
// `for_each(take)` calls take(T) with each of them. Requires: count <= size, and T is ordered and default
// constructible.
template <class T, class Draw, class ForEach>
std::vector<T> Sample(Rng& rng, size_t size, size_t count, Draw&& draw, ForEach&& for_each) {
  std::vector<T> sample;
  sample.reserve(count);
  // A few of many are drawn until there are enough different ones; many cost a walk over all.
  if (count < size / 4) {
    absl::btree_set<T> drawn;
    while (sample.size() < count) {
      if (const auto [it, fresh] = drawn.insert(draw()); fresh) sample.push_back(*it);
    }
    return sample;
  }
  size_t seen = 0;
  for_each([&](T thing) {
    ++seen;
    if (sample.size() < count) {
      sample.push_back(std::move(thing));
    } else if (const uint64_t at = rng.Uniform(seen); at < count) {
      sample[at] = std::move(thing);
    }
  });
  // What came first would otherwise stand first.
  std::shuffle(sample.begin(), sample.end(), rng);
  return sample;
}

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_SAMPLE_H_
