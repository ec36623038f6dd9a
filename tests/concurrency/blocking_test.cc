// Parked commands and threads: no element is lost or handed out twice, whoever sleeps, gives up, or goes away.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "dualis/commands/keys.h"
#include "dualis/commands/lists.h"
#include "tests/concurrency/crew.h"

namespace dualis::test {
namespace {

using Popped = std::optional<std::pair<KeyName, std::string>>;

// Counts how often each element was received.
class Tally {
 public:
  explicit Tally(int elements) : seen_(static_cast<size_t>(elements)) {}
  void Add(const std::string& element) { seen_.at(std::stoul(element)).fetch_add(1); }
  int total() const {
    int sum = 0;
    for (const auto& n : seen_) sum += n.load();
    return sum;
  }
  void ExpectEachOnce() const {
    for (size_t i = 0; i < seen_.size(); ++i) EXPECT_EQ(seen_[i].load(), 1) << "element " << i;
  }

 private:
  std::vector<std::atomic<int>> seen_;
};

class Blocking : public Crew {
 protected:
  // What is still in the lists is received, too.
  void Drain(Tally& tally) {
    for (const char* key : {"q0", "q1"}) {
      while (const auto left = main_->Run(cmd::LPop{key}).value()) tally.Add(*left);
    }
  }

  std::unique_ptr<Engine> engine_ = Engine::Create({.seed = seed_ | 1});
  std::unique_ptr<Session> main_ = engine_->Connect();
};

TEST_F(Blocking, ProducersAndSleepingConsumers) {
  const int elements = kRounds;
  Tally tally(elements);
  std::atomic<int> next{0};
  Together(4, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    if (me < 2) {
      for (int i = next++; i < elements; i = next++) {
        const std::string element = std::to_string(i);
        session->Run(cmd::RPush{luck() % 2 == 0 ? "q0" : "q1", {element}}).value();
      }
      session->Run(cmd::RPush{"q0", {"end"}}).value();
      return;
    }
    for (;;) {
      const Popped popped = session->Run(cmd::BLPop{{"q0", "q1"}, 0}).value();
      ASSERT_TRUE(popped.has_value());
      if (popped->second == "end") return;
      tally.Add(popped->second);
    }
  });
  Drain(tally);
  tally.ExpectEachOnce();
}

TEST_F(Blocking, SleepersThatGiveUpLoseNothing) {
  const int elements = kRounds / 10;
  Tally tally(elements);
  std::atomic<int> next{0};
  std::atomic<bool> over{false};
  Together(4, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    if (me == 0) {
      for (int i = next++; i < elements; i = next++) {
        const std::string element = std::to_string(i);
        session->Run(cmd::RPush{"q0", {element}}).value();
        if (luck() % 4 == 0) std::this_thread::yield();
      }
      over.store(true);
      return;
    }
    while (!over.load()) {
      // A millisecond: the sleeper's own waking races with the producer's.
      const Popped popped = session->Run(cmd::BLPop{{"q0"}, 0.001}).value();
      if (popped) tally.Add(popped->second);
    }
  });
  Drain(tally);
  tally.ExpectEachOnce();
}

// Submit, then Cancel, Expire or wait, while another thread pushes. A command that has its reply when Cancel returns
// has taken its element, whether `done` was told or not.
TEST_F(Blocking, CancelAndExpireRaceWithTheWriter) {
  const int elements = kRounds;
  Tally tally(elements);
  std::atomic<int> consumers{3};
  std::atomic<int64_t> told{0}, gone{0};
  Together(4, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    if (me == 0) {
      for (int i = 0; i < elements; ++i) {
        const std::string element = std::to_string(i);
        session->Run(cmd::RPush{"q0", {element}}).value();
        if (luck() % 8 == 0) std::this_thread::yield();
      }
      while (consumers.load() > 0) std::this_thread::yield();
      return;
    }
    for (int i = 0; i < kRounds / 3; ++i) {
      Into<Popped> sink;
      std::atomic<int> done{0};
      const Ticket ticket = session->Submit(Command(cmd::BLPop{{"q0"}, 0}), sink, [&done] { done.fetch_add(1); });
      if (luck() % 2 == 0) std::this_thread::yield();
      if (luck() % 2 == 0) {
        session->Cancel(ticket);
      } else if (session->Expire(ticket) || ticket == 0) {
        EXPECT_EQ(done.load(), 1);
      } else {
        // Somebody is completing it: wait until he has said so.
        while (done.load() == 0) std::this_thread::yield();
      }
      EXPECT_LE(done.load(), 1);
      told.fetch_add(done.load());
      if (!sink.complete()) {
        gone.fetch_add(1);
        continue;
      }
      const Result<Popped> popped = std::move(sink).Take();
      if (popped.value()) tally.Add(popped.value()->second);
    }
    consumers.fetch_sub(1);
  });
  Drain(tally);
  tally.ExpectEachOnce();
  EXPECT_GT(told.load() + gone.load(), 0);
}

TEST_F(Blocking, SessionsCloseWhileTheirCommandsAreParked) {
  const int elements = kRounds;
  Tally tally(elements);
  std::atomic<bool> over{false};
  Together(3, [&](int me, std::mt19937_64&) {
    if (me == 0) {
      const auto session = engine_->Connect();
      for (int i = 0; i < elements; ++i) {
        const std::string element = std::to_string(i);
        session->Run(cmd::RPush{"q0", {element}}).value();
      }
      over.store(true);
      return;
    }
    while (!over.load()) {
      Into<Popped> first, second;
      {
        const auto session = engine_->Connect();
        session->Submit(Command(cmd::BLPop{{"q0", "q1"}, 0}), first, [] {});
        session->Submit(Command(cmd::BRPop{{"q0"}, 0}), second, nullptr);
      }
      for (Into<Popped>* sink : {&first, &second}) {
        if (!sink->complete()) continue;
        const Popped popped = std::move(*sink).Take().value();
        if (popped) tally.Add(popped->second);
      }
    }
  });
  Drain(tally);
  tally.ExpectEachOnce();
}

// `done` may use its engine, its own session included.
TEST_F(Blocking, DoneMayCallTheEngineAgain) {
  const auto session = engine_->Connect();
  struct Chain {
    Session& session;
    std::vector<std::string> got;
    std::unique_ptr<Into<Popped>> sink;
    void Next() {
      sink = std::make_unique<Into<Popped>>();
      session.Submit(Command(cmd::BLPop{{"q0"}, 0}), *sink, [this] {
        got.push_back(std::move(*sink).Take().value()->second);
        if (got.size() < 5) Next();
      });
    }
  } chain{*session, {}, nullptr};
  chain.Next();
  for (const char* element : {"a", "b", "c", "d", "e"}) main_->Run(cmd::RPush{"q0", {element}}).value();
  EXPECT_EQ(chain.got, (std::vector<std::string>{"a", "b", "c", "d", "e"}));
}

TEST_F(Blocking, CancelFromItsOwnDoneReturnsAtOnce) {
  const auto session = engine_->Connect();
  Into<Popped> sink;
  Ticket ticket = 0;
  int done = 0;
  ticket = session->Submit(Command(cmd::BLPop{{"q0"}, 0}), sink, [&] {
    ++done;
    session->Cancel(ticket);
  });
  ASSERT_NE(ticket, 0u);
  main_->Run(cmd::RPush{"q0", {"x"}}).value();
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(sink.complete());
}

TEST_F(Blocking, CancelWaitsForADoneOnAnotherThread) {
  const auto session = engine_->Connect();
  Into<Popped> sink;
  std::atomic<bool> inside{false}, leave{false}, cancelled{false};
  const Ticket ticket = session->Submit(Command(cmd::BLPop{{"q0"}, 0}), sink, [&] {
    inside.store(true);
    while (!leave.load()) std::this_thread::yield();
    EXPECT_FALSE(cancelled.load());
  });
  std::thread writer([&] { engine_->Connect()->Run(cmd::RPush{"q0", {"x"}}).value(); });
  while (!inside.load()) std::this_thread::yield();
  std::thread canceller([&] {
    session->Cancel(ticket);
    cancelled.store(true);
  });
  leave.store(true);
  canceller.join();
  writer.join();
  EXPECT_TRUE(cancelled.load());
}

// Under a manual clock time passes when everyone sleeps, and only then.
TEST_F(Blocking, ManualTimeWakesEverySleeper) {
  const auto clock = std::make_shared<ManualClock>(1000);
  const auto engine = Engine::Create({.seed = seed_ | 1, .clock = clock});
  Together(3, [&](int me, std::mt19937_64&) {
    const auto session = engine->Connect();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(session->Run(cmd::BLPop{{"nosuch"}, 1.0 + me}).value().has_value());
  });
  EXPECT_GE(clock->Now(), 1000 + 3 * 3000);
}

}  // namespace
}  // namespace dualis::test
