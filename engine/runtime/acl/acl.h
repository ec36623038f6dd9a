// Acl: the users of an engine and what they may do. Guarded by the gate.
//
// An engine whose users are all allowed everything, as the default user is, pays one test a command: User::restricted.
#ifndef DUALIS_ENGINE_RUNTIME_ACL_ACL_H_
#define DUALIS_ENGINE_RUNTIME_ACL_ACL_H_

#include <absl/container/btree_map.h>

#include <deque>
#include <functional>
#include <memory>

#include "engine/command/acl_ops.h"
#include "engine/command/server_ops.h"
#include "engine/runtime/acl/user.h"

namespace dualis::runtime {

// Where a command was refused; ACL LOG tells, and the texts differ.
enum class AclContext : uint8_t { kTopLevel, kQueue, kExec, kScript };

// A refusal, with what is needed to name it.
struct AclRefusal {
  Denial denial;
  Bytes command;  // the row's name
  std::string object;
};

class Acl final : public AclOps {
 public:
  // What follows for the sessions of a user that was deleted, or may no longer listen to all it did.
  struct Listener {
    virtual ~Listener() = default;
    virtual void UserDeleted(const User& user, SessionOps& self) = 0;
    virtual void ChannelsTaken(const User& user, SessionOps& self) = 0;
  };

  // The table must be closed. `lines` are Options::acl. Follows the parameters requirepass, acl-pubsub-default and
  // acllog-max-len, and counts refusals.
  Acl(const CommandTable& commands, std::span<const std::string> lines, ServerOps& server, Listener& listener);

  // What was wrong with the options' rules: no command may run then.
  const Error& broken() const { return broken_; }
  const std::shared_ptr<User>& default_user() const { return default_; }
  // Whether connections start as the default user: it is on and needs no password.
  bool open() const { return open_.load(std::memory_order_relaxed); }
  // Whether the default user has no use for a password.
  bool default_needs_no_password() const { return default_->permissions.needs_no_password(); }
  // Null if there is no such user, it is off or the password is wrong.
  std::shared_ptr<User> Authenticate(Bytes name, Bytes password) const;

  // Nothing if the user may run the command.
  std::optional<AclRefusal> Judge(const User& user, const CommandRow& row, Args argv) const;
  // The error that the client gets.
  static Error Text(const AclRefusal& refusal, AclContext context);
  // Whether the command may use every key, as the patterns of SORT BY and GET do.
  bool MayReadEveryKey(const User& user, const CommandRow& row, Args argv) const;
  void Note(Denial::Reason reason, AclContext context, Bytes object, Bytes user, std::string client, TimeMs now);

  // AclOps.
  Error SetUser(Bytes name, std::span<const Bytes> rules, SessionOps& self) override;
  bool DeleteUser(Bytes name, SessionOps& self) override;
  std::optional<AclUserView> Find(Bytes name) const override;
  std::vector<std::string> Names() const override;
  std::vector<std::string> Lines() const override;
  Result<std::string> DryRun(Bytes user, Args argv) const override;
  std::optional<std::vector<std::string>> CommandsOf(Bytes category) const override;
  std::vector<AclLogEntry> Log() const override { return {log_.begin(), log_.end()}; }
  void ResetLog() override { log_.clear(); }

 private:
  // The user of a line of the options: "user NAME rules...".
  Error AddLine(Bytes line);
  Error Apply(std::span<const Bytes> rules, Permissions& permissions) const;
  void Replace(User& user, Permissions permissions);
  // The default user's only password; empty: it needs none.
  void SetDefaultPassword(Bytes password);
  bool all_channels() const { return server_.settings().number(Setting::kAclPubsubDefault) == 0; }
  Wanted Want(const CommandRow& row, Args argv) const;

  const CommandTable& table_;
  const std::shared_ptr<const CommandIndex> index_;
  const CommandIndex& commands_ = *index_;
  Listener& listener_;
  ServerOps& server_;
  int64_t next_log_id_ = 0;
  std::deque<AclLogEntry> log_;  // the latest first
  absl::btree_map<std::string, std::shared_ptr<User>, std::less<>> users_;
  std::shared_ptr<User> default_;
  std::atomic<bool> open_{true};
  Error broken_;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_ACL_ACL_H_
