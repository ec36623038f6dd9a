// GlobMatch beside a matcher that is slow and simple: the pattern as sets of bytes, and every way to place the stars.
// An input is the pattern, a zero byte, and the text.
#include <bitset>

#include "engine/core/glob.h"
#include "tests/fuzz/fuzz.h"

namespace {

using dualis::Bytes;
using dualis::GlobCase;

struct Element {
  bool star = false;
  std::bitset<256> one;
};

int Folded(int c, GlobCase letters) { return letters == GlobCase::kIgnore && c >= 'A' && c <= 'Z' ? c + 32 : c; }

// The bytes that fold to what `c` folds to.
void Allow(std::bitset<256>& set, int c, GlobCase letters) {
  for (int b = -128; b < 128; ++b) {
    if (Folded(b, letters) == Folded(c, letters)) set.set(static_cast<uint8_t>(b));
  }
}

std::vector<Element> Parse(const std::string& pattern, GlobCase letters) {
  std::vector<Element> elements;
  const auto at = [&](size_t i) { return static_cast<int>(static_cast<signed char>(pattern[i])); };
  for (size_t i = 0; i < pattern.size(); ++i) {
    Element element;
    if (pattern[i] == '*') {
      element.star = true;
    } else if (pattern[i] == '?') {
      element.one.set();
    } else if (pattern[i] == '[') {
      bool negated = false;
      size_t k = i + 1;
      if (k < pattern.size() && pattern[k] == '^') negated = true, ++k;
      for (; k < pattern.size() && pattern[k] != ']'; ++k) {
        if (pattern[k] == '\\' && k + 1 < pattern.size()) {
          element.one.set(static_cast<uint8_t>(pattern[++k]));
        } else if (k + 2 < pattern.size() && pattern[k + 1] == '-') {
          int low = at(k), high = at(k + 2);
          if (low > high) std::swap(low, high);
          for (int b = -128; b < 128; ++b) {
            if (Folded(low, letters) <= Folded(b, letters) && Folded(b, letters) <= Folded(high, letters)) {
              element.one.set(static_cast<uint8_t>(b));
            }
          }
          k += 2;
        } else {
          Allow(element.one, at(k), letters);
        }
      }
      if (negated) element.one.flip();
      i = k;
    } else {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      Allow(element.one, at(i), letters);
    }
    elements.push_back(element);
  }
  return elements;
}

bool SlowMatch(const std::string& pattern, const std::string& text, GlobCase letters) {
  if (text.empty()) return pattern.empty();
  std::vector<bool> reached(text.size() + 1);  // the prefixes of the text that the elements so far match
  reached[0] = true;
  for (const Element& element : Parse(pattern, letters)) {
    std::vector<bool> next(text.size() + 1);
    for (size_t i = 0; i <= text.size(); ++i) {
      if (element.star) {
        next[i] = reached[i] || (i > 0 && next[i - 1]);
      } else {
        next[i] = i > 0 && reached[i - 1] && element.one[static_cast<uint8_t>(text[i - 1])];
      }
    }
    reached = next;
  }
  return reached[text.size()];
}

}  // namespace

std::vector<std::string> dualis::fuzz::Seeds() {
  using namespace std::string_literals;  // NOLINT(google-build-using-namespace)
  return {"h?llo*[a-c]\0hello world c"s,
          "*a*b*c*d\0xxaxxbxxcxxd"s,
          "[^a-Z]\\*?\0Q*x"s,
          "[\\]x-]\\\\\0]\\"s,
          "[\0["s,
          "[^\0x"s,
          "**?*\0abc"s,
          "[z-a]\xff\0m\xff"s,
          "\0"s,
          "*\0"s,
          "a\\\0a\\"s,
          "[A-F]bC\0dBc"s};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  const std::string input(reinterpret_cast<const char*>(data), size);
  const size_t zero = std::min(input.find('\0'), input.size());
  const std::string pattern = input.substr(0, zero).substr(0, 300);
  const std::string text = zero < input.size() ? input.substr(zero + 1, 300) : "";
  for (const GlobCase letters : {GlobCase::kSensitive, GlobCase::kIgnore}) {
    fuzz::Check(GlobMatch(pattern, text, letters) == SlowMatch(pattern, text, letters), "GlobMatch");
  }
  fuzz::Check(text.empty() || GlobMatch(GlobEscape(text), text), "GlobEscape: its own text");
  fuzz::Check(text == pattern || !GlobMatch(GlobEscape(text), pattern), "GlobEscape: another text");
  if (GlobMatch(pattern, text)) {
    fuzz::Check(text.starts_with(LiteralPrefix(pattern)), "LiteralPrefix");
    fuzz::Check(HasWildcard(pattern) || text == LiteralPrefix(pattern), "HasWildcard");
  }
  return 0;
}
