// Arg and Args: the words of a command as the dynamic fronts carry them. A number stays a number until somebody needs
// text, so a Lua script or a typed caller that passes 5 costs no printing and no parsing.
#ifndef DUALIS_ARGS_H_
#define DUALIS_ARGS_H_

#include <concepts>
#include <span>
#include <string>

#include "dualis/bytes.h"

namespace dualis {

// One word: bytes (borrowed), or a number with the text that Redis would give it (an integer in decimal; a double as
// the shortest of 15 to 17 digits that reads back).
struct Arg {
  enum class Kind : uint8_t { kBytes, kInt, kDouble };

  constexpr Arg() : bytes() {}
  constexpr Arg(Bytes b) : bytes(b) {}        // NOLINT(google-explicit-constructor)
  constexpr Arg(const char* b) : bytes(b) {}  // NOLINT(google-explicit-constructor)
  Arg(const std::string& b) : bytes(b) {}     // NOLINT(google-explicit-constructor)
  constexpr Arg(Key k) : bytes(k.name) {}     // NOLINT(google-explicit-constructor)
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) constexpr Arg(T i)
      : kind(Kind::kInt), integer(static_cast<int64_t>(i)) {}  // NOLINT(google-explicit-constructor)
  constexpr Arg(double d) : kind(Kind::kDouble), number(d) {}  // NOLINT(google-explicit-constructor)

  bool is_bytes() const { return kind == Kind::kBytes; }

  // Room for the text of any number.
  static constexpr size_t kTextBytes = 40;
  // The text; written into `buffer` (kTextBytes long) if this is a number, else the borrowed bytes.
  Bytes Text(char* buffer) const;
  // True and the value if this is an integer as Redis accepts one ("12", "-3"; not "+3", " 3", "03", "3.0").
  bool ToInt(int64_t* out) const;
  // True and the value if this is a float as Redis accepts one (also "inf", "-inf", "1e3"; not "nan", " 1").
  bool ToDouble(double* out) const;

  Kind kind = Kind::kBytes;
  union {
    Bytes bytes;
    int64_t integer;
    double number;
  };
};

// A whole command, name first. Borrowed.
using Args = std::span<const Arg>;

}  // namespace dualis

#endif  // DUALIS_ARGS_H_
