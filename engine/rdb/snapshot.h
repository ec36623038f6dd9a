// Whole files: every database, and the libraries of functions.
#ifndef DUALIS_ENGINE_RDB_SNAPSHOT_H_
#define DUALIS_ENGINE_RDB_SNAPSHOT_H_

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dualis/options.h"
#include "dualis/snapshot.h"
#include "engine/keyspace/access.h"
#include "engine/keyspace/db.h"

namespace dualis::rdb {

// What a file is made of, and made into.
struct Contents {
  std::span<const std::unique_ptr<Db>> dbs;
  // The code of each library of functions.
  std::vector<std::string> functions;
  // What reads and makes the marks of use; null: there are none.
  const Access* access = nullptr;
  // Whether files say how long keys were idle; how often they are used they say whenever that is what is marked.
  bool idle_times = false;
};

// Writes a whole file. Keys whose time is over are saved too, with their expiry.
Result<SnapshotReport> Save(const Contents& contents, TimeMs now, const SnapshotOptions& options, SnapshotSink& sink);

// Reads a whole file into databases that are empty, and `functions`. After an error what they hold is of no use.
// Throws std::bad_alloc.
Result<SnapshotReport> Load(SnapshotSource& source, const EncodingLimits& limits, TimeMs now,
                            const SnapshotOptions& options, Contents& contents);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_SNAPSHOT_H_
