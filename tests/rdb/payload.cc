#include "tests/rdb/payload.h"

#include <cstdio>

#include "engine/core/number_text.h"
#include "engine/rdb/blocks.h"
#include "engine/rdb/crc64.h"

namespace dualis::test {

std::string LowFirst(uint64_t number, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text.push_back(static_cast<char>(number >> (8 * i)));
  return text;
}

std::string HighFirst(uint64_t number, size_t bytes) {
  const std::string text = LowFirst(number, bytes);
  return std::string(text.rbegin(), text.rend());
}

std::string Length(uint64_t length) {
  if (length < 64) return LowFirst(length, 1);
  if (length < 16384) return HighFirst(length | 0x4000, 2);
  return length <= UINT32_MAX ? "\x80" + HighFirst(length, 4) : "\x81" + HighFirst(length, 8);
}

std::string Plain(const std::string& text) { return Length(text.size()) + text; }

std::string Ziplist(const Texts& items) {
  std::string body;
  size_t last = 0, previous = 0;
  for (const std::string& item : items) {
    const size_t start = body.size();
    body += previous < 254 ? LowFirst(previous, 1) : "\xfe" + LowFirst(previous, 4);
    const auto number = item.size() <= 20 ? ParseInt64(item) : std::nullopt;
    if (number && *number >= 0 && *number <= 12) {
      body += LowFirst(0xf1 + static_cast<uint64_t>(*number), 1);
    } else if (number) {
      const auto bits = static_cast<uint64_t>(*number);
      const int64_t n = *number;
      if (n >= -128 && n < 128) {
        body += "\xfe" + LowFirst(bits, 1);
      } else if (n >= -32768 && n < 32768) {
        body += "\xc0" + LowFirst(bits, 2);
      } else if (n >= -(1 << 23) && n < 1 << 23) {
        body += "\xf0" + LowFirst(bits, 3);
      } else if (n == static_cast<int32_t>(n)) {
        body += "\xd0" + LowFirst(bits, 4);
      } else {
        body += "\xe0" + LowFirst(bits, 8);
      }
    } else if (item.size() < 64) {
      body += LowFirst(item.size(), 1) + item;
    } else if (item.size() < 16384) {
      body += HighFirst(item.size() | 0x4000, 2) + item;
    } else {
      body += "\x80" + HighFirst(item.size(), 4) + item;
    }
    last = start;
    previous = body.size() - start;
  }
  return LowFirst(body.size() + 11, 4) + LowFirst(10 + last, 4) + LowFirst(items.size(), 2) + body + "\xff";
}

std::string Zipmap(const Texts& words) {
  std::string map = LowFirst(words.size() / 2 < 254 ? words.size() / 2 : 254, 1);
  for (size_t i = 0; i < words.size(); ++i) {
    map += words[i].size() < 254 ? LowFirst(words[i].size(), 1) : "\xfe" + LowFirst(words[i].size(), 4);
    // Some unused bytes behind every third value.
    const size_t unused = i % 6 == 5 ? 3 : 0;
    if (i % 2 == 1) map += LowFirst(unused, 1);
    map += words[i] + std::string(unused, '\xff');
  }
  return map + "\xff";
}

std::string Intset(const std::vector<int64_t>& numbers, size_t width) {
  std::string set = LowFirst(width, 4) + LowFirst(numbers.size(), 4);
  for (const int64_t number : numbers) set += LowFirst(static_cast<uint64_t>(number), width);
  return set;
}

std::string Listpack(const Texts& items) {
  rdb::ListpackWriter writer;
  for (const std::string& item : items) writer.Add(Bytes(item));
  return std::string(writer.Finish());
}

std::string Payload(uint8_t form, const std::string& value, uint16_t version) {
  const std::string bytes = LowFirst(form, 1) + value + LowFirst(version, 2);
  return bytes + LowFirst(rdb::Crc64(0, bytes), 8);
}

std::string File(const std::string& items, int version) {
  char head[10];
  std::snprintf(head, sizeof(head), "REDIS%04d", version);
  const std::string bytes = head + items + "\xff";
  return bytes + LowFirst(rdb::Crc64(0, bytes), 8);
}

}  // namespace dualis::test
