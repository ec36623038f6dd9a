// CLIENT and its kin but tracking.cc's, MONITOR. What concerns other connections goes by ClientOps, one's own by
// SessionOps.
#include "dualis/commands/clients.h"

#include <algorithm>

#include "engine/command/client_ops.h"
#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/families.h"

namespace dualis::cmd {
namespace {

std::optional<ClientType> TypeNamed(Bytes word) {
  static constexpr std::pair<Bytes, ClientType> kTypes[] = {
      {"NORMAL", ClientType::kNormal}, {"SLAVE", ClientType::kReplica}, {"REPLICA", ClientType::kReplica},
      {"PUBSUB", ClientType::kPubSub}, {"MASTER", ClientType::kMaster},
  };
  for (const auto& [name, type] : kTypes) {
    if (IsWord(word, name)) return type;
  }
  return std::nullopt;
}

Error UnknownType(Bytes word) { return errors::Named("ERR Unknown client type '", std::string(word) + "'"); }

Result<bool> OnOff(Bytes word) {
  if (IsWord(word, "ON")) return true;
  if (IsWord(word, "OFF")) return false;
  return Error(&errors::kSyntax);
}

// The filters of CLIENT KILL, in couples of words.
Result<ClientFilter> FilterOf(dualis::Exec& x, const Many<Bytes>& words) {
  ClientFilter filter;
  filter.except = &x.session();
  for (size_t i = 0; i < words.size(); i += 2) {
    if (i + 1 == words.size()) return Error(&errors::kSyntax);
    const Bytes value = words[i + 1];
    int64_t number = 0;
    if (IsWord(words[i], "ID")) {
      if (!Arg(value).ToInt(&number) || number < 1) return Error(&errors::kClientIdPositive);
      filter.id = number;
    } else if (IsWord(words[i], "TYPE")) {
      filter.type = TypeNamed(value);
      if (!filter.type) return UnknownType(value);
    } else if (IsWord(words[i], "ADDR")) {
      filter.address = value;
    } else if (IsWord(words[i], "LADDR")) {
      filter.local_address = value;
    } else if (IsWord(words[i], "USER")) {
      if (!x.clients().HasUser(value)) return errors::Named("ERR No such user '", std::string(value) + "'");
      filter.user = value;
    } else if (IsWord(words[i], "SKIPME")) {
      if (!IsWord(value, "YES") && !IsWord(value, "NO")) return Error(&errors::kSyntax);
      filter.except = IsWord(value, "YES") ? &x.session() : nullptr;
    } else if (IsWord(words[i], "MAXAGE")) {
      if (!Arg(value).ToInt(&number)) return Error(&errors::kMaxAgeNotInteger);
      if (number <= 0) return Error(&errors::kMaxAgePositive);
      filter.least_age = number;
    } else {
      return Error(&errors::kSyntax);
    }
  }
  return filter;
}

int64_t KillAll(dualis::Exec& x, const ClientFilter& filter) {
  const std::vector<int64_t> ids = x.clients().Find(filter, x.now());
  for (int64_t id : ids) x.clients().Kill(id, x.session());
  return static_cast<int64_t>(ids.size());
}

}  // namespace

bool IsClientName(Bytes name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

Outcome Run(dualis::Exec& x, const ClientList& c, ReplySink& sink) {
  std::string lines;
  if (c.filter.size() > 1 && IsWord(c.filter[0], "ID")) {
    for (size_t i = 1; i < c.filter.size(); ++i) {
      int64_t id;
      if (!Arg(c.filter[i]).ToInt(&id)) return Error(&errors::kInvalidClientId);
      x.clients().Describe(id, x.now(), lines);
    }
  } else {
    ClientFilter filter;
    if (c.filter.size() == 2 && IsWord(c.filter[0], "TYPE")) {
      filter.type = TypeNamed(c.filter[1]);
      if (!filter.type) return UnknownType(c.filter[1]);
    } else if (!c.filter.empty()) {
      return Error(&errors::kSyntax);
    }
    for (int64_t id : x.clients().Find(filter, x.now())) x.clients().Describe(id, x.now(), lines);
  }
  sink.Verbatim(lines, "txt");
  return Outcome();
}

Outcome Run(dualis::Exec& x, const ClientInfo&, ReplySink& sink) {
  std::string line;
  x.clients().Describe(x.session().id(), x.now(), line);
  sink.Verbatim(line, "txt");
  return Outcome();
}

Outcome Run(dualis::Exec& x, const ClientKill& c, ReplySink& sink) {
  if (c.filter.size() == 1) {
    if (KillAll(x, {.address = c.filter[0]}) == 0) return Error(&errors::kNoSuchClient);
    sink.Simple("OK");
    return Outcome();
  }
  const Result<ClientFilter> filter = FilterOf(x, c.filter);
  if (!filter) return filter.error();
  sink.Int(KillAll(x, *filter));
  return Outcome();
}

Result<Ack> Run(dualis::Exec& x, const ClientPause& c) {
  Pause whom = Pause::kEveryone;
  if (c.mode.size() > 1) return SubcommandSyntax(x, "PAUSE", "CLIENT");
  if (!c.mode.empty() && IsWord(c.mode[0], "WRITE")) {
    whom = Pause::kWriters;
  } else if (!c.mode.empty() && !IsWord(c.mode[0], "ALL")) {
    return Error(&errors::kPauseMode);
  }
  int64_t timeout;
  if (!c.timeout.Get(&timeout)) return Error(&errors::kTimeoutNotInteger);
  if (timeout < 0) return Error(&errors::kTimeoutNegative);
  if (timeout > INT64_MAX - x.turn().clock().NowMonotonic()) return Error(&errors::kTimeoutOutOfRange);
  x.clients().SetPause(whom, x.turn().clock().NowMonotonic() + timeout);
  return Ack{};
}

Result<Ack> Run(dualis::Exec& x, const ClientUnpause&) {
  x.clients().EndPause();
  return Ack{};
}

Outcome Run(dualis::Exec& x, const ClientReply& c, ReplySink& sink) {
  if (IsWord(c.mode, "ON")) {
    x.session().set_replies(Replies::kOn);
  } else if (IsWord(c.mode, "OFF")) {
    x.session().set_replies(Replies::kOff);
  } else if (IsWord(c.mode, "SKIP")) {
    x.session().set_replies(Replies::kSkipNext);
  } else {
    return Error(&errors::kSyntax);
  }
  // Inside EXEC silence would leave a gap in its array.
  if (IsWord(c.mode, "ON") || !x.mode().may_park) sink.Simple("OK");
  return Outcome();
}

Result<int64_t> Run(dualis::Exec& x, const ClientUnblock& c) {
  UnblockAs how = UnblockAs::kTimeout;
  if (c.how.size() > 1) return SubcommandSyntax(x, "UNBLOCK", "CLIENT");
  if (!c.how.empty() && IsWord(c.how[0], "ERROR")) {
    how = UnblockAs::kError;
  } else if (!c.how.empty() && !IsWord(c.how[0], "TIMEOUT")) {
    return Error(&errors::kUnblockReason);
  }
  int64_t id;
  if (!c.id.Get(&id)) return Error(&errors::kNotInteger);
  return static_cast<int64_t>(x.clients().Unblock(id, how));
}

Result<Ack> Run(dualis::Exec& x, const ClientSetName& c) {
  if (!IsClientName(c.name)) return Error(&errors::kClientNameChars);
  x.session().set_name(c.name);
  return Ack{};
}

Outcome Run(dualis::Exec& x, const ClientGetName&, ReplySink& sink) {
  const Bytes name = x.session().name();
  if (name.empty()) {
    sink.Null();
  } else {
    sink.Bulk(name);
  }
  return Outcome();
}

Result<Ack> Run(dualis::Exec& x, const ClientSetInfo& c) {
  const bool name = IsWord(c.attribute, "LIB-NAME");
  if (!name && !IsWord(c.attribute, "LIB-VER")) {
    return errors::Named("ERR Unrecognized option '", std::string(c.attribute) + "'");
  }
  if (!IsClientName(c.value)) {
    return errors::Named("ERR ", std::string(c.attribute) + " cannot contain spaces, newlines or special characters.");
  }
  x.session().set_library(name ? LibraryPart::kName : LibraryPart::kVersion, c.value);
  return Ack{};
}

Result<int64_t> Run(dualis::Exec& x, const ClientId&) { return x.session().id(); }

Result<Ack> Run(dualis::Exec& x, const ClientNoEvict& c) {
  const Result<bool> on = OnOff(c.enabled);
  if (!on) return on.error();
  x.session().set_no_evict(*on);
  return Ack{};
}

Result<Ack> Run(dualis::Exec& x, const ClientNoTouch& c) {
  const Result<bool> on = OnOff(c.enabled);
  if (!on) return on.error();
  x.session().set_no_touch(*on);
  return Ack{};
}

Outcome Run(dualis::Exec&, const ClientHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CACHING (YES|NO)",
      "    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
      "GETREDIR",
      "    Return the client ID we are redirecting to when tracking is enabled.",
      "GETNAME",
      "    Return the name of the current connection.",
      "ID",
      "    Return the ID of the current connection.",
      "INFO",
      "    Return information about the current client connection.",
      "KILL <ip:port>",
      "    Kill connection made from <ip:port>.",
      "KILL <option> <value> [<option> <value> [...]]",
      "    Kill connections. Options are:",
      "    * ADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made from the specified address",
      "    * LADDR (<ip:port>|<unixsocket>:0)",
      "      Kill connections made to specified local address",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Kill connections by type.",
      "    * USER <username>",
      "      Kill connections authenticated by <username>.",
      "    * SKIPME (YES|NO)",
      "      Skip killing current connection (default: yes).",
      "    * ID <client-id>",
      "      Kill connections by client id.",
      "    * MAXAGE <maxage>",
      "      Kill connections older than the specified age.",
      "LIST [options ...]",
      "    Return information about client connections. Options:",
      "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
      "      Return clients of specified type.",
      "UNPAUSE",
      "    Stop the current client pause, resuming traffic.",
      "PAUSE <timeout> [WRITE|ALL]",
      "    Suspend all, or just write, clients for <timeout> milliseconds.",
      "REPLY (ON|OFF|SKIP)",
      "    Control the replies sent to the current connection.",
      "SETNAME <name>",
      "    Assign the name <name> to the current connection.",
      "SETINFO <option> <value>",
      "    Set client meta attr. Options are:",
      "    * LIB-NAME: the client lib name.",
      "    * LIB-VER: the client lib version.",
      "UNBLOCK <clientid> [TIMEOUT|ERROR]",
      "    Unblock the specified blocked client.",
      "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
      "         [OPTIN] [OPTOUT] [NOLOOP]",
      "    Control server assisted client side caching.",
      "TRACKINGINFO",
      "    Report tracking status for the current connection.",
      "NO-EVICT (ON|OFF)",
      "    Protect current client connection from eviction.",
      "NO-TOUCH (ON|OFF)",
      "    Will not touch LRU/LFU stats when this mode is on.",
  };
  return EmitHelp("CLIENT", kLines, sink);
}

Result<Ack> Run(dualis::Exec& x, const Monitor&) {
  if (!x.mode().may_park) return Error(&errors::kMonitorInExec);
  x.session().StartMonitor();
  return Ack{};
}

}  // namespace dualis::cmd

namespace dualis {

Family ClientCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<ClientGetName>(), Add<ClientHelp>(),    Add<ClientId>(),      Add<ClientInfo>(),    Add<ClientKill>(),
      Add<ClientList>(),    Add<ClientNoEvict>(), Add<ClientNoTouch>(), Add<ClientPause>(),   Add<ClientReply>(),
      Add<ClientSetInfo>(), Add<ClientSetName>(), Add<ClientUnblock>(), Add<ClientUnpause>(), Add<Monitor>(),
  };
  return {kCommands};
}

}  // namespace dualis
