// How much a client may leave unread: client-output-buffer-limit as numbers, and the rule that they stand for. One
// definition for every front.
#ifndef DUALIS_ENGINE_COMMAND_OUTPUT_LIMITS_H_
#define DUALIS_ENGINE_COMMAND_OUTPUT_LIMITS_H_

#include <cstdint>

#include "dualis/bytes.h"

namespace dualis {

// A client is closed above `hard` bytes, or when it stays above `soft` for longer than so many seconds. 0: no such
// limit.
struct OutputLimit {
  uint64_t hard = 0;
  uint64_t soft = 0;
  int64_t soft_seconds = 0;
};

struct OutputLimits {
  OutputLimit normal, replica, pubsub;
};

// The parameter's text, which the engine has checked: "normal 0 0 0 slave 268435456 67108864 60 pubsub ...".
OutputLimits ReadOutputLimits(Bytes text);

// What one client leaves unread, over time.
class OutputWatch {
 public:
  // Whether it is to be closed. `now` (a function, for it is rarely asked) counts milliseconds.
  template <class Now>
  bool IsOver(const OutputLimit& limit, uint64_t unread, Now now) {
    if (limit.hard != 0 && unread > limit.hard) return true;
    if (limit.soft == 0 || unread <= limit.soft) {
      above_soft_ = false;
    } else if (!above_soft_) {
      above_soft_ = true;
      since_ = now();
    } else {
      return now() - since_ > limit.soft_seconds * 1000;
    }
    return false;
  }

 private:
  bool above_soft_ = false;
  int64_t since_ = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_OUTPUT_LIMITS_H_
