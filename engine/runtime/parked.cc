#include "engine/runtime/parked.h"

#include <algorithm>
#include <chrono>

#include "engine/runtime/gate.h"

namespace dualis::runtime {

void Parked::LeaveReady() noexcept {
  if (!in_ready_) return;
  Parked* previous = nullptr;
  for (Parked* p = ready_.first; p != this; p = p->next_ready) previous = p;
  (previous == nullptr ? ready_.first : previous->next_ready) = next_ready;
  if (ready_.last == this) ready_.last = previous;
  in_ready_ = false;
}

void Parked::Finish() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kWaiting) return;
    state_ = State::kRunningDone;
    runner_ = Gate::ThisThread();
  }
  {
    // It may hold what holds this: it goes with its call.
    const std::function<void()> call = std::move(done);
    if (call) call();
  }
  const std::lock_guard lock(mutex_);
  state_ = State::kFinished;
  if (asleep_ != nullptr) asleep_->store(false, std::memory_order_relaxed);
  changed_.notify_all();
}

void Parked::Nudge() {
  const std::lock_guard lock(mutex_);
  nudged_ = true;
  changed_.notify_all();
}

bool Parked::Wait(TimeMs milliseconds, std::atomic<bool>& asleep) {
  // Long sleeps in pieces: the sum with the present moment must not overflow.
  constexpr TimeMs kDay = 24 * 3600 * 1000;
  std::unique_lock lock(mutex_);
  const auto finished = [this] { return state_ == State::kFinished; };
  const auto over = [&] { return finished() || nudged_; };
  if (finished()) return true;
  asleep_ = &asleep;
  asleep.store(true, std::memory_order_relaxed);
  if (milliseconds == 0) {
    changed_.wait(lock, over);
  } else {
    changed_.wait_for(lock, std::chrono::milliseconds(std::min(milliseconds, kDay)), over);
  }
  asleep.store(false, std::memory_order_relaxed);
  asleep_ = nullptr;
  nudged_ = false;
  return finished();
}

bool Parked::finished() {
  const std::lock_guard lock(mutex_);
  return state_ == State::kFinished;
}

void Parked::Withdraw() {
  std::function<void()> dropped;  // destroyed after the lock is released
  std::unique_lock lock(mutex_);
  if (state_ == State::kWaiting) {
    state_ = State::kWithdrawn;
    dropped.swap(done);
  }
  if (state_ == State::kRunningDone && runner_ == Gate::ThisThread()) return;
  changed_.wait(lock, [this] { return state_ != State::kRunningDone; });
}

}  // namespace dualis::runtime
