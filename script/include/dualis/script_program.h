// Program: a script after building, immutable; and its two executors: CompileLua for a server, NativeScript for the
// embedded engine. Both give a script the meaning of script/SEMANTICS.md.
//
//   script::Program program = ctx.Build().value();
//   script::LuaScript lua = script::CompileLua(program);          // EVALSHA lua.sha1 numkeys keys... encoded args...
//   script::NativeScript native(program);
//   Result<script::Value> r = native.Run(caller, {"key"}, {1, "two"});
#ifndef DUALIS_SCRIPT_PROGRAM_H_
#define DUALIS_SCRIPT_PROGRAM_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dualis/args.h"
#include "dualis/clock.h"
#include "dualis/command.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "dualis/script_value.h"

namespace dualis {
class Exec;
}

namespace dualis::script {

namespace ir {
struct ProgramData;
}

// A word of a command of a script that names a key.
struct TouchedKey {
  std::string command;
  std::string formula;            // the word as pseudo-code
  std::vector<std::string> keys;  // the declared keys that it is, or begins with
  bool declared = false;          // it is always one of them, or begins with it
  bool longer = false;            // it may be more than the declared key
};

// A verified script. Cheap to copy; safe to use from many threads.
class Program {
 public:
  explicit Program(std::shared_ptr<const ir::ProgramData> data) : data_(std::move(data)) {}

  Bytes name() const;
  // The declared keys and arguments, in the order in which they are passed.
  const std::vector<std::string>& keys() const;
  const std::vector<std::string>& args() const;
  // 40 hexadecimal digits over everything that decides the meaning (not names of locals, not places in C++ sources).
  const std::string& hash() const;
  // The commands that the script may run, upper case, sorted.
  const std::vector<std::string>& commands() const;
  // True if each key that a command gets is a declared key, or computed from one: a prefix holds for it, and a cluster
  // can route it as long as the keys share a slot.
  bool keys_are_declared() const;
  // True if some key is longer than the declared one that it begins with. On a cluster those share its slot only if it
  // has a hash tag; see SafeOnCluster.
  bool keys_are_derived() const;
  // The words that name keys, each once, in the order in which they are written. Words at places that depend on the run
  // (behind a Spread, in a command whose subcommand is computed) are missing; keys_are_declared() is false then.
  const std::vector<TouchedKey>& touched_keys() const;
  // True if no command of it writes, so that EVALSHA_RO runs it, on replicas too.
  bool read_only() const;
  // The script as readable pseudo-code.
  std::string ToText() const;
  // The script as data. Loading the text again gives a program of the same hash; an error names what does not verify.
  std::string ToJson() const;
  static Result<Program> FromJson(Bytes json);

  const ir::ProgramData& data() const { return *data_; }

 private:
  std::shared_ptr<const ir::ProgramData> data_;
};

// Whether a call with these keys may run on a cluster: all of them in one slot, every key that the script touches
// declared or beginning with a declared one, and these with a hash tag if anything is appended to them.
bool SafeOnCluster(const Program& program, std::span<const Bytes> keys);

// A program as Lua text for EVAL, EVALSHA and SCRIPT LOAD on Redis 7 or the embedded engine.
struct LuaScript {
  std::string source;
  std::string sha1;                 // of the source, lower case: EVALSHA's name for it
  std::vector<std::string> keys;    // names of KEYS, in order
  std::vector<std::string> args;    // names of ARGV, in order
  std::vector<std::string> places;  // by line of the source, from 1: the C++ statement ("file.cc:12"), or empty
  size_t first_line = 0;            // the first line behind the functions that scripts share
};
LuaScript CompileLua(const Program& program);

// The words of ARGV.
std::vector<std::string> EncodeArgs(std::span<const Value> args);
// The bulk reply of a LuaScript as the value that the script returned. An error if it is not one.
Result<Value> DecodeResult(Bytes reply);
// The error reply of a LuaScript as the native executor reports it: without the server's " script: <sha1>, on
// @user_script:12." at the end, and without the " (line 34)" before that with which a failing operation names the line
// of its statement. `place`, if given, receives the C++ statement of that line, or nothing.
Error NormalizeError(const LuaScript& script, const Error& reply, std::string* place = nullptr);

// Runs one command for a script and sends its reply to the sink. The Error is one that stands in place of a reply.
class CommandCaller {
 public:
  virtual ~CommandCaller() = default;
  virtual Error Call(Args argv, ReplySink& sink) = 0;
  // The same for a command that was found in the table that the script was compiled with: one that scripts may use, and
  // that takes so many words. `prepared`: what was read of the words beforehand, or null; only for who holds the gate of
  // the engine whose table it is.
  virtual Error CallKnown(const CommandRow& row, PreparedCommand* prepared, Args argv, ReplySink& sink) {
    (void)row;
    (void)prepared;
    return Call(argv, sink);
  }
  // Called now and then by a script that computes. An error ends it.
  virtual Error Poll() { return {}; }
};

// What a traced script did: a statement, a round of a loop, a condition.
struct TraceStep {
  std::string place;  // in the C++ source: "file.cc:12", or empty
  std::string text;   // as in Program::ToText(), without a body
  // The value that was assigned or returned, the condition's, the reply of a command, the item of the round; a copy.
  Value value;
  // Why the script ended here, if it failed.
  Error error;
};

struct RunOptions {
  // Steps after which the script is ended with an error; 0: no limit. A statement and an operation are a step each, one
  // that walks through much is more. In the same program they are the same each time.
  uint64_t step_limit = 0;
  // How long the script may take, by `clock` (null: the system's); 0: no limit. It is looked at every few hundred
  // steps; a command is never interrupted.
  std::chrono::milliseconds time_limit{0};
  const Clock* clock = nullptr;
  // Bytes that the values of the script may take, roughly; 0: no limit.
  uint64_t memory_limit = 0;
  // Set by another thread to end the script with an error; may be null.
  const std::atomic<bool>* stop = nullptr;
  // Receives Log(level, text); empty: logs go nowhere.
  std::function<void(Bytes level, Bytes text)> log;
  // Receives the C++ statement ("file.cc:12") that failed; may be null.
  std::string* place = nullptr;
  // Is told of each statement after it ran, in order; empty: nobody is. Must not throw.
  std::function<void(const TraceStep& step)> trace;
};

// A program compiled for running in the process. Immutable after construction: any number of threads may Run at once,
// each with an engine turn of its own.
class NativeScript {
 public:
  // `commands`: the table of the engine on which the script will run, closed for registration and outliving the script.
  // Commands are then looked up here, once. Without it, or on another engine, each time they run.
  explicit NativeScript(const Program& program, const CommandTable* commands = nullptr);
  ~NativeScript();
  NativeScript(NativeScript&&) noexcept;
  NativeScript& operator=(NativeScript&&) noexcept;

  const Program& program() const;

  // Runs the script as part of the caller's turn. `keys` and `args` match the program's in number, else an error. Lists
  // and dicts among the arguments are copied: the script cannot change the caller's.
  Result<Value> Run(CommandCaller& caller, std::span<const Bytes> keys, std::span<const Value> args,
                    const RunOptions& options = {}) const;
  // The same on the embedded engine, inside a turn: commands go through exec.Call. SCRIPT KILL ends the script, unless
  // it wrote; time is the engine's.
  Result<Value> Run(Exec& exec, std::span<const Bytes> keys, std::span<const Value> args,
                    const RunOptions& options = {}) const;

  // What the script was compiled to, a line a statement. "fast" are operations on numbers without a call, "run" and
  // "find" commands that were looked up and that are looked up each time, s0, s1 ... variables.
  std::string ToText() const;
  // The same as lines, each with its place in the C++ source in front.
  std::vector<std::pair<std::string, std::string>> ToLines() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// For people: the program as pseudo-code, as Lua and in native form, side by side. `commands` as for NativeScript.
std::string Explain(const Program& program, const CommandTable* commands = nullptr);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_PROGRAM_H_
