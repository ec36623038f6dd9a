// Random commands on streams and their groups, on the engine and on redis-server: every reply agrees, and after every
// command so does all that XINFO STREAM FULL tells: entries, counters, the radix tree, lags, what is pending for whom.
// What 7.2 does otherwise is kept out: consumers are there before anything is read or claimed for them, and XSETID goes
// not below a deleted entry.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "tests/runner/fronts.h"
#include "tests/runner/match.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;
using Words = std::vector<std::string>;

// Moments become one number, and what only 7.2 has goes.
ReplyTree Timeless(ReplyTree reply) {
  constexpr int64_t kYear2001 = 1'000'000'000'000;
  if (reply.kind == Kind::kInteger && reply.integer > kYear2001) reply.integer = kYear2001;
  if (reply.kind == Kind::kMap) {
    for (size_t i = 0; i + 1 < reply.children.size();) {
      if (reply.children[i].text == "active-time") {
        reply.children.erase(reply.children.begin() + static_cast<std::ptrdiff_t>(i),
                             reply.children.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      } else {
        i += 2;
      }
    }
  }
  for (ReplyTree& child : reply.children) child = Timeless(std::move(child));
  return reply;
}

std::string Text(const ReplyTree& reply) {
  std::string text;
  for (const std::string& line : PrintReply(reply)) text += line + "\n";
  return text;
}

std::string Join(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

class Commands {
 public:
  explicit Commands(uint64_t seed) : rng_(seed) {}

  Words Next() {
    switch (rng_.Uniform(24)) {
      default: {
        Words words = {"XADD", "s"};
        if (rng_.Uniform(6) == 0) {
          for (const char* word : {"MAXLEN", "="}) words.emplace_back(word);
          words.push_back(std::to_string(rng_.Uniform(12)));
        }
        ++top_;
        words.push_back(rng_.Uniform(8) ? std::to_string(top_) + "-" + std::to_string(rng_.Uniform(3)) : Id());
        for (uint64_t n = rng_.Uniform(2) + 1; n > 0; --n) {
          words.push_back("f" + std::to_string(rng_.Uniform(3)));
          words.push_back(std::to_string(rng_.Uniform(1000)));
        }
        return words;
      }
      case 0:
      case 1:
        return {"XDEL", "s", Id(), Id()};
      case 2:
        return {"XTRIM", "s", "MAXLEN", rng_.Uniform(2) ? "=" : "~", std::to_string(rng_.Uniform(12))};
      case 3:
        return {"XTRIM", "s", "MINID", Id()};
      case 4:
      case 5:
      case 6:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "COUNT", std::to_string(rng_.Uniform(4)),
                "STREAMS",    "s",     ">"};
      case 7:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "NOACK", "COUNT", "1", "STREAMS", "s", ">"};
      case 8:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "COUNT", "3", "STREAMS", "s", Id()};
      case 9:
      case 10:
        return {"XACK", "s", Group(), Id(), Id(), Id()};
      case 11:
        return {"XCLAIM", "s", Group(), Consumer(), "0", Id(), Id(), rng_.Uniform(2) ? "FORCE" : "JUSTID"};
      case 12:
        return {"XCLAIM", "s", Group(), Consumer(), "0", Id(), "RETRYCOUNT", "5", "LASTID", Id()};
      case 13:
        return {"XAUTOCLAIM", "s", Group(), Consumer(), "0", Id(), "COUNT", std::to_string(rng_.Uniform(3))};
      case 14:
        return {"XGROUP", "SETID", "s", Group(), rng_.Uniform(3) ? Id() : "$"};
      case 15:
        return {"XGROUP", "SETID", "s", Group(), Id(), "ENTRIESREAD", std::to_string(rng_.Uniform(20))};
      case 16:
        return {"XPENDING", "s", Group()};
      case 17:
        return {"XINFO", "GROUPS", "s"};
    }
  }

  std::string Id() {
    const uint64_t back = rng_.Uniform(12);
    return std::to_string(top_ > back ? top_ - back : top_) + "-" + std::to_string(rng_.Uniform(3));
  }

 private:
  std::string Group() { return "g" + std::to_string(rng_.Uniform(2)); }
  std::string Consumer() { return "c" + std::to_string(rng_.Uniform(2)); }

  Rng rng_;
  uint64_t top_ = 0;
};

TEST(StreamGroups, AgreeWithRedisServer) {
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  const auto engine = OpenFront("argv");
  const auto oracle = OpenFront("oracle");
  for (uint64_t round = 0; round < 12; ++round) {
    const Replay replay{.protocol = 3, .encoding = round % 2 ? Encoding::kExpanded : Encoding::kCompact};
    engine->Begin(replay);
    oracle->Begin(replay);
    Commands commands(seed + round);
    std::string story;
    const auto both = [&](const Words& words) {
      story += Join(words) + "\n";
      const ReplyTree expected = Timeless(oracle->Execute(1, words));
      const ReplyTree actual = Timeless(engine->Execute(1, words));
      ASSERT_EQ(Text(actual), Text(expected)) << "after\n" << story;
    };
    for (const char* group : {"g0", "g1"}) {
      both({"XGROUP", "CREATE", "s", group, "0", "MKSTREAM"});
      for (const char* consumer : {"c0", "c1"}) both({"XGROUP", "CREATECONSUMER", "s", group, consumer});
    }
    for (int step = 0; step < 200; ++step) {
      both(commands.Next());
      both({"XINFO", "STREAM", "s", "FULL", "COUNT", "0"});
      if (HasFatalFailure()) return;
    }
    both({"XINFO", "STREAM", "s"});
    engine->End();
    oracle->End();
  }
}

}  // namespace
}  // namespace dualis::cases
