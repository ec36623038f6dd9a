// Stats: what an engine counts for INFO. Plain numbers, guarded by the gate; whoever does a thing counts it.
//
// Commands are counted each time. Reading the clock twice costs as much as a GET, so commands that are quick by nature
// are timed the first 64 times and then every 64th, and their total is projected; all others are timed always.
#ifndef DUALIS_ENGINE_COMMAND_STATS_H_
#define DUALIS_ENGINE_COMMAND_STATS_H_

#include <absl/container/btree_map.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "dualis/command.h"
#include "engine/keyspace/access.h"

namespace dualis {

// The counters that CONFIG RESETSTAT takes back to 0.
struct Counters {
  int64_t commands_processed = 0;
  int64_t expired_keys = 0;
  int64_t expired_time_cap_reached = 0;  // rounds of active expiry that ended before their work did
  int64_t evicted_keys = 0;
  int64_t evicted_clients = 0;
  int64_t error_replies = 0;
  int64_t acl_denied_auth = 0;
  int64_t acl_denied_cmd = 0;
  int64_t acl_denied_key = 0;
  int64_t acl_denied_channel = 0;
  // Of a listener.
  int64_t connections_received = 0;
  int64_t rejected_connections = 0;
  int64_t net_input_bytes = 0;
  int64_t net_output_bytes = 0;
};

// How often commands took how long: bucket i counts those of at most 1.024 * 2^i microseconds.
class LatencyHistogram {
 public:
  static constexpr size_t kBuckets = 30;
  void Add(int64_t micros);
  uint64_t bucket(size_t i) const { return counts_[i]; }
  // The upper bound of a bucket as LATENCY HISTOGRAM shows it.
  static int64_t Bound(size_t i);
  // The time within which this percentage of the commands was done.
  double Percentile(double percentage) const;

 private:
  std::array<uint32_t, kBuckets> counts_{};
};

struct CommandStats {
  int64_t calls = 0;
  int64_t rejected = 0;  // before they ran
  int64_t failed = 0;
  int64_t timed_calls = 0;
  int64_t timed_micros = 0;
  LatencyHistogram histogram;
  bool quick = false;

  bool WantsTime() const { return !quick || calls < 64 || (calls & 63) == 0; }
  // Of all calls.
  int64_t micros() const {
    return timed_calls == 0 || timed_calls == calls
               ? timed_micros
               : static_cast<int64_t>(static_cast<double>(timed_micros) / static_cast<double>(timed_calls) *
                                      static_cast<double>(calls));
  }
};

class Stats : public Counters {
 public:
  // Hits and misses.
  Access access;

  // The counters of a command, which its typed forms share. Never fails: where there is no memory, those of nothing in
  // particular. Valid until Reset().
  CommandStats& Of(const CommandRow& row) {
    Cached& cached = cache_[reinterpret_cast<uintptr_t>(&row) / sizeof(CommandRow) % cache_.size()];
    if (cached.row != &row) cached = {&row, Find(row)};
    return *cached.stats;
  }
  // An error reply: counted by its first word.
  void CountError(Bytes message) noexcept;

  using ByCommand = absl::btree_map<Bytes, std::unique_ptr<CommandStats>>;
  const ByCommand& commands() const { return commands_; }
  const absl::btree_map<std::string, int64_t>& errors() const { return errors_; }

  // CONFIG RESETSTAT.
  void Reset();

 private:
  CommandStats* Find(const CommandRow& row) noexcept;

  struct Cached {
    const CommandRow* row = nullptr;
    CommandStats* stats = nullptr;
  };
  std::array<Cached, 64> cache_{};
  ByCommand commands_;
  absl::btree_map<std::string, int64_t> errors_;
  CommandStats spare_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_STATS_H_
