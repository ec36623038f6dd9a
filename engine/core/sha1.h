// SHA-1, because it is how Redis names a script. Nothing here is a matter of security, and one short function is a
// smaller burden for those who embed the engine than a dependency on a cryptographic library.
#ifndef DUALIS_ENGINE_CORE_SHA1_H_
#define DUALIS_ENGINE_CORE_SHA1_H_

#include <array>

#include "dualis/bytes.h"

namespace dualis {

// 40 hexadecimal digits, lower case.
std::array<char, 40> Sha1Hex(Bytes data);

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_SHA1_H_
