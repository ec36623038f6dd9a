#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/types/hash.h"
#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;

class HashTimes : public ::testing::TestWithParam<EncodingLimits> {};
INSTANTIATE_TEST_SUITE_P(Encodings, HashTimes, ::testing::Values(Compact(), Expanded()));

TEST_P(HashTimes, DueFieldsGoTheEarliestFirst) {
  Hash hash(GetParam());
  for (const char* field : {"a", "b", "c", "d"}) hash.Set(field, "v");
  hash.SetTime("a", 30);
  hash.SetTime("b", 10);
  hash.SetTime("c", 20);
  hash.SetTime("c", 40);
  EXPECT_EQ(hash.times()->first_time(), 10);
  std::vector<std::string> gone;
  const auto note = [&](Bytes field) { gone.emplace_back(field); };
  EXPECT_EQ(hash.EraseDue(9, 10, note), 0u);
  EXPECT_EQ(hash.EraseDue(40, 2, note), 2u);
  EXPECT_EQ(gone, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(hash.size(), 2u);
  EXPECT_EQ(hash.EraseDue(40, 2, note), 1u);
  EXPECT_TRUE(hash.Contains("d"));
  EXPECT_FALSE(hash.Contains("c"));
}

TEST_P(HashTimes, AWriteTakesTheTimeAwayUnlessTold) {
  Hash hash(GetParam());
  hash.Set("a", "1");
  hash.SetTime("a", 30);
  hash.Set("a", "2", Hash::FieldTime::kKeep);
  EXPECT_EQ(hash.TimeOf("a"), 30);
  hash.Set("a", "3");
  EXPECT_EQ(hash.TimeOf("a"), FieldTimes::kNever);
  hash.SetTime("a", 30);
  hash.Erase("a");
  EXPECT_TRUE(hash.times()->empty());
  EXPECT_TRUE(hash.empty());
}

TEST_P(HashTimes, AClonesTimesAreItsOwn) {
  Hash hash(GetParam());
  hash.Set("a", "1");
  hash.Set("b", "2");
  hash.SetTime("a", 30);
  const auto copy = hash.Clone();
  hash.SetTime("a", FieldTimes::kNever);
  EXPECT_EQ(copy->TimeOf("a"), 30);
  EXPECT_EQ(copy->TimeOf("b"), FieldTimes::kNever);
  EXPECT_EQ(copy->encoding(), hash.encoding());
  TextBuffer buffer;
  EXPECT_EQ(copy->Get("b", buffer), Bytes("2"));
}

TEST_P(HashTimes, TheyStayWhenTheHashExpands) {
  EncodingLimits limits = GetParam();
  limits.hash_max_listpack_entries = 4;
  Hash hash(limits);
  for (int i = 0; i < 20; ++i) {
    const std::string field = "f" + std::to_string(i);
    hash.Set(field, "v");
    hash.SetTime(field, 100 + i);
  }
  EXPECT_EQ(hash.encoding(), "hashtable");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(hash.TimeOf("f" + std::to_string(i)), 100 + i);
}

TEST_P(HashTimes, AFailedAllocationChangesNothing) {
  Hash hash(GetParam());
  for (int i = 0; i < 40; ++i) hash.Set("field number " + std::to_string(i), "v");
  for (int i = 0; i < 40; ++i) {
    const std::string field = "field number " + std::to_string(i);
    SweepAllocationFailures([&] { hash.SetTime(field, 100); },
                            [&] {
                              ASSERT_EQ(hash.TimeOf(field), FieldTimes::kNever);
                              ASSERT_TRUE(hash.Contains(field));
                            });
    ASSERT_EQ(hash.TimeOf(field), 100);
  }
}

}  // namespace
}  // namespace dualis
