#include "engine/types/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/core/number_text.h"

namespace dualis::bitmap {
namespace {

// Eight bytes with the first one highest.
uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  return word;
}

void CombineInto(Operation operation, char* to, Bytes from) {
  // Plain loops, which compilers turn into wide instructions.
  switch (operation) {
    case Operation::kAnd:
      for (size_t i = 0; i < from.size(); ++i) to[i] = static_cast<char>(to[i] & from[i]);
      return;
    case Operation::kOr:
      for (size_t i = 0; i < from.size(); ++i) to[i] = static_cast<char>(to[i] | from[i]);
      return;
    case Operation::kXor:
      for (size_t i = 0; i < from.size(); ++i) to[i] = static_cast<char>(to[i] ^ from[i]);
      return;
    case Operation::kNot:
      return;
  }
}

std::optional<int64_t> FitUnsigned(int bits, int64_t value, int64_t increment, Overflow overflow) {
  const uint64_t max = (uint64_t{1} << bits) - 1;
  const auto from = static_cast<uint64_t>(value);
  const auto most = static_cast<int64_t>(max - from);
  const auto least = static_cast<int64_t>(-from);
  const bool above = from > max || (increment > 0 && increment > most);
  const bool below = !above && increment < 0 && increment < least;
  if (above || below) {
    if (overflow == Overflow::kFail) return std::nullopt;
    if (overflow == Overflow::kSaturate) return above ? static_cast<int64_t>(max) : 0;
  }
  return static_cast<int64_t>((from + static_cast<uint64_t>(increment)) & max);
}

std::optional<int64_t> FitSigned(int bits, int64_t value, int64_t increment, Overflow overflow) {
  const int64_t max = bits == 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
  const int64_t min = -max - 1;
  // What may be added before an end is reached. For a `value` far outside of the field these wrap around, and so
  // decide, as in Redis, to which end it saturates.
  const auto most = static_cast<int64_t>(static_cast<uint64_t>(max) - static_cast<uint64_t>(value));
  const auto least = static_cast<int64_t>(static_cast<uint64_t>(min) - static_cast<uint64_t>(value));
  const bool above =
      value > max || (bits != 64 && increment > most) || (value >= 0 && increment > 0 && increment > most);
  const bool below =
      !above && (value < min || (bits != 64 && increment < least) || (value < 0 && increment < 0 && increment < least));
  if (above || below) {
    if (overflow == Overflow::kFail) return std::nullopt;
    if (overflow == Overflow::kSaturate) return above ? max : min;
  }
  const uint64_t sum = static_cast<uint64_t>(value) + static_cast<uint64_t>(increment);
  // The sign is the highest bit of the field.
  return static_cast<int64_t>(sum << (64 - bits)) >> (64 - bits);
}

}  // namespace

uint64_t Count(Bytes bits, size_t first, size_t last) {
  const size_t first_byte = first / 8;
  const size_t last_byte = last / 8;
  uint64_t count = 0;
  size_t i = first_byte;
  for (; i + 8 <= last_byte + 1; i += 8) count += static_cast<uint64_t>(std::popcount(LoadWord(bits.data() + i)));
  for (; i <= last_byte; ++i) count += static_cast<uint64_t>(std::popcount(static_cast<unsigned char>(bits[i])));
  // The bits of the outer bytes that are not asked for.
  const auto head = static_cast<unsigned char>(static_cast<unsigned char>(bits[first_byte]) & ~(0xff >> first % 8));
  const auto tail = static_cast<unsigned char>(static_cast<unsigned char>(bits[last_byte]) & (0x7f >> last % 8));
  return count - static_cast<uint64_t>(std::popcount(head)) - static_cast<uint64_t>(std::popcount(tail));
}

std::optional<size_t> Find(Bytes bits, bool value, size_t first, size_t last) {
  size_t at = first;
  while (at <= last) {
    if (at % 8 == 0 && last - at >= 63) {
      const uint64_t word = LoadWord(bits.data() + at / 8);
      const uint64_t wanted = value ? word : ~word;
      if (wanted != 0) return at + static_cast<size_t>(std::countl_zero(wanted));
      at += 64;
    } else if (Get(bits, at) == value) {
      return at;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

std::string Combine(Operation operation, std::span<const Bytes> sources) {
  size_t size = 0;
  size_t shortest = SIZE_MAX;
  for (Bytes source : sources) {
    size = std::max(size, source.size());
    shortest = std::min(shortest, source.size());
  }
  std::string result(sources[0]);
  result.resize(size);
  if (operation == Operation::kNot) {
    for (char& byte : result) byte = static_cast<char>(~byte);
    return result;
  }
  for (Bytes source : sources.subspan(1)) CombineInto(operation, result.data(), source);
  if (operation == Operation::kAnd) std::fill(result.begin() + static_cast<ptrdiff_t>(shortest), result.end(), '\0');
  return result;
}

std::optional<FieldType> ParseFieldType(Bytes text) {
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) return std::nullopt;
  const bool is_signed = text[0] == 'i';
  const auto bits = ParseInt64(text.substr(1));
  if (!bits || *bits < 1 || *bits > (is_signed ? 64 : 63)) return std::nullopt;
  return FieldType{is_signed, static_cast<int>(*bits)};
}

int64_t GetField(Bytes bits, FieldType type, size_t at) {
  uint64_t value = 0;
  for (int i = 0; i < type.bits; ++i) value = value << 1 | (Get(bits, at + static_cast<size_t>(i)) ? 1 : 0);
  if (!type.is_signed) return static_cast<int64_t>(value);
  return static_cast<int64_t>(value << (64 - type.bits)) >> (64 - type.bits);
}

void SetField(char* bits, FieldType type, size_t at, int64_t value) {
  for (int i = type.bits - 1; i >= 0; --i, value >>= 1) Set(bits, at + static_cast<size_t>(i), (value & 1) != 0);
}

std::optional<int64_t> Fit(FieldType type, int64_t value, int64_t increment, Overflow overflow) {
  return type.is_signed ? FitSigned(type.bits, value, increment, overflow)
                        : FitUnsigned(type.bits, value, increment, overflow);
}

}  // namespace dualis::bitmap
