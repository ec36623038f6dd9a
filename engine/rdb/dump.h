// DUMP: one value as bytes that RESTORE, here or in Redis, makes a key of.
#ifndef DUALIS_ENGINE_RDB_DUMP_H_
#define DUALIS_ENGINE_RDB_DUMP_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/rdb/load_value.h"

namespace dualis::rdb {

std::string Dump(const Entry& entry);
// Whether the bytes end with a version that can be read and with the right checksum.
bool IsSoundDump(Bytes dump);
// The value; nothing if the bytes make no sense, or are a collection without elements. Requires: IsSoundDump.
std::optional<LoadedValue> ReadDump(Bytes dump, const Surroundings& around);

// FUNCTION DUMP: the code of libraries, and back; nothing if the bytes make no sense. Requires: IsSoundDump.
std::string DumpFunctions(std::span<const Bytes> codes);
std::optional<std::vector<std::string>> ReadFunctionDump(Bytes dump);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_DUMP_H_
