// SLOWLOG and LATENCY: which commands took long, and when.
#ifndef DUALIS_COMMANDS_DIAGNOSTICS_H_
#define DUALIS_COMMANDS_DIAGNOSTICS_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// One entry of the slow log: its number, when (Unix seconds), for how many microseconds, the words, the client's
// address and name.
using SlowLogEntry = std::tuple<int64_t, int64_t, int64_t, std::vector<std::string>, std::string, std::string>;

// SLOWLOG GET [count]: the latest entries first; 10 of them, or `count`, or with -1 all.
struct SlowLogGet {
  static constexpr CommandInfo kInfo{"SLOWLOG GET",
                                     kAdmin | kLoading | kStale | kVolatileReply,
                                     Group::kServer,
                                     "2.2.12",
                                     "Get the slow log's entries",
                                     "O(N) where N is the number of entries returned"};
  using Reply = std::vector<SlowLogEntry>;
  Many<Bytes> count;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.count, "count");
  }
};

// SLOWLOG LEN
struct SlowLogLen {
  static constexpr CommandInfo kInfo{
      "SLOWLOG LEN", kAdmin | kLoading | kStale | kVolatileReply, Group::kServer, "2.2.12", "Get the slow log's length",
      "O(1)"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// SLOWLOG RESET
struct SlowLogReset {
  static constexpr CommandInfo kInfo{"SLOWLOG RESET",
                                     kAdmin | kLoading | kStale,
                                     Group::kServer,
                                     "2.2.12",
                                     "Clear all entries from the slow log",
                                     "O(N) where N is the number of entries in the slowlog"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// SLOWLOG HELP
struct SlowLogHelp {
  static constexpr CommandInfo kInfo{
      "SLOWLOG HELP", kLoading | kStale, Group::kServer, "6.2.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// LATENCY LATEST: of each kind the time of its latest sample, its milliseconds, and the worst there ever were.
struct LatencyLatest {
  static constexpr CommandInfo kInfo{
      "LATENCY LATEST", kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply, Group::kServer,
      "2.8.13",         "Return the latest latency samples for all events.",         "O(1)"};
  using Reply = std::vector<std::tuple<std::string, int64_t, int64_t, int64_t>>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// LATENCY HISTORY event: the samples of one kind, oldest first.
struct LatencyHistory {
  static constexpr CommandInfo kInfo{
      "LATENCY HISTORY", kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply, Group::kServer,
      "2.8.13",          "Return timestamp-latency samples for the event.",           "O(1)"};
  using Reply = std::vector<std::pair<int64_t, int64_t>>;
  Bytes event;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.event, "event");
  }
};

// LATENCY RESET [event ...]: forgets the samples of these kinds, or all; returns how many kinds there were.
struct LatencyReset {
  static constexpr CommandInfo kInfo{"LATENCY RESET", kAdmin | kNoScriptFlag | kLoading | kStale,   Group::kServer,
                                     "2.8.13",        "Reset latency data for one or more events.", "O(1)"};
  using Reply = int64_t;
  Many<Bytes> events;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.events, "event");
  }
};

// LATENCY GRAPH event: the samples as a picture of characters.
struct LatencyGraph {
  static constexpr CommandInfo kInfo{"LATENCY GRAPH",
                                     kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply,
                                     Group::kServer,
                                     "2.8.13",
                                     "Return a latency graph for the event.",
                                     "O(1)"};
  using Reply = std::string;
  Bytes event;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.event, "event");
  }
};

// LATENCY DOCTOR
struct LatencyDoctor {
  static constexpr CommandInfo kInfo{
      "LATENCY DOCTOR", kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply, Group::kServer,
      "2.8.13",         "Return a human readable latency analysis report.",          "O(1)"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// LATENCY HISTOGRAM [command ...]: of these commands, or all that ran, how many took at most how many microseconds.
struct LatencyHistogramOf {
  static constexpr CommandInfo kInfo{
      "LATENCY HISTOGRAM",
      kAdmin | kNoScriptFlag | kLoading | kStale | kVolatileReply,
      Group::kServer,
      "7.0.0",
      "Return the cumulative distribution of latencies of a subset of commands or all.",
      "O(N) where N is the number of commands with latency information being retrieved."};
  using Reply = AnyReply;
  Many<Bytes> commands;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.commands, "command");
  }
};

// LATENCY HELP
struct LatencyHelp {
  static constexpr CommandInfo kInfo{
      "LATENCY HELP", kLoading | kStale, Group::kServer, "2.8.13", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_DIAGNOSTICS_H_
