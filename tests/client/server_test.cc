// What only a server can do to a client: die, hang, be restarted, be shared by a fork.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "dualis/client.h"
#include "tests/client/private_server.h"

namespace dualis::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int64_t Connections(Client& client) {
  const std::string clients = client.command({"CLIENT", "LIST"}).value().text;
  return std::count(clients.begin(), clients.end(), '\n');
}

TEST(Server, ARestartBetweenCallsIsNotNoticed) {
  PrivateServer server;
  Client client = Client::Connect(server.url()).value();
  client.set("k", "v").value();
  server.Kill();
  server.Start();
  EXPECT_EQ(client.get("k").value(), std::nullopt);
  EXPECT_TRUE(client.set("k", "again").value());
}

TEST(Server, WithoutAServerCallsFailAndLaterWorkAgain) {
  PrivateServer server;
  Client client = Client::Connect(server.url()).value();
  server.Kill();
  const Result<bool> set = client.set("k", "v");
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().code(), ErrorCode::kIo);
  server.Start();
  EXPECT_TRUE(client.set("k", "v").value());
}

// A write whose reply never came may have taken effect: it is not repeated. A read is.
TEST(Server, ACallThatWasUnderWayIsRepeatedOnlyIfItReads) {
  for (const bool reads : {true, false}) {
    PrivateServer server;
    Client client = Client::Connect(server.url()).value();
    Client killer = Client::Connect(server.url()).value();
    client.set("n", "1").value();
    // The frozen server finds the order to close the connection first, and then what was sent over it.
    server.Freeze();
    auto kill = std::async(std::launch::async, [&] {
      return killer.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    });
    EXPECT_EQ(kill.wait_for(milliseconds(100)), std::future_status::timeout);
    auto call = std::async(std::launch::async, [&]() -> Result<std::optional<std::string>> {
      if (reads) return client.get("n");
      const Result<int64_t> sum = client.incr("n");
      return sum ? Result<std::optional<std::string>>(std::to_string(*sum)) : sum.error();
    });
    EXPECT_EQ(call.wait_for(milliseconds(100)), std::future_status::timeout);
    server.Thaw();
    EXPECT_EQ(kill.get().value().integer, 1);
    const Result<std::optional<std::string>> got = call.get();
    if (reads) {
      EXPECT_EQ(got.value(), "1");
    } else {
      EXPECT_TRUE(got.error().code() == ErrorCode::kIo || got.error().code() == ErrorCode::kClosed);
      EXPECT_EQ(client.get("n").value(), "1");
    }
  }
}

TEST(Server, DeadlinesHold) {
  PrivateServer server;
  Client client = Client::Connect(server.url() + "?timeout=10s").value();
  client.set("k", "v").value();
  server.Freeze();
  const auto start = steady_clock::now();
  const auto got = client.within(milliseconds(50)).get("k");
  EXPECT_EQ(got.error().code(), ErrorCode::kTimeout);
  EXPECT_LT(steady_clock::now() - start, milliseconds(5000));
  server.Thaw();
  // The late reply went with its connection.
  EXPECT_EQ(client.get("k").value(), "v");
}

TEST(Server, ABlockingCommandMayTakeLongerThanTheTimeout) {
  PrivateServer server;
  Client client = Client::Connect(server.url() + "?timeout=100ms").value();
  EXPECT_TRUE(client.command({"BLPOP", "q", 0.3}).value().is_null());
  EXPECT_EQ(client.within(milliseconds(50)).command({"BLPOP", "q", 0}).error().code(), ErrorCode::kTimeout);
  // Neither did the one that was given up take what came later.
  client.command({"RPUSH", "q", "a"}).value();
  EXPECT_EQ(client.command({"BLPOP", "q", 0}).value().elements.at(1).text, "a");
}

TEST(Server, ThePoolIsBounded) {
  PrivateServer server;
  Client client = Client::Connect(server.url() + "?pool=2&pool_timeout=50ms").value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] { client.command({"BLPOP", "gate", 10}).value(); });
  }
  Client watcher = Client::Connect(server.url()).value();
  while (watcher.command({"CLIENT", "LIST"}).value().text.find("cmd=blpop") == std::string::npos ||
         Connections(watcher) < 3) {
    std::this_thread::yield();
  }
  const auto full = client.get("k");
  EXPECT_EQ(full.error().code(), ErrorCode::kTimeout);
  watcher.command({"RPUSH", "gate", "1", "2"}).value();
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(client.get("k").ok());
  EXPECT_EQ(Connections(watcher), 3);
}

TEST(Server, ManyThreadsShareAClient) {
  PrivateServer server;
  Client client = Client::Connect(server.url() + "?pool=3").value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&client, t] {
      const std::string key = "own" + std::to_string(t);
      for (int i = 1; i <= 200; ++i) {
        ASSERT_EQ(client.incr(key).value(), i);
        client.incr("all").value();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client.get("all").value(), "1200");
  EXPECT_LE(Connections(client), 3);
}

TEST(Server, ServersThatDieUnderManyThreads) {
  PrivateServer server;
  Client client = Client::Connect(server.url() + "?pool=4&pool_timeout=0").value();
  std::atomic<bool> ending{false};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!ending) {
        if (client.incr("n")) ++served;
      }
    });
  }
  for (int round = 0; round < 3; ++round) {
    const int before = served;
    while (served < before + 100) std::this_thread::yield();
    server.Kill();
    server.Start();
  }
  const int before = served;
  while (served < before + 100) std::this_thread::yield();
  ending = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(client.get("n").ok());
}

// The child uses a connection of its own, closes its copies of the parent's, and does not disturb the parent.
TEST(Server, AForkedChildDoesNotUseInheritedSockets) {
  PrivateServer server;
  Client client = Client::Connect(server.url()).value();
  client.set("who", "parent").value();
  const int64_t id = client.command({"CLIENT", "ID"}).value().integer;
  const pid_t child = fork();
  if (child == 0) {
    bool good = client.get("who").value_or(std::nullopt) == "parent";
    good = good && client.command({"CLIENT", "ID"}).value().integer != id;
    good = good && client.set("who", "child").value_or(false);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(client.get("who").value(), "child");
  EXPECT_EQ(client.command({"CLIENT", "ID"}).value().integer, id);
}

TEST(Server, SubmittedCommandsAreAnsweredElsewhere) {
  PrivateServer server;
  Client client = Client::Connect(server.url()).value();
  Backend& backend = client.backend();
  const Arg blpop[] = {"BLPOP", "q", 0};
  Into<AnyReply> popped;
  std::promise<Error> done;
  const Ticket waiting =
      backend.Submit(Request(blpop, nullptr), popped, {}, [&](const Error& error) { done.set_value(error); });
  EXPECT_NE(waiting, 0u);

  const Arg never[] = {"BLPOP", "never", 0};
  Into<AnyReply> nothing;
  std::atomic<int> called{0};
  const Ticket cancelled = backend.Submit(Request(never, nullptr), nothing, {}, [&](const Error&) { ++called; });
  backend.Cancel(cancelled);

  std::promise<Error> late;
  Into<AnyReply> too_late;
  backend.Submit(Request(never, nullptr), too_late, {milliseconds(20)}, [&](const Error& e) { late.set_value(e); });
  EXPECT_EQ(late.get_future().get().code(), ErrorCode::kTimeout);

  client.command({"RPUSH", "q", "a"}).value();
  EXPECT_FALSE(done.get_future().get());
  EXPECT_EQ(std::move(popped).Take().value().elements.at(1).text, "a");
  EXPECT_EQ(called, 0);
}

TEST(Server, ClosingEndsWhatWasSubmitted) {
  PrivateServer server;
  std::promise<Error> done;
  Into<AnyReply> sink;
  {
    Client client = Client::Connect(server.url()).value();
    const Arg blpop[] = {"BLPOP", "q", 0};
    client.backend().Submit(Request(blpop, nullptr), sink, {}, [&](const Error& error) { done.set_value(error); });
  }
  EXPECT_EQ(done.get_future().get().code(), ErrorCode::kClosed);
}

}  // namespace
}  // namespace dualis::test
