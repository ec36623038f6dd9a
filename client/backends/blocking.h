// How long a blocking command asks to wait, read from its words.
#ifndef DUALIS_CLIENT_BACKENDS_BLOCKING_H_
#define DUALIS_CLIENT_BACKENDS_BLOCKING_H_

#include <chrono>
#include <optional>

#include "dualis/backend.h"

namespace dualis::client {

struct BlockingTime {
  bool blocks = false;
  // Nothing: without limit.
  std::optional<std::chrono::milliseconds> limit;
};

// {false} for a command that does not block, or whose words are not understood (it will be refused then).
BlockingTime BlockingTimeOf(const Request& request);

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_BLOCKING_H_
