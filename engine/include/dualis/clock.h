// Clock: the only source of time of an engine.
#ifndef DUALIS_CLOCK_H_
#define DUALIS_CLOCK_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "dualis/bytes.h"

namespace dualis {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since the Unix epoch: expiries, TIME, stream ids.
  virtual TimeMs Now() const = 0;
  // Microseconds since the Unix epoch.
  virtual int64_t NowMicros() const { return Now() * 1000; }
  // Milliseconds that never go back: blocking timeouts.
  virtual TimeMs NowMonotonic() const = 0;
  // True if time passes by itself, so that a sleeping caller may wait for it.
  virtual bool runs_by_itself() const { return true; }
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  TimeMs Now() const override;
  int64_t NowMicros() const override;
  TimeMs NowMonotonic() const override;
};

// A clock for tests: it stands still until told. Engines that use it are ticked by Engine::Advance, which steps from
// deadline to deadline; setting the time here alone makes keys expire lazily but fires no deadline.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeMs start = 1'700'000'000'000) : now_(start) {}
  TimeMs Now() const override { return now_.load(std::memory_order_acquire); }
  TimeMs NowMonotonic() const override { return Now(); }
  bool runs_by_itself() const override { return false; }
  // Moves the clock; may go back.
  void Set(TimeMs now) { now_.store(now, std::memory_order_release); }
  void Add(TimeMs delta) { now_.fetch_add(delta, std::memory_order_acq_rel); }

 private:
  std::atomic<TimeMs> now_;
};

}  // namespace dualis

#endif  // DUALIS_CLOCK_H_
