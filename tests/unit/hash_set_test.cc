#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/types/hash.h"
#include "engine/types/set.h"
#include "tests/unit/alloc_fault.h"
#include "tests/unit/types_model.h"

namespace dualis {
namespace {

using namespace testing;
using Fields = std::map<std::string, std::string>;
using Members = std::set<std::string>;

Fields Contents(const Hash& hash) {
  Fields fields;
  hash.ForEach([&](Bytes field, Bytes value) { EXPECT_TRUE(fields.emplace(field, value).second); });
  return fields;
}

Members Contents(const Set& set) {
  Members members;
  set.ForEach([&](Bytes member) { EXPECT_TRUE(members.emplace(member).second); });
  return members;
}

class TypesModel : public ::testing::TestWithParam<EncodingLimits> {};
INSTANTIATE_TEST_SUITE_P(Encodings, TypesModel, ::testing::Values(Compact(), Expanded(), Tight()));

TEST_P(TypesModel, HashRandomOperations) {
  Rng rng(PrintedSeed("HashRandomOperations"));
  for (int round = 0; round < 20; ++round) {
    Hash hash(GetParam(), rng.Next());
    Fields model;
    const uint64_t variety = round % 2 ? 12 : 300;
    for (int step = 0; step < 600; ++step) {
      const std::string field = Word(rng, variety);
      TextBuffer buffer;
      const auto found = model.find(field);
      if (rng.Uniform(3) == 0) {
        ASSERT_EQ(hash.Erase(field), model.erase(field) == 1);
      } else {
        ASSERT_EQ(hash.Contains(field), found != model.end());
        const auto value = hash.Get(field, buffer);
        ASSERT_EQ(value.has_value(), found != model.end());
        if (value) {
          ASSERT_EQ(*value, found->second);
        }
        const std::string next = Word(rng, 50);
        ASSERT_EQ(hash.Set(field, next), found == model.end());
        model[field] = next;
      }
      ASSERT_EQ(hash.size(), model.size());
      if (step % 20 == 0) {
        ASSERT_EQ(Contents(hash), model);
      }
    }
    ASSERT_EQ(Contents(hash), model);
    Fields scanned;
    uint64_t cursor = 0;
    do {
      cursor = hash.Scan(cursor, 10, [&](Bytes field, Bytes value) { scanned.emplace(field, value); });
    } while (cursor != 0);
    ASSERT_EQ(scanned, model);
  }
}

TEST_P(TypesModel, SetRandomOperations) {
  Rng rng(PrintedSeed("SetRandomOperations"));
  for (int round = 0; round < 30; ++round) {
    Set set(GetParam(), rng.Next());
    Members model;
    const bool integers = round % 3 == 0;
    const uint64_t variety = round % 2 ? 15 : 300;
    for (int step = 0; step < 600; ++step) {
      const std::string member =
          integers && step < 300 ? std::to_string(static_cast<int64_t>(rng.Uniform(variety))) : Word(rng, variety);
      ASSERT_EQ(set.Contains(member), model.count(member) == 1);
      if (rng.Uniform(3) == 0) {
        ASSERT_EQ(set.Erase(member), model.erase(member) == 1);
      } else {
        ASSERT_EQ(set.Insert(member), model.insert(member).second);
      }
      ASSERT_EQ(set.size(), model.size());
      if (step % 20 == 0) {
        ASSERT_EQ(Contents(set), model);
      }
      if (!set.empty()) {
        TextBuffer buffer;
        ASSERT_EQ(model.count(std::string(set.Random(rng, buffer))), 1u);
      }
    }
    ASSERT_EQ(Contents(set), model);
    Members scanned;
    uint64_t cursor = 0;
    do {
      cursor = set.Scan(cursor, 10, [&](Bytes member) { scanned.emplace(member); });
    } while (cursor != 0);
    ASSERT_EQ(scanned, model);
  }
}

TEST(Hash, ExpandsByCountAndByLength) {
  EncodingLimits limits;
  limits.hash_max_listpack_entries = 3;
  limits.hash_max_listpack_value = 5;
  Hash hash(limits);
  for (const char* field : {"a", "b", "c"}) hash.Set(field, "12345");
  EXPECT_EQ(hash.encoding(), "listpack");
  hash.Set("c", "1");
  EXPECT_EQ(hash.encoding(), "listpack");
  hash.Set("d", "1");
  EXPECT_EQ(hash.encoding(), "hashtable");
  hash.Erase("d");
  EXPECT_EQ(hash.encoding(), "hashtable");
  Hash by_value(limits);
  by_value.Set("a", "123456");
  EXPECT_EQ(by_value.encoding(), "hashtable");
  Hash by_field(limits);
  by_field.Set("123456", "a");
  EXPECT_EQ(by_field.encoding(), "hashtable");
}

TEST(Hash, PackedKeepsTheOrderOfInsertion) {
  const EncodingLimits limits;
  Hash hash(limits);
  for (const char* field : {"z", "10", "a"}) hash.Set(field, field);
  hash.Set("10", "again");
  std::string order;
  hash.ForEach([&](Bytes field, Bytes) { order += std::string(field) + " "; });
  EXPECT_EQ(order, "z 10 a ");
}

TEST(Set, ChoosesItsEncodingAsRedisDoes) {
  EncodingLimits limits;
  limits.set_max_intset_entries = 3;
  limits.set_max_listpack_entries = 4;
  limits.set_max_listpack_value = 5;
  {
    Set set(limits);
    for (const char* member : {"1", "2", "3"}) set.Insert(member);
    EXPECT_EQ(set.encoding(), "intset");
    set.Insert("a");
    EXPECT_EQ(set.encoding(), "listpack");
    set.Insert("b");
    EXPECT_EQ(set.encoding(), "hashtable");
  }
  {
    Set set(limits);
    for (const char* member : {"1", "2", "3", "4"}) set.Insert(member);
    EXPECT_EQ(set.encoding(), "hashtable");  // integers beyond the limit skip the packed form
  }
  {
    Set set(limits);
    set.Insert("123456");
    EXPECT_EQ(set.encoding(), "intset");
    set.Insert("a");
    EXPECT_EQ(set.encoding(), "hashtable");  // an integer of six digits is too long
  }
  {
    Set set(limits);
    set.Insert("abcdef");
    EXPECT_EQ(set.encoding(), "hashtable");
  }
}

TEST(HashAndSet, AFailedAllocationChangesNothing) {
  for (const EncodingLimits& limits : {Compact(), Expanded(), Tight()}) {
    Hash hash(limits);
    Set set(limits);
    Fields fields;
    Members members;
    for (int i = 0; i < 60; ++i) {
      const std::string word = i < 5 ? std::to_string(i) : "word" + std::to_string(i % 40);
      const std::string value = word + std::string(static_cast<size_t>(i), 'v');
      SweepAllocationFailures([&] { hash.Set(word, value); }, [&] { ASSERT_EQ(Contents(hash), fields); });
      fields[word] = value;
      SweepAllocationFailures([&] { set.Insert(word); }, [&] { ASSERT_EQ(Contents(set), members); });
      members.insert(word);
    }
    EXPECT_EQ(Contents(hash), fields);
    EXPECT_EQ(Contents(set), members);
    FailAllocations fail(0);
    for (const auto& [field, value] : fields) {
      if (!hash.Erase(field) || !set.Erase(field)) std::abort();
    }
  }
}

}  // namespace
}  // namespace dualis
