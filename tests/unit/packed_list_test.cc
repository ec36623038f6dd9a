#include "engine/core/packed_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "tests/unit/alloc_fault.h"

namespace dualis {
namespace {

using Strings = std::vector<std::string>;

Strings Forward(const PackedList& list) {
  Strings out;
  for (const PackedList::Item item : list) out.push_back(item.ToString());
  return out;
}

Strings Backward(const PackedList& list) {
  Strings out;
  for (auto it = list.end(); it != list.begin();) out.insert(out.begin(), (*--it).ToString());
  return out;
}

void ExpectHolds(const PackedList& list, const Strings& want) {
  ASSERT_EQ(list.size(), want.size());
  ASSERT_EQ(Forward(list), want);
  ASSERT_EQ(Backward(list), want);
  size_t bytes = 0;
  for (const std::string& text : want) bytes += PackedList::BytesFor(text);
  ASSERT_EQ(list.bytes(), bytes);
}

TEST(PackedList, KeepsTextsOfAllKindsAndSizes) {
  Strings texts = {"",
                   "a",
                   "0",
                   "-1",
                   "127",
                   "128",
                   "-128",
                   "007",
                   "-0",
                   "9223372036854775807",
                   "-9223372036854775808",
                   "9223372036854775808",
                   "12a",
                   std::string(1, '\0'),
                   "\xff\xfe"};
  for (const size_t size : {63u, 64u, 127u, 128u, 8191u, 8192u, 70'000u}) texts.push_back(std::string(size, 'x'));
  for (int shift = 0; shift < 63; ++shift) {
    for (const int64_t delta : {-1, 0, 1}) {
      texts.push_back(std::to_string((int64_t{1} << shift) + delta));
      texts.push_back(std::to_string(-(int64_t{1} << shift) + delta));
    }
  }
  PackedList list;
  EXPECT_EQ(list.memory(), 0u);
  for (const std::string& text : texts) list.PushBack(text);
  ExpectHolds(list, texts);
  for (const std::string& text : texts) {
    const auto found = list.Find(text);
    ASSERT_NE(found, list.end()) << text;
    EXPECT_TRUE(*found == text);
  }
  EXPECT_EQ(list.Find("absent"), list.end());
  EXPECT_EQ(list.Find("314159"), list.end());
  const PackedList copy = list;
  list.Clear();
  EXPECT_TRUE(list.empty());
  ExpectHolds(copy, texts);
}

TEST(PackedList, StoresCanonicalIntegersAsSuch) {
  PackedList list;
  list.PushBack("100000");
  list.PushBack(int64_t{-5});
  list.PushBack("0100");
  auto it = list.begin();
  EXPECT_TRUE((*it).is_int());
  EXPECT_EQ((*it).number(), 100'000);
  EXPECT_EQ((*++it).AsInt(), -5);
  EXPECT_FALSE((*++it).is_int());
  EXPECT_EQ((*it).AsInt(), std::nullopt);
  EXPECT_EQ(PackedList::BytesFor("100"), 2u);
  EXPECT_EQ(PackedList::BytesFor("abc"), 5u);
}

TEST(PackedList, FindSkipsTheValuesOfAHash) {
  PackedList list;
  for (const Bytes text : {"a", "b", "b", "1", "1", "a"}) list.PushBack(text);
  EXPECT_EQ(list.Find("b", list.begin(), 1), list.At(2));
  EXPECT_EQ(list.Find("1", list.begin(), 1), list.At(4));
  EXPECT_EQ(list.Find("a", list.At(2), 1), list.end());
}

TEST(PackedList, IndexesFromBothEnds) {
  PackedList list;
  for (int64_t i = 0; i < 9; ++i) list.PushBack(i);
  for (int64_t i = 0; i < 9; ++i) {
    EXPECT_EQ((*list.At(i)).number(), i);
    EXPECT_EQ((*list.At(i - 9)).number(), i);
  }
  EXPECT_EQ(list.At(9), list.end());
  EXPECT_EQ(list.At(-10), list.end());
  EXPECT_EQ(list.Front().number(), 0);
  EXPECT_EQ(list.Back().number(), 8);
}

TEST(PackedList, SplitsAndAppends) {
  for (int64_t at = 0; at <= 5; ++at) {
    PackedList list;
    for (const Bytes text : {"a", "1", "ccc", "4", "e"}) list.PushBack(text);
    PackedList tail = list.SplitOff(list.At(at));
    EXPECT_EQ(list.size(), static_cast<size_t>(at));
    EXPECT_EQ(tail.size(), static_cast<size_t>(5 - at));
    list.Append(tail);
    ExpectHolds(list, {"a", "1", "ccc", "4", "e"});
  }
}

std::string RandomText(Rng& rng) {
  switch (rng.Uniform(4)) {
    case 0:
      return std::to_string(static_cast<int64_t>(rng.Next()) >> rng.Uniform(64));
    case 1:
      return std::string(rng.Uniform(300), static_cast<char>(rng.Next()));
    default:
      return std::string(rng.Uniform(10), static_cast<char>('0' + rng.Uniform(12)));
  }
}

TEST(PackedList, AgreesWithAVector) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Rng rng(seed);
  PackedList list;
  Strings model;
  for (int i = 0; i < 20'000; ++i) {
    const size_t at = rng.Uniform(model.size() + 1);
    const auto place = at == model.size() ? list.end() : list.At(static_cast<int64_t>(at));
    const auto model_at = model.begin() + static_cast<std::ptrdiff_t>(at);
    const std::string text = RandomText(rng);
    switch (rng.Uniform(model.size() > 100 ? 8 : 6)) {
      case 0:
        list.PushFront(text);
        model.insert(model.begin(), text);
        break;
      case 1:
        list.PushBack(text);
        model.push_back(text);
        break;
      case 2:
        ASSERT_TRUE(*list.Insert(place, text) == text);
        model.insert(model_at, text);
        break;
      case 3:
        if (at == model.size()) break;
        ASSERT_TRUE(*list.Replace(place, text) == text);
        *model_at = text;
        break;
      case 4: {
        if (at == model.size()) break;
        const auto next = list.Erase(place);
        model.erase(model_at);
        ASSERT_EQ(next, at == model.size() ? list.end() : list.At(static_cast<int64_t>(at)));
        break;
      }
      case 5: {
        const auto found = list.Find(text);
        const auto want = std::find(model.begin(), model.end(), text);
        ASSERT_EQ(found == list.end(), want == model.end());
        ASSERT_TRUE(found == list.end() || found == list.At(want - model.begin()));
        break;
      }
      default: {
        const size_t count = rng.Uniform(30);
        const size_t end = std::min(model.size(), at + count);
        list.EraseRange(static_cast<int64_t>(at), count);
        model.erase(model_at, model.begin() + static_cast<std::ptrdiff_t>(end));
      }
    }
    if (i % 16 == 0) ExpectHolds(list, model);
    ASSERT_LE(list.memory(), 100 + 3 * list.bytes());
  }
}

// Items that go at the front leave a gap, which all else has to live with.
TEST(PackedList, IsAQueueAndAStack) {
  Rng rng(7);
  for (const size_t length : {1u, 3u, 20u, 300u}) {
    PackedList list;
    std::deque<std::string> model;
    for (int i = 0; i < 4000; ++i) {
      const std::string text = i % 500 < 50 ? std::string(rng.Uniform(400), 'x') : RandomText(rng);
      if (model.size() < length || rng.Uniform(3) == 0) {
        const bool front = rng.Uniform(4) == 0;
        front ? list.PushFront(text) : list.PushBack(text);
        front ? model.push_front(text) : model.push_back(text);
      } else {
        const size_t count = std::min<size_t>(model.size(), 1 + rng.Uniform(3));
        list.EraseRange(0, count);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(count));
      }
      if (rng.Uniform(50) == 0) list.Reserve(rng.Uniform(100));
      if (rng.Uniform(50) == 0) list.ShrinkToFit();
      if (i % 8 == 0) ExpectHolds(list, Strings(model.begin(), model.end()));
      if (i % 100 == 0) ExpectHolds(PackedList(list), Strings(model.begin(), model.end()));
      if (i % 200 == 0) {
        PackedList tail = list.SplitOff(list.At(static_cast<int64_t>(model.size() / 2)));
        list.EraseRange(0, 1);
        tail.EraseRange(0, 1);
        list.Append(tail);
        if (model.size() > 1) {
          model.erase(model.begin() + static_cast<std::ptrdiff_t>(model.size() / 2));
          model.pop_front();
        } else {
          model.clear();
        }
      }
    }
    while (!model.empty()) {
      list.EraseRange(0, 1);
      model.pop_front();
      ExpectHolds(list, Strings(model.begin(), model.end()));
    }
  }
}

TEST(PackedList, AFailedAllocationLeavesItAsItWas) {
  PackedList list;
  Strings model;
  Rng rng(3);
  int failures = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text = RandomText(rng);
    const bool replace = i % 3 == 2;
    failures += testing::SweepAllocationFailures(
        [&] { replace ? list.Replace(list.begin(), text) : list.Insert(list.begin(), text); },
        [&] { ExpectHolds(list, model); });
    if (replace) {
      model.front() = text;
    } else {
      model.insert(model.begin(), text);
    }
  }
  EXPECT_GT(failures, 5);
  ExpectHolds(list, model);
  const testing::FailAllocations none(0);
  while (!list.empty()) list.Erase(list.begin());
}

}  // namespace
}  // namespace dualis
