// Gauges: how an engine stands at this moment, for INFO and MEMORY STATS.
#ifndef DUALIS_ENGINE_COMMAND_GAUGES_H_
#define DUALIS_ENGINE_COMMAND_GAUGES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dualis/bytes.h"

namespace dualis {

struct Gauges {
  std::string run_id;  // 40 hexadecimal digits
  std::string replication_id;
  TimeMs started = 0;

  int64_t clients = 0;
  int64_t blocked_clients = 0;
  int64_t timeouts = 0;  // of those that wait
  int64_t tracking_clients = 0;
  int64_t tracking_keys = 0;
  int64_t tracking_items = 0;
  int64_t tracking_prefixes = 0;
  int64_t pubsub_channels = 0;
  int64_t pubsub_patterns = 0;
  int64_t pubsub_shard_channels = 0;

  // Bytes. `overhead` is what is not keys and values: the engine itself, tables, scripts, clients.
  int64_t used_memory = 0;
  int64_t peak_memory = 0;
  int64_t startup_memory = 0;
  int64_t overhead_memory = 0;
  int64_t client_memory = 0;
  int64_t script_memory = 0;
  int64_t cached_scripts = 0;
  int64_t functions = 0;
  int64_t libraries = 0;

  int64_t changes = 0;  // since the last snapshot
  int64_t last_save = 0;
  bool last_save_failed = false;

  struct Database {
    int index;
    int64_t keys;
    int64_t expires;
    int64_t average_ttl;  // in milliseconds
    int64_t table_bytes;
    int64_t expiry_bytes;
  };
  std::vector<Database> databases;  // those that hold keys
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_GAUGES_H_
