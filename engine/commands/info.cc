// INFO: one function a section, in Redis' order and with Redis' names.
#include "dualis/commands/info.h"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "dualis/redis_version.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"

namespace dualis::cmd {
namespace {

std::string Fixed(double value, int digits) {
  char buffer[kFixedChars];
  return std::string(FormatFixed(value, digits, buffer));
}

std::string Percent(int64_t part, int64_t whole) {
  return Fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 2) + "%";
}

// The lines of one section.
class Lines {
 public:
  Lines(std::string& out, Bytes heading) : out_(out) {
    if (!out_.empty()) out_ += "\r\n";
    out_.append("# ").append(heading).append("\r\n");
  }
  void Add(Bytes name, Bytes value) { out_.append(name).append(":").append(value).append("\r\n"); }
  void Add(Bytes name, const char* value) { Add(name, Bytes(value)); }
  template <class T>
  requires std::is_integral_v<T>
  void Add(Bytes name, T value) { Add(name, Bytes(std::to_string(value))); }
  void Add(Bytes name, double value, int digits) { Add(name, Bytes(Fixed(value, digits))); }
  // The size, and the size for people.
  void AddBytes(const std::string& name, int64_t bytes) {
    Add(name, bytes);
    Add(name + "_human", Bytes(Human(bytes)));
  }
  static std::string Human(int64_t bytes) {
    const auto size = static_cast<double>(bytes);
    if (bytes < 1024) return std::to_string(bytes) + "B";
    if (bytes < 1 << 20) return Fixed(size / 1024, 2) + "K";
    if (bytes < 1 << 30) return Fixed(size / (1 << 20), 2) + "M";
    return Fixed(size / (1 << 30), 2) + "G";
  }

 private:
  std::string& out_;
};

struct Teller {
  ReadExec& x;
  Settings& settings;
  Stats& stats;
  Gauges gauges;
  std::string out;
};

void Server(Teller& t) {
  Lines lines(t.out, "Server");
  utsname system{};
  uname(&system);
  lines.Add("redis_version", kRedisVersion);
  lines.Add("redis_git_sha1", "00000000");
  lines.Add("redis_git_dirty", "0");
  lines.Add("redis_build_id", "0");
  lines.Add("redis_mode", "standalone");
  lines.Add("os", Bytes(std::string(system.sysname) + " " + system.release + " " + system.machine));
  lines.Add("arch_bits", 64);
  lines.Add("monotonic_clock", "POSIX clock_gettime");
  lines.Add("multiplexing_api", "embedded");
  lines.Add("atomicvar_api", "c11-builtin");
  lines.Add("gcc_version", __VERSION__);
  lines.Add("process_id", getpid());
  lines.Add("process_supervised", "no");
  lines.Add("run_id", t.gauges.run_id);
  lines.Add("tcp_port", t.settings.number(Setting::kPort));
  lines.Add("server_time_usec", t.x.clock().NowMicros());
  const int64_t uptime = (t.x.now() - t.gauges.started) / 1000;
  lines.Add("uptime_in_seconds", uptime);
  lines.Add("uptime_in_days", uptime / (24 * 3600));
  lines.Add("hz", t.settings.number(Setting::kHz));
  lines.Add("configured_hz", t.settings.number(Setting::kHz));
  lines.Add("lru_clock", t.x.now() / 1000 & 0xffffff);
  lines.Add("executable", "");
  lines.Add("config_file", "");
  lines.Add("io_threads_active", 0);
}

void Clients(Teller& t) {
  Lines lines(t.out, "Clients");
  lines.Add("connected_clients", t.gauges.clients);
  lines.Add("cluster_connections", 0);
  lines.Add("maxclients", t.settings.number(Setting::kMaxclients));
  lines.Add("client_recent_max_input_buffer", 0);
  lines.Add("client_recent_max_output_buffer", 0);
  lines.Add("blocked_clients", t.gauges.blocked_clients);
  lines.Add("tracking_clients", t.gauges.tracking_clients);
  lines.Add("clients_in_timeout_table", t.gauges.timeouts);
}

void Memory(Teller& t) {
  Lines lines(t.out, "Memory");
  const Gauges& g = t.gauges;
  lines.AddBytes("used_memory", g.used_memory);
  lines.AddBytes("used_memory_rss", g.used_memory);
  lines.AddBytes("used_memory_peak", g.peak_memory);
  lines.Add("used_memory_peak_perc", Percent(g.used_memory, std::max<int64_t>(g.peak_memory, 1)));
  const int64_t dataset = g.used_memory - g.overhead_memory;
  const int64_t grown = std::max<int64_t>(g.used_memory - g.startup_memory, 1);
  lines.Add("used_memory_overhead", g.overhead_memory);
  lines.Add("used_memory_startup", g.startup_memory);
  lines.Add("used_memory_dataset", dataset);
  lines.Add("used_memory_dataset_perc", Percent(dataset, grown));
  lines.Add("allocator_allocated", g.used_memory);
  lines.Add("allocator_active", g.used_memory);
  lines.Add("allocator_resident", g.used_memory);
  const auto system = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<int64_t>(sysconf(_SC_PAGESIZE));
  lines.AddBytes("total_system_memory", system);
  lines.Add("used_memory_lua", g.script_memory);
  lines.Add("used_memory_vm_eval", g.script_memory);
  lines.Add("used_memory_lua_human", Bytes(Lines::Human(g.script_memory)));
  lines.Add("used_memory_scripts_eval", 0);
  lines.Add("number_of_cached_scripts", g.cached_scripts);
  lines.Add("number_of_functions", g.functions);
  lines.Add("number_of_libraries", g.libraries);
  lines.Add("used_memory_vm_functions", 0);
  lines.AddBytes("used_memory_vm_total", g.script_memory);
  lines.Add("used_memory_functions", 0);
  lines.AddBytes("used_memory_scripts", 0);
  lines.AddBytes("maxmemory", t.settings.number(Setting::kMaxmemory));
  lines.Add("maxmemory_policy", Bytes(t.settings.Show(Setting::kMaxmemoryPolicy)));
  lines.Add("allocator_frag_ratio", "1.00");
  lines.Add("allocator_frag_bytes", 0);
  lines.Add("allocator_rss_ratio", "1.00");
  lines.Add("allocator_rss_bytes", 0);
  lines.Add("rss_overhead_ratio", "1.00");
  lines.Add("rss_overhead_bytes", 0);
  lines.Add("mem_fragmentation_ratio", "1.00");
  lines.Add("mem_fragmentation_bytes", 0);
  for (Bytes none : {"mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers",
                     "mem_clients_slaves"}) {
    lines.Add(none, 0);
  }
  lines.Add("mem_clients_normal", g.client_memory);
  lines.Add("mem_cluster_links", 0);
  lines.Add("mem_aof_buffer", 0);
  lines.Add("mem_allocator", "libc");
  lines.Add("active_defrag_running", 0);
  lines.Add("lazyfree_pending_objects", 0);
  lines.Add("lazyfreed_objects", 0);
}

void Persistence(Teller& t) {
  Lines lines(t.out, "Persistence");
  for (Bytes none : {"loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age"}) {
    lines.Add(none, 0);
  }
  lines.Add("current_fork_perc", "0.00");
  lines.Add("current_save_keys_processed", 0);
  lines.Add("current_save_keys_total", 0);
  lines.Add("rdb_changes_since_last_save", t.gauges.changes);
  lines.Add("rdb_bgsave_in_progress", 0);
  lines.Add("rdb_last_save_time", t.gauges.last_save);
  lines.Add("rdb_last_bgsave_status", t.gauges.last_save_failed ? "err" : "ok");
  lines.Add("rdb_last_bgsave_time_sec", -1);
  lines.Add("rdb_current_bgsave_time_sec", -1);
  for (Bytes none : {"rdb_saves", "rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded",
                     "aof_enabled", "aof_rewrite_in_progress", "aof_rewrite_scheduled"}) {
    lines.Add(none, 0);
  }
  lines.Add("aof_last_rewrite_time_sec", -1);
  lines.Add("aof_current_rewrite_time_sec", -1);
  lines.Add("aof_last_bgrewrite_status", "ok");
  lines.Add("aof_rewrites", 0);
  lines.Add("aof_rewrites_consecutive_failures", 0);
  lines.Add("aof_last_write_status", "ok");
  lines.Add("aof_last_cow_size", 0);
  lines.Add("module_fork_in_progress", 0);
  lines.Add("module_fork_last_cow_size", 0);
}

void Statistics(Teller& t) {
  Lines lines(t.out, "Stats");
  const Stats& s = t.stats;
  const auto none = [&](std::initializer_list<Bytes> names) {
    for (Bytes name : names) lines.Add(name, 0);
  };
  lines.Add("total_connections_received", s.connections_received);
  lines.Add("total_commands_processed", s.commands_processed);
  lines.Add("instantaneous_ops_per_sec", 0);
  lines.Add("total_net_input_bytes", s.net_input_bytes);
  lines.Add("total_net_output_bytes", s.net_output_bytes);
  none({"total_net_repl_input_bytes", "total_net_repl_output_bytes"});
  for (Bytes rate : {"instantaneous_input_kbps", "instantaneous_output_kbps", "instantaneous_input_repl_kbps",
                     "instantaneous_output_repl_kbps"}) {
    lines.Add(rate, "0.00");
  }
  lines.Add("rejected_connections", s.rejected_connections);
  none({"sync_full", "sync_partial_ok", "sync_partial_err"});
  lines.Add("expired_keys", s.expired_keys);
  lines.Add("expired_stale_perc", "0.00");
  lines.Add("expired_time_cap_reached_count", s.expired_time_cap_reached);
  lines.Add("expire_cycle_cpu_milliseconds", 0);
  lines.Add("evicted_keys", s.evicted_keys);
  lines.Add("evicted_clients", s.evicted_clients);
  none({"total_eviction_exceeded_time", "current_eviction_exceeded_time"});
  lines.Add("keyspace_hits", s.access.hits);
  lines.Add("keyspace_misses", s.access.misses);
  lines.Add("pubsub_channels", t.gauges.pubsub_channels);
  lines.Add("pubsub_patterns", t.gauges.pubsub_patterns);
  lines.Add("pubsubshard_channels", t.gauges.pubsub_shard_channels);
  none({"latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits",
        "active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time",
        "current_active_defrag_time"});
  lines.Add("tracking_total_keys", t.gauges.tracking_keys);
  lines.Add("tracking_total_items", t.gauges.tracking_items);
  lines.Add("tracking_total_prefixes", t.gauges.tracking_prefixes);
  lines.Add("unexpected_error_replies", 0);
  lines.Add("total_error_replies", s.error_replies);
  none({"dump_payload_sanitizations", "total_reads_processed", "total_writes_processed", "io_threaded_reads_processed",
        "io_threaded_writes_processed", "reply_buffer_shrinks", "reply_buffer_expands"});
  lines.Add("acl_access_denied_auth", s.acl_denied_auth);
  lines.Add("acl_access_denied_cmd", s.acl_denied_cmd);
  lines.Add("acl_access_denied_key", s.acl_denied_key);
  lines.Add("acl_access_denied_channel", s.acl_denied_channel);
}

void Replication(Teller& t) {
  Lines lines(t.out, "Replication");
  lines.Add("role", "master");
  lines.Add("connected_slaves", 0);
  lines.Add("master_failover_state", "no-failover");
  lines.Add("master_replid", t.gauges.replication_id);
  lines.Add("master_replid2", Bytes(std::string(40, '0')));
  lines.Add("master_repl_offset", 0);
  lines.Add("second_repl_offset", -1);
  lines.Add("repl_backlog_active", 0);
  lines.Add("repl_backlog_size", t.settings.number(Setting::kReplBacklogSize));
  lines.Add("repl_backlog_first_byte_offset", 0);
  lines.Add("repl_backlog_histlen", 0);
}

void Cpu(Teller& t) {
  Lines lines(t.out, "CPU");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  rusage self{};
  rusage children{};
  rusage thread{};
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  getrusage(RUSAGE_THREAD, &thread);
  lines.Add("used_cpu_sys", seconds(self.ru_stime), 6);
  lines.Add("used_cpu_user", seconds(self.ru_utime), 6);
  lines.Add("used_cpu_sys_children", seconds(children.ru_stime), 6);
  lines.Add("used_cpu_user_children", seconds(children.ru_utime), 6);
  lines.Add("used_cpu_sys_main_thread", seconds(thread.ru_stime), 6);
  lines.Add("used_cpu_user_main_thread", seconds(thread.ru_utime), 6);
}

void Modules(Teller& t) { Lines(t.out, "Modules"); }

void CommandCounts(Teller& t) {
  Lines lines(t.out, "Commandstats");
  for (const auto& [name, s] : t.stats.commands()) {
    const int64_t micros = s->micros();
    const double each = s->calls == 0 ? 0.0 : static_cast<double>(micros) / static_cast<double>(s->calls);
    lines.Add("cmdstat_" + errors::DisplayName(name),
              "calls=" + std::to_string(s->calls) + ",usec=" + std::to_string(micros) +
                  ",usec_per_call=" + Fixed(each, 2) + ",rejected_calls=" + std::to_string(s->rejected) +
                  ",failed_calls=" + std::to_string(s->failed));
  }
}

void Errors(Teller& t) {
  Lines lines(t.out, "Errorstats");
  for (const auto& [word, count] : t.stats.errors()) {
    lines.Add("errorstat_" + word, Bytes("count=" + std::to_string(count)));
  }
}

void Latencies(Teller& t) {
  Lines lines(t.out, "Latencystats");
  if (!t.settings.flag(Setting::kLatencyTracking)) return;
  for (const auto& [name, s] : t.stats.commands()) {
    if (s->timed_calls == 0) continue;
    std::string text;
    Bytes rest = t.settings.text(Setting::kLatencyTrackingInfoPercentiles);
    while (!rest.empty()) {
      const Bytes word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      if (!text.empty()) text += ',';
      text.append("p").append(word).append("=").append(
          Fixed(s->histogram.Percentile(ParseDouble(word).value_or(0)), 3));
    }
    lines.Add("latency_percentiles_usec_" + errors::DisplayName(name), Bytes(text));
  }
}

void Cluster(Teller& t) { Lines(t.out, "Cluster").Add("cluster_enabled", 0); }

void Keyspace(Teller& t) {
  Lines lines(t.out, "Keyspace");
  for (const Gauges::Database& db : t.gauges.databases) {
    lines.Add("db" + std::to_string(db.index),
              Bytes("keys=" + std::to_string(db.keys) + ",expires=" + std::to_string(db.expires) +
                    ",avg_ttl=" + std::to_string(db.average_ttl)));
  }
}

struct Section {
  Bytes name;
  bool usual;  // of INFO without words, and `default`
  void (*tell)(Teller&);
};

constexpr Section kSections[] = {
    {"SERVER", true, Server},
    {"CLIENTS", true, Clients},
    {"MEMORY", true, Memory},
    {"PERSISTENCE", true, Persistence},
    {"STATS", true, Statistics},
    {"REPLICATION", true, Replication},
    {"CPU", true, Cpu},
    {"MODULES", true, Modules},
    {"COMMANDSTATS", false, CommandCounts},
    {"ERRORSTATS", true, Errors},
    {"LATENCYSTATS", false, Latencies},
    {"CLUSTER", true, Cluster},
    {"KEYSPACE", true, Keyspace},
};

bool Wanted(const Section& section, const Many<Bytes>& words) {
  if (words.empty()) return section.usual;
  return std::any_of(words.begin(), words.end(), [&](Bytes word) {
    if (IsWord(word, "ALL")) return section.name != Bytes("MODULES");
    return IsWord(word, "EVERYTHING") || (IsWord(word, "DEFAULT") && section.usual) || IsWord(word, section.name);
  });
}

}  // namespace

Outcome Run(ReadExec& x, const Info& c, ReplySink& sink) {
  Teller teller{x, x.server().settings(), x.server().stats(), x.server().Measure(x.now()), {}};
  for (const Section& section : kSections) {
    if (Wanted(section, c.sections)) section.tell(teller);
  }
  sink.Verbatim(teller.out, "txt");
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family InfoCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<Info>()};
  return {kCommands};
}

}  // namespace dualis
