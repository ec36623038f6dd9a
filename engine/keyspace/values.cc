#include "engine/keyspace/values.h"

namespace dualis {
namespace {

// Calls f with the value as its own type; the types' own folder decides which there are.
template <class F>
auto WithValue(ValueType type, void* value, F&& f, decltype(f(static_cast<int*>(nullptr))) otherwise) {
  (void)type;
  (void)value;
  (void)f;
  return otherwise;
}

}  // namespace

void DestroyValue(ValueType type, void* value) {
  WithValue(
      type, value, [](auto* v) { return delete v, true; }, false);
}

bool IsEmptyValue(ValueType type, const void* value) {
  return WithValue(
      type, const_cast<void*>(value), [](auto*) { return false; }, false);
}

Bytes EncodingOf(ValueType type, const void* value) {
  return WithValue(
      type, const_cast<void*>(value), [](auto*) { return Bytes(); }, Bytes());
}

size_t MemoryOf(ValueType type, const void* value) {
  return WithValue(
      type, const_cast<void*>(value), [](auto*) { return size_t{0}; }, size_t{0});
}

}  // namespace dualis
