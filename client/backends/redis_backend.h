// RedisBackend: commands go to a server over compat/wire, each call on a connection of its own from the pool.
//
// When a call is repeated after a lost connection, and when not: it is repeated once, on a new connection, if the
// server cannot have run it (the connection broke before the last byte was sent), or if all its commands only read and
// no part of the reply was handed on. Any other call ends with the transport's error, because it may have taken effect;
// the next one finds a new connection. Timeouts are never repeated.
#ifndef DUALIS_CLIENT_BACKENDS_REDIS_BACKEND_H_
#define DUALIS_CLIENT_BACKENDS_REDIS_BACKEND_H_

#include <memory>

#include "client/backends/connection_pool.h"
#include "client/backends/courier.h"
#include "dualis/backend.h"

namespace dualis::client {

class RedisBackend final : public Backend {
 public:
  explicit RedisBackend(const Config& config);
  ~RedisBackend() override;

  // Opens the first connection: a wrong address, password or database shows here.
  Error Probe();

  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override;
  Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks, Atomicity atomicity,
                              const CallOptions& options) override;
  // The first Submit starts a thread that waits for the replies; `done` is called there.
  Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                std::function<void(const Error&)> done) override;
  void Cancel(Ticket ticket) override;
  Result<std::unique_ptr<MessageSource>> Subscribe() override;
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override;
  const CommandTable& commands() const override { return commands_; }

 private:
  const Config config_;
  const CommandTable commands_;
  ConnectionPool pool_;
  Courier courier_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_REDIS_BACKEND_H_
