#include "engine/core/rank_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/segment_table.h"
#include "tests/unit/alloc_fault.h"

namespace dualis {
namespace {

using Pair = std::pair<double, std::string>;

// A tree that owns its records.
struct Owner {
  ~Owner() { tree.Clear(&ScoredMember::Destroy); }
  ScoredMember* Insert(double score, Bytes member) {
    ScoredMember* record = ScoredMember::Create(score, member);
    try {
      tree.Insert(record);
    } catch (...) {
      ScoredMember::Destroy(record);
      throw;
    }
    return record;
  }
  bool Erase(double score, Bytes member) {
    const auto found = tree.Find(score, member);
    if (found.rank == tree.size()) return false;
    ScoredMember* record = (*found.it).record;
    EXPECT_TRUE(tree.Erase(record));
    ScoredMember::Destroy(record);
    return true;
  }
  std::vector<Pair> Forward() const {
    std::vector<Pair> out;
    for (const auto element : tree) out.emplace_back(element.score, element.member());
    return out;
  }
  std::vector<Pair> Backward() const {
    std::vector<Pair> out;
    for (auto it = tree.end(); it != tree.begin();) {
      const auto element = *--it;
      out.emplace_back(element.score, element.member());
    }
    std::reverse(out.begin(), out.end());
    return out;
  }
  RankTree tree;
};

TEST(RankTree, EmptyHasNoPlaces) {
  Owner owner;
  const RankTree& tree = owner.tree;
  EXPECT_EQ(tree.begin(), tree.end());
  EXPECT_EQ(tree.bytes(), 0u);
  EXPECT_EQ(tree.ScoreAtLeast(0).rank, 0u);
  EXPECT_EQ(tree.ScoreAtLeast(0).it, tree.end());
  EXPECT_EQ(tree.Find(0, "a").it, tree.end());
  EXPECT_EQ(tree.At(0), tree.end());
  EXPECT_FALSE(owner.tree.Erase(0, "a"));
  owner.tree.EraseRange(0, 5, [](ScoredMember*) { FAIL(); });
}

TEST(RankTree, FindsBoundsByScoreAndByMember) {
  Owner owner;
  for (const char* member : {"b", "a", "d", "c"}) owner.Insert(1, member);
  owner.Insert(-INFINITY, "low");
  owner.Insert(INFINITY, "high");
  const RankTree& tree = owner.tree;
  EXPECT_EQ(tree.ScoreAtLeast(1).rank, 1u);
  EXPECT_EQ((*tree.ScoreAtLeast(1).it).member(), "a");
  EXPECT_EQ(tree.ScoreAbove(1).rank, 5u);
  EXPECT_EQ(tree.ScoreAbove(INFINITY).it, tree.end());
  EXPECT_EQ(tree.ScoreAtLeast(-INFINITY).it, tree.begin());
  EXPECT_EQ(tree.LowerBound(1, "bb").rank, 3u);
  EXPECT_EQ(tree.LowerBound(1, "c").rank, 3u);
  EXPECT_EQ(tree.UpperBound(1, "c").rank, 4u);
  EXPECT_EQ(tree.Find(1, "c").rank, 3u);
  EXPECT_EQ(tree.Find(1, "cc").rank, tree.size());

  Owner lex;
  for (const char* member : {"", "a", "b", "c"}) lex.Insert(0, member);
  EXPECT_EQ(lex.tree.MemberAtLeast("b").rank, 2u);
  EXPECT_EQ(lex.tree.MemberAbove("b").rank, 3u);
  EXPECT_EQ(lex.tree.MemberAtLeast("").rank, 0u);
  EXPECT_EQ(lex.tree.MemberAbove("z").it, lex.tree.end());
}

void RunModel(uint64_t seed, uint64_t scores, uint64_t members, int operations) {
  SCOPED_TRACE(::testing::Message() << "seed " << seed << " scores " << scores << " members " << members);
  Owner owner;
  RankTree& tree = owner.tree;
  std::set<Pair> model;
  std::vector<Pair> sorted;
  Rng rng(seed);
  auto random_pair = [&] {
    return Pair(static_cast<double>(rng.Uniform(scores)) - 3, std::to_string(rng.Uniform(members)));
  };
  for (int i = 0; i < operations; ++i) {
    const bool growing = i * 6 / operations % 2 == 0;
    const Pair pair = random_pair();
    const uint64_t what = rng.Uniform(20);
    if (what < (growing ? 14u : 6u)) {
      if (model.insert(pair).second) owner.Insert(pair.first, pair.second);
    } else if (what < 17) {
      ASSERT_EQ(owner.Erase(pair.first, pair.second), model.erase(pair) == 1);
      if (!model.empty()) {
        auto next = model.lower_bound(pair);
        if (next == model.end()) next = model.begin();
        ASSERT_TRUE(owner.Erase(next->first, next->second));
        model.erase(next);
      }
    } else if (what < 19) {
      auto next = model.lower_bound(pair);
      if (next == model.end()) continue;
      const double score = rng.Uniform(2) ? random_pair().first : next->first + 0.5;
      const Pair moved(score, next->second);
      if (moved != *next && model.count(moved) != 0) continue;
      ScoredMember* record = (*tree.Find(next->first, next->second).it).record;
      tree.Update(record, score);
      ASSERT_EQ(record->score, score);
      model.erase(next);
      model.insert(moved);
    } else if (!growing && rng.Uniform(30) == 0) {
      const uint64_t rank = rng.Uniform(model.size() + 1);
      const uint64_t count = rng.Uniform(model.size() / 4 + 2);
      auto first = std::next(model.begin(), static_cast<std::ptrdiff_t>(rank));
      tree.EraseRange(rank, count, [&](ScoredMember* record) {
        ASSERT_EQ(Pair(record->score, record->member()), *first);
        first = model.erase(first);
        ScoredMember::Destroy(record);
      });
    }
    ASSERT_EQ(tree.size(), model.size());
    if (i % 500 != 0) continue;
    sorted.assign(model.begin(), model.end());
    ASSERT_EQ(owner.Forward(), sorted);
    ASSERT_EQ(owner.Backward(), sorted);
    for (int k = 0; k < 20; ++k) {
      const Pair p = random_pair();
      const auto rank = [&](auto it) { return static_cast<uint64_t>(it - sorted.begin()); };
      ASSERT_EQ(tree.LowerBound(p.first, p.second).rank, rank(std::lower_bound(sorted.begin(), sorted.end(), p)));
      ASSERT_EQ(tree.UpperBound(p.first, p.second).rank, rank(std::upper_bound(sorted.begin(), sorted.end(), p)));
      const uint64_t from = rank(std::lower_bound(sorted.begin(), sorted.end(), Pair(p.first, "")));
      ASSERT_EQ(tree.ScoreAtLeast(p.first).rank, from);
      ASSERT_EQ(tree.ScoreAtLeast(p.first).it, tree.At(from));
      ASSERT_EQ(tree.ScoreAbove(p.first).rank,
                rank(std::upper_bound(sorted.begin(), sorted.end(), Pair(p.first, "~"))));
      if (from < sorted.size()) {
        ASSERT_EQ(Pair((*tree.At(from)).score, (*tree.At(from)).member()), sorted[from]);
      }
    }
  }
}

TEST(RankTree, AgreesWithAModel) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  RunModel(seed, 5, 10, 3'000);
  RunModel(seed, 1, 3'000, 20'000);
  RunModel(seed, 10, 2'000, 30'000);
  RunModel(seed, 100'000, 100'000, 60'000);
}

TEST(RankTree, AscendingInsertionsFillTheLeaves) {
  Owner owner;
  for (int i = 0; i < 30'000; ++i) owner.Insert(i, "m");
  EXPECT_LT(owner.tree.bytes(), 30'000u * 20);
  for (uint64_t i = 0; i < 30'000; i += 7) ASSERT_EQ((*owner.tree.At(i)).score, static_cast<double>(i));
  owner.tree.EraseRange(10, 29'980, &ScoredMember::Destroy);
  EXPECT_EQ(owner.tree.size(), 20u);
  EXPECT_LE(owner.tree.bytes(), 1'500u);
  EXPECT_EQ((*owner.tree.At(10)).score, 29'990);
}

TEST(RankTree, AFailedAllocationLeavesItAsItWas) {
  Owner owner;
  Rng rng(5);
  std::vector<ScoredMember*> records;
  int failures = 0;
  for (int i = 0; i < 5'000; ++i) {
    ScoredMember* record = ScoredMember::Create(static_cast<double>(rng.Uniform(100)), std::to_string(i));
    const std::vector<Pair> before = i % 50 == 0 ? owner.Forward() : std::vector<Pair>();
    auto unchanged = [&] {
      ASSERT_EQ(owner.tree.size(), records.size());
      if (i % 50 == 0) {
        ASSERT_EQ(owner.Forward(), before);
      }
    };
    failures += testing::SweepAllocationFailures([&] { owner.tree.Insert(record); }, unchanged);
    records.push_back(record);
    ScoredMember* moved = records[rng.Uniform(records.size())];
    const double old_score = moved->score;
    failures += testing::SweepAllocationFailures(
        [&] { owner.tree.Update(moved, static_cast<double>(rng.Uniform(100))); },
        [&] {
          ASSERT_EQ(moved->score, old_score);
          ASSERT_NE(owner.tree.Find(old_score, moved->member()).rank, owner.tree.size());
        });
  }
  EXPECT_GT(failures, 300);
  const testing::FailAllocations none(0);
  for (ScoredMember* record : records) {
    ASSERT_TRUE(owner.tree.Erase(record));
    ScoredMember::Destroy(record);
  }
  EXPECT_EQ(owner.tree.bytes(), 0u);
}

TEST(RankTree, SharesItsRecordsWithATableOfMembers) {
  Owner owner;
  SegmentTable<ScoredMember, ScoredMemberTraits> members(ScoredMemberTraits{7});
  for (int i = 0; i < 1'000; ++i) {
    ScoredMember* record = owner.Insert(i, std::to_string(i));
    members.Insert(members.traits().Hash(record), record);
  }
  const Bytes name = "123";
  const ScoredMember* found =
      members.FindValue(HashBytes(name, 7), [&](const ScoredMember* record) { return record->member() == name; });
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(owner.tree.Find(found->score, name).rank, 123u);
  EXPECT_EQ(found->bytes(), 16u);
}

TEST(RankTree, MovesWithItsElements) {
  Owner owner;
  for (int i = 0; i < 100; ++i) owner.Insert(i, "x");
  RankTree moved(std::move(owner.tree));
  EXPECT_EQ(owner.tree.size(), 0u);  // NOLINT(bugprone-use-after-move): empty is what it promises
  EXPECT_EQ(moved.size(), 100u);
  owner.tree = std::move(moved);
  EXPECT_EQ((*owner.tree.At(99)).score, 99);
}

}  // namespace
}  // namespace dualis
