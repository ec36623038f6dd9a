// SnapshotOps: what the commands of snapshots (SAVE, LASTSAVE, DEBUG RELOAD) ask of the engine; handlers reach it by
// Exec::host().
#ifndef DUALIS_ENGINE_COMMAND_SNAPSHOT_OPS_H_
#define DUALIS_ENGINE_COMMAND_SNAPSHOT_OPS_H_

#include <cstdint>

#include "dualis/snapshot.h"

namespace dualis {

class Turn;

// Under the gate, within a turn.
class SnapshotOps {
 public:
  virtual ~SnapshotOps() = default;

  // Writes every database to the file that the parameters name; an error if they name none.
  virtual Error SaveToFile(Turn& turn) = 0;
  // DEBUG RELOAD: replaces every database by what a snapshot of it gives. It goes through the file if there is one,
  // else through memory.
  virtual Error Reload(Turn& turn) = 0;
  // Replaces every database by the contents of the file that the parameters name (DEBUG RELOAD NOSAVE).
  virtual Error LoadFromFile(Turn& turn) = 0;

  // The Unix second of the last success, or of the engine's creation.
  virtual int64_t last_save() const = 0;
  virtual bool last_save_failed() const = 0;
  // Changes of keys since then.
  virtual uint64_t changes() const = 0;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SNAPSHOT_OPS_H_
