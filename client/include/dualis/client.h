// Client: Redis, wherever it lives.
//
//   Client client = Client::Connect("mem://").value();          // or redis://..., unix://...: nothing else changes
//   client.set("name", "dualis");
//   Result<std::optional<std::string>> name = client.get("name");
//
// A method a command, in lower case (dualis/commands_api.h); each returns a Result. Commands without a method go
// through Run(cmd::X{...}) or command({"X", ...}).
#ifndef DUALIS_CLIENT_H_
#define DUALIS_CLIENT_H_

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/backend.h"
#include "dualis/client_script.h"
#include "dualis/commands_api.h"
#include "dualis/config.h"
#include "dualis/into.h"
#include "dualis/pipeline.h"
#include "dualis/scan.h"
#include "dualis/subscription.h"

namespace dualis {

namespace script {
class FnContext;
}

// Thread-safe, and a handle: copies share the backend and its connections, which go with the last copy, pipeline or
// subscription. Commands that act on one connection (SELECT, WATCH, MULTI, SUBSCRIBE ...) are refused with kUsage and
// the name of the method to use instead.
class Client : public Commands<Client> {
 public:
  // Opens the place that the URL or the Config names. A server is asked for a connection at once, so that a wrong
  // address or password shows here; later connections are made when they are needed.
  static Result<Client> Connect(Bytes url);
  static Result<Client> Connect(const Config& config);
  // An engine of the caller's, with a clock and a seed of the caller's choice; database 0.
  static Client On(std::shared_ptr<Engine> engine, std::string prefix = {});
  // A backend of the caller's.
  explicit Client(std::shared_ptr<Backend> backend, std::string prefix = {});

  // Runs a command struct: client.Run(cmd::Get{"name"}).
  template <class C>
  Result<typename C::Reply> Run(const C& command) const {
    Into<typename C::Reply> sink;
    if (Error error = Call(Request(Command(command)), sink)) return error;
    return client::TakeReply(std::move(sink));
  }
  // Runs any command by its words: client.command({"OBJECT", "ENCODING", "key"}). An error reply is the error of the
  // result; errors inside an aggregate are its elements.
  Result<AnyReply> command(Args words) const;
  Result<AnyReply> command(std::initializer_list<Arg> words) const {
    return command(Args(words.begin(), words.size()));
  }
  // The same for a reply of a known type: client.command_as<int64_t>({"STRLEN", "key"}).
  template <class T>
  Result<T> command_as(std::initializer_list<Arg> words) const {
    Into<T> sink;
    if (Error error = Call(Args(words.begin(), words.size()), sink)) return error;
    return client::TakeReply(std::move(sink));
  }
  // The untyped call below all of these. The error is the transport's or a refusal; the command's own is in the sink.
  Error Call(const Request& request, ReplySink& sink) const;
  Error Call(Args words, ReplySink& sink) const;

  // A client whose calls may each take that long in all (kTimeout), whatever the Config says; a blocking command is
  // given up then, too. Shares everything else.
  Client within(std::chrono::milliseconds timeout) const;
  // A client without the prefix, or with a longer one.
  Client unprefixed() const;
  Client with_prefix(std::string more) const;
  const std::string& prefix() const;

  // Commands to be sent together. kTransaction: between MULTI and EXEC.
  Pipeline pipeline(Atomicity atomicity = Atomicity::kNone) const;

  // WATCH keys, body, MULTI ... EXEC; again from the start when somebody changed a watched key meanwhile, at most
  // `attempts` times, then kTryAgain. `body` reads through `reads`, which keeps to the watching connection, and queues
  // its writes in `writes`; it may run several times, so it must not change anything else. An error it returns ends
  // everything with that error, and nothing is written. Commands that fail inside EXEC have their errors in their
  // Pending values, and the others take effect, as in Redis; a command that is refused while it is queued (EXECABORT)
  // stops all. Returns the number of attempts.
  using TransactionBody = std::function<Error(Client& reads, Transaction& writes)>;
  Result<int> transaction(const std::vector<std::string>& watched, const TransactionBody& body,
                          int attempts = 16) const;

  // Makes a script callable (dualis/client_script.h). kUsage with the first mistake in the context; and under a prefix
  // for a program that gives commands keys which are neither declared nor computed from declared ones, because the
  // prefix could not hold for them.
  Result<Script> register_script(const script::FnContext& context, ScriptForm form = ScriptForm::kBest) const;
  Result<Script> register_script(const script::Program& program, ScriptForm form = ScriptForm::kBest) const;

  // SUBSCRIBE, PSUBSCRIBE: returns when the subscription holds.
  Result<Subscription> subscribe(const std::vector<std::string>& channels) const;
  Result<Subscription> psubscribe(const std::vector<std::string>& patterns) const;

  // Waits until `predicate` is true and returns true; false if it was not within `timeout`. It is asked at first, and
  // again after each message that arrives on the channel: whoever changes what it looks at publishes there. No lock is
  // held while it runs.
  Result<bool> wait_for(const std::string& channel, const std::function<bool()>& predicate,
                        std::chrono::milliseconds timeout) const;

  // Walks all keys without blocking others: a range of Result<std::string> (dualis/scan.h).
  ScanRange scan_iter(ScanOptions options = {}) const;
  // Removes every key under the prefix, step by step, others' commands may run in between; returns how many. kUsage
  // without a prefix: flushall() is what erases everything.
  Result<int64_t> flush_prefix() const;

  // The engine, on mem://; null on a server.
  Engine* engine() const;
  Backend& backend() const;

 private:
  friend class Script;
  Client(std::shared_ptr<const client::ClientCore> core, CallOptions options);

  std::shared_ptr<const client::ClientCore> core_;
  CallOptions options_;
};

}  // namespace dualis

#endif  // DUALIS_CLIENT_H_
