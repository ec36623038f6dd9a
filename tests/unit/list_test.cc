#include "engine/types/list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;
using Items = std::deque<std::string>;

Items Contents(const List& list) {
  Items items;
  list.ForRange(0, list.size(), [&](Bytes item) { items.emplace_back(item); });
  return items;
}

void ExpectHolds(const List& list, const Items& want) {
  ASSERT_EQ(list.size(), want.size());
  ASSERT_EQ(Contents(list), want);
  Items backward;
  list.ForLast(list.size(), [&](Bytes item) { backward.emplace_front(item); });
  ASSERT_EQ(backward, want);
}

class ListModel : public ::testing::TestWithParam<EncodingLimits> {};

TEST_P(ListModel, RandomOperations) {
  Rng rng(PrintedSeed("ListModel"));
  for (int round = 0; round < 20; ++round) {
    List list(GetParam());
    Items model;
    for (int step = 0; step < 400; ++step) {
      const std::string word = Word(rng, 40);
      const List::End end = rng.Uniform(2) == 0 ? List::End::kFront : List::End::kBack;
      switch (rng.Uniform(8)) {
        case 0:
        case 1:
          list.Push(end, word);
          end == List::End::kFront ? model.push_front(word) : model.push_back(word);
          break;
        case 2: {
          const size_t n = rng.Uniform(rng.Uniform(20) == 0 ? model.size() + 1 : 3);
          list.Drop(end, n);
          for (size_t i = 0; i < n && !model.empty(); ++i) {
            end == List::End::kFront ? model.pop_front() : model.pop_back();
          }
          break;
        }
        case 3:
        case 4: {
          const size_t at = rng.Uniform(model.size() + 1);
          list.Insert(at, word);
          model.insert(model.begin() + static_cast<std::ptrdiff_t>(at), word);
          break;
        }
        case 5: {
          if (model.empty()) break;
          const size_t at = rng.Uniform(model.size());
          List::Buffer buffer;
          ASSERT_EQ(list.At(at, buffer), model[at]);
          list.Replace(at, word);
          model[at] = word;
          break;
        }
        case 6: {
          const auto found = std::find(model.begin(), model.end(), word);
          const auto index = list.Find(word);
          ASSERT_EQ(index.has_value(), found != model.end());
          if (index) {
            ASSERT_EQ(*index, static_cast<size_t>(found - model.begin()));
          }
          break;
        }
        case 7: {
          const size_t limit = rng.Uniform(3) + 1;
          size_t removed = 0;
          while (removed < limit) {
            auto at = model.end();
            if (end == List::End::kFront) {
              at = std::find(model.begin(), model.end(), word);
            } else {
              const auto back = std::find(model.rbegin(), model.rend(), word);
              if (back != model.rend()) at = std::prev(back.base());
            }
            if (at == model.end()) break;
            model.erase(at);
            ++removed;
          }
          ASSERT_EQ(list.RemoveEqual(word, end, limit), removed);
          break;
        }
      }
      ExpectHolds(list, model);
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Encodings, ListModel, ::testing::Values(Compact(), Expanded(), Tight()));

TEST(List, ChainsBlocksAboveTheLimitAndTurnsBackAtHalf) {
  EncodingLimits limits;
  limits.list_max_listpack_size = 4;
  List list(limits);
  for (int i = 0; i < 4; ++i) list.Push(List::End::kBack, "x");
  EXPECT_EQ(list.encoding(), "listpack");
  list.Push(List::End::kBack, "x");
  EXPECT_EQ(list.encoding(), "quicklist");
  list.Drop(List::End::kBack, 2);
  EXPECT_EQ(list.encoding(), "quicklist");
  list.Drop(List::End::kBack, 1);
  EXPECT_EQ(list.encoding(), "listpack");
}

TEST(List, LargeItemsHaveBlocksOfTheirOwn) {
  const EncodingLimits limits;
  List list(limits);
  const std::string large(20'000, 'x');
  Items want;
  for (int i = 0; i < 6; ++i) {
    list.Push(List::End::kBack, i % 2 ? large : "s");
    want.push_back(i % 2 ? large : "s");
  }
  list.Replace(0, large), want[0] = large;
  list.Replace(5, "small"), want[5] = "small";
  list.Insert(3, large), want.insert(want.begin() + 3, large);
  ExpectHolds(list, want);
  EXPECT_GT(list.memory(), 5 * large.size() / 2);
}

TEST(List, AFailedAllocationChangesNothing) {
  for (const EncodingLimits& limits : {Compact(), Expanded(), Tight()}) {
    List list(limits);
    Items want;
    for (int i = 0; i < 21; ++i) {
      const std::string word = "word" + std::to_string(i);
      SweepAllocationFailures([&] { list.Push(List::End::kBack, word); }, [&] { ExpectHolds(list, want); });
      want.push_back(word);
      SweepAllocationFailures([&] { list.Insert(want.size() / 2, word); }, [&] { ExpectHolds(list, want); });
      want.insert(want.begin() + static_cast<std::ptrdiff_t>(want.size() / 2), word);
      SweepAllocationFailures([&] { list.Replace(0, word + word); }, [&] { ExpectHolds(list, want); });
      want[0] = word + word;
    }
    ExpectHolds(list, want);
    FailAllocations fail(0);
    while (!list.empty()) list.Drop(List::End::kFront, 1);
  }
}

}  // namespace
}  // namespace dualis
