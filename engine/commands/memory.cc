// MEMORY: the engine's own account of its memory.
#include "dualis/commands/memory.h"

#include <malloc.h>

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

constexpr Bytes kEmptyReport =
    "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these "
    "conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to "
    "our programming as soon as I finished rebooting.\n";
constexpr Bytes kHealthyReport =
    "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";

}  // namespace

Result<std::optional<int64_t>> Run(ReadExec& x, const MemoryUsage& c) {
  const Entry* entry = x.Inspect(c.key);
  if (entry == nullptr) return std::optional<int64_t>();
  // Its share of the table, which has about one free place for seven taken ones.
  constexpr int64_t kPlace = 10;
  return std::optional<int64_t>(static_cast<int64_t>(Db::BytesOf(*entry)) + kPlace);
}

Outcome Run(ReadExec& x, const MemoryStats&, ReplySink& sink) {
  const Gauges g = x.server().Measure(x.now());
  int64_t keys = 0;
  for (const Gauges::Database& db : g.databases) keys += db.keys;
  const int64_t dataset = std::max<int64_t>(g.used_memory - g.overhead_memory, 0);
  const int64_t grown = std::max<int64_t>(g.used_memory - g.startup_memory, 1);
  const auto integer = [&](Bytes name, int64_t value) {
    sink.Bulk(name);
    sink.Int(value);
  };
  const auto real = [&](Bytes name, double value) {
    sink.Bulk(name);
    sink.Double(value);
  };
  sink.Begin(Shape::kMap, 27 + g.databases.size());
  integer("peak.allocated", std::max(g.peak_memory, g.used_memory));
  integer("total.allocated", g.used_memory);
  integer("startup.allocated", g.startup_memory);
  integer("replication.backlog", 0);
  integer("clients.slaves", 0);
  integer("clients.normal", g.client_memory);
  integer("cluster.links", 0);
  integer("aof.buffer", 0);
  integer("lua.caches", g.script_memory);
  integer("functions.caches", 0);
  for (const Gauges::Database& db : g.databases) {
    sink.Bulk("db." + std::to_string(db.index));
    sink.Begin(Shape::kMap, 3);
    integer("overhead.hashtable.main", db.table_bytes);
    integer("overhead.hashtable.expires", db.expiry_bytes);
    integer("overhead.hashtable.slot-to-keys", 0);
    sink.End();
  }
  integer("overhead.total", g.overhead_memory);
  integer("keys.count", keys);
  integer("keys.bytes-per-key", keys == 0 ? 0 : grown / keys);
  integer("dataset.bytes", dataset);
  real("dataset.percentage", 100.0 * static_cast<double>(dataset) / static_cast<double>(grown));
  real("peak.percentage", 100.0 * static_cast<double>(g.used_memory) /
                              static_cast<double>(std::max<int64_t>({g.peak_memory, g.used_memory, 1})));
  integer("allocator.allocated", g.used_memory);
  integer("allocator.active", g.used_memory);
  integer("allocator.resident", g.used_memory);
  real("allocator-fragmentation.ratio", 1);
  integer("allocator-fragmentation.bytes", 0);
  real("allocator-rss.ratio", 1);
  integer("allocator-rss.bytes", 0);
  real("rss-overhead.ratio", 1);
  integer("rss-overhead.bytes", 0);
  real("fragmentation", 1);
  integer("fragmentation.bytes", 0);
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const MemoryDoctor&, ReplySink& sink) {
  constexpr int64_t kLittle = 5 << 20;
  sink.Verbatim(x.server().Measure(x.now()).used_memory < kLittle ? kEmptyReport : kHealthyReport, "txt");
  return Outcome();
}

Result<Ack> Run(ReadExec&, const MemoryPurge&) {
  malloc_trim(0);
  return Ack{};
}

Outcome Run(ReadExec&, const MemoryMallocStats&, ReplySink& sink) {
  const struct mallinfo2 info = mallinfo2();
  std::string text = "___ Begin libc malloc statistics ___\n";
  const auto line = [&](const char* name, size_t bytes) {
    text.append(name).append(": ").append(std::to_string(bytes)).append("\n");
  };
  line("Taken from the system", info.arena + info.hblkhd);
  line("In use", info.uordblks + info.hblkhd);
  line("Free", info.fordblks);
  line("Mapped", info.hblkhd);
  sink.Verbatim(text.append("--- End libc malloc statistics ---\n"), "txt");
  return Outcome();
}

Outcome Run(ReadExec&, const MemoryHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "DOCTOR",
      "    Return memory problems reports.",
      "MALLOC-STATS",
      "    Return internal statistics report from the memory allocator.",
      "PURGE",
      "    Attempt to purge dirty pages for reclamation by the allocator.",
      "STATS",
      "    Return information about the memory usage of the server.",
      "USAGE <key> [SAMPLES <count>]",
      "    Return memory in bytes used by <key> and its value. Nested values are",
      "    sampled up to <count> times (default: 5, 0 means sample all).",
  };
  return EmitHelp("MEMORY", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family MemoryCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<MemoryDoctor>(), Add<MemoryHelp>(),  Add<MemoryMallocStats>(),
      Add<MemoryPurge>(),  Add<MemoryStats>(), Add<MemoryUsage>(),
  };
  return {kCommands};
}

}  // namespace dualis
