// Words are compared without regard to the case of ASCII letters, as Redis does.
#ifndef DUALIS_ENGINE_COMMAND_WORD_H_
#define DUALIS_ENGINE_COMMAND_WORD_H_

#include "dualis/bytes.h"

namespace dualis {

constexpr char UpperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// `upper` must be in upper case.
constexpr bool IsWord(Bytes given, Bytes upper) {
  if (given.size() != upper.size()) return false;
  for (size_t i = 0; i < given.size(); ++i) {
    if (UpperAscii(given[i]) != upper[i]) return false;
  }
  return true;
}

// Both may be in any case.
constexpr bool SameWord(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (UpperAscii(a[i]) != UpperAscii(b[i])) return false;
  }
  return true;
}

// How many words of argv a command's own name takes: 2 for "SCRIPT LOAD".
constexpr size_t NameWords(Bytes full_name) { return full_name.find(' ') == Bytes::npos ? 1 : 2; }

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_WORD_H_
