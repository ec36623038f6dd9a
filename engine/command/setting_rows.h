// What the rows of engine/command/settings.def are made of; for settings.cc alone.
#ifndef DUALIS_ENGINE_COMMAND_SETTING_ROWS_H_
#define DUALIS_ENGINE_COMMAND_SETTING_ROWS_H_

#include "engine/command/settings.h"

namespace dualis::setting_rows {

inline constexpr int64_t kLongMax = INT64_MAX;
inline constexpr int64_t kInt32Max = INT32_MAX;
inline constexpr int64_t kInt32Min = INT32_MIN;
inline constexpr int64_t kUInt32Max = UINT32_MAX;
using Kind = SettingRow::Kind;

constexpr SettingRow Flag(Bytes name, bool on) { return {.name = name, .kind = Kind::kFlag, .number = on ? 1 : 0}; }
constexpr SettingRow Number(Bytes name, int64_t value, int64_t min, int64_t max) {
  return {.name = name, .kind = Kind::kNumber, .number = value, .min = min, .max = max};
}
// Written in octal digits: the mode of a file.
constexpr SettingRow Octal(Bytes name, int64_t value) {
  return {.name = name, .kind = Kind::kOctal, .number = value, .min = 0, .max = 0777};
}
constexpr SettingRow Memory(Bytes name, int64_t value, int64_t min = 0) {
  return {.name = name, .kind = Kind::kMemory, .number = value, .min = min};
}
constexpr SettingRow MemoryOrPercent(Bytes name, int64_t value) {
  return {.name = name, .kind = Kind::kMemoryOrPercent, .number = value, .min = 0};
}
// The place of a word among words that are separated by blanks; -1 if it is not among them.
constexpr int64_t IndexOfChoice(Bytes choices, Bytes word) {
  for (int64_t i = 0;; ++i) {
    const size_t blank = choices.find(' ');
    if (choices.substr(0, blank) == word) return i;
    if (blank == Bytes::npos) return -1;
    choices.remove_prefix(blank + 1);
  }
}
constexpr SettingRow Choice(Bytes name, Bytes value, Bytes choices) {
  return {.name = name, .kind = Kind::kChoice, .number = IndexOfChoice(choices, value), .choices = choices};
}
constexpr SettingRow Text(Bytes name, Bytes value) { return {.name = name, .kind = Kind::kText, .text = value}; }
// A text of several words with rules of its own.
constexpr SettingRow Special(Bytes name, Bytes value, SettingRow::Reader read) {
  return {.name = name, .kind = Kind::kSpecial, .text = value, .read = read};
}

// The readers of the Specials (engine/command/setting_readers.cc).
Bytes ReadBufferLimits(Bytes old, std::string* text);
Bytes ReadEvents(Bytes old, std::string* text);
Bytes ReadOomScores(Bytes old, std::string* text);
Bytes ReadPercentiles(Bytes old, std::string* text);
Bytes ReadSavePoints(Bytes old, std::string* text);
Bytes ReadTitle(Bytes old, std::string* text);

}  // namespace dualis::setting_rows

#endif  // DUALIS_ENGINE_COMMAND_SETTING_ROWS_H_
