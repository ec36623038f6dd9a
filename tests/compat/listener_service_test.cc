// How the listener treats its clients: many, greedy, silent, lost, blocked ones; addresses and ports; threads.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "tests/compat/listener_fixture.h"

namespace dualis::test {
namespace {

// The reply of a command that the engine itself is asked, without the listener.
std::string Direct(Engine& engine, Args argv) {
  struct Sink final : ReplySink {
    std::string text;
    void Null() override { text = "(nil)"; }
    void Int(int64_t value) override { text = std::to_string(value); }
    void Double(double value) override { text = std::to_string(value); }
    void Bulk(Bytes value) override { text = value; }
    void Simple(Bytes value) override { text = value; }
    void Error(const dualis::Error& error) override { text = error.message(); }
    void Begin(Shape, size_t) override {}
    void End() override {}
  } sink;
  engine.Connect()->Execute(argv, sink);
  return sink.text;
}

void Configure(Engine& engine, Bytes name, Bytes value) {
  const Arg argv[] = {"CONFIG", "SET", name, value};
  ASSERT_EQ(Direct(engine, argv), "OK");
}

// Waits until the listener has so many clients.
void AwaitClients(const Listener& listener, size_t count) {
  for (int i = 0; i < 10'000 && listener.clients() != count; ++i) poll(nullptr, 0, 1);
  ASSERT_EQ(listener.clients(), count);
}

TEST(Listener, PicksAFreePort) {
  ServedEngine server;
  EXPECT_GT(server.listener->port(), 0);
  EXPECT_EQ(server.listener->tls_port(), 0);
  EXPECT_EQ(server.Connect().Text({"PING"}), "PONG");
  const auto taken = Listener::Open(*server.engine, {.port = server.listener->port()});
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message().find("Address already in use"), Bytes::npos);
  EXPECT_FALSE(Listener::Open(*server.engine, {.bind = {"192.0.2.77"}}));
  EXPECT_TRUE(Listener::Open(*server.engine, {.bind = {"127.0.0.1", "-192.0.2.77", "-::1"}}));
}

TEST(Listener, MovesToAnotherPort) {
  ServedEngine server;
  RawClient old = server.Connect();
  const int port = server.listener->port();
  // A port that is free, and one that is not.
  auto other = ServedEngine::Open(*server.engine, {});
  const int taken = other->port();
  EXPECT_EQ(
      old.Text({"CONFIG", "SET", "timeout", "7", "port", std::to_string(taken)}),
      "(error) ERR CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check "
      "server logs.");
  EXPECT_EQ(old.Ask({"CONFIG", "GET", "timeout"}).children.at(1).text, "0");
  other.reset();
  EXPECT_EQ(old.Text({"CONFIG", "SET", "port", std::to_string(taken)}), "OK");
  RawClient fresh = RawClient::Tcp(taken);
  EXPECT_EQ(fresh.Text({"PING"}), "PONG");
  EXPECT_EQ(old.Text({"PING"}), "PONG");
  EXPECT_EQ(server.listener->port(), taken);
  EXPECT_THROW(RawClient::Tcp(port), std::runtime_error);
}

TEST(Listener, UnixSocket) {
  TemporaryFolder folder;
  const std::string path = folder / "s";
  {
    ServedEngine server({}, {.port = std::nullopt, .unixsocket = path, .unixsocketperm = 0600});
    EXPECT_EQ(server.listener->port(), 0);
    struct stat info;
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    RawClient client = RawClient::Unix(path);
    EXPECT_EQ(client.Text({"PING"}), "PONG");
    EXPECT_NE(client.Ask({"CLIENT", "LIST"}).text.find("addr=" + path + ":0"), std::string::npos);
  }
  EXPECT_NE(access(path.c_str(), F_OK), 0) << "the socket is removed";
}

TEST(Listener, AThousandConnections) {
  rlimit files;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  ServedEngine server;
  std::vector<RawClient> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(server.Connect());
  for (int round = 0; round < 3; ++round) {
    for (RawClient& client : clients) client.SendCommand({"INCR", "n"});
    for (RawClient& client : clients) ASSERT_EQ(client.Next().kind, ReplyTree::Kind::kInteger);
  }
  EXPECT_EQ(clients[0].Text({"GET", "n"}), "\"3000\"");
  EXPECT_EQ(server.listener->clients(), 1000u);
  clients.clear();
  AwaitClients(*server.listener, 0);
}

TEST(Listener, TooManyClients) {
  ServedEngine server;
  Configure(*server.engine, "maxclients", "2");
  RawClient first = server.Connect();
  RawClient second = server.Connect();
  ASSERT_EQ(first.Text({"PING"}), "PONG");
  ASSERT_EQ(second.Text({"PING"}), "PONG");
  EXPECT_EQ(server.Connect().ReadToEnd(), "-ERR max number of clients reached\r\n");
  second.Close();
  AwaitClients(*server.listener, 1);
  EXPECT_EQ(server.Connect().Text({"PING"}), "PONG");
}

TEST(Listener, IdleClientsAreClosedByTheEnginesClock) {
  Options options;
  auto clock = std::make_shared<ManualClock>();
  options.clock = clock;
  ServedEngine server(std::move(options));
  Configure(*server.engine, "timeout", "10");
  RawClient idle = server.Connect();
  RawClient waiting = server.Connect();
  RawClient subscribed = server.Connect();
  ASSERT_EQ(idle.Text({"PING"}), "PONG");
  subscribed.Ask({"SUBSCRIBE", "c"});
  waiting.SendCommand({"BLPOP", "q", "0"});
  RawClient busy = server.Connect();
  clock->Add(9'000);
  ASSERT_EQ(busy.Text({"PING"}), "PONG");
  clock->Add(2'000);
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(busy.Text({"RPUSH", "q", "v"}), "1");
  EXPECT_EQ(waiting.Next().kind, ReplyTree::Kind::kArray);
  EXPECT_EQ(subscribed.Ask({"PING"}).kind, ReplyTree::Kind::kArray);
}

// The first address of this machine that is no loopback; empty if there is none.
std::string OuterAddress() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  std::string found;
  for (const ifaddrs* a = list; a != nullptr && found.empty(); a = a->ifa_next) {
    if (a->ifa_addr == nullptr || a->ifa_addr->sa_family != AF_INET) continue;
    const auto* address = reinterpret_cast<const sockaddr_in*>(a->ifa_addr);
    char text[INET_ADDRSTRLEN];
    if ((ntohl(address->sin_addr.s_addr) >> 24) == 127) continue;
    found = inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
  }
  freeifaddrs(list);
  return found;
}

TEST(Listener, ProtectedMode) {
  const std::string address = OuterAddress();
  if (address.empty()) GTEST_SKIP() << "this machine has loopback addresses only";
  ServedEngine server({}, {.bind = {"*"}});
  const int port = server.listener->port();
  EXPECT_EQ(RawClient::Tcp(port).Text({"PING"}), "PONG");
  EXPECT_EQ(RawClient::Tcp(port, address.c_str()).ReadToEnd().substr(0, 40),
            "-DENIED Redis is running in protected mo");
  Configure(*server.engine, "protected-mode", "no");
  EXPECT_EQ(RawClient::Tcp(port, address.c_str()).Text({"PING"}), "PONG");

  Options options;
  options.requirepass = "secret";
  ServedEngine with_password(std::move(options), {.bind = {"*"}});
  EXPECT_EQ(RawClient::Tcp(with_password.listener->port(), address.c_str()).Text({"AUTH", "secret"}), "OK");
}

TEST(Listener, AClientThatDiesInAPipeline) {
  ServedEngine server;
  RawClient other = server.Connect();
  for (int i = 0; i < 20; ++i) {
    RawClient client = server.Connect();
    std::string pipeline;
    for (int n = 0; n < 2000; ++n) pipeline += "APPEND k xxxxxxxxxx\r\nGET k\r\n";
    client.Send(pipeline + "*3\r\n$3\r\nSET\r\n$1\r\n");
    client.Close();
    ASSERT_EQ(other.Text({"DEL", "k"}).size(), 1u);
  }
  AwaitClients(*server.listener, 1);
  EXPECT_EQ(other.Text({"PING"}), "PONG");
}

TEST(Listener, WhatWasSentBeforeTheEndIsRun) {
  ServedEngine server;
  for (int i = 0; i < 50; ++i) {
    RawClient client = server.Connect();
    client.Send("INCR n\r\n");
    client.Close();
  }
  RawClient other = server.Connect();
  AwaitClients(*server.listener, 1);
  EXPECT_EQ(other.Text({"GET", "n"}), "\"50\"");
}

TEST(Listener, AClientThatNeverReadsMeetsItsLimit) {
  ServedEngine server;
  Configure(*server.engine, "client-output-buffer-limit", "normal 1000000 0 0");
  RawClient other = server.Connect();
  ASSERT_EQ(other.Text({"SET", "k", std::string(100'000, 'x')}), "OK");
  RawClient greedy = server.Connect();
  // More than any pair of socket buffers takes; the server may close while we write.
  for (int i = 0; i < 1000; ++i) greedy.SendCommand({"GET", "k"});
  EXPECT_EQ(other.Text({"PING"}), "PONG");
  AwaitClients(*server.listener, 1);

  Configure(*server.engine, "client-output-buffer-limit", "pubsub 1000000 0 0");
  RawClient deaf = server.Connect();
  deaf.Ask({"SUBSCRIBE", "c"});
  for (int i = 0; i < 1000 && other.Text({"PUBLISH", "c", std::string(100'000, 'x')}) == "1"; ++i) {
  }
  AwaitClients(*server.listener, 1);
}

TEST(Listener, AClientThatReadsLateLosesNothing) {
  ServedEngine server;
  RawClient other = server.Connect();
  ASSERT_EQ(other.Text({"SET", "k", std::string(1'000'000, 'x')}), "OK");
  RawClient late = server.Connect();
  std::string pipeline;
  for (int i = 0; i < 300; ++i) pipeline += "GET k\r\nINCR n\r\n";
  late.Send(pipeline);
  // Its replies do not pile up without end: the rest of its pipeline waits.
  for (int i = 0; i < 1000 && other.Text({"GET", "n"}) == "(nil)"; ++i) {
  }
  for (int i = 0; i < 100; ++i) ASSERT_EQ(other.Text({"PING"}), "PONG");
  EXPECT_LT(std::stoi(other.Ask({"GET", "n"}).text), 100);
  for (int i = 1; i <= 300; ++i) {
    ASSERT_EQ(late.Next().text.size(), 1'000'000u);
    ASSERT_EQ(late.Next().integer, i);
  }
}

TEST(Listener, BlockedClients) {
  ServedEngine server;
  RawClient gone = server.Connect();
  gone.SendCommand({"BLPOP", "q", "0"});
  RawClient waiting = server.Connect();
  waiting.Send("BLPOP q 0\r\nPING\r\n");
  RawClient other = server.Connect();
  ASSERT_EQ(other.Text({"PING"}), "PONG");
  gone.Close();
  AwaitClients(*server.listener, 2);
  EXPECT_EQ(other.Text({"RPUSH", "q", "v"}), "1");
  EXPECT_EQ(RawClient::Print(waiting.Next()), "1) \"q\"\n2) \"v\"");
  EXPECT_EQ(waiting.NextText(), "PONG");
  waiting.SendCommand({"BLPOP", "q", "0.05"});
  EXPECT_EQ(waiting.NextText(), "(nil array)");
  waiting.SendCommand({"BLPOP", "q", "0"});
  const Arg push[] = {"RPUSH", "q", "from the process"};
  Direct(*server.engine, push);
  EXPECT_EQ(RawClient::Print(waiting.Next()), "1) \"q\"\n2) \"from the process\"");
}

TEST(Listener, KilledClientsAreClosed) {
  ServedEngine server;
  RawClient victim = server.Connect();
  const std::string id = std::to_string(victim.Ask({"CLIENT", "ID"}).integer);
  victim.SendCommand({"BLPOP", "q", "0"});
  RawClient other = server.Connect();
  EXPECT_EQ(other.Text({"CLIENT", "KILL", "ID", id}), "1");
  EXPECT_EQ(victim.Next().kind, ReplyTree::Kind::kClosed);
  const std::string own = std::to_string(other.Ask({"CLIENT", "ID"}).integer);
  EXPECT_EQ(other.Text({"CLIENT", "KILL", "ID", own, "SKIPME", "no"}), "1");
  EXPECT_EQ(other.Next().kind, ReplyTree::Kind::kClosed);
}

TEST(Listener, ALongScriptCanBeEnded) {
  ServedEngine server;
  Configure(*server.engine, "busy-reply-threshold", "20");
  RawClient other = server.Connect();
  ASSERT_EQ(other.Text({"PING"}), "PONG");
  RawClient computing = server.Connect();
  computing.SendCommand({"EVAL", "while true do end", "0"});
  std::string reply;
  while ((reply = other.Text({"PING"})) == "PONG") {
  }
  EXPECT_EQ(reply, "(error) BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.");
  EXPECT_EQ(other.Text({"MULTI"}), "OK");
  EXPECT_EQ(other.Text({"SET", "k", "v"}), reply);
  EXPECT_EQ(other.Text({"EXEC"}).substr(0, 22), "(error) EXECABORT Tran");
  // Whoever comes now is let in, to end it.
  RawClient fresh = server.Connect();
  EXPECT_EQ(fresh.Text({"SCRIPT", "KILL"}), "OK");
  EXPECT_NE(computing.NextText().find("Script killed by user with SCRIPT KILL"), std::string::npos);
  EXPECT_EQ(other.Text({"GET", "k"}), "(nil)");
  EXPECT_EQ(computing.Text({"PING"}), "PONG");
}

TEST(Listener, SilentAndMonitoringClients) {
  ServedEngine server;
  RawClient silent = server.Connect();
  RawClient monitor = server.Connect();
  ASSERT_EQ(monitor.Text({"MONITOR"}), "OK");
  silent.Send("CLIENT REPLY OFF\r\nSET a 1\r\nPING\r\nCLIENT REPLY ON\r\nCLIENT REPLY SKIP\r\nPING\r\nGET a\r\n");
  EXPECT_EQ(silent.NextText(), "OK");
  EXPECT_EQ(silent.NextText(), "\"1\"");
  std::string lines;
  while (lines.find("\"GET\" \"a\"") == std::string::npos) lines += monitor.Next().text + "\n";
  EXPECT_NE(lines.find("] \"SET\" \"a\" \"1\""), std::string::npos) << lines;
}

TEST(Listener, TwoOnOneEngine) {
  ServedEngine server;
  auto second = ServedEngine::Open(*server.engine, {});
  second->Start();
  RawClient a = server.Connect();
  RawClient b = RawClient::Tcp(second->port());
  a.SendCommand({"BLPOP", "q", "0"});
  b.Ask({"SUBSCRIBE", "c"});
  RawClient c = RawClient::Tcp(second->port());
  EXPECT_EQ(c.Text({"RPUSH", "q", "v"}), "1");
  EXPECT_EQ(a.Next().kind, ReplyTree::Kind::kArray);
  EXPECT_EQ(a.Text({"PUBLISH", "c", "m"}), "1");
  EXPECT_EQ(b.Next().children.at(2).text, "m");
  second.reset();
  EXPECT_EQ(c.Next().kind, ReplyTree::Kind::kClosed);
  EXPECT_EQ(a.Text({"PING"}), "PONG");
}

TEST(Listener, StopsAndStartsAgain) {
  ServedEngine server;
  RawClient client = server.Connect();
  RawClient blocked = server.Connect();
  blocked.SendCommand({"BLPOP", "q", "0"});
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(client.Text({"PING"}), "PONG");
    std::thread([&] { server.listener->Stop(); }).join();
    EXPECT_TRUE(server.listener->stopped());
    EXPECT_FALSE(server.listener->RunOnce());
    client.SendCommand({"PING"});
    server.listener->Start();
    ASSERT_EQ(client.NextText(), "PONG");
  }
  server.listener.reset();
  EXPECT_EQ(blocked.Next().kind, ReplyTree::Kind::kClosed);
  const Arg push[] = {"RPUSH", "q", "v"};
  EXPECT_EQ(Direct(*server.engine, push), "1") << "nobody waits any more";
}

TEST(Listener, TheProcessAndItsClientsShareTheEngine) {
  ServedEngine server;
  constexpr int kRounds = 300;
  std::vector<std::thread> threads;
  // Clients wait and subscribe while threads of the process push and publish.
  std::atomic<int> popped{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      RawClient client = server.Connect();
      client.Ask({"SUBSCRIBE", "c"});
      while (client.Next().children.at(2).text != "end") {
      }
    });
    threads.emplace_back([&] {
      RawClient client = server.Connect();
      while (client.Ask({"BLPOP", "q", "0"}).children.at(1).text != "end") ++popped;
    });
  }
  while (std::stoi(Direct(*server.engine, std::vector<Arg>{"PUBLISH", "c", "?"})) < 3) {
  }
  for (int i = 0; i < kRounds; ++i) {
    Direct(*server.engine, std::vector<Arg>{"RPUSH", "q", i});
    Direct(*server.engine, std::vector<Arg>{"PUBLISH", "c", i});
  }
  for (int t = 0; t < 3; ++t) Direct(*server.engine, std::vector<Arg>{"RPUSH", "q", "end"});
  Direct(*server.engine, std::vector<Arg>{"PUBLISH", "c", "end"});
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(popped.load(), kRounds);
}

TEST(Listener, DeadlinesOfTheEngineAreKept) {
  struct Expired final : KeyEventSink {
    std::atomic<int> count{0};
    void KeyEvent(Bytes event, int, Bytes) noexcept override { count += event == "expired"; }
  } expired;
  Options options;
  options.events = &expired;
  ServedEngine server(std::move(options));
  ASSERT_EQ(server.Connect().Text({"SET", "k", "v", "PX", "20"}), "OK");
  // Nobody touches the key: the listener lets it expire.
  for (int i = 0; i < 10'000 && expired.count == 0; ++i) poll(nullptr, 0, 1);
  EXPECT_EQ(expired.count, 1);
}

TEST(Listener, RunsOnTheCallersThread) {
  auto engine = Engine::Create();
  auto listener = ServedEngine::Open(*engine, {});
  RawClient client = RawClient::Tcp(listener->port());
  client.SendCommand({"PING"});
  pollfd readable{client.fd(), POLLIN, 0};
  while (poll(&readable, 1, 0) == 0) ASSERT_TRUE(listener->RunOnce(std::chrono::milliseconds(10)));
  EXPECT_EQ(client.NextText(), "PONG");
  client.SendCommand({"QUIT"});
  while (listener->clients() > 0) listener->RunOnce();
  EXPECT_EQ(client.NextText(), "OK");
}

TEST(ListenerLarge, ABulkOfHalfAGigabyte) {
  ServedEngine server;
  RawClient client = server.Connect();
  RawClient other = server.Connect();
  const size_t size = size_t{512} << 20;
  const std::string value(size, 'v');
  ASSERT_TRUE(client.Send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + std::to_string(size) + "\r\n"));
  // In the middle of it others are served.
  ASSERT_TRUE(client.Send(value.substr(0, size / 2)));
  EXPECT_EQ(other.Text({"PING"}), "PONG");
  ASSERT_TRUE(client.Send(value.substr(size / 2)));
  ASSERT_TRUE(client.Send("\r\n"));
  ASSERT_EQ(client.NextText(), "OK");
  ASSERT_EQ(client.Ask({"STRLEN", "k"}).integer, static_cast<int64_t>(size));
  client.SendCommand({"GET", "k"});
  std::string start(12, '\0');
  size_t got = 0;
  std::vector<char> buffer(1 << 20);
  while (got < size + 14) {
    wire::Failure failure;
    const ssize_t n =
        wire::ReadSome(client.fd(), buffer.data(), buffer.size(), wire::In(std::chrono::seconds(20)), &failure);
    ASSERT_GT(n, 0);
    if (got == 0) start.assign(buffer.data(), std::min<size_t>(12, static_cast<size_t>(n)));
    got += static_cast<size_t>(n);
  }
  EXPECT_EQ(start.substr(0, 12), "$536870912\r\n");
  EXPECT_EQ(got, size + 14);
  EXPECT_EQ(client.Text({"DEL", "k"}), "1");
}

}  // namespace
}  // namespace dualis::test
