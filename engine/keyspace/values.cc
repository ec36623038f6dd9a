#include "engine/keyspace/values.h"

#include "engine/types/hash.h"
#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"
#include "engine/types/stream.h"

namespace dualis {
namespace {

// Calls f with the value as its own type. Strings have no value of their own.
template <class F>
auto WithValue(ValueType type, void* value, F&& f) {
  switch (type) {
    case ValueType::kList:
      return f(static_cast<List*>(value));
    case ValueType::kSet:
      return f(static_cast<Set*>(value));
    case ValueType::kSortedSet:
      return f(static_cast<SortedSet*>(value));
    case ValueType::kHash:
      return f(static_cast<Hash*>(value));
    default:
      return f(static_cast<Stream*>(value));
  }
}

template <class F>
auto WithValue(ValueType type, const void* value, F&& f) {
  return WithValue(type, const_cast<void*>(value), f);
}

}  // namespace

void* CloneValue(ValueType type, const void* value) {
  return WithValue(type, value, [](auto* v) -> void* { return v->Clone().release(); });
}

void DestroyValue(ValueType type, void* value) {
  WithValue(type, value, [](auto* v) { delete v; });
}

bool IsEmptyValue(ValueType type, const void* value) {
  return WithValue(type, value, [](auto* v) { return v->empty(); });
}

size_t MemoryOf(ValueType type, const void* value) {
  return WithValue(type, value, [](auto* v) { return v->memory(); });
}

Bytes EncodingOf(ValueType type, const void* value) {
  return WithValue(type, value, [](auto* v) { return v->encoding(); });
}

}  // namespace dualis
