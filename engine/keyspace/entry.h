// Entry: one key with its value, in one allocation.
//
//   | key_size u32 | type 4 bits, flags 4, access 24 | expiry i64, if any | body | key |
//
//   body :=  a string:      | size u32 | capacity u32 | bytes ... capacity |
//            anything else: pointer to the value (List, Hash, ...), owned
//
// An entry stays where it is while the table grows. It moves only when it needs more room (Db::Replace): at its first
// expiry, for a longer string, or for another type. Everybody but the table and the expiry index therefore holds keys,
// not entries.
#ifndef DUALIS_ENGINE_KEYSPACE_ENTRY_H_
#define DUALIS_ENGINE_KEYSPACE_ENTRY_H_

#include <cstdint>
#include <cstring>

#include "dualis/bytes.h"
#include "engine/types/value_type.h"

namespace dualis {

inline constexpr TimeMs kNoExpiry = INT64_MAX;

// The longest string, Redis' proto-max-bulk-len.
inline constexpr size_t kMaxStringBytes = 512u << 20;

// How a string was stored: given whole (then one that reads as an integer is Redis' "int"), computed as text
// (INCRBYFLOAT), or edited in place (APPEND, SETRANGE: "raw").
enum class StringForm : uint8_t { kGiven, kComputed, kEdited };

class Entry {
 public:
  // The string value, laid inside an Entry; never constructed elsewhere.
  class StringBody {
   public:
    static constexpr ValueType kType = ValueType::kString;
    Bytes view() const { return Bytes(data(), size_); }
    size_t size() const { return size_; }

   private:
    friend class Entry;
    const char* data() const { return reinterpret_cast<const char*>(this) + sizeof(StringBody); }
    uint32_t size_;
    uint32_t capacity_;
  };

  // A string entry with room for `capacity` bytes, or an entry of another type without value yet. Throws
  // std::bad_alloc.
  static Entry* NewString(Bytes key, Bytes value, size_t capacity, bool with_expiry);
  static Entry* NewValue(Bytes key, ValueType type, void* value, bool with_expiry);
  // Frees the entry and its value.
  static void Destroy(Entry* entry);
  // Frees the entry alone; its value has gone elsewhere.
  static void Release(Entry* entry);

  ValueType type() const { return static_cast<ValueType>(type_); }
  Bytes key() const { return Bytes(key_data(), key_size_); }
  bool has_expiry() const { return (flags_ & kHasExpiry) != 0; }
  // True for a hash with fields that die: it is on its database's calendar.
  bool has_field_times() const { return (flags_ & kFieldTimes) != 0; }
  void set_field_times(bool has) { flags_ = static_cast<uint8_t>(has ? flags_ | kFieldTimes : flags_ & ~kFieldTimes); }
  // True if all of it, or fields of it, may be dead.
  bool may_be_dead() const { return (flags_ & (kHasExpiry | kFieldTimes)) != 0; }
  // kNoExpiry if the key is persistent. An entry that has room for an expiry may hold kNoExpiry.
  TimeMs expiry() const {
    if (!has_expiry()) return kNoExpiry;
    TimeMs when;
    std::memcpy(&when, after_header(), sizeof(when));
    return when;
  }
  // Requires: has_expiry().
  void set_expiry(TimeMs when) { std::memcpy(after_header(), &when, sizeof(when)); }

  StringBody& string() { return *reinterpret_cast<StringBody*>(body()); }
  const StringBody& string() const { return *reinterpret_cast<const StringBody*>(body()); }
  void* value() const {
    void* v;
    std::memcpy(&v, body(), sizeof(v));
    return v;
  }
  size_t string_capacity() const { return string().capacity_; }
  // Requires: value.size() <= string_capacity(). The bytes may overlap the present value.
  void AssignString(Bytes value);
  // Requires: size() + tail.size() <= string_capacity().
  void AppendString(Bytes tail);
  // Sets the size; bytes beyond the old one are zero. Requires: size <= string_capacity().
  void ResizeString(size_t size);
  char* mutable_string() { return const_cast<char*>(string().data()); }
  // How a string came to be, which OBJECT ENCODING shows.
  StringForm string_form() const { return static_cast<StringForm>((flags_ & kFormBits) >> kFormShift); }
  void set_string_form(StringForm form) {
    flags_ = ((flags_ & ~kFormBits) | static_cast<uint32_t>(form) << kFormShift) & 15;
  }

  // When or how often the key was used: a mark of 24 bits that Access gives and reads. 0: none yet.
  uint32_t access() const { return access_; }
  void set_access(uint32_t mark) { access_ = mark & 0xffffff; }

  // Bytes of this allocation.
  size_t allocated() const;

 private:
  static constexpr uint8_t kHasExpiry = 1;
  static constexpr uint8_t kFieldTimes = 8;
  static constexpr uint8_t kFormShift = 1;
  static constexpr uint8_t kFormBits = 3 << kFormShift;

  const char* after_header() const { return reinterpret_cast<const char*>(this) + sizeof(Entry); }
  char* after_header() { return reinterpret_cast<char*>(this) + sizeof(Entry); }
  const char* body() const { return after_header() + (has_expiry() ? sizeof(TimeMs) : 0); }
  char* body() { return after_header() + (has_expiry() ? sizeof(TimeMs) : 0); }
  const char* key_data() const { return body() + kBodyBytes + (type() == ValueType::kString ? string().capacity_ : 0); }

  static constexpr size_t kBodyBytes = 8;
  static Entry* New(Bytes key, ValueType type, size_t tail, bool with_expiry);

  uint32_t key_size_;
  uint32_t type_ : 4;
  uint32_t flags_ : 4;
  uint32_t access_ : 24;
};

static_assert(sizeof(Entry) == 8, "the header of the drawing");
static_assert(sizeof(Entry::StringBody) == 8, "the body of the drawing");

using String = Entry::StringBody;

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_ENTRY_H_
