#include "engine/core/number_text.h"

#include <locale.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace dualis {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Gives the calling thread the C locale for a while. The host's own locale, of the process and of the thread, is not
// touched. The "C" locale object is static in the C library, so this takes no memory there.
class CLocale {
 public:
  CLocale() : locale_(newlocale(LC_ALL_MASK, "C", nullptr)), before_(uselocale(locale_)) {}
  ~CLocale() {
    uselocale(before_);
    if (locale_ != nullptr) freelocale(locale_);
  }
  CLocale(const CLocale&) = delete;
  CLocale& operator=(const CLocale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

// A zero-terminated copy for the C library; on the stack unless it is long.
class Terminated {
 public:
  explicit Terminated(Bytes text) {
    char* to = small_;
    if (text.size() >= sizeof small_) {
      large_.assign(text);
      text_ = large_.c_str();
      return;
    }
    std::memcpy(to, text.data(), text.size());
    to[text.size()] = '\0';
    text_ = to;
  }
  const char* c_str() const { return text_; }

 private:
  char small_[128];
  std::string large_;
  const char* text_;
};

template <class Float>
std::optional<Float> ParseWith(Float (*convert)(const char*, char**), Bytes text) {
  if (text.empty() || IsSpace(text.front())) return std::nullopt;
  const Terminated copy(text);
  CLocale c;
  char* end = nullptr;
  const int saved = errno;
  errno = 0;
  const Float value = convert(copy.c_str(), &end);
  const bool range = errno == ERANGE;
  errno = saved;
  // A zero byte inside stops the C library early, so it is refused as trailing bytes are.
  if (static_cast<size_t>(end - copy.c_str()) != text.size()) return std::nullopt;
  // A subnormal result is a range error too, but one that Redis accepts.
  if (range && (std::isinf(value) || value == 0)) return std::nullopt;
  if (std::isnan(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<int64_t> ParseInt64(Bytes text) {
  const bool negative = !text.empty() && text.front() == '-';
  const Bytes digits = negative ? text.substr(1) : text;
  if (digits.empty() || digits.size() > kInt64Chars || !IsDigit(digits.front())) return std::nullopt;
  if (digits.front() == '0') return text == "0" ? std::optional<int64_t>(0) : std::nullopt;
  int64_t value = 0;
  // So few digits cannot overflow.
  if (digits.size() <= 18) {
    for (const char c : digits) {
      if (!IsDigit(c)) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return negative ? -value : value;
  }
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<uint64_t> ParseUint64(Bytes text) {
  if (const auto value = ParseInt64(text)) {
    return *value < 0 ? std::nullopt : std::optional<uint64_t>(*value);
  }
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  uint64_t value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? -value : value;
}

std::optional<double> ParseDouble(Bytes text) {
  // The common case without the C library: plain decimals. What is special or fails is left to strtod, so that there is
  // one judge of the odd forms.
  if (!text.empty() && (IsDigit(text.front()) || text.front() == '-' || text.front() == '.')) {
    double value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && std::isnormal(value)) return value;
  }
  return ParseWith<double>(std::strtod, text);
}

std::optional<long double> ParseLongDouble(Bytes text) {
  if (text.size() >= kLongDoubleChars) return std::nullopt;
  return ParseWith<long double>(std::strtold, text);
}

Bytes FormatInt64(int64_t value, char (&buffer)[kInt64Chars]) {
  return Bytes(buffer, std::to_chars(buffer, buffer + kInt64Chars, value).ptr - buffer);
}

Bytes FormatUint64(uint64_t value, char (&buffer)[kInt64Chars]) {
  return Bytes(buffer, std::to_chars(buffer, buffer + kInt64Chars, value).ptr - buffer);
}

// Where the point stands is decided as in the fpconv library that Redis 7.2 prints with: an integer with few zeros, a
// fraction that is short or near 1, else an exponent.
Bytes FormatDouble(double value, char (&buffer)[kDoubleChars]) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  constexpr double kIntegers = 0x1p62;
  if (std::fabs(value) < kIntegers && value == std::trunc(value)) {
    return Bytes(buffer, std::to_chars(buffer, buffer + kDoubleChars, static_cast<int64_t>(value)).ptr - buffer);
  }
  // The shortest digits that read back: "d.ddde-xx".
  char shortest[kDoubleChars];
  const char* const end =
      std::to_chars(shortest, shortest + kDoubleChars, std::fabs(value), std::chars_format::scientific).ptr;
  const Bytes text(shortest, end - shortest);
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(shortest + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  char digits[kDoubleChars];
  int count = 0;
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits[count++] = c;
  }

  char* to = buffer;
  if (value < 0) *to++ = '-';
  const auto put = [&](int from, int n) { to = std::copy_n(digits + from, n, to); };
  const int power = exponent - count + 1;  // value = digits * 10^power
  const int distance = std::abs(exponent);
  if (power >= 0 && distance < count + 7) {
    put(0, count);
    to = std::fill_n(to, power, '0');
  } else if (power < 0 && (power > -7 || distance < 4)) {
    const int before = count + power;
    if (before <= 0) {
      *to++ = '0';
      *to++ = '.';
      to = std::fill_n(to, -before, '0');
      put(0, count);
    } else {
      put(0, before);
      *to++ = '.';
      put(before, count - before);
    }
  } else {
    put(0, 1);
    if (count > 1) *to++ = '.';
    put(1, count - 1);
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    to = std::to_chars(to, buffer + kDoubleChars, distance).ptr;
  }
  return Bytes(buffer, to - buffer);
}

Bytes FormatDouble17(double value, char (&buffer)[kDoubleChars]) {
  return Bytes(buffer,
               std::to_chars(buffer, buffer + kDoubleChars, value, std::chars_format::general, 17).ptr - buffer);
}

Bytes FormatFixed(double value, int digits, char (&buffer)[kFixedChars]) {
  assert(std::isfinite(value) && digits <= 17);
  return Bytes(buffer,
               std::to_chars(buffer, buffer + kFixedChars, value, std::chars_format::fixed, digits).ptr - buffer);
}

Bytes FormatLongDouble(long double value, char (&buffer)[kLongDoubleChars]) {
  assert(std::isfinite(value));
  CLocale c;
  const int printed = std::snprintf(buffer, kLongDoubleChars, "%.17Lf", value);
  assert(printed > 0 && static_cast<size_t>(printed) < kLongDoubleChars);
  Bytes text(buffer, static_cast<size_t>(printed));
  text = text.substr(0, text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.remove_suffix(1);
  return text == "-0" ? text.substr(1) : text;
}

}  // namespace dualis
