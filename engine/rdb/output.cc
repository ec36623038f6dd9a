#include "engine/rdb/output.h"

#include <lzf.h>

#include <algorithm>

#include "engine/core/number_text.h"
#include "engine/rdb/crc64.h"
#include "engine/rdb/format.h"

namespace dualis::rdb {
namespace {

constexpr size_t kPieceBytes = 64 << 10;
// Below that compressing cannot pay.
constexpr size_t kShortestCompressed = 21;
// The longest text of an integer that is written as one: "-2147483648".
constexpr size_t kIntegerChars = 11;

template <class Number>
void HighByteFirst(Number number, char* to) {
  for (int shift = 8 * (static_cast<int>(sizeof(number)) - 1); shift >= 0; shift -= 8) {
    *to++ = static_cast<char>(number >> shift);
  }
}

}  // namespace

void Output::Raw(Bytes bytes) {
  if (error_) return;
  pending_.append(bytes);
  if (sink_ != nullptr && pending_.size() >= kPieceBytes) Flush();
}

void Output::Length(uint64_t length) {
  char raw[1 + sizeof(uint64_t)];
  if (length < 1u << 6) {
    Byte(static_cast<uint8_t>(length));
  } else if (length < 1u << 14) {
    HighByteFirst(static_cast<uint16_t>(length | 0x4000), raw);
    Raw(Bytes(raw, 2));
  } else if (length <= UINT32_MAX) {
    raw[0] = static_cast<char>(0x80);
    HighByteFirst(static_cast<uint32_t>(length), raw + 1);
    Raw(Bytes(raw, 5));
  } else {
    raw[0] = static_cast<char>(0x81);
    HighByteFirst(length, raw + 1);
    Raw(Bytes(raw, 9));
  }
}

void Output::String(Bytes text) {
  if (text.size() <= kIntegerChars && PutInteger(text)) return;
  if (compress_ == Compress::kYes && text.size() >= kShortestCompressed && PutCompressed(text)) return;
  Length(text.size());
  Raw(text);
}

bool Output::PutInteger(Bytes text) {
  const auto number = ParseInt64(text);
  if (!number || *number != static_cast<int32_t>(*number)) return false;
  if (*number == static_cast<int8_t>(*number)) {
    Byte(kEncoded | kInt8);
    Fixed(static_cast<int8_t>(*number));
  } else if (*number == static_cast<int16_t>(*number)) {
    Byte(kEncoded | kInt16);
    Fixed(static_cast<int16_t>(*number));
  } else {
    Byte(kEncoded | kInt32);
    Fixed(static_cast<int32_t>(*number));
  }
  return true;
}

bool Output::PutCompressed(Bytes text) {
  // liblzf counts in 32 bits. It must save at least four bytes.
  if (text.size() > INT32_MAX) return false;
  packed_.resize(text.size() - 4);
  const unsigned size = lzf_compress(text.data(), static_cast<unsigned>(text.size()), packed_.data(),
                                     static_cast<unsigned>(packed_.size()));
  if (size == 0) return false;
  Byte(kEncoded | kLzf);
  Length(size);
  Length(text.size());
  Raw(Bytes(packed_.data(), size));
  if (packed_.capacity() > 4 * kPieceBytes) std::string().swap(packed_);
  return true;
}

uint64_t Output::checksum() {
  sum_ = Crc64(sum_, Bytes(pending_).substr(summed_));
  summed_ = pending_.size();
  return sum_;
}

Error Output::Flush() {
  if (error_ || sink_ == nullptr) return error_;
  checksum();
  error_ = sink_->Write(pending_);
  flushed_ += pending_.size();
  pending_.clear();
  summed_ = 0;
  return error_;
}

}  // namespace dualis::rdb
