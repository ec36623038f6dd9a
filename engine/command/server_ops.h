// ServerOps: the engine as a server: its parameters, counters and logs. Handlers reach it by Exec::server(), the rooms
// around the engine by Engine::server().
//
//   x.server().settings().number(Setting::kMaxclients)     what CONFIG says
//   ++x.server().stats().evicted_keys                      what INFO tells
//   x.server().Log(LogLevel::kNotice, "...")               what an operator reads
//
// Everything but Settings::number is guarded by the gate.
#ifndef DUALIS_ENGINE_COMMAND_SERVER_OPS_H_
#define DUALIS_ENGINE_COMMAND_SERVER_OPS_H_

#include <functional>
#include <optional>

#include "dualis/options.h"
#include "engine/command/gauges.h"
#include "engine/command/latency.h"
#include "engine/command/settings.h"
#include "engine/command/slowlog.h"
#include "engine/command/stats.h"

namespace dualis {

class Exec;

// The words of SHUTDOWN.
struct ShutdownRequest {
  std::optional<bool> save;  // SAVE, NOSAVE; nothing: as the parameter `save` says
  bool now = false;
  bool force = false;
  bool abort = false;
};

// What the surroundings of an engine do for its commands. An empty function: there is no such thing here.
struct ServerHooks {
  // SHUTDOWN: the listener that serves the engine stops. An embedded engine has none and says so.
  std::function<Error(Exec&, const ShutdownRequest&)> shutdown;
  // DEBUG RELOAD: saves the data and loads them again. The words that follow are NOSAVE, NOFLUSH, MERGE.
  std::function<Error(Exec&, Args words)> reload;
};

class ServerOps {
 public:
  virtual ~ServerOps() = default;
  virtual Settings& settings() = 0;
  virtual Stats& stats() = 0;
  virtual SlowLog& slowlog() = 0;
  virtual LatencyMonitor& latency() = 0;
  // How things stand now; walks over what it has to count.
  virtual Gauges Measure(TimeMs now) = 0;
  virtual ServerHooks& hooks() = 0;
  // Whether more is held than maxmemory, and nothing could be evicted before this turn.
  virtual bool memory_full() const = 0;
  // Whether keys are removed when their time has come, or only when somebody looks (DEBUG SET-ACTIVE-EXPIRE).
  virtual bool active_expire() const = 0;
  virtual void set_active_expire(bool active) = 0;
  // Lets time pass within the turn, in which nobody else gets on (DEBUG SLEEP). A clock that stands still is moved.
  virtual void Sleep(int64_t micros) = 0;
  // CHANGE-REPL-ID: another name for the history of the data.
  virtual void ChangeReplicationId() = 0;
  // To Options::log, if the parameter loglevel lets the level through.
  virtual void Log(LogLevel level, Bytes text) = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SERVER_OPS_H_
