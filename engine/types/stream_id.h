// StreamId: the name of a stream entry, "milliseconds-sequence", ordered by both.
#ifndef DUALIS_ENGINE_TYPES_STREAM_ID_H_
#define DUALIS_ENGINE_TYPES_STREAM_ID_H_

#include <compare>
#include <cstdint>

#include "dualis/bytes.h"
#include "engine/core/number_text.h"

namespace dualis {

struct StreamId {
  uint64_t ms = 0;
  uint64_t seq = 0;

  static constexpr StreamId Max() { return {UINT64_MAX, UINT64_MAX}; }
  // The next id; false, and nothing changes, after the greatest one.
  constexpr bool Increment() {
    if (seq != UINT64_MAX) return ++seq, true;
    if (ms == UINT64_MAX) return false;
    ++ms, seq = 0;
    return true;
  }
  // The previous id; false, and nothing changes, before 0-0.
  constexpr bool Decrement() {
    if (seq != 0) return --seq, true;
    if (ms == 0) return false;
    --ms, seq = UINT64_MAX;
    return true;
  }
  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
};

// The text of an id, in a buffer of its own.
class StreamIdText {
 public:
  explicit StreamIdText(StreamId id) {
    char digits[kInt64Chars];
    Append(FormatUint64(id.ms, digits));
    Append("-");
    Append(FormatUint64(id.seq, digits));
  }
  Bytes text() const { return Bytes(text_, size_); }

 private:
  void Append(Bytes part) { size_ += part.copy(text_ + size_, part.size()); }

  char text_[2 * kInt64Chars + 1];
  size_t size_ = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_STREAM_ID_H_
