#include "engine/command/describe.h"

#include <algorithm>

#include "engine/command/word.h"

namespace dualis {

Describer::Describer(const CommandInfo& info, CommandDescription& out) : info_(info), out_(out), args_(&out.args) {
  words_ = position_ = static_cast<int>(NameWords(info.name));
}

void Describer::Finish() { out_.arity = variable_ ? -std::max(words_, least_words_) : words_; }

uint16_t Describer::UseOf(KeyUse use) const {
  if (use != kKeyDefault) return use;
  return (info_.flags & kWrite) != 0 ? kKeyRW | kKeyUpdate : kKeyRO | kKeyAccess;
}

void Describer::AddKey(KeyUse use, int last, int step, Bytes name) {
  if (known_ && (use & kKeySameSpec) != 0) {
    ++out_.keys.back().last;
  } else if (known_) {
    out_.keys.push_back({.use = UseOf(use), .index = position_, .last = last, .step = step});
  }
  AddWord(name, ArgDoc::Type::kKey);
  if (known_ && !out_.keys.empty()) args_->back().key_spec = static_cast<int>(out_.keys.size()) - 1;
  if (last != 0) known_ = false;
}

void Describer::AddOptionalKeys(KeyUse use) {
  if (known_) out_.keys.push_back({.use = UseOf(use), .index = position_, .last = -1});
  known_ = false;
}

void Describer::AddWord(Bytes name, ArgDoc::Type type, Bytes token) {
  args_->push_back({.name = name, .type = type, .token = token});
  if (in_options_) return;
  ++words_;
  ++position_;
}

void Describer::AddCounted(bool mandatory, KeyUse use) {
  out_.keys.push_back({.use = UseOf(use), .index = position_, .counted = true});
  AddWord("numkeys", ArgDoc::Type::kInteger);
  args_->push_back({.name = "key",
                    .type = ArgDoc::Type::kKey,
                    .optional = !mandatory,
                    .multiple = true,
                    .key_spec = static_cast<int>(out_.keys.size()) - 1});
  if (mandatory) ++words_;
  variable_ = true;
  known_ = false;
}

// A key behind an option is the target of the command (GEORADIUS STORE), unless hidden_keys() has spoken of it (SORT).
void Describer::AddKeyOption(Bytes upper) {
  if (!out_.keys.empty() && out_.keys.back().unknown) return;
  out_.keys.push_back({.use = kKeyOW | kKeyUpdate, .index = position_, .keyword = upper});
  args_->back().key_spec = static_cast<int>(out_.keys.size()) - 1;
}

void Describer::AddHalves(Bytes name, KeyUse use) {
  KeySpec spec{.use = UseOf(use), .index = position_, .last = -1, .limit = 2};
  if (!keyword_.empty()) {
    spec.keyword = keyword_;
    // The keyword, a key and what belongs to it come last of the words that must be there.
    spec.index = std::max(static_cast<int>(NameWords(info_.name)), least_words_ - 3);
  }
  out_.keys.push_back(spec);
  args_->push_back({.name = "key",
                    .type = ArgDoc::Type::kKey,
                    .multiple = true,
                    .key_spec = static_cast<int>(out_.keys.size()) - 1});
  args_->push_back({.name = name, .multiple = true});
  words_ += 2;
  variable_ = true;
}

void Describer::AddChoice(const void* field, ArgDoc doc) {
  // Neighbouring choices of one field are alternatives.
  if (field == last_choice_ && !args_->empty()) {
    ArgDoc& previous = args_->back();
    if (previous.type != ArgDoc::Type::kOneOf) {
      ArgDoc first = std::move(previous);
      first.optional = false;
      previous = {.name = first.name, .type = ArgDoc::Type::kOneOf, .optional = true};
      previous.parts.push_back(std::move(first));
    }
    previous.parts.push_back(std::move(doc));
    return;
  }
  last_choice_ = field;
  doc.optional = true;
  args_->push_back(std::move(doc));
}

void Describer::ending(Bytes upper) {
  keyword_ = upper;
  args_->push_back({.name = upper, .type = ArgDoc::Type::kPureToken, .token = upper});
  ++words_;
}

bool FindKeys(const CommandDescription& description, Args argv, std::vector<KeyPosition>* keys) {
  keys->clear();
  if (description.find_keys != nullptr) return description.find_keys(argv, keys);
  const int words = static_cast<int>(argv.size());
  for (const KeySpec& spec : description.keys) {
    if (spec.unknown) continue;
    int first = spec.index;
    if (!spec.keyword.empty()) {
      char buffer[Arg::kTextBytes];
      while (first < words && !IsWord(argv[first].Text(buffer), spec.keyword)) ++first;
      ++first;
    }
    if (first >= words) {
      if (spec.keyword.empty()) return false;
      continue;
    }
    int last = first;
    if (spec.counted) {
      int64_t n;
      if (!argv[first].ToInt(&n) || n < 0 || n > words - first - 1) return false;
      last = first + static_cast<int>(n);
      ++first;
    } else if (spec.last >= 0) {
      last = first + spec.last;
    } else if (spec.limit > 1) {
      last = first + (words - first) / spec.limit + spec.last;
    } else {
      last = words + spec.last;
    }
    if (last >= words) return false;
    for (int i = first; i <= last; i += spec.step) keys->push_back({static_cast<size_t>(i), spec.use});
  }
  return true;
}

}  // namespace dualis
