#include "engine/runtime/acl/acl.h"

#include <algorithm>

#include "engine/command/errors.h"
#include "engine/command/flag_names.h"

namespace dualis::runtime {
namespace {

constexpr Bytes kDefault = "default";
// Equal refusals are one entry if they follow each other within this time and few others came between.
constexpr TimeMs kSameEntryMs = 60'000;
constexpr size_t kEntriesCompared = 10;

constexpr Error::Rep kBadUserName = {ErrorCode::kErr, "ERR Usernames can't contain spaces or null characters"};
constexpr Error::Rep kBadLine = {ErrorCode::kErr, "ERR An ACL rule of the options must be a line 'user NAME rules...'"};
constexpr Error::Rep kUserTwice = {ErrorCode::kErr, "ERR A user of the options' ACL rules is defined twice"};

bool IsUserName(Bytes name) {
  return std::none_of(name.begin(), name.end(),
                      [](char c) { return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r'); });
}

std::string Quoting(Bytes before, Bytes word, Bytes after) { return std::string(before).append(word).append(after); }

Bytes ReasonName(Denial::Reason reason) {
  switch (reason) {
    case Denial::kKey:
      return "key";
    case Denial::kChannel:
      return "channel";
    case Denial::kAuth:
      return "auth";
    default:
      return "command";
  }
}

int64_t& CountOf(Denial::Reason reason, Stats& stats) {
  switch (reason) {
    case Denial::kKey:
      return stats.acl_denied_key;
    case Denial::kChannel:
      return stats.acl_denied_channel;
    case Denial::kAuth:
      return stats.acl_denied_auth;
    default:
      return stats.acl_denied_cmd;
  }
}

Bytes ContextName(AclContext context) {
  switch (context) {
    case AclContext::kTopLevel:
      return "toplevel";
    case AclContext::kScript:
      return "lua";
    default:
      return "multi";
  }
}

}  // namespace

Acl::Acl(const CommandTable& commands, std::span<const std::string> lines, ServerOps& server, Listener& listener)
    : table_(commands), index_(CommandIndex::Of(commands)), listener_(listener), server_(server) {
  Permissions all(true);
  for (Bytes rule : {"on", "nopass", "allkeys", "allcommands"}) all.Apply(rule, commands_, true);
  default_ = std::make_shared<User>(std::string(kDefault), std::move(all));
  users_[default_->name] = default_;
  for (const std::string& line : lines) {
    broken_ = AddLine(line);
    if (broken_) return;
  }
  const Bytes password = server_.settings().text(Setting::kRequirepass);
  if (!password.empty()) SetDefaultPassword(password);
  server_.settings().OnChange(Setting::kRequirepass, [this] {
    SetDefaultPassword(server_.settings().text(Setting::kRequirepass));
    return Bytes();
  });
}

Error Acl::AddLine(Bytes line) {
  constexpr Bytes kBlanks = " \t\r\n";
  std::vector<Bytes> words;
  for (size_t at = line.find_first_not_of(kBlanks); at != Bytes::npos; at = line.find_first_not_of(kBlanks, at)) {
    const size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  if (words.size() < 2 || words[0] != "user") return Error(&kBadLine);
  if (words[1] != kDefault && users_.contains(words[1])) return Error(&kUserTwice);
  // A line says all of a user.
  Permissions permissions(all_channels());
  if (Error error = Apply(std::span(words).subspan(2), permissions)) return error;
  if (words[1] == kDefault) {
    Replace(*default_, std::move(permissions));
  } else {
    users_[std::string(words[1])] = std::make_shared<User>(std::string(words[1]), std::move(permissions));
  }
  return Error();
}

std::shared_ptr<User> Acl::Authenticate(Bytes name, Bytes password) const {
  const auto it = users_.find(name);
  if (it == users_.end()) return nullptr;
  const Permissions& permissions = it->second->permissions;
  return permissions.enabled() && permissions.Accepts(password) ? it->second : nullptr;
}

Wanted Acl::Want(const CommandRow& row, Args argv) const {
  Wanted wanted{row, argv, commands_.Find(row).value_or(commands_.size()), {}};
  // Words that do not hold the keys that they announce will fail anyhow.
  if (!FindKeys(row.describe(), argv, &wanted.keys)) wanted.keys.clear();
  return wanted;
}

std::optional<AclRefusal> Acl::Judge(const User& user, const CommandRow& row, Args argv) const {
  const Denial denial = user.permissions.Check(Want(row, argv));
  if (denial.reason == Denial::kNone) return std::nullopt;
  char buffer[Arg::kTextBytes];
  std::string object =
      denial.reason == Denial::kCommand ? errors::DisplayName(row.name()) : std::string(argv[denial.word].Text(buffer));
  return AclRefusal{denial, row.name(), std::move(object)};
}

Error Acl::Text(const AclRefusal& refusal, AclContext context) {
  const Denial::Reason reason = refusal.denial.reason;
  if (context == AclContext::kScript) {
    return Error(reason == Denial::kKey       ? &errors::kScriptKeyDenied
                 : reason == Denial::kChannel ? &errors::kScriptChannelDenied
                                              : &errors::kScriptCommandDenied);
  }
  if (context == AclContext::kExec) {
    return Error(reason == Denial::kKey       ? &errors::kExecKeyDenied
                 : reason == Denial::kChannel ? &errors::kExecChannelDenied
                                              : &errors::kExecCommandDenied);
  }
  if (reason == Denial::kKey) return Error(&errors::kKeyDenied);
  if (reason == Denial::kChannel) return Error(&errors::kChannelDenied);
  return Error(ErrorCode::kNoPerm, Quoting("NOPERM this user has no permissions to run the '",
                                           errors::DisplayName(refusal.command), "' command"));
}

bool Acl::MayReadEveryKey(const User& user, const CommandRow& row, Args argv) const {
  return user.permissions.AllowsEveryKey(Want(row, argv), kKeyAccess);
}

void Acl::Note(Denial::Reason reason, AclContext context, Bytes object, Bytes user, std::string client, TimeMs now) {
  ++CountOf(reason, server_.stats());
  const size_t compared = std::min(log_.size(), kEntriesCompared);
  const auto same = std::find_if(log_.begin(), log_.begin() + static_cast<ptrdiff_t>(compared), [&](const auto& e) {
    return e.reason == ReasonName(reason) && e.context == ContextName(context) && now - e.updated <= kSameEntryMs &&
           e.object == object && e.user == user;
  });
  AclLogEntry entry;
  if (same != log_.begin() + static_cast<ptrdiff_t>(compared)) {
    entry = std::move(*same);
    log_.erase(same);
    ++entry.count;
  } else {
    entry = {.id = next_log_id_++,
             .reason = ReasonName(reason),
             .context = ContextName(context),
             .object = std::string(object),
             .user = std::string(user),
             .created = now};
  }
  entry.client = std::move(client);
  entry.updated = now;
  log_.push_front(std::move(entry));
  const auto limit = static_cast<size_t>(server_.settings().number(Setting::kAcllogMaxLen));
  while (log_.size() > limit) log_.pop_back();
}

Error Acl::Apply(std::span<const Bytes> words, Permissions& permissions) const {
  std::vector<std::string> rules;
  Bytes open;
  if (!JoinSelectors(words, &rules, &open)) {
    return errors::Named(Quoting("ERR Unmatched parenthesis in acl selector starting at '", open, "'."), {});
  }
  for (const std::string& rule : rules) {
    const Bytes wrong = permissions.Apply(rule, commands_, all_channels());
    if (!wrong.empty()) {
      return errors::Named(Quoting("ERR Error in ACL SETUSER modifier '", rule, "': "), wrong);
    }
  }
  return Error();
}

void Acl::Replace(User& user, Permissions permissions) {
  user.permissions = std::move(permissions);
  user.Changed();
  if (&user == default_.get()) {
    open_.store(user.permissions.enabled() && user.permissions.needs_no_password(), std::memory_order_relaxed);
  }
}

Error Acl::SetUser(Bytes name, std::span<const Bytes> rules, SessionOps& self) {
  if (!IsUserName(name)) return Error(&kBadUserName);
  const auto it = users_.find(name);
  Permissions permissions = it == users_.end() ? Permissions(all_channels()) : it->second->permissions;
  if (Error error = Apply(rules, permissions)) return error;
  if (it == users_.end()) {
    users_[std::string(name)] = std::make_shared<User>(std::string(name), std::move(permissions));
  } else {
    Replace(*it->second, std::move(permissions));
    listener_.ChannelsTaken(*it->second, self);
  }
  return Error();
}

bool Acl::DeleteUser(Bytes name, SessionOps& self) {
  const auto it = users_.find(name);
  if (it == users_.end()) return false;
  const std::shared_ptr<User> user = std::move(it->second);
  users_.erase(it);
  listener_.UserDeleted(*user, self);
  return true;
}

std::optional<AclUserView> Acl::Find(Bytes name) const {
  const auto it = users_.find(name);
  if (it == users_.end()) return std::nullopt;
  const Permissions& permissions = it->second->permissions;
  AclUserView view{permissions.Flags(), permissions.passwords(), {}};
  for (const Selector& selector : permissions.selectors()) {
    view.selectors.push_back({selector.Commands(), selector.Keys(), selector.Channels()});
  }
  return view;
}

std::vector<std::string> Acl::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, user] : users_) names.push_back(name);
  return names;
}

std::vector<std::string> Acl::Lines() const {
  std::vector<std::string> lines;
  for (const auto& [name, user] : users_) lines.push_back("user " + name + " " + user->permissions.Text());
  return lines;
}

Result<std::string> Acl::DryRun(Bytes name, Args argv) const {
  const auto it = users_.find(name);
  if (it == users_.end()) return errors::Named(Quoting("ERR User '", name, "' not found"), {});
  Error unknown;
  const CommandRow* row = table_.Find(argv, &unknown);
  if (row == nullptr) {
    // A container's name alone is known, but wants another word.
    if (unknown.message().starts_with("ERR wrong number of arguments")) return unknown;
    char buffer[Arg::kTextBytes];
    return errors::Named(Quoting("ERR Command '", argv[0].Text(buffer), "' not found"), {});
  }
  if (!row->describe().Accepts(argv.size())) return errors::WrongArity(row->name());
  const auto refusal = Judge(*it->second, *row, argv);
  if (!refusal) return std::string();
  if (refusal->denial.reason == Denial::kCommand) {
    return Quoting("This user has no permissions to run the '", refusal->object, "' command");
  }
  const bool key = refusal->denial.reason == Denial::kKey;
  return Quoting("This user has no permissions to access the '", refusal->object, key ? "' key" : "' channel");
}

std::optional<std::vector<std::string>> Acl::CommandsOf(Bytes category) const {
  const uint32_t bit = CategoryBit(category);
  if (bit == 0) return std::nullopt;
  std::vector<std::string> names;
  for (size_t i = 0; i < commands_.size(); ++i) {
    if ((commands_[i].categories & bit) != 0) names.push_back(commands_[i].name);
  }
  return names;
}

void Acl::SetDefaultPassword(Bytes password) {
  Permissions permissions = default_->permissions;
  permissions.Apply("resetpass", commands_, all_channels());
  permissions.Apply(password.empty() ? std::string("nopass") : ">" + std::string(password), commands_, all_channels());
  Replace(*default_, std::move(permissions));
}

}  // namespace dualis::runtime
