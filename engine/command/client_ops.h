// ClientOps: what the commands about other connections may do: CLIENT LIST, KILL, UNBLOCK, PAUSE. The runtime
// implements it over its registry of sessions; handlers reach it by ExecHost::clients().
#ifndef DUALIS_ENGINE_COMMAND_CLIENT_OPS_H_
#define DUALIS_ENGINE_COMMAND_CLIENT_OPS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dualis/clock.h"

namespace dualis {

class SessionOps;

// The kinds of clients that Redis tells apart. The engine has no replicas and no master.
enum class ClientType : uint8_t { kNormal, kPubSub, kReplica, kMaster };

// Which clients are meant: those of which everything that is given here holds.
struct ClientFilter {
  std::optional<int64_t> id = {};
  std::optional<Bytes> address = {};
  std::optional<Bytes> local_address = {};
  std::optional<Bytes> user = {};
  std::optional<ClientType> type = {};
  int64_t least_age = 0;  // in seconds
  const SessionOps* except = nullptr;
};

// How a blocked client is let go.
enum class UnblockAs : uint8_t { kTimeout, kError };

// Whom a pause holds up.
enum class Pause : uint8_t { kNobody, kWriters, kEveryone };

class ClientOps {
 public:
  virtual ~ClientOps() = default;

  // Appends the line of CLIENT LIST, with its line break. False if there is no such client.
  virtual bool Describe(int64_t id, TimeMs now, std::string& out) = 0;
  // The ids of those that match, oldest first.
  virtual std::vector<int64_t> Find(const ClientFilter& filter, TimeMs now) = 0;
  // Ends a connection. Its commands that wait fail, its subscriptions and watches end with the present turn. If it is
  // `self`, it closes after its reply. False if there is no such client.
  virtual bool Kill(int64_t id, const SessionOps& self) = 0;
  // Lets a client go that waits in a blocking command. False if it does not.
  virtual bool Unblock(int64_t id, UnblockAs how) = 0;
  virtual bool Exists(int64_t id) const = 0;
  virtual bool HasUser(Bytes name) const = 0;
  // Holds commands up until `end` of the monotonic clock. A pause that is under way lasts as long as the longer of
  // both, and is as strict as the stricter.
  virtual void SetPause(Pause whom, TimeMs end) = 0;
  virtual void EndPause() = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_CLIENT_OPS_H_
