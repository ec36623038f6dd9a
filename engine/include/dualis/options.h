// Options of an engine. Everything an engine reads from outside comes through here: it reads no clock, random number,
// file or environment variable of its own.
#ifndef DUALIS_OPTIONS_H_
#define DUALIS_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/clock.h"

namespace dualis {

// Where a collection leaves its packed form. Names and defaults are Redis' configuration's (a negative list size is a
// number of KiB: -2 is 8).
struct EncodingLimits {
  int64_t hash_max_listpack_entries = 512;
  int64_t hash_max_listpack_value = 64;
  int64_t list_max_listpack_size = -2;
  int64_t set_max_intset_entries = 512;
  int64_t set_max_listpack_entries = 128;
  int64_t set_max_listpack_value = 64;
  int64_t zset_max_listpack_entries = 128;
  int64_t zset_max_listpack_value = 64;
  int64_t stream_node_max_bytes = 4096;
  int64_t stream_node_max_entries = 100;
  int64_t hll_sparse_max_bytes = 3000;

  // Every collection expanded from its first element: for tests.
  static EncodingLimits AllExpanded();
};

// Receives what a log, a replica or a snapshot would need to repeat each write: commands with every choice already
// made. One call a turn that changed something; `Begin`/`End` bracket the commands of one turn when there are several
// (MULTI, scripts). Called under the engine's gate, in the order of the turns: it must be quick and must not call the
// engine.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void BeginUnit() {}
  virtual void Effect(int db, Args argv) = 0;
  virtual void EndUnit() {}
};

// Hears of keyspace events ("lpush", "expired", "del" ...) as they happen. Called under the engine's gate: must not
// call the engine, throw or allocate.
class KeyEventSink {
 public:
  virtual ~KeyEventSink() = default;
  virtual void KeyEvent(Bytes event, int db, Bytes key) noexcept = 0;
};

// Of log lines; their names are the parameter loglevel's.
enum class LogLevel : uint8_t { kDebug, kVerbose, kNotice, kWarning };

// Receives the lines that a redis-server would write to its log. Called under the engine's gate: must be quick and must
// not call the engine.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void Log(LogLevel level, Bytes text) noexcept = 0;
};

struct Options {
  // Feeds hashing, random replies, eviction and math.random. 0: taken from the system.
  uint64_t seed = 0;
  // Null: the system's clock.
  std::shared_ptr<Clock> clock;
  EncodingLimits encodings;
  int databases = 16;
  // A blocking call on an engine whose clock does not run by itself: true lets the clock jump to the next deadline when
  // the caller would sleep, so that a single-threaded blpop(5s) returns at once; false sleeps until another thread
  // acts.
  bool jump_when_idle = true;
  // Password of the default user; empty: none is needed.
  std::string requirepass;
  // Users beside the default one, or instead of it as it is, each a line of an ACL file: "user alice on >secret ~cache:*
  // +@read". Of no further use if one of them is wrong: every command is then refused with the reason.
  std::vector<std::string> acl;
  // LuaJIT's compiler makes loops faster, but a script can then no longer be stopped.
  bool lua_jit = false;
  // Steps (VM instructions, roughly) after which a script is ended with an error; 0: no limit.
  uint64_t script_step_limit = 0;
  // Bytes of memory a script may hold; 0: no limit.
  size_t script_memory_limit = 0;
  // The folder and name of the file of SAVE and BGSAVE. Without a folder there is no file, and these commands are
  // refused. The engine never reads it by itself: see Engine::LoadFile.
  std::string dir;
  std::string dbfilename = "dump.rdb";
  // When Tick saves to that file, as Redis' parameter `save` says it: "3600 1 300 100" is an hour after the last time if
  // a key changed, and five minutes if a hundred did.
  std::string save;
  // Not owned; must outlive the engine. Null: effects are not recorded.
  EffectSink* effects = nullptr;
  // Not owned; must outlive the engine. Null: nobody listens.
  KeyEventSink* events = nullptr;
  // Not owned; must outlive the engine. Null: nothing is logged.
  LogSink* log = nullptr;
};

}  // namespace dualis

#endif  // DUALIS_OPTIONS_H_
