#include "engine/command/latency.h"

#include <algorithm>
#include <cstdlib>

namespace dualis {
namespace {

constexpr size_t kSamples = 160;

// "3m": how long ago, in one unit.
std::string Age(int64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 3600 * 24) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / (3600 * 24)) + "d";
}

}  // namespace

void LatencyMonitor::Add(Bytes kind, int64_t unix_seconds, int64_t millis) {
  Series& series = series_[std::string(kind)];
  series.worst = std::max(series.worst, millis);
  if (!series.samples.empty() && series.samples.back().unix_seconds == unix_seconds) {
    series.samples.back().millis = std::max(series.samples.back().millis, millis);
    return;
  }
  series.samples.push_back({unix_seconds, millis});
  if (series.samples.size() > kSamples) series.samples.pop_front();
}

const LatencyMonitor::Series* LatencyMonitor::Find(Bytes kind) const {
  const auto it = series_.find(kind);
  return it == series_.end() ? nullptr : &it->second;
}

int64_t LatencyMonitor::ResetAll() {
  const auto kinds = static_cast<int64_t>(series_.size());
  series_.clear();
  return kinds;
}

// Columns of four rows, the ages of the samples written downwards below them.
std::string LatencyMonitor::Graph(Bytes kind, const Series& series, int64_t now) {
  int64_t low = INT64_MAX;
  int64_t high = 0;
  for (const Sample& sample : series.samples) {
    low = std::min(low, sample.millis);
    high = std::max(high, sample.millis);
  }
  std::string text(kind);
  text += " - high " + std::to_string(high) + " ms, low " + std::to_string(low) + " ms (all time high " +
          std::to_string(series.worst) + " ms)\n" + std::string(80, '-') + "\n";
  // A row has three steps: nothing, "_", "o" below "#".
  constexpr int64_t kRows = 4;
  constexpr int64_t kSteps = 3;
  const double range = static_cast<double>(std::max<int64_t>(high - low, 1));
  const size_t first = series.samples.size() > 80 ? series.samples.size() - 80 : 0;
  for (int64_t row = kRows - 1; row >= 0; --row) {
    for (size_t i = first; i < series.samples.size(); ++i) {
      const auto height = static_cast<int64_t>(static_cast<double>(series.samples[i].millis - low) / range *
                                               static_cast<double>(kRows * kSteps - 1));
      const int64_t step = height - row * kSteps;
      text += step < 0 ? ' ' : step >= kSteps ? '|' : "_o#"[step];
    }
    text += '\n';
  }
  text += '\n';
  for (size_t digit = 0; digit < 4; ++digit) {
    std::string line;
    for (size_t i = first; i < series.samples.size(); ++i) {
      const std::string age = Age(now - series.samples[i].unix_seconds);
      line += digit < age.size() ? age[digit] : ' ';
    }
    if (line.find_first_not_of(' ') != std::string::npos) text += line + "\n";
  }
  return text;
}

std::string LatencyMonitor::Report(bool monitored, int64_t now) const {
  if (!monitored && series_.empty()) {
    return "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use "
           "\"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep "
           "space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
  }
  if (series_.empty()) {
    return "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. "
           "I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
  }
  std::string text =
      "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n";
  int number = 0;
  for (const auto& [kind, series] : series_) {
    int64_t sum = 0;
    for (const Sample& sample : series.samples) sum += sample.millis;
    const auto count = static_cast<int64_t>(series.samples.size());
    int64_t deviation = 0;
    for (const Sample& sample : series.samples) deviation += std::abs(sample.millis - sum / count);
    const int64_t period = (now - series.samples.front().unix_seconds) / count;
    text += std::to_string(++number) + ". " + kind + ": " + std::to_string(count) + " latency spikes (average " +
            std::to_string(sum / count) + "ms, mean deviation " + std::to_string(deviation / count) + "ms, period " +
            std::to_string(period) + " sec). Worst all time event " + std::to_string(series.worst) + "ms.\n";
  }
  return text +
         "\nI have a few advices for you:\n\n- Check your Slow Log to understand what are the commands you are "
         "running which are too slow to execute. Please check https://redis.io/commands/slowlog for more "
         "information.\n";
}

}  // namespace dualis
