// What several families share: index ranges and the timeouts of blocking commands.
#ifndef DUALIS_ENGINE_COMMANDS_RANGE_H_
#define DUALIS_ENGINE_COMMANDS_RANGE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "dualis/result.h"
#include "engine/command/exec.h"

namespace dualis::cmd {

// A part of a sequence.
struct Slice {
  size_t begin = 0;
  size_t count = 0;
};

// The part from start to stop, both included and negative from the end, that exists. An empty one begins at 0.
inline Slice ClampRange(int64_t start, int64_t stop, size_t size) {
  const auto n = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + n, 0);
  if (stop < 0) stop += n;
  stop = std::min(stop, n - 1);
  if (start > stop) return {};
  return {static_cast<size_t>(start), static_cast<size_t>(stop - start + 1)};
}

// A timeout in seconds as milliseconds, rounded up; 0: none. Error: out of range.
inline Result<TimeMs> BlockMillis(ReadExec& x, double seconds) {
  const double ms = std::ceil(seconds * 1000);
  // Redis adds it to its clock and refuses what overflows.
  if (ms >= 0x1p63 || (ms > 0 && static_cast<int64_t>(ms) > INT64_MAX - x.now())) {
    return Error(&errors::kTimeoutOutOfRange);
  }
  return static_cast<TimeMs>(ms);
}

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_RANGE_H_
