// The two sides of running a Lua script, as seen by the commands: ScriptHost is what EVAL and SCRIPT ask, ScriptCalls
// what a running script asks of its surroundings. The host (engine/lua) and the commands do not know each other; an
// engine owns one host and hands it to its handlers.
//
//   EVAL --> handler --> ScriptHost::Eval --> Lua --> redis.call --> ScriptCalls::Call --> Exec::Call --> handler
#ifndef DUALIS_ENGINE_COMMAND_SCRIPT_HOST_H_
#define DUALIS_ENGINE_COMMAND_SCRIPT_HOST_H_

#include <atomic>
#include <span>
#include <string>

#include "dualis/args.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "engine/command/outcome.h"

namespace dualis {

class Exec;
struct CommandRow;

// How a script ends that does not end by itself, and what SCRIPT KILL says; the same for Lua and for native scripts.
inline constexpr Error::Rep kScriptKilled = {ErrorCode::kErr, "ERR Script killed by user with SCRIPT KILL."};
inline constexpr Error::Rep kScriptTooManySteps = {ErrorCode::kErr, "ERR Script exceeded its limit of steps"};
inline constexpr Error::Rep kScriptNotBusy = {ErrorCode::kNotBusy, "NOTBUSY No scripts in execution right now."};
inline constexpr Error::Rep kScriptUnkillable = {
    ErrorCode::kUnkillable,
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script "
    "termination or kill the server in a hard way using the SHUTDOWN NOSAVE command."};

// A native script (dualis/script.h) in the present turn, as SCRIPT KILL sees it from any thread.
class NativeRun {
 public:
  void Begin() {
    kill_.store(false, std::memory_order_relaxed);
    wrote_.store(false, std::memory_order_relaxed);
    running_.store(true, std::memory_order_release);
  }
  void End() { running_.store(false, std::memory_order_release); }
  void Wrote() { wrote_.store(true, std::memory_order_release); }
  bool running() const { return running_.load(std::memory_order_acquire); }
  bool killed() const { return kill_.load(std::memory_order_relaxed); }
  // Asks it to end. NOTBUSY if none runs, UNKILLABLE if it wrote.
  Error Kill() {
    if (!running()) return Error(&kScriptNotBusy);
    if (wrote_.load(std::memory_order_acquire)) return Error(&kScriptUnkillable);
    kill_.store(true, std::memory_order_relaxed);
    return {};
  }

 private:
  std::atomic<bool> running_{false}, wrote_{false}, kill_{false};
};

// What native scripts need of the engine beside Exec; the runtime implements it.
class NativeHost {
 public:
  virtual ~NativeHost() = default;
  // As Exec::Call, for a row that was looked up before: one that scripts may use, and that takes so many words. `self`:
  // the struct that they make, or null.
  virtual Outcome CallKnown(Exec& x, const CommandRow& row, const void* self, Args argv, ReplySink& sink) = 0;
  // The native script of the present turn, for SCRIPT KILL.
  virtual NativeRun& native_run() = 0;
  // Told now and then that the turn's script computes; `first`: the first time. An error ends the script.
  virtual Error ScriptComputes(bool first) = 0;
};

// What a script said of itself in its first line (#!lua flags=no-writes,...), or what the command that runs it adds
// (EVAL_RO). A script without such a line keeps Redis' old rules: `declared` is false.
struct ScriptFlags {
  bool declared = false;
  bool no_writes = false;
  bool allow_oom = false;
  bool allow_stale = false;
  bool no_cluster = false;
  bool allow_cross_slot_keys = false;
};

enum class ScriptLogLevel { kDebug, kVerbose, kNotice, kWarning };

// What a script may ask while it runs. Called on the thread that runs the script, inside its turn. No function throws.
class ScriptCalls {
 public:
  virtual ~ScriptCalls() = default;

  // The script is about to start, with these flags. An error refuses it.
  virtual Error Begin(const ScriptFlags& flags) {
    (void)flags;
    return {};
  }
  // redis.call and redis.pcall: runs one command. Either an error is returned, or one reply is in the sink.
  virtual Error Call(Args argv, ReplySink& sink) = 0;
  // redis.acl_check_cmd: whether the user may run the command. An error if there is no such command.
  virtual Result<bool> MayRun(Args argv) = 0;
  // redis.log.
  virtual void Log(ScriptLogLevel level, Bytes text) {
    (void)level;
    (void)text;
  }
  // True once a command of this script changed something: it can then no longer be killed.
  virtual bool wrote() const { return false; }
  // Called now and then (every few ten thousand steps) by a script that computes. An error ends the script, which
  // cannot catch it.
  virtual Error Poll() { return {}; }
};

// What a script is given.
struct ScriptInput {
  std::span<const Key> keys;
  std::span<const Bytes> args;
  bool read_only = false;  // EVAL_RO: as if the script said no-writes
  Args words = {};         // of a function: what RunningFunction shows
  TimeMs since = 0;
};

class FunctionHost;

enum class ScriptKind : uint8_t { kScript, kFunction };

// The scripts of one engine. One call at a time, under the engine's gate, except Kill.
class ScriptHost {
 public:
  virtual ~ScriptHost() = default;

  // EVAL and EVALSHA. An error of the script is returned, with Redis' text; else its reply was emitted. EVALSHA of an
  // unknown script is the NOSCRIPT error.
  virtual Error Eval(Bytes body, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) = 0;
  virtual Error EvalSha(Bytes sha1, const ScriptInput& input, ScriptCalls& calls, ReplySink& sink) = 0;

  // SCRIPT LOAD: the script's name, 40 hexadecimal digits; an error if it does not compile.
  virtual Result<std::string> Load(Bytes body) = 0;
  // SCRIPT EXISTS.
  virtual bool Exists(Bytes sha1) const = 0;
  // SCRIPT FLUSH: forgets every script and starts over with a new Lua state.
  virtual void Flush() = 0;

  // Whether an EVAL runs now, as opposed to a function.
  virtual bool runs_script() const = 0;
  // The flags that a script's first line declares; `declared` is false if it declares nothing or is wrong.
  virtual ScriptFlags FlagsOf(Bytes body) const = 0;
  // The same of a script that EVALSHA would find.
  virtual ScriptFlags FlagsOfSha(Bytes sha1) const = 0;

  // SCRIPT KILL and FUNCTION KILL, from any thread: asks the script or function that runs now to end. NOTBUSY if none
  // does, UNKILLABLE if it wrote, BUSY if what runs is of the other kind.
  virtual Error Kill(ScriptKind kind) = 0;

  // Whether scripts may run the commands about the server, too, which otherwise they may not (DEBUG
  // SET-DISABLE-DENY-SCRIPTS).
  bool admits_server_commands() const { return admits_server_commands_; }
  void set_admits_server_commands(bool admits) { admits_server_commands_ = admits; }

  // The libraries of functions, which SCRIPT FLUSH does not touch.
  virtual FunctionHost& functions() = 0;

  // Scripts of the other kind. Requires: set_native().
  NativeHost& native() { return *native_; }
  void set_native(NativeHost* native) { native_ = native; }

 private:
  bool admits_server_commands_ = false;
  NativeHost* native_ = nullptr;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SCRIPT_HOST_H_
