// Hash: fields with values.
//
//   packed    | field | value | field | value | ...        core/packed_list.h, in the order of insertion
//   expanded  table of FieldNode, found by field           core/segment_table.h
//
//   FieldNode: | field size u32 | value size u32 | value capacity u32 | field ... | value ... capacity |
//
// It expands for good when it gets more than EncodingLimits::hash_max_listpack_entries fields, or a field or value of
// more than hash_max_listpack_value bytes.
#ifndef DUALIS_ENGINE_TYPES_HASH_H_
#define DUALIS_ENGINE_TYPES_HASH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "dualis/options.h"
#include "engine/core/packed_list.h"
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
  size_t memory() const { return sizeof(*this) + (table() ? table()->memory() : packed().memory()); }
  // "listpack" or "hashtable".
  Bytes encoding() const { return table() ? "hashtable" : "listpack"; }

  bool Contains(Bytes field) const;
  // The value: a view into the hash or into the buffer.
  std::optional<Bytes> Get(Bytes field, TextBuffer& buffer) const;
  // Sets a field; true if it is new. Neither text may lie inside the hash.
  bool Set(Bytes field, Bytes value);
  // False if there was no such field.
  bool Erase(Bytes field);

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

  const Table* table() const { return form_.index() == 1 ? std::get<1>(form_).get() : nullptr; }
  Table* table() { return form_.index() == 1 ? std::get<1>(form_).get() : nullptr; }
  const PackedList& packed() const { return std::get<0>(form_); }
  PackedList& packed() { return std::get<0>(form_); }
  void Expand();

  const EncodingLimits* limits_;
  uint64_t seed_;
  std::variant<PackedList, std::unique_ptr<Table>> form_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_HASH_H_
