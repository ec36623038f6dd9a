// The commands on bits of strings as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_BITMAPS_H_
#define DUALIS_API_BITMAPS_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/bitfields.h"
#include "dualis/commands/bitmaps.h"

namespace dualis {

// What the ends of a range count.
enum class BitUnit : uint8_t { kByte, kBit };

template <class Self>
class BitmapCommands {
 public:
  auto setbit(Key key, int64_t offset, bool value) { return Do(cmd::SetBit{key, offset, value ? 1 : 0}); }
  auto getbit(Key key, int64_t offset) { return Do(cmd::GetBit{key, offset}); }
  auto bitcount(Key key) { return Do(cmd::BitCount{key}); }
  auto bitcount(Key key, int64_t start, int64_t end, BitUnit unit = BitUnit::kByte) {
    return Do(cmd::BitCount{key, start, end, WordOf(unit)});
  }
  auto bitpos(Key key, bool bit, std::optional<int64_t> start = {}) {
    cmd::BitPos command{key, bit ? 1 : 0};
    if (start) command.start = *start;
    return Do(command);
  }
  auto bitpos(Key key, bool bit, int64_t start, int64_t end, BitUnit unit = BitUnit::kByte) {
    return Do(cmd::BitPos{key, bit ? 1 : 0, start, end, WordOf(unit)});
  }
  auto bitop_and(Key destkey, Many<Key> keys) { return Do(cmd::BitOp{"AND", destkey, std::move(keys)}); }
  auto bitop_or(Key destkey, Many<Key> keys) { return Do(cmd::BitOp{"OR", destkey, std::move(keys)}); }
  auto bitop_xor(Key destkey, Many<Key> keys) { return Do(cmd::BitOp{"XOR", destkey, std::move(keys)}); }
  auto bitop_not(Key destkey, Key key) { return Do(cmd::BitOp{"NOT", destkey, {key}}); }
  auto bitfield(Key key, Many<cmd::BitFieldStep> steps) { return Do(cmd::BitField{key, std::move(steps)}); }
  auto bitfield_ro(Key key, Many<cmd::BitFieldStep> steps) { return Do(cmd::BitFieldRo{key, std::move(steps)}); }

 private:
  static std::optional<Bytes> WordOf(BitUnit unit) {
    if (unit == BitUnit::kByte) return std::nullopt;
    return Bytes("BIT");
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_BITMAPS_H_
