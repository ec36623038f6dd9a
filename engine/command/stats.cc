#include "engine/command/stats.h"

#include <algorithm>
#include <new>

namespace dualis {
namespace {

// A bucket's bound in nanoseconds: Redis' histogram has 128 steps an octave.
constexpr int64_t BoundNanos(size_t i) {
  const int64_t base = int64_t{1024} << i;
  return base + base / 128 - 1;
}

// Error words beyond so many are not told apart: they may come from scripts.
constexpr size_t kErrorKinds = 128;

}  // namespace

void LatencyHistogram::Add(int64_t micros) {
  size_t i = 0;
  while (i + 1 < kBuckets && micros * 1000 > BoundNanos(i)) ++i;
  ++counts_[i];
}

int64_t LatencyHistogram::Bound(size_t i) { return BoundNanos(i) / 1000; }

double LatencyHistogram::Percentile(double percentage) const {
  uint64_t all = 0;
  for (uint32_t count : counts_) all += count;
  const double wanted = std::max(percentage / 100 * static_cast<double>(all), 1.0);
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (static_cast<double>(seen) >= wanted) return static_cast<double>(BoundNanos(i)) / 1000;
  }
  return 0;
}

CommandStats* Stats::Find(const CommandRow& row) noexcept {
  try {
    std::unique_ptr<CommandStats>& found = commands_[row.name()];
    if (found == nullptr) {
      found = std::make_unique<CommandStats>();
      found->quick = row.is(kFast) || row.name() == "SET";
    }
    return found.get();
  } catch (const std::bad_alloc&) {
    return &spare_;
  }
}

void Stats::CountError(Bytes message) noexcept {
  ++error_replies;
  try {
    const std::string word(message.substr(0, message.find(' ')));
    const auto found = errors_.find(word);
    if (found != errors_.end()) {
      ++found->second;
    } else if (errors_.size() < kErrorKinds) {
      errors_.emplace(word, 1);
    }
  } catch (const std::bad_alloc&) {
    // Counted among all, not by its word.
  }
}

void Stats::Reset() {
  static_cast<Counters&>(*this) = Counters();
  access.hits = access.misses = 0;
  cache_.fill({});
  commands_.clear();
  errors_.clear();
}

}  // namespace dualis
