// Outbox: the messages that wait for one session. Publishers append under the gate, in the order of the turns; the
// session's own thread takes them out. It outlives its session while a publisher still holds it.
#ifndef DUALIS_ENGINE_RUNTIME_OUTBOX_H_
#define DUALIS_ENGINE_RUNTIME_OUTBOX_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "dualis/reply.h"

namespace dualis::runtime {

// One published message, shared by all who get it.
struct Message {
  std::string channel;
  std::string payload;
};

class Outbox {
 public:
  // Appends; `pattern` is null for a channel subscription. The caller rings after the turn.
  void Append(std::shared_ptr<const Message> message, std::shared_ptr<const std::string> pattern);
  // Calls the session's on_message, with no lock held and on one thread at a time: if it is being called already, that
  // thread calls it once more. Nothing happens once Close() has returned.
  void Ring();
  void SetCallback(std::function<void()> on_message);
  // Emits up to `limit` messages as kPush; returns how many.
  size_t Deliver(ReplySink& sink, size_t limit);
  // No more callbacks: waits for one that runs on another thread.
  void Close();

 private:
  struct Waiting {
    std::shared_ptr<const Message> message;
    std::shared_ptr<const std::string> pattern;
  };
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;                      // guarded by mutex_
  std::shared_ptr<std::function<void()>> callback_;  // guarded by mutex_
  uintptr_t ringer_ = 0;                             // guarded by mutex_: the thread that calls; 0: none
  bool ring_again_ = false;                          // guarded by mutex_: others rang meanwhile
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_OUTBOX_H_
