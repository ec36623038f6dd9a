// Users and what they may do, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_ACL_H_
#define DUALIS_API_ACL_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/acl.h"

namespace dualis {

template <class Self>
class AclCommands {
 public:
  // The categories, or with one the commands in it.
  auto acl_cat(Many<Bytes> category = {}) { return Do(cmd::AclCat{std::move(category)}); }
  auto acl_deluser(Many<Bytes> users) { return Do(cmd::AclDelUser{std::move(users)}); }
  auto acl_dryrun(Bytes user, Bytes command, Many<Bytes> arguments = {}) {
    return Do(cmd::AclDryRun{user, command, std::move(arguments)});
  }
  auto acl_genpass() { return Do(cmd::AclGenPass{}); }
  auto acl_getuser(Bytes user) { return Do(cmd::AclGetUser{user}); }
  auto acl_list() { return Do(cmd::AclList{}); }
  auto acl_log(Many<Bytes> count_or_reset = {}) { return Do(cmd::AclLog{std::move(count_or_reset)}); }
  // client.acl_setuser("alice", {"on", ">secret", "~cache:*", "+@read"})
  auto acl_setuser(Bytes user, Many<Bytes> rules = {}) { return Do(cmd::AclSetUser{user, std::move(rules)}); }
  auto acl_users() { return Do(cmd::AclUsers{}); }
  auto acl_whoami() { return Do(cmd::AclWhoAmI{}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_ACL_H_
