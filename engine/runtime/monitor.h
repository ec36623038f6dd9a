// Monitors: the sessions that get a line for each command that runs (MONITOR). Guarded by the gate.
#ifndef DUALIS_ENGINE_RUNTIME_MONITOR_H_
#define DUALIS_ENGINE_RUNTIME_MONITOR_H_

#include <memory>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/engine.h"
#include "engine/runtime/outbox.h"

namespace dualis::runtime {

class Monitors {
 public:
  bool active() const { return !outboxes_.empty(); }
  void Add(const std::shared_ptr<Outbox>& outbox);
  void Remove(const std::shared_ptr<Outbox>& outbox) noexcept;

  // Whether a command is shown: administration is not.
  static bool Shows(const CommandRow& row) { return !row.is(kAdmin); }
  // Whether it is shown before it runs, so that what it runs itself comes after it: scripts. They are said to skip
  // MONITOR for that reason only.
  static bool ShowsFirst(const CommandRow& row) { return row.info->group == Group::kScripting && row.is(kSkipMonitor); }
  // Gives everybody the line of a command; `peer` null: a script ran it. Those who are to be told are added to `rung`.
  void Show(int64_t micros, int db, const Peer* peer, Args argv, RingList& rung);

 private:
  std::vector<std::shared_ptr<Outbox>> outboxes_;
};

// The line of a command, passwords left out.
std::string MonitorLine(int64_t micros, int db, const Peer* peer, Args argv);

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_MONITOR_H_
