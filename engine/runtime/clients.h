// Clients: the registry of an engine's sessions, by id, and what CLIENT LIST tells of each. Guarded by the gate.
#ifndef DUALIS_ENGINE_RUNTIME_CLIENTS_H_
#define DUALIS_ENGINE_RUNTIME_CLIENTS_H_

#include <absl/container/btree_map.h>

#include <atomic>
#include <string>
#include <vector>

#include "dualis/engine.h"
#include "engine/command/client_ops.h"

namespace dualis::runtime {

class EngineImpl;
class SessionImpl;

// What a session's entry in CLIENT LIST needs beyond its own state.
struct ClientState {
  // Guarded by the gate.
  TimeMs connected = 0;
  TimeMs last_seen = 0;  // see SessionImpl::Begins
  const CommandRow* last_command = nullptr;
  Peer peer;
  std::string library;          // CLIENT SETINFO
  std::string library_version;  // CLIENT SETINFO
  bool has_peer = false;
  bool no_evict = false;
  bool no_touch = false;
  int parked = 0;  // commands that wait

  // Set by the session's front, read by others for information.
  struct Buffered {
    std::atomic<size_t> query{0}, query_free{0}, replies{0}, reply_bytes{0};
  } buffered;
  // Set under the gate, read by the session's own thread at any time.
  std::atomic<bool> killed{false};
};

class Clients final : public ClientOps {
 public:
  explicit Clients(EngineImpl& engine) : engine_(engine) {}

  void Add(SessionImpl& session);
  void Remove(SessionImpl& session) noexcept;
  // Null if it is not there, or is killed.
  SessionImpl* Find(int64_t id) const;
  size_t size() const { return by_id_.size(); }
  template <class Visit>
  void ForEach(Visit&& visit) const {
    for (const auto& [id, session] : by_id_) visit(*session);
  }
  // How many wait in a command.
  size_t blocked() const;

  // ClientOps.
  bool Describe(int64_t id, TimeMs now, std::string& out) override;
  std::vector<int64_t> Find(const ClientFilter& filter, TimeMs now) override;
  bool Kill(int64_t id, const SessionOps& self) override;
  bool Unblock(int64_t id, UnblockAs how) override;
  bool Exists(int64_t id) const override { return Find(id) != nullptr; }
  bool HasUser(Bytes name) const override;
  void SetPause(Pause whom, TimeMs end) override;
  void EndPause() override;

 private:
  EngineImpl& engine_;
  absl::btree_map<int64_t, SessionImpl*> by_id_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_CLIENTS_H_
