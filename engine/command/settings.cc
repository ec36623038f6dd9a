#include "engine/command/settings.h"

#include <algorithm>

#include "engine/command/errors.h"
#include "engine/command/setting_rows.h"
#include "engine/command/word.h"
#include "engine/core/glob.h"
#include "engine/core/number_text.h"

namespace dualis {
namespace {

using namespace setting_rows;  // NOLINT(google-build-using-namespace): the words of settings.def

constexpr SettingRow kRows[] = {
#define DUALIS_SETTING(id, row) row,
#include "engine/command/settings.def"
#undef DUALIS_SETTING
    // Knobs of redis-server for its own tests, which act on nothing here. Nobody asks for them by a Setting, and CONFIG
    // GET shows them to those who know their names.
    Number("key-load-delay", 0, kInt32Min, kInt32Max),
    Number("loading-process-events-interval-bytes", 2097152, 1024, kInt32Max),
    Number("rdb-key-save-delay", 0, kInt32Min, kInt32Max),
    Flag("use-exit-on-panic", false),
    Number("watchdog-period", 0, 0, kInt32Max),
};
constexpr size_t kCount = std::size(kRows);
constexpr size_t kShownCount = kCount - 5;

constexpr bool AllChoicesKnown() {
  return std::all_of(std::begin(kRows), std::end(kRows),
                     [](const SettingRow& row) { return row.kind != Kind::kChoice || row.number >= 0; });
}
static_assert(AllChoicesKnown(), "a default is one of the choices");
static_assert(kRows[kShownCount].name == "key-load-delay");
static_assert(kRows[static_cast<size_t>(Setting::kMaxmemoryPolicy)].number ==
              static_cast<int64_t>(MaxmemoryPolicy::kNoEviction));

std::string Lower(Bytes text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

Error Failed(Bytes argument, Bytes why) {
  std::string text = "ERR CONFIG SET failed (possibly related to argument '";
  text.append(argument).append("')");
  if (!why.empty()) text.append(" - ").append(why);
  return errors::Named(text, {});
}

std::string OutOfBounds(const SettingRow& row) {
  return "argument must be between " + std::to_string(row.min) + " and " + std::to_string(row.max) + " inclusive";
}

std::string ChoicesOf(const SettingRow& row) {
  std::string text = "argument(s) must be one of the following: ";
  for (char c : row.choices) {
    if (c == ' ') text.push_back(',');
    text.push_back(c);
  }
  return text;
}

// Reads a value of one of the kinds that are kept as a number. Returns why not, or nothing.
std::string ReadNumber(const SettingRow& row, Bytes value, int64_t* out) {
  switch (row.kind) {
    case Kind::kFlag:
      if (!IsWord(value, "YES") && !IsWord(value, "NO")) return "argument must be 'yes' or 'no'";
      *out = IsWord(value, "YES") ? 1 : 0;
      return {};
    case Kind::kNumber: {
      const auto number = ParseInt64(value);
      if (!number) return "argument couldn't be parsed into an integer";
      *out = *number;
      break;
    }
    case Kind::kOctal: {
      int64_t mode = 0;
      const bool octal = !value.empty() && value.size() <= 6 &&
                         std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '7'; });
      if (!octal) return "argument couldn't be parsed as an octal number";
      for (char c : value) mode = mode * 8 + (c - '0');
      *out = mode;
      break;
    }
    case Kind::kMemoryOrPercent:
      if (!value.empty() && value.back() == '%') {
        const auto percent = ParseInt64(value.substr(0, value.size() - 1));
        if (!percent || *percent < 0) return "argument must be a memory or percent value";
        if (*percent > 100) return "percentage argument must be less or equal to 100";
        *out = -*percent;
        return {};
      }
      if (!ParseMemory(value, out)) return "argument must be a memory or percent value";
      break;
    case Kind::kMemory:
      if (!ParseMemory(value, out)) return "argument must be a memory value";
      break;
    case Kind::kChoice:
      *out = IndexOfChoice(row.choices, Lower(value));
      return *out < 0 ? ChoicesOf(row) : std::string();
    case Kind::kText:
    case Kind::kSpecial:
      break;
  }
  return *out < row.min || *out > row.max ? OutOfBounds(row) : std::string();
}

}  // namespace

bool ParseMemory(Bytes text, int64_t* out) {
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  const Bytes unit = text.substr(digits);
  int64_t factor = 0;
  constexpr std::pair<Bytes, int64_t> kUnits[] = {
      {"", 1},          {"B", 1},        {"K", 1000},          {"KB", 1 << 10},
      {"M", 1'000'000}, {"MB", 1 << 20}, {"G", 1'000'000'000}, {"GB", 1 << 30},
  };
  for (const auto& [name, bytes] : kUnits) {
    if (IsWord(unit, name)) factor = bytes;
  }
  // A unit without digits is 0, as in Redis.
  if (factor == 0 || digits > 127) return false;
  // What does not fit is as much as there can be.
  int64_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, text[i] - '0', &value)) {
      value = INT64_MAX;
      break;
    }
  }
  if (__builtin_mul_overflow(value, factor, &value)) value = INT64_MAX;
  *out = value;
  return true;
}

Settings::Settings() : texts_(kCount) {
  static_assert(kCount <= std::tuple_size_v<decltype(numbers_)>);
  for (size_t i = 0; i < kCount; ++i) {
    numbers_[i].store(kRows[i].number, std::memory_order_relaxed);
    texts_[i].assign(kRows[i].text);
  }
}

std::span<const SettingRow> Settings::Rows() { return kRows; }

const SettingRow* Settings::Find(Bytes name) {
  for (const SettingRow& row : kRows) {
    if (SameWord(name, row.name) || (!row.other_name.empty() && SameWord(name, row.other_name))) return &row;
  }
  return nullptr;
}

std::string Settings::Show(Setting id) const {
  const SettingRow& row = RowOf(id);
  const int64_t value = number(id);
  switch (row.kind) {
    case Kind::kFlag:
      return value != 0 ? "yes" : "no";
    case Kind::kChoice: {
      Bytes choices = row.choices;
      for (int64_t i = 0; i < value; ++i) choices.remove_prefix(choices.find(' ') + 1);
      return std::string(choices.substr(0, choices.find(' ')));
    }
    case Kind::kMemoryOrPercent:
      return value < 0 ? std::to_string(-value) + "%" : std::to_string(value);
    case Kind::kOctal: {
      std::string text;
      for (int64_t rest = value; rest != 0; rest /= 8) text.insert(text.begin(), static_cast<char>('0' + rest % 8));
      return text.empty() ? "0" : text;
    }
    case Kind::kText:
    case Kind::kSpecial:
      return std::string(text(id));
    case Kind::kNumber:
    case Kind::kMemory:
      break;
  }
  return std::to_string(value);
}

std::vector<std::pair<std::string, std::string>> Settings::Get(std::span<const Bytes> patterns) const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto add = [&](Bytes name, const SettingRow& row) {
    const bool there =
        std::any_of(found.begin(), found.end(), [&](const auto& pair) { return SameWord(pair.first, name); });
    if (!there) found.emplace_back(name, Show(IdOf(row)));
  };
  for (Bytes pattern : patterns) {
    if (!HasWildcard(pattern)) {
      // A name is shown as it was given.
      if (const SettingRow* row = Find(pattern)) add(pattern, *row);
      continue;
    }
    for (const SettingRow& row : Rows().first(kShownCount)) {
      for (Bytes name : {row.name, row.other_name}) {
        if (!name.empty() && GlobMatch(pattern, name, GlobCase::kIgnore)) add(name, row);
      }
    }
  }
  return found;
}

std::string Settings::Store(const SettingRow& row, Bytes value) {
  const Setting id = IdOf(row);
  if (!row.is_text()) {
    int64_t read = 0;
    std::string why = ReadNumber(row, value, &read);
    if (why.empty()) Put(id, read);
    return why;
  }
  std::string read(value);
  if (row.read != nullptr) {
    if (const Bytes why = row.read(text(id), &read); !why.empty()) return std::string(why);
  }
  texts_[static_cast<size_t>(id)].swap(read);
  return {};
}

void Settings::Restore(const std::vector<Old>& olds) {
  for (const Old& old : olds) {
    Put(IdOf(*old.row), old.number);
    texts_[static_cast<size_t>(IdOf(*old.row))] = old.text;
  }
}

Error Settings::Apply(std::span<const Change> changes) {
  std::vector<Old> olds;
  for (const auto& [row, assignment] : changes) {
    const Setting id = IdOf(*row);
    olds.push_back({row, number(id), texts_[static_cast<size_t>(id)]});
  }
  for (const auto& [row, assignment] : changes) {
    if (const std::string why = Store(*row, assignment.second); !why.empty()) {
      Restore(olds);
      return Failed(Lower(assignment.first), why);
    }
  }
  // The hooks see all the new values. One that refuses takes everything back, and those before it are told again.
  for (size_t i = 0; i < changes.size(); ++i) {
    const auto& [row, assignment] = changes[i];
    for (size_t h = 0; h < hooks_.size(); ++h) {
      if (hooks_[h].id != IdOf(*row)) continue;
      const Bytes why = hooks_[h].hook();
      if (why.empty()) continue;
      Restore(olds);
      for (const auto& [again, unused] : changes.first(i + 1)) {
        for (const Registered& registered : hooks_) {
          if (registered.id == IdOf(*again)) (void)registered.hook();
        }
      }
      return Failed(Lower(assignment.first), why);
    }
  }
  return Error();
}

Error Settings::Set(std::span<const Assignment> assignments) {
  std::vector<Change> changes;
  for (const Assignment& assignment : assignments) {
    const SettingRow* row = Find(assignment.first);
    if (row == nullptr) {
      std::string text = "ERR Unknown option or number of arguments for CONFIG SET - '";
      return errors::Named(text.append(assignment.first), "'");
    }
    if (row->immutable) return Failed(assignment.first, "can't set immutable config");
    if (row->guarded && choice<Allowance>(Setting::kEnableProtectedConfigs) == Allowance::kNo) {
      return Failed(assignment.first, "can't set protected config");
    }
    // A parameter that goes by two names may be given under both.
    const bool repeated = std::any_of(changes.begin(), changes.end(), [&](const Change& change) {
      return change.first == row && SameWord(change.second.first, assignment.first);
    });
    if (repeated) return Failed(assignment.first, "duplicate parameter");
    changes.emplace_back(row, assignment);
  }
  return Apply(changes);
}

Error Settings::Configure(Bytes name, Bytes value) {
  const SettingRow* row = Find(name);
  if (row == nullptr) return errors::Named("ERR Bad directive or wrong number of arguments: ", name);
  const Change change(row, {name, value});
  return Apply({&change, 1});
}

uint64_t Settings::OnChange(Setting id, Hook hook) {
  hooks_.push_back({next_hook_, id, std::move(hook)});
  return next_hook_++;
}

void Settings::RemoveHook(uint64_t hook) {
  std::erase_if(hooks_, [hook](const Registered& registered) { return registered.number == hook; });
}

}  // namespace dualis
