#include "engine/lua/pattern.h"

#include <cstring>

namespace dualis::lua {
namespace {

// The classes of the C locale: a host's setlocale must not change what a script matches.
bool IsDigit(unsigned char c) { return c >= '0' && c <= '9'; }
bool IsLower(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool IsAlpha(unsigned char c) { return IsLower(c) || IsUpper(c); }
bool IsGraph(unsigned char c) { return c > ' ' && c < 127; }

bool InClass(unsigned char c, unsigned char name) {
  bool in;
  switch (name | 0x20) {
    case 'a':
      in = IsAlpha(c);
      break;
    case 'c':
      in = c < ' ' || c == 127;
      break;
    case 'd':
      in = IsDigit(c);
      break;
    case 'l':
      in = IsLower(c);
      break;
    case 'p':
      in = IsGraph(c) && !IsAlpha(c) && !IsDigit(c);
      break;
    case 's':
      in = c == ' ' || (c >= '\t' && c <= '\r');
      break;
    case 'u':
      in = IsUpper(c);
      break;
    case 'w':
      in = IsAlpha(c) || IsDigit(c);
      break;
    case 'x':
      in = IsDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
      break;
    case 'z':
      in = c == 0;
      break;
    default:
      return name == c;
  }
  if (!IsAlpha(name)) return name == c;
  return IsUpper(name) ? !in : in;
}

}  // namespace

// The end of the item at `p`: one character, an escape or a set.
const char* PatternMatch::ItemEnd(const char* p) {
  const char c = *p++;
  if (c == '%') {
    if (p == pattern_end_) RaiseTextHere(L_, "malformed pattern (ends with '%')");
    return p + 1;
  }
  if (c != '[') return p;
  if (p < pattern_end_ && *p == '^') ++p;
  do {  // a ']' in front stands for itself
    if (p == pattern_end_) RaiseTextHere(L_, "malformed pattern (missing ']')");
    if (*p++ == '%') {
      if (p == pattern_end_) RaiseTextHere(L_, "malformed pattern (missing ']')");
      ++p;
    }
  } while (p == pattern_end_ || *p != ']');
  return p + 1;
}

// Requires: *p == '[' and *close == ']', its end.
bool PatternMatch::InSet(unsigned char c, const char* p, const char* close) {
  bool found_means = true;
  ++p;
  if (*p == '^') {
    found_means = false;
    ++p;
  }
  for (; p < close; ++p) {
    if (*p == '%') {
      if (InClass(c, static_cast<unsigned char>(*++p))) return found_means;
    } else if (p[1] == '-' && p + 2 < close) {
      if (static_cast<unsigned char>(p[0]) <= c && c <= static_cast<unsigned char>(p[2])) return found_means;
      p += 2;
    } else if (static_cast<unsigned char>(*p) == c) {
      return found_means;
    }
  }
  return !found_means;
}

bool PatternMatch::MatchesItem(const char* s, const char* p, const char* item_end) {
  Step();
  if (s >= end_) return false;
  const auto c = static_cast<unsigned char>(*s);
  switch (*p) {
    case '.':
      return true;
    case '%':
      return InClass(c, static_cast<unsigned char>(p[1]));
    case '[':
      state_.uncounted += static_cast<uint64_t>(item_end - p) / 8;
      return InSet(c, p, item_end - 1);
    default:
      return static_cast<unsigned char>(*p) == c;
  }
}

const char* PatternMatch::Match(const char* s, const char* p) {
  if (++depth_ > kMaxDepth) RaiseTextHere(L_, "pattern too complex");
  const char* result = nullptr;
  for (;;) {
    if (p == pattern_end_) {
      result = s;
      break;
    }
    if (*p == '(') {
      result = p + 1 < pattern_end_ && p[1] == ')' ? Open(s, p + 2, kPosition) : Open(s, p + 1, kOpen);
      break;
    }
    if (*p == ')') {
      result = Close(s, p + 1);
      break;
    }
    if (*p == '$' && p + 1 == pattern_end_) {
      result = s == end_ ? s : nullptr;
      break;
    }
    if (*p == '%' && p + 1 < pattern_end_) {
      if (p[1] == 'b') {
        s = Balanced(s, p + 2);
        if (s == nullptr) break;
        p += 4;
        continue;
      }
      if (p[1] == 'f') {
        p += 2;
        if (p == pattern_end_ || *p != '[') RaiseTextHere(L_, "missing '[' after '%f' in pattern");
        const char* set_end = ItemEnd(p);
        const auto before = static_cast<unsigned char>(s == begin_ ? '\0' : s[-1]);
        const auto after = static_cast<unsigned char>(s == end_ ? '\0' : *s);
        if (InSet(before, p, set_end - 1) || !InSet(after, p, set_end - 1)) break;
        p = set_end;
        continue;
      }
      if (IsDigit(static_cast<unsigned char>(p[1]))) {
        s = Same(s, p[1]);
        if (s == nullptr) break;
        p += 2;
        continue;
      }
    }
    const char* rest = ItemEnd(p);
    const char repeat = rest < pattern_end_ ? *rest : '\0';
    if (repeat == '*') {
      result = Longest(s, p, rest);
      break;
    }
    if (repeat == '-') {
      result = Shortest(s, p, rest);
      break;
    }
    const bool matches = MatchesItem(s, p, rest);
    if (repeat == '+') {
      result = matches ? Longest(s + 1, p, rest) : nullptr;
      break;
    }
    if (repeat == '?') {
      if (matches && (result = Match(s + 1, rest + 1)) != nullptr) break;
      p = rest + 1;
      continue;
    }
    if (!matches) break;
    ++s;
    p = rest;
  }
  --depth_;
  return result;
}

const char* PatternMatch::Longest(const char* s, const char* p, const char* rest) {
  ptrdiff_t count = 0;
  while (MatchesItem(s + count, p, rest)) ++count;
  for (; count >= 0; --count) {
    Step();
    if (const char* result = Match(s + count, rest + 1)) return result;
  }
  return nullptr;
}

const char* PatternMatch::Shortest(const char* s, const char* p, const char* rest) {
  for (;; ++s) {
    if (const char* result = Match(s, rest + 1)) return result;
    if (!MatchesItem(s, p, rest)) return nullptr;
  }
}

const char* PatternMatch::Open(const char* s, const char* p, ptrdiff_t kind) {
  if (level_ >= kMaxCaptures) RaiseTextHere(L_, "too many captures");
  captures_[level_++] = {s, kind};
  const char* result = Match(s, p);
  if (result == nullptr) --level_;
  return result;
}

const char* PatternMatch::Close(const char* s, const char* p) {
  int open = level_ - 1;
  while (open >= 0 && captures_[open].size != kOpen) --open;
  if (open < 0) RaiseTextHere(L_, "invalid pattern capture");
  captures_[open].size = s - captures_[open].start;
  const char* result = Match(s, p);
  if (result == nullptr) captures_[open].size = kOpen;
  return result;
}

// %bxy: `p` is at x.
const char* PatternMatch::Balanced(const char* s, const char* p) {
  if (pattern_end_ - p < 2) RaiseTextHere(L_, "unbalanced pattern");
  if (s == end_ || *s != p[0]) return nullptr;
  int open = 1;
  for (++s; s < end_; ++s) {
    Step();
    if (*s == p[1]) {
      if (--open == 0) return s + 1;
    } else if (*s == p[0]) {
      ++open;
    }
  }
  return nullptr;
}

// %1: the same text as an earlier capture.
const char* PatternMatch::Same(const char* s, char digit) {
  const int i = digit - '1';
  if (i < 0 || i >= level_ || captures_[i].size == kOpen) RaiseTextHere(L_, "invalid capture index");
  const auto size = static_cast<size_t>(captures_[i].size);
  state_.uncounted += size / 16;
  Step();
  // A position capture has a negative size, which is more than any subject has left.
  if (static_cast<size_t>(end_ - s) < size || std::memcmp(captures_[i].start, s, size) != 0) return nullptr;
  return s + size;
}

void PatternMatch::PushCapture(int i, const char* from, const char* to) {
  if (i >= level_) {
    if (i != 0) RaiseTextHere(L_, "invalid capture index");
    api_.pushlstring(L_, from, static_cast<size_t>(to - from));
    return;
  }
  const Capture& capture = captures_[i];
  if (capture.size == kOpen) RaiseTextHere(L_, "unfinished capture");
  if (capture.size == kPosition) {
    api_.pushnumber(L_, static_cast<double>(capture.start - begin_ + 1));
  } else {
    api_.pushlstring(L_, capture.start, static_cast<size_t>(capture.size));
  }
}

int PatternMatch::PushCaptures(const char* from, const char* to) {
  const int count = level_ == 0 && from != nullptr ? 1 : level_;
  if (!api_.checkstack(L_, count)) RaiseTextHere(L_, "stack overflow (too many captures)");
  for (int i = 0; i < count; ++i) PushCapture(i, from, to);
  return count;
}

}  // namespace dualis::lua
