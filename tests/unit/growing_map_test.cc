#include "engine/core/growing_map.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <variant>

#include "engine/core/rng.h"
#include "tests/unit/alloc_fault.h"

namespace dualis {
namespace {

TEST(GrowingMap, LooksUpStringsAsBytes) {
  GrowingMap<std::string, int> map(1);
  EXPECT_EQ(map.bytes(), 0u);
  EXPECT_EQ(map.Find("one"), nullptr);
  EXPECT_FALSE(map.Erase("one"));
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_TRUE(map.TryEmplace("one", 1).second);
  EXPECT_FALSE(map.TryEmplace("one", 2).second);
  EXPECT_EQ(*map.Find(Bytes("one")), 1);
  map["two"] = 2;
  EXPECT_EQ(map["absent"], 0);
  const auto& constant = map;
  std::set<std::string> keys;
  for (const auto& [key, value] : constant) keys.insert(key);
  EXPECT_EQ(keys, (std::set<std::string>{"one", "two", "absent"}));
  for (auto [key, value] : map) value += 10;
  EXPECT_EQ(map["two"], 12);
  for (const std::string& key : keys) EXPECT_TRUE(map.Erase(key));
  EXPECT_EQ(map.bytes(), 0u);
}

TEST(GrowingMap, HoldsWhatOnlyMoves) {
  GrowingMap<uint64_t, std::unique_ptr<int>> map;
  for (uint64_t i = 0; i < 100; ++i) map.TryEmplace(i, std::make_unique<int>(static_cast<int>(i)));
  GrowingMap<uint64_t, std::unique_ptr<int>> moved(std::move(map));
  EXPECT_TRUE(map.empty());  // NOLINT(bugprone-use-after-move): empty is what it promises
  EXPECT_EQ(**moved.Find(99), 99);
  map = std::move(moved);
  EXPECT_EQ(map.size(), 100u);
  GrowingMap<uint64_t, std::monostate> as_set;
  as_set.TryEmplace(5);
  EXPECT_TRUE(as_set.Contains(5));
}

TEST(GrowingMap, AgreesWithAMap) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Rng rng(seed);
  GrowingMap<std::string, uint64_t> map(seed);
  std::map<std::string, uint64_t> model;
  for (int i = 0; i < 60'000; ++i) {
    const std::string key = std::to_string(rng.Uniform(i / 20'000 == 1 ? 30 : 3'000));
    switch (rng.Uniform(4)) {
      case 0:
        ASSERT_EQ(map.Erase(key), model.erase(key) == 1);
        break;
      case 1: {
        const uint64_t* value = map.Find(key);
        const auto want = model.find(key);
        ASSERT_EQ(value != nullptr, want != model.end());
        ASSERT_TRUE(value == nullptr || *value == want->second);
        break;
      }
      default:
        ASSERT_EQ(map.TryEmplace(key, static_cast<uint64_t>(i)).second, model.emplace(key, i).second);
    }
    if (rng.Uniform(3'000) == 0) {
      const uint64_t rest = rng.Uniform(3);
      std::set<std::string> asked;
      const size_t removed = map.EraseIf([&](const std::string& k, uint64_t& value) {
        EXPECT_TRUE(asked.insert(k).second);
        return value % 3 == rest;
      });
      ASSERT_EQ(asked.size(), model.size());
      ASSERT_EQ(removed, std::erase_if(model, [&](const auto& kv) { return kv.second % 3 == rest; }));
    }
    ASSERT_EQ(map.size(), model.size());
  }
  std::map<std::string, uint64_t> copy;
  for (const auto [key, value] : map) copy.emplace(key, value);
  EXPECT_EQ(copy, model);
}

TEST(GrowingMap, AFailedAllocationLeavesItAsItWas) {
  GrowingMap<std::string, std::string> map;
  int failures = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "a key that is not kept inside the string " + std::to_string(i);
    const std::string value = "nor is this value, of course: " + key;
    failures += testing::SweepAllocationFailures([&] { map.TryEmplace(key, value); },
                                                 [&] {
                                                   ASSERT_EQ(map.size(), static_cast<size_t>(i));
                                                   size_t seen = 0;
                                                   for (const auto [k, v] : map) seen += v.size() > k.size();
                                                   ASSERT_EQ(seen, static_cast<size_t>(i));
                                                   ASSERT_FALSE(map.Contains(key));
                                                 });
    ASSERT_EQ(*map.Find(key), value);
  }
  EXPECT_GT(failures, 1'000);
  map.Reserve(1'000);
  const testing::FailAllocations none(0);
  EXPECT_EQ(map.EraseIf([](const std::string&, std::string&) { return true; }), 500u);
}

}  // namespace
}  // namespace dualis
