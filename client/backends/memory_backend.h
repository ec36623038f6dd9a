// MemoryBackend: commands go straight to an engine in this process. A command struct is run as it is: no words, no
// RESP, no lookup of a name.
//
// Sessions are not for several threads at a time, so each call takes one. Each thread has a place of its own where its
// last session waits; taking and leaving it needs no lock and no exchange. Others are in a list under a lock.
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
  // The program in native form, compiled once as long as there are not too many.
  std::shared_ptr<const script::NativeScript> Compiled(const script::Program& program);
  Result<std::unique_ptr<MessageSource>> Subscribe() override;
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override;
  const CommandTable& commands() const override { return engine_->commands(); }
  Engine* engine() override { return engine_.get(); }

 private:
  // A session that is lent out.
  class Lease;
  // Where a thread keeps the session that it used last, so that its next call takes it without a lock. It belongs to
  // the thread whose number it bears, for ever: a later thread with the same number finds what the earlier one left.
  struct alignas(64) Place {
    // Null if it is empty.
    Session* Take() {
      Session* taken = session.load(std::memory_order_acquire);
      if (taken != nullptr) session.store(nullptr, std::memory_order_relaxed);
      return taken;
    }
    // False if it is full: a call inside of a call has put its own there.
    bool Put(Session* given) {
      if (session.load(std::memory_order_relaxed) != nullptr) return false;
      session.store(given, std::memory_order_release);
      return true;
    }
    std::atomic<uintptr_t> owner{0};
    std::atomic<Session*> session{nullptr};
  };
  // A command that was submitted; two events end it, in either order: Submit returning and `done`.
  struct Submitted;

  Result<std::unique_ptr<Session>> Open();
  Result<std::unique_ptr<Session>> SpareOrNew();
  void Spare(std::unique_ptr<Session> session);
  // The calling thread's; null if too many threads have one.
  Place* OwnPlace();

  // Shared with other clients of mem://NAME and with Client::On's caller.
  const std::shared_ptr<Engine> engine_;
  const SessionStart start_;

  static constexpr size_t kMostSpare = 64;
  static constexpr size_t kPlaces = 64;
  // How many places a thread looks at.
  static constexpr size_t kTries = 4;
  Place places_[kPlaces];

  std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> spare_;                       // guarded by mutex_
  std::unordered_map<Ticket, std::shared_ptr<Submitted>> submitted_;  // guarded by mutex_
  Ticket last_ticket_ = 0;                                            // guarded by mutex_
  // Guarded by mutex_. Each keeps the program whose data is its name.
  std::unordered_map<const script::ir::ProgramData*, std::shared_ptr<const script::NativeScript>> compiled_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_MEMORY_BACKEND_H_
