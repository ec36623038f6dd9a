// AclOps: the users of an engine, as the commands see them: ACL and CONFIG. The runtime implements it; handlers reach
// it by ExecHost::acl(). Guarded by the gate.
#ifndef DUALIS_ENGINE_COMMAND_ACL_OPS_H_
#define DUALIS_ENGINE_COMMAND_ACL_OPS_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dualis/args.h"
#include "dualis/error.h"
#include "dualis/result.h"

namespace dualis {

class SessionOps;

// A user as ACL GETUSER tells of it.
struct AclUserView {
  struct Selector {
    std::string commands;
    std::string keys;
    std::string channels;
  };
  std::vector<Bytes> flags;
  std::vector<std::string> passwords;  // hashes
  std::vector<Selector> selectors;     // the user's own first
};

// One entry of ACL LOG: equal refusals within a minute are counted, not repeated.
struct AclLogEntry {
  int64_t id = 0;
  int64_t count = 1;
  Bytes reason;   // "command", "key", "channel", "auth"
  Bytes context;  // "toplevel", "multi", "lua"
  std::string object;
  std::string user;
  std::string client;  // as CLIENT LIST shows it
  TimeMs created = 0;
  TimeMs updated = 0;
};

class AclOps {
 public:
  virtual ~AclOps() = default;

  // ACL SETUSER: creates or changes a user. An error changes nothing. Sessions that listen to what the user may no
  // longer listen to are killed; if `self` is one, it closes after its reply.
  virtual Error SetUser(Bytes name, std::span<const Bytes> rules, SessionOps& self) = 0;
  // ACL DELUSER of one user, who must not be the default one; kills its sessions likewise. False if there is none.
  virtual bool DeleteUser(Bytes name, SessionOps& self) = 0;
  virtual std::optional<AclUserView> Find(Bytes name) const = 0;
  virtual std::vector<std::string> Names() const = 0;
  // ACL LIST: "user NAME ...".
  virtual std::vector<std::string> Lines() const = 0;
  // ACL DRYRUN: why the user may not run the command; empty if it may. An error if there is no such user or command.
  virtual Result<std::string> DryRun(Bytes user, Args argv) const = 0;
  // ACL CAT: the commands and containers of a category; nothing if it is unknown.
  virtual std::optional<std::vector<std::string>> CommandsOf(Bytes category) const = 0;

  // ACL LOG, the latest first.
  virtual std::vector<AclLogEntry> Log() const = 0;
  virtual void ResetLog() = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_ACL_OPS_H_
