#include "engine/rdb/blocks.h"

#include <cassert>
#include <cstring>

namespace dualis::rdb {
namespace {

constexpr uint8_t kEnd = 0xff;
// A count that did not fit its field.
constexpr uint32_t kUncounted = 0xffff;
constexpr uint8_t kLongSize = 254;

int64_t SignExtend(uint64_t number, int bits) {
  const int unused = 64 - bits;
  return static_cast<int64_t>(number << unused) >> unused;
}

// Bytes that the size of a listpack's item takes behind it. The bounds are Redis' own.
size_t BackBytes(size_t item) {
  if (item <= 127) return 1;
  if (item < 16383) return 2;
  if (item < 2097151) return 3;
  return item < 268435455 ? 4 : 5;
}

// Writes it; returns how many bytes that were.
size_t WriteBack(size_t item, char* to) {
  const size_t bytes = BackBytes(item);
  for (size_t i = 0; i < bytes; ++i) {
    const auto group = static_cast<uint8_t>((item >> (7 * (bytes - 1 - i))) & 0x7f);
    to[i] = static_cast<char>(i == 0 ? group : group | 0x80);
  }
  return bytes;
}

void PutLowFirst(std::string& to, uint64_t number, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) to.push_back(static_cast<char>(number >> (8 * i)));
}

}  // namespace

uint64_t BlockReader::LowFirst(size_t at, size_t bytes) const {
  uint64_t number = 0;
  for (size_t i = bytes; i > 0; --i) number = number << 8 | At(at + i - 1);
  return number;
}

uint64_t BlockReader::HighFirst(size_t at, size_t bytes) const {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes; ++i) number = number << 8 | At(at + i);
  return number;
}

ListpackReader::ListpackReader(Bytes block) : BlockReader(block) {
  if (block.size() < 7 || LowFirst(0, 4) != block.size() || At(block.size() - 1) != kEnd) {
    Broken();
    return;
  }
  expected_ = static_cast<uint32_t>(LowFirst(4, 2));
  at_ = 6;
}

bool ListpackReader::NextItem(Item* item) {
  if (!Has(1)) return false;
  const size_t start = at_;
  const uint8_t head = At(start);
  if (head == kEnd) {
    if (start + 1 != block_.size() || (expected_ != kUncounted && read_ != expected_)) return Broken();
    at_ = block_.size();
    return false;
  }
  size_t head_bytes = 1;
  uint64_t text_bytes = 0;
  item->is_int = false;
  auto read_int = [&](size_t bytes) {
    if (!Has(1 + bytes)) return false;
    item->is_int = true;
    item->number = SignExtend(LowFirst(start + 1, bytes), static_cast<int>(8 * bytes));
    head_bytes = 1 + bytes;
    return true;
  };
  if (head < 0x80) {
    item->is_int = true;
    item->number = head;
  } else if (head < 0xc0) {
    text_bytes = head & 0x3f;
  } else if (head < 0xf0) {
    if (!Has(2)) return Broken();
    head_bytes = 2;
    if (head < 0xe0) {
      item->is_int = true;
      item->number = SignExtend(HighFirst(start, 2) & 0x1fff, 13);
    } else {
      text_bytes = HighFirst(start, 2) & 0xfff;
    }
  } else if (head == 0xf0) {
    if (!Has(5)) return Broken();
    head_bytes = 5;
    text_bytes = LowFirst(start + 1, 4);
  } else if (head <= 0xf4) {
    constexpr size_t kBytes[] = {2, 3, 4, 8};
    if (!read_int(kBytes[head - 0xf1])) return Broken();
  } else {
    return Broken();
  }
  if (!Has(head_bytes + text_bytes)) return Broken();
  item->text = block_.substr(start + head_bytes, text_bytes);
  at_ += head_bytes + text_bytes;
  char back[5];
  const size_t back_bytes = WriteBack(at_ - start, back);
  // At least the end follows.
  if (!Has(back_bytes + 1) || std::memcmp(block_.data() + at_, back, back_bytes) != 0) return Broken();
  at_ += back_bytes;
  ++read_;
  return true;
}

bool ListpackReader::Next(Bytes* text, ItemBuffer& buffer) {
  Item item;
  if (!NextItem(&item)) return false;
  *text = item.is_int ? FormatInt64(item.number, buffer) : item.text;
  return true;
}

bool ListpackReader::NextInt(int64_t* number) {
  Item item;
  if (!NextItem(&item)) return false;
  if (!item.is_int) return Broken();
  *number = item.number;
  return true;
}

ZiplistReader::ZiplistReader(Bytes block) : BlockReader(block) {
  if (block.size() < 11 || LowFirst(0, 4) != block.size() || At(block.size() - 1) != kEnd) {
    Broken();
    return;
  }
  tail_ = LowFirst(4, 4);
  expected_ = static_cast<uint32_t>(LowFirst(8, 2));
  at_ = last_ = 10;
}

bool ZiplistReader::Next(Bytes* text, ItemBuffer& buffer) {
  if (!Has(1)) return false;
  const size_t start = at_;
  if (At(start) == kEnd) {
    const bool counted = expected_ == kUncounted || read_ == expected_;
    if (start + 1 != block_.size() || !counted || last_ != tail_) return Broken();
    at_ = block_.size();
    return false;
  }
  uint64_t before = At(at_++);
  if (before == kLongSize) {
    if (!Has(4)) return Broken();
    before = LowFirst(at_, 4);
    at_ += 4;
  }
  if (before != previous_ || !Has(1)) return Broken();
  const uint8_t head = At(at_);
  size_t head_bytes = 1;
  uint64_t text_bytes = 0;
  if (head < 0xc0) {
    head_bytes = head < 0x40 ? 1 : head < 0x80 ? 2 : 5;
    if (!Has(head_bytes)) return Broken();
    if (head < 0x80) {
      text_bytes = head < 0x40 ? head : HighFirst(at_, 2) & 0x3fff;
    } else {
      if (head != 0x80) return Broken();
      text_bytes = HighFirst(at_ + 1, 4);
    }
    if (!Has(head_bytes + text_bytes)) return Broken();
    *text = block_.substr(at_ + head_bytes, text_bytes);
  } else {
    size_t bytes = 0;
    switch (head) {
      case 0xc0:
        bytes = 2;
        break;
      case 0xd0:
        bytes = 4;
        break;
      case 0xe0:
        bytes = 8;
        break;
      case 0xf0:
        bytes = 3;
        break;
      case 0xfe:
        bytes = 1;
        break;
      default:
        if (head < 0xf1 || head > 0xfd) return Broken();
    }
    if (!Has(1 + bytes)) return Broken();
    const int64_t number =
        bytes == 0 ? (head & 0xf) - 1 : SignExtend(LowFirst(at_ + 1, bytes), static_cast<int>(8 * bytes));
    *text = FormatInt64(number, buffer);
    head_bytes = 1 + bytes;
  }
  at_ += head_bytes + text_bytes;
  // At least the end follows.
  if (!Has(1)) return Broken();
  previous_ = at_ - start;
  last_ = start;
  ++read_;
  return true;
}

ZipmapReader::ZipmapReader(Bytes block) : BlockReader(block) {
  if (block.size() < 2 || At(block.size() - 1) != kEnd) {
    Broken();
    return;
  }
  expected_ = At(0);
  at_ = 1;
}

bool ZipmapReader::Next(Bytes* text, ItemBuffer&) {
  if (!Has(1)) return false;
  if (At(at_) == kEnd && !value_) {
    if (at_ + 1 != block_.size() || (expected_ < kLongSize && read_ != expected_)) return Broken();
    at_ = block_.size();
    return false;
  }
  uint64_t size = At(at_++);
  if (size == kEnd) return Broken();
  if (size == kLongSize) {
    if (!Has(4)) return Broken();
    size = LowFirst(at_, 4);
    at_ += 4;
  }
  size_t unused = 0;
  if (value_) {
    if (!Has(1)) return Broken();
    unused = At(at_++);
  }
  // At least the end follows.
  if (!Has(size + unused + 1)) return Broken();
  *text = block_.substr(at_, size);
  at_ += size + unused;
  if (value_) ++read_;
  value_ = !value_;
  return true;
}

IntsetReader::IntsetReader(Bytes block) : BlockReader(block) {
  if (block.size() >= 8) width_ = LowFirst(0, 4);
  if ((width_ != 2 && width_ != 4 && width_ != 8) || block.size() - 8 != LowFirst(4, 4) * width_) {
    Broken();
    return;
  }
  at_ = 8;
}

bool IntsetReader::Next(Bytes* text, ItemBuffer& buffer) {
  if (!Has(1)) return false;
  const int64_t number = SignExtend(LowFirst(at_, width_), static_cast<int>(8 * width_));
  if (!first_ && number <= before_) return Broken();
  first_ = false;
  before_ = number;
  at_ += width_;
  *text = FormatInt64(number, buffer);
  return true;
}

void ListpackWriter::PutBack(size_t item_bytes) {
  char back[5];
  const size_t bytes = WriteBack(item_bytes, back);
  bytes_.append(back, bytes);
  ++count_;
}

void ListpackWriter::Add(Bytes text) {
  assert(!finished_);
  if (text.size() <= kInt64Chars) {
    if (const auto number = ParseInt64(text)) return Add(*number);
  }
  const size_t start = bytes_.size();
  if (text.size() < 64) {
    bytes_.push_back(static_cast<char>(0x80 | text.size()));
  } else if (text.size() < 4096) {
    bytes_.push_back(static_cast<char>(0xe0 | text.size() >> 8));
    bytes_.push_back(static_cast<char>(text.size()));
  } else {
    bytes_.push_back(static_cast<char>(0xf0));
    PutLowFirst(bytes_, text.size(), 4);
  }
  bytes_.append(text);
  PutBack(bytes_.size() - start);
}

void ListpackWriter::Add(int64_t number) {
  assert(!finished_);
  const size_t start = bytes_.size();
  const auto fits = [&](int bits) {
    return number >= -(int64_t{1} << (bits - 1)) && number < int64_t{1} << (bits - 1);
  };
  if (number >= 0 && number <= 127) {
    bytes_.push_back(static_cast<char>(number));
  } else if (fits(13)) {
    bytes_.push_back(static_cast<char>(0xc0 | ((number >> 8) & 0x1f)));
    bytes_.push_back(static_cast<char>(number));
  } else {
    const int form = fits(16) ? 1 : fits(24) ? 2 : fits(32) ? 3 : 4;
    bytes_.push_back(static_cast<char>(0xf0 | form));
    PutLowFirst(bytes_, static_cast<uint64_t>(number), form == 4 ? 8 : static_cast<size_t>(form) + 1);
  }
  PutBack(bytes_.size() - start);
}

Bytes ListpackWriter::Finish() {
  if (!finished_) {
    finished_ = true;
    bytes_.push_back(static_cast<char>(kEnd));
    const auto total = static_cast<uint32_t>(bytes_.size());
    const auto count = static_cast<uint16_t>(count_ < kUncounted ? count_ : kUncounted);
    std::memcpy(bytes_.data(), &total, sizeof(total));
    std::memcpy(bytes_.data() + sizeof(total), &count, sizeof(count));
  }
  return bytes_;
}

void ListpackWriter::Clear() {
  bytes_.resize(kHeaderBytes);
  count_ = 0;
  finished_ = false;
}

std::string WriteIntset(const std::vector<int64_t>& numbers) {
  size_t width = 2;
  if (!numbers.empty()) {
    for (const int64_t end : {numbers.front(), numbers.back()}) {
      const size_t needed = end == static_cast<int16_t>(end) ? 2 : end == static_cast<int32_t>(end) ? 4 : 8;
      width = needed > width ? needed : width;
    }
  }
  std::string block;
  block.reserve(8 + numbers.size() * width);
  PutLowFirst(block, width, 4);
  PutLowFirst(block, numbers.size(), 4);
  for (const int64_t number : numbers) PutLowFirst(block, static_cast<uint64_t>(number), width);
  return block;
}

}  // namespace dualis::rdb
