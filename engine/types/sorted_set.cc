#include "engine/types/sorted_set.h"

#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

namespace dualis {
namespace {

// A score as a packed item: an integer, or a text that no integer spells.
struct PackedScore {
  explicit PackedScore(double score) {
    // Beyond 2^53 the integer would not be shorter; -0 becomes 0, as in Redis.
    is_int = std::abs(score) <= 0x1p53 && score == std::trunc(score);
    if (is_int) {
      number = static_cast<int64_t>(score);
      char digits[kInt64Chars];
      bytes = PackedList::BytesFor(FormatInt64(number, digits));
    } else {
      raw[0] = 'd';
      std::memcpy(raw + 1, &score, sizeof(score));
      bytes = PackedList::BytesFor(text());
    }
  }
  Bytes text() const { return Bytes(raw, sizeof(raw)); }
  PackedList::Iterator InsertInto(PackedList& list, PackedList::Iterator at) const {
    return is_int ? list.Insert(at, number) : list.Insert(at, text());
  }
  void ReplaceIn(PackedList& list, PackedList::Iterator at) const {
    if (is_int) {
      list.Replace(at, number);
    } else {
      list.Replace(at, text());
    }
  }

  bool is_int;
  int64_t number = 0;
  char raw[1 + sizeof(double)];
  size_t bytes;  // in the list
};

}  // namespace

double SortedSet::ScoreOf(const PackedList::Item& item) {
  if (item.is_int()) return static_cast<double>(item.number());
  double score;
  std::memcpy(&score, item.raw_text().data() + 1, sizeof(score));
  return score;
}

ScoredMember* SortedSet::Expanded::Find(Bytes member) const {
  return table.FindValue(HashOf(member), [&](const ScoredMember* m) { return m->member() == member; });
}

void SortedSet::Expanded::Insert(Bytes member, double score) {
  const uint64_t hash = HashOf(member);
  table.Reserve(hash);
  ScoredMember* record = ScoredMember::Create(score, member);
  try {
    tree.Insert(record);
  } catch (...) {
    ScoredMember::Destroy(record);
    throw;
  }
  table.Insert(hash, record);
  record_bytes += record->bytes();
}

// Takes a record that is no longer in the tree out of the table, and destroys it.
void SortedSet::Expanded::Forget(ScoredMember* record) {
  table.Erase(HashOf(record->member()), [&](const ScoredMember* m) { return m == record; });
  record_bytes -= record->bytes();
  ScoredMember::Destroy(record);
}

size_t SortedSet::memory() const {
  if (!expanded()) return sizeof(*this) + packed().memory();
  return sizeof(*this) + sizeof(Expanded) + expanded()->table.bytes() + expanded()->tree.bytes() +
         expanded()->record_bytes;
}

std::optional<double> SortedSet::Find(Bytes member) const {
  if (expanded()) {
    const ScoredMember* record = expanded()->Find(member);
    if (record == nullptr) return std::nullopt;
    return record->score;
  }
  auto it = FindPacked(member);
  if (it == packed().end()) return std::nullopt;
  return ScoreOf(*++it);
}

// How many packed members are before (score, member).
size_t SortedSet::PackedRank(double score, Bytes member) const {
  size_t rank = 0;
  TextBuffer buffer;
  for (auto it = packed().begin(); it != packed().end(); ++it, ++rank) {
    const PackedList::Item other = *it;
    const double other_score = ScoreOf(*++it);
    if (other_score > score || (other_score == score && other.Text(buffer) >= member)) break;
  }
  return rank;
}

void SortedSet::Insert(Bytes member, double score) {
  assert(!std::isnan(score) && !Find(member));
  if (!expanded()) {
    if (static_cast<int64_t>(size()) < limits_->zset_max_listpack_entries &&
        static_cast<int64_t>(member.size()) <= limits_->zset_max_listpack_value) {
      PackedList& list = packed();
      const PackedScore packed_score(score);
      const size_t rank = PackedRank(score, member);
      list.Reserve(PackedList::BytesFor(member) + packed_score.bytes);
      list.Insert(packed_score.InsertInto(list, list.At(static_cast<int64_t>(2 * rank))), member);
      return;
    }
    Expand();
  }
  expanded()->Insert(member, score);
}

void SortedSet::Update(Bytes member, double score) {
  assert(!std::isnan(score));
  if (expanded()) {
    ScoredMember* record = expanded()->Find(member);
    assert(record != nullptr);
    expanded()->tree.Update(record, score);
    return;
  }
  PackedList& list = packed();
  const PackedScore packed_score(score);
  auto at = FindPacked(member);
  assert(at != list.end());
  size_t old_rank = 0;
  for (auto it = list.begin(); it != at; ++it, ++it) ++old_rank;
  const size_t new_rank = PackedRank(score, member);
  if (new_rank == old_rank || new_rank == old_rank + 1) {
    packed_score.ReplaceIn(list, ++at);
    return;
  }
  // The new place first: removing cannot fail.
  list.Reserve(PackedList::BytesFor(member) + packed_score.bytes);
  list.Insert(packed_score.InsertInto(list, list.At(static_cast<int64_t>(2 * new_rank))), member);
  list.EraseRange(static_cast<int64_t>(2 * (new_rank < old_rank ? old_rank + 1 : old_rank)), 2);
}

bool SortedSet::Erase(Bytes member) {
  if (expanded()) {
    ScoredMember* record = expanded()->Find(member);
    if (record == nullptr) return false;
    expanded()->tree.Erase(record);
    expanded()->Forget(record);
    return true;
  }
  const auto at = FindPacked(member);
  if (at == packed().end()) return false;
  auto after = at;
  ++after, ++after;
  packed().Erase(at, after);
  return true;
}

void SortedSet::EraseRange(size_t rank, size_t count) {
  if (count == 0) return;
  if (expanded()) {
    expanded()->tree.EraseRange(rank, count, [&](ScoredMember* record) { expanded()->Forget(record); });
  } else {
    packed().EraseRange(static_cast<int64_t>(2 * rank), 2 * count);
  }
}

std::optional<size_t> SortedSet::Rank(Bytes member) const {
  if (expanded()) {
    const ScoredMember* record = expanded()->Find(member);
    if (record == nullptr) return std::nullopt;
    return expanded()->tree.Find(record->score, member).rank;
  }
  const auto at = FindPacked(member);
  if (at == packed().end()) return std::nullopt;
  size_t rank = 0;
  for (auto it = packed().begin(); it != at; ++it, ++it) ++rank;
  return rank;
}

size_t SortedSet::RankOfScore(double score, Below below) const {
  if (expanded()) {
    const RankTree& tree = expanded()->tree;
    return (below == Below::kLess ? tree.ScoreAtLeast(score) : tree.ScoreAbove(score)).rank;
  }
  size_t rank = 0;
  for (auto it = packed().begin(); it != packed().end(); ++it, ++rank) {
    const double other = ScoreOf(*++it);
    if (below == Below::kLess ? other >= score : other > score) break;
  }
  return rank;
}

size_t SortedSet::RankOfMember(Bytes member, Below below) const {
  if (expanded()) {
    const RankTree& tree = expanded()->tree;
    return (below == Below::kLess ? tree.MemberAtLeast(member) : tree.MemberAbove(member)).rank;
  }
  size_t rank = 0;
  TextBuffer buffer;
  for (auto it = packed().begin(); it != packed().end(); ++it, ++it, ++rank) {
    const Bytes other = (*it).Text(buffer);
    if (below == Below::kLess ? other >= member : other > member) break;
  }
  return rank;
}

// The table is built aside, so that the set stays as it was if memory runs out.
void SortedSet::Expand() {
  if (form_.index() == 1) return;
  auto expanded = std::make_unique<Expanded>(seed_);
  ForRange(0, size(), [&](Bytes member, double score) { expanded->Insert(member, score); });
  form_ = std::move(expanded);
}

std::unique_ptr<SortedSet> SortedSet::Clone() const {
  auto copy = std::make_unique<SortedSet>(*limits_, seed_);
  if (expanded()) {
    copy->Expand();
    // In ascending order, which fills the nodes of the tree.
    ForRange(0, size(), [&](Bytes member, double score) { copy->expanded()->Insert(member, score); });
  } else {
    copy->packed() = packed();
  }
  return copy;
}

}  // namespace dualis
