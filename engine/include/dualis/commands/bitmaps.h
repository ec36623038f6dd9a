// Commands on strings as rows of bits. Bit 0 is the highest bit of the first byte; bits beyond the end are zero.
#ifndef DUALIS_COMMANDS_BITMAPS_H_
#define DUALIS_COMMANDS_BITMAPS_H_

#include <cstdint>
#include <optional>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// Bits that the longest string has.
inline constexpr int64_t kMostBits = int64_t{512} << 23;

// SETBIT key offset value: the bit that was there.
struct SetBit {
  static constexpr CommandInfo kInfo{"SETBIT",
                                     kWrite | kDenyOom,
                                     Group::kBitmap,
                                     "2.2.0",
                                     "Sets or clears the bit at offset in the string value stored at key",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  int64_t offset = 0;
  int64_t value = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.number(c.offset, "offset", errors::kBitOffset);
    v.rule(c.offset >= 0 && c.offset < kMostBits, errors::kBitOffset);
    v.number(c.value, "value", errors::kBitValue);
    v.rule(c.value == 0 || c.value == 1, errors::kBitValue);
  }
};

// GETBIT key offset
struct GetBit {
  static constexpr CommandInfo kInfo{"GETBIT",
                                     kReadOnly | kFast,
                                     Group::kBitmap,
                                     "2.2.0",
                                     "Returns the bit value at offset in the string value stored at key",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  int64_t offset = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.number(c.offset, "offset", errors::kBitOffset);
    v.rule(c.offset >= 0 && c.offset < kMostBits, errors::kBitOffset);
  }
};

// BITCOUNT key [start end [BYTE | BIT]]: how many bits are set. Both ends are included, and negative from the end.
struct BitCount {
  static constexpr CommandInfo kInfo{"BITCOUNT", kReadOnly, Group::kBitmap, "2.6.0", "Count set bits in a string",
                                     "O(N)"};
  using Reply = int64_t;
  Key key;
  std::optional<Late<int64_t>> start = {};
  std::optional<Late<int64_t>> end = {};
  std::optional<Bytes> unit = {};
  LateErrors late = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.late_errors(c.late);
    v.optional(c.start, "start");
    v.optional(c.end, "end");
    v.optional(c.unit, "unit");
    v.no_more(errors::kSyntax);
  }
};

// BITPOS key bit [start [end [BYTE | BIT]]]: the first bit of this value, or -1. Without an end a string of ones goes
// on with zeros.
struct BitPos {
  static constexpr CommandInfo kInfo{
      "BITPOS", kReadOnly, Group::kBitmap, "2.8.7", "Find first bit set or clear in a string", "O(N)"};
  using Reply = int64_t;
  Key key;
  int64_t bit = 0;
  std::optional<Late<int64_t>> start = {};
  std::optional<Late<int64_t>> end = {};
  std::optional<Bytes> unit = {};
  LateErrors late = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key);
    v.number(c.bit, "bit");
    v.rule(c.bit == 0 || c.bit == 1, errors::kBitArgument);
    v.late_errors(c.late);
    v.optional(c.start, "start");
    v.optional(c.end, "end");
    v.optional(c.unit, "unit");
    v.no_more(errors::kSyntax);
  }
};

// BITOP AND | OR | XOR | NOT destkey key [key ...]: the length of the result; an empty one deletes destkey.
struct BitOp {
  static constexpr CommandInfo kInfo{
      "BITOP", kWrite | kDenyOom, Group::kBitmap, "2.6.0", "Perform bitwise operations between strings", "O(N)"};
  using Reply = int64_t;
  Bytes operation = "AND";
  Key destkey;
  Many<Key> keys;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.operation, "operation");
    v.key(c.destkey, static_cast<KeyUse>(kKeyOW | kKeyUpdate), "destkey");
    v.many(c.keys, "key", 0, static_cast<KeyUse>(kKeyRO | kKeyAccess));
    v.rule(IsOperation(c.operation), errors::kSyntax);
    v.rule(!IsNot(c.operation) || c.keys.size() == 1, errors::kBitOpNot);
  }
  static bool IsOperation(Bytes word);
  static bool IsNot(Bytes word);
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_BITMAPS_H_
