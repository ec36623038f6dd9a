#include "engine/keyspace/access.h"

namespace dualis {

uint8_t Access::Frequency(const Entry& entry) const {
  const uint32_t since = entry.access() >> 8;
  const auto counter = static_cast<uint8_t>(entry.access());
  if (lfu_decay_minutes == 0) return counter;
  const int64_t periods = static_cast<int64_t>((minutes_ - since) & 0xffff) / lfu_decay_minutes;
  return periods >= counter ? 0 : static_cast<uint8_t>(counter - periods);
}

uint8_t Access::Counted(uint8_t counter) {
  if (counter == 255) return counter;
  const double above = std::max(counter - kFirstCount, 0);
  const double likelihood = 1.0 / (above * static_cast<double>(lfu_log_factor) + 1);
  chance_ ^= chance_ << 13;
  chance_ ^= chance_ >> 7;
  chance_ ^= chance_ << 17;
  return static_cast<double>(chance_ >> 11) * 0x1p-53 < likelihood ? counter + 1 : counter;
}

}  // namespace dualis
