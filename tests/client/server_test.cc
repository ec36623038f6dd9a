// What only a server can do to a client: die, hang, be restarted, be shared by a fork.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <filesystem>
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

// A server that answers every command with ":1", but closes the first connection instead of answering its second
// command.
class BreakingServer {
 public:
  BreakingServer() {
    char name[] = "/tmp/dualis-breaking-XXXXXX";
    directory_ = mkdtemp(name);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(listener_, 8) != 0)
      abort();
    thread_ = std::thread([this] { Serve(); });
  }
  ~BreakingServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    std::filesystem::remove_all(directory_);
  }
  std::string path() const { return directory_ + "/s"; }
  int commands() const { return commands_; }

 private:
  void Serve() {
    for (int connection = 0;; ++connection) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      char buffer[256];
      for (int command = 0; read(fd, buffer, sizeof(buffer)) > 0; ++command) {
        ++commands_;
        if (connection == 0 && command == 1) break;
        if (write(fd, ":1\r\n", 4) != 4) break;
      }
      close(fd);
    }
  }

  std::string directory_;
  int listener_;
  std::atomic<int> commands_{0};
  std::thread thread_;
};

// A write whose reply never came may have taken effect: it is not repeated. A read is.
TEST(Server, ACallThatWasUnderWayIsRepeatedOnlyIfItReads) {
  {
    BreakingServer server;
    Client client = Client::Connect("unix://" + server.path() + "?protocol=2").value();
    EXPECT_EQ(client.strlen("k").value(), 1);
    EXPECT_EQ(client.strlen("k").value(), 1);
    EXPECT_EQ(server.commands(), 3);
  }
  BreakingServer server;
  Client client = Client::Connect("unix://" + server.path() + "?protocol=2").value();
  EXPECT_EQ(client.incr("k").value(), 1);
  EXPECT_EQ(client.incr("k").error().code(), ErrorCode::kClosed);
  EXPECT_EQ(server.commands(), 2);
  EXPECT_EQ(client.incr("k").value(), 1);
}

// The same for pipelines: repeated only if every command reads, and nothing was answered yet.
TEST(Server, APipelineThatWasUnderWayIsRepeatedOnlyIfItReads) {
  for (const bool reads : {true, false}) {
    BreakingServer server;
    Client client = Client::Connect("unix://" + server.path() + "?protocol=2").value();
    client.strlen("k").value();
    Pipeline batch = client.pipeline();
    const Pending<int64_t> only = reads ? batch.strlen("k") : batch.incr("k");
    EXPECT_EQ(batch.execute().ok(), reads);
    EXPECT_EQ(only->ok(), reads);
    EXPECT_EQ(server.commands(), reads ? 3 : 2);
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
  Client client = Client::Connect(server.url() + "?timeout=500ms").value();
  EXPECT_EQ(client.blpop("q", Seconds(0.6)).value(), std::nullopt);
  EXPECT_EQ(client.within(milliseconds(50)).blpop("q", Seconds(0)).error().code(), ErrorCode::kTimeout);
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
