#include "client/backends/redis_backend.h"

#include <utility>
#include <vector>

#include "client/backends/blocking.h"
#include "client/backends/exec_sink.h"
#include "client/backends/redis_source.h"

namespace dualis::client {
namespace {

using std::chrono::milliseconds;
using wire::Connection;
using wire::Deadline;

Deadline DeadlineOf(const CallOptions& options) {
  return options.timeout ? wire::In(*options.timeout) : wire::kNoDeadline;
}

// When the reply to a request must be there: the configured time, and what the command asks the server to wait.
Deadline ReplyDeadline(const Request& request, const Config& config, Deadline call) {
  const BlockingTime blocking = BlockingTimeOf(request);
  if (!blocking.blocks) return Earlier(call, config.timeout);
  if (!blocking.limit || config.timeout.count() == 0) return call;
  return Earlier(call, config.timeout + *blocking.limit);
}

// Tells whether anything of a reply was handed on.
class TouchedSink final : public ReplySink {
 public:
  explicit TouchedSink(ReplySink& next) : next_(next) {}
  bool touched() const { return touched_; }

  void Null() override { Touch().Null(); }
  void NullArray() override { Touch().NullArray(); }
  void Bool(bool value) override { Touch().Bool(value); }
  void Int(int64_t value) override { Touch().Int(value); }
  void Double(double value) override { Touch().Double(value); }
  void Decimal(double value) override { Touch().Decimal(value); }
  void BigNumber(Bytes digits) override { Touch().BigNumber(digits); }
  void Bulk(Bytes value) override { Touch().Bulk(value); }
  void Simple(Bytes text) override { Touch().Simple(text); }
  void Verbatim(Bytes text, Bytes format) override { Touch().Verbatim(text, format); }
  void Error(const dualis::Error& error) override { Touch().Error(error); }
  void Begin(Shape shape, size_t count) override { Touch().Begin(shape, count); }
  void End() override { Touch().End(); }

 private:
  ReplySink& Touch() {
    touched_ = true;
    return next_;
  }
  ReplySink& next_;
  bool touched_ = false;
};

// What happened on one connection.
struct Attempt {
  Error error;
  bool may_repeat = false;
};

bool LostConnection(const Error& error) { return error.code() == ErrorCode::kIo || error.code() == ErrorCode::kClosed; }

// Refuses what the server would refuse, or would understand otherwise than the struct means it.
Error CheckStruct(const Request& request) {
  return request.self() == nullptr ? Error() : request.row()->check(request.self());
}

Attempt RunOn(Connection& connection, const Request& request, ReplySink& sink, const Config& config, Deadline call) {
  ArgList scratch;
  connection.Send(request.words(scratch));
  if (Error error = connection.Flush(Earlier(call, config.timeout))) return {error, LostConnection(error)};
  const Deadline deadline = ReplyDeadline(request, config, call);
  if (!request.is(kReadOnly)) return {connection.Receive(sink, deadline), false};
  TouchedSink touched(sink);
  Error error = connection.Receive(touched, deadline);
  return {error, LostConnection(error) && !touched.touched()};
}

Attempt RunPlainOn(Connection& connection, const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                   const Config& config, Deadline call) {
  bool all_read = true;
  for (size_t i = 0; i < commands.size(); ++i) {
    ArgList none;
    connection.Send(commands[i].words(none));
    all_read = all_read && commands[i].is(kReadOnly);
  }
  // Of what was sent before a break, the server may have run every command but the last.
  if (Error error = connection.Flush(Earlier(call, config.timeout))) {
    return {error, LostConnection(error) && (all_read || commands.size() == 1)};
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    const Deadline deadline = ReplyDeadline(commands[i], config, call);
    TouchedSink touched(*sinks[i]);
    if (Error error = connection.Receive(touched, deadline)) {
      return {error, LostConnection(error) && all_read && i == 0 && !touched.touched()};
    }
  }
  return {};
}

Attempt RunTransactionOn(Connection& connection, const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                         const Config& config, Deadline call, Result<Executed>* executed) {
  const Arg multi[] = {"MULTI"};
  const Arg exec[] = {"EXEC"};
  connection.Send(multi);
  for (size_t i = 0; i < commands.size(); ++i) {
    ArgList none;
    connection.Send(commands[i].words(none));
  }
  connection.Send(exec);
  // Without its EXEC, a transaction that broke off did nothing.
  if (Error error = connection.Flush(Earlier(call, config.timeout))) return {error, LostConnection(error)};
  ErrorSink begun;
  if (Error error = connection.Receive(begun, Earlier(call, config.timeout))) return {error, false};
  std::vector<Error> queued(commands.size());
  for (Error& refusal : queued) {
    ErrorSink answer;
    if (Error error = connection.Receive(answer, Earlier(call, config.timeout))) return {error, false};
    refusal = answer.error();
  }
  ExecSink exec_sink(sinks);
  if (Error error = connection.Receive(exec_sink, Earlier(call, config.timeout))) return {error, false};
  *executed = begun.error() ? Result<Executed>(begun.error()) : Conclude(exec_sink, queued, sinks);
  return {};
}

Attempt RunAllOn(Connection& connection, const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                 Atomicity atomicity, const Config& config, Deadline call, Result<Executed>* executed) {
  if (atomicity == Atomicity::kTransaction) {
    return RunTransactionOn(connection, commands, sinks, config, call, executed);
  }
  *executed = Executed::kYes;
  return RunPlainOn(connection, commands, sinks, config, call);
}

// Runs `attempt` on a connection of the pool, and again on a new one if it may be repeated. Only a connection that
// served before is worth it: it may have been dead, while a new one that breaks tells of a server in trouble.
template <class F>
Error WithConnection(ConnectionPool& pool, Deadline call, F&& attempt) {
  {
    Result<ConnectionPool::Lease> lease = pool.Borrow(call);
    if (!lease) return lease.error();
    const Attempt first = attempt(**lease);
    if (!first.error || !first.may_repeat || !lease->reused()) return first.error;
  }
  Result<ConnectionPool::Lease> lease = pool.Borrow(call, ConnectionPool::Wanted::kNew);
  if (!lease) return lease.error();
  return attempt(**lease).error;
}

// One connection: what Pin gives. Nothing is repeated here, for a new connection would not hold the watches. A
// connection that still watches when the pin ends is closed, any other goes back to the pool.
class PinnedConnection final : public Backend {
 public:
  PinnedConnection(RedisBackend& owner, const Config& config, ConnectionPool::Lease lease)
      : owner_(owner), config_(config), lease_(std::move(lease)) {}
  ~PinnedConnection() override {
    if (watching_) lease_.Spoil();
  }

  Error Execute(const Request& request, ReplySink& sink, const CallOptions& options) override {
    if (Error error = CheckStruct(request)) return error;
    if (request.row() != nullptr && request.row()->name() == "WATCH") watching_ = true;
    return RunOn(*lease_, request, sink, config_, DeadlineOf(options)).error;
  }
  Result<Executed> ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks, Atomicity atomicity,
                              const CallOptions& options) override {
    Result<Executed> executed = Executed::kYes;
    if (Error error = RunAllOn(*lease_, commands, sinks, atomicity, config_, DeadlineOf(options), &executed).error) {
      return error;
    }
    if (atomicity == Atomicity::kTransaction) watching_ = false;  // EXEC ends it, also by refusing
    return executed;
  }
  Ticket Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                std::function<void(const Error&)> done) override {
    done(Execute(request, sink, options));
    return 0;
  }
  void Cancel(Ticket) override {}
  Result<std::unique_ptr<MessageSource>> Subscribe() override { return owner_.Subscribe(); }
  Result<std::unique_ptr<Backend>> Pin(const CallOptions& options) override { return owner_.Pin(options); }
  const CommandTable& commands() const override { return owner_.commands(); }

 private:
  RedisBackend& owner_;
  const Config& config_;
  ConnectionPool::Lease lease_;
  bool watching_ = false;
};

}  // namespace

RedisBackend::RedisBackend(const Config& config) : config_(config), pool_(config_), courier_(pool_) {}
RedisBackend::~RedisBackend() = default;

Error RedisBackend::Probe() {
  const Result<ConnectionPool::Lease> lease = pool_.Borrow(wire::kNoDeadline);
  return lease.error();
}

Error RedisBackend::Execute(const Request& request, ReplySink& sink, const CallOptions& options) {
  if (Error error = CheckStruct(request)) return error;
  const Deadline call = DeadlineOf(options);
  return WithConnection(pool_, call,
                        [&](Connection& connection) { return RunOn(connection, request, sink, config_, call); });
}

Result<Executed> RedisBackend::ExecuteAll(const CommandBuffer& commands, std::span<ReplySink* const> sinks,
                                          Atomicity atomicity, const CallOptions& options) {
  const Deadline call = DeadlineOf(options);
  Result<Executed> executed = Executed::kYes;
  if (Error error = WithConnection(pool_, call, [&](Connection& connection) {
        return RunAllOn(connection, commands, sinks, atomicity, config_, call, &executed);
      })) {
    return error;
  }
  return executed;
}

Ticket RedisBackend::Submit(const Request& request, ReplySink& sink, const CallOptions& options,
                            std::function<void(const Error&)> done) {
  if (Error error = CheckStruct(request)) return done(error), 0;
  const Deadline call = DeadlineOf(options);
  return courier_.Send(request, sink, call, ReplyDeadline(request, config_, call), std::move(done));
}

void RedisBackend::Cancel(Ticket ticket) { courier_.Cancel(ticket); }

Result<std::unique_ptr<MessageSource>> RedisBackend::Subscribe() {
  auto source = std::make_unique<RedisSource>(pool_, config_);
  if (Error error = source->Open()) return error;
  return std::unique_ptr<MessageSource>(std::move(source));
}

Result<std::unique_ptr<Backend>> RedisBackend::Pin(const CallOptions& options) {
  Result<ConnectionPool::Lease> lease = pool_.Borrow(DeadlineOf(options));
  if (!lease) return lease.error();
  return std::unique_ptr<Backend>(std::make_unique<PinnedConnection>(*this, config_, std::move(*lease)));
}

}  // namespace dualis::client
