// DUMP: one value as bytes that RESTORE, here or in Redis, makes a key of.
#ifndef DUALIS_ENGINE_RDB_DUMP_H_
#define DUALIS_ENGINE_RDB_DUMP_H_

#include <optional>
#include <string>

#include "engine/rdb/load_value.h"

namespace dualis::rdb {

std::string Dump(const Entry& entry);
// Whether the bytes end with a version that can be read and with the right checksum.
bool IsSoundDump(Bytes dump);
// The value; nothing if the bytes make no sense, or are a collection without elements. Requires: IsSoundDump.
std::optional<LoadedValue> ReadDump(Bytes dump, const Surroundings& around);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_DUMP_H_
