// The ready-made classes (dualis/helpers) at every home: on an engine whose clock is moved by hand, and on a server
// whose keys are made to grow old instead.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "dualis/helpers/cache.h"
#include "dualis/helpers/lock.h"
#include "dualis/helpers/queue.h"
#include "dualis/helpers/rate_limiter.h"
#include "dualis/helpers/stack.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int kThreads = 4;

class HelpersTest : public testing::TestWithParam<Home> {
 protected:
  HelpersTest() : client(Open()), raw(client.unprefixed()) {
    if (GetParam().server) raw.command({"FLUSHALL"}).value();
  }

  Client Open() {
    if (GetParam().server) {
      Config config = Config::FromUrl(SharedServer().url()).value();
      config.prefix = GetParam().prefix;
      config.protocol = GetParam().protocol;
      return Client::Connect(config).value();
    }
    Options options;
    options.clock = std::make_shared<ManualClock>();
    return Client::On(Engine::Create(std::move(options)), GetParam().prefix);
  }

  // Lets time pass, as far as keys are concerned.
  void Pass(milliseconds time) {
    if (client.engine() != nullptr) return client.engine()->Advance(time.count());
    const auto keys = raw.keys("*").value();
    for (const auto& key : keys) {
      const int64_t left = raw.pttl(key.name).value();
      if (left < 0) continue;
      if (left <= time.count()) {
        raw.del(key.name).value();
      } else {
        raw.command({"PEXPIRE", key.name, left - time.count()}).value();
      }
    }
  }
  // Nothing is left but these, without the prefix.
  void ExpectKeys(const std::set<std::string>& wanted) {
    std::set<std::string> found;
    const auto keys = client.keys("*").value();
    for (const auto& key : keys) found.insert(key.name);
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(raw.dbsize().value(), static_cast<int64_t>(wanted.size()));
  }

  Client client;
  Client raw;
};
DUALIS_AT_EVERY_HOME(HelpersTest);

// Runs on some threads at once.
template <class F>
void AtOnce(F body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

using Frame = Stack::Frame;

TEST_P(HelpersTest, AStackLooksUpFromTheTop) {
  const Stack stack = Stack::Open(client, "s").value();
  EXPECT_EQ(stack.size().value(), 1);
  EXPECT_EQ(stack.get_value("a").value(), std::nullopt);
  EXPECT_EQ(stack.get_value("a", Stack::Lookup::kCascade).value(), std::nullopt);
  EXPECT_FALSE(stack.set_value("a", "bottom"));
  EXPECT_FALSE(stack.set_value("b", std::string("\0\xff", 2)));
  EXPECT_EQ(stack.push_frame().value(), 2);
  EXPECT_EQ(stack.push_frame().value(), 3);
  EXPECT_FALSE(stack.set_value("a", "top"));
  EXPECT_EQ(stack.size().value(), 3);
  EXPECT_EQ(stack.get_value("a").value(), "top");
  EXPECT_EQ(stack.get_value("b").value(), std::nullopt);
  EXPECT_EQ(stack.get_value("b", Stack::Lookup::kCascade).value(), std::string("\0\xff", 2));
  EXPECT_EQ(stack.pop_frame().value(), (Frame{{"a", "top"}}));
  EXPECT_EQ(stack.pop_frame().value(), Frame());
  EXPECT_EQ(stack.get_value("a").value(), "bottom");
  EXPECT_EQ(stack.pop_frame().value(), (Frame{{"a", "bottom"}, {"b", std::string("\0\xff", 2)}}));
  EXPECT_EQ(stack.pop_frame().value(), Frame());
  ExpectKeys({});
}

TEST_P(HelpersTest, AStackKeepsRedipysKeysAndClears) {
  const Stack stack = Stack::Open(client, "s").value();
  stack.push_frame().value();
  EXPECT_FALSE(stack.set_value("a", "1"));
  EXPECT_EQ(client.get("s:size").value(), "1");
  EXPECT_EQ(client.hget("s:frame:1", "a").value(), "1");
  EXPECT_FALSE(stack.clear());
  ExpectKeys({});
  client.set("s:size", "1").value();
  client.set("s:frame:1", "text").value();
  EXPECT_EQ(stack.get_value("a").error().code(), ErrorCode::kWrongType);
}

TEST_P(HelpersTest, FramesAreCountedByManyThreads) {
  const Stack stack = Stack::Open(client, "s").value();
  AtOnce([&](int) {
    for (int i = 0; i < 25; ++i) EXPECT_TRUE(stack.push_frame().ok());
  });
  EXPECT_EQ(stack.size().value(), 1 + 25 * kThreads);
  AtOnce([&](int) {
    for (int i = 0; i < 25; ++i) EXPECT_TRUE(stack.pop_frame().ok());
  });
  EXPECT_EQ(stack.size().value(), 1);
  ExpectKeys({});
}

TEST_P(HelpersTest, ALockHasOneHolder) {
  const Lock lock = Lock::Open(client, "l").value();
  std::optional<Lock::Held> first = std::move(lock.try_acquire().value());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->fence(), 1);
  EXPECT_EQ(first->token().size(), 32u);
  EXPECT_TRUE(first->holds().value());
  EXPECT_FALSE(lock.try_acquire().value());
  EXPECT_FALSE(lock.acquire(0ms).value());
  EXPECT_FALSE(lock.acquire(1ms).value());
  EXPECT_TRUE(first->release().value());
  EXPECT_FALSE(first->release().value());
  EXPECT_FALSE(first->holds().value());
  {
    const auto second = lock.try_acquire();
    ASSERT_TRUE(second.value());
    EXPECT_EQ((*second)->fence(), 2);
  }
  // Going out of scope released it.
  EXPECT_TRUE(lock.try_acquire().value());
  ExpectKeys({"l:fence"});
}

TEST_P(HelpersTest, ALockExpiresAndCanBeExtended) {
  const Lock lock = Lock::Open(client, "l", {.ttl = 10s}).value();
  std::optional<Lock::Held> slow = std::move(lock.try_acquire().value());
  Pass(9s);
  EXPECT_TRUE(slow->extend(20s).value());
  Pass(19s);
  EXPECT_TRUE(slow->holds().value());
  Pass(2s);
  EXPECT_FALSE(slow->holds().value());
  EXPECT_FALSE(slow->extend(1s).value());
  const auto other = lock.try_acquire();
  ASSERT_TRUE(other.value());
  EXPECT_GT((*other)->fence(), slow->fence());
  // It does not take the lock away from the other one.
  EXPECT_FALSE(slow->extend(1s).value());
  EXPECT_FALSE(slow->release().value());
  EXPECT_TRUE((*other)->holds().value());
}

TEST_P(HelpersTest, WhoWaitsForALockIsWokenByItsRelease) {
  const Lock lock = Lock::Open(client, "l").value();
  std::optional<Lock::Held> held = std::move(lock.try_acquire().value());
  auto waiting = std::async(std::launch::async, [&] { return lock.acquire(10s).value().has_value(); });
  EXPECT_TRUE(held->release().value());
  EXPECT_TRUE(waiting.get());
}

TEST_P(HelpersTest, ALockExcludes) {
  const Lock lock = Lock::Open(client, "l").value();
  int counter = 0;
  std::atomic<int> inside = 0;
  std::set<int64_t> fences;
  AtOnce([&](int) {
    for (int i = 0; i < 10; ++i) {
      const auto held = lock.acquire(30s);
      ASSERT_TRUE(held.ok() && *held);
      EXPECT_EQ(++inside, 1);
      ++counter;
      EXPECT_TRUE(fences.insert((*held)->fence()).second);
      --inside;
    }
  });
  EXPECT_EQ(counter, 10 * kThreads);
  EXPECT_EQ(*fences.rbegin(), 10 * kThreads);
}

TEST_P(HelpersTest, ALockNeedsATime) {
  EXPECT_EQ(Lock::Open(client, "l", {.ttl = 0ms}).error().code(), ErrorCode::kUsage);
}

TEST_P(HelpersTest, ACacheComputesOnce) {
  const Cache cache = Cache::Open(client, "c", {.ttl = 10s}).value();
  int computed = 0;
  const auto compute = [&]() -> Result<std::string> { return "value " + std::to_string(++computed); };
  EXPECT_EQ(cache.peek("k").value(), std::nullopt);
  EXPECT_EQ(cache.get("k", compute, 1s).value(), "value 1");
  EXPECT_EQ(cache.get("k", compute, 1s).value(), "value 1");
  EXPECT_EQ(cache.peek("k").value(), "value 1");
  ExpectKeys({"c:k"});
  Pass(11s);
  EXPECT_EQ(cache.get("k", compute, 1s).value(), "value 2");
  EXPECT_TRUE(cache.forget("k").value());
  EXPECT_FALSE(cache.forget("k").value());
  EXPECT_EQ(cache.get("k", compute, 1s).value(), "value 3");
  EXPECT_FALSE(cache.put("k", std::string("c\0", 2)));
  EXPECT_EQ(cache.get("k", compute, 1s).value(), std::string("c\0", 2));
  EXPECT_FALSE(cache.put("empty", ""));
  EXPECT_EQ(cache.get("empty", compute, 1s).value(), "");
  EXPECT_EQ(computed, 3);
}

TEST_P(HelpersTest, ManyWhoAskAtOnceGetOneComputation) {
  const Cache cache = Cache::Open(client, "c", {}).value();
  std::atomic<int> computed = 0;
  AtOnce([&](int) {
    for (int i = 0; i < 10; ++i) {
      const auto value = cache.get(
          "k" + std::to_string(i),
          [&]() -> Result<std::string> {
            ++computed;
            return "v";
          },
          30s);
      EXPECT_EQ(value.value(), "v");
    }
  });
  EXPECT_EQ(computed, 10);
}

TEST_P(HelpersTest, AFailedComputationGivesItsClaimBack) {
  const Cache cache = Cache::Open(client, "c", {}).value();
  const auto fail = []() -> Result<std::string> { return Error(ErrorCode::kErr, "ERR no luck"); };
  EXPECT_EQ(cache.get("k", fail, 1s).error().message(), "ERR no luck");
  EXPECT_THROW((void)cache.get(
                   "k", []() -> Result<std::string> { throw 7; }, 1s),
               int);
  ExpectKeys({});
  // One who waits meanwhile computes next.
  std::promise<void> claimed, waits;
  auto second = std::async(std::launch::async, [&] {
    claimed.get_future().wait();
    waits.set_value();
    return cache
        .get(
            "k", [] { return Result<std::string>("second"); }, 30s)
        .value();
  });
  const Result<std::string> first = cache.get(
      "k",
      [&]() -> Result<std::string> {
        claimed.set_value();
        waits.get_future().wait();
        return Error(ErrorCode::kErr, "ERR no luck");
      },
      1s);
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(second.get(), "second");
}

TEST_P(HelpersTest, AClaimExpires) {
  const Cache cache = Cache::Open(client, "c", {.claim = 5s}).value();
  int other = 0;
  const Result<std::string> slow = cache.get(
      "k",
      [&]() -> Result<std::string> {
        // Somebody who cannot wait that long gives up; the claim still holds.
        EXPECT_EQ(cache
                      .get(
                          "k", [&] { return Result<std::string>("no"); }, 0ms)
                      .error()
                      .code(),
                  ErrorCode::kTimeout);
        Pass(6s);
        EXPECT_EQ(cache
                      .get(
                          "k",
                          [&]() -> Result<std::string> {
                            ++other;
                            return "other";
                          },
                          1s)
                      .value(),
                  "other");
        return "slow";
      },
      1s);
  EXPECT_EQ(slow.value(), "slow");
  EXPECT_EQ(other, 1);
  // What came too late is not stored.
  EXPECT_EQ(cache.peek("k").value(), "other");
}

TEST_P(HelpersTest, ARateLimiterSpendsAndGetsBack) {
  const RateLimiter limiter = RateLimiter::Open(client, "r", {.limit = 5, .period = 10s}).value();
  const bool manual = client.engine() != nullptr;
  for (int i = 4; i >= 0; --i) {
    const auto answer = limiter.allow("u").value();
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.remaining, i);
    EXPECT_EQ(answer.retry_after, 0ms);
    if (manual) {
      EXPECT_EQ(answer.full_after, milliseconds(2000 * (5 - i)));
    }
  }
  const auto refused = limiter.allow("u").value();
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_GT(refused.retry_after, 0ms);
  EXPECT_LE(refused.retry_after, 2s);
  // Others are not concerned, and asking spends nothing.
  EXPECT_EQ(limiter.allow("other", 3)->remaining, 2);
  EXPECT_FALSE(limiter.allow("other", 3)->allowed);
  EXPECT_EQ(limiter.allow("other", 0)->remaining, 2);
  EXPECT_FALSE(limiter.reset("u"));
  EXPECT_EQ(limiter.allow("u", 5)->remaining, 0);
  EXPECT_EQ(limiter.allow("u", 6).error().code(), ErrorCode::kUsage);
  EXPECT_EQ(limiter.allow("u", -1).error().code(), ErrorCode::kUsage);
  EXPECT_EQ(RateLimiter::Open(client, "r", {.limit = 0}).error().code(), ErrorCode::kUsage);
  if (!manual) return;
  EXPECT_EQ(limiter.allow("u", 2)->retry_after, 4s);
  Pass(3999ms);
  EXPECT_EQ(limiter.allow("u", 2)->retry_after, 1ms);
  Pass(1ms);
  EXPECT_TRUE(limiter.allow("u", 2)->allowed);
  Pass(10s);
  ExpectKeys({});
  // Evenly, however long it goes on.
  int allowed = 0;
  for (int i = 0; i < 1000; ++i) {
    allowed += limiter.allow("u")->allowed;
    Pass(100ms);
  }
  EXPECT_EQ(allowed, 5 + 49);
}

TEST_P(HelpersTest, ManyCallersShareOneLimit) {
  const RateLimiter limiter = RateLimiter::Open(client, "r", {.limit = 20, .period = 1h}).value();
  std::atomic<int> allowed = 0;
  AtOnce([&](int) {
    for (int i = 0; i < 10; ++i) allowed += limiter.allow("u")->allowed;
  });
  EXPECT_EQ(allowed, 20);
}

TEST_P(HelpersTest, AQueueGivesTheMostUrgentFirst) {
  const Queue queue = Queue::Open(client, "q").value();
  const Queue::Worker worker = queue.worker().value();
  EXPECT_FALSE(worker.take().value());
  const std::string a = queue.add("a", 1).value(), b = queue.add("b", 2.5).value(), c = queue.add("c", 1).value();
  const std::string gone = queue.add("gone", 9).value();
  EXPECT_TRUE(queue.remove(gone).value());
  EXPECT_FALSE(queue.remove(gone).value());
  EXPECT_EQ(queue.sizes().value(), (Queue::Sizes{3, 0}));
  const auto first = worker.take().value();
  EXPECT_EQ(first->id, b);
  EXPECT_EQ(first->payload, "b");
  EXPECT_EQ(first->priority, 2.5);
  EXPECT_EQ(worker.take().value()->id, a);
  EXPECT_EQ(queue.sizes().value(), (Queue::Sizes{1, 2}));
  EXPECT_FALSE(queue.remove(a).value());
  EXPECT_TRUE(worker.done(b).value());
  EXPECT_FALSE(worker.done(b).value());
  // What goes back goes to its place, in front of those that came later; or to another one.
  EXPECT_TRUE(worker.give_back(a).value());
  EXPECT_EQ(worker.take().value()->id, a);
  EXPECT_TRUE(worker.give_back(a, -1).value());
  EXPECT_EQ(worker.take().value()->id, c);
  EXPECT_EQ(worker.take().value()->id, a);
  EXPECT_TRUE(worker.done(a).value());
  EXPECT_EQ(worker.leave().value(), std::vector<std::string>{c});
  EXPECT_EQ(queue.sizes().value(), (Queue::Sizes{1, 0}));
  EXPECT_EQ(queue.add("x", std::nan("")).error().code(), ErrorCode::kUsage);
}

TEST_P(HelpersTest, TasksOfTheDeadAreRescued) {
  const Queue queue = Queue::Open(client, "q", {.heartbeat = 10s}).value();
  const Queue::Worker dead = queue.worker().value(), alive = queue.worker().value();
  EXPECT_NE(dead.id(), alive.id());
  const std::string task = queue.add("t").value(), other = queue.add("o").value();
  EXPECT_EQ(dead.take().value()->id, task);
  EXPECT_EQ(alive.take().value()->id, other);
  Pass(6s);
  EXPECT_TRUE(alive.heartbeat().value());
  EXPECT_TRUE(queue.rescue().value().empty());
  Pass(6s);
  EXPECT_EQ(queue.rescue().value(), std::vector<std::string>{task});
  EXPECT_EQ(alive.take().value()->id, task);
  // It comes back to life, and has nothing any more.
  EXPECT_FALSE(dead.heartbeat().value());
  EXPECT_TRUE(dead.heartbeat().value());
  EXPECT_FALSE(dead.done(task).value());
  EXPECT_FALSE(dead.give_back(task).value());
  EXPECT_TRUE(alive.done(task).value());
  EXPECT_TRUE(alive.done(other).value());
  EXPECT_TRUE(alive.leave().value().empty());
  EXPECT_TRUE(dead.leave().value().empty());
  ExpectKeys({"q:last", "q:workers"});
}

TEST_P(HelpersTest, WorkersWaitAndEachTaskIsTakenOnce) {
  const Queue queue = Queue::Open(client, "q").value();
  constexpr int kTasks = 40;
  std::atomic<int> done = 0;
  std::thread producer([&] {
    for (int i = 0; i < kTasks; ++i) EXPECT_TRUE(queue.add(std::to_string(i), i % 3).ok());
    for (int i = 0; i < kThreads; ++i) EXPECT_TRUE(queue.add("stop", -1).ok());
  });
  AtOnce([&](int) {
    const Queue::Worker worker = queue.worker().value();
    for (;;) {
      const auto task = worker.take(30s);
      ASSERT_TRUE(task.ok() && *task);
      EXPECT_TRUE(worker.done((*task)->id).value());
      if ((*task)->payload == "stop") return;
      ++done;
    }
  });
  producer.join();
  EXPECT_EQ(done, kTasks);
  EXPECT_EQ(queue.sizes().value(), (Queue::Sizes{0, 0}));
}

TEST_P(HelpersTest, WaitForAsksAgainAfterEachMessage) {
  std::atomic<int> asked = 0;
  std::atomic<bool> ready = false;
  auto waiting = std::async(std::launch::async, [&] {
    return client.wait_for(
        "ch",
        [&] {
          ++asked;
          return ready.load();
        },
        30s);
  });
  while (asked < 2) std::this_thread::yield();
  ready = true;
  client.publish("ch", "now").value();
  EXPECT_TRUE(waiting.get().value());
  EXPECT_FALSE(client
                   .wait_for(
                       "ch", [] { return false; }, 1ms)
                   .value());
}

}  // namespace
}  // namespace dualis::test
