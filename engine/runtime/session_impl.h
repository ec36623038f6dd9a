// SessionImpl: the state of one logical connection.
#ifndef DUALIS_ENGINE_RUNTIME_SESSION_IMPL_H_
#define DUALIS_ENGINE_RUNTIME_SESSION_IMPL_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <memory>
#include <string>
#include <vector>

#include "dualis/commands/keys.h"
#include "engine/command/session_ops.h"
#include "engine/runtime/admission.h"
#include "engine/runtime/clients.h"
#include "engine/runtime/engine_impl.h"

namespace dualis::runtime {

// Where the replies of a silent session go: what confirms subscriptions is passed on, as Redis takes that for messages,
// and nothing else is.
class SilentSink final : public ReplySink {
 public:
  // Null: nobody listens.
  void set_listener(ReplySink* listener) { listener_ = listener; }

  void Null() override {
    if (pushing()) listener_->Null();
  }
  void Int(int64_t value) override {
    if (pushing()) listener_->Int(value);
  }
  void Double(double value) override {
    if (pushing()) listener_->Double(value);
  }
  void Bulk(Bytes value) override {
    if (pushing()) listener_->Bulk(value);
  }
  void Simple(Bytes text) override {
    if (pushing()) listener_->Simple(text);
  }
  void Error(const dualis::Error&) override {}
  void Begin(Shape shape, size_t count) override {
    if (depth_ == 0 && shape != Shape::kPush) return;
    ++depth_;
    if (pushing()) listener_->Begin(shape, count);
  }
  void End() override {
    if (pushing()) listener_->End();
    if (depth_ > 0) --depth_;
  }

 private:
  bool pushing() const { return depth_ > 0 && listener_ != nullptr; }

  ReplySink* listener_ = nullptr;
  int depth_ = 0;  // of aggregates inside of a push, itself included
};

class SessionImpl final : public SessionOps, public KeyListener {
 public:
  SessionImpl(Engine& facade, EngineImpl& engine);
  ~SessionImpl() override;

  Engine& facade() { return facade_; }
  EngineImpl& engine() { return engine_; }

  // Execute and Submit of the public Session; `waiter` says which.
  void Execute(Command command, ReplySink& sink, Waiter& waiter);
  void Execute(Args argv, ReplySink& sink, Waiter& waiter);
  // The reply of a command that never ran; `row` is null if its name is unknown. A refused command spoils its MULTI.
  void Refuse(const CommandRow* row, const Error& error, ReplySink& sink);

  void Remember(const std::shared_ptr<Parked>& parked) { tickets_[parked->ticket] = parked; }
  std::shared_ptr<Parked> Recall(Ticket ticket);
  void ForgetFinished();

  // What of this session may stand in a command's way.
  uint32_t barriers() const {
    return (authenticated_ ? 0u : kNotAuthenticated) | (multi_ != nullptr ? kInMulti : 0u) |
           (protocol() == 2 && subscribed() ? kSubscribedResp2 : 0u) | (monitors_ ? kMonitors : 0u) |
           (client_.killed.load(std::memory_order_relaxed) ? kKilled : 0u) | (restricted() ? kRestrictedUser : 0u);
  }
  // Whether there is anything that the user may not do.
  bool restricted() const { return user_->restricted.load(std::memory_order_relaxed); }
  // Whether this session is the user's, by identity.
  bool Is(const User& user) const { return user_.get() == &user; }
  // After its user was deleted: it may do nothing any more.
  void ForgetUser();
  // Whether the user may listen to all that the session is subscribed to.
  bool MayListen() const;
  // No error if the user may run the command; else the refusal is in ACL LOG. Does not throw.
  Error Permit(const Invocation& call, AclContext context) noexcept {
    return restricted() ? PermitRestricted(call, context) : Error();
  }
  // Adds the command to MULTI's.
  void Queue(const Invocation& call);

  Outbox& outbox() { return *outbox_; }
  const std::shared_ptr<Outbox>& shared_outbox() { return outbox_; }
  bool closing() const { return closing_.load(std::memory_order_acquire); }

  // Under the gate: what others see of this session.
  ClientState& client() { return client_; }
  const ClientState& client() const { return client_; }
  void SetPeer(Peer peer);
  // A command begins and ends. Its time is noted if a front described the peer, or if the command asked for it: reading
  // the clock takes as long as a GET.
  void Begins(Turn& turn, const CommandRow* row) {
    if (client_.no_touch) turn.set_marks(row == &Row<cmd::Touch>::value);
    if (client_.has_peer) turn.now();
  }
  void Ends(Turn& turn) {
    if (turn.knows_time()) client_.last_seen = turn.now();
  }
  // Ends all that others could reach: the session was killed, or goes.
  void Retire() noexcept;
  bool queued_takes_memory() const;
  bool watch_failed() const { return dirty_; }
  size_t queued() const { return multi_ == nullptr ? 0 : multi_->commands.size(); }
  size_t queued_bytes() const;
  // If `row` is EXEC: the flags of all that it is about to run.
  uint32_t queued_flags(const CommandRow& row) const;
  size_t subscribed_count(SubscriptionKind kind) const { return Names(kind).size(); }
  // To anything: the session is a subscriber.
  bool subscribed() const { return all_subscriptions() > 0; }
  size_t all_subscriptions() const { return subscriptions_.load(std::memory_order_relaxed); }
  bool monitors() const { return monitors_; }
  std::unique_ptr<TrackingState>& tracking_state() { return tracking_; }

  // CLIENT REPLY. While it is silent replies go nowhere, but for those to SUBSCRIBE and its kin.
  bool silent() const { return replies_ != Replies::kOn; }
  Replies replies() const { return replies_; }
  // A command runs in silence, though it has a sink. Returns whether the silence has ended with it by its own doing.
  template <class Run>
  bool Silently(ReplySink& sink, Run&& run) {
    const bool was_silent = silent();
    if (replies_ == Replies::kSkipNext) skipping_ = true;
    nowhere_.set_listener(&sink);
    run(nowhere_);
    // One that waits may outlive the sink.
    nowhere_.set_listener(nullptr);
    const bool asked = was_silent && replies_ == Replies::kOn;
    if (skipping_) replies_ = Replies::kOn;
    skipping_ = false;
    return asked;
  }
  // A command is over: CLIENT CACHING holds for one command, or one MULTI.
  void CommandOver(const CommandRow* row);

  // KeyListener: a watched key changed.
  void OnKeyChanged() noexcept override { dirty_ = true; }

  // SessionOps.
  int64_t id() const override { return id_; }
  int db() const override { return db_; }
  Error Select(int64_t db) override;
  int protocol() const override { return protocol_.load(std::memory_order_relaxed); }
  void set_protocol(int version) override { protocol_.store(version, std::memory_order_relaxed); }
  Bytes name() const override { return name_; }
  void set_name(Bytes name) override { name_.assign(name); }
  bool authenticated() const override { return authenticated_; }
  Error Authenticate(Bytes command, Bytes user, Bytes password) override;
  bool needs_password() const override { return !engine_.acl().default_needs_no_password(); }
  Bytes user() const override { return user_->name; }
  bool MayRun(const CommandRow& row, Args argv) override;
  bool MayReadEveryKey(Command command) override;
  void Reset() override;
  void Quit() override;
  void set_library(LibraryPart part, Bytes value) override {
    (part == LibraryPart::kName ? client_.library : client_.library_version).assign(value);
  }
  void set_no_evict(bool on) override { client_.no_evict = on; }
  bool no_touch() const override { return client_.no_touch; }
  void set_no_touch(bool on) override { client_.no_touch = on; }
  void set_replies(Replies replies) override;
  void StartMonitor() override;
  const TrackingState* tracking() const override { return tracking_.get(); }
  void StartTracking(TrackingOptions options) override;
  void StopTracking() override;
  void SetCaching() override { tracking_->caching = true; }
  bool in_multi() const override { return multi_ != nullptr; }
  Error BeginMulti() override;
  Error DiscardMulti() override;
  Outcome ExecuteMulti(Exec& x, ReplySink& sink) override;
  Error Watch(Exec& x, std::span<const Key> keys) override;
  void Unwatch() override;
  size_t subscriptions() const override { return channels_.size() + patterns_.size(); }
  size_t shard_subscriptions() const override { return shards_.size(); }
  std::vector<std::string> subscribed(SubscriptionKind kind) const override;
  bool Subscribe(SubscriptionKind kind, Bytes name) override;
  bool Unsubscribe(SubscriptionKind kind, Bytes name) override;

 private:
  Error PermitRestricted(const Invocation& call, AclContext context) noexcept;

  // What MULTI collected.
  struct Multi {
    struct Queued {
      const CommandRow* row;
      uint32_t flags;
      std::vector<std::string> words;
      std::shared_ptr<const void> kept;  // in place of words: CommandRow::keep
    };
    std::vector<Queued> commands;
    bool refused = false;  // EXEC answers EXECABORT
  };
  using NameSet = absl::btree_set<std::string, std::less<>>;
  const NameSet& Names(SubscriptionKind kind) const {
    return kind == SubscriptionKind::kChannel ? channels_ : kind == SubscriptionKind::kPattern ? patterns_ : shards_;
  }
  void UnsubscribeAll() noexcept;
  void StopObserving() noexcept;
  void CountSubscriptions() noexcept {
    subscriptions_.store(channels_.size() + patterns_.size() + shards_.size(), std::memory_order_relaxed);
  }
  // Refuse, of a command that did not get as far as the engine.
  void RefuseUnseen(const CommandRow* row, const Error& error, ReplySink& sink);
  // As a connection begins.
  void BecomeDefaultUser();
  // The session as ACL LOG shows it.
  std::string ClientInfo() const;
  // Tells an engine whose clock may jump which threads there are.
  void NoteThread();

  Engine& facade_;
  EngineImpl& engine_;
  const int64_t id_;

  // Used by the session's own thread.
  uintptr_t last_thread_ = 0;
  absl::btree_map<Ticket, std::shared_ptr<Parked>> tickets_;

  // Thread-safe.
  const std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();
  std::atomic<bool> closing_{false};
  std::atomic<size_t> subscriptions_{0};  // of every kind; written under the gate
  std::atomic<int> protocol_{2};

  // Changed under the gate, by the session's own thread (which may read them outside of it) or when it is retired.
  int db_ = 0;
  std::shared_ptr<User> user_;
  bool authenticated_;
  std::string name_;
  std::unique_ptr<Multi> multi_;
  NameSet channels_;
  NameSet patterns_;
  NameSet shards_;
  ClientState client_;
  bool monitors_ = false;
  Replies replies_ = Replies::kOn;
  bool skipping_ = false;  // a command runs that CLIENT REPLY SKIP was for
  SilentSink nowhere_;
  std::unique_ptr<TrackingState> tracking_;  // null: off

  // Guarded by the gate.
  struct Watched {
    int db;
    std::string key;
  };
  std::vector<Watched> watched_;
  bool dirty_ = false;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_SESSION_IMPL_H_
