// Hash: fields with values.
//
//   packed    | field | value | field | value | ...        core/packed_list.h, in the order of insertion
//   expanded  table of FieldNode, found by field           core/segment_table.h
//
//   FieldNode: | field size u32 | value size u32 | value capacity u32 | field ... | value ... capacity |
//
// It expands for good when it gets more than EncodingLimits::hash_max_listpack_entries fields, or a field or value of
// more than hash_max_listpack_value bytes.
//
// Fields may have a time to die (Redis 7.4). A hash that ever had such a field keeps its form and the times together in
// one allocation aside (Timed); the others pay nothing for it. The hash knows no clock: it is told by EraseDue what
// time it is, and until then its dead fields are there.
#ifndef DUALIS_ENGINE_TYPES_HASH_H_
#define DUALIS_ENGINE_TYPES_HASH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "dualis/options.h"
#include "engine/core/packed_list.h"
#include "engine/core/rng.h"
#include "engine/types/field_times.h"
#include "engine/types/text_node.h"
#include "engine/types/value_type.h"

namespace dualis {

// A field of an expanded hash, in one allocation. The value may be rewritten in place.
class FieldNode {
 public:
  // Throws std::bad_alloc.
  static FieldNode* New(Bytes field, Bytes value);
  static void Delete(FieldNode* node) { ::operator delete(node); }

  Bytes text() const { return Bytes(data(), field_size_); }
  Bytes value() const { return Bytes(data() + field_size_, value_size_); }
  size_t memory() const { return sizeof(FieldNode) + field_size_ + value_capacity_; }
  // Rewrites the value. False if it does not fit well into this node, which is then unchanged. The value may lie in it.
  bool Assign(Bytes value);

 private:
  FieldNode(uint32_t field_size, uint32_t value_size)
      : field_size_(field_size), value_size_(value_size), value_capacity_(value_size) {}
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  char* data() { return reinterpret_cast<char*>(this + 1); }

  uint32_t field_size_;
  uint32_t value_size_;
  uint32_t value_capacity_;
};

static_assert(sizeof(FieldNode) == 12);

class Hash {
 public:
  static constexpr ValueType kType = ValueType::kHash;

  // `limits` must outlive the hash. `seed` orders the fields of an expanded one.
  explicit Hash(const EncodingLimits& limits, uint64_t seed = 0) : limits_(&limits), seed_(seed) {}
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  bool empty() const { return size() == 0; }
  // Fields.
  size_t size() const { return table() ? table()->size() : packed().size() / 2; }
  // Bytes held, this object included.
  size_t memory() const;
  // "listpack" ("listpackex" if it has or had fields with a time) or "hashtable".
  Bytes encoding() const { return table() ? "hashtable" : timed() ? "listpackex" : "listpack"; }

  bool Contains(Bytes field) const;
  // The value: a view into the hash or into the buffer.
  std::optional<Bytes> Get(Bytes field, TextBuffer& buffer) const;
  // Sets a field; true if it is new. Neither text may lie inside the hash. The field's time goes, unless told.
  enum class FieldTime { kDrop, kKeep };
  bool Set(Bytes field, Bytes value, FieldTime time = FieldTime::kDrop);
  // False if there was no such field.
  bool Erase(Bytes field);

  // The fields with a time to die; null if there never was one.
  const FieldTimes* times() const { return timed() ? &timed()->times : nullptr; }
  FieldTimes* times() { return timed() ? &timed()->times : nullptr; }
  // The same, made if need be.
  FieldTimes& MakeTimes();
  // When the field dies: FieldTimes::kNever if it does not, or is absent.
  TimeMs TimeOf(Bytes field) const { return timed() ? timed()->times.Find(field) : FieldTimes::kNever; }
  // Sets when a field dies; kNever takes its time away. Requires: Contains(field). Throws std::bad_alloc and changes
  // nothing.
  void SetTime(Bytes field, TimeMs when);
  // Removes up to `limit` fields whose time is not after `now`, the earliest first, calling fn(Bytes field) before
  // each. Returns how many.
  template <class Fn>
  size_t EraseDue(TimeMs now, size_t limit, Fn&& fn) {
    size_t erased = 0;
    for (; erased < limit && timed() && timed()->times.first_time() <= now; ++erased) {
      const Bytes field = timed()->times.first_field();
      fn(field);
      EraseFromForm(field);
      timed()->times.Erase(field);
    }
    return erased;
  }

  // A copy, times included.
  std::unique_ptr<Hash> Clone() const;

  // A field by chance, each equally likely, with its value: views into the hash or into the buffers. Requires: not
  // empty.
  std::pair<Bytes, Bytes> Random(Rng& rng, TextBuffer& field, TextBuffer& value) const;

  // Calls fn(Bytes field, Bytes value) for each field.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    if (table()) {
      table()->ForEach([&](const FieldNode& node) { fn(node.text(), node.value()); });
      return;
    }
    TextBuffer field, value;
    for (auto it = packed().begin(); it != packed().end();) {
      const PackedList::Item f = *it;
      const PackedList::Item v = *++it;
      ++it;
      fn(f.Text(field), v.Text(value));
    }
  }
  // Calls fn(Bytes field, Bytes value) for about `count` fields and returns the cursor to go on with, 0 at the end;
  // start with 0. A packed hash is visited in one go. See SegmentTable::Scan for what holds between calls.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, size_t count, Fn&& fn) const {
    if (table()) return table()->Scan(cursor, count, [&](const FieldNode& node) { fn(node.text(), node.value()); });
    ForEach(fn);
    return 0;
  }

 private:
  using Table = TextNodeTable<FieldNode>;

  using Form = std::variant<PackedList, std::unique_ptr<Table>>;
  struct Timed {
    Form form;
    FieldTimes times;
  };

  const Timed* timed() const { return form_.index() == 2 ? std::get<2>(form_).get() : nullptr; }
  Timed* timed() { return form_.index() == 2 ? std::get<2>(form_).get() : nullptr; }
  const Table* table() const {
    if (form_.index() == 1) return std::get<1>(form_).get();
    if (form_.index() == 0 || timed()->form.index() == 0) return nullptr;
    return std::get<1>(timed()->form).get();
  }
  Table* table() { return const_cast<Table*>(std::as_const(*this).table()); }
  const PackedList& packed() const { return form_.index() == 0 ? std::get<0>(form_) : std::get<0>(timed()->form); }
  PackedList& packed() { return const_cast<PackedList&>(std::as_const(*this).packed()); }
  bool SetInForm(Bytes field, Bytes value);
  bool EraseFromForm(Bytes field);
  void Expand();

  const EncodingLimits* limits_;
  uint64_t seed_;
  std::variant<PackedList, std::unique_ptr<Table>, std::unique_ptr<Timed>> form_;
};

static_assert(sizeof(Hash) == 32, "fields with times cost the other hashes nothing");

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_HASH_H_
