// Server: the engine's parameters, counters and logs, and what follows at once from a parameter that changes.
#ifndef DUALIS_ENGINE_RUNTIME_SERVER_H_
#define DUALIS_ENGINE_RUNTIME_SERVER_H_

#include "dualis/clock.h"
#include "engine/command/output_limits.h"
#include "engine/command/server_ops.h"
#include "engine/core/rng.h"

namespace dualis::runtime {

class Server final : public ServerOps {
 public:
  Server(const Options& options, Clock& clock);

  // The limits that collections look at; they follow the parameters.
  const EncodingLimits& limits() const { return limits_; }

  // client-output-buffer-limit. Under the gate; the address stays.
  const OutputLimits& output_limits() const { return output_limits_; }

  Access& access() { return stats_.access; }
  // Whether a command is to be timed.
  bool WantsTime(const CommandRow& row, size_t words) {
    constexpr size_t kMany = 64;
    return time_all_ || words > kMany || stats_.Of(row).WantsTime();
  }
  // Something of this kind took so long.
  void NoteLatency(Bytes kind, int64_t now_micros, int64_t micros);
  void set_measure(std::function<void(Gauges&, TimeMs)> measure) { measure_ = std::move(measure); }

  // ServerOps.
  Settings& settings() override { return settings_; }
  Stats& stats() override { return stats_; }
  SlowLog& slowlog() override { return slowlog_; }
  LatencyMonitor& latency() override { return latency_; }
  ServerHooks& hooks() override { return hooks_; }
  Gauges Measure(TimeMs now) override;
  bool memory_full() const override { return memory_full_; }
  void set_memory_full(bool full) { memory_full_ = full; }
  bool active_expire() const override { return active_expire_; }
  void set_active_expire(bool active) override { active_expire_ = active; }
  void Sleep(int64_t micros) override;
  void ChangeReplicationId() override { replication_id_ = NewId(); }
  void Log(LogLevel level, Bytes text) override;

 private:
  // 40 hexadecimal digits.
  std::string NewId();
  // Calls `follow` whenever the parameter has changed.
  template <class F>
  void Follow(Setting id, F&& follow);

  LogSink* const log_;
  Clock& clock_;
  Settings settings_;
  EncodingLimits limits_;
  OutputLimits output_limits_;
  Stats stats_;
  SlowLog slowlog_;
  LatencyMonitor latency_;
  ServerHooks hooks_;
  std::function<void(Gauges&, TimeMs)> measure_;
  Rng ids_;
  std::string run_id_;
  std::string replication_id_;
  TimeMs started_;
  bool time_all_ = false;  // a log asks for quick commands too
  bool active_expire_ = true;
  bool memory_full_ = false;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_SERVER_H_
