// Tells a process from the one that it was forked from.
#ifndef DUALIS_COMPAT_WIRE_FORK_H_
#define DUALIS_COMPAT_WIRE_FORK_H_

#include <cstdint>

namespace dualis::wire {

// How many forks lie between this process and the one that first asked. Whoever opens a descriptor remembers the
// number; if it has changed, the descriptor is shared with the parent and must not be read or written. Thread-safe;
// costs one load after the first call.
uint64_t ForkGeneration();

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_FORK_H_
