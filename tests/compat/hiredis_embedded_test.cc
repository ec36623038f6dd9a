// What is particular to embedded contexts: passwords nobody set, engines without a name, forks and daemons, the
// descriptor in each kind of poll, and what the transport must not do (start threads, touch signals, grow without
// bound).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <hiredis/adapters/poll.h>
#include <hiredis/async.h>
#include <hiredis/dualis.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dualis/engine.h"

namespace dualis::compat_test {
namespace {

struct FreeContext {
  void operator()(redisContext* c) const { redisFree(c); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

std::string Text(const redisReply* r) {
  if (r == nullptr) return "(no reply)";
  if (r->type == REDIS_REPLY_INTEGER) return std::to_string(r->integer);
  if (r->type == REDIS_REPLY_NIL) return "(nil)";
  if (r->element == nullptr) return std::string(r->str == nullptr ? "" : r->str, r->len);
  std::string text = r->type == REDIS_REPLY_PUSH ? ">" : "";
  for (size_t i = 0; i < r->elements; ++i) text += (i > 0 ? " " : "") + Text(r->element[i]);
  return text;
}
std::string Take(const Context& c, void* reply) {
  if (reply == nullptr) return "! " + std::to_string(c->err) + " " + c->errstr;
  const std::string text = Text(static_cast<redisReply*>(reply));
  freeReplyObject(reply);
  return text;
}
template <class... A>
std::string Do(const Context& c, const char* format, A... args) {
  return Take(c, redisCommand(c.get(), format, args...));
}
std::string Next(const Context& c) {
  void* reply = nullptr;
  return Take(c, redisGetReply(c.get(), &reply) == REDIS_OK ? reply : nullptr);
}
// A name of this test's own.
std::string Name() { return std::string("mem://") + ::testing::UnitTest::GetInstance()->current_test_info()->name(); }
Context Open(const std::string& endpoint = Name()) {
  Context c(redisConnect(endpoint.c_str(), 6379));
  EXPECT_EQ(c->err, 0) << c->errstr;
  EXPECT_TRUE(dualisHiredisIsEmbedded(c.get()));
  return c;
}

TEST(Embedded, MonitorDelivers) {
  const Context monitor = Open(), other = Open();
  EXPECT_EQ(Do(monitor, "MONITOR"), "OK");
  EXPECT_EQ(Do(other, "SET k v"), "OK");
  std::string line = Next(monitor);
  EXPECT_NE(line.find("\"SET\" \"k\" \"v\""), std::string::npos) << line;
  std::thread later([&] { Do(other, "GET k"); });
  line = Next(monitor);
  EXPECT_NE(line.find("\"GET\" \"k\""), std::string::npos) << line;
  later.join();
}

TEST(Embedded, MonitorDeliversToItsCallback) {
  redisAsyncContext* ac = redisAsyncConnect(Name().c_str(), 0);
  redisPollAttach(ac);
  static std::vector<std::string> lines;
  lines.clear();
  redisAsyncCommand(
      ac, [](redisAsyncContext*, void* r, void*) { lines.push_back(Text(static_cast<redisReply*>(r))); }, nullptr,
      "MONITOR");
  while (lines.empty()) redisPollTick(ac, 5);
  const Context other = Open();
  for (int i = 0; i < 100; ++i) Do(other, "SET k %d", i);
  for (int i = 0; i < 200 && lines.size() < 101; ++i) redisPollTick(ac, 5);
  ASSERT_EQ(lines.size(), 101u);
  EXPECT_NE(lines[100].find("\"SET\" \"k\" \"99\""), std::string::npos) << lines[100];
  redisAsyncFree(ac);
}

TEST(Embedded, ShardsChannelsDeliver) {
  for (const int protocol : {2, 3}) {
    const std::string mark = protocol == 3 ? ">" : "";
    const Context subscriber = Open(), other = Open();
    redisSetPushCallback(subscriber.get(), nullptr);
    Do(subscriber, "HELLO %d", protocol);
    EXPECT_EQ(Do(subscriber, "SSUBSCRIBE a"), mark + "ssubscribe a 1");
    EXPECT_EQ(Do(subscriber, "PSUBSCRIBE b*"), mark + "psubscribe b* 1");
    EXPECT_EQ(Do(other, "SPUBLISH a hello"), "1");
    EXPECT_EQ(Do(other, "PUBLISH bell rings"), "1");
    EXPECT_EQ(Next(subscriber), mark + "smessage a hello");
    EXPECT_EQ(Next(subscriber), mark + "pmessage b* bell rings");
    EXPECT_EQ(Do(subscriber, "SUNSUBSCRIBE"), mark + "sunsubscribe a 0");
  }
}

TEST(Embedded, ManyThreadsShareOneEngine) {
  constexpr int kThreads = 6, kRounds = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const Context own = Open(), waiter = Open();
      for (int i = 0; i < kRounds; ++i) {
        // Straight, pipelined, and a blocked command that this very thread serves.
        Do(own, "INCR direct");
        for (int k = 0; k < 3; ++k) redisAppendCommand(own.get(), "INCR pipelined");
        redisAppendCommand(waiter.get(), "BLPOP q%d 0", t);
        int done = 0;
        redisBufferWrite(waiter.get(), &done);
        for (int k = 0; k < 3; ++k) Next(own);
        EXPECT_EQ(Do(own, "RPUSH q%d %d", t, i), "1");
        EXPECT_EQ(Next(waiter), "q" + std::to_string(t) + " " + std::to_string(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Context c = Open();
  EXPECT_EQ(Do(c, "GET direct"), std::to_string(kThreads * kRounds));
  EXPECT_EQ(Do(c, "GET pipelined"), std::to_string(3 * kThreads * kRounds));
}

TEST(Embedded, InvalidationsArePushed) {
  const Context reader = Open(), writer = Open();
  redisSetPushCallback(reader.get(), nullptr);
  Do(reader, "HELLO 3");
  EXPECT_EQ(Do(reader, "CLIENT TRACKING ON"), "OK");
  EXPECT_EQ(Do(reader, "GET k"), "(nil)");
  EXPECT_EQ(Do(writer, "SET k v"), "OK");
  EXPECT_EQ(Next(reader), ">invalidate k");
}

// A program that was configured for a server sends its password, and must be let in.
TEST(Routed, PasswordsThatNobodySet) {
  ASSERT_EQ(dualisHiredisRoute("passwords.example", Name().c_str()), REDIS_OK);
  const Context c = Open("passwords.example");
  for (const bool pipelined : {false, true}) {
    const auto say = [&](const char* command) {
      if (!pipelined) return Do(c, command);
      redisAppendCommand(c.get(), command);
      return Next(c);
    };
    EXPECT_EQ(say("AUTH secret"), "OK");
    EXPECT_EQ(say("AUTH user secret"), "OK");
    EXPECT_EQ(say("CLIENT SETNAME me"), "OK");
    EXPECT_EQ(say("HELLO 3 AUTH user secret SETNAME you").substr(0, 13), "server redis ");
    EXPECT_EQ(say("CLIENT GETNAME"), "you");
    EXPECT_EQ(say("HELLO 2").substr(0, 13), "server redis ");
  }
  // In a transaction it waits its turn as everything does.
  for (const bool pipelined : {false, true}) {
    const auto say = [&](const char* command) {
      if (!pipelined) return Do(c, command);
      redisAppendCommand(c.get(), command);
      return Next(c);
    };
    EXPECT_EQ(say("MULTI"), "OK");
    EXPECT_EQ(say("AUTH secret"), "QUEUED");
    EXPECT_EQ(say("AUTH user secret"), "QUEUED");
    EXPECT_EQ(say("HELLO 2 SETNAME us AUTH user secret"), "QUEUED");
    EXPECT_EQ(say("SET k v"), "QUEUED");
    const std::string replies = say("EXEC");
    EXPECT_EQ(replies.substr(0, 19), "OK OK server redis ") << replies;
    EXPECT_EQ(replies.substr(replies.size() - 3), " OK") << replies;
    EXPECT_EQ(say("CLIENT GETNAME"), "us");
    EXPECT_EQ(say("ACL WHOAMI"), "default");
  }
  // What is wrong in other ways is told.
  EXPECT_EQ(Do(c, "AUTH"), "ERR wrong number of arguments for 'auth' command");
  EXPECT_EQ(Do(c, "AUTH a b c"), "ERR syntax error");
  EXPECT_EQ(Do(c, "SUBSCRIBE ch"), "subscribe ch 1");
  EXPECT_EQ(Do(c, "AUTH secret").substr(0, 25), "ERR Can't execute 'auth':");
  // Who asks for the engine itself is told what is so.
  EXPECT_EQ(Do(Open(), "AUTH secret").substr(0, 8), "ERR AUTH");
}

TEST(Routed, PasswordsCountOnceThereAreUsers) {
  ASSERT_EQ(dualisHiredisRoute("users.example", Name().c_str()), REDIS_OK);
  const Context c = Open("users.example");
  EXPECT_EQ(Do(Open(), "ACL SETUSER user on >right ~* +@all"), "OK");
  EXPECT_EQ(Do(c, "AUTH user wrong").substr(0, 9), "WRONGPASS");
  EXPECT_EQ(Do(c, "HELLO 3 AUTH user wrong").substr(0, 9), "WRONGPASS");
  EXPECT_EQ(Do(c, "AUTH user right"), "OK");
  EXPECT_EQ(Do(c, "ACL WHOAMI"), "user");
  EXPECT_EQ(Do(c, "ACL DELUSER user"), "1");
  const Context again = Open("users.example");
  EXPECT_EQ(Do(again, "CONFIG SET requirepass right"), "OK");
  const Context third = Open("users.example");
  EXPECT_EQ(Do(third, "AUTH wrong").substr(0, 9), "WRONGPASS");
  EXPECT_EQ(Do(third, "GET k").substr(0, 6), "NOAUTH");
  EXPECT_EQ(Do(third, "AUTH right"), "OK");
}

TEST(Embedded, ReconnectReturnsToTheSameEngine) {
  for (const std::string& endpoint : {Name(), std::string("mem://"), std::string("mem:///3")}) {
    const Context c = Open(endpoint);
    EXPECT_EQ(Do(c, "SET k v"), "OK");
    EXPECT_EQ(Do(c, "MULTI"), "OK");
    for (int i = 0; i < 3; ++i) {
      ASSERT_EQ(redisReconnect(c.get()), REDIS_OK) << c->errstr;
      EXPECT_EQ(Do(c, "GET k"), "v") << endpoint;
    }
  }
  EXPECT_EQ(Do(Open("mem://"), "GET k"), "(nil)") << "an engine without a name is its context's alone";
}

// The descriptor, in each kind of poll. `ready` waits up to the milliseconds for readability.
void CheckDescriptor(const std::function<bool(int ms)>& ready, const Context& c) {
  const Context other = Open();
  EXPECT_FALSE(ready(0));
  redisAppendCommand(c.get(), "PING");
  int done = 0;
  ASSERT_EQ(redisBufferWrite(c.get(), &done), REDIS_OK);
  EXPECT_TRUE(ready(1000));
  redisBufferRead(c.get());
  EXPECT_EQ(Next(c), "PONG");
  redisBufferRead(c.get());
  EXPECT_FALSE(ready(0));
  // A blocked command, completed by another thread while we sleep in poll.
  redisAppendCommand(c.get(), "BLPOP q 0");
  redisBufferWrite(c.get(), &done);
  EXPECT_FALSE(ready(0));
  std::thread pusher([&] { EXPECT_EQ(Do(other, "RPUSH q x"), "1"); });
  EXPECT_TRUE(ready(10'000));
  redisBufferRead(c.get());
  EXPECT_EQ(Next(c), "q x");
  pusher.join();
  // Messages, one by one.
  redisAppendCommand(c.get(), "SUBSCRIBE ch");
  redisBufferWrite(c.get(), &done);
  EXPECT_TRUE(ready(1000));
  redisBufferRead(c.get());
  EXPECT_EQ(Next(c), "subscribe ch 1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Do(other, "PUBLISH ch %d", i), "1");
    EXPECT_TRUE(ready(1000));
    redisBufferRead(c.get());
    EXPECT_EQ(Next(c), "message ch " + std::to_string(i));
    redisBufferRead(c.get());
    EXPECT_FALSE(ready(0));
  }
}

Context OpenNonBlocking() { return Context(redisConnectNonBlock(Name().c_str(), 0)); }

TEST(Descriptor, WorksInPoll) {
  const Context c = OpenNonBlocking();
  CheckDescriptor(
      [&](int ms) {
        pollfd p{c->fd, POLLIN | POLLOUT, 0};
        EXPECT_EQ(poll(&p, 1, 0), 1) << "always writable";
        EXPECT_NE(p.revents & POLLOUT, 0);
        p.events = POLLIN;
        return poll(&p, 1, ms) == 1;
      },
      c);
}

TEST(Descriptor, WorksInSelect) {
  const Context c = OpenNonBlocking();
  CheckDescriptor(
      [&](int ms) {
        fd_set read;
        FD_ZERO(&read);
        FD_SET(c->fd, &read);
        timeval wait{ms / 1000, ms % 1000 * 1000};
        return select(c->fd + 1, &read, nullptr, nullptr, &wait) == 1;
      },
      c);
}

TEST(Descriptor, WorksInEpoll) {
  for (const uint32_t mode : {uint32_t{0}, uint32_t{EPOLLET}}) {
    Engine::Forget(Name().substr(6));
    const Context c = OpenNonBlocking();
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{EPOLLIN | mode, {}};
    ASSERT_EQ(epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event), 0);
    CheckDescriptor([&](int ms) { return epoll_wait(epoll, &event, 1, ms) == 1; }, c);
    close(epoll);
  }
}

// An asynchronous context, driven by a bare poll() with no timers. Waits for the descriptor, and no longer than it
// must.
struct Bare {
  explicit Bare(const std::string& endpoint = Name()) : ac(redisAsyncConnectUnix(endpoint.c_str())) {
    redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext*, int) {});
    redisAsyncHandleWrite(ac);
  }
  ~Bare() { redisAsyncFree(ac); }
  void Do(const char* command) {
    redisAsyncCommand(
        ac,
        [](redisAsyncContext*, void* r, void* bare) {
          static_cast<Bare*>(bare)->lines.push_back(Text(static_cast<redisReply*>(r)));
        },
        this, command);
    redisAsyncHandleWrite(ac);
  }
  bool Wait(int ms) const {
    pollfd p{ac->c.fd, POLLIN, 0};
    return poll(&p, 1, ms) == 1;
  }
  // The next reply, or nothing if the descriptor stays silent.
  std::string Next(int ms = 10'000) {
    while (lines.empty() && Wait(ms)) redisAsyncHandleRead(ac);
    if (lines.empty()) return "(silence)";
    const std::string line = lines.front();
    lines.erase(lines.begin());
    return line;
  }
  redisAsyncContext* ac;
  std::vector<std::string> lines;
};

TEST(Alarm, ManyContextsAndTimes) {
  std::vector<std::unique_ptr<Bare>> all;
  for (int i = 0; i < 40; ++i) all.push_back(std::make_unique<Bare>());
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < all.size(); ++i) {
      all[i]->Do(i % 2 == 0 ? "BLPOP q 0.03" : "BRPOP q 0.01");
      EXPECT_TRUE(all[i]->lines.empty());
    }
    for (const auto& bare : all) EXPECT_EQ(bare->Next(), "(nil)");
    for (const auto& bare : all) EXPECT_EQ(bare->Next(0), "(silence)");
  }
  // Ended while it is set.
  all[0]->Do("BLPOP q 0.01");
  all.clear();
  Bare late;
  EXPECT_FALSE(late.Wait(20)) << "of somebody else, under the same number";
}

TEST(Alarm, DeadlinesOfOthersMayComeFirst) {
  Bare bare;
  const Context other = Open();
  EXPECT_EQ(Do(other, "SET k v PX 5"), "OK");
  bare.Do("BLPOP q 0.03");
  EXPECT_EQ(Do(other, "BLPOP other 0.01"), "(nil)");
  EXPECT_EQ(bare.Next(), "(nil)");
}

TEST(Alarm, AManualClockRingsWhenItIsAdvanced) {
  Options options;
  options.clock = std::make_shared<ManualClock>();
  const std::string name = Name().substr(6);
  const std::shared_ptr<Engine> engine = Engine::Named(name, options);
  Bare bare;
  bare.Do("BLPOP q 0.1");
  EXPECT_FALSE(bare.Wait(0));
  engine->Advance(99);
  EXPECT_FALSE(bare.Wait(0));
  engine->Advance(2);
  EXPECT_TRUE(bare.Wait(0));
  EXPECT_EQ(bare.Next(), "(nil)");
}

// What a child found out, as its exit status.
int InChild(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

bool Pipeline(const Context& c, const char* key, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < 50; ++i) redisAppendCommand(c.get(), "INCR %s", key);
    for (int i = 0; i < 50; ++i) {
      if (Next(c) != std::to_string(round * 50 + i + 1)) return false;
    }
  }
  return true;
}

// Both go on with a copy of the data of their own, at whatever moment of a writer's work the fork came.
TEST(Fork, WhileAnotherThreadWritesAndBothSidesPipelineOn) {
#ifdef DUALIS_SANITIZED
  GTEST_SKIP() << "GCC 12's sanitizers leave their allocator locked in a child if another thread was in it";
#endif
  const Context c = Open();
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    const Context own = Open();
    for (int64_t n = 1; !stop; ++n) Do(own, "SET written %d", static_cast<int>(n));
  });
  for (int round = 0; round < 20; ++round) {
    Do(c, "DEL child parent");
    // Under way at the fork: replies unread.
    redisAppendCommand(c.get(), "ECHO before");
    int done = 0;
    redisBufferWrite(c.get(), &done);
    const pid_t child = fork();
    if (child == 0) {
      bool ok = Next(c) == "before" && Pipeline(c, "child", 5) && Do(c, "EXISTS parent") == "0";
      // Nobody writes here any more.
      ok = ok && Do(c, "GET written") == Do(c, "GET written");
      // A blocked command is woken by another context of this process.
      redisAppendCommand(c.get(), "BLPOP child-queue 0");
      redisBufferWrite(c.get(), &done);
      const Context other(redisConnect(Name().c_str(), 0));
      ok = ok && Do(other, "RPUSH child-queue x") == "1" && Next(c) == "child-queue x";
      _exit(ok && redisReconnect(c.get()) == REDIS_OK && Do(c, "EXISTS child") == "1" ? 0 : 1);
    }
    EXPECT_EQ(Next(c), "before");
    EXPECT_TRUE(Pipeline(c, "parent", 5));
    EXPECT_EQ(Do(c, "EXISTS child child-queue"), "0");
    int status = -1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0) << "round " << round;
  }
  stop = true;
  writer.join();
}

TEST(Fork, AChildOfAChild) {
  const Context c = Open();
  EXPECT_EQ(Do(c, "SET k 1"), "OK");
  EXPECT_EQ(InChild([&] {
              return Do(c, "INCR k") == "2" &&
                     InChild([&] { return Do(c, "INCR k") == "3" && Pipeline(c, "n", 2); }) == 0 &&
                     Do(c, "GET k") == "2";
            }),
            0);
  EXPECT_EQ(Do(c, "GET k"), "1");
}

// A child wakes a command that was blocked before the fork: its copy of it, not the parent's.
TEST(Fork, CommandsBlockedBeforeIt) {
  const Context waiter = Open(), other = Open();
  redisAppendCommand(waiter.get(), "BLPOP q 0");
  int done = 0;
  redisBufferWrite(waiter.get(), &done);
  EXPECT_EQ(InChild([&] { return Do(other, "RPUSH q child") == "1" && Next(waiter) == "q child"; }), 0);
  EXPECT_EQ(Do(other, "RPUSH q parent"), "1");
  EXPECT_EQ(Next(waiter), "q parent");
}

TEST(Fork, StrayBellsDoNotMakeTheDescriptorReadableForever) {
  const Context waiter = OpenNonBlocking(), other = Open();
  redisAppendCommand(waiter.get(), "BLPOP q 0");
  int done = 0;
  redisBufferWrite(waiter.get(), &done);
  EXPECT_EQ(InChild([&] { return Do(other, "RPUSH q child") == "1"; }), 0);
  EXPECT_EQ(redisBufferRead(waiter.get()), REDIS_OK);
  EXPECT_EQ(Next(waiter), "! 0 ");
  pollfd p{waiter->fd, POLLIN, 0};
  EXPECT_EQ(poll(&p, 1, 0), 0);
  EXPECT_EQ(Do(other, "RPUSH q parent"), "1");
  EXPECT_EQ(poll(&p, 1, 1000), 1);
  EXPECT_EQ(redisBufferRead(waiter.get()), REDIS_OK);
  EXPECT_EQ(Next(waiter), "q parent");
}

// Deadlines in loops without timers: the child sets alarms of its own, and leaves the parent's alone.
TEST(Fork, AlarmsSetBeforeIt) {
  Bare bare, other;
  bare.Do("BLPOP q 0.05");
  other.Do("BLPOP q 10");
  EXPECT_EQ(InChild([&] {
              // The child sees to its copy once it uses it.
              redisAsyncHandleRead(bare.ac);
              redisAsyncHandleRead(other.ac);
              Bare own;
              own.Do("BLPOP q 0.01");
              return own.Next() == "(nil)" && bare.Next() == "(nil)" && other.Next(0) == "(silence)";
            }),
            0);
  EXPECT_EQ(bare.Next(), "(nil)");
  EXPECT_EQ(other.Next(0), "(silence)");
  EXPECT_EQ(Do(Open(), "RPUSH q x"), "1");
  EXPECT_EQ(other.Next(), "q x");
}

// Asynchronous contexts: replies that were due at the fork, and messages that come after it, on both sides.
TEST(Fork, AsynchronousContextsGoOn) {
  Bare bare, subscriber;
  subscriber.Do("SUBSCRIBE ch");
  EXPECT_EQ(subscriber.Next(), "subscribe ch 1");
  bare.Do("ECHO before");
  const auto go_on = [&] {
    bool ok = bare.Next() == "before";
    for (int i = 0; i < 3; ++i) {
      bare.Do("PUBLISH ch hello");
      ok = ok && bare.Next() == "1" && subscriber.Next() == "message ch hello";
    }
    return ok && subscriber.Next(0) == "(silence)";
  };
  EXPECT_EQ(InChild(go_on), 0);
  EXPECT_TRUE(go_on());
}

// A service that connects, subscribes, and only then becomes a daemon.
TEST(Fork, DaemonsGoOn) {
  int results[2];
  ASSERT_EQ(pipe(results), 0);
  const Context c = Open(), subscriber = Open();
  EXPECT_EQ(Do(c, "SET k v"), "OK");
  EXPECT_EQ(Do(subscriber, "SUBSCRIBE ch"), "subscribe ch 1");
  const int in_child = InChild([&] {
    if (daemon(1, 1) != 0) return false;
    // We are a grandchild now; who started us is gone.
    std::string result = Do(c, "GET k") + (Pipeline(c, "n", 3) ? " pipelined" : " ?");
    pollfd p{subscriber->fd, POLLIN, 0};
    Do(c, "PUBLISH ch hello");
    result += poll(&p, 1, 5000) == 1 ? " " + Next(subscriber) : " deaf";
    (void)!write(results[1], result.data(), result.size());
    return true;
  });
  EXPECT_EQ(in_child, 0);
  close(results[1]);
  std::string result(100, '\0');
  result.resize(static_cast<size_t>(std::max<ssize_t>(0, read(results[0], result.data(), result.size()))));
  EXPECT_EQ(result, "v pipelined message ch hello");
  close(results[0]);
  EXPECT_EQ(Do(c, "EXISTS n"), "0");
}

size_t Threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

std::string Signals() {
  std::ifstream status("/proc/self/status");
  std::string found;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Sig") || line.starts_with("Shd")) found += line + "\n";
  }
  return found;
}

TEST(Embedded, StartsNoThreadAndTouchesNoSignal) {
  const size_t threads = Threads();
  const std::string signals = Signals();
  const Context a = Open(), b = Open();
  redisSetTimeout(a.get(), timeval{0, 1000});
  EXPECT_EQ(Do(a, "BLPOP q 0"), "! 1 Resource temporarily unavailable");
  EXPECT_EQ(redisReconnect(a.get()), REDIS_OK);
  EXPECT_EQ(Do(a, "SUBSCRIBE ch"), "subscribe ch 1");
  EXPECT_EQ(Do(b, "PUBLISH ch m"), "1");
  EXPECT_EQ(Do(b, "SET k v PX 1"), "OK");
  EXPECT_EQ(Threads(), threads);
  EXPECT_EQ(Signals(), signals);
}

// Of this process, in bytes.
size_t Resident() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}
constexpr size_t kMiB = 1024 * 1024;
// Sanitizers keep freed memory for a while.
#ifdef DUALIS_SANITIZED
constexpr size_t kMost = 700 * kMiB;
#else
constexpr size_t kMost = 150 * kMiB;
#endif

TEST(Output, RepliesThatNobodyReadsAreBounded) {
  const Context c = OpenNonBlocking();
  const std::string value(kMiB, 'v');
  Do(Open(), "SET big %b", value.data(), value.size());
  const size_t before = Resident();
  for (int i = 0; i < 1000; ++i) redisAppendCommand(c.get(), "GET big");
  redisAppendCommand(c.get(), "ECHO end");
  int done = 0;
  while (done == 0) ASSERT_EQ(redisBufferWrite(c.get(), &done), REDIS_OK);
  EXPECT_LT(Resident(), before + kMost);
  // All of them come, in order.
  for (int i = 0; i <= 1000;) {
    ASSERT_EQ(redisBufferRead(c.get()), REDIS_OK);
    void* reply = nullptr;
    while (redisGetReply(c.get(), &reply) == REDIS_OK && reply != nullptr) {
      ASSERT_EQ(static_cast<redisReply*>(reply)->len, i < 1000 ? kMiB : 3);
      freeReplyObject(reply);
      ++i;
    }
  }
  EXPECT_LT(Resident(), before + kMost);
}

// The limit is the engine's parameter, also for those who have subscribed already.
TEST(Output, WhatMayWaitForASubscriberIsConfigured) {
  const Context other = Open();
  for (const bool before : {true, false}) {
    Do(other, "CONFIG SET client-output-buffer-limit %s", "pubsub 33554432 0 0");
    const Context subscriber = Open();
    EXPECT_EQ(Do(subscriber, "SUBSCRIBE ch"), "subscribe ch 1");
    const std::string message(100'000, 'm');
    if (!before) Do(other, "PUBLISH ch %b", message.data(), message.size());
    Do(other, "CONFIG SET client-output-buffer-limit %s", "pubsub 300000 0 0");
    for (int i = 0; i < 2; ++i) Do(other, "PUBLISH ch %b", message.data(), message.size());
    if (before) {
      for (int i = 0; i < 2; ++i) EXPECT_EQ(Next(subscriber), "message ch " + message);
      for (int i = 0; i < 3; ++i) Do(other, "PUBLISH ch %b", message.data(), message.size());
    }
    EXPECT_EQ(Next(subscriber), "! 3 Server closed the connection");
  }
  // A subscriber that stays above the soft limit for longer than it may.
  const Context subscriber = Open();
  Do(other, "CONFIG SET client-output-buffer-limit %s", "pubsub 0 1000 0");
  EXPECT_EQ(Do(subscriber, "SUBSCRIBE ch"), "subscribe ch 1");
  const std::string message(2000, 'm');
  Do(other, "PUBLISH ch %b", message.data(), message.size());
  EXPECT_EQ(Next(subscriber), "message ch " + message);
  for (int i = 0; i < 10; ++i) {
    Do(other, "PUBLISH ch %b", message.data(), message.size());
    EXPECT_EQ(Do(other, "BLPOP nothing 0.002"), "(nil)");
  }
  EXPECT_EQ(Next(subscriber), "! 3 Server closed the connection");
}

TEST(Output, ASubscriberThatNeverReadsIsDisconnectedAsByAServer) {
  const Context subscriber = Open(), other = Open();
  EXPECT_EQ(Do(subscriber, "SUBSCRIBE ch"), "subscribe ch 1");
  const std::string message(kMiB, 'm');
  const size_t before = Resident();
  for (int i = 0; i < 200; ++i) Do(other, "PUBLISH ch %b", message.data(), message.size());
  EXPECT_LT(Resident(), before + kMost);
  std::string last;
  while ((last = Next(subscriber)).size() > kMiB) {
  }
  EXPECT_EQ(last, "! 3 Server closed the connection");
}

}  // namespace
}  // namespace dualis::compat_test
