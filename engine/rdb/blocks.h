// The blocks of bytes in which Redis keeps small collections, and which its files hold as one string each. Ours are
// laid out otherwise (core/packed_list.h), so that items are read from these blocks and written to them one by one.
//
//   listpack: | bytes u32 | items u16, 65535: more | item ... | 255 |            Redis 7
//     item:   | 0nnnnnnn                        0..127
//             | 10nnnnnn | text                 of up to 63 bytes
//             | 110nnnnn n                      13 bits, signed, high bits first
//             | 1110nnnn n | text               of up to 4095 bytes, high bits first
//             | 11110000 nnnn | text            of any size
//             | 11110001 nn | ...010 nnn | ...011 nnnn | ...100 nnnnnnnn    integers of 2, 3, 4 and 8 bytes
//             followed by its own size so far, in groups of 7 bits that are read backwards
//   ziplist:  | bytes u32 | last item u32 | items u16, 65535: more | item ... | 255 |     before Redis 7
//     item:   | size of the item before u8, or 254 and u32 |
//             | 00nnnnnn | text   | 01nnnnnn n | text   | 10000000 nnnn | text            high byte first
//             | 11000000 nn | 11010000 nnnn | 11100000 nnnnnnnn | 11110000 nnn | 11111110 n      integers
//             | 1111nnnn                        nnnn - 1, for nnnn 1 to 13
//   zipmap:   | pairs u8, 254: more | size | field | size | unused u8 | value | unused bytes | ... | 255 |
//     size:   u8, or 254 and u32
//   intset:   | width u32: 2, 4 or 8 | count u32 | integer ... |                 ascending
//
// Numbers are low byte first where nothing else is said. The readers trust nothing: a block that is not exactly as
// drawn is not sound. An item's text is valid as long as the block and the buffer.
#ifndef DUALIS_ENGINE_RDB_BLOCKS_H_
#define DUALIS_ENGINE_RDB_BLOCKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dualis/bytes.h"
#include "engine/core/number_text.h"

namespace dualis::rdb {

using ItemBuffer = char[kInt64Chars];

// What the readers share: a place in a block that only moves forward, and whether all was right so far.
//
//   while (reader.Next(&text, buffer)) ...
//   if (!reader.sound()) ...
class BlockReader {
 public:
  // Requires that Next returned false: true if the block ended as it should.
  bool sound() const { return sound_; }

 protected:
  explicit BlockReader(Bytes block) : block_(block) {}
  // False from now on.
  bool Broken() {
    sound_ = false;
    at_ = block_.size();
    return false;
  }
  bool Has(size_t bytes) const { return block_.size() - at_ >= bytes; }
  uint8_t At(size_t index) const { return static_cast<uint8_t>(block_[index]); }
  // The number of so many bytes, low byte first; sign-extended by the caller's shift. Requires: they are there.
  uint64_t LowFirst(size_t at, size_t bytes) const;
  uint64_t HighFirst(size_t at, size_t bytes) const;

  Bytes block_;
  size_t at_ = 0;
  bool sound_ = true;
};

class ListpackReader : public BlockReader {
 public:
  explicit ListpackReader(Bytes block);
  bool Next(Bytes* text, ItemBuffer& buffer);
  // The next item, which must be an integer.
  bool NextInt(int64_t* number);

 private:
  struct Item {
    bool is_int;
    int64_t number;
    Bytes text;
  };
  bool NextItem(Item* item);

  uint32_t expected_ = 0;
  uint32_t read_ = 0;
};

class ZiplistReader : public BlockReader {
 public:
  explicit ZiplistReader(Bytes block);
  bool Next(Bytes* text, ItemBuffer& buffer);

 private:
  uint32_t expected_ = 0;
  uint32_t read_ = 0;
  size_t previous_ = 0;  // size of the item before
  size_t last_ = 0;      // where it is
  size_t tail_ = 0;      // where the last item must be
};

class ZipmapReader : public BlockReader {
 public:
  explicit ZipmapReader(Bytes block);
  // Fields and values in turn.
  bool Next(Bytes* text, ItemBuffer& buffer);

 private:
  uint32_t expected_ = 0;
  uint32_t read_ = 0;
  bool value_ = false;
};

class IntsetReader : public BlockReader {
 public:
  explicit IntsetReader(Bytes block);
  bool Next(Bytes* text, ItemBuffer& buffer);

 private:
  size_t width_ = 0;
  bool first_ = true;
  int64_t before_ = 0;
};

class ListpackWriter {
 public:
  ListpackWriter() : bytes_(kHeaderBytes, '\0') {}

  // A text that spells an integer is written as one.
  void Add(Bytes text);
  void Add(int64_t number);
  uint32_t size() const { return count_; }
  // The whole block. Valid until the next change.
  Bytes Finish();
  void Clear();

 private:
  static constexpr size_t kHeaderBytes = 6;
  void PutBack(size_t item_bytes);

  std::string bytes_;
  uint32_t count_ = 0;
  bool finished_ = false;
};

// An intset of these integers, in ascending order.
std::string WriteIntset(const std::vector<int64_t>& numbers);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_BLOCKS_H_
