// Stats: what an engine counts for INFO. Plain numbers, guarded by the gate; whoever does a thing counts it.
#ifndef DUALIS_ENGINE_COMMAND_STATS_H_
#define DUALIS_ENGINE_COMMAND_STATS_H_

#include <cstdint>

namespace dualis {

// The counters that CONFIG RESETSTAT takes back to 0.
struct Counters {
  int64_t commands_processed = 0;
  int64_t expired_keys = 0;
  int64_t expired_time_cap_reached = 0;  // rounds of active expiry that ended before their work did
  int64_t evicted_keys = 0;
  int64_t evicted_clients = 0;
  int64_t keyspace_hits = 0;
  int64_t keyspace_misses = 0;
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

struct Stats : Counters {
  // CONFIG RESETSTAT.
  void Reset() { static_cast<Counters&>(*this) = Counters(); }
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_STATS_H_
