// EngineImpl: the state of one engine, and the course of a turn.
//
//   enter the gate -> run -> remove the dead -> run parked commands that became ready -> leave the gate
//   -> wake sleepers, run completions, ring subscribers
//
// Members are grouped by what guards them.
#ifndef DUALIS_ENGINE_RUNTIME_ENGINE_IMPL_H_
#define DUALIS_ENGINE_RUNTIME_ENGINE_IMPL_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "dualis/engine.h"
#include "engine/command/describe.h"
#include "engine/command/exec.h"
#include "engine/command/script_host.h"
#include "engine/core/rng.h"
#include "engine/runtime/acl/acl.h"
#include "engine/runtime/admission.h"
#include "engine/runtime/clients.h"
#include "engine/runtime/eviction.h"
#include "engine/runtime/gate.h"
#include "engine/runtime/key_listeners.h"
#include "engine/runtime/monitor.h"
#include "engine/runtime/parked.h"
#include "engine/runtime/pubsub.h"
#include "engine/runtime/server.h"
#include "engine/runtime/snapshots.h"
#include "engine/runtime/thread_token.h"
#include "engine/runtime/tracking.h"

namespace dualis::runtime {

class SessionImpl;

// A command as a front brought it: typed, or as words.
struct Invocation {
  const CommandRow* row;
  const void* self;  // null: it has to be parsed
  Args argv;         // empty: it came typed

  bool typed() const { return argv.empty(); }
};

// How a caller waits for a command that parks.
struct Waiter {
  bool may_park = false;
  std::function<void()> done;      // taken if the command parks
  std::shared_ptr<Parked> parked;  // out: set if it parked. In: what a postponed command has waited as
};

class EngineImpl final : public ExecHost, public NativeHost, public ChangeListener, public Acl::Listener {
 public:
  EngineImpl(Options options, CommandTable& commands);
  ~EngineImpl() override;

  // Runs one command of a session as a turn. The reply is in the sink unless waiter.parked is set.
  void Execute(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter);
  Error InTurn(SessionImpl& session, const std::function<Error(Exec&)>& body);

  // Ends a parked command: with the reply of a timeout, or without any. False if it was not parked any more.
  enum class Ending { kTimeout, kSilent };
  bool End(Parked& parked, Ending ending);
  // Sleeps until the parked command has its reply.
  void Sleep(const std::shared_ptr<Parked>& parked);

  // Inside a turn: ends what another session waits for, with an error or the reply of a timeout. False if it does not.
  bool Unblock(SessionImpl& session, UnblockAs how);
  bool EndAll(SessionImpl& session, const Error& error);
  // Inside a turn: ends another session.
  void Kill(SessionImpl& session);

  // Runs one call of the snapshots as a turn.
  using SnapshotCall = std::function<Result<SnapshotReport>(Snapshots&, Turn&)>;
  Result<SnapshotReport> OnSnapshots(const SnapshotCall& call);

  // CLIENT PAUSE: whom it holds up now; see ClientOps.
  Pause pause();
  uint32_t barriers() const {
    return (pause_ == Pause::kNobody ? 0u : kPaused) | (server_.memory_full() ? kMemoryFull : 0u);
  }
  void SetPause(Pause whom, TimeMs end);
  void EndPause();

  Tracking& tracking() { return tracking_; }
  Monitors& monitors() { return monitors_; }
  // After either has changed whether anybody observes.
  void NoteObservers() noexcept { observed_ = tracking_.active() || monitors_.active(); }

  void Tick();
  std::optional<TimeMs> NextDeadline();
  void Advance(TimeMs delta);

  // No more commands can be registered: whoever may run which is settled now.
  void NoteConnection();
  Error Configure(Bytes name, Bytes value);
  // Under a manual clock: this thread uses the engine.
  void KnowThread(const std::shared_ptr<ThreadToken>& token);
  // Under the gate: the session's watches.
  KeyListeners& listeners() { return listeners_; }
  // A front whose `serve` does a round for its other clients when a script that this very thread runs has computed for
  // longer than the parameter busy-reply-threshold says. Their commands are refused with BUSY, but for those that Redis
  // allows meanwhile. Called inside the turn; must not throw. `whose` names it for RemoveFront.
  void AddFront(const void* whose, std::function<void()> serve) {
    const Inside inside(gate_);
    fronts_.emplace_back(whose, std::move(serve));
  }
  void RemoveFront(const void* whose) {
    const Inside inside(gate_);
    std::erase_if(fronts_, [whose](const auto& front) { return front.first == whose; });
  }
  Clients& registry() { return clients_; }
  // How many messages may wait for a subscriber.
  const OutputLimit& pubsub_limit() const { return server_.output_limits().pubsub; }
  Gate& gate() { return gate_; }
  const Clock& clock() const { return *clock_; }
  int64_t NextSessionId() { return next_session_.fetch_add(1, std::memory_order_relaxed); }

  // For fork(): holds the gate while the process splits. A fork from inside a turn takes the gate along as it is.
  void BeforeFork() {
    held_for_fork_ = !gate_.inside();
    if (held_for_fork_) gate_.Enter();
  }
  void AfterFork() {
    if (held_for_fork_) gate_.Leave();
  }

  // ExecHost.
  const Options& options() const override { return options_; }
  const CommandTable& commands() const override { return commands_; }
  Db& db(int index) override { return *dbs_[static_cast<size_t>(index)]; }
  int databases() const override { return static_cast<int>(dbs_.size()); }
  Rng& rng() override { return rng_; }
  ScriptHost& scripts() override { return *scripts_; }
  Acl& acl() override { return *acl_; }
  ClientOps& clients() override { return clients_; }
  PubSub& pubsub() override { return pubsub_; }
  int64_t Publish(Bytes channel, Bytes message) override { return pubsub_.Publish(channel, message, present_.rung); }
  ServerOps& server() override { return server_; }
  SnapshotOps& snapshots() override { return snapshots_; }
  int64_t PublishToShard(Bytes channel, Bytes message) override {
    return pubsub_.PublishToShard(channel, message, present_.rung);
  }
  void NoteFlush() override {
    if (tracking_.active()) tracking_.AllChanged();
  }
  Outcome Call(Exec& x, Args argv, ReplySink& sink) override;
  Outcome Run(Exec& x, Command command, ReplySink& sink) override;
  Outcome Run(Exec& x, const CommandRow& row, Args argv, ReplySink& sink) override {
    return RunInside(x, {&row, nullptr, argv}, sink);
  }
  // The same for a command of a script or of MULTI's queue.
  Outcome RunInside(Exec& x, const Invocation& call, ReplySink& sink);
  bool wants_effects() const override { return options_.effects != nullptr; }
  void RecordEffect(int db, Args argv) override;

  // NativeHost.
  Outcome CallKnown(Exec& x, const CommandRow& row, const void* self, Args argv, ReplySink& sink) override;
  NativeRun& native_run() override { return native_run_; }
  Error ScriptComputes(bool first) override;

  // ChangeListener.
  void KeyChanged(int db, Bytes key) noexcept override {
    snapshots_.NoteChange();
    listeners_.Fire(db, key);
    if (tracking_.active()) tracking_.KeyChanged(key, acting_);
  }
  void KeyChangedUnheard() noexcept override { snapshots_.NoteChange(); }
  void KeyReady(int db, Bytes key) noexcept override { listeners_.FireReady(db, key); }
  void KeyEvent(Event event, int db, Bytes key) noexcept override;
  void KeyExpired(int db, Bytes key) noexcept override;
  void FieldExpired(int db, Bytes key, Bytes field) noexcept override;
  void KeyEvicted(int db, Bytes key) noexcept override;
  void DbChanged(int db) noexcept override;
  void DbsSwapped(int a, int b) noexcept override;

 private:
  // DEBUG RELOAD.
  Error Reload(Exec& x, Args words);

  // What is done after the gate is left.
  struct Aftermath {
    Parked* finished = nullptr;
    Parked* last_finished = nullptr;
    RingList rung;
    bool empty() const { return finished == nullptr && rung.empty(); }
    void Add(std::shared_ptr<Parked> parked) noexcept;
    // Takes what another one holds.
    void Take(Aftermath& other);
    void Settle() {
      if (!empty()) [[unlikely]]
        SettleAll();
    }

   private:
    void SettleAll();
  };

  // Acl::Listener.
  void UserDeleted(const User& user, SessionOps& self) override;
  void ChannelsTaken(const User& user, SessionOps& self) override;

  // Execute, inside the gate.
  void RunFor(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter, Aftermath& after);
  void RunAdmitted(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter, Aftermath& after);
  // What monitors and tracking have of a command, before it runs and after.
  void Observe(Exec& x, const Invocation& call, bool before) noexcept;
  // A command that a front brings while the script of this thread's own turn computes.
  void ExecuteBeside(SessionImpl& session, const Invocation& call, ReplySink& sink);
  // What is counted and logged of a command that ran.
  void NoteFailure(Exec& x, CommandStats& stat, const Error& error) noexcept;
  void NoteTime(Exec& x, const Invocation& call, CommandStats& stat, int64_t start) noexcept;
  // Counts a command that a script may not run, so that the script's own failure, should it end with this, is not
  // counted again. `row` is null if there is no such command. Returns the error.
  Outcome RefuseInScript(const CommandRow* row, Error error) noexcept;
  void RecordRemoval(int db, Bytes key) noexcept;
  // Before a command: evicts keys if there is a limit of memory, and notes whether that was enough.
  void MakeRoom(Aftermath& after);
  // Bytes of the engine without data; bytes in all.
  int64_t StartupMemory() const;
  int64_t UsedMemory() const;
  void Measure(Gauges& gauges, TimeMs now);

  // As commands().Find, for a script: the same few names come again and again.
  const CommandRow* FindForScript(Args argv, Error* unknown);
  Outcome RunRow(Exec& x, const Invocation& call, ReplySink& sink);
  Outcome Guarded(Exec& x, const Invocation& call, ReplySink& sink);
  void Park(SessionImpl& session, Exec& x, const Invocation& call, ReplySink& sink, Waiter& waiter);
  void Postpone(SessionImpl& session, const Invocation& call, ReplySink& sink, Waiter& waiter);
  // Makes a command known as one that waits.
  void Enlist(SessionImpl& session, const std::shared_ptr<Parked>& parked);
  // Runs what a pause that has ended held up.
  void RunPostponed(Aftermath& after);
  // When to look after a parked command again, by the monotonic clock; 0: never.
  TimeMs DeadlineOf(const Parked& parked);
  void RunReady(Aftermath& after) noexcept;
  std::shared_ptr<Parked> Unpark(Parked& parked) noexcept;
  void ExpireDue(Turn& turn, int limit);
  // The end of every turn, inside the gate.
  void CloseTurn(Turn& turn, Aftermath& after);
  void FlushEffects();
  // Sends a keyspace event to the channels that notify-keyspace-events asks for.
  void Notify(Bytes event, int db, Bytes key) noexcept;
  std::optional<TimeMs> NextDeadlineInside();
  bool EveryoneElseSleeps();

  // Constant after construction.
  const Options options_;
  std::shared_ptr<Clock> clock_;
  CommandTable& commands_;

  // Made by the first connection.
  std::atomic<bool> connected_{false};  // there is an acl_
  std::unique_ptr<Acl> acl_;

  // Thread-safe by themselves.
  std::atomic<int64_t> next_session_{1};
  NativeRun native_run_;
  Gate gate_;

  // Guarded by the registry's lock.
  bool held_for_fork_ = false;

  // Guarded by gate_.
  Server server_;  // destroyed after the values, which refer to its limits
  std::vector<std::unique_ptr<Db>> dbs_;
  Rng rng_;
  Evictor evictor_;
  int64_t peak_memory_ = 0;
  // What FindForScript found last: names as they were written, of commands that are no containers.
  struct NamedRow {
    const CommandRow* row;
    uint8_t size;
    char name[15];
  };
  std::array<NamedRow, 16> named_rows_{};
  Error script_error_;  // the last one of a command of the script that runs
  std::unique_ptr<ScriptHost> scripts_;
  Snapshots snapshots_;
  KeyListeners listeners_;
  PubSub pubsub_;
  Clients clients_{*this};
  Tracking tracking_{clients_};
  Monitors monitors_;
  bool observed_ = false;          // somebody tracks or monitors
  SessionImpl* acting_ = nullptr;  // whose turn it is
  Pause pause_ = Pause::kNobody;
  TimeMs pause_end_ = 0;     // of the monotonic clock
  bool pause_over_ = false;  // and what it held up has not been run yet
  Aftermath present_;        // of the present turn
  ReadyList ready_;
  Ticket next_ticket_ = 1;
  absl::btree_map<Ticket, std::shared_ptr<Parked>> parked_;
  absl::btree_set<std::pair<TimeMs, Ticket>> timeouts_;
  std::vector<std::weak_ptr<ThreadToken>> threads_;
  uint32_t turns_ = 0;
  std::vector<std::pair<const void*, std::function<void()>>> fronts_;
  TimeMs computes_since_ = 0;
  bool serves_others_ = false;   // the turn's script computes, and fronts bring commands meanwhile
  bool script_is_over_ = false;  // one of those was SHUTDOWN NOSAVE
  // The effects of the present turn: words, how many of them an effect has, and its database.
  struct Effects {
    std::vector<std::string> words;
    struct One {
      int db;
      size_t words;
    };
    std::vector<One> each;
  } effects_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ENGINE_IMPL_H_
