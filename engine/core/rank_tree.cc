#include "engine/core/rank_tree.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace dualis {

struct RankTree::Node {
  int count = 0;
};

struct RankTree::Leaf : Node {
  Leaf* prev = nullptr;
  Leaf* next = nullptr;
  double scores[kLeafSlots];
  ScoredMember* records[kLeafSlots];

  // Calls fn(array of a, array of b) for each pair of parallel arrays.
  template <class Fn>
  static void Arrays(Leaf& a, Leaf& b, Fn&& fn) {
    fn(a.scores, b.scores);
    fn(a.records, b.records);
  }
};

struct RankTree::Inner : Node {
  double scores[kInnerSlots];
  ScoredMember* records[kInnerSlots];
  uint64_t below[kInnerSlots];
  Node* children[kInnerSlots];

  template <class Fn>
  static void Arrays(Inner& a, Inner& b, Fn&& fn) {
    fn(a.scores, b.scores);
    fn(a.records, b.records);
    fn(a.below, b.below);
    fn(a.children, b.children);
  }
};

// The way from the root to a place in a leaf. nodes[h] is the inner node h levels above the leaves.
struct RankTree::Path {
  Inner* nodes[kMaxHeight];
  int slots[kMaxHeight];
  Leaf* leaf;
  int slot;
};

// The nodes that an insertion will need, allocated before anything is changed.
class RankTree::Spares {
 public:
  explicit Spares(int inners) {
    leaf_ = new Leaf;
    try {
      for (; count_ < inners; ++count_) inners_[count_] = new Inner;
    } catch (...) {
      Free();
      throw;
    }
  }
  ~Spares() { Free(); }
  Spares(const Spares&) = delete;
  Spares& operator=(const Spares&) = delete;

  Leaf* TakeLeaf() { return std::exchange(leaf_, nullptr); }
  Inner* TakeInner() { return inners_[--count_]; }

 private:
  void Free() {
    delete leaf_;
    while (count_ > 0) delete inners_[--count_];
  }
  Leaf* leaf_;
  Inner* inners_[kMaxHeight];
  int count_ = 0;
};

namespace {

constexpr size_t kRecordHeader = sizeof(double) + sizeof(uint32_t);

// Moves n slots of one array; the ranges may overlap.
template <class T>
void Move(const T* from, T* to, int n) {
  std::memmove(to, from, static_cast<size_t>(n) * sizeof(T));
}

// Makes room for one slot at `at`, which is then undefined.
template <class Node>
void OpenGap(Node& node, int at) {
  Node::Arrays(node, node, [&](auto* slots, auto*) { Move(slots + at, slots + at + 1, node.count - at); });
  ++node.count;
}

// Removes n slots.
template <class Node>
void CloseGap(Node& node, int at, int n) {
  Node::Arrays(node, node, [&](auto* slots, auto*) { Move(slots + at + n, slots + at, node.count - at - n); });
  node.count -= n;
}

// Moves the first n slots of `right` to the end of `left`, or the last -n of `left` to the front of `right`.
template <class Node>
void ShiftLeft(Node& left, Node& right, int n) {
  Node::Arrays(left, right, [&](auto* l, auto* r) {
    if (n >= 0) {
      Move(r, l + left.count, n);
      Move(r + n, r, right.count - n);
    } else {
      Move(r, r - n, right.count);
      Move(l + left.count + n, r, -n);
    }
  });
  left.count += n;
  right.count -= n;
}

// The number of slots for which `before` holds; they are the first ones.
template <class Node, class Before>
int CountBefore(const Node& node, int from, Before& before) {
  int low = from;
  int high = node.count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (before(node.scores[middle], node.records[middle])) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The order of the tree.
bool Less(double a_score, Bytes a, double b_score, Bytes b) {
  return a_score < b_score || (a_score == b_score && a < b);
}

}  // namespace

ScoredMember* ScoredMember::Create(double score, Bytes member) {
  if (member.size() > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
  const size_t bytes = std::max(kRecordHeader + member.size(), sizeof(ScoredMember));
  auto* record = new (::operator new(bytes)) ScoredMember(score, static_cast<uint32_t>(member.size()));
  if (!member.empty()) std::memcpy(reinterpret_cast<char*>(record) + kRecordHeader, member.data(), member.size());
  return record;
}

void ScoredMember::Destroy(ScoredMember* record) { ::operator delete(record); }

size_t ScoredMember::bytes() const { return std::max(kRecordHeader + size, sizeof(ScoredMember)); }

RankTree::Element RankTree::Iterator::operator*() const { return {leaf_->scores[slot_], leaf_->records[slot_]}; }

RankTree::Iterator& RankTree::Iterator::operator++() {
  if (++slot_ == leaf_->count && leaf_->next != nullptr) *this = Iterator(leaf_->next, 0);
  return *this;
}

RankTree::Iterator& RankTree::Iterator::operator--() {
  if (slot_ == 0) *this = Iterator(leaf_->prev, leaf_->prev->count);
  --slot_;
  return *this;
}

RankTree::RankTree(RankTree&& from) noexcept { *this = std::move(from); }

RankTree& RankTree::operator=(RankTree&& from) noexcept {
  if (this == &from) return *this;
  Clear();
  root_ = std::exchange(from.root_, nullptr);
  first_ = std::exchange(from.first_, nullptr);
  last_ = std::exchange(from.last_, nullptr);
  size_ = std::exchange(from.size_, 0);
  leaves_ = std::exchange(from.leaves_, 0);
  inners_ = std::exchange(from.inners_, 0);
  height_ = std::exchange(from.height_, 0);
  return *this;
}

RankTree::~RankTree() { Clear(); }

void RankTree::Clear() {
  if (root_ != nullptr) DeleteNode(root_, height_);
  root_ = nullptr;
  first_ = last_ = nullptr;
  size_ = 0;
  leaves_ = inners_ = 0;
  height_ = 0;
}

void RankTree::DeleteNode(Node* node, int level) {
  if (level == 0) {
    delete static_cast<Leaf*>(node);
    return;
  }
  auto* inner = static_cast<Inner*>(node);
  for (int i = 0; i < inner->count; ++i) DeleteNode(inner->children[i], level - 1);
  delete inner;
}

size_t RankTree::bytes() const { return leaves_ * sizeof(Leaf) + inners_ * sizeof(Inner); }

RankTree::Iterator RankTree::end() const { return Iterator(last_, last_ == nullptr ? 0 : last_->count); }

// Walks to the place behind the last element that is `before`, in the leaf of that element; returns its rank.
template <class Before>
uint64_t RankTree::Descend(Path& path, Before&& before) const {
  uint64_t rank = 0;
  Node* node = root_;
  for (int level = height_; level > 0; --level) {
    auto* inner = static_cast<Inner*>(node);
    const int slot = CountBefore(*inner, 1, before) - 1;
    for (int i = 0; i < slot; ++i) rank += inner->below[i];
    path.nodes[level] = inner;
    path.slots[level] = slot;
    node = inner->children[slot];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.slot = CountBefore(*path.leaf, 0, before);
  return rank + static_cast<uint64_t>(path.slot);
}

void RankTree::DescendTo(uint64_t rank, Path& path) const {
  assert(rank <= size_ && root_ != nullptr);
  Node* node = root_;
  for (int level = height_; level > 0; --level) {
    auto* inner = static_cast<Inner*>(node);
    int slot = 0;
    for (; slot < inner->count - 1 && rank >= inner->below[slot]; ++slot) rank -= inner->below[slot];
    path.nodes[level] = inner;
    path.slots[level] = slot;
    node = inner->children[slot];
  }
  path.leaf = static_cast<Leaf*>(node);
  path.slot = static_cast<int>(rank);
}

template <class Before>
RankTree::Position RankTree::Bound(Before&& before) const {
  if (root_ == nullptr) return {end(), 0};
  Path path;
  const uint64_t rank = Descend(path, before);
  if (path.slot == path.leaf->count && path.leaf->next != nullptr) return {Iterator(path.leaf->next, 0), rank};
  return {Iterator(path.leaf, path.slot), rank};
}

RankTree::Position RankTree::LowerBound(double score, Bytes member) const {
  return Bound([&](double s, const ScoredMember* r) { return s < score || (s == score && r->member() < member); });
}

RankTree::Position RankTree::UpperBound(double score, Bytes member) const {
  return Bound([&](double s, const ScoredMember* r) { return s < score || (s == score && r->member() <= member); });
}

RankTree::Position RankTree::ScoreAtLeast(double score) const {
  return Bound([&](double s, const ScoredMember*) { return s < score; });
}

RankTree::Position RankTree::ScoreAbove(double score) const {
  return Bound([&](double s, const ScoredMember*) { return s <= score; });
}

RankTree::Position RankTree::MemberAtLeast(Bytes member) const {
  return Bound([&](double, const ScoredMember* r) { return r->member() < member; });
}

RankTree::Position RankTree::MemberAbove(Bytes member) const {
  return Bound([&](double, const ScoredMember* r) { return r->member() <= member; });
}

RankTree::Position RankTree::Find(double score, Bytes member) const {
  const Position found = LowerBound(score, member);
  if (found.rank < size_) {
    const Element element = *found.it;
    if (element.score == score && element.member() == member) return found;
  }
  return {end(), size_};
}

RankTree::Iterator RankTree::At(uint64_t rank) const {
  if (rank >= size_) return end();
  Path path;
  DescendTo(rank, path);
  return Iterator(path.leaf, path.slot);
}

// Brings what a parent knows about a child up to date. Requires that the child is not empty.
void RankTree::Refresh(Inner& parent, int slot, int child_level) {
  const Node* child = parent.children[slot];
  assert(child->count > 0);
  if (child_level == 0) {
    parent.scores[slot] = static_cast<const Leaf*>(child)->scores[0];
    parent.records[slot] = static_cast<const Leaf*>(child)->records[0];
  } else {
    parent.scores[slot] = static_cast<const Inner*>(child)->scores[0];
    parent.records[slot] = static_cast<const Inner*>(child)->records[0];
  }
  parent.below[slot] = CountBelow(*child, child_level);
}

uint64_t RankTree::CountBelow(const Node& node, int level) {
  if (level == 0) return static_cast<uint64_t>(node.count);
  uint64_t sum = 0;
  for (int i = 0; i < node.count; ++i) sum += static_cast<const Inner&>(node).below[i];
  return sum;
}

void RankTree::Insert(ScoredMember* record) {
  if (root_ == nullptr) {
    root_ = first_ = last_ = new Leaf;
    leaves_ = 1;
  }
  Path path;
  const double score = record->score;
  const Bytes member = record->member();
  Descend(path, [&](double s, const ScoredMember* r) { return !Less(score, member, s, r->member()); });
  InsertAt(path, score, record);
}

// Splits a full leaf for an insertion at `slot`; `into` and `slot` then say where. Returns the new right half.
RankTree::Leaf* RankTree::SplitLeaf(Leaf* leaf, int& slot, Leaf*& into, Spares& spares) {
  Leaf* right = spares.TakeLeaf();
  ++leaves_;
  // At the very end there will be more of the same: the full leaf stays full.
  const int keep = slot == kLeafSlots && leaf->next == nullptr ? kLeafSlots : kLeafSlots / 2;
  ShiftLeft(*leaf, *right, keep - kLeafSlots);
  right->prev = leaf;
  right->next = leaf->next;
  (leaf->next != nullptr ? leaf->next->prev : last_) = right;
  leaf->next = right;
  into = slot > keep || keep == kLeafSlots ? right : leaf;
  if (into == right) slot -= keep;
  return right;
}

// The same for an inner node.
RankTree::Inner* RankTree::SplitInner(Inner* node, int& slot, Inner*& into, Spares& spares) {
  Inner* right = spares.TakeInner();
  ++inners_;
  const int keep = slot == kInnerSlots ? kInnerSlots - 1 : kInnerSlots / 2;
  ShiftLeft(*node, *right, keep - kInnerSlots);
  into = slot > keep ? right : node;
  if (into == right) slot -= keep;
  return right;
}

void RankTree::InsertAt(Path& path, double score, ScoredMember* record) {
  Leaf* leaf = path.leaf;
  int slot = path.slot;
  auto enter = [&](Leaf* into) {
    OpenGap(*into, slot);
    into->scores[slot] = score;
    into->records[slot] = record;
    ++size_;
  };
  if (leaf->count < kLeafSlots) {
    enter(leaf);
    for (int level = 1; level <= height_; ++level) {
      Inner& parent = *path.nodes[level];
      const int at = path.slots[level];
      ++parent.below[at];
      if (path.slot == 0) {
        // The new lowest element of everything: only the first child can get one.
        parent.scores[at] = score;
        parent.records[at] = record;
      }
    }
    return;
  }

  int full = 1;
  while (full <= height_ && path.nodes[full]->count == kInnerSlots) ++full;
  // The full inner nodes on the way up each need a sibling, and the root a new root above it.
  assert(height_ + 1 < kMaxHeight);
  Spares spares(full > height_ ? height_ + 1 : full - 1);

  Leaf* into_leaf;
  Node* right = SplitLeaf(leaf, slot, into_leaf, spares);
  enter(into_leaf);
  for (int level = 1; level <= height_; ++level) {
    Inner* parent = path.nodes[level];
    const int at = path.slots[level];
    Refresh(*parent, at, level - 1);
    if (right == nullptr) continue;
    Node* const child = std::exchange(right, nullptr);
    int place = at + 1;
    if (parent->count == kInnerSlots) {
      Inner* into;
      right = SplitInner(parent, place, into, spares);
      parent = into;
    }
    OpenGap(*parent, place);
    parent->children[place] = child;
    Refresh(*parent, place, level - 1);
  }
  if (right != nullptr) {
    Inner* root = spares.TakeInner();
    ++inners_;
    root->count = 2;
    root->children[0] = root_;
    root->children[1] = right;
    Refresh(*root, 0, height_);
    Refresh(*root, 1, height_);
    root_ = root;
    ++height_;
  }
}

void RankTree::Update(ScoredMember* record, double score) {
  const double old_score = record->score;
  const Bytes member = record->member();
  Path path;
  Descend(path, [&](double s, const ScoredMember* r) { return !Less(old_score, member, s, r->member()); });
  assert(path.slot > 0 && path.leaf->records[path.slot - 1] == record);
  // Most changes are small: if the neighbours in the leaf allow it, the element stays where it is.
  const int at = path.slot - 1;
  const Leaf& leaf = *path.leaf;
  if (at > 0 && at + 1 < leaf.count && Less(leaf.scores[at - 1], leaf.records[at - 1]->member(), score, member) &&
      Less(score, member, leaf.scores[at + 1], leaf.records[at + 1]->member())) {
    path.leaf->scores[at] = score;
    record->score = score;
    return;
  }
  // The new place first, because only that can fail. The tree goes by its own copy of the score.
  if (score != old_score) {
    Descend(path, [&](double s, const ScoredMember* r) { return !Less(score, member, s, r->member()); });
    InsertAt(path, score, record);
    Erase(old_score, member);
  }
  record->score = score;
}

bool RankTree::Erase(double score, Bytes member) {
  if (root_ == nullptr) return false;
  Path path;
  Descend(path, [&](double s, const ScoredMember* r) { return !Less(score, member, s, r->member()); });
  if (path.slot == 0) return false;
  --path.slot;
  if (path.leaf->scores[path.slot] != score || path.leaf->records[path.slot]->member() != member) return false;
  RemoveAt(path, 1);
  return true;
}

int RankTree::EraseInLeaf(uint64_t rank, uint64_t count, ScoredMember** removed) {
  Path path;
  DescendTo(rank, path);
  const auto n = static_cast<int>(std::min<uint64_t>(count, static_cast<uint64_t>(path.leaf->count - path.slot)));
  Move(path.leaf->records + path.slot, removed, n);
  RemoveAt(path, n);
  return n;
}

// Removes `count` elements of one leaf and mends the way up.
void RankTree::RemoveAt(Path& path, int count) {
  CloseGap(*path.leaf, path.slot, count);
  size_ -= static_cast<uint64_t>(count);
  for (int level = 1; level <= height_; ++level) FixChild(*path.nodes[level], path.slots[level], level - 1);
  while (height_ > 0 && root_->count == 1) {
    auto* old = static_cast<Inner*>(root_);
    root_ = old->children[0];
    delete old;
    --inners_;
    --height_;
  }
  if (size_ == 0) Clear();
}

void RankTree::Unlink(Leaf* leaf) {
  (leaf->prev != nullptr ? leaf->prev->next : first_) = leaf->next;
  (leaf->next != nullptr ? leaf->next->prev : last_) = leaf->prev;
}

// After a removal below `slot`: a child with few elements joins a neighbour or shares with it.
void RankTree::FixChild(Inner& parent, int slot, int child_level) {
  const int capacity = child_level == 0 ? kLeafSlots : kInnerSlots;
  if (parent.children[slot]->count >= capacity / 3) return Refresh(parent, slot, child_level);
  // A node below the root has two children at least: a lonely one was joined by this function, one level up.
  assert(parent.count >= 2);
  if (slot > 0) --slot;
  Node* const left = parent.children[slot];
  Node* const right = parent.children[slot + 1];
  const int total = left->count + right->count;
  const int shift = (total <= capacity ? total : total / 2) - left->count;
  if (child_level == 0) {
    ShiftLeft(static_cast<Leaf&>(*left), static_cast<Leaf&>(*right), shift);
  } else {
    ShiftLeft(static_cast<Inner&>(*left), static_cast<Inner&>(*right), shift);
  }
  Refresh(parent, slot, child_level);
  if (right->count > 0) return Refresh(parent, slot + 1, child_level);
  CloseGap(parent, slot + 1, 1);
  if (child_level == 0) {
    Unlink(static_cast<Leaf*>(right));
    delete static_cast<Leaf*>(right);
    --leaves_;
  } else {
    delete static_cast<Inner*>(right);
    --inners_;
  }
}

}  // namespace dualis
