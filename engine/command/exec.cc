#include "engine/command/exec.h"

namespace dualis {

Outcome Exec::Park(ReplySink& sink, std::span<const Key> keys, TimeMs timeout, Args rewritten) {
  if (!mode_.may_park) {
    sink.NullArray();
    return Outcome();
  }
  if (mode_.rerunning) return Outcome::Parked();  // keys and deadline stay as they were
  park_.keys.clear();
  for (const Key& key : keys) park_.keys.emplace_back(key.name);
  park_.deadline = timeout == 0 ? 0 : turn_.clock().NowMonotonic() + timeout;
  park_.rewritten.clear();
  char buffer[Arg::kTextBytes];
  for (const Arg& word : rewritten) park_.rewritten.emplace_back(word.Text(buffer));
  return Outcome::Parked();
}

}  // namespace dualis
