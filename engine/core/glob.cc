#include "engine/core/glob.h"

#include <algorithm>

namespace dualis {
namespace {

// Signed on purpose: Redis compares the ends of a range as plain chars.
using Signed = signed char;

Signed Fold(Signed c, GlobCase letters) {
  return letters == GlobCase::kIgnore && c >= 'A' && c <= 'Z' ? static_cast<Signed>(c + ('a' - 'A')) : c;
}

// Matches `c` against the class whose '[' was just passed and moves `p` behind the class.
bool MatchClass(const char*& p, const char* end, Signed c, GlobCase letters) {
  const bool negated = p != end && *p == '^';
  if (negated) ++p;
  bool found = false;
  for (; p != end; ++p) {
    if (*p == '\\' && end - p >= 2) {
      ++p;
      found |= static_cast<Signed>(*p) == c;
    } else if (*p == ']') {
      ++p;
      break;
    } else if (end - p >= 3 && p[1] == '-') {
      // The bounds are ordered before they are folded.
      const Signed low = std::min<Signed>(p[0], p[2]);
      const Signed high = std::max<Signed>(p[0], p[2]);
      const Signed folded = Fold(c, letters);
      found |= Fold(low, letters) <= folded && folded <= Fold(high, letters);
      p += 2;
    } else {
      found |= Fold(*p, letters) == Fold(c, letters);
    }
  }
  return found != negated;
}

// Matches `c` against the element at `p`, which is not a star, and moves `p` behind it.
bool MatchOne(const char*& p, const char* end, Signed c, GlobCase letters) {
  switch (*p) {
    case '?':
      ++p;
      return true;
    case '[':
      ++p;
      return MatchClass(p, end, c, letters);
    case '\\':
      if (end - p >= 2) ++p;
      break;
  }
  return Fold(*p++, letters) == Fold(c, letters);
}

}  // namespace

bool GlobMatch(Bytes pattern, Bytes text, GlobCase letters) {
  if (text.empty()) return pattern.empty();
  const char* p = pattern.data();
  const char* const p_end = p + pattern.size();
  const char* t = text.data();
  const char* const t_end = t + text.size();
  // Only the last star needs a second chance: every other element takes exactly one byte, so an earlier star that took
  // more would leave less for the rest.
  const char* retry_p = nullptr;
  const char* retry_t = nullptr;
  for (;;) {
    if (p != p_end && *p == '*') {
      while (p != p_end && *p == '*') ++p;
      if (p == p_end) return true;
      retry_p = p;
      retry_t = t;
    } else if (p != p_end && MatchOne(p, p_end, *t, letters)) {
      if (++t == t_end) {
        while (p != p_end && *p == '*') ++p;
        return p == p_end;
      }
    } else {
      if (retry_p == nullptr || ++retry_t == t_end) return false;
      p = retry_p;
      t = retry_t;
    }
  }
}

std::string GlobEscape(Bytes text) {
  std::string pattern;
  pattern.reserve(text.size());
  for (const char c : text) {
    if (Bytes("*?[]\\").find(c) != Bytes::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::string LiteralPrefix(Bytes pattern) {
  std::string prefix;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') break;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    prefix += pattern[i];
  }
  return prefix;
}

bool HasWildcard(Bytes pattern) {
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*' || pattern[i] == '?' || pattern[i] == '[') return true;
    if (pattern[i] == '\\') ++i;
  }
  return false;
}

}  // namespace dualis
