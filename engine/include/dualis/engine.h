// Engine: a complete Redis in this process. Session: one logical connection to it.
//
//   auto engine = dualis::Engine::Create();
//   auto session = engine->Connect();
//   Result<std::optional<std::string>> v = session->Run(cmd::Get{"name"});
//
// No thread is started and no socket is opened. Engines do not know of each other.
#ifndef DUALIS_ENGINE_H_
#define DUALIS_ENGINE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dualis/args.h"
#include "dualis/clock.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/options.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "dualis/snapshot.h"

namespace dualis {

class ServerOps;
class Session;

namespace runtime {
class EngineImpl;
class SessionImpl;
struct EngineParts;
}  // namespace runtime

// Names a submitted command that may be parked. 0 names none: the command was complete when Submit returned.
using Ticket = uint64_t;

// Where a connection comes from, as CLIENT LIST and MONITOR show it, and CLIENT KILL finds it. A session that no front
// describes has the address "embedded:ID".
struct Peer {
  std::string address;        // "127.0.0.1:51234"; of a Unix socket its path and ":0"
  std::string local_address;  // the end that it connected to, in the same form
  int descriptor = -1;
  bool unix_socket = false;
};

// What a front holds in memory for a connection, as CLIENT LIST shows it.
struct Buffered {
  size_t query = 0;        // bytes of requests that were not run yet
  size_t query_free = 0;   // room beyond them
  size_t replies = 0;      // replies that were not sent yet
  size_t reply_bytes = 0;  // their bytes
};

// Thread-safe. Sessions must be closed (destroyed) before their engine.
class Engine {
 public:
  static std::unique_ptr<Engine> Create(Options options = {});
  // The engine that everyone in this process who says mem://NAME shares; created on first use with `options`, which
  // later callers' options do not change. Lives until Forget(NAME) or the end of the process.
  static std::shared_ptr<Engine> Named(Bytes name, Options options = {});
  // Drops the registry's hold on mem://NAME; connections that are open keep it alive. False if there was none.
  static bool Forget(Bytes name);
  ~Engine();

  // Open for registration until the first Connect().
  CommandTable& commands();
  const Options& options() const;
  // Sets a parameter by the name it has in redis.conf and CONFIG, those included that CONFIG SET may not change. Before
  // the first Connect().
  Error Configure(Bytes name, Bytes value);
  const Clock& clock() const;

  // A new connection, on database 0, RESP2 semantics of replies left to its sinks.
  std::unique_ptr<Session> Connect();

  // Does what time owes: expiries, timeouts of parked commands, snapshots at their save points.
  void Tick();
  // When Tick should next be called, in the engine clock's Unix milliseconds; nothing if time owes nothing.
  std::optional<TimeMs> NextDeadline() const;
  // Moves a ManualClock forward, stepping from deadline to deadline. Requires: the clock is a ManualClock.
  void Advance(TimeMs delta);

  // Writes or reads all databases as one snapshot; see dualis/snapshot.h. Loading replaces everything that the engine
  // holds, or, after an error, nothing. It is no command: effects are not recorded. A saved file appears under its name
  // when it is complete, and counts for LASTSAVE.
  Result<SnapshotReport> Save(SnapshotSink& sink, const SnapshotOptions& options = {});
  Result<SnapshotReport> SaveFile(const std::string& path, const SnapshotOptions& options = {});
  Result<SnapshotReport> Load(SnapshotSource& source, const SnapshotOptions& options = {});
  Result<SnapshotReport> LoadFile(const std::string& path, const SnapshotOptions& options = {});

  // For the rooms of this project.
  runtime::EngineImpl& impl();
  ServerOps& server();

 private:
  Engine();
  std::unique_ptr<runtime::EngineParts> parts_;
};

// One logical connection: database, protocol, MULTI, watches, subscriptions, user. Used by one thread at a time; Cancel
// and the destructor may not race with its other calls, but other sessions of the engine may run on other threads at
// any time.
class Session {
 public:
  ~Session();

  // Typed: runs a command struct and returns its Reply. A blocking command sleeps until it has its reply.
  template <class C>
  Result<typename C::Reply> Run(const C& command) {
    Into<typename C::Reply> sink;
    Execute(Command(command), sink);
    return std::move(sink).Take();
  }

  // Runs one command, typed and erased, or as words. The reply, an error included, arrives in the sink before the call
  // returns. A blocking command sleeps; the sink may then be filled by another thread, and is complete on return.
  void Execute(Command command, ReplySink& sink);
  void Execute(Args argv, ReplySink& sink);

  // The same without ever blocking the thread: a command that waits is parked and its ticket returned. `done` runs
  // exactly once, on the thread that completed the command and outside every lock, after the sink was filled; for a
  // command that completes at once it runs before Submit returns, and the ticket is 0.
  Ticket Submit(Command command, ReplySink& sink, std::function<void()> done);
  Ticket Submit(Args argv, ReplySink& sink, std::function<void()> done);
  // Takes a parked command back. Afterwards neither its sink nor `done` is touched; if `done` is running on another
  // thread Cancel waits for it, called from `done` it returns at once. Unknown tickets are ignored.
  void Cancel(Ticket ticket);
  // Ends a parked command as CLIENT UNBLOCK ... TIMEOUT would: its sink gets the null reply of a timeout. False if the
  // ticket names no parked command any more.
  bool Expire(Ticket ticket);

  // Runs `body` as one turn of the engine: nothing else happens meanwhile. For the rooms above (scripts, atomic
  // pipelines); the body must be quick and must not use any session. Returns its error, or that the session could not
  // start a turn.
  Error InTurn(const std::function<Error(Exec&)>& body);

  // Where messages go that answer no command: of subscriptions, of client-side caching, MONITOR's lines. `on_message`
  // is called with no lock held, by the thread whose turn caused them, whenever messages may be waiting or the session
  // was killed, and never by two threads at once; it may call Deliver, or wake another thread that does. It may use the
  // engine and close this session. Set before subscribing.
  void OnMessage(std::function<void()> on_message);
  // Hands up to `limit` waiting messages to the sink, each one kPush (a line of MONITOR: Simple). Returns how many. May
  // be called from any one thread. Messages that a command causes for its own session follow its reply.
  size_t Deliver(ReplySink& sink, size_t limit = SIZE_MAX);
  // Whether messages wait. Any thread.
  bool has_messages() const;
  // Lets only so many messages wait (at first: any number) as the parameter client-output-buffer-limit says for the
  // class pubsub, also when it changes. When one is too many, all are dropped and no more come: the session is
  // overrun(), OnMessage's callback is called, and the front should close, as Redis does with a subscriber that does
  // not read. Any thread.
  void LimitMessages();
  bool overrun() const;

  // The name of the user that AUTH made it, or "default". Between its commands.
  std::string user() const;
  // 2 or 3: what HELLO chose. Typed callers need not care; a RESP encoder reads it after each command.
  int protocol() const;
  // Subscriptions held, of every kind. Any thread.
  size_t subscriptions() const;
  // True while CLIENT REPLY keeps the session silent: its commands are run, but their sinks get nothing.
  bool silent() const;
  // True after QUIT, after CLIENT KILL of itself, and once killed(): the front should close when the replies that it
  // has are out. Any thread.
  bool closing() const;
  // True once another session has killed this one (CLIENT KILL): the front should close at once. What it waited for has
  // failed, its subscriptions and watches are gone, and every further command fails with ErrorCode::kClosed.
  // OnMessage's callback is called when it happens. Any thread.
  bool killed() const;

  // For fronts: what CLIENT LIST shows of this connection. Describing the peer also makes the session note the time of
  // each command, which others do only now and then.
  void SetPeer(Peer peer);
  void NoteBuffered(const Buffered& buffered);

  Engine& engine();
  runtime::SessionImpl& impl() { return *impl_; }

 private:
  friend class Engine;
  Session();
  std::unique_ptr<runtime::SessionImpl> impl_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_H_
