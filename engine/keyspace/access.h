// Access: what looking a key up leaves behind: the hits and misses that INFO counts, and, in the entry itself, the mark
// by which eviction and OBJECT IDLETIME or FREQ judge it. One an engine, guarded by the gate.
//
//   mark (24 bits of an Entry)    LRU:  the second of its last use, modulo 2^24 (194 days)
//                                 LFU:  | minute of its last decay u16 | logarithmic counter u8 |
//
// Time is that of the last turn that asked for it, which lags: on an engine that does nothing but read keys without
// expiry the clock is read once in a few dozen turns. 0 is a mark never given.
#ifndef DUALIS_ENGINE_KEYSPACE_ACCESS_H_
#define DUALIS_ENGINE_KEYSPACE_ACCESS_H_

#include <algorithm>
#include <cstdint>

#include "dualis/bytes.h"
#include "engine/keyspace/entry.h"
#include "engine/keyspace/event.h"

namespace dualis {

class Access {
 public:
  static constexpr uint8_t kFirstCount = 5;  // of a new key, so that it is not the next to go

  // Of lookups by reading commands.
  int64_t hits = 0;
  int64_t misses = 0;
  // The classes of notify-keyspace-events: what of it concerns lookups is tested here.
  EventClasses events = 0;
  // Somebody hears of all events, whatever their class.
  bool heard = false;

  // Which kind of marks there are; those of the other kind are read as they are, as in Redis.
  bool lfu = false;
  int64_t lfu_log_factor = 10;
  int64_t lfu_decay_minutes = 1;

  void SetTime(TimeMs now) {
    seconds_ = std::max<uint32_t>(static_cast<uint32_t>(now / 1000) & kMask, 1);
    minutes_ = static_cast<uint32_t>(now / 60000) & 0xffff;
  }

  void Mark(Entry& entry) {
    if (!lfu) {
      entry.set_access(seconds_);
    } else {
      entry.set_access(minutes_ << 8 | Counted(Frequency(entry)));
    }
  }
  // Of an entry that takes its place in a database; one that comes with a mark keeps it.
  void MarkNew(Entry& entry) const {
    if (entry.access() == 0) entry.set_access(lfu ? minutes_ << 8 | kFirstCount : seconds_);
  }

  // Seconds since the last use.
  int64_t Idle(const Entry& entry) const { return entry.access() == 0 ? 0 : (seconds_ - entry.access()) & kMask; }
  // How often it is used, as a logarithm, after the decay of the time that passed.
  uint8_t Frequency(const Entry& entry) const;
  // The marks that give these, for RESTORE.
  uint32_t MarkOfIdle(int64_t seconds) const {
    return std::max<uint32_t>((seconds_ - static_cast<uint32_t>(seconds)) & kMask, 1);
  }
  uint32_t MarkOfFrequency(uint8_t frequency) const { return minutes_ << 8 | frequency; }

 private:
  static constexpr uint32_t kMask = (1u << 24) - 1;
  // The counter after one more use: the higher it is, the less likely it grows.
  uint8_t Counted(uint8_t counter);

  uint32_t seconds_ = 1;
  uint32_t minutes_ = 0;
  uint64_t chance_ = 0x9e3779b97f4a7c15;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_ACCESS_H_
