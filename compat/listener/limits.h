// Limits: the engine's parameters that say how clients are treated, as the loop reads them once a round.
#ifndef DUALIS_COMPAT_LISTENER_LIMITS_H_
#define DUALIS_COMPAT_LISTENER_LIMITS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "dualis/engine.h"
#include "engine/command/output_limits.h"

namespace dualis::listener {

struct Limits {
  OutputLimits output;
  uint64_t query_buffer = 0;
  int64_t bulk_bytes = 0;
  int64_t idle_seconds = 0;
  size_t clients = 0;
  int keepalive_seconds = 0;
  bool protected_mode = true;
};

// Reads them, and hears when the only one that is a text changes. Used by the loop's thread.
class LimitReader {
 public:
  explicit LimitReader(Engine& engine);
  ~LimitReader();
  LimitReader(const LimitReader&) = delete;
  LimitReader& operator=(const LimitReader&) = delete;

  void Refresh(Limits& limits);

 private:
  Engine& engine_;
  uint64_t hook_ = 0;
  std::atomic<bool> changed_{true};
};

}  // namespace dualis::listener

#endif  // DUALIS_COMPAT_LISTENER_LIMITS_H_
