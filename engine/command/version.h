// The version of Redis that the engine says it is.
#ifndef DUALIS_ENGINE_COMMAND_VERSION_H_
#define DUALIS_ENGINE_COMMAND_VERSION_H_

#include "dualis/bytes.h"

namespace dualis {

inline constexpr Bytes kRedisVersion = "7.2.0";

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_VERSION_H_
