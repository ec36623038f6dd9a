// Server: the engine's parameters, counters and logs, and what follows at once from a parameter that changes.
#ifndef DUALIS_ENGINE_RUNTIME_SERVER_H_
#define DUALIS_ENGINE_RUNTIME_SERVER_H_

#include "engine/command/server_ops.h"

namespace dualis::runtime {

class Server final : public ServerOps {
 public:
  explicit Server(const Options& options);

  // The limits that collections look at; they follow the parameters.
  const EncodingLimits& limits() const { return limits_; }

  // ServerOps.
  Settings& settings() override { return settings_; }
  Stats& stats() override { return stats_; }
  ServerHooks& hooks() override { return hooks_; }
  void Log(LogLevel level, Bytes text) override;

 private:
  LogSink* const log_;
  Settings settings_;
  EncodingLimits limits_;
  Stats stats_;
  ServerHooks hooks_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_SERVER_H_
