#include "engine/command/slowlog.h"

#include "engine/command/settings.h"
#include "engine/command/word.h"

namespace dualis {
namespace {

constexpr size_t kWords = 32;
constexpr size_t kWordBytes = 128;

// Whether the word at `i` must not be shown.
bool IsSecret(const CommandRow& row, Args words, size_t i) {
  char buffer[Arg::kTextBytes];
  if (row.name() == "AUTH") return i >= 1;
  if (row.name() == "ACL SETUSER") return i >= 2;
  if (row.name() == "CONFIG SET") {
    const SettingRow* setting = i >= 3 && i % 2 == 1 ? Settings::Find(words[i - 1].Text(buffer)) : nullptr;
    return setting != nullptr && setting->secret;
  }
  if (row.name() == "HELLO") {
    return (i >= 1 && IsWord(words[i - 1].Text(buffer), "AUTH")) ||
           (i >= 2 && IsWord(words[i - 2].Text(buffer), "AUTH"));
  }
  return false;
}

}  // namespace

void SlowLog::Add(const CommandRow& row, Args words, int64_t unix_seconds, int64_t micros, Bytes address, Bytes client,
                  size_t limit) {
  Entry entry{next_id_, unix_seconds, micros, {}, std::string(address), std::string(client)};
  const size_t shown = words.size() > kWords ? kWords - 1 : words.size();
  for (size_t i = 0; i < shown; ++i) {
    char buffer[Arg::kTextBytes];
    const Bytes word = words[i].Text(buffer);
    if (IsSecret(row, words, i)) {
      entry.words.emplace_back("(redacted)");
    } else if (word.size() > kWordBytes) {
      entry.words.push_back(std::string(word.substr(0, kWordBytes)) + "... (" +
                            std::to_string(word.size() - kWordBytes) + " more bytes)");
    } else {
      entry.words.emplace_back(word);
    }
  }
  if (shown < words.size()) {
    entry.words.push_back("... (" + std::to_string(words.size() - shown) + " more arguments)");
  }
  entries_.push_front(std::move(entry));
  ++next_id_;
  Trim(limit);
}

void SlowLog::Trim(size_t limit) {
  while (entries_.size() > limit) entries_.pop_back();
}

}  // namespace dualis
