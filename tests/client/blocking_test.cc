// Blocking commands at every home, and what a deadline of the call does to them.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dualis/client.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

using Popped = std::optional<std::pair<KeyName, std::string>>;
Popped Pair(std::string key, std::string element) { return std::pair(KeyName(std::move(key)), std::move(element)); }

using BlockingTest = HomeTest;
DUALIS_AT_EVERY_HOME(BlockingTest);

TEST_P(BlockingTest, AConsumerIsWoken) {
  auto popped = std::async(std::launch::async, [this] { return client.blpop({"none", "q"}, 10s); });
  client.rpush("q", "a").value();
  EXPECT_EQ(popped.get().value(), Pair("q", "a"));
  EXPECT_EQ(client.exists("q").value(), 0);
}

TEST_P(BlockingTest, WhatIsThereIsTakenAtOnce) {
  client.rpush("q", "a", "b").value();
  EXPECT_EQ(client.blpop("q", 0s).value(), Pair("q", "a"));
  EXPECT_EQ(client.brpop("q", 0s).value(), Pair("q", "b"));
}

TEST_P(BlockingTest, TheCommandsOwnTimeEndsInNull) { EXPECT_EQ(client.blpop("q", 0.02s).value(), std::nullopt); }

TEST_P(BlockingTest, ADeadlineGivesUpAndTakesNothing) {
  const auto start = steady_clock::now();
  EXPECT_EQ(client.within(30ms).blpop("q", 0s).error().code(), ErrorCode::kTimeout);
  EXPECT_EQ(client.within(30ms).blpop("q", 60s).error().code(), ErrorCode::kTimeout);
  EXPECT_GE(steady_clock::now() - start, 60ms);
  // Longer than the command waits by itself: its own null.
  EXPECT_EQ(client.within(10s).blpop("q", 0.01s).value(), std::nullopt);
  // A server notices the closed connections when it comes to them, which a command that follows does not wait for.
  if (server()) {
    while (raw.command({"CLIENT", "LIST"}).value().text.find("cmd=blpop") != std::string::npos) {
      std::this_thread::yield();
    }
  }
  client.rpush("q", "a").value();
  EXPECT_EQ(client.llen("q").value(), 1);
}

TEST_P(BlockingTest, ADeadlineThatIsKeptChangesNothing) {
  auto popped = std::async(std::launch::async, [this] { return client.within(10s).blpop("q", 0s); });
  client.rpush("q", "a").value();
  EXPECT_EQ(popped.get().value(), Pair("q", "a"));
}

TEST_P(BlockingTest, StreamsAreAwaited) {
  using Streams = std::vector<std::pair<KeyName, std::vector<cmd::StreamEntry>>>;
  EXPECT_EQ(client.xread({"s"}, {"$"}, {.block = 10ms}).value(), Streams());
  auto read = std::async(std::launch::async, [this] { return client.xread({"s"}, {"0"}, {.block = 10'000ms}); });
  const std::string id = client.xadd("s", {{"f", "v"}}).value().value();
  EXPECT_EQ(read.get().value(), (Streams{{KeyName("s"), {{id, {{"f", "v"}}}}}}));
}

TEST_P(BlockingTest, InTransactionsNothingBlocks) {
  Pipeline batch = client.pipeline(Atomicity::kTransaction);
  const auto popped = batch.blpop(Many<Key>{"q"}, 0s);
  batch.execute().value();
  EXPECT_EQ(popped->value(), std::nullopt);
}

TEST_P(BlockingTest, ASubmittedCommandWaitsWithoutAThread) {
  Backend& backend = client.backend();
  const std::string key = Stored("q");
  const Many<Key> keys{Key(key)};
  const cmd::BLPop blpop{keys, 0};
  Into<Popped> first;
  Into<Popped> second;
  std::promise<Error> done;
  std::atomic<int> cancelled{0};
  const Ticket given_up = backend.Submit(Request(Command(blpop)), second, {}, [&](const Error&) { ++cancelled; });
  const Ticket waits =
      backend.Submit(Request(Command(blpop)), first, {}, [&](const Error& error) { done.set_value(error); });
  EXPECT_NE(given_up, 0u);
  EXPECT_NE(waits, 0u);
  backend.Cancel(given_up);
  if (server()) {
    // The closed connection must be gone before the push, or it would be served first.
    const auto blocked = [this] {
      const std::string clients = raw.command({"CLIENT", "LIST"}).value().text;
      size_t count = 0;
      for (size_t at = clients.find("cmd=blpop"); at != std::string::npos; at = clients.find("cmd=blpop", at + 1))
        ++count;
      return count;
    };
    while (blocked() > 1) std::this_thread::yield();
  }
  client.rpush("q", "a").value();
  EXPECT_FALSE(done.get_future().get());
  EXPECT_EQ(std::move(first).Take().value(), Pair(key, "a"));
  EXPECT_EQ(cancelled, 0);
  EXPECT_FALSE(second.complete());
}

// An engine whose clock is the test's: a wait that nobody can end jumps, and expiry is a matter of Advance.
TEST(BlockingManualClock, TimeIsTheTests) {
  auto clock = std::make_shared<ManualClock>();
  Options options;
  options.clock = clock;
  options.seed = 1;
  const std::shared_ptr<Engine> engine = Engine::Create(options);
  Client client = Client::On(engine, "p:");
  const TimeMs before = clock->Now();
  EXPECT_EQ(client.blpop("q", 5s).value(), std::nullopt);
  EXPECT_EQ(clock->Now() - before, 5000);
  client.set("k", "v", {.expiry = Expiry::In(1s)}).value();
  engine->Advance(999);
  EXPECT_EQ(client.pttl("k").value(), 1);
  engine->Advance(1);
  EXPECT_EQ(client.exists("k").value(), 0);
}

}  // namespace
}  // namespace dualis::test
