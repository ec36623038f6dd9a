// Numbers to text and back, exactly as Redis reads and prints them, whatever the locale of the host.
//
// Parsers return nothing for what Redis refuses; the caller knows which error that is. Formatters write into a buffer
// of the caller and return the part that they filled; there is no terminating zero.
#ifndef DUALIS_ENGINE_CORE_NUMBER_TEXT_H_
#define DUALIS_ENGINE_CORE_NUMBER_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dualis/bytes.h"

namespace dualis {

// Redis' string2ll: an optional minus and digits, the canonical form only (no plus, space, leading zero or "-0").
// This is also the test whether a string can be stored as an integer and recreated from it.
std::optional<int64_t> ParseInt64(Bytes text);

// Redis' string2ull, of stream ids: what ParseInt64 takes, if not negative; of the rest what strtoull takes, which
// allows leading spaces, signs and zeros (so that "-1" is refused, while "-01" wraps around).
std::optional<uint64_t> ParseUint64(Bytes text);

// Redis' getDoubleFromObject: strtod's forms (sign, decimal or 0x, exponent, inf, infinity) over the whole text.
// Refused: the empty text, leading spaces, trailing bytes, nan, an overflow, an underflow to zero.
std::optional<double> ParseDouble(Bytes text);

// The same with strtold, for INCRBYFLOAT and HINCRBYFLOAT. Texts of 5120 bytes and more are refused, as Redis does.
std::optional<long double> ParseLongDouble(Bytes text);

inline constexpr size_t kInt64Chars = 20;   // "-9223372036854775808" and 2^64 - 1
inline constexpr size_t kDoubleChars = 32;  // at most 24 are used
inline constexpr size_t kLongDoubleChars = 5 * 1024;

Bytes FormatInt64(int64_t value, char (&buffer)[kInt64Chars]);
Bytes FormatUint64(uint64_t value, char (&buffer)[kInt64Chars]);

// How Redis 7.2 replies doubles (ZSCORE, RESP3's `,`): "inf", "-inf", "nan" or the shortest digits that read back; an
// integer below 2^62 in full. Redis 7.0 printed 17 digits.
Bytes FormatDouble(double value, char (&buffer)[kDoubleChars]);

// printf's %.17g.
Bytes FormatDouble17(double value, char (&buffer)[kDoubleChars]);

// printf's %.*f, for people. Requires a finite value and at most 17 `digits`.
inline constexpr size_t kFixedChars = 330;
Bytes FormatFixed(double value, int digits, char (&buffer)[kFixedChars]);

// INCRBYFLOAT's form: %.17Lf without trailing zeros and "0" for what rounds to -0. Requires a finite value.
Bytes FormatLongDouble(long double value, char (&buffer)[kLongDoubleChars]);

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_NUMBER_TEXT_H_
