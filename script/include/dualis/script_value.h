// Value: what a script computes with. Six kinds, the same in both homes: None, bool, number (an IEEE double), bytes,
// list and dict.
//
//   Value v = Value::List({1, "two", Value::None(), Value::Dict({{"three", 3.5}})});
//   v.items()[1].bytes();                     // "two"
//
// Numbers and strings of up to 14 bytes live in the Value itself; longer strings are shared and never change. Lists and
// dicts are shared too, and can change: a copy of a Value names the same list, as in Lua and Python (Copy() makes a
// separate one). A Value may move between threads; two threads may not use the same list or dict at once.
#ifndef DUALIS_SCRIPT_VALUE_H_
#define DUALIS_SCRIPT_VALUE_H_

#include <concepts>
#include <cstring>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dualis/bytes.h"

namespace dualis::script {

class Value {
 public:
  enum class Kind : uint8_t { kNone, kBool, kNumber, kBytes, kList, kDict };

  using Items = std::vector<Value>;
  // Ordered by the bytes of the key, which is the order in which a script sees it.
  using Entries = std::map<std::string, Value, std::less<>>;

  // None.
  Value() noexcept : kind_(Kind::kNone), small_(0) {}
  template <std::same_as<bool> B>
  Value(B b) noexcept : kind_(Kind::kBool), small_(b) {}             // NOLINT(google-explicit-constructor)
  Value(double number) noexcept : kind_(Kind::kNumber), small_(0) {  // NOLINT(google-explicit-constructor)
    std::memcpy(room_ + kWide, &number, sizeof number);
  }
  // Integers beyond 2^53 lose digits, as every number of a script does.
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) Value(T number)
  noexcept : Value(static_cast<double>(number)) {}        // NOLINT(google-explicit-constructor)
  Value(Bytes bytes);                                     // NOLINT(google-explicit-constructor)
  Value(const char* text) : Value(Bytes(text)) {}         // NOLINT(google-explicit-constructor)
  Value(const std::string& text) : Value(Bytes(text)) {}  // NOLINT(google-explicit-constructor)

  static Value None() { return Value(); }
  static Value List(Items items = {});
  static Value Dict(Entries entries);
  static Value Dict(std::initializer_list<std::pair<const std::string, Value>> entries = {}) {
    return Dict(Entries(entries));
  }

  Value(const Value& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof *this);
    if (counted()) AddRef();
  }
  Value(Value&& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof *this);
    other.kind_ = Kind::kNone;
    other.small_ = 0;
  }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    Swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value taken(std::move(other));
    Swap(taken);
    return *this;
  }
  ~Value() {
    if (counted()) Release();
  }

  Kind kind() const { return kind_; }
  bool is_none() const { return kind_ == Kind::kNone; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_number() const { return kind_ == Kind::kNumber; }
  bool is_bytes() const { return kind_ == Kind::kBytes; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_dict() const { return kind_ == Kind::kDict; }

  // The content. Each requires its kind.
  bool boolean() const { return small_ != 0; }
  double number() const {
    double d;
    std::memcpy(&d, room_ + kWide, sizeof d);
    return d;
  }
  // Borrowed from this Value: a short string lives inside it.
  Bytes bytes() const { return counted() ? HeapBytes() : Bytes(room_, small_); }
  const Items& items() const;
  const Entries& entries() const;
  // For building values outside of scripts. A container must not be put inside itself.
  Items& mutable_items();
  Entries& mutable_entries();

  // A value that shares no list or dict with this one.
  Value Copy() const;
  // By kind and content, deep; 1 is not true, and the list of 1 is not the dict of 1.
  friend bool operator==(const Value& a, const Value& b);
  // Compact JSON, for messages and logs; bytes that are not UTF-8 stay as they are.
  std::string ToText() const;

  // Implementation: the shared part of long strings, lists and dicts (script/semantics/value.h).
  struct Rep;
  Rep* rep() const {
    Rep* r;
    std::memcpy(&r, room_ + kWide, sizeof r);
    return r;
  }
  bool counted() const { return small_ == kCounted; }
  // True if both name the same list or dict.
  bool SameObject(const Value& other) const { return counted() && other.counted() && rep() == other.rep(); }
  static constexpr size_t kShortBytes = 14;
  // `adopted`: takes over one reference.
  Value(Kind kind, Rep* adopted) noexcept : kind_(kind), small_(kCounted) {
    std::memcpy(room_ + kWide, &adopted, sizeof adopted);
  }

 private:
  static constexpr uint8_t kCounted = 0xff;
  static constexpr size_t kWide = 6;  // where numbers and pointers sit in room_, aligned to 8

  void AddRef() const noexcept;
  void Release() noexcept;
  Bytes HeapBytes() const;
  void Swap(Value& other) noexcept {
    char keep[sizeof(Value)];
    std::memcpy(keep, this, sizeof keep);
    std::memcpy(static_cast<void*>(this), &other, sizeof keep);
    std::memcpy(static_cast<void*>(&other), keep, sizeof keep);
  }

  // | kind | small | room of 14 bytes |   small: a short string's length, a bool, or kCounted: room holds a Rep*
  alignas(8) Kind kind_;
  uint8_t small_;
  char room_[kShortBytes];
};
static_assert(sizeof(Value) == 16);

// "none", "bool", "number", "bytes", "list", "dict": what the operation `type` gives.
Bytes KindName(Value::Kind kind);

// Arguments and results of a script in Lua travel in this form: binary safe, numbers exact.
//
//   value := "z" | "t" | "f" | "n" text ";" | "s" length ":" bytes | "l" count ":" value... | "d" count ":" (key
//   value)...
//
// A key is written as length ":" bytes; the entries of a dict are in the order of their keys.
std::string EncodeValue(const Value& value);
// False if the bytes are not exactly one encoded value.
bool DecodeValue(Bytes encoded, Value* out);

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_VALUE_H_
