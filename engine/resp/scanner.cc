#include "engine/resp/scanner.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/command/word.h"

namespace dualis::resp {
namespace {

// Canonical decimal form only: "0", or an optional minus and digits that do not start with 0.
bool ParseCanonical(const char* p, const char* end, int64_t* out) {
  const char* digits = p < end && *p == '-' ? p + 1 : p;
  if (digits == end || *digits < '0' || *digits > '9') return false;
  if (*digits == '0' && (end - digits > 1 || digits != p)) return false;
  const auto r = std::from_chars(p, end, *out);
  return r.ec == std::errc() && r.ptr == end;
}

bool IsType(char c) {
  switch (c) {
    case '+':
    case '-':
    case ':':
    case ',':
    case '_':
    case '#':
    case '(':
    case '$':
    case '=':
    case '*':
    case '~':
    case '%':
    case '>':
    case '|':
      return true;
    default:
      return false;
  }
}

// The \r of the first \r\n, or null.
const char* FindLineEnd(const char* p, const char* end) {
  // Most lines are shorter than memchr is worth.
  constexpr int kShort = 8;
  for (int i = 0; i < kShort && end - p >= 2; ++i, ++p) {
    if (p[0] == '\r' && p[1] == '\n') return p;
  }
  while (end - p >= 2) {
    p = static_cast<const char*>(std::memchr(p, '\r', static_cast<size_t>(end - p - 1)));
    if (p == nullptr) return nullptr;
    if (p[1] == '\n') return p;
    ++p;
  }
  return nullptr;
}

bool IsBigNumber(Bytes text) {
  for (size_t i = !text.empty() && text[0] == '-' ? 1 : 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  return true;
}

Scan Bad(ScanError why, ScanError* error) {
  *error = why;
  return Scan::kBad;
}

// The lines. `t->text` is set.
ScanError ScanLine(Token* t) {
  // Longer texts of a double are refused before they are parsed, by everyone who reads RESP3 as hiredis does.
  constexpr size_t kMaxDoubleText = 325;
  const Bytes text = t->text;
  switch (t->type) {
    case '+':
    case '-':
      return text.find_first_of("\r\n") == Bytes::npos ? ScanError::kNone : ScanError::kBadSimple;
    case ':':
      return ParseCanonical(text.data(), text.data() + text.size(), &t->number) ? ScanError::kNone
                                                                                : ScanError::kBadInteger;
    case ',':
      if (text.size() > kMaxDoubleText) return ScanError::kDoubleTooLarge;
      return ParseRespDouble(text, &t->real) ? ScanError::kNone : ScanError::kBadDouble;
    case '_':
      t->null = true;
      return text.empty() ? ScanError::kNone : ScanError::kBadNull;
    case '#':
      if (text.size() != 1 || std::strchr("tTfF", text[0]) == nullptr) return ScanError::kBadBool;
      t->number = text[0] == 't' || text[0] == 'T';
      return ScanError::kNone;
    case '(':
      return IsBigNumber(text) ? ScanError::kNone : ScanError::kBadBigNumber;
    default:
      return ScanError::kBadType;
  }
}

}  // namespace

bool ParseRespDouble(Bytes text, double* out) {
  if (text.empty()) return false;
  const bool negative = text[0] == '-';
  const Bytes digits = text.substr(negative);
  if (SameWord(digits, "inf")) {
    *out = negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    return true;
  }
  if (SameWord(digits, "nan")) {
    *out = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  // from_chars would go on to accept "infinity" and "nan(...)".
  if (digits.empty() || !(digits[0] == '.' || (digits[0] >= '0' && digits[0] <= '9'))) return false;
  const char* end = text.data() + text.size();
  const auto r = std::from_chars(text.data(), end, *out, std::chars_format::general);
  return r.ec == std::errc() && r.ptr == end;
}

Scan ScanToken(const char* begin, const char* end, Token* token, ScanError* error) {
  *token = Token();
  if (begin == end) {
    token->size = 1;
    return Scan::kMore;
  }
  token->type = *begin;
  if (!IsType(*begin)) return Bad(ScanError::kBadType, error);
  const char* line = begin + 1;
  const char* line_end = FindLineEnd(line, end);
  if (line_end == nullptr) {
    token->size = static_cast<size_t>(end - begin) + 1;
    return Scan::kMore;
  }
  const char* next = line_end + 2;
  token->size = static_cast<size_t>(next - begin);
  const bool bulk = token->type == '$' || token->type == '=';
  if (!bulk && !token->is_aggregate()) {
    token->text = Bytes(line, static_cast<size_t>(line_end - line));
    const ScanError why = ScanLine(token);
    return why == ScanError::kNone ? Scan::kToken : Bad(why, error);
  }
  int64_t count = 0;
  if (!ParseCanonical(line, line_end, &count)) {
    return Bad(bulk ? ScanError::kBadBulkLength : ScanError::kBadCount, error);
  }
  if (count < -1) return Bad(bulk ? ScanError::kBulkOutOfRange : ScanError::kCountOutOfRange, error);
  token->number = count;
  if (count == -1) {
    token->null = true;
    return Scan::kToken;
  }
  if (!bulk) {
    const bool couples = token->type == '%' || token->type == '|';
    if (couples && count > std::numeric_limits<int64_t>::max() / 2) return Bad(ScanError::kCountOutOfRange, error);
    return Scan::kToken;
  }
  // Lengths that no address space holds: also keeps the sum below from wrapping.
  if (count > std::numeric_limits<int64_t>::max() / 2) return Bad(ScanError::kBulkOutOfRange, error);
  token->size += static_cast<size_t>(count) + 2;
  if (static_cast<size_t>(end - begin) < token->size) return Scan::kMore;
  token->text = Bytes(next, static_cast<size_t>(count));
  if (token->type == '=' && (count < 4 || next[3] != ':')) return Bad(ScanError::kBadVerbatim, error);
  return Scan::kToken;
}

Bytes ScanErrorText(ScanError error) {
  switch (error) {
    case ScanError::kNone:
      return "";
    case ScanError::kBadInteger:
      return "Bad integer value";
    case ScanError::kBadDouble:
      return "Bad double value";
    case ScanError::kDoubleTooLarge:
      return "Double value is too large";
    case ScanError::kBadNull:
      return "Bad nil value";
    case ScanError::kBadBool:
      return "Bad bool value";
    case ScanError::kBadBigNumber:
      return "Bad bignum value";
    case ScanError::kBadSimple:
      return "Bad simple string value";
    case ScanError::kBadBulkLength:
      return "Bad bulk string length";
    case ScanError::kBulkOutOfRange:
      return "Bulk string length out of range";
    case ScanError::kBadCount:
      return "Bad multi-bulk length";
    case ScanError::kCountOutOfRange:
      return "Multi-bulk length out of range";
    case ScanError::kBadVerbatim:
      return "Verbatim string 4 bytes of content type are missing or incorrectly encoded.";
    case ScanError::kTooDeep:
      return "Max nesting depth exceeded";
    case ScanError::kBadType:
      return "Protocol error, got an unknown reply type byte";
  }
  return "";
}

Bytes BadTypeText(char type, char (&buffer)[kBadTypeTextBytes]) {
  char* p = buffer;
  const auto put = [&p](Bytes text) {
    std::memcpy(p, text.data(), text.size());
    p += text.size();
  };
  put("Protocol error, got \"");
  const unsigned char byte = static_cast<unsigned char>(type);
  constexpr char kHex[] = "0123456789abcdef";
  constexpr Bytes kNamed = "\n\r\t\a\b\"\\";
  constexpr Bytes kNames = "nrtab\"\\";
  if (const size_t at = kNamed.find(type); at != Bytes::npos) {
    *p++ = '\\';
    *p++ = kNames[at];
  } else if (byte >= 0x20 && byte < 0x7f) {
    *p++ = type;
  } else {
    put("\\x");
    *p++ = kHex[byte >> 4];
    *p++ = kHex[byte & 15];
  }
  put("\" as reply type byte");
  return Bytes(buffer, static_cast<size_t>(p - buffer));
}

}  // namespace dualis::resp
