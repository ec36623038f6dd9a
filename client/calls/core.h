// ClientCore: what a client, its pipelines and its iterators share: the backend and the prefix. Every call passes here,
// so the prefix and the rules about connections hold for all of them.
#ifndef DUALIS_CLIENT_CALLS_CORE_H_
#define DUALIS_CLIENT_CALLS_CORE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "client/prefix/prefix_mapper.h"
#include "dualis/backend.h"
#include "dualis/config.h"

namespace dualis::client {

// Thread-safe; constant after construction, but for the scripts that it keeps ready.
class ClientCore {
 public:
  // Which of the commands that act on a connection make sense: none on a pool, WATCH and UNWATCH on a pinned one.
  enum class Connection : uint8_t { kPooled, kPinned };

  ClientCore(std::shared_ptr<Backend> backend, std::string prefix, Connection connection = Connection::kPooled)
      : backend_(std::move(backend)), prefix_(std::move(prefix)), connection_(connection) {}

  Backend& backend() const { return *backend_; }
  const std::shared_ptr<Backend>& shared_backend() const { return backend_; }
  const Prefix& prefix() const { return prefix_; }
  std::shared_ptr<const ClientCore> WithOtherPrefix(std::string prefix) const {
    return std::make_shared<const ClientCore>(backend_, std::move(prefix), connection_);
  }

  // The request for words: with the command that they name, if it is known.
  Request Named(Args words) const;

  // Runs a request with the prefix in its names. kUsage, and nothing is run, for a command that a shared connection or
  // a prefix cannot have.
  Error Call(const Request& request, ReplySink& sink, const CallOptions& options) const;

  // Adds the request to a buffer, with the prefix in its names; the same refusals. `*key_names` becomes the type by
  // which to strip the reply, or null if it names no keys. Words that don't parse are an error too if there is a
  // prefix.
  Error Queue(const Request& request, CommandBuffer& buffer, const ReplyType** key_names) const;

  // The program made ready at the backend; once for the same program, as long as there are not too many.
  Result<std::shared_ptr<LoadedScript>> Load(const script::Program& program, ScriptForm form) const;

 private:
  // The program is kept, too: its data is the name.
  struct Ready {
    script::Program program;
    std::shared_ptr<LoadedScript> script;
  };
  Error Refusal(const Request& request) const;
  // Runs `use` with the request whose names carry the prefix.
  template <class F>
  Error WithPrefix(const Request& request, F&& use) const;

  // Shared, because pipelines, subscriptions and copies of the client keep the backend alive.
  const std::shared_ptr<Backend> backend_;
  const Prefix prefix_;
  const Connection connection_;

  mutable std::mutex mutex_;
  // Guarded by mutex_. Declared after the backend, which they must not outlive.
  mutable std::map<std::pair<const script::ir::ProgramData*, ScriptForm>, Ready> ready_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_CALLS_CORE_H_
