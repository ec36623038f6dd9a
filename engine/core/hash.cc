#include "engine/core/hash.h"

// Inlined here and nowhere else: short keys gain from it, and no symbol of the library leaks into ours.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace dualis {

uint64_t HashBytes(Bytes bytes, uint64_t seed) { return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed); }

}  // namespace dualis
