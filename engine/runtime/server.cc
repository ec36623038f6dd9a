#include "engine/runtime/server.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace dualis::runtime {
namespace {

struct LimitSetting {
  Setting id;
  int64_t EncodingLimits::*limit;
};

constexpr LimitSetting kLimits[] = {
    {Setting::kHashMaxListpackEntries, &EncodingLimits::hash_max_listpack_entries},
    {Setting::kHashMaxListpackValue, &EncodingLimits::hash_max_listpack_value},
    {Setting::kListMaxListpackSize, &EncodingLimits::list_max_listpack_size},
    {Setting::kSetMaxIntsetEntries, &EncodingLimits::set_max_intset_entries},
    {Setting::kSetMaxListpackEntries, &EncodingLimits::set_max_listpack_entries},
    {Setting::kSetMaxListpackValue, &EncodingLimits::set_max_listpack_value},
    {Setting::kZsetMaxListpackEntries, &EncodingLimits::zset_max_listpack_entries},
    {Setting::kZsetMaxListpackValue, &EncodingLimits::zset_max_listpack_value},
    {Setting::kStreamNodeMaxBytes, &EncodingLimits::stream_node_max_bytes},
    {Setting::kStreamNodeMaxEntries, &EncodingLimits::stream_node_max_entries},
    {Setting::kHllSparseMaxBytes, &EncodingLimits::hll_sparse_max_bytes},
};

}  // namespace

template <class F>
void Server::Follow(Setting id, F&& follow) {
  settings_.OnChange(id, [follow] {
    follow();
    return Bytes();
  });
}

Server::Server(const Options& options, Clock& clock)
    : log_(options.log),
      clock_(clock),
      limits_(options.encodings),
      ids_(options.seed != 0 ? options.seed
                             : static_cast<uint64_t>(clock.NowMicros()) ^ reinterpret_cast<uintptr_t>(this)),
      started_(clock.Now()) {
  stats_.access.SetTime(started_);
  run_id_ = NewId();
  replication_id_ = NewId();
  const auto follow_logs = [this] {
    constexpr int64_t kQuickMicros = 1000;  // below it a log wants commands that are not timed each time
    const int64_t slower = settings_.number(Setting::kSlowlogLogSlowerThan);
    time_all_ = (slower >= 0 && slower < kQuickMicros) || settings_.number(Setting::kLatencyMonitorThreshold) == 1;
    slowlog_.Trim(static_cast<size_t>(settings_.number(Setting::kSlowlogMaxLen)));
  };
  const auto follow_output = [this] {
    output_limits_ = ReadOutputLimits(settings_.text(Setting::kClientOutputBufferLimit));
  };
  follow_output();
  Follow(Setting::kClientOutputBufferLimit, follow_output);
  Follow(Setting::kSlowlogLogSlowerThan, follow_logs);
  Follow(Setting::kSlowlogMaxLen, follow_logs);
  Follow(Setting::kLatencyMonitorThreshold, follow_logs);

  for (const LimitSetting& row : kLimits) {
    settings_.Put(row.id, limits_.*row.limit);
    Follow(row.id, [this, row] { limits_.*row.limit = settings_.number(row.id); });
  }
  settings_.Put(Setting::kDatabases, std::max(options.databases, 1));
  settings_.Put(Setting::kRequirepass, options.requirepass);
  settings_.Put(Setting::kDir, options.dir);
  settings_.Put(Setting::kDbfilename, options.dbfilename);
  settings_.Put(Setting::kSave, options.save);
  Follow(Setting::kNotifyKeyspaceEvents,
         [this] { stats_.access.events = *ReadEventClasses(settings_.text(Setting::kNotifyKeyspaceEvents)); });
  Follow(Setting::kMaxmemoryPolicy, [this] {
    const auto policy = settings_.choice<MaxmemoryPolicy>(Setting::kMaxmemoryPolicy);
    stats_.access.lfu = policy == MaxmemoryPolicy::kAllKeysLfu || policy == MaxmemoryPolicy::kVolatileLfu;
  });
  Follow(Setting::kLfuLogFactor, [this] { stats_.access.lfu_log_factor = settings_.number(Setting::kLfuLogFactor); });
  Follow(Setting::kLfuDecayTime,
         [this] { stats_.access.lfu_decay_minutes = settings_.number(Setting::kLfuDecayTime); });
}

Gauges Server::Measure(TimeMs now) {
  Gauges gauges;
  gauges.run_id = run_id_;
  gauges.replication_id = replication_id_;
  gauges.started = started_;
  measure_(gauges, now);
  return gauges;
}

void Server::NoteLatency(Bytes kind, int64_t now_micros, int64_t micros) {
  const int64_t threshold = settings_.number(Setting::kLatencyMonitorThreshold);
  if (threshold != 0 && micros / 1000 >= threshold) latency_.Add(kind, now_micros / 1'000'000, micros / 1000);
}

void Server::Sleep(int64_t micros) {
  if (auto* manual = dynamic_cast<ManualClock*>(&clock_)) {
    manual->Add(micros / 1000);
    return;
  }
  std::this_thread::sleep_for(std::chrono::microseconds(micros));
}

std::string Server::NewId() {
  std::string id;
  for (int i = 0; i < 40; ++i) id += "0123456789abcdef"[ids_.Next() % 16];
  return id;
}

void Server::Log(LogLevel level, Bytes text) {
  if (log_ != nullptr && level >= settings_.choice<LogLevel>(Setting::kLoglevel)) log_->Log(level, text);
}

}  // namespace dualis::runtime
