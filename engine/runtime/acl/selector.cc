#include "engine/runtime/acl/selector.h"

#include <algorithm>

#include "engine/command/errors.h"
#include "engine/command/word.h"
#include "engine/core/glob.h"

namespace dualis::runtime {
namespace {

constexpr Bytes kUnknown = "Unknown command or category name in ACL";
constexpr Bytes kSyntax = "Syntax error";
constexpr Bytes kFirstArgOfSubcommand = "Allowing first-arg of a subcommand is not supported";
constexpr Bytes kVoidKeys =
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try "
    "'resetkeys' to start with an empty list of patterns";
constexpr Bytes kVoidChannels =
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try "
    "'resetchannels' to start with an empty list of channels";

// The commands whose channels need a permission, and from which word on they stand.
struct ChannelCommand {
  Bytes name;
  bool one;
  bool pattern;
};
constexpr ChannelCommand kChannelCommands[] = {
    {"PUBLISH", true, false},     {"SPUBLISH", true, false},   {"SUBSCRIBE", false, false},
    {"SSUBSCRIBE", false, false}, {"PSUBSCRIBE", false, true},
};

bool HasSpaces(Bytes text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r'); });
}

}  // namespace

Bytes Selector::Apply(Bytes rule, const CommandIndex& commands) {
  if (IsWord(rule, "ALLKEYS") || rule == "~*") {
    all_keys_ = true;
    keys_.clear();
  } else if (IsWord(rule, "RESETKEYS")) {
    all_keys_ = false;
    keys_.clear();
  } else if (IsWord(rule, "ALLCHANNELS") || rule == "&*") {
    all_channels_ = true;
    channels_.clear();
  } else if (IsWord(rule, "RESETCHANNELS")) {
    all_channels_ = false;
    channels_.clear();
  } else if (IsWord(rule, "ALLCOMMANDS") || IsWord(rule, "+@ALL")) {
    SetAll(true);
  } else if (IsWord(rule, "NOCOMMANDS") || IsWord(rule, "-@ALL")) {
    SetAll(false);
  } else if (rule.starts_with('~') || rule.starts_with('%')) {
    return AddKeys(rule);
  } else if (rule.starts_with('&')) {
    return AddChannels(rule);
  } else if (rule.starts_with("+@") || rule.starts_with("-@")) {
    const uint32_t category = CategoryBit(rule.substr(2));
    if (category == 0) return kUnknown;
    for (size_t i = 0; i < commands.size(); ++i) {
      if ((commands[i].categories & category) != 0) Set(commands, i, rule[0] == '+');
    }
    Note(rule[0], rule.substr(1));
  } else if (rule.starts_with('+')) {
    return AllowCommand(rule.substr(1), commands);
  } else if (rule.starts_with('-')) {
    const auto number = commands.Find(rule.substr(1));
    if (!number) return kUnknown;
    Set(commands, *number, false);
    Note('-', rule.substr(1));
  } else {
    return kSyntax;
  }
  return {};
}

Bytes Selector::AllowCommand(Bytes name, const CommandIndex& commands) {
  const size_t bar = name.rfind('|');
  const auto command = commands.Find(name.substr(0, bar));
  if (!command) return kUnknown;
  if (bar == Bytes::npos) {
    Set(commands, *command, true);
  } else {
    if (commands[*command].subcommand) return kFirstArgOfSubcommand;
    const Bytes word = name.substr(bar + 1);
    if (word.empty()) return kSyntax;
    if (!commands[*command].subcommands.empty()) {
      const auto subcommand = commands.Find(name);
      if (!subcommand) return kUnknown;
      Set(commands, *subcommand, true);
    } else {
      std::vector<std::string>& words = first_args_[*command];
      if (std::none_of(words.begin(), words.end(), [&](const std::string& w) { return SameWord(w, word); })) {
        words.emplace_back(word);
      }
    }
  }
  Note('+', name);
  return {};
}

Bytes Selector::AddKeys(Bytes rule) {
  if (all_keys_) return kVoidKeys;
  uint8_t use = kBoth;
  Bytes glob = rule.substr(1);
  if (rule[0] == '%') {
    use = 0;
    for (bool more = true; more && !glob.empty(); glob.remove_prefix(1)) {
      const char c = UpperAscii(glob[0]);
      if (c == '~') {
        more = false;
      } else if (c == 'R' && (use & kRead) == 0) {
        use |= kRead;
      } else if (c == 'W' && (use & kWrite) == 0) {
        use |= kWrite;
      } else {
        return kSyntax;
      }
    }
    if (use == 0) return kSyntax;
  }
  if (HasSpaces(glob)) return kSyntax;
  const auto known = std::find_if(keys_.begin(), keys_.end(), [&](const KeyPattern& k) { return k.glob == glob; });
  if (known != keys_.end()) {
    known->use |= use;
  } else {
    keys_.push_back({std::string(glob), use});
  }
  return {};
}

Bytes Selector::AddChannels(Bytes rule) {
  const Bytes glob = rule.substr(1);
  if (all_channels_) return kVoidChannels;
  if (HasSpaces(glob)) return kSyntax;
  if (std::find(channels_.begin(), channels_.end(), glob) == channels_.end()) channels_.emplace_back(glob);
  return {};
}

void Selector::SetAll(bool allowed) {
  all_commands_ = base_ = allowed;
  allowed_.clear();
  first_args_.clear();
  rules_.clear();
}

void Selector::Set(const CommandIndex& commands, size_t number, bool allowed) {
  if (allowed_.size() < commands.size()) allowed_.resize(commands.size(), base_);
  allowed_[number] = allowed;
  if (!allowed) all_commands_ = false;
  first_args_.erase(number);
  for (size_t subcommand : commands[number].subcommands) Set(commands, subcommand, allowed);
}

void Selector::Note(char sign, Bytes name) {
  const std::string lower = errors::DisplayName(name);
  // An older rule of the same name, or of one of its subcommands, says nothing any more.
  std::erase_if(rules_, [&](const std::string& rule) {
    const Bytes old = Bytes(rule).substr(1);
    return old.starts_with(lower) && (old.size() == lower.size() || old[lower.size()] == '|');
  });
  rules_.push_back(sign + lower);
}

Denial Selector::Check(const Wanted& wanted) const {
  char buffer[Arg::kTextBytes];
  if (!all_commands_ && !wanted.row.is(kNoAuthFlag)) {
    const bool allowed = wanted.number < allowed_.size() ? allowed_[wanted.number] : base_;
    if (!allowed) {
      const auto it = first_args_.find(wanted.number);
      if (it == first_args_.end() || wanted.argv.size() < 2) return {Denial::kCommand};
      const Bytes first = wanted.argv[1].Text(buffer);
      if (std::none_of(it->second.begin(), it->second.end(),
                       [&](const std::string& w) { return SameWord(w, first); })) {
        return {Denial::kCommand};
      }
    }
  }
  if (!all_keys_) {
    for (const KeyPosition& key : wanted.keys) {
      if ((key.use & kKeyNotKey) != 0) continue;
      if (!AllowsKey(wanted.argv[key.index].Text(buffer), key.use)) return {Denial::kKey, key.index};
    }
  }
  if (!all_channels_) {
    for (const ChannelCommand& command : kChannelCommands) {
      if (command.name != wanted.row.name()) continue;
      const size_t end = command.one ? 2 : wanted.argv.size();
      for (size_t i = 1; i < end; ++i) {
        if (!AllowsChannel(wanted.argv[i].Text(buffer), command.pattern)) return {Denial::kChannel, i};
      }
    }
  }
  return {};
}

bool Selector::Grants(uint8_t granted, uint16_t use) {
  uint8_t needed = 0;
  if ((use & kKeyAccess) != 0) needed |= kRead;
  if ((use & (kKeyInsert | kKeyDelete | kKeyUpdate)) != 0) needed |= kWrite;
  return (granted & needed) == needed;
}

bool Selector::AllowsKey(Bytes key, uint16_t use) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const KeyPattern& k) { return Grants(k.use, use) && GlobMatch(k.glob, key); });
}

bool Selector::AllowsEveryKey(uint16_t use) const {
  return all_keys_ || std::any_of(keys_.begin(), keys_.end(),
                                  [&](const KeyPattern& k) { return k.glob == "*" && Grants(k.use, use); });
}

bool Selector::AllowsChannel(Bytes channel, bool is_pattern) const {
  return all_channels_ || std::any_of(channels_.begin(), channels_.end(), [&](const std::string& glob) {
           return is_pattern ? glob == channel : GlobMatch(glob, channel);
         });
}

std::string Selector::Commands() const {
  std::string text = base_ ? "+@all" : "-@all";
  for (const std::string& rule : rules_) text.append(" ").append(rule);
  return text;
}

std::string Selector::Keys() const {
  if (all_keys_) return "~*";
  std::string text;
  for (const KeyPattern& key : keys_) {
    if (!text.empty()) text += ' ';
    text.append(key.use == kBoth ? "~" : key.use == kRead ? "%R~" : "%W~").append(key.glob);
  }
  return text;
}

std::string Selector::Channels() const {
  if (all_channels_) return "&*";
  std::string text;
  for (const std::string& glob : channels_) {
    if (!text.empty()) text += ' ';
    text.append("&").append(glob);
  }
  return text;
}

std::string Selector::Text() const {
  std::string text = Keys();
  if (!text.empty()) text += ' ';
  if (!all_channels_) text.append("resetchannels ");
  const std::string channels = Channels();
  if (!channels.empty()) text.append(channels).append(" ");
  return text + Commands();
}

}  // namespace dualis::runtime
