// The checksum of Redis' files: CRC-64 with the polynomial of D. T. Jones (0xad93d23594c935a9), reflected, without
// inversions, so that a zero state stays zero over zero bytes.
#ifndef DUALIS_ENGINE_RDB_CRC64_H_
#define DUALIS_ENGINE_RDB_CRC64_H_

#include <cstdint>

#include "dualis/bytes.h"

namespace dualis::rdb {

// Goes on with a sum, which starts at 0. Crc64(0, "123456789") is 0xe9c6d914c4b8d9ca.
uint64_t Crc64(uint64_t sum, Bytes bytes);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_CRC64_H_
