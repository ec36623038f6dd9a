#include "engine/runtime/acl/user.h"

#include <algorithm>

#include "engine/command/word.h"
#include "engine/core/sha256.h"

namespace dualis::runtime {
namespace {

constexpr size_t kHashDigits = 64;
constexpr Bytes kNoSuchPassword = "The password you are trying to remove from the user does not exist";
constexpr Bytes kBadHash =
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters";

std::string HashOf(Bytes password) {
  const auto hex = Sha256Hex(password);
  return std::string(hex.data(), hex.size());
}

bool IsHash(Bytes text) {
  return text.size() == kHashDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// In a time that does not tell how much of them is equal.
bool SameHash(Bytes a, Bytes b) {
  unsigned char difference = 0;
  for (size_t i = 0; i < kHashDigits; ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

Bytes Permissions::Apply(Bytes rule, const CommandIndex& commands, bool all_channels) {
  if (rule.empty()) return {};
  if (IsWord(rule, "ON") || IsWord(rule, "OFF")) {
    enabled_ = IsWord(rule, "ON");
  } else if (IsWord(rule, "NOPASS")) {
    no_password_ = true;
    passwords_.clear();
  } else if (IsWord(rule, "RESETPASS")) {
    no_password_ = false;
    passwords_.clear();
  } else if (IsWord(rule, "SKIP-SANITIZE-PAYLOAD")) {
    sanitize_ = Sanitize::kSkip;
  } else if (IsWord(rule, "SANITIZE-PAYLOAD")) {
    sanitize_ = Sanitize::kYes;
  } else if (rule[0] == '>') {
    return AddPassword(HashOf(rule.substr(1)));
  } else if (rule[0] == '#') {
    if (!IsHash(rule.substr(1))) return kBadHash;
    return AddPassword(std::string(rule.substr(1)));
  } else if (rule[0] == '<') {
    return RemovePassword(HashOf(rule.substr(1)));
  } else if (rule[0] == '!') {
    if (!IsHash(rule.substr(1))) return kBadHash;
    return RemovePassword(rule.substr(1));
  } else if (rule.starts_with('(') && rule.ends_with(')')) {
    return AddSelector(rule.substr(1, rule.size() - 2), commands, all_channels);
  } else if (IsWord(rule, "CLEARSELECTORS")) {
    selectors_.resize(1, Selector(all_channels));
  } else if (IsWord(rule, "RESET")) {
    *this = Permissions(all_channels);
    sanitize_ = Sanitize::kYes;
  } else {
    return selectors_[0].Apply(rule, commands);
  }
  return {};
}

Bytes Permissions::AddPassword(std::string hash) {
  if (std::find(passwords_.begin(), passwords_.end(), hash) == passwords_.end()) passwords_.push_back(std::move(hash));
  no_password_ = false;
  return {};
}

Bytes Permissions::RemovePassword(Bytes hash) {
  return std::erase_if(passwords_, [&](const std::string& p) { return p == hash; }) == 0 ? kNoSuchPassword : Bytes();
}

Bytes Permissions::AddSelector(Bytes rule, const CommandIndex& commands, bool all_channels) {
  Selector selector(all_channels);
  constexpr Bytes kBlanks = " \t\n\v\f\r";
  for (size_t at = rule.find_first_not_of(kBlanks); at != Bytes::npos; at = rule.find_first_not_of(kBlanks, at)) {
    const size_t end = std::min(rule.find_first_of(kBlanks, at), rule.size());
    if (const Bytes wrong = selector.Apply(rule.substr(at, end - at), commands); !wrong.empty()) return wrong;
    at = end;
  }
  selectors_.push_back(std::move(selector));
  return {};
}

bool Permissions::Accepts(Bytes password) const {
  if (no_password_) return true;
  const std::string hash = HashOf(password);
  return std::any_of(passwords_.begin(), passwords_.end(), [&](const std::string& p) { return SameHash(p, hash); });
}

Denial Permissions::Check(const Wanted& wanted) const {
  Denial worst{Denial::kCommand};
  for (const Selector& selector : selectors_) {
    const Denial denial = selector.Check(wanted);
    if (denial.reason == Denial::kNone) return denial;
    if (denial.reason > worst.reason || (denial.reason == worst.reason && denial.word > worst.word)) worst = denial;
  }
  return worst;
}

bool Permissions::AllowsEveryKey(const Wanted& wanted, uint16_t use) const {
  return std::any_of(selectors_.begin(), selectors_.end(), [&](const Selector& selector) {
    return selector.AllowsEveryKey(use) && selector.Check(wanted).reason == Denial::kNone;
  });
}

bool Permissions::AllowsChannel(Bytes channel, bool is_pattern) const {
  return std::any_of(selectors_.begin(), selectors_.end(),
                     [&](const Selector& selector) { return selector.AllowsChannel(channel, is_pattern); });
}

bool Permissions::allows_everything() const {
  return std::any_of(selectors_.begin(), selectors_.end(),
                     [](const Selector& selector) { return selector.allows_everything(); });
}

std::vector<Bytes> Permissions::Flags() const {
  std::vector<Bytes> flags = {enabled_ ? "on" : "off"};
  if (no_password_) flags.push_back("nopass");
  if (sanitize_ == Sanitize::kSkip) flags.push_back("skip-sanitize-payload");
  if (sanitize_ == Sanitize::kYes) flags.push_back("sanitize-payload");
  return flags;
}

std::string Permissions::Text() const {
  std::string text;
  for (Bytes flag : Flags()) text.append(flag).append(" ");
  for (const std::string& hash : passwords_) text.append("#").append(hash).append(" ");
  text += selectors_[0].Text();
  for (size_t i = 1; i < selectors_.size(); ++i) text.append(" (").append(selectors_[i].Text()).append(")");
  return text;
}

bool JoinSelectors(std::span<const Bytes> words, std::vector<std::string>* rules, Bytes* open) {
  bool inside = false;
  for (Bytes word : words) {
    if (inside) {
      rules->back().append(" ").append(word);
      inside = !word.ends_with(')');
    } else {
      rules->emplace_back(word);
      inside = word.starts_with('(') && !word.ends_with(')');
      if (inside) *open = word;
    }
  }
  return !inside;
}

}  // namespace dualis::runtime
