// Outbox: the messages that wait for one session. Publishers append under the gate, in the order of the turns; the
// session's own thread takes them out. It outlives its session while a publisher still holds it.
#ifndef DUALIS_ENGINE_RUNTIME_OUTBOX_H_
#define DUALIS_ENGINE_RUNTIME_OUTBOX_H_

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/clock.h"
#include "dualis/reply.h"
#include "engine/command/output_limits.h"

namespace dualis::runtime {

// What a session can be told of its own accord, shared by all who get it.
struct Message {
  enum class Kind : uint8_t {
    kChannel,            // of PUBLISH: channel, payload
    kShard,              // of SPUBLISH
    kInvalidate,         // of client-side caching: keys, or all if there are none
    kInvalidateMessage,  // the same to a RESP2 subscriber, for the session that it stands in for
    kRedirectionBroken,  // the session `client`, which was to get those, is gone
    kLine,               // of MONITOR: payload
  };
  Kind kind = Kind::kChannel;
  std::string channel = {};
  std::string payload = {};
  std::vector<std::string> keys = {};
  int64_t client = 0;
};

// Members marked "asks": true if the caller is to put the box on its RingList, which rings it after the turn. False if
// that is under way, or there is nothing to ring for.
class Outbox {
 public:
  // Appends; `pattern` is null for a channel subscription. Asks.
  [[nodiscard]] bool Append(std::shared_ptr<const Message> message, std::shared_ptr<const std::string> pattern);
  // Calls the session's on_message, with no lock held and on one thread at a time: if it is being called already, that
  // thread calls it once more. Nothing happens once Close() has returned, or if there is nothing to be told.
  void Ring();
  // The next Ring calls even if no message waits: the session was killed. Asks.
  [[nodiscard]] bool Announce() noexcept;
  // Instead of a message for which memory is short: the next one delivered is this kind's, with no keys. An
  // invalidation that is lost would leave a cache wrong, one too many does no harm. Asks.
  [[nodiscard]] bool InvalidateAll(Message::Kind kind) noexcept;
  // From now on what waits is limited so. The limit may change under the gate, and both outlive the box's use. A
  // message too many drops all of them and all that follow: the session is overrun(), and its callback is told.
  void LimitBy(const OutputLimit& limit, const Clock& clock);
  bool overrun() const { return overrun_.load(std::memory_order_acquire); }
  void SetCallback(std::function<void()> on_message);
  // Emits up to `limit` messages; returns how many.
  size_t Deliver(ReplySink& sink, size_t limit);
  bool has_messages() const { return has_messages_.load(std::memory_order_acquire); }
  // No more callbacks: waits for one that runs on another thread.
  void Close();

 private:
  friend class RingList;
  bool Ask() noexcept { return !std::exchange(asked_, true); }
  void Unask() noexcept;

  struct Waiting {
    std::shared_ptr<const Message> message;
    std::shared_ptr<const std::string> pattern;
  };
  std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Waiting> waiting_;                      // guarded by mutex_
  std::atomic<bool> has_messages_{false};            // written under mutex_
  size_t bytes_ = 0;                                 // guarded by mutex_: of waiting_
  const OutputLimit* limit_ = nullptr;               // guarded by mutex_
  const Clock* clock_ = nullptr;                     // guarded by mutex_: set with limit_
  OutputWatch watch_;                                // guarded by mutex_
  std::atomic<bool> overrun_{false};                 // written under mutex_
  bool announced_ = false;                           // guarded by mutex_
  std::optional<Message::Kind> lost_;                // guarded by mutex_: see InvalidateAll
  std::shared_ptr<std::function<void()>> callback_;  // guarded by mutex_
  uintptr_t ringer_ = 0;                             // guarded by mutex_: the thread that calls; 0: none
  bool ring_again_ = false;                          // guarded by mutex_: others rang meanwhile
  bool asked_ = false;                               // guarded by mutex_: it is on a RingList, or about to be
  std::shared_ptr<Outbox> next_;                     // of that list, and guarded as it is
};

// Boxes that are rung when the gate has been left, each once and in the order in which they asked. It never allocates,
// and however many there are, adding one takes the same time.
class RingList {
 public:
  RingList() = default;
  ~RingList() {
    if (!empty()) Drop();
  }
  RingList(const RingList&) = delete;
  RingList& operator=(const RingList&) = delete;

  bool empty() const { return first_ == nullptr; }
  // Requires: the box has just asked.
  void Add(std::shared_ptr<Outbox> outbox) noexcept;
  // Takes what another list holds.
  void Take(RingList& other) noexcept;
  // Rings all and is empty.
  void Ring();

 private:
  // Nobody is told.
  void Drop() noexcept;
  std::shared_ptr<Outbox> Pop() noexcept;
  std::shared_ptr<Outbox> first_;
  Outbox* last_ = nullptr;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_OUTBOX_H_
