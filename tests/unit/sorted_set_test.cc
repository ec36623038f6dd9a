#include "engine/types/sorted_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;
using Order = std::vector<std::pair<double, std::string>>;

constexpr double kInf = std::numeric_limits<double>::infinity();

Order Contents(const SortedSet& set) {
  Order order;
  set.ForRange(0, set.size(), [&](Bytes member, double score) { order.emplace_back(score, member); });
  return order;
}

double RandomScore(Rng& rng) {
  switch (rng.Uniform(6)) {
    case 0:
      return rng.Uniform(2) ? kInf : -kInf;
    case 1:
      return static_cast<double>(rng.Uniform(1000)) / 7 - 70;
    case 2:
      return std::ldexp(static_cast<double>(rng.Uniform(1000)), 60);
    default:
      return static_cast<double>(rng.Uniform(8)) - 3;
  }
}

class SortedSetModel : public ::testing::TestWithParam<EncodingLimits> {};
INSTANTIATE_TEST_SUITE_P(Encodings, SortedSetModel, ::testing::Values(Compact(), Expanded(), Tight()));

TEST_P(SortedSetModel, RandomOperations) {
  Rng rng(PrintedSeed("SortedSetModel"));
  for (int round = 0; round < 20; ++round) {
    SortedSet set(GetParam(), rng.Next());
    std::map<std::string, double> scores;
    std::set<std::pair<double, std::string>> order;
    const uint64_t variety = round % 2 ? 12 : 250;
    for (int step = 0; step < 500; ++step) {
      const std::string member = Word(rng, variety);
      const auto found = scores.find(member);
      const auto score = set.Find(member);
      ASSERT_EQ(score.has_value(), found != scores.end());
      if (score) {
        ASSERT_EQ(*score, found->second);
      }
      const auto rank = set.Rank(member);
      ASSERT_EQ(rank.has_value(), found != scores.end());
      if (rank) {
        const auto place = order.find({found->second, member});
        ASSERT_EQ(*rank, static_cast<size_t>(std::distance(order.begin(), place)));
      }
      switch (rng.Uniform(10)) {
        case 0:
        case 1:
          ASSERT_EQ(set.Erase(member), found != scores.end());
          if (found == scores.end()) break;
          order.erase({found->second, member});
          scores.erase(found);
          break;
        case 2: {
          if (order.empty() || rng.Uniform(5) != 0) break;
          const size_t from = rng.Uniform(order.size());
          const size_t count = rng.Uniform(std::min<size_t>(order.size() - from, 40) + 1);
          set.EraseRange(from, count);
          auto first = std::next(order.begin(), static_cast<std::ptrdiff_t>(from));
          for (size_t i = 0; i < count; ++i) {
            scores.erase(first->second);
            first = order.erase(first);
          }
          break;
        }
        default: {
          const double next = RandomScore(rng);
          if (found == scores.end()) {
            set.Insert(member, next);
          } else {
            set.Update(member, next);
            order.erase({found->second, member});
          }
          scores[member] = next;
          order.emplace(next, member);
        }
      }
      ASSERT_EQ(set.size(), order.size());
      if (step % 10 != 0) continue;
      const Order want(order.begin(), order.end());
      ASSERT_EQ(Contents(set), want);
      Order down;
      if (!want.empty()) {
        set.ForRangeDown(want.size() - 1, want.size(), [&](Bytes m, double s) { down.emplace_back(s, m); });
      }
      ASSERT_EQ(down, Order(want.rbegin(), want.rend()));
      const double bound = RandomScore(rng);
      size_t less = 0, less_or_equal = 0;
      for (const auto& [s, m] : want) less += s < bound, less_or_equal += s <= bound;
      ASSERT_EQ(set.RankOfScore(bound, SortedSet::Below::kLess), less);
      ASSERT_EQ(set.RankOfScore(bound, SortedSet::Below::kLessOrEqual), less_or_equal);
    }
  }
}

TEST_P(SortedSetModel, RanksOfMembersAmongEqualScores) {
  SortedSet set(GetParam());
  for (const char* member : {"b", "a", "dd", "d", ""}) set.Insert(member, 1);
  struct Row {
    const char* bound;
    size_t less, less_or_equal;
  };
  const Row kRows[] = {{"", 0, 1}, {"a", 1, 2}, {"c", 3, 3}, {"d", 3, 4}, {"dd", 4, 5}, {"e", 5, 5}};
  for (const Row& row : kRows) {
    EXPECT_EQ(set.RankOfMember(row.bound, SortedSet::Below::kLess), row.less) << row.bound;
    EXPECT_EQ(set.RankOfMember(row.bound, SortedSet::Below::kLessOrEqual), row.less_or_equal) << row.bound;
  }
}

TEST(SortedSet, ExpandsByCountAndByLength) {
  EncodingLimits limits;
  limits.zset_max_listpack_entries = 2;
  limits.zset_max_listpack_value = 3;
  SortedSet set(limits);
  set.Insert("a", 1);
  set.Insert("b", 2.5);
  EXPECT_EQ(set.encoding(), "listpack");
  set.Insert("c", 1);
  EXPECT_EQ(set.encoding(), "skiplist");
  SortedSet by_length(limits);
  by_length.Insert("abcd", 1);
  EXPECT_EQ(by_length.encoding(), "skiplist");
}

TEST(SortedSet, AFailedAllocationChangesNothing) {
  for (const EncodingLimits& limits : {Compact(), Expanded(), Tight()}) {
    SortedSet set(limits);
    Order want;
    for (int i = 0; i < 60; ++i) {
      const std::string member = "m" + std::to_string(i);
      SweepAllocationFailures([&] { set.Insert(member, i % 7); }, [&] { ASSERT_EQ(Contents(set), want); });
      want = Contents(set);
      SweepAllocationFailures([&] { set.Update(member, i % 5 + 0.5); }, [&] { ASSERT_EQ(Contents(set), want); });
      want = Contents(set);
    }
    ASSERT_EQ(want.size(), 60u);
    FailAllocations fail(0);
    for (int i = 0; i < 30; ++i) {
      if (!set.Erase("m" + std::to_string(i))) std::abort();
    }
    set.EraseRange(0, set.size());
  }
}

}  // namespace
}  // namespace dualis
