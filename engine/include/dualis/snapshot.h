// Snapshots: all databases of an engine as one RDB file, Redis' own format. Redis 7.0 and later read what is written
// here (files with fields that expire: 7.4 and later); files of every version up to 7.4's are read.
//
//   Result<SnapshotReport> saved = engine->SaveFile("/var/lib/app/dump.rdb");
//   Result<SnapshotReport> loaded = engine->LoadFile("/var/lib/app/dump.rdb");
//
// A snapshot is one moment: it is written in one turn, and every other call of the engine waits for it. That takes
// about 0.1 s for a million short strings (bench, snapshot_save), and what the sink takes. Loading builds the new databases
// aside (0.4 s for that million) and puts them in place at the end: a file that is truncated, damaged or of an unknown version gives an error,
// and the engine is as it was.
#ifndef DUALIS_SNAPSHOT_H_
#define DUALIS_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "dualis/bytes.h"
#include "dualis/result.h"

namespace dualis {

// Where a snapshot is written to. Called under the engine's gate: must not call the engine.
class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  // Takes the bytes, which follow those of the call before. An error ends the saving, which then returns it.
  virtual Error Write(Bytes bytes) = 0;
};

// Where a snapshot is read from, under the same conditions.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  // Fills up to `size` bytes at `to` and returns how many; 0 only at the end.
  virtual Result<size_t> Read(char* to, size_t size) = 0;
  // All bytes that will come, if that is known; else 0.
  virtual uint64_t total() const { return 0; }
};

struct SnapshotProgress {
  uint64_t bytes = 0;        // written or read so far
  uint64_t total_bytes = 0;  // to read; 0: not known
  uint64_t keys = 0;         // written or read so far
  uint64_t total_keys = 0;   // to write; 0: not known
};

struct SnapshotOptions {
  // Called about once for each megabyte, and at the end. Under the engine's gate: must not call the engine.
  std::function<void(const SnapshotProgress&)> progress;
  // Compresses long strings when saving.
  bool compress = true;
  // Ends what is saved with a checksum; verifies the one that is loaded.
  bool checksum = true;
};

// What a snapshot held.
struct SnapshotReport {
  uint64_t bytes = 0;
  uint64_t keys = 0;     // saved, or loaded
  uint64_t expired = 0;  // of the loaded file: their time was over, they were left out
};

}  // namespace dualis

#endif  // DUALIS_SNAPSHOT_H_
