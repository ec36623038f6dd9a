// A snapshot in memory.
#ifndef DUALIS_TESTS_RDB_MEMORY_FILE_H_
#define DUALIS_TESTS_RDB_MEMORY_FILE_H_

#include <string>
#include <utility>

#include "dualis/snapshot.h"

namespace dualis::test {

class MemoryFile : public SnapshotSink, public SnapshotSource {
 public:
  MemoryFile() = default;
  explicit MemoryFile(std::string from) : bytes(std::move(from)) {}

  Error Write(Bytes more) override {
    bytes.append(more);
    return Error();
  }
  // In portions of different sizes, so that every read meets their borders.
  Result<size_t> Read(char* to, size_t size) override {
    portion_ = portion_ % 97 + 1;
    const size_t part = Bytes(bytes).substr(at_).copy(to, std::min(size, portion_));
    at_ += part;
    return part;
  }
  uint64_t total() const override { return bytes.size(); }

  std::string bytes;

 private:
  size_t at_ = 0;
  size_t portion_ = 0;
};

}  // namespace dualis::test

#endif  // DUALIS_TESTS_RDB_MEMORY_FILE_H_
