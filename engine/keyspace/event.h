// The keyspace events of Redis: what a handler says happened to a key.
#ifndef DUALIS_ENGINE_KEYSPACE_EVENT_H_
#define DUALIS_ENGINE_KEYSPACE_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "dualis/bytes.h"

namespace dualis {

// The classes of notify-keyspace-events, as its letters.
// DUALIS_EVENT(enumerator, name, class letter)
#define DUALIS_EVENTS(DUALIS_EVENT)                                 \
  DUALIS_EVENT(kDel, "del", 'g')                                    \
  DUALIS_EVENT(kRenameFrom, "rename_from", 'g')                     \
  DUALIS_EVENT(kRenameTo, "rename_to", 'g')                         \
  DUALIS_EVENT(kMoveFrom, "move_from", 'g')                         \
  DUALIS_EVENT(kMoveTo, "move_to", 'g')                             \
  DUALIS_EVENT(kCopyTo, "copy_to", 'g')                             \
  DUALIS_EVENT(kRestore, "restore", 'g')                            \
  DUALIS_EVENT(kExpire, "expire", 'g')                              \
  DUALIS_EVENT(kPersist, "persist", 'g')                            \
  DUALIS_EVENT(kSortStore, "sortstore", 'l')                        \
  DUALIS_EVENT(kSet, "set", '$')                                    \
  DUALIS_EVENT(kSetRange, "setrange", '$')                          \
  DUALIS_EVENT(kIncrBy, "incrby", '$')                              \
  DUALIS_EVENT(kIncrByFloat, "incrbyfloat", '$')                    \
  DUALIS_EVENT(kAppend, "append", '$')                              \
  DUALIS_EVENT(kSetBit, "setbit", '$')                              \
  DUALIS_EVENT(kLPush, "lpush", 'l')                                \
  DUALIS_EVENT(kRPush, "rpush", 'l')                                \
  DUALIS_EVENT(kLPop, "lpop", 'l')                                  \
  DUALIS_EVENT(kRPop, "rpop", 'l')                                  \
  DUALIS_EVENT(kLInsert, "linsert", 'l')                            \
  DUALIS_EVENT(kLSet, "lset", 'l')                                  \
  DUALIS_EVENT(kLRem, "lrem", 'l')                                  \
  DUALIS_EVENT(kLTrim, "ltrim", 'l')                                \
  DUALIS_EVENT(kHSet, "hset", 'h')                                  \
  DUALIS_EVENT(kHIncrBy, "hincrby", 'h')                            \
  DUALIS_EVENT(kHIncrByFloat, "hincrbyfloat", 'h')                  \
  DUALIS_EVENT(kHDel, "hdel", 'h')                                  \
  DUALIS_EVENT(kHExpire, "hexpire", 'h')                            \
  DUALIS_EVENT(kHExpired, "hexpired", 'h')                          \
  DUALIS_EVENT(kHPersist, "hpersist", 'h')                          \
  DUALIS_EVENT(kSAdd, "sadd", 's')                                  \
  DUALIS_EVENT(kSRem, "srem", 's')                                  \
  DUALIS_EVENT(kSPop, "spop", 's')                                  \
  DUALIS_EVENT(kSInterStore, "sinterstore", 's')                    \
  DUALIS_EVENT(kSUnionStore, "sunionstore", 's')                    \
  DUALIS_EVENT(kSDiffStore, "sdiffstore", 's')                      \
  DUALIS_EVENT(kZAdd, "zadd", 'z')                                  \
  DUALIS_EVENT(kZIncr, "zincr", 'z')                                \
  DUALIS_EVENT(kZRem, "zrem", 'z')                                  \
  DUALIS_EVENT(kZPopMin, "zpopmin", 'z')                            \
  DUALIS_EVENT(kZPopMax, "zpopmax", 'z')                            \
  DUALIS_EVENT(kZRemByScore, "zrembyscore", 'z')                    \
  DUALIS_EVENT(kZRemByRank, "zrembyrank", 'z')                      \
  DUALIS_EVENT(kZRemByLex, "zrembylex", 'z')                        \
  DUALIS_EVENT(kZRangeStore, "zrangestore", 'z')                    \
  DUALIS_EVENT(kZUnionStore, "zunionstore", 'z')                    \
  DUALIS_EVENT(kZInterStore, "zinterstore", 'z')                    \
  DUALIS_EVENT(kZDiffStore, "zdiffstore", 'z')                      \
  DUALIS_EVENT(kGeoSearchStore, "geosearchstore", 'z')              \
  DUALIS_EVENT(kGeoRadiusStore, "georadiusstore", 'z')              \
  DUALIS_EVENT(kPfAdd, "pfadd", '$')                                \
  DUALIS_EVENT(kXAdd, "xadd", 't')                                  \
  DUALIS_EVENT(kXTrim, "xtrim", 't')                                \
  DUALIS_EVENT(kXDel, "xdel", 't')                                  \
  DUALIS_EVENT(kXSetId, "xsetid", 't')                              \
  DUALIS_EVENT(kXGroupCreate, "xgroup-create", 't')                 \
  DUALIS_EVENT(kXGroupDestroy, "xgroup-destroy", 't')               \
  DUALIS_EVENT(kXGroupSetId, "xgroup-setid", 't')                   \
  DUALIS_EVENT(kXGroupCreateConsumer, "xgroup-createconsumer", 't') \
  DUALIS_EVENT(kXGroupDelConsumer, "xgroup-delconsumer", 't')       \
  DUALIS_EVENT(kExpired, "expired", 'x')                            \
  DUALIS_EVENT(kEvicted, "evicted", 'e')                            \
  DUALIS_EVENT(kKeyMiss, "keymiss", 'm')                            \
  DUALIS_EVENT(kNew, "new", 'n')

enum class Event : uint8_t {
#define DUALIS_EVENT(enumerator, name, letter) enumerator,
  DUALIS_EVENTS(DUALIS_EVENT)
#undef DUALIS_EVENT
};

struct EventInfo {
  Bytes name;
  char letter;
};

constexpr EventInfo InfoOf(Event event) {
  constexpr EventInfo kInfos[] = {
#define DUALIS_EVENT(enumerator, name, letter) {name, letter},
      DUALIS_EVENTS(DUALIS_EVENT)
#undef DUALIS_EVENT
  };
  return kInfos[static_cast<size_t>(event)];
}

// Classes of events as a set of bits: which letters of notify-keyspace-events are on.
using EventClasses = uint32_t;
constexpr Bytes kEventLetters = "g$lshzxetdnKEm";  // in the order in which CONFIG GET shows them
constexpr EventClasses EventClassOf(char letter) { return 1u << kEventLetters.find(letter); }
constexpr EventClasses kAllEventClasses = (1u << 10) - 1;  // 'A': all kinds of events but new keys and misses
constexpr EventClasses kKeyspaceChannel = EventClassOf('K');
constexpr EventClasses kKeyeventChannel = EventClassOf('E');
constexpr EventClasses kNewClass = EventClassOf('n');
constexpr EventClasses kMissClass = EventClassOf('m');

// Nothing if a letter is none.
std::optional<EventClasses> ReadEventClasses(Bytes letters);
std::string ShowEventClasses(EventClasses classes);

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_EVENT_H_
