// SCAN's promise, for the keyspace and for each collection that can be scanned: what is there from the first step to
// the last is seen, however much comes and goes between the steps, and nothing is seen that never was.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/engine.h"
#include "engine/core/rng.h"

namespace dualis {
namespace {

using Words = std::vector<std::string>;

// How a kind of collection is filled, emptied and scanned. `width`: words of the reply an element.
struct Kind {
  const char* name;
  Words (*add)(const std::string& element);
  Words (*remove)(const std::string& element);
  Words (*scan)(const std::string& cursor, const std::string& count);
  size_t width;
};

const Kind kKinds[] = {
    {"keys",
     [](const std::string& e) {
       return Words{"SET", e, "v"};
     },
     [](const std::string& e) {
       return Words{"DEL", e};
     },
     [](const std::string& c, const std::string& n) {
       return Words{"SCAN", c, "COUNT", n};
     },
     1},
    {"set",
     [](const std::string& e) {
       return Words{"SADD", "k", e};
     },
     [](const std::string& e) {
       return Words{"SREM", "k", e};
     },
     [](const std::string& c, const std::string& n) {
       return Words{"SSCAN", "k", c, "COUNT", n};
     },
     1},
    {"hash",
     [](const std::string& e) {
       return Words{"HSET", "k", e, "v"};
     },
     [](const std::string& e) {
       return Words{"HDEL", "k", e};
     },
     [](const std::string& c, const std::string& n) {
       return Words{"HSCAN", "k", c, "COUNT", n};
     },
     2},
    {"sorted set",
     [](const std::string& e) {
       return Words{"ZADD", "k", "1", e};
     },
     [](const std::string& e) {
       return Words{"ZREM", "k", e};
     },
     [](const std::string& c, const std::string& n) {
       return Words{"ZSCAN", "k", c, "COUNT", n};
     },
     2},
};

AnyReply Execute(Session& session, const Words& words) {
  const std::vector<Arg> argv(words.begin(), words.end());
  Into<AnyReply> sink;
  session.Execute(argv, sink);
  return std::move(sink).Take().value();
}

class ScanTest : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(Kinds, ScanTest, testing::ValuesIn(kKinds),
                         [](const auto& info) { return std::to_string(info.index); });

TEST_P(ScanTest, WhatStaysIsSeen) {
  const Kind& kind = GetParam();
  const uint64_t seed = std::random_device()();
  std::printf("%s, seed %llu\n", kind.name, static_cast<unsigned long long>(seed));
  Rng rng(seed);
  for (int round = 0; round < 40; ++round) {
    Options options;
    options.seed = seed + static_cast<uint64_t>(round) + 1;
    const auto engine = Engine::Create(options);
    const auto session = engine->Connect();
    // From compact ones to those of many segments.
    const size_t staying = size_t{1} << rng.Uniform(13);
    const size_t passing = size_t{1} << rng.Uniform(14);
    std::set<std::string> missing;
    for (size_t i = 0; i < staying; ++i) missing.insert("stays-" + std::to_string(i));
    for (const std::string& element : missing) Execute(*session, kind.add(element));
    std::vector<std::string> present;
    size_t next = 0;
    const bool growing = rng.Uniform(2) == 0;
    if (!growing) {
      for (; next < passing; ++next) Execute(*session, kind.add(present.emplace_back("goes-" + std::to_string(next))));
    }
    std::string cursor = "0";
    size_t steps = 0;
    do {
      const AnyReply reply = Execute(*session, kind.scan(cursor, std::to_string(1 + rng.Uniform(40))));
      cursor = reply.elements.at(0).text;
      const auto& items = reply.elements.at(1).elements;
      ASSERT_EQ(items.size() % kind.width, 0u);
      for (size_t i = 0; i < items.size(); i += kind.width) {
        missing.erase(items[i].text);
        const bool known = items[i].text.starts_with("stays-") || items[i].text.starts_with("goes-");
        ASSERT_TRUE(known) << items[i].text;
      }
      // Grows or shrinks by a half or so in the course of the scan.
      for (uint64_t n = rng.Uniform(passing / 4 + 2); n > 0; --n) {
        if (growing && next < passing) {
          Execute(*session, kind.add(present.emplace_back("goes-" + std::to_string(next++))));
        } else if (!present.empty()) {
          std::swap(present[rng.Uniform(present.size())], present.back());
          Execute(*session, kind.remove(present.back()));
          present.pop_back();
        }
      }
      ASSERT_LT(++steps, 100000u) << "no end";
    } while (cursor != "0");
    EXPECT_TRUE(missing.empty()) << missing.size() << " of " << staying << " were never seen, such as "
                                 << *missing.begin() << ", in round " << round;
  }
}

}  // namespace
}  // namespace dualis
