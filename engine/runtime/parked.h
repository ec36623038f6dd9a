// Parked: a command that waits, as data. The writer whose turn makes it ready runs it again and fills its sink; whoever
// waits for it, a sleeping thread or a `done`, hears of it after that turn has left the gate.
#ifndef DUALIS_ENGINE_RUNTIME_PARKED_H_
#define DUALIS_ENGINE_RUNTIME_PARKED_H_

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dualis/engine.h"
#include "engine/command/exec.h"
#include "engine/runtime/key_listeners.h"

namespace dualis::runtime {

class SessionImpl;
class Parked;

// The parked commands that a turn made ready, in the order in which they became so.
struct ReadyList {
  Parked* first = nullptr;
  Parked* last = nullptr;
};

class Parked final : public KeyListener {
 public:
  explicit Parked(ReadyList& ready) : ready_(ready) {}

  void OnKeyChanged() noexcept override {
    if (in_ready_) return;
    in_ready_ = true;
    next_ready = nullptr;
    (ready_.last == nullptr ? ready_.first : ready_.last->next_ready) = this;
    ready_.last = this;
  }
  void OnKeyReady() noexcept override { OnKeyChanged(); }
  // Takes the first one off.
  static Parked* TakeReady(ReadyList& ready) noexcept {
    Parked* parked = ready.first;
    if (parked == nullptr) return nullptr;
    ready.first = parked->next_ready;
    if (ready.first == nullptr) ready.last = nullptr;
    parked->in_ready_ = false;
    return parked;
  }
  void LeaveReady() noexcept;

  // Guarded by the gate, but for what Wait, Finish and Withdraw guard themselves.
  Ticket ticket = 0;
  SessionImpl* session = nullptr;
  ReplySink* sink = nullptr;
  int db = 0;
  const CommandRow* row = nullptr;
  std::vector<std::string> words;
  std::vector<Arg> argv;             // views of words
  std::shared_ptr<const void> kept;  // in place of words: CommandRow::keep
  std::vector<std::string> keys;
  TimeMs deadline = 0;  // monotonic; 0: none
  TimeoutReply on_timeout = TimeoutReply::kNullArray;
  std::function<void()> done;
  // It has not begun: it waits for a pause to end (CLIENT PAUSE).
  bool postponed = false;
  // Of a postponed one: it shall run in silence (CLIENT REPLY).
  bool silent = false;

  // Makes the sleeper look at its deadline again.
  void Nudge();
  // Tells whoever waits that the sink is filled: wakes the sleeper, or runs `done`. With no lock held.
  void Finish();
  // Sleeps until Finish, or for so long by the machine's clock (0: forever). False if time ran out, or it was nudged.
  // `asleep` is raised meanwhile, and lowered by whoever finishes the command, before the sleeper itself can.
  bool Wait(TimeMs milliseconds, std::atomic<bool>& asleep);
  bool finished();
  // After it returns `done` is not touched any more: waits if it is running on another thread.
  void Withdraw();

  Parked* next_ready = nullptr;
  // While it is finished but nobody was told: itself, and the next such.
  std::shared_ptr<Parked> self;
  Parked* next_finished = nullptr;

 private:
  enum class State : uint8_t { kWaiting, kRunningDone, kFinished, kWithdrawn };

  ReadyList& ready_;
  bool in_ready_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kWaiting;        // guarded by mutex_
  bool nudged_ = false;                  // guarded by mutex_
  uintptr_t runner_ = 0;                 // guarded by mutex_
  std::atomic<bool>* asleep_ = nullptr;  // guarded by mutex_: of the thread that waits
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_PARKED_H_
