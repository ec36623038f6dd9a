#include "engine/runtime/clients.h"

#include "engine/runtime/session_impl.h"

namespace dualis::runtime {
namespace {

ClientType TypeOf(const SessionImpl& session) {
  return session.subscribed() ? ClientType::kPubSub : ClientType::kNormal;
}

bool Matches(const SessionImpl& session, const ClientFilter& filter, TimeMs now) {
  const ClientState& client = session.client();
  if (filter.id && *filter.id != session.id()) return false;
  if (filter.address && *filter.address != client.peer.address) return false;
  if (filter.local_address && *filter.local_address != client.peer.local_address) return false;
  if (filter.user && *filter.user != session.user()) return false;
  if (filter.type && *filter.type != TypeOf(session)) return false;
  if (filter.least_age != 0 && (now - client.connected) / 1000 < filter.least_age) return false;
  return filter.except != &session;
}

std::string FlagsOf(const SessionImpl& session) {
  const ClientState& client = session.client();
  std::string flags;
  if (session.monitors()) flags += 'O';
  if (TypeOf(session) == ClientType::kPubSub) flags += 'P';
  if (session.in_multi()) flags += 'x';
  if (client.parked > 0) flags += 'b';
  if (const TrackingState* tracking = session.tracking()) {
    flags += 't';
    if (tracking->redirect_broken) flags += 'R';
    if (tracking->broadcast) flags += 'B';
  }
  if (session.watch_failed()) flags += 'd';
  if (session.closing()) flags += 'c';
  if (client.peer.unix_socket) flags += 'U';
  if (client.no_evict) flags += 'e';
  if (client.no_touch) flags += 'T';
  if (flags.empty()) flags += 'N';
  return flags;
}

// The line of CLIENT LIST, a field at a time.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}
  Line& Field(Bytes name, Bytes value) {
    if (!first_) out_ += ' ';
    first_ = false;
    out_.append(name).append("=").append(value);
    return *this;
  }
  Line& Field(Bytes name, int64_t value) { return Field(name, Bytes(std::to_string(value))); }
  Line& Size(Bytes name, size_t value) { return Field(name, static_cast<int64_t>(value)); }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace

void Clients::Add(SessionImpl& session) { by_id_[session.id()] = &session; }

void Clients::Remove(SessionImpl& session) noexcept {
  const auto it = by_id_.find(session.id());
  if (it != by_id_.end()) by_id_.erase(it);
}

SessionImpl* Clients::Find(int64_t id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

size_t Clients::blocked() const {
  size_t count = 0;
  for (const auto& [id, session] : by_id_) count += session->client().parked > 0;
  return count;
}

bool Clients::Describe(int64_t id, TimeMs now, std::string& out) {
  const SessionImpl* session = Find(id);
  if (session == nullptr) return false;
  const ClientState& client = session->client();
  const auto& buffered = client.buffered;
  const size_t query = buffered.query.load(std::memory_order_relaxed);
  const size_t query_free = buffered.query_free.load(std::memory_order_relaxed);
  const size_t reply_bytes = buffered.reply_bytes.load(std::memory_order_relaxed);
  const size_t queued = session->queued_bytes();
  Line line(out);
  line.Field("id", id).Field("addr", client.peer.address).Field("laddr", client.peer.local_address);
  line.Field("fd", client.peer.descriptor).Field("name", session->name());
  line.Field("age", (now - client.connected) / 1000).Field("idle", std::max<TimeMs>(now - client.last_seen, 0) / 1000);
  line.Field("flags", FlagsOf(*session)).Field("db", session->db());
  line.Size("sub", session->subscribed_count(SubscriptionKind::kChannel));
  line.Size("psub", session->subscribed_count(SubscriptionKind::kPattern));
  line.Size("ssub", session->shard_subscriptions());
  line.Field("multi", session->in_multi() ? static_cast<int64_t>(session->queued()) : -1);
  line.Size("qbuf", query).Size("qbuf-free", query_free).Size("argv-mem", 0).Size("multi-mem", queued);
  line.Size("rbs", 0).Size("rbp", 0).Size("obl", 0);
  line.Size("oll", buffered.replies.load(std::memory_order_relaxed)).Size("omem", reply_bytes);
  line.Size("tot-mem", sizeof(SessionImpl) + query + query_free + reply_bytes + queued).Field("events", "r");
  const std::string command =
      client.last_command == nullptr ? "NULL" : errors::DisplayName(client.last_command->name());
  line.Field("cmd", command).Field("user", session->user());
  line.Field("redir", session->tracking() == nullptr ? -1 : session->tracking()->redirect);
  line.Field("resp", session->protocol());
  line.Field("lib-name", client.library).Field("lib-ver", client.library_version);
  out += '\n';
  return true;
}

std::vector<int64_t> Clients::Find(const ClientFilter& filter, TimeMs now) {
  std::vector<int64_t> ids;
  for (const auto& [id, session] : by_id_) {
    if (Matches(*session, filter, now)) ids.push_back(id);
  }
  return ids;
}

bool Clients::Kill(int64_t id, const SessionOps& self) {
  SessionImpl* session = Find(id);
  if (session == nullptr) return false;
  if (session == &self) {
    session->Quit();
  } else {
    engine_.Kill(*session);
  }
  return true;
}

bool Clients::Unblock(int64_t id, UnblockAs how) {
  SessionImpl* session = Find(id);
  return session != nullptr && session->client().parked > 0 && engine_.Unblock(*session, how);
}

bool Clients::HasUser(Bytes name) const { return engine_.acl().Find(name).has_value(); }

void Clients::SetPause(Pause whom, TimeMs end) { engine_.SetPause(whom, end); }
void Clients::EndPause() { engine_.EndPause(); }

}  // namespace dualis::runtime
