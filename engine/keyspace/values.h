// The values behind entries: made and destroyed by type.
#ifndef DUALIS_ENGINE_KEYSPACE_VALUES_H_
#define DUALIS_ENGINE_KEYSPACE_VALUES_H_

#include "engine/types/value_type.h"

namespace dualis {

// A copy of a value, encoding included, which is the caller's. Not for strings. Throws std::bad_alloc.
void* CloneValue(ValueType type, const void* value);
void DestroyValue(ValueType type, void* value);
// True for a collection without elements, which must not stay as a key. Streams may be empty.
bool IsEmptyValue(ValueType type, const void* value);
// Bytes held by the value. Not for strings.
size_t MemoryOf(ValueType type, const void* value);
// The name that OBJECT ENCODING gives. Not for strings.
Bytes EncodingOf(ValueType type, const void* value);

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_VALUES_H_
