// Backend: what a client runs on. Few virtuals, none of which knows a single command; an application may write its own,
// or wrap one that counts, logs, delays or refuses (examples/custom_backend.cc).
//
// Names have their prefix when they get here, and replies lose it above: a backend never sees the client's prefix.
#ifndef DUALIS_BACKEND_H_
#define DUALIS_BACKEND_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/engine.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "dualis/script_program.h"
#include "dualis/subscription.h"

namespace dualis {

struct CallOptions {
  // How long the call may take in all: waiting for a connection, connecting, sending, blocking and reading. A call that
  // is overtaken ends with kTimeout; whether it took effect is then unknown. Nothing: the times of the Config.
  std::optional<std::chrono::milliseconds> timeout;
  // For LoadedScript: receives the statement of the C++ source at which the script failed, or nothing. May be null.
  std::string* place = nullptr;
  // The same: is told of each statement (RunOptions::trace). May be null.
  const std::function<void(const script::TraceStep&)>* trace = nullptr;
};

// One command to run: a command struct, or words. Borrowed, valid as long as what it was made from.
class Request {
 public:
  Request(Command command) : row_(&command.row()), self_(command.self()) {}  // NOLINT(google-explicit-constructor)
  // `row` is the command that the words name, or null if nobody here knows it.
  Request(Args words, const CommandRow* row) : row_(row), words_(words) {}

  // Null only for words that name no known command.
  const CommandRow* row() const { return row_; }
  bool is(uint32_t flag) const { return row_ != nullptr && row_->is(flag); }
  // A struct that Command(*row(), self()) runs; null for words.
  const void* self() const { return self_; }
  // The words, name first. A struct is encoded into `scratch`, which must then outlive the result.
  Args words(ArgList& scratch) const;

 private:
  const CommandRow* row_;
  const void* self_ = nullptr;
  Args words_;
};

// Commands kept for later, with copies of all their words: what a pipeline fills.
class CommandBuffer {
 public:
  // Copies the request. A command whose words do not say all of it (CommandRow::keep) stays a struct.
  void Add(const Request& request);
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // The i-th command. Valid until the buffer changes.
  Request operator[](size_t i) const;
  void Clear();

 private:
  struct Entry {
    const CommandRow* row;
    size_t begin, count;
    std::shared_ptr<const void> kept;
  };
  Bytes Keep(Bytes bytes);

  std::vector<Entry> entries_;
  std::vector<Arg> words_;
  // Copies of the bytes: of common size, and of long words, each by itself. A chunk never moves.
  std::vector<std::unique_ptr<char[]>> chunks_, large_;
  size_t room_ = 0;
  char* free_ = nullptr;
};

// How a script is run where there is a choice: on mem:// natively, or as Lua on the embedded LuaJIT. Servers know Lua
// only.
enum class ScriptForm : uint8_t { kBest, kLua };

// A call of a script in a pipeline or transaction: the place of its result. Used by one thread at a time.
class QueuedScript {
 public:
  virtual ~QueuedScript() = default;
  // Gets the reply.
  virtual ReplySink& sink() = 0;
  // True if the reply says that the server does not know the script (any more): then nothing was run.
  virtual bool forgotten() { return false; }
  // Adds the call once more, with all that the server needs, and empties the sink. `sent`: the words that were queued.
  // Requires: forgotten().
  virtual void Repeat(Args sent, CommandBuffer& commands) {
    (void)sent;
    (void)commands;
  }
  // After execution: the result, or `unanswered` if that is an error and no whole reply arrived. `*place` becomes the
  // statement of the C++ source at which the script failed, if that is known. Once.
  virtual Result<script::Value> Take(const Error& unanswered, std::string* place) = 0;
};

// A script ready to run at a backend. Thread-safe.
class LoadedScript {
 public:
  virtual ~LoadedScript() = default;
  // The keys and arguments are in the order of the program's; the keys carry the prefix.
  virtual Result<script::Value> Run(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                                    const CallOptions& options) = 0;
  // Adds such a call to commands that will be executed at this backend, or another one of the same kind and engine, and
  // copies all it needs. `carried` are the scripts, by their SHA1, whose text the same commands carry already.
  virtual std::shared_ptr<QueuedScript> Queue(std::span<const Bytes> keys, std::span<const script::Value> arguments,
                                              const CallOptions& options, CommandBuffer& commands,
                                              std::set<std::string, std::less<>>& carried) = 0;
};

enum class Atomicity : uint8_t {
  kNone,         // each for itself, in order; others may run in between
  kTransaction,  // MULTI ... EXEC
};

// What became of the commands of an ExecuteAll.
enum class Executed : uint8_t {
  kYes,
  kWatchFailed,  // a watched key had changed; nothing was run and no sink was called
  kRefused,      // a command was refused when it was queued: nothing was run, the sinks have the errors
};

// Thread-safe, but for Submit's rules below. Errors that are returned are the transport's; a command's own errors go
// to its sink.
class Backend {
 public:
  virtual ~Backend() = default;

  // Runs one command. On an error nothing reached the sink, or not a whole reply; whether the command took effect is
  // then unknown, unless the code is kUsage.
  virtual Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) = 0;
  // Runs commands in order on one connection; sinks[i] gets the reply of the i-th.
  // Requires: sinks.size() == commands.size().
  virtual Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                                      Atomicity atomicity, const CallOptions& options) = 0;
  // Runs one command without waiting for its reply (but perhaps for a connection). `done` is called exactly once, with
  // the transport's error, on a thread of the backend's choice and outside every lock; if the command completes at once
  // it is called before Submit returns, and the ticket is 0. The sink must live until then, or until Cancel has
  // returned.
  virtual Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                        std::function<void(const Error&)> done) = 0;
  // Afterwards neither sink nor `done` is touched: Cancel waits for a `done` that is running on another thread. Whether
  // the command took effect is unknown. Unknown tickets are ignored.
  virtual void Cancel(Ticket ticket) = 0;
  // Makes a script ready to run; it must not outlive this backend. This one runs it as Lua, by EVALSHA and EVAL through
  // Execute.
  virtual Result<std::shared_ptr<LoadedScript>> Load(const script::Program& program, ScriptForm form);
  // A source of messages, not yet subscribed to anything.
  virtual Result<std::unique_ptr<MessageSource>> Subscribe() = 0;
  // A backend that keeps to one connection as long as it lives: WATCH belongs to a connection. Used by one thread at a
  // time; must not outlive this backend.
  virtual Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) = 0;

  // The commands this backend knows, for words that come without a struct.
  virtual const CommandTable& commands() const = 0;
  // The engine in this process; null if the data lives elsewhere.
  virtual Engine* engine() { return nullptr; }
};

}  // namespace dualis

#endif  // DUALIS_BACKEND_H_
