// Output: where RDB bytes are written: lengths, strings and numbers, gathered and handed on in large pieces, with their
// checksum. The first error of the sink is kept and ends all writing.
#ifndef DUALIS_ENGINE_RDB_OUTPUT_H_
#define DUALIS_ENGINE_RDB_OUTPUT_H_

#include <cstdint>
#include <cstring>
#include <string>

#include "dualis/snapshot.h"

namespace dualis::rdb {

class Output {
 public:
  enum class Compress : bool { kNo, kYes };

  // Without a sink everything stays in memory, for TakeAll.
  explicit Output(SnapshotSink* sink, Compress compress = Compress::kYes) : sink_(sink), compress_(compress) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Byte(uint8_t byte) { Raw(Bytes(reinterpret_cast<const char*>(&byte), 1)); }
  void Raw(Bytes bytes);
  void Length(uint64_t length);
  // In the shortest of its forms: as an integer, compressed, or as it is.
  void String(Bytes text);
  // A fixed-width number, low byte first.
  template <class Number>
  void Fixed(Number number) {
    char raw[sizeof(number)];
    std::memcpy(raw, &number, sizeof(number));
    Raw(Bytes(raw, sizeof(raw)));
  }

  // Bytes written so far.
  uint64_t size() const { return flushed_ + pending_.size(); }
  // Of all bytes written so far.
  uint64_t checksum();
  // Hands what is pending to the sink; the first error, now or earlier.
  Error Flush();
  const Error& error() const { return error_; }
  // Requires: no sink.
  std::string TakeAll() { return std::move(pending_); }

 private:
  bool PutInteger(Bytes text);
  bool PutCompressed(Bytes text);

  SnapshotSink* const sink_;
  const Compress compress_;
  std::string pending_;
  std::string packed_;  // room for liblzf
  size_t summed_ = 0;   // of pending_
  uint64_t sum_ = 0;
  uint64_t flushed_ = 0;
  Error error_;
};

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_OUTPUT_H_
