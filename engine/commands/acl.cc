// ACL and its subcommands: words to and from the engine's users, which the runtime keeps.
#include "dualis/commands/acl.h"

#include <algorithm>
#include <random>

#include "engine/command/acl_ops.h"
#include "engine/command/exec.h"
#include "engine/command/flag_names.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kDefaultStays = {ErrorCode::kErr, "ERR The 'default' user cannot be removed"};
constexpr Error::Rep kPasswordBits = {
    ErrorCode::kErr,
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"};
constexpr Error::Rep kNoFile = {
    ErrorCode::kErr,
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER "
    "command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store "
    "users in the Redis configuration."};

Error TooManyWords(Bytes subcommand) {
  return errors::Named("ERR unknown subcommand or wrong number of arguments for '",
                       std::string(subcommand) + "'. Try ACL HELP.");
}

template <class Texts>
void EmitBulks(const Texts& texts, ReplySink& sink) {
  sink.Begin(Shape::kArray, texts.size());
  for (const auto& text : texts) sink.Bulk(text);
  sink.End();
}

void EmitPermissions(const AclUserView::Selector& selector, ReplySink& sink) {
  sink.Bulk("commands");
  sink.Bulk(selector.commands);
  sink.Bulk("keys");
  sink.Bulk(selector.keys);
  sink.Bulk("channels");
  sink.Bulk(selector.channels);
}

void EmitEntry(const AclLogEntry& entry, TimeMs now, ReplySink& sink) {
  sink.Begin(Shape::kMap, 10);
  sink.Bulk("count");
  sink.Int(entry.count);
  sink.Bulk("reason");
  sink.Bulk(entry.reason);
  sink.Bulk("context");
  sink.Bulk(entry.context);
  sink.Bulk("object");
  sink.Bulk(entry.object);
  sink.Bulk("username");
  sink.Bulk(entry.user);
  sink.Bulk("age-seconds");
  sink.Double(static_cast<double>(now - entry.updated) / 1000);
  sink.Bulk("client-info");
  sink.Bulk(entry.client);
  sink.Bulk("entry-id");
  sink.Int(entry.id);
  sink.Bulk("timestamp-created");
  sink.Int(entry.created);
  sink.Bulk("timestamp-last-updated");
  sink.Int(entry.updated);
  sink.End();
}

}  // namespace

Outcome Run(Exec& x, const AclCat& c, ReplySink& sink) {
  if (c.category.size() > 1) return TooManyWords("CAT");
  if (c.category.empty()) {
    EmitBulks(AclCategories(), sink);
    return Outcome();
  }
  const auto commands = x.host().acl().CommandsOf(c.category[0]);
  if (!commands) return errors::Named("ERR Unknown category '", std::string(c.category[0]) + "'");
  EmitBulks(*commands, sink);
  return Outcome();
}

Result<int64_t> Run(Exec& x, const AclDelUser& c) {
  if (std::find(c.users.begin(), c.users.end(), Bytes("default")) != c.users.end()) return Error(&kDefaultStays);
  return std::count_if(c.users.begin(), c.users.end(),
                       [&](Bytes user) { return x.host().acl().DeleteUser(user, x.session()); });
}

Outcome Run(Exec& x, const AclDryRun& c, ReplySink& sink) {
  std::vector<Arg> argv = {c.command};
  argv.insert(argv.end(), c.arguments.begin(), c.arguments.end());
  const Result<std::string> why = x.host().acl().DryRun(c.user, argv);
  if (!why) return why.error();
  if (why->empty()) {
    sink.Simple("OK");
  } else {
    sink.Bulk(*why);
  }
  return Outcome();
}

Result<std::string> Run(Exec& x, const AclGenPass& c) {
  constexpr int64_t kMostBits = 4096;
  constexpr size_t kBitsPerDigit = 4;
  if (c.bits.size() > 1) return TooManyWords("GENPASS");
  int64_t bits = 256;
  if (!c.bits.empty() && !Arg(c.bits[0]).ToInt(&bits)) return Error(&errors::kNotInteger);
  if (bits <= 0 || bits > kMostBits) return Error(&kPasswordBits);
  // An engine with a seed repeats itself; one without must not be guessed.
  std::optional<std::random_device> device;
  if (x.options().seed == 0) device.emplace();
  std::string password((static_cast<size_t>(bits) + kBitsPerDigit - 1) / kBitsPerDigit, '0');
  for (char& digit : password) digit = "0123456789abcdef"[(device ? (*device)() : x.rng().Next()) % 16];
  return password;
}

Outcome Run(Exec& x, const AclGetUser& c, ReplySink& sink) {
  const auto user = x.host().acl().Find(c.user);
  if (!user) {
    sink.Null();
    return Outcome();
  }
  sink.Begin(Shape::kMap, 6);
  sink.Bulk("flags");
  sink.Begin(Shape::kSet, user->flags.size());
  for (Bytes flag : user->flags) sink.Bulk(flag);
  sink.End();
  sink.Bulk("passwords");
  EmitBulks(user->passwords, sink);
  EmitPermissions(user->selectors[0], sink);
  sink.Bulk("selectors");
  sink.Begin(Shape::kArray, user->selectors.size() - 1);
  for (size_t i = 1; i < user->selectors.size(); ++i) {
    sink.Begin(Shape::kMap, 3);
    EmitPermissions(user->selectors[i], sink);
    sink.End();
  }
  sink.End();
  sink.End();
  return Outcome();
}

Outcome Run(Exec&, const AclHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CAT [<category>]",
      "    List all commands that belong to <category>, or all command categories",
      "    when no category is specified.",
      "DELUSER <username> [<username> ...]",
      "    Delete a list of users.",
      "DRYRUN <username> <command> [<arg> ...]",
      "    Returns whether the user can execute the given command without executing the command.",
      "GETUSER <username>",
      "    Get the user's details.",
      "GENPASS [<bits>]",
      "    Generate a secure 256-bit user password. The optional `bits` argument can",
      "    be used to specify a different size.",
      "LIST",
      "    Show users details in config file format.",
      "LOAD",
      "    Reload users from the ACL file.",
      "LOG [<count> | RESET]",
      "    Show the ACL log entries.",
      "SAVE",
      "    Save the current config to the ACL file.",
      "SETUSER <username> <attribute> [<attribute> ...]",
      "    Create or modify a user with the specified attributes.",
      "USERS",
      "    List all the registered usernames.",
      "WHOAMI",
      "    Return the current connection username.",
  };
  return EmitHelp("ACL", kLines, sink);
}

Outcome Run(Exec& x, const AclList&, ReplySink& sink) {
  EmitBulks(x.host().acl().Lines(), sink);
  return Outcome();
}

Result<Ack> Run(Exec&, const AclLoad&) { return Error(&kNoFile); }

Outcome Run(Exec& x, const AclLog& c, ReplySink& sink) {
  if (c.operation.size() > 1) return TooManyWords("LOG");
  if (!c.operation.empty() && IsWord(c.operation[0], "RESET")) {
    x.host().acl().ResetLog();
    sink.Simple("OK");
    return Outcome();
  }
  int64_t most = 10;
  if (!c.operation.empty() && !Arg(c.operation[0]).ToInt(&most)) return Error(&errors::kNotInteger);
  std::vector<AclLogEntry> entries = x.host().acl().Log();
  const auto shown = static_cast<size_t>(std::clamp<int64_t>(most, 0, static_cast<int64_t>(entries.size())));
  sink.Begin(Shape::kArray, shown);
  for (size_t i = 0; i < shown; ++i) EmitEntry(entries[i], x.now(), sink);
  sink.End();
  return Outcome();
}

Result<Ack> Run(Exec&, const AclSave&) { return Error(&kNoFile); }

Result<Ack> Run(Exec& x, const AclSetUser& c) {
  if (Error error = x.host().acl().SetUser(c.user, c.rules.span(), x.session())) return error;
  return Ack{};
}

Outcome Run(Exec& x, const AclUsers&, ReplySink& sink) {
  EmitBulks(x.host().acl().Names(), sink);
  return Outcome();
}

Result<std::string> Run(Exec& x, const AclWhoAmI&) { return std::string(x.session().user()); }

}  // namespace dualis::cmd

namespace dualis {

Family AclCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<AclCat>(),     Add<AclDelUser>(), Add<AclDryRun>(), Add<AclGenPass>(), Add<AclGetUser>(),
      Add<AclHelp>(),    Add<AclList>(),    Add<AclLoad>(),   Add<AclLog>(),     Add<AclSave>(),
      Add<AclSetUser>(), Add<AclUsers>(),   Add<AclWhoAmI>(),
  };
  return {kCommands};
}

}  // namespace dualis
