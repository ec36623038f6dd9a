#include "dualis/args.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "dualis/command.h"
#include "engine/core/number_text.h"

namespace dualis {

Bytes Arg::Text(char* buffer) const {
  if (kind == Kind::kBytes) return bytes;
  if (kind == Kind::kInt) {
    const auto end = std::to_chars(buffer, buffer + kTextBytes, integer);
    return Bytes(buffer, static_cast<size_t>(end.ptr - buffer));
  }
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  if (number == 0) return "0";
  for (int digits = 15;; ++digits) {
    // %g of at most 17 digits; to_chars with a precision is printf's in the "C" locale.
    const auto end = std::to_chars(buffer, buffer + kTextBytes, number, std::chars_format::general, digits);
    const Bytes text(buffer, static_cast<size_t>(end.ptr - buffer));
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    if (back == number || digits == 17) return text;
  }
}

bool Arg::ToInt(int64_t* out) const {
  if (kind == Kind::kInt) {
    *out = integer;
    return true;
  }
  char buffer[kTextBytes];
  const auto parsed = ParseInt64(Text(buffer));
  if (parsed) *out = *parsed;
  return parsed.has_value();
}

bool Arg::ToDouble(double* out) const {
  if (kind == Kind::kDouble) {
    *out = number;
    return !std::isnan(number);
  }
  if (kind == Kind::kInt) {
    *out = static_cast<double>(integer);
    return true;
  }
  const auto parsed = ParseDouble(bytes);
  if (parsed) *out = *parsed;
  return parsed.has_value();
}

void ArgList::Own(Bytes bytes) {
  auto copy = std::make_unique_for_overwrite<char[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.get(), bytes.data(), bytes.size());
  args_.push_back(Bytes(copy.get(), bytes.size()));
  owned_.push_back(std::move(copy));
}

void ArgList::Clear() {
  args_.clear();
  owned_.clear();
}

}  // namespace dualis
