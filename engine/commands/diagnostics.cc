// SLOWLOG and LATENCY.
#include "dualis/commands/diagnostics.h"

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kBadCount = {ErrorCode::kErr, "ERR count should be greater than or equal to -1"};

Error NoSamples(Bytes event) {
  std::string text = "ERR No samples available for event '";
  return errors::Named(text.append(event), "'");
}

}  // namespace

Outcome Run(ReadExec& x, const SlowLogGet& c, ReplySink& sink) {
  if (c.count.size() > 1) {
    return Error(ErrorCode::kErr, "ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.");
  }
  int64_t count = 10;
  if (!c.count.empty()) {
    const auto given = ParseInt64(c.count[0]);
    if (!given || *given < -1) return Error(&kBadCount);
    count = *given;
  }
  const auto& entries = x.server().slowlog().entries();
  const size_t shown = count < 0 ? entries.size() : std::min(entries.size(), static_cast<size_t>(count));
  sink.Begin(Shape::kArray, shown);
  for (size_t i = 0; i < shown; ++i) {
    const SlowLog::Entry& entry = entries[i];
    sink.Begin(Shape::kArray, 6);
    sink.Int(entry.id);
    sink.Int(entry.unix_seconds);
    sink.Int(entry.micros);
    sink.Begin(Shape::kArray, entry.words.size());
    for (const std::string& word : entry.words) sink.Bulk(word);
    sink.End();
    sink.Bulk(entry.address);
    sink.Bulk(entry.client);
    sink.End();
  }
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const SlowLogLen&) {
  return static_cast<int64_t>(x.server().slowlog().entries().size());
}

Result<Ack> Run(ReadExec& x, const SlowLogReset&) {
  x.server().slowlog().Reset();
  return Ack{};
}

Outcome Run(ReadExec&, const SlowLogHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "GET [<count>]",
      "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
      "    Entries are made of:",
      "    id, timestamp, time in microseconds, arguments array, client IP and port,",
      "    client name",
      "LEN",
      "    Return the length of the slowlog.",
      "RESET",
      "    Reset the slowlog.",
  };
  return EmitHelp("SLOWLOG", kLines, sink);
}

Outcome Run(ReadExec& x, const LatencyLatest&, ReplySink& sink) {
  const auto& series = x.server().latency().series();
  sink.Begin(Shape::kArray, series.size());
  for (const auto& [kind, one] : series) {
    sink.Begin(Shape::kArray, 4);
    sink.Bulk(kind);
    sink.Int(one.samples.back().unix_seconds);
    sink.Int(one.samples.back().millis);
    sink.Int(one.worst);
    sink.End();
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const LatencyHistory& c, ReplySink& sink) {
  const LatencyMonitor::Series* series = x.server().latency().Find(c.event);
  sink.Begin(Shape::kArray, series == nullptr ? 0 : series->samples.size());
  if (series != nullptr) {
    for (const LatencyMonitor::Sample& sample : series->samples) {
      sink.Begin(Shape::kArray, 2);
      sink.Int(sample.unix_seconds);
      sink.Int(sample.millis);
      sink.End();
    }
  }
  sink.End();
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const LatencyReset& c) {
  if (c.events.empty()) return x.server().latency().ResetAll();
  int64_t reset = 0;
  for (Bytes event : c.events) reset += x.server().latency().Reset(event) ? 1 : 0;
  return reset;
}

Outcome Run(ReadExec& x, const LatencyGraph& c, ReplySink& sink) {
  const LatencyMonitor::Series* series = x.server().latency().Find(c.event);
  if (series == nullptr) return NoSamples(c.event);
  sink.Verbatim(LatencyMonitor::Graph(c.event, *series, x.now() / 1000), "txt");
  return Outcome();
}

Outcome Run(ReadExec& x, const LatencyDoctor&, ReplySink& sink) {
  const bool monitored = x.server().settings().number(Setting::kLatencyMonitorThreshold) != 0;
  sink.Verbatim(x.server().latency().Report(monitored, x.now() / 1000), "txt");
  return Outcome();
}

Outcome Run(ReadExec& x, const LatencyHistogramOf& c, ReplySink& sink) {
  std::vector<std::pair<std::string, const CommandStats*>> chosen;
  const auto add = [&](Bytes name, const CommandStats& stats) {
    if (stats.timed_calls > 0) chosen.emplace_back(errors::DisplayName(name), &stats);
  };
  const auto& all = x.server().stats().commands();
  if (c.commands.empty()) {
    for (const auto& [name, stats] : all) add(name, *stats);
  }
  for (Bytes word : c.commands) {
    // A container stands for its subcommands; a subcommand may be named with a bar.
    for (const auto& [name, stats] : all) {
      const std::string shown = errors::DisplayName(name);
      const Bytes container = Bytes(shown).substr(0, shown.find('|'));
      if (SameWord(word, shown) || SameWord(word, container)) add(name, *stats);
    }
  }
  sink.Begin(Shape::kMap, chosen.size());
  for (const auto& [shown, stats] : chosen) {
    sink.Bulk(shown);
    sink.Begin(Shape::kMap, 2);
    sink.Bulk("calls");
    sink.Int(stats->calls);
    sink.Bulk("histogram_usec");
    uint64_t total = 0;
    std::vector<std::pair<int64_t, int64_t>> steps;  // those at which the count grows
    for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
      if (stats->histogram.bucket(i) == 0) continue;
      total += stats->histogram.bucket(i);
      steps.emplace_back(LatencyHistogram::Bound(i), static_cast<int64_t>(total));
    }
    sink.Begin(Shape::kMap, steps.size());
    for (const auto& [bound, count] : steps) {
      sink.Int(bound);
      sink.Int(count);
    }
    sink.End();
    sink.End();
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec&, const LatencyHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "DOCTOR",
      "    Return a human readable latency analysis report.",
      "GRAPH <event>",
      "    Return an ASCII latency graph for the <event> class.",
      "HISTORY <event>",
      "    Return time-latency samples for the <event> class.",
      "LATEST",
      "    Return the latest latency samples for all events.",
      "RESET [<event> ...]",
      "    Reset latency data of one or more <event> classes.",
      "    (default: reset all data for all event classes)",
      "HISTOGRAM [COMMAND ...]",
      "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
      "    If no commands are specified then all histograms are replied.",
  };
  return EmitHelp("LATENCY", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family DiagnosticsCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<LatencyDoctor>(),  Add<LatencyGraph>(),  Add<LatencyHelp>(),  Add<LatencyHistogramOf>(),
      Add<LatencyHistory>(), Add<LatencyLatest>(), Add<LatencyReset>(), Add<SlowLogGet>(),
      Add<SlowLogHelp>(),    Add<SlowLogLen>(),    Add<SlowLogReset>(),
  };
  return {kCommands};
}

}  // namespace dualis
