// Client: opening a home, and what is built from several calls.
#include "dualis/client.h"

#include <utility>

#include "client/backends/memory_backend.h"
#include "client/backends/redis_backend.h"
#include "client/calls/core.h"

namespace dualis {

using client::ClientCore;
using client::MemoryBackend;
using client::RedisBackend;

namespace {

template <class B>
Result<std::shared_ptr<Backend>> Probed(std::shared_ptr<B> backend) {
  if (Error error = backend->Probe()) return error;
  return std::shared_ptr<Backend>(std::move(backend));
}

Result<std::shared_ptr<Backend>> Open(const Config& config) {
  if (config.home != Config::Home::kMemory) return Probed(std::make_shared<RedisBackend>(config));
  std::shared_ptr<Engine> engine = config.name.empty() ? Engine::Create() : Engine::Named(config.name);
  return Probed(std::make_shared<MemoryBackend>(std::move(engine),
                                                client::SessionStart{config.db, config.user, config.password}));
}

}  // namespace

Client::Client(std::shared_ptr<const ClientCore> core, CallOptions options)
    : core_(std::move(core)), options_(options) {}

Client::Client(std::shared_ptr<Backend> backend, std::string prefix)
    : core_(std::make_shared<ClientCore>(std::move(backend), std::move(prefix))) {}

Result<Client> Client::Connect(Bytes url) {
  const Result<Config> config = Config::FromUrl(url);
  if (!config) return config.error();
  return Connect(*config);
}

Result<Client> Client::Connect(const Config& config) {
  if (Error error = config.Check()) return error;
  Result<std::shared_ptr<Backend>> backend = Open(config);
  if (!backend) return backend.error();
  return Client(std::move(*backend), config.prefix);
}

Client Client::On(std::shared_ptr<Engine> engine, std::string prefix) {
  return Client(std::make_shared<MemoryBackend>(std::move(engine), client::SessionStart{}), std::move(prefix));
}

Error Client::Call(const Request& request, ReplySink& sink) const { return core_->Call(request, sink, options_); }

Error Client::Call(Args words, ReplySink& sink) const { return Call(core_->Named(words), sink); }

Result<AnyReply> Client::command(Args words) const {
  Into<AnyReply> sink;
  if (Error error = Call(words, sink)) return error;
  return client::TakeReply(std::move(sink));
}

Client Client::within(std::chrono::milliseconds timeout) const {
  CallOptions options = options_;
  options.timeout = timeout;
  return Client(core_, options);
}

Client Client::unprefixed() const { return Client(core_->WithOtherPrefix({}), options_); }

Client Client::with_prefix(std::string more) const {
  return Client(core_->WithOtherPrefix(core_->prefix().plain + more), options_);
}

const std::string& Client::prefix() const { return core_->prefix().plain; }

Pipeline Client::pipeline(Atomicity atomicity) const { return Pipeline(core_, options_, atomicity); }

Result<int> Client::transaction(const std::vector<std::string>& watched, const TransactionBody& body,
                                int attempts) const {
  Result<std::unique_ptr<Backend>> pin = core_->backend().Pin(options_);
  if (!pin) return pin.error();
  // Shared only to be held by the two below; the pinned connection ends with this function.
  const std::shared_ptr<Backend> pinned = std::move(*pin);
  const auto core = std::make_shared<const ClientCore>(pinned, core_->prefix().plain, ClientCore::Connection::kPinned);
  Client reads(core, options_);
  std::vector<Arg> watch = {"WATCH"};
  watch.insert(watch.end(), watched.begin(), watched.end());
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    if (!watched.empty()) {
      if (const Result<AnyReply> watching = reads.command(watch); !watching) return watching.error();
    }
    Transaction writes(core, options_, Atomicity::kTransaction);
    if (Error error = body(reads, writes)) {
      // The connection goes back to the others; if this fails it is closed instead.
      if (!watched.empty()) (void)reads.command({"UNWATCH"});
      return error;
    }
    const Result<Executed> executed = writes.RunAll();
    if (!executed) return executed.error();
    if (*executed == Executed::kRefused) {
      return Error(ErrorCode::kExecAbort, "EXECABORT Transaction discarded because of previous errors.");
    }
    if (*executed == Executed::kYes) return attempt;
  }
  return Error(ErrorCode::kTryAgain, "TRYAGAIN watched keys kept changing, " + std::to_string(attempts) +
                                         " attempts at the transaction were in vain");
}

Result<Subscription> Client::subscribe(const std::vector<std::string>& channels) const {
  Result<std::unique_ptr<MessageSource>> source = core_->backend().Subscribe();
  if (!source) return source.error();
  Subscription subscription(std::move(*source), core_->shared_backend(), core_->prefix().plain);
  if (Error error = subscription.subscribe(channels)) return error;
  return subscription;
}

Result<Subscription> Client::psubscribe(const std::vector<std::string>& patterns) const {
  Result<Subscription> subscription = subscribe({});
  if (!subscription) return subscription;
  if (Error error = subscription->psubscribe(patterns)) return error;
  return subscription;
}

Result<int64_t> Client::flush_prefix() const {
  if (prefix().empty())
    return Error(ErrorCode::kUsage, "ERR a client without a prefix has no keys of its own to flush");
  int64_t removed = 0;
  std::string cursor = "0";
  do {
    const Result<cmd::ScanReply> step = Run(cmd::Scan{cursor, {}, 1000});
    if (!step) return step.error();
    if (!step->keys.empty()) {
      const Result<int64_t> unlinked = Run(cmd::Unlink{step->keys});
      if (!unlinked) return unlinked.error();
      removed += *unlinked;
    }
    cursor = step->cursor;
  } while (cursor != "0");
  return removed;
}

Result<bool> Client::wait_for(const std::string& channel, const std::function<bool()>& predicate,
                              std::chrono::milliseconds timeout) const {
  if (predicate()) return true;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  Result<Subscription> messages = subscribe({channel});
  if (!messages) return messages.error();
  for (;;) {
    // Asked once more after subscribing: a change in between is not missed.
    if (predicate()) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const Result<Message> message = messages->receive(left);
    if (!message && message.error().code() != ErrorCode::kTimeout) return message.error();
  }
}

Engine* Client::engine() const { return core_->backend().engine(); }

Backend& Client::backend() const { return core_->backend(); }

}  // namespace dualis
