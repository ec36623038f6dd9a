// Set: members without order.
//
//   ints      sorted integers                     core/int_set.h, while all members are integers
//   packed    | member | member | ...             core/packed_list.h, in the order of insertion
//   expanded  table of TextNode                     core/segment_table.h
//
// Limits are EncodingLimits::set_max_intset_entries, set_max_listpack_entries and set_max_listpack_value. A set never
// turns back.
#ifndef DUALIS_ENGINE_TYPES_SET_H_
#define DUALIS_ENGINE_TYPES_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "dualis/options.h"
#include "engine/core/int_set.h"
#include "engine/core/packed_list.h"
#include "engine/core/rng.h"
#include "engine/types/text_node.h"
#include "engine/types/value_type.h"

namespace dualis {

class Set {
 public:
  static constexpr ValueType kType = ValueType::kSet;

  // `limits` must outlive the set. `seed` orders the members of an expanded one.
  explicit Set(const EncodingLimits& limits, uint64_t seed = 0) : limits_(&limits), seed_(seed) {}
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  bool empty() const { return size() == 0; }
  size_t size() const;
  // Bytes held, this object included.
  size_t memory() const;
  // "intset", "listpack" or "hashtable".
  Bytes encoding() const;

  bool Contains(Bytes member) const;
  // True if the member is new. It must not lie inside the set.
  bool Insert(Bytes member);
  // False if there was no such member. It must not lie inside the set.
  bool Erase(Bytes member);
  // A member by chance, each equally likely: a view into the set or into the buffer. Requires: not empty.
  Bytes Random(Rng& rng, TextBuffer& buffer) const;

  // A copy.
  std::unique_ptr<Set> Clone() const;

  // Calls fn(Bytes) for each member.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    TextBuffer buffer;
    switch (form_.index()) {
      case kInts:
        ints().ForEach([&](int64_t member) { fn(FormatInt64(member, buffer)); });
        return;
      case kPacked:
        for (PackedList::Item item : packed()) fn(item.Text(buffer));
        return;
      default:
        table().ForEach([&](const TextNode& node) { fn(node.text()); });
    }
  }
  // Calls fn(Bytes) for about `count` members and returns the cursor to go on with, 0 at the end; start with 0. A small
  // set is visited in one go. See SegmentTable::Scan for what holds between calls.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, size_t count, Fn&& fn) const {
    if (form_.index() == kTable) {
      return table().Scan(cursor, count, [&](const TextNode& node) { fn(node.text()); });
    }
    ForEach(fn);
    return 0;
  }

 private:
  using Table = TextNodeTable<TextNode>;
  enum Form : size_t { kInts, kPacked, kTable };

  const IntSet& ints() const { return std::get<kInts>(form_); }
  IntSet& ints() { return std::get<kInts>(form_); }
  const PackedList& packed() const { return std::get<kPacked>(form_); }
  PackedList& packed() { return std::get<kPacked>(form_); }
  const Table& table() const { return *std::get<kTable>(form_); }
  Table& table() { return *std::get<kTable>(form_); }
  bool FitsPacked(size_t members, size_t longest) const;
  void Pack();
  void Expand();

  const EncodingLimits* limits_;
  uint64_t seed_;
  std::variant<IntSet, PackedList, std::unique_ptr<Table>> form_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_SET_H_
