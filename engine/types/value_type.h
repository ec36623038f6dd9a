// ValueType: what kind of value a key holds.
#ifndef DUALIS_ENGINE_TYPES_VALUE_TYPE_H_
#define DUALIS_ENGINE_TYPES_VALUE_TYPE_H_

#include <cstdint>

#include "dualis/bytes.h"

namespace dualis {

// A string lives inside its entry; the others are the classes of this folder, each with its kType.
enum class ValueType : uint8_t { kString, kList, kSet, kSortedSet, kHash, kStream };

// What TYPE replies.
constexpr Bytes TypeName(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return "string";
    case ValueType::kList:
      return "list";
    case ValueType::kSet:
      return "set";
    case ValueType::kSortedSet:
      return "zset";
    case ValueType::kHash:
      return "hash";
    case ValueType::kStream:
      return "stream";
  }
  return "none";
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_VALUE_TYPE_H_
