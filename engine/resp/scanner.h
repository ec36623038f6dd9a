// The one scanner of RESP replies. It looks at a range of bytes and yields the value or the header that starts there,
// without a buffer, a state or an allocation of its own; the reply decoder of the C++ connection and the reader of the
// hiredis ABI both own their state over it.
//
//   +text\r\n  -text\r\n  :12\r\n  ,1.5\r\n  #t\r\n  (123\r\n  _\r\n        a line: value in the token
//   $3\r\nabc\r\n  =7\r\ntxt:abc\r\n                                    a bulk: text in the token
//   *2\r\n  ~2\r\n  %2\r\n  >2\r\n  |1\r\n                                 an aggregate: count in the token; its parts
//   follow
//
// Strictness is that of hiredis: integers and lengths in canonical decimal form, no lone \r or \n in a simple string,
// the two bytes behind a bulk are not looked at, streamed aggregates and blob errors are unknown.
#ifndef DUALIS_ENGINE_RESP_SCANNER_H_
#define DUALIS_ENGINE_RESP_SCANNER_H_

#include <cstddef>
#include <cstdint>

#include "dualis/bytes.h"

namespace dualis::resp {

// Why bytes are not RESP. Texts: ScanErrorText.
enum class ScanError : uint8_t {
  kNone,
  kBadInteger,
  kBadDouble,
  kDoubleTooLarge,
  kBadNull,
  kBadBool,
  kBadBigNumber,
  kBadSimple,
  kBadBulkLength,
  kBulkOutOfRange,
  kBadCount,         // "Bad multi-bulk length"
  kCountOutOfRange,  // "Multi-bulk length out of range"; callers with a limit of their own use it too
  kBadVerbatim,
  kTooDeep,  // never by the scanner: for callers that keep the stack
  kBadType,  // text: BadTypeText
};

// hiredis' text.
Bytes ScanErrorText(ScanError error);

// hiredis' text for an unknown type byte, quoted as C would: `Protocol error, got "\x01" as reply type byte`. Written
// into `buffer`.
inline constexpr size_t kBadTypeTextBytes = 64;
Bytes BadTypeText(char type, char (&buffer)[kBadTypeTextBytes]);

struct Token {
  char type = 0;       // the type byte
  bool null = false;   // '_', or a length or count of -1
  int64_t number = 0;  // ':' the value; '#' 0 or 1; aggregates: the count as sent (of a map: couples)
  double real = 0;     // ','
  Bytes text;          // lines: what is between type byte and \r\n; bulks: the payload; '=': with the "txt:" in front
  size_t size = 0;     // bytes of the token, everything included

  bool is_aggregate() const { return type == '*' || type == '~' || type == '%' || type == '>' || type == '|'; }
};

enum class Scan : uint8_t {
  kToken,  // *token is set
  kMore,   // the range ends inside the token; token->size is how long the range must at least be
  kBad,    // *error says why
};

// The token at the start of [begin, end). Views in the token point into the range.
Scan ScanToken(const char* begin, const char* end, Token* token, ScanError* error);

// The double as RESP3 has it: decimal with an optional minus, inf, -inf, nan, -nan in any case; nothing else, and no
// value that a double cannot hold.
bool ParseRespDouble(Bytes text, double* out);

}  // namespace dualis::resp

#endif  // DUALIS_ENGINE_RESP_SCANNER_H_
