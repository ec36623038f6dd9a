// Snapshots: saves and loads all databases of one engine, and knows when a save is due (`save 60 1000`: after 60
// seconds if 1000 keys changed). Guarded by the gate.
//
// There is no fork: whoever saves, saves within a turn, BGSAVE and the save points included. The file appears under its
// name when it is complete.
#ifndef DUALIS_ENGINE_RUNTIME_SNAPSHOTS_H_
#define DUALIS_ENGINE_RUNTIME_SNAPSHOTS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/command/function_host.h"
#include "engine/command/settings.h"
#include "engine/command/snapshot_ops.h"
#include "engine/keyspace/db.h"
#include "engine/keyspace/turn.h"

namespace dualis::runtime {

class Snapshots final : public SnapshotOps {
 public:
  using Dbs = std::vector<std::unique_ptr<Db>>;

  // All of these must outlive it.
  Snapshots(Settings& settings, const Clock& clock, Dbs& dbs, FunctionHost& functions, ChangeListener& listener);

  Result<SnapshotReport> Save(Turn& turn, SnapshotSink& sink, const SnapshotOptions& options);
  Result<SnapshotReport> Load(Turn& turn, SnapshotSource& source, const SnapshotOptions& options);
  Result<SnapshotReport> SaveFile(Turn& turn, const std::string& path, const SnapshotOptions& options);
  Result<SnapshotReport> LoadFile(Turn& turn, const std::string& path, const SnapshotOptions& options);

  // When a save point will be, or was, reached with the changes so far; in Unix milliseconds.
  std::optional<TimeMs> NextSave() const;
  // Saves if that moment has come. A save that fails is tried again a little later.
  void SaveIfDue(Turn& turn);
  void NoteChange() noexcept { ++changes_; }
  void NoteChanges(size_t keys) noexcept { changes_ += keys; }

  // SnapshotOps.
  Error SaveToFile(Turn& turn) override;
  Error Reload(Turn& turn) override;
  Error LoadFromFile(Turn& turn) override;
  int64_t last_save() const override { return last_save_ / 1000; }
  bool last_save_failed() const override { return failed_; }
  uint64_t changes() const override { return changes_; }

 private:
  // The path of the parameters; empty if they name none.
  std::string Path() const;

  struct SavePoint {
    TimeMs after;
    uint64_t changes;
  };
  void ReadSavePoints();
  Bytes ResolveFolder();
  SnapshotOptions FileOptions() const;

  Settings& settings_;
  Dbs& dbs_;
  FunctionHost& functions_;
  ChangeListener& listener_;
  std::vector<SavePoint> save_points_;  // as the parameter `save` says
  TimeMs last_save_;
  TimeMs last_try_ = 0;
  bool failed_ = false;
  uint64_t changes_ = 0;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_SNAPSHOTS_H_
