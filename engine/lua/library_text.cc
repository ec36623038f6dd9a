#include "engine/lua/library_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/command/word.h"

namespace dualis::lua {
namespace {

constexpr Error::Rep kMissing = {ErrorCode::kErr, "ERR Missing library metadata"};
constexpr Error::Rep kInvalid = {ErrorCode::kErr, "ERR Invalid library metadata"};
constexpr Error::Rep kTwice = {ErrorCode::kErr, "ERR Invalid metadata value, name argument was given multiple times"};
constexpr Error::Rep kNoName = {ErrorCode::kErr, "ERR Library name was not given"};
constexpr Error::Rep kBadName = {
    ErrorCode::kErr,
    "ERR Library names can only contain letters, numbers, or underscores(_) and must be at "
    "least one character long"};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsAlnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Reads what stands between quotes; `at` is behind the opening one. False if it does not end, or more follows it.
bool ReadQuoted(Bytes line, char quote, size_t& at, std::string& word) {
  for (; at < line.size(); ++at) {
    const char c = line[at];
    if (c == quote) return ++at == line.size() || IsBlank(line[at]);
    if (c != '\\' || at + 1 == line.size()) {
      word += c;
    } else if (quote == '\'') {
      if (line[at + 1] == '\'') ++at;
      word += line[at];
    } else if (line[at + 1] == 'x' && at + 3 < line.size() && HexDigit(line[at + 2]) >= 0 &&
               HexDigit(line[at + 3]) >= 0) {
      word += static_cast<char>(HexDigit(line[at + 2]) * 16 + HexDigit(line[at + 3]));
      at += 3;
    } else {
      constexpr Bytes kEscapes = "nrtba";
      constexpr Bytes kMeanings = "\n\r\t\b\a";
      const size_t which = kEscapes.find(line[++at]);
      word += which == Bytes::npos ? line[at] : kMeanings[which];
    }
  }
  return false;
}

// The words of a line, quoted as on redis-cli's command line. Nothing if a quote does not end.
std::optional<std::vector<std::string>> SplitLine(Bytes line) {
  std::vector<std::string> words;
  for (size_t at = 0; true;) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size()) return words;
    std::string& word = words.emplace_back();
    while (at < line.size() && !IsBlank(line[at])) {
      const char c = line[at++];
      if (c != '"' && c != '\'') {
        word += c;
      } else if (!ReadQuoted(line, c, at, word)) {
        return std::nullopt;
      }
    }
  }
}

}  // namespace

Error CheckName(Bytes name) {
  const auto allowed = [](char c) { return IsAlnum(c) || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), allowed) ? Error() : Error(&kBadName);
}

Result<LibraryText> ReadLibraryText(Bytes text) {
  if (!text.starts_with("#!")) return Error(&kMissing);
  const size_t line_end = text.find('\n');
  if (line_end == Bytes::npos) return Error(&kInvalid);
  const auto words = SplitLine(text.substr(0, line_end));
  if (!words || words->empty()) return Error(&kInvalid);
  const Bytes engine = Bytes((*words)[0]).substr(2);
  LibraryText library;
  bool named = false;
  for (size_t i = 1; i < words->size(); ++i) {
    const Bytes word = (*words)[i];
    constexpr size_t kPrefix = sizeof("name=") - 1;
    if (word.size() < kPrefix || !IsWord(word.substr(0, kPrefix), "NAME=")) {
      return Error(ErrorCode::kErr, "ERR Invalid metadata value given: " + std::string(word));
    }
    if (std::exchange(named, true)) return Error(&kTwice);
    library.name = word.substr(kPrefix);
  }
  if (!named) return Error(&kNoName);
  if (Error error = CheckName(library.name)) return error;
  if (!IsWord(engine, "LUA")) return Error(ErrorCode::kErr, "ERR Engine '" + std::string(engine) + "' not found");
  library.code = text.substr(line_end);
  return library;
}

}  // namespace dualis::lua
