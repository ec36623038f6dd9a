// ACL: users and what they may do.
#ifndef DUALIS_COMMANDS_ACL_H_
#define DUALIS_COMMANDS_ACL_H_

#include <optional>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

inline constexpr uint32_t kAclFlags = kNoScriptFlag | kLoading | kStale;

// ACL CAT [categoryname]: the categories, or the commands of one.
struct AclCat {
  static constexpr CommandInfo kInfo{"ACL CAT",
                                     kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "List the ACL categories or the commands inside a category",
                                     "O(1) since the categories and commands are a fixed set."};
  using Reply = std::vector<std::string>;
  Many<Bytes> category;  // nothing, or one word
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.category, "categoryname");
  }
};

// ACL DELUSER username [username ...]: how many there were. Closes their connections.
struct AclDelUser {
  static constexpr CommandInfo kInfo{"ACL DELUSER",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "Remove the specified ACL users and the associated rules",
                                     "O(1) amortized time considering the typical user."};
  using Reply = int64_t;
  Many<Bytes> users;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.users, "username");
  }
};

// ACL DRYRUN username command [arg ...]: OK, or why the user may not.
struct AclDryRun {
  static constexpr CommandInfo kInfo{
      "ACL DRYRUN",
      kAdmin | kAclFlags,
      Group::kServer,
      "7.0.0",
      "Returns whether the user can execute the given command without executing the command.",
      "O(1)."};
  using Reply = std::string;
  Bytes user;
  Bytes command;
  Many<Bytes> arguments;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.user, "username");
    v.bytes(c.command, "command");
    v.any(c.arguments, "arg");
  }
};

// ACL GENPASS [bits]: a password of hexadecimal digits.
struct AclGenPass {
  static constexpr CommandInfo kInfo{"ACL GENPASS",
                                     kAclFlags | kVolatileReply,
                                     Group::kServer,
                                     "6.0.0",
                                     "Generate a pseudorandom secure password to use for ACL users",
                                     "O(1)"};
  using Reply = std::string;
  Many<Bytes> bits;  // nothing, or one word
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.bits, "bits");
  }
};

// ACL GETUSER username
struct AclGetUser {
  static constexpr CommandInfo kInfo{
      "ACL GETUSER",
      kAdmin | kAclFlags,
      Group::kServer,
      "6.0.0",
      "Get the rules for a specific ACL user",
      "O(N). Where N is the number of password, command and pattern rules that the user has."};
  using Reply = AnyReply;
  Bytes user;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.user, "username");
  }
};

// ACL HELP
struct AclHelp {
  static constexpr CommandInfo kInfo{
      "ACL HELP", kLoading | kStale, Group::kServer, "6.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// ACL LIST: every user as a line of an ACL file.
struct AclList {
  static constexpr CommandInfo kInfo{"ACL LIST",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "List the current ACL rules in ACL config file format",
                                     "O(N). Where N is the number of configured users."};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// ACL LOAD: an engine has no ACL file.
struct AclLoad {
  static constexpr CommandInfo kInfo{"ACL LOAD",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "Reload the ACLs from the configured ACL file",
                                     "O(N). Where N is the number of configured users."};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// ACL LOG [count | RESET]: what was refused, the latest first.
struct AclLog {
  static constexpr CommandInfo kInfo{"ACL LOG",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "List latest events denied because of ACLs in place",
                                     "O(N) with N being the number of entries shown."};
  using Reply = AnyReply;
  Many<Bytes> operation;  // nothing, or one word
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.operation, "operation");
  }
};

// ACL SAVE: an engine has no ACL file.
struct AclSave {
  static constexpr CommandInfo kInfo{"ACL SAVE",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "Save the current ACL rules in the configured ACL file",
                                     "O(N). Where N is the number of configured users."};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// ACL SETUSER username [rule ...]: creates a user, or changes one.
struct AclSetUser {
  static constexpr CommandInfo kInfo{"ACL SETUSER",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "Modify or create the rules for a specific ACL user",
                                     "O(N). Where N is the number of rules provided."};
  using Reply = Ack;
  Bytes user;
  Many<Bytes> rules;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.user, "username");
    v.any(c.rules, "rule");
  }
};

// ACL USERS: their names.
struct AclUsers {
  static constexpr CommandInfo kInfo{"ACL USERS",
                                     kAdmin | kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "List the username of all the configured ACL rules",
                                     "O(N). Where N is the number of configured users."};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// ACL WHOAMI: the name of this connection's user.
struct AclWhoAmI {
  static constexpr CommandInfo kInfo{"ACL WHOAMI",
                                     kAclFlags,
                                     Group::kServer,
                                     "6.0.0",
                                     "Return the name of the user associated to the current connection",
                                     "O(1)"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_ACL_H_
