// SortedSet: members with scores, ordered by score and then by the bytes of the member.
//
//   packed    | member | score | member | score | ...      core/packed_list.h, in order
//   expanded  table of ScoredMember, found by member       core/segment_table.h
//             tree of the same records, in order           core/rank_tree.h
//
//   packed score: an integer item, or 'd' and the 8 bytes of the double
//
// It expands for good when it gets more than EncodingLimits::zset_max_listpack_entries members, or one of more than
// zset_max_listpack_value bytes.
//
// Every range is a range of ranks in the end: RankOfScore and RankOfMember turn the bounds of BYSCORE and BYLEX into
// ranks, and ForRange, ForRangeDown and EraseRange do the rest.
#ifndef DUALIS_ENGINE_TYPES_SORTED_SET_H_
#define DUALIS_ENGINE_TYPES_SORTED_SET_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "dualis/options.h"
#include "engine/core/packed_list.h"
#include "engine/core/rank_tree.h"
#include "engine/core/segment_table.h"
#include "engine/types/text_node.h"
#include "engine/types/value_type.h"

namespace dualis {

class SortedSet {
 public:
  static constexpr ValueType kType = ValueType::kSortedSet;
  // What counts as being below a bound: only what is less, or what equals it too.
  enum class Below { kLess, kLessOrEqual };

  // `limits` must outlive the set. `seed` hashes the members of an expanded one.
  explicit SortedSet(const EncodingLimits& limits, uint64_t seed = 0) : limits_(&limits), seed_(seed) {}
  SortedSet(const SortedSet&) = delete;
  SortedSet& operator=(const SortedSet&) = delete;

  bool empty() const { return size() == 0; }
  size_t size() const { return expanded() ? expanded()->tree.size() : packed().size() / 2; }
  // Bytes held, this object included.
  size_t memory() const;
  // "listpack" or "skiplist", Redis' name for the expanded form.
  Bytes encoding() const { return expanded() ? "skiplist" : "listpack"; }

  // The score; nothing if there is no such member.
  std::optional<double> Find(Bytes member) const;
  // Adds a member. Requires: it is absent, the score is not NaN, and the text does not lie inside the set.
  void Insert(Bytes member, double score);
  // Moves a member to another score, under the same conditions. Requires: it is present.
  void Update(Bytes member, double score);
  // False if there was no such member. It must not lie inside the set.
  bool Erase(Bytes member);
  // Removes `count` members from a rank on. Requires: rank + count <= size().
  void EraseRange(size_t rank, size_t count);

  // Expands it for good.
  void Expand();
  // A copy.
  std::unique_ptr<SortedSet> Clone() const;

  // How many members are before this one; nothing if it is absent.
  std::optional<size_t> Rank(Bytes member) const;
  // How many members have a score below this one.
  size_t RankOfScore(double score, Below below) const;
  // How many members are below this one by their bytes alone. Meaningful if all scores are equal.
  size_t RankOfMember(Bytes member, Below below) const;

  // Calls fn(Bytes member, double score) for `count` members from `rank` on, upwards. Requires: rank + count <= size().
  template <class Fn>
  void ForRange(size_t rank, size_t count, Fn&& fn) const {
    if (expanded()) {
      for (auto it = expanded()->tree.At(rank); count > 0; --count, ++it) {
        const RankTree::Element element = *it;
        fn(element.member(), element.score);
      }
      return;
    }
    TextBuffer buffer;
    for (auto it = packed().At(static_cast<int64_t>(2 * rank)); count > 0; --count) {
      const PackedList::Item member = *it;
      const double score = ScoreOf(*++it);
      ++it;
      fn(member.Text(buffer), score);
    }
  }
  // The same for `count` members from `rank` on, downwards. Requires: count <= rank + 1 <= size(), or count == 0.
  template <class Fn>
  void ForRangeDown(size_t rank, size_t count, Fn&& fn) const {
    if (count == 0) return;
    if (expanded()) {
      auto it = expanded()->tree.At(rank);
      for (;;) {
        const RankTree::Element element = *it;
        fn(element.member(), element.score);
        if (--count == 0) return;
        --it;
      }
    }
    TextBuffer buffer;
    auto it = packed().At(static_cast<int64_t>(2 * rank));
    for (;;) {
      auto score = it;
      fn((*it).Text(buffer), ScoreOf(*++score));
      if (--count == 0) return;
      --it, --it;
    }
  }
  // Calls fn(Bytes member, double score) for about `count` members, in no order, and returns the cursor to go on with,
  // 0 at the end; start with 0. A packed set is visited in one go. See SegmentTable::Scan for what holds between calls.
  template <class Fn>
  uint64_t Scan(uint64_t cursor, size_t count, Fn&& fn) const {
    if (expanded()) {
      return expanded()->table.Scan(cursor, count, [&](const ScoredMember* m) { fn(m->member(), m->score); });
    }
    ForRange(0, size(), fn);
    return 0;
  }

 private:
  struct Expanded {
    explicit Expanded(uint64_t seed) : table(ScoredMemberTraits{seed}) {}
    ~Expanded() { table.Clear(&ScoredMember::Destroy); }
    uint64_t HashOf(Bytes member) const { return HashBytes(member, table.traits().seed); }
    ScoredMember* Find(Bytes member) const;
    void Insert(Bytes member, double score);
    void Forget(ScoredMember* record);

    SegmentTable<ScoredMember, ScoredMemberTraits> table;
    RankTree tree;
    size_t record_bytes = 0;
  };

  static double ScoreOf(const PackedList::Item& item);

  const Expanded* expanded() const { return form_.index() == 1 ? std::get<1>(form_).get() : nullptr; }
  Expanded* expanded() { return form_.index() == 1 ? std::get<1>(form_).get() : nullptr; }
  const PackedList& packed() const { return std::get<0>(form_); }
  PackedList& packed() { return std::get<0>(form_); }
  PackedList::Iterator FindPacked(Bytes member) const { return packed().Find(member, packed().begin(), 1); }
  size_t PackedRank(double score, Bytes member) const;

  const EncodingLimits* limits_;
  uint64_t seed_;
  std::variant<PackedList, std::unique_ptr<Expanded>> form_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_SORTED_SET_H_
