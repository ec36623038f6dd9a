// Input: reads RDB bytes from memory or from a source, whoever wrote them. The first thing that is wrong is kept, with
// its place; from then on every read gives zeros and empty strings, so that only loops need to look at ok().
//
// A length in the bytes is never believed: memory grows with what has really arrived.
#ifndef DUALIS_ENGINE_RDB_INPUT_H_
#define DUALIS_ENGINE_RDB_INPUT_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "dualis/snapshot.h"

namespace dualis::rdb {

class Input {
 public:
  // From memory, which must outlive the strings that were read.
  explicit Input(Bytes bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()), summed_(at_) {}
  explicit Input(SnapshotSource& source) : source_(&source) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  bool ok() const { return !error_; }
  // "ERR the snapshot is damaged at byte 17: unknown type", or what the source said.
  const Error& error() const { return error_; }
  // Says that what was read makes no sense. The first call counts.
  void Fail(Bytes why);
  // True if every byte was read.
  bool AtEnd() const { return at_ == end_ && source_ == nullptr; }
  // Bytes read.
  uint64_t offset() const { return before_ + static_cast<uint64_t>(at_ - window()); }
  // Of all bytes read.
  uint64_t checksum();

  uint8_t Byte();
  template <class Number>
  Number Fixed() {
    Number number{};
    Take(reinterpret_cast<char*>(&number), sizeof(number));
    return ok() ? number : Number{};
  }
  // Sixteen bytes high byte first are read as two of these.
  uint64_t FixedHighFirst();
  uint64_t Length();
  // A string in any of its forms. It lies in the memory that is read or in `scratch`, which must stay unchanged.
  Bytes String(std::string& scratch);
  // `size` bytes, under the same conditions.
  Bytes Raw(uint64_t size, std::string& scratch);

 private:
  static constexpr size_t kWindowBytes = 64 << 10;

  const char* window() const { return source_window_ != nullptr ? source_window_.get() : start_; }
  uint64_t LengthAfter(uint8_t first);
  void Take(char* to, size_t size);
  // More bytes into an empty window; false, and an error, if there are none.
  bool Refill();

  SnapshotSource* source_ = nullptr;
  std::unique_ptr<char[]> source_window_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* start_ = at_;
  const char* summed_ = nullptr;
  uint64_t before_ = 0;  // bytes read before this window
  uint64_t sum_ = 0;
  Error error_;
};

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_INPUT_H_
