// The order of a large sorted set: a B+ tree of (score, member), counted so that ranks are found on the way down.
//
//   leaf:   | count | prev | next | score x 30 | record* x 30 |                                     504 bytes
//   inner:  | count | lowest score x 15 | its record* x 15 | elements below x 15 | child* x 15 |    488 bytes
//
// Scores are kept in the nodes; a record is only read to decide between equal scores. The lowest element of each child
// is kept exact, so no separator outlives its record. Ascending insertions fill leaves completely.
//
// The records (ScoredMember) belong to the owner of the tree, who usually has them in a SegmentTable as well. Inserting
// gives the strong guarantee; removing never allocates and never throws. Scores are never NaN.
#ifndef DUALIS_ENGINE_CORE_RANK_TREE_H_
#define DUALIS_ENGINE_CORE_RANK_TREE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "dualis/bytes.h"
#include "engine/core/hash.h"

namespace dualis {

// A member of a sorted set with its score, in one allocation: | score f64 | size u32 | bytes of the member ... |
struct ScoredMember {
  double score;
  uint32_t size;

  // Throws bad_alloc. To be given back with Destroy.
  static ScoredMember* Create(double score, Bytes member);
  static void Destroy(ScoredMember* record);

  Bytes member() const { return Bytes(reinterpret_cast<const char*>(&size + 1), size); }
  // Memory taken.
  size_t bytes() const;

  ScoredMember(const ScoredMember&) = delete;
  ScoredMember& operator=(const ScoredMember&) = delete;

 private:
  ScoredMember(double s, uint32_t n) : score(s), size(n) {}
};

// For SegmentTable<ScoredMember, ScoredMemberTraits>.
struct ScoredMemberTraits {
  uint64_t seed = 0;
  uint64_t Hash(const ScoredMember* record) const { return HashBytes(record->member(), seed); }
};

class RankTree {
  struct Node;
  struct Leaf;
  struct Inner;

 public:
  struct Element {
    double score;
    ScoredMember* record;
    Bytes member() const { return record->member(); }
  };

  // Valid until the next change of the tree.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Element;

    Iterator() = default;
    Element operator*() const;
    Iterator& operator++();
    Iterator& operator--();
    bool operator==(const Iterator&) const = default;

   private:
    friend class RankTree;
    Iterator(const Leaf* leaf, int slot) : leaf_(leaf), slot_(slot) {}
    const Leaf* leaf_ = nullptr;
    int slot_ = 0;
  };

  // An element and how many are before it; the end and size() if there is no such element.
  struct Position {
    Iterator it;
    uint64_t rank;
  };

  RankTree() = default;
  RankTree(RankTree&& from) noexcept;
  RankTree& operator=(RankTree&& from) noexcept;
  ~RankTree();  // leaves the records alone

  uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Memory of the nodes, records not included.
  size_t bytes() const;

  Iterator begin() const { return Iterator(first_, 0); }
  Iterator end() const;
  // Requires rank <= size().
  Iterator At(uint64_t rank) const;

  // The place of this very element; rank == size() if it is absent.
  Position Find(double score, Bytes member) const;
  // The first element not before, and the first after, this one.
  Position LowerBound(double score, Bytes member) const;
  Position UpperBound(double score, Bytes member) const;
  // The first element with a score >= `score`, and > `score`.
  Position ScoreAtLeast(double score) const;
  Position ScoreAbove(double score) const;
  // The same by member. Meaningful only if all scores are equal, as for ZRANGEBYLEX.
  Position MemberAtLeast(Bytes member) const;
  Position MemberAbove(Bytes member) const;

  // Enters the record under its score. Requires that its member is not in the tree. Throws bad_alloc, then unchanged.
  void Insert(ScoredMember* record);
  // Gives the record another score, in the tree and in the record. Requires that it is in the tree. Throws bad_alloc,
  // then unchanged.
  void Update(ScoredMember* record, double score);
  // Whether the element was there. Its record is only forgotten, not destroyed.
  bool Erase(double score, Bytes member);
  bool Erase(const ScoredMember* record) { return Erase(record->score, record->member()); }

  // Removes `count` elements from `rank` on (fewer if there are not so many) and calls fn(ScoredMember*) for each, in
  // order; `fn` may destroy the record, but must not use the tree.
  template <class Fn>
  void EraseRange(uint64_t rank, uint64_t count, Fn&& fn) {
    ScoredMember* removed[kLeafSlots];
    while (count > 0 && rank < size_) {
      const int n = EraseInLeaf(rank, count, removed);
      for (int i = 0; i < n; ++i) fn(removed[i]);
      count -= static_cast<uint64_t>(n);
    }
  }

  // Forgets all elements, calling fn(ScoredMember*) for each; `fn` may destroy the record.
  template <class Fn>
  void Clear(Fn&& fn) {
    for (auto it = begin(); it != end(); ++it) fn((*it).record);
    Clear();
  }
  void Clear();

 private:
  static constexpr int kLeafSlots = 30;
  static constexpr int kInnerSlots = 15;
  // Far more levels than memory can hold: nodes but the rightmost have at least a third of their slots in use.
  static constexpr int kMaxHeight = 32;

  struct Path;
  class Spares;

  template <class Before>
  uint64_t Descend(Path& path, Before&& before) const;
  void DescendTo(uint64_t rank, Path& path) const;
  template <class Before>
  Position Bound(Before&& before) const;

  void InsertAt(Path& path, double score, ScoredMember* record);
  Leaf* SplitLeaf(Leaf* leaf, int& slot, Leaf*& into, Spares& spares);
  Inner* SplitInner(Inner* node, int& slot, Inner*& into, Spares& spares);
  void RemoveAt(Path& path, int count);
  void FixChild(Inner& parent, int slot, int child_level);
  int EraseInLeaf(uint64_t rank, uint64_t count, ScoredMember** removed);
  void DeleteNode(Node* node, int level);
  void Unlink(Leaf* leaf);
  static void Refresh(Inner& parent, int slot, int child_level);
  static uint64_t CountBelow(const Node& node, int level);

  Node* root_ = nullptr;
  Leaf* first_ = nullptr;
  Leaf* last_ = nullptr;
  uint64_t size_ = 0;
  uint32_t leaves_ = 0;
  uint32_t inners_ = 0;
  int height_ = 0;  // levels above the leaves
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_CORE_RANK_TREE_H_
