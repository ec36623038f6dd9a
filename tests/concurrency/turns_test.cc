// Turns are indivisible: threads hammer one engine, and the sums come out exact.
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "dualis/commands/keys.h"
#include "dualis/commands/strings.h"
#include "dualis/commands/transactions.h"
#include "tests/concurrency/crew.h"

namespace dualis::test {
namespace {

constexpr int kThreads = 4;

class Turns : public Crew {
 protected:
  std::unique_ptr<Engine> engine_ = Engine::Create({.seed = seed_ | 1});
  std::unique_ptr<Session> main_ = engine_->Connect();

  int64_t Number(const std::string& key) { return std::stoll(main_->Run(cmd::Get{key}).value().value_or("0")); }
};

TEST_F(Turns, NoIncrementIsLost) {
  std::vector<int64_t> own(kThreads);
  Together(kThreads, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    const std::string mine = "own" + std::to_string(me);
    for (int i = 0; i < kRounds; ++i) {
      session->Run(cmd::Incr{"shared"}).value();
      const auto by = static_cast<int64_t>(luck() % 100);
      own[static_cast<size_t>(me)] += by;
      EXPECT_EQ(session->Run(cmd::IncrBy{mine, by}).value(), own[static_cast<size_t>(me)]);
    }
  });
  EXPECT_EQ(Number("shared"), kThreads * kRounds);
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(Number("own" + std::to_string(i)), own[static_cast<size_t>(i)]);
}

TEST_F(Turns, ReadersSeeWholeValuesWhileKeysComeAndGo) {
  // Every value says which key it belongs to, and is long or short, so that entries move.
  auto value_of = [](const std::string& key, size_t length) { return key + std::string(length, key.back()); };
  Together(kThreads, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds; ++i) {
      const std::string key = "key" + std::to_string(luck() % 64);
      switch (luck() % (me == 0 ? 2 : 6)) {
        case 0:
          session->Run(cmd::Set{.key = key, .value = value_of(key, luck() % 300)}).value();
          break;
        case 1:
          if (luck() % 4 == 0) session->Run(cmd::Del{{Key(key)}}).value();
          break;
        default: {
          const auto value = session->Run(cmd::Get{key}).value();
          if (value) {
            EXPECT_EQ(*value, value_of(key, value->size() - key.size()));
          }
        }
      }
    }
  });
}

TEST_F(Turns, SeveralKeysOfOneCommandChangeTogether) {
  Together(kThreads, [&](int me, std::mt19937_64&) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds; ++i) {
      const std::string value = std::to_string(me * kRounds + i);
      if (me % 2 == 0) {
        session->Run(cmd::MSet{{{"a", value}, {"b", value}, {"c", value}}}).value();
      } else {
        const auto values = session->Run(cmd::MGet{{"a", "b", "c"}}).value();
        EXPECT_EQ(values[0], values[1]);
        EXPECT_EQ(values[0], values[2]);
      }
    }
  });
}

TEST_F(Turns, ExecIsOneTurn) {
  main_->Run(cmd::MSet{{{"left", "1000"}, {"right", "0"}}}).value();
  Together(kThreads, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds / 4; ++i) {
      if (me % 2 == 0) {
        const auto by = static_cast<int64_t>(luck() % 50);
        session->Run(cmd::Multi{}).value();
        Say<AnyReply>(*session, {"DECRBY", "left", by}).value();
        Say<AnyReply>(*session, {"INCRBY", "right", by}).value();
        EXPECT_TRUE(session->Run(cmd::Exec{}).value().has_value());
      } else {
        const auto values = session->Run(cmd::MGet{{"left", "right"}}).value();
        EXPECT_EQ(std::stoll(*values[0]) + std::stoll(*values[1]), 1000);
      }
    }
  });
}

// Read, compute outside, write only if nobody wrote meanwhile: every success counts once.
TEST_F(Turns, OptimisticIncrementsAddUp) {
  std::atomic<int64_t> succeeded{0};
  Together(kThreads, [&](int, std::mt19937_64&) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds / 4; ++i) {
      session->Run(cmd::Watch{{"counter"}}).value();
      const auto old = session->Run(cmd::Get{"counter"}).value();
      const std::string next = std::to_string(std::stoll(old.value_or("0")) + 1);
      session->Run(cmd::Multi{}).value();
      Say<AnyReply>(*session, {"SET", "counter", next}).value();
      if (session->Run(cmd::Exec{}).value()) succeeded.fetch_add(1);
    }
  });
  EXPECT_GT(succeeded.load(), 0);
  EXPECT_EQ(Number("counter"), succeeded.load());
}

TEST_F(Turns, SessionsAndEnginesComeAndGo) {
  constexpr int kEngines = 200;
  Together(kThreads, [&](int me, std::mt19937_64&) {
    for (int i = 0; i < kEngines; ++i) {
      const auto session = engine_->Connect();
      session->Run(cmd::Watch{{"w"}}).value();
      session->Run(cmd::Incr{"w"}).value();
      const auto own = Engine::Create();
      EXPECT_EQ(own->Connect()->Run(cmd::Incr{"w"}).value(), 1);
      const auto named = Engine::Named("turns");
      named->Connect()->Run(cmd::Incr{"w"}).value();
      if (me == 0 && i % 7 == 0) Engine::Forget("turns");
    }
  });
  Engine::Forget("turns");
  EXPECT_EQ(Number("w"), kThreads * kEngines);
}

TEST_F(Turns, InTurnIsOneTurn) {
  int64_t plain = 0;  // guarded by nothing but the turn
  Together(kThreads, [&](int, std::mt19937_64&) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds; ++i) {
      EXPECT_FALSE(session->InTurn([&](Exec&) {
        ++plain;
        return Error();
      }));
    }
  });
  EXPECT_EQ(plain, int64_t{kThreads} * kRounds);
}

TEST_F(Turns, AnEngineCalledFromInsideItsTurnSaysSo) {
  Error inner;
  const Error outer = main_->InTurn([&](Exec&) {
    inner = main_->Run(cmd::Get{"k"}).error();
    return Error();
  });
  EXPECT_FALSE(outer);
  EXPECT_EQ(inner.code(), ErrorCode::kUsage) << inner.message();
  // Another engine is no inside of this one.
  const auto other = Engine::Create();
  EXPECT_FALSE(main_->InTurn([&](Exec&) {
    EXPECT_EQ(other->Connect()->Run(cmd::Incr{"n"}).value(), 1);
    return Error();
  }));
}

}  // namespace
}  // namespace dualis::test
