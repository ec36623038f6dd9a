// Strings as rows of bits, the way Redis counts them: bit 0 is the highest bit of the first byte.
//
//   bit:   0 1 2 3 4 5 6 7 | 8 9 ...
//   byte:  0               | 1
//
// A field of a bitmap is an integer of 1 to 64 bits that starts at any bit, its highest bit first.
#ifndef DUALIS_ENGINE_TYPES_BITMAP_H_
#define DUALIS_ENGINE_TYPES_BITMAP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "dualis/bytes.h"

namespace dualis::bitmap {

// Zero beyond the end.
inline bool Get(Bytes bits, size_t at) {
  return at / 8 < bits.size() && ((static_cast<unsigned char>(bits[at / 8]) >> (7 - at % 8)) & 1) != 0;
}
// Requires: at is inside.
inline void Set(char* bits, size_t at, bool value) {
  const auto mask = static_cast<unsigned char>(0x80 >> at % 8);
  const auto old = static_cast<unsigned char>(bits[at / 8]);
  bits[at / 8] = static_cast<char>(value ? old | mask : old & ~mask);
}

// How many of the bits first..last, both included, are set. Requires: first <= last, last inside.
uint64_t Count(Bytes bits, size_t first, size_t last);
// The first of them that has this value.
std::optional<size_t> Find(Bytes bits, bool value, size_t first, size_t last);

enum class Operation : uint8_t { kAnd, kOr, kXor, kNot };
// Combines strings, the shorter ones padded with zeros. kNot takes one. Requires: at least one.
std::string Combine(Operation operation, std::span<const Bytes> sources);

// How wide the integers of a field are.
struct FieldType {
  bool is_signed;
  int bits;  // 1..64, or 1..63 without sign
};
// "i16", "u8"; nothing for what Redis refuses.
std::optional<FieldType> ParseFieldType(Bytes text);

// What becomes of a number that does not fit its field.
enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

// The integer of a field; bits beyond the end are zero.
int64_t GetField(Bytes bits, FieldType type, size_t at);
// Requires: the field is inside.
void SetField(char* bits, FieldType type, size_t at, int64_t value);
// `value` + `increment` as it fits the field; nothing if it does not and `overflow` is kFail.
std::optional<int64_t> Fit(FieldType type, int64_t value, int64_t increment, Overflow overflow);

}  // namespace dualis::bitmap

#endif  // DUALIS_ENGINE_TYPES_BITMAP_H_
