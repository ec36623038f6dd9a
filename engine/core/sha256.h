// SHA-256, because it is how Redis keeps the passwords of its users. One short function is a smaller burden for those who
// embed the engine than a dependency on a cryptographic library.
#ifndef DUALIS_ENGINE_CORE_SHA256_H_
#define DUALIS_ENGINE_CORE_SHA256_H_

#include <array>

#include "dualis/bytes.h"

namespace dualis {

// 64 hexadecimal digits, lower case.
std::array<char, 64> Sha256Hex(Bytes data);

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_SHA256_H_
