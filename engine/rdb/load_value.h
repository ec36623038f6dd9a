// Reads one value in any form that Redis 2.0 to 7.4 writes, into a value of our own that nobody else knows yet.
#ifndef DUALIS_ENGINE_RDB_LOAD_VALUE_H_
#define DUALIS_ENGINE_RDB_LOAD_VALUE_H_

#include <string>
#include <utility>

#include "dualis/options.h"
#include "engine/keyspace/entry.h"
#include "engine/keyspace/values.h"
#include "engine/rdb/format.h"
#include "engine/rdb/input.h"

namespace dualis::rdb {

// What a value needs to know of where it will live.
struct Surroundings {
  const EncodingLimits& limits;  // must outlive the value
  uint64_t seed;                 // of its database
};

// A value that was read, until it has a place.
class LoadedValue {
 public:
  LoadedValue() = default;
  LoadedValue(LoadedValue&& other) noexcept
      : type_(other.type_), text_(std::move(other.text_)), value_(std::exchange(other.value_, nullptr)) {}
  LoadedValue& operator=(LoadedValue&& other) noexcept {
    std::swap(type_, other.type_);
    std::swap(text_, other.text_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~LoadedValue() {
    if (value_ != nullptr) DestroyValue(type_, value_);
  }

  // A collection without elements, which must not become a key.
  bool empty() const { return value_ != nullptr && IsEmptyValue(type_, value_); }
  // An entry with the value, which is still owned here until the entry has found its place: then call Release.
  Entry* MakeEntry(Bytes key, TimeMs expiry) const;
  void Release() { value_ = nullptr; }

  // For the reader.
  void TakeText(Input& in) {
    const Bytes text = in.String(text_);
    if (text.data() != text_.data()) text_ = text;
  }
  template <class T>
  T& Make(const Surroundings& around) {
    T* value = new T(around.limits, around.seed);
    type_ = T::kType;
    value_ = value;
    return *value;
  }

 private:
  ValueType type_ = ValueType::kString;
  std::string text_;
  void* value_ = nullptr;
};

// Whether the byte names a form of a value, module values included.
bool IsValueForm(uint8_t form);

// Reads a value of this form. What is wrong with it is in `in`.
LoadedValue LoadValue(Input& in, uint8_t form, const Surroundings& around);

}  // namespace dualis::rdb

#endif  // DUALIS_ENGINE_RDB_LOAD_VALUE_H_
