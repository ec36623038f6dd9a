// Snapshots as files of the system.
#ifndef DUALIS_ENGINE_RDB_FILE_H_
#define DUALIS_ENGINE_RDB_FILE_H_

#include <string>

#include "dualis/snapshot.h"

namespace dualis::rdb {

// A file that appears under its name only when it is complete: written beside it under a temporary name, which the
// destructor removes unless Commit succeeded.
class NewFile final : public SnapshotSink {
 public:
  explicit NewFile(std::string path) : path_(std::move(path)) {}
  ~NewFile() override;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Error Open();
  // Requires: Open succeeded.
  Error Write(Bytes bytes) override;
  // Brings all to the disk and gives the file its name, over a file that has it.
  Error Commit();

 private:
  const std::string path_;
  std::string temporary_;
  int fd_ = -1;
};

class OldFile final : public SnapshotSource {
 public:
  explicit OldFile(std::string path) : path_(std::move(path)) {}
  ~OldFile() override;
  OldFile(const OldFile&) = delete;
  OldFile& operator=(const OldFile&) = delete;

  Error Open();
  // Requires: Open succeeded.
  Result<size_t> Read(char* to, size_t size) override;
  uint64_t total() const override { return total_; }

 private:
  const std::string path_;
  int fd_ = -1;
  uint64_t total_ = 0;
};

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_FILE_H_
