// MemoryBackend: commands go straight to an engine in this process. A command struct is run as it is: no words, no
// RESP, no lookup of a name.
//
// Sessions are not for several threads at a time, so each call borrows one. The session that a thread gave back waits
// in a slot that its number picks; taking it is one exchange, and two threads that meet in a slot merely make another
// session.
#ifndef DUALIS_CLIENT_BACKENDS_MEMORY_BACKEND_H_
#define DUALIS_CLIENT_BACKENDS_MEMORY_BACKEND_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "dualis/backend.h"

namespace dualis::client {

// How new sessions begin.
struct SessionStart {
  int db = 0;
  std::string user;
  std::string password;
};

class MemoryBackend final : public Backend {
 public:
  MemoryBackend(std::shared_ptr<Engine> engine, SessionStart start);
  ~MemoryBackend() override;

  // Tries what every session will do at its start: a wrong database or password shows here.
  Error Probe();

  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override;
  Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks, Atomicity atomicity,
                              const CallOptions& options) override;
  // CallOptions::timeout does not hold here: what time owes is done in Engine::Tick(), which is the host's.
  Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                std::function<void(const Error&)> done) override;
  void Cancel(Ticket ticket) override;
  Result<std::shared_ptr<LoadedScript>> Load(const script::Program& program, ScriptForm form) override;
  Result<std::unique_ptr<MessageSource>> Subscribe() override;
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override;
  const CommandTable& commands() const override { return engine_->commands(); }
  Engine* engine() override { return engine_.get(); }

 private:
  class NativeLoaded;
  // A session that is lent out.
  class Lease;
  // A command that was submitted; two events end it, in either order: Submit returning and `done`.
  struct Submitted;

  Result<std::unique_ptr<Session>> Open();
  Result<std::unique_ptr<Session>> Borrow();
  void GiveBack(std::unique_ptr<Session> session);
  void Finish(Ticket id);
  size_t OwnSlot() const;

  // Shared with other clients of mem://NAME and with Client::On's caller.
  const std::shared_ptr<Engine> engine_;
  const SessionStart start_;

  static constexpr size_t kSlots = 32;
  std::atomic<Session*> slots_[kSlots] = {};

  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> spare_;                       // guarded by mutex_
  std::unordered_map<Ticket, std::shared_ptr<Submitted>> submitted_;  // guarded by mutex_
  Ticket last_ticket_ = 0;                                            // guarded by mutex_
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_MEMORY_BACKEND_H_
