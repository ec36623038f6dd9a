#include "engine/rdb/input.h"

#include <lzf.h>

#include <algorithm>

#include "engine/core/number_text.h"
#include "engine/keyspace/entry.h"
#include "engine/rdb/crc64.h"
#include "engine/rdb/format.h"

namespace dualis::rdb {
namespace {

// Three bytes of liblzf's stand for 264 at most.
constexpr uint64_t kLzfBestRatio = 88;

}  // namespace

void Input::Fail(Bytes why) {
  if (error_) return;
  error_ = Error(ErrorCode::kErr,
                 "ERR the snapshot is damaged at byte " + std::to_string(offset()) + ": " + std::string(why));
}

uint64_t Input::checksum() {
  sum_ = Crc64(sum_, Bytes(summed_, static_cast<size_t>(at_ - summed_)));
  summed_ = at_;
  return sum_;
}

bool Input::Refill() {
  if (error_) return false;
  if (source_ == nullptr) return Fail("it ends too early"), false;
  checksum();
  before_ = offset();
  if (source_window_ == nullptr) source_window_ = std::make_unique<char[]>(kWindowBytes);
  at_ = end_ = summed_ = source_window_.get();
  const Result<size_t> size = source_->Read(source_window_.get(), kWindowBytes);
  if (!size) return error_ = size.error(), false;
  if (*size == 0) return Fail("it ends too early"), false;
  end_ = at_ + *size;
  return true;
}

uint8_t Input::Byte() {
  if (at_ == end_ && !Refill()) return 0;
  if (error_) return 0;
  return static_cast<uint8_t>(*at_++);
}

void Input::Take(char* to, size_t size) {
  while (size > 0) {
    if (error_ || (at_ == end_ && !Refill())) return;
    const size_t part = std::min(size, static_cast<size_t>(end_ - at_));
    std::memcpy(to, at_, part);
    at_ += part, to += part, size -= part;
  }
}

uint64_t Input::FixedHighFirst() { return __builtin_bswap64(Fixed<uint64_t>()); }

uint64_t Input::LengthAfter(uint8_t first) {
  switch (first >> 6) {
    case 0:
      return first & 0x3f;
    case 1:
      return static_cast<uint64_t>(first & 0x3f) << 8 | Byte();
    default:
      if (first == 0x80) return __builtin_bswap32(Fixed<uint32_t>());
      if (first == 0x81) return FixedHighFirst();
      Fail("not a length");
      return 0;
  }
}

uint64_t Input::Length() {
  const uint8_t first = Byte();
  return ok() ? LengthAfter(first) : 0;
}

Bytes Input::Raw(uint64_t size, std::string& scratch) {
  if (error_) return {};
  if (size > kMaxStringBytes) return Fail("a string longer than 512 MB"), Bytes();
  const size_t here = static_cast<size_t>(end_ - at_);
  if (source_ == nullptr) {
    if (size > here) return Fail("it ends too early"), Bytes();
    at_ += size;
    return Bytes(at_ - size, size);
  }
  scratch.clear();
  while (scratch.size() < size) {
    if (at_ == end_ && !Refill()) return {};
    const size_t part = std::min(size - scratch.size(), static_cast<size_t>(end_ - at_));
    scratch.append(at_, part);
    at_ += part;
  }
  return scratch;
}

Bytes Input::String(std::string& scratch) {
  const uint8_t first = Byte();
  if (error_) return {};
  if (first >> 6 != 3) return Raw(LengthAfter(first), scratch);
  int64_t number = 0;
  switch (first & 0x3f) {
    case kInt8:
      number = Fixed<int8_t>();
      break;
    case kInt16:
      number = Fixed<int16_t>();
      break;
    case kInt32:
      number = Fixed<int32_t>();
      break;
    case kLzf: {
      const uint64_t packed_size = Length();
      const uint64_t size = Length();
      std::string room;
      const Bytes packed = Raw(packed_size, room);
      if (error_) return {};
      if (size == 0 || size > kMaxStringBytes || size / kLzfBestRatio > packed_size) {
        return Fail("compressed bytes that cannot be so long"), Bytes();
      }
      scratch.resize(size);
      const unsigned done = lzf_decompress(packed.data(), static_cast<unsigned>(packed_size), scratch.data(),
                                           static_cast<unsigned>(size));
      if (done != size) return Fail("compressed bytes that are broken"), Bytes();
      return scratch;
    }
    default:
      return Fail("a string of unknown encoding"), Bytes();
  }
  if (error_) return {};
  char digits[kInt64Chars];
  scratch.assign(FormatInt64(number, digits));
  return scratch;
}

}  // namespace dualis::rdb
