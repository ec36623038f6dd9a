// Copies of values: equal, of the same encoding, and independent of what they were made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis {
namespace {

using Texts = std::vector<std::string>;

Texts Of(const List& list) {
  Texts texts;
  list.ForRange(0, list.size(), [&](Bytes text) { texts.emplace_back(text); });
  return texts;
}
Texts Of(const Set& set) {
  Texts texts;
  set.ForEach([&](Bytes text) { texts.emplace_back(text); });
  std::sort(texts.begin(), texts.end());  // it has no order of its own
  return texts;
}
Texts Of(const SortedSet& set) {
  Texts texts;
  set.ForRange(0, set.size(),
               [&](Bytes text, double score) { texts.push_back(std::string(text) + "=" + std::to_string(score)); });
  return texts;
}

void Add(List& list, const std::string& text) { list.Push(List::End::kBack, text); }
void Add(Set& set, const std::string& text) { set.Insert(text); }
void Add(SortedSet& set, const std::string& text) { set.Insert(text, static_cast<double>(text.size())); }

template <class T>
void CloneStandsAlone(const EncodingLimits& limits, const std::string& front, int size) {
  auto original = std::make_unique<T>(limits, 7);
  for (int i = 0; i < size; ++i) Add(*original, front + std::to_string(i));
  const Texts before = Of(*original);
  const auto copy = original->Clone();
  EXPECT_EQ(copy->encoding(), original->encoding());
  EXPECT_EQ(Of(*copy), before);
  Add(*original, "more");
  EXPECT_EQ(Of(*copy), before);
  original.reset();
  EXPECT_EQ(Of(*copy), before);
  Add(*copy, "other");
  EXPECT_EQ(copy->size(), before.size() + 1);
}

TEST(Clone, OfEveryForm) {
  const EncodingLimits compact;
  const EncodingLimits expanded = EncodingLimits::AllExpanded();
  for (const EncodingLimits* limits : {&compact, &expanded}) {
    for (const char* front : {"", "member-"}) {
      for (const int size : {0, 1, 3, 100, 2000}) {
        CloneStandsAlone<List>(*limits, front, size);
        CloneStandsAlone<Set>(*limits, front, size);
        CloneStandsAlone<SortedSet>(*limits, front, size);
      }
    }
  }
}

}  // namespace
}  // namespace dualis
