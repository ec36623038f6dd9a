#include "engine/commands/digest.h"

#include "engine/core/number_text.h"
#include "engine/core/sha1.h"
#include "engine/types/hash.h"
#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"
#include "engine/types/stream.h"

namespace dualis {
namespace {

std::array<unsigned char, 20> Sha1(Bytes bytes) {
  const std::array<char, 40> hex = Sha1Hex(bytes);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::array<unsigned char, 20> raw;
  for (size_t i = 0; i < raw.size(); ++i) {
    raw[i] = static_cast<unsigned char>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return raw;
}

// A number in network order.
std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift));
  return bytes;
}

// The number of a type in redis-server.
uint32_t TypeNumber(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return 0;
    case ValueType::kList:
      return 1;
    case ValueType::kSet:
      return 2;
    case ValueType::kSortedSet:
      return 3;
    case ValueType::kHash:
      return 4;
    default:
      return 6;
  }
}

void AddStream(const Stream& stream, Digest& digest) {
  StreamReader reader(stream, StreamId{0, 0}, StreamId{UINT64_MAX, UINT64_MAX}, StreamReader::kUp);
  while (reader.Next()) {
    digest.AddOrdered(std::to_string(reader.id().ms) + "." + std::to_string(reader.id().seq));
    Bytes field;
    Bytes value;
    while (reader.NextCouple(&field, &value)) {
      digest.AddOrdered(field);
      digest.AddOrdered(value);
    }
  }
}

}  // namespace

void Digest::AddUnordered(Bytes bytes) {
  const auto hash = Sha1(bytes);
  for (size_t i = 0; i < bytes_.size(); ++i) bytes_[i] ^= hash[i];
}

void Digest::AddOrdered(Bytes bytes) {
  AddUnordered(bytes);
  bytes_ = Sha1(this->bytes());
}

void Digest::AddValue(const Entry& entry) {
  AddOrdered(BigEndian(TypeNumber(entry.type())));
  switch (entry.type()) {
    case ValueType::kString:
      AddOrdered(entry.string().view());
      break;
    case ValueType::kList: {
      const auto& list = *static_cast<const List*>(entry.value());
      list.ForRange(0, list.size(), [&](Bytes element) { AddOrdered(element); });
      break;
    }
    case ValueType::kSet:
      static_cast<const Set*>(entry.value())->ForEach([&](Bytes member) { AddUnordered(member); });
      break;
    case ValueType::kSortedSet: {
      const auto& set = *static_cast<const SortedSet*>(entry.value());
      set.ForRange(0, set.size(), [&](Bytes member, double score) {
        char text[kDoubleChars];
        Digest one;
        one.AddOrdered(member);
        one.AddOrdered(FormatDouble17(score, text));
        AddUnordered(one.bytes());
      });
      break;
    }
    case ValueType::kHash:
      static_cast<const Hash*>(entry.value())->ForEach([&](Bytes field, Bytes value) {
        Digest one;
        one.AddOrdered(field);
        one.AddOrdered(value);
        AddUnordered(one.bytes());
      });
      break;
    default:
      AddStream(*static_cast<const Stream*>(entry.value()), *this);
  }
  if (entry.expiry() != kNoExpiry) AddUnordered("!!expire!!");
}

void Digest::AddDb(const Db& db) {
  if (db.size() == 0) return;
  AddOrdered(BigEndian(static_cast<uint32_t>(db.index())));
  db.ForEach([&](const Entry& entry) {
    Digest one;
    one.AddOrdered(entry.key());
    one.AddValue(entry);
    AddUnordered(one.bytes());
  });
}

std::string Digest::Hex() const {
  std::string hex;
  for (unsigned char byte : bytes_) {
    hex.push_back("0123456789abcdef"[byte >> 4]);
    hex.push_back("0123456789abcdef"[byte & 15]);
  }
  return hex;
}

}  // namespace dualis
