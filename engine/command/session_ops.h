// SessionOps: what the commands of a connection may do to it. The runtime implements it; handlers reach it by
// Exec::session().
#ifndef DUALIS_ENGINE_COMMAND_SESSION_OPS_H_
#define DUALIS_ENGINE_COMMAND_SESSION_OPS_H_

#include <span>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "engine/command/outcome.h"
#include "engine/command/pubsub_ops.h"
#include "engine/command/tracking_ops.h"

namespace dualis {

class Exec;

// Whether a connection gets replies (CLIENT REPLY).
enum class Replies : uint8_t { kOn, kOff, kSkipNext };

// What CLIENT SETINFO tells of a client.
enum class LibraryPart : uint8_t { kName, kVersion };

class SessionOps {
 public:
  virtual ~SessionOps() = default;

  virtual int64_t id() const = 0;
  virtual int db() const = 0;
  virtual Error Select(int64_t db) = 0;
  virtual int protocol() const = 0;
  virtual void set_protocol(int version) = 0;
  virtual Bytes name() const = 0;
  virtual void set_name(Bytes name) = 0;
  // Whether commands are accepted at all.
  virtual bool authenticated() const = 0;
  // AUTH, or HELLO with AUTH; `command` is which, for ACL LOG.
  virtual Error Authenticate(Bytes command, Bytes user, Bytes password) = 0;
  // True if the default user needs a password.
  virtual bool needs_password() const = 0;
  // The name of the user.
  virtual Bytes user() const = 0;
  // Whether the user may run the command, as redis.acl_check_cmd asks.
  virtual bool MayRun(const CommandRow& row, Args argv) = 0;
  // Whether the user may run the command and read every key: a command that finds keys in values (SORT BY, GET).
  virtual bool MayReadEveryKey(Command command) = 0;
  // RESET: as a new connection. QUIT: the front closes after the reply.
  virtual void Reset() = 0;
  virtual void Quit() = 0;
  virtual void set_library(LibraryPart part, Bytes value) = 0;
  virtual void set_no_evict(bool on) = 0;
  // Whether the session's commands leave access times and frequencies alone.
  virtual bool no_touch() const = 0;
  virtual void set_no_touch(bool on) = 0;
  virtual void set_replies(Replies replies) = 0;
  // From now on the session gets MONITOR's lines, until Reset.
  virtual void StartMonitor() = 0;

  // Null while tracking is off.
  virtual const TrackingState* tracking() const = 0;
  // Turns tracking on, or changes its options. Requires: they go together.
  virtual void StartTracking(TrackingOptions options) = 0;
  virtual void StopTracking() = 0;
  // CLIENT CACHING. Requires: tracking is on.
  virtual void SetCaching() = 0;

  virtual bool in_multi() const = 0;
  virtual Error BeginMulti() = 0;
  virtual Error DiscardMulti() = 0;
  // Runs what was queued as part of the turn of `x`.
  virtual Outcome ExecuteMulti(Exec& x, ReplySink& sink) = 0;
  virtual Error Watch(Exec& x, std::span<const Key> keys) = 0;
  virtual void Unwatch() = 0;

  // How many subscriptions the session has: to channels and patterns, or to shards' channels.
  virtual size_t subscriptions() const = 0;
  virtual size_t shard_subscriptions() const = 0;
  virtual std::vector<std::string> subscribed(SubscriptionKind kind) const = 0;
  // False if it was there already (or, of Unsubscribe, was not there).
  virtual bool Subscribe(SubscriptionKind kind, Bytes name) = 0;
  virtual bool Unsubscribe(SubscriptionKind kind, Bytes name) = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SESSION_OPS_H_
