// Gate: one turn at a time. Entering it again from inside a turn is detected, not deadlocked.
#ifndef DUALIS_ENGINE_RUNTIME_GATE_H_
#define DUALIS_ENGINE_RUNTIME_GATE_H_

#include <atomic>
#include <cstdint>
#include <mutex>

namespace dualis::runtime {

class Gate {
 public:
  // True if this thread is inside already.
  bool inside() const { return owner_.load(std::memory_order_relaxed) == ThisThread(); }
  // Requires: !inside().
  void Enter() {
    mutex_.lock();
    owner_.store(ThisThread(), std::memory_order_relaxed);
  }
  void Leave() {
    owner_.store(0, std::memory_order_relaxed);
    mutex_.unlock();
  }

  // A number that names the calling thread while it lives.
  static uintptr_t ThisThread() {
    static thread_local char place;
    return reinterpret_cast<uintptr_t>(&place);
  }

 private:
  std::mutex mutex_;
  std::atomic<uintptr_t> owner_{0};
};

// Holds the gate for a scope.
class Inside {
 public:
  explicit Inside(Gate& gate) : gate_(gate) { gate_.Enter(); }
  ~Inside() { gate_.Leave(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Gate& gate_;
};

// The same for whoever may be inside already: a front that serves others while a script of its own thread computes.
class InsideAnyhow {
 public:
  explicit InsideAnyhow(Gate& gate) : gate_(gate), entered_(!gate.inside()) {
    if (entered_) gate_.Enter();
  }
  ~InsideAnyhow() {
    if (entered_) gate_.Leave();
  }
  InsideAnyhow(const InsideAnyhow&) = delete;
  InsideAnyhow& operator=(const InsideAnyhow&) = delete;

 private:
  Gate& gate_;
  const bool entered_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_GATE_H_
