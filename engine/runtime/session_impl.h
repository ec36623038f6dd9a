// SessionImpl: the state of one logical connection.
#ifndef DUALIS_ENGINE_RUNTIME_SESSION_IMPL_H_
#define DUALIS_ENGINE_RUNTIME_SESSION_IMPL_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/command/session_ops.h"
#include "engine/runtime/admission.h"
#include "engine/runtime/engine_impl.h"

namespace dualis::runtime {

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
           (protocol_ == 2 && subscriptions() > 0 ? kSubscribedResp2 : 0u);
  }
  // Adds the command to MULTI's.
  void Queue(const Invocation& call);

  Outbox& outbox() { return *outbox_; }
  bool closing() const { return closing_; }

  // KeyListener: a watched key changed.
  void OnKeyChanged() noexcept override { dirty_ = true; }

  // SessionOps.
  int64_t id() const override { return id_; }
  int db() const override { return db_; }
  Error Select(int64_t db) override;
  int protocol() const override { return protocol_; }
  void set_protocol(int version) override { protocol_ = version; }
  Bytes name() const override { return name_; }
  void set_name(Bytes name) override { name_.assign(name); }
  bool authenticated() const override { return authenticated_; }
  Error Authenticate(Bytes user, Bytes password) override;
  bool needs_password() const override { return !engine_.options().requirepass.empty(); }
  void Reset() override;
  void Quit() override { closing_ = true; }
  bool in_multi() const override { return multi_ != nullptr; }
  Error BeginMulti() override;
  Error DiscardMulti() override;
  Outcome ExecuteMulti(Exec& x, ReplySink& sink) override;
  Error Watch(Exec& x, std::span<const Key> keys) override;
  void Unwatch() override;
  size_t subscriptions() const override { return channels_.size() + patterns_.size(); }
  std::vector<std::string> subscribed(SubscriptionKind kind) const override;
  bool Subscribe(SubscriptionKind kind, Bytes name) override;
  bool Unsubscribe(SubscriptionKind kind, Bytes name) override;

 private:
  // What MULTI collected.
  struct Multi {
    struct Queued {
      const CommandRow* row;
      std::vector<std::string> words;
    };
    std::vector<Queued> commands;
    bool refused = false;  // EXEC answers EXECABORT
  };
  void UnsubscribeAll();
  // Tells an engine whose clock may jump which threads there are.
  void NoteThread();

  Engine& facade_;
  EngineImpl& engine_;
  const int64_t id_;

  // Used by the session's own thread, inside or outside turns.
  uintptr_t last_thread_ = 0;
  int db_ = 0;
  int protocol_ = 2;
  bool authenticated_;
  bool closing_ = false;
  std::string name_;
  std::unique_ptr<Multi> multi_;
  absl::btree_set<std::string, std::less<>> channels_;
  absl::btree_set<std::string, std::less<>> patterns_;
  absl::btree_map<Ticket, std::shared_ptr<Parked>> tickets_;
  std::shared_ptr<Outbox> outbox_ = std::make_shared<Outbox>();

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
