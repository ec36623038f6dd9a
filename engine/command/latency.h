// LatencyMonitor: the latest times that something took longer than latency-monitor-threshold, by kind: "command",
// "fast-command", "expire-cycle", "eviction-cycle". Guarded by the gate.
#ifndef DUALIS_ENGINE_COMMAND_LATENCY_H_
#define DUALIS_ENGINE_COMMAND_LATENCY_H_

#include <absl/container/btree_map.h>

#include <cstdint>
#include <deque>
#include <string>

#include "dualis/bytes.h"

namespace dualis {

class LatencyMonitor {
 public:
  struct Sample {
    int64_t unix_seconds;
    int64_t millis;
  };
  struct Series {
    std::deque<Sample> samples;  // oldest first; one a second, the worst
    int64_t worst = 0;
  };

  void Add(Bytes kind, int64_t unix_seconds, int64_t millis);
  const absl::btree_map<std::string, Series, std::less<>>& series() const { return series_; }
  // Null if there are no samples of this kind.
  const Series* Find(Bytes kind) const;
  // False if there were none.
  bool Reset(Bytes kind) { return series_.erase(kind) > 0; }
  // Returns how many kinds there were.
  int64_t ResetAll();
  // LATENCY GRAPH's picture of a series.
  static std::string Graph(Bytes kind, const Series& series, int64_t now);
  // LATENCY DOCTOR.
  std::string Report(bool monitored, int64_t now) const;

 private:
  absl::btree_map<std::string, Series, std::less<>> series_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_LATENCY_H_
