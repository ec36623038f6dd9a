// The version of Redis that the engine says it is: INFO, HELLO, redis.REDIS_VERSION, the files it writes.
#ifndef DUALIS_REDIS_VERSION_H_
#define DUALIS_REDIS_VERSION_H_

#include "dualis/bytes.h"

namespace dualis {

inline constexpr Bytes kRedisVersion = "7.2.0";
inline constexpr int kRedisVersionNumber = 0x070200;  // a byte each

}  // namespace dualis

#endif  // DUALIS_REDIS_VERSION_H_
