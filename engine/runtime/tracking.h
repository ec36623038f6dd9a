// Tracking: who is told of which keys, for client-side caching.
//
//   keys_      key -> the sessions that have read it since it changed last; an entry goes with its message
//   prefixes_  prefix -> the sessions that hear of every change below it (BCAST), and the changes of this turn
//
// Names are the same in all databases, as in Redis. A session that stops tracking, or goes, is left in keys_ and passed
// over: ids are not used again. Guarded by the gate. While nobody tracks, active() is all that a turn pays.
#ifndef DUALIS_ENGINE_RUNTIME_TRACKING_H_
#define DUALIS_ENGINE_RUNTIME_TRACKING_H_

#include <absl/container/btree_map.h>
#include <absl/container/inlined_vector.h>

#include <memory>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "engine/command/tracking_ops.h"
#include "engine/runtime/outbox.h"

namespace dualis::runtime {

class Clients;
class SessionImpl;

class Tracking {
 public:
  explicit Tracking(const Clients& clients) : clients_(clients) {}

  // The sessions that track.
  size_t sessions() const { return sessions_; }
  bool active() const { return sessions_ > 0; }
  size_t keys() const { return keys_.size(); }
  size_t items() const { return items_; }
  size_t prefixes() const { return prefixes_.size(); }

  // Turns tracking on, or changes its options; they go together.
  void Start(SessionImpl& session, TrackingOptions options);
  void Stop(SessionImpl& session) noexcept;

  // A command that only reads has run for the session.
  void Remember(SessionImpl& session, const CommandRow& row, Args argv);
  // What a session has read could not be remembered.
  void Lost(SessionImpl& session) noexcept { Send(session, {}); }
  // A key changed, in a turn of `by` (null: by itself). Messages are sent, or wait for EndTurn.
  void KeyChanged(Bytes key, const SessionImpl* by) noexcept;
  // All keys of a database, or of all, changed.
  void AllChanged() noexcept;
  // Sends what broadcasts have gathered, and forgets keys beyond the limit (0: none).
  void EndTurn(size_t most_keys) noexcept;
  // Those who got messages since; the caller rings them.
  RingList& rung() { return rung_; }

 private:
  struct Change {
    std::string key;
    int64_t by;
  };
  struct Prefix {
    std::vector<SessionImpl*> sessions;
    std::vector<Change> changes;
  };
  using Readers = absl::btree_map<std::string, absl::InlinedVector<int64_t, 1>, std::less<>>;
  void Invalidate(Readers::iterator it, const SessionImpl* by) noexcept;
  void Broadcast(Prefix& prefix) noexcept;
  void Leave(const std::string& prefix, SessionImpl& session) noexcept;
  // Tells one session, or the one that it redirects to; no keys: everything changed.
  void Send(SessionImpl& session, std::vector<std::string> keys) noexcept;

  const Clients& clients_;
  size_t sessions_ = 0;
  Readers keys_;
  size_t items_ = 0;  // ids in keys_
  std::string last_forgotten_;
  absl::btree_map<std::string, Prefix, std::less<>> prefixes_;
  bool changes_ = false;  // some prefix has any
  RingList rung_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_TRACKING_H_
