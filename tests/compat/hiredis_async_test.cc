// Asynchronous contexts, on every home and in every event loop.
#include <hiredis/adapters/poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "tests/compat/event_loops.h"
#include "tests/compat/hiredis_fixture.h"

namespace dualis::compat_test {
namespace {

struct Setting {
  Home home;
  LoopKind loop;
};

class AsyncTest : public ::testing::TestWithParam<Setting>, protected HiredisFixture {
 public:
  std::unique_ptr<EventLoop> NewLoop() const { return GetParam().loop.make(); }
  using HiredisFixture::place;

 protected:
  AsyncTest() : HiredisFixture(GetParam().home) {}
};

// One asynchronous context, its loop, and everything that happened to it, as lines.
class Loop {
 public:
  explicit Loop(const AsyncTest& test, int options = 0);
  ~Loop() {
    if (ac_ != nullptr) redisAsyncFree(ac_);
  }

  static Loop* Of(const redisAsyncContext* ac) { return static_cast<Loop*>(ac->data); }
  redisAsyncContext* ac() { return ac_; }
  std::vector<std::string>& lines() { return lines_; }

  // Queues a command whose callback notes "NAME reply".
  template <class... A>
  int Do(const char* name, const char* format, A... args) {
    return redisAsyncCommand(ac_, Note, const_cast<char*>(name), format, args...);
  }
  static void Note(redisAsyncContext* ac, void* reply, void* name) {
    Of(ac)->lines_.push_back(std::string(static_cast<char*>(name)) + " " + Text(static_cast<redisReply*>(reply)));
  }
  void Tick(int ms) { loop_->Tick(ms); }
  // Runs until `n` lines were noted; gives up after a while.
  std::vector<std::string> Until(size_t n) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (lines_.size() < n && ac_ != nullptr && std::chrono::steady_clock::now() < end) Tick(500);
    return std::exchange(lines_, {});
  }

 private:
  std::unique_ptr<EventLoop> loop_;
  redisAsyncContext* ac_;
  std::vector<std::string> lines_;
};

inline Loop::Loop(const AsyncTest& test, int options) : loop_(test.NewLoop()) {
  redisOptions o = {};
  test.place().Aim(&o);
  o.options = options;
  ac_ = redisAsyncConnectWithOptions(&o);
  EXPECT_EQ(ac_->err, 0) << ac_->errstr;
  EXPECT_EQ(test.place().Secure(&ac_->c), REDIS_OK) << ac_->errstr;
  ac_->data = this;
  EXPECT_EQ(loop_->Attach(ac_), REDIS_OK);
  EXPECT_EQ(loop_->Attach(ac_), REDIS_ERR) << "one loop is enough";
  EXPECT_EQ(redisAsyncSetConnectCallback(ac_,
                                         [](const redisAsyncContext* ac, int status) {
                                           Of(ac)->lines_.push_back(status == REDIS_OK ? "connected" : "not connected");
                                         }),
            REDIS_OK);
  EXPECT_EQ(redisAsyncSetDisconnectCallback(
                ac_,
                [](const redisAsyncContext* ac, int status) {
                  Loop* loop = Of(ac);
                  loop->lines_.push_back(status == REDIS_OK ? "disconnected" : std::string("lost: ") + ac->errstr);
                  loop->ac_ = nullptr;
                }),
            REDIS_OK);
}

using Lines = std::vector<std::string>;

// poll() on every home; the other loops where the way of the bytes differs.
std::vector<Setting> Settings() {
  std::vector<Setting> settings;
  for (const LoopKind& loop : LoopKinds()) {
    for (const Home home : kHomes) {
      const bool differs = home == Home::kEmbedded || home == Home::kTcp || home == Home::kTls;
      if (differs || loop.name == std::string("poll")) settings.push_back({home, loop});
    }
  }
  return settings;
}
INSTANTIATE_TEST_SUITE_P(Homes, AsyncTest, ::testing::ValuesIn(Settings()),
                         [](const ::testing::TestParamInfo<Setting>& info) {
                           return NameOf(::testing::TestParamInfo<Home>(info.param.home, 0)) + "_" +
                                  info.param.loop.name;
                         });

TEST_P(AsyncTest, RepliesGoToTheirCallbacksInOrder) {
  Loop loop(*this);
  EXPECT_EQ(loop.Do("set", "SET k %s", "v"), REDIS_OK);
  EXPECT_EQ(loop.Do("get", "GET k"), REDIS_OK);
  EXPECT_EQ(loop.Do("bad", "INCR k"), REDIS_OK);
  EXPECT_EQ(loop.Until(4),
            (Lines{"connected", "set +OK", "get \"v\"", "bad (error) ERR value is not an integer or out of range"}));
  EXPECT_EQ(loop.Do("again", "GET k"), REDIS_OK);
  EXPECT_EQ(loop.Until(1), Lines{"again \"v\""});
}

TEST_P(AsyncTest, AThousandCommands) {
  Loop loop(*this);
  for (int i = 0; i < 1000; ++i) loop.Do("n", "INCR n");
  const Lines lines = loop.Until(1001);
  ASSERT_EQ(lines.size(), 1001u);
  EXPECT_EQ(lines.back(), "n 1000");
}

TEST_P(AsyncTest, LargeReplies) {
  Loop loop(*this);
  const std::string big(3'000'000, 'x');
  loop.Do("set", "SET k %b", big.data(), big.size());
  for (int i = 0; i < 3; ++i) loop.Do("get", "GET k");
  const Lines lines = loop.Until(5);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines.back().size(), big.size() + 6);
}

// hiredis/dualis.h: large strings in pieces.
struct Pieces {
  std::string bytes, reply;
  size_t calls = 0, most = 0, stop_after = SIZE_MAX;
  redisAsyncContext* end = nullptr;
  static int Piece(void* p, const char* bytes, size_t size, size_t offset, size_t total) {
    auto* pieces = static_cast<Pieces*>(p);
    EXPECT_EQ(offset, pieces->bytes.size());
    EXPECT_LE(offset + size, total);
    pieces->bytes.append(bytes, size);
    pieces->most = std::max(pieces->most, size);
    if (pieces->end != nullptr) redisAsyncFree(std::exchange(pieces->end, nullptr));
    return ++pieces->calls >= pieces->stop_after;
  }
  static void Note(redisAsyncContext* ac, void* r, void* p) {
    auto* reply = static_cast<redisReply*>(r);
    auto* pieces = static_cast<Pieces*>(p);
    pieces->reply = Text(reply) + (reply != nullptr ? " of " + std::to_string(reply->integer) : "");
    Loop::Of(ac)->lines().push_back("streamed");
  }
};

TEST_P(AsyncTest, LargeStringsComeInPieces) {
  Loop loop(*this);
  std::string big(2'000'000, '\0');
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 7 % 251);
  loop.Do("set", "SET big %b", big.data(), big.size());
  loop.Do("set", "RPUSH l %b", big.data(), big.size());
  loop.Until(3);
  Pieces all[7];
  const auto send = [&](Pieces* pieces, const char* command) {
    EXPECT_EQ(
        dualisAsyncCommandStreaming(loop.ac(), 100'000, Pieces::Piece, Pieces::Note, pieces, "%s %s", command, "big"),
        REDIS_OK);
  };
  all[5].stop_after = 1;
  send(&all[0], "STRLEN");
  send(&all[1], "GET");
  loop.Do("between", "GET nothing");
  const char* argv[] = {"LRANGE", "l", "0", "-1"};
  EXPECT_EQ(dualisAsyncCommandArgvStreaming(loop.ac(), 1, Pieces::Piece, Pieces::Note, &all[2], 4, argv, nullptr),
            REDIS_OK);
  send(&all[3], "TYPE");
  send(&all[4], "GET");
  send(&all[5], "GET");
  loop.Do("last", "ECHO last");
  EXPECT_EQ(loop.Until(8), (Lines{"streamed", "streamed", "between (nil)", "streamed", "streamed", "streamed",
                                  "streamed", "last \"last\""}));
  EXPECT_EQ(all[0].reply, "2000000 of 2000000");
  EXPECT_EQ(all[2].reply.size(), big.size() + 9) << "an element is no reply of its own";
  EXPECT_EQ(all[3].reply, "+string of 0");
  for (const int i : {1, 4}) {
    EXPECT_EQ(all[i].reply, "\"\" of 2000000");
    EXPECT_TRUE(all[i].bytes == big);
    EXPECT_GT(all[i].calls, 10u);
    EXPECT_LE(all[i].most, 100'000u) << "never gathered";
  }
  EXPECT_EQ(all[5].reply, "\"\" of 2000000");
  EXPECT_EQ(all[5].calls, 1u);
  EXPECT_EQ(all[0].calls + all[2].calls + all[3].calls, 0u);
  // To a subscriber, among messages.
  loop.Do("hello", "HELLO 3");
  loop.Do("news", "SUBSCRIBE news");
  send(&(all[1] = {}), "GET");
  EXPECT_EQ(loop.Until(3).back(), "streamed");
  EXPECT_TRUE(all[1].bytes == big);
  // Freed in the midst of it.
  all[1] = {};
  all[1].end = loop.ac();
  send(&all[1], "GET");
  loop.Do("behind", "PING");
  EXPECT_EQ(loop.Until(9), (Lines{"streamed", "behind (no reply)", "news (no reply)", "disconnected"}));
  EXPECT_EQ(all[1].reply, "(no reply)");
}

TEST_P(AsyncTest, WhatIsNotStreamed) {
  Loop loop(*this);
  Pieces pieces;
  for (const char* command : {"SUBSCRIBE a", "ssubscribe a", "MONITOR"}) {
    EXPECT_EQ(dualisAsyncCommandStreaming(loop.ac(), 1, Pieces::Piece, Pieces::Note, &pieces, command), REDIS_ERR);
  }
  EXPECT_EQ(dualisAsyncCommandStreaming(loop.ac(), 1, Pieces::Piece, nullptr, &pieces, "ECHO x"), REDIS_OK);
  EXPECT_EQ(dualisAsyncCommandStreaming(loop.ac(), 0, Pieces::Piece, Pieces::Note, &pieces, "ECHO %b", "", size_t{0}),
            REDIS_OK);
  EXPECT_EQ(loop.Until(2), (Lines{"connected", "streamed"}));
  EXPECT_EQ(pieces.bytes, "x");
  EXPECT_EQ(pieces.reply, "\"\" of 0");
  // The connection is lost before it comes.
  loop.Do("quit", "QUIT");
  EXPECT_EQ(dualisAsyncCommandStreaming(loop.ac(), 1, Pieces::Piece, Pieces::Note, &pieces, "GET big"), REDIS_OK);
  EXPECT_EQ(loop.Until(9), (Lines{"quit +OK", "streamed", "lost: Server closed the connection"}));
  EXPECT_EQ(pieces.reply, "(no reply)");
}

TEST(AsyncSockets, StreamingWhereverTheBytesAreTorn) {
  const std::string bytes = "+OK\r\n$5\r\nhello\r\n$2\r\nno\r\n$12\r\nhello, world\r\n:1\r\n";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    redisOptions options = {};
    options.type = REDIS_CONN_USERFD;
    options.endpoint.fd = fds[0];
    redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
    struct Got {
      std::string text;
      static int Piece(void* p, const char* b, size_t n, size_t, size_t) {
        static_cast<Got*>(p)->text.append(b, n);
        return 0;
      }
      static void Note(redisAsyncContext*, void* r, void* p) {
        static_cast<Got*>(p)->text += "[" + Text(static_cast<redisReply*>(r)) + "]";
      }
    } got;
    for (int i = 0; i < 5; ++i) dualisAsyncCommandStreaming(ac, 3, Got::Piece, Got::Note, &got, "X");
    for (const std::string& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
      ASSERT_EQ(write(fds[1], part.data(), part.size()), static_cast<ssize_t>(part.size()));
      redisAsyncHandleRead(ac);
    }
    EXPECT_EQ(got.text, "[+OK]hello[\"\"][\"no\"]hello, world[\"\"][1]") << cut;
    // In the midst of one when it ends.
    got.text.clear();
    dualisAsyncCommandStreaming(ac, 3, Got::Piece, Got::Note, &got, "X");
    ASSERT_EQ(write(fds[1], "$7\r\nabc", 7), 7);
    redisAsyncHandleRead(ac);
    redisAsyncFree(ac);
    EXPECT_EQ(got.text, "abc[(no reply)]");
    close(fds[1]);
  }
}

// What is sent behind MONITOR is called once, and MONITOR's callback goes on.
TEST(AsyncSockets, CommandsBehindMonitor) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  redisOptions options = {};
  options.type = REDIS_CONN_USERFD;
  options.endpoint.fd = fds[0];
  redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
  static std::vector<std::string> lines;
  lines.clear();
  const auto note = [](redisAsyncContext*, void* r, void* name) {
    lines.push_back(static_cast<char*>(name) + (" " + Text(static_cast<redisReply*>(r))));
  };
  redisAsyncCommand(ac, note, const_cast<char*>("m"), "MONITOR");
  redisAsyncCommand(ac, note, const_cast<char*>("p"), "PING");
  const std::string bytes = "+OK\r\n+PONG\r\n+line\r\n+line\r\n";
  ASSERT_EQ(write(fds[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  redisAsyncHandleRead(ac);
  EXPECT_EQ(lines, (std::vector<std::string>{"m +OK", "p +PONG", "m +line", "m +line"}));
  redisAsyncFree(ac);
  close(fds[1]);
}

TEST_P(AsyncTest, ABlockedCommandIsWokenByAnotherContext) {
  Loop loop(*this);
  loop.Do("blpop", "BLPOP q 0");
  loop.Do("ping", "PING");
  EXPECT_EQ(loop.Until(1), Lines{"connected"});
  loop.Tick(10);
  EXPECT_TRUE(loop.lines().empty()) << "the second waits behind the first";
  const Context other = Connect();
  EXPECT_EQ(Do(other, "RPUSH q x"), "1");
  EXPECT_EQ(loop.Until(2), (Lines{"blpop [\"q\" \"x\"]", "ping +PONG"}));
  // From another thread, while the loop sleeps in poll().
  loop.Do("blpop", "BLPOP q 0");
  std::thread pusher([&] { Do(other, "RPUSH q y"); });
  EXPECT_EQ(loop.Until(1), Lines{"blpop [\"q\" \"y\"]"});
  pusher.join();
}

TEST_P(AsyncTest, ABlockedCommandTimesOutByItself) {
  Loop loop(*this);
  loop.Do("blpop", "BLPOP q 0.02");
  EXPECT_EQ(loop.Until(2), (Lines{"connected", "blpop (nil)"}));
}

// Adapters of other versions, and programs that fill in ev.* themselves, may have no timers.
TEST_P(AsyncTest, ABlockedCommandTimesOutInALoopWithoutTimers) {
  Loop loop(*this);
  loop.ac()->ev.scheduleTimer = nullptr;
  for (int i = 0; i < 3; ++i) loop.Do("blpop", "BLPOP q 0.02");
  loop.Do("none", "BLMPOP 0.01 1 q LEFT");
  EXPECT_EQ(loop.Until(5), (Lines{"connected", "blpop (nil)", "blpop (nil)", "blpop (nil)", "none (nil)"}));
  // One that is served before its time, and the next again not.
  loop.Do("served", "BLPOP q 10");
  loop.Tick(10);
  EXPECT_EQ(Do(Connect(), "RPUSH q x"), "1");
  EXPECT_EQ(loop.Until(1), Lines{"served [\"q\" \"x\"]"});
  loop.Do("blpop", "BLPOP q 0.02");
  EXPECT_EQ(loop.Until(1), Lines{"blpop (nil)"});
}

TEST_P(AsyncTest, SubscriptionsDeliverToTheirCallback) {
  for (const bool resp3 : {false, true}) {
    Loop loop(*this);
    if (resp3) loop.Do("hello", "HELLO 3");
    loop.Do("news", "SUBSCRIBE news");
    loop.Do("pattern", "PSUBSCRIBE n*");
    const size_t before = resp3 ? 2 : 1;
    Lines lines = loop.Until(before + 2);
    const std::string open = resp3 ? ">[" : "[";
    EXPECT_EQ(Lines(lines.begin() + static_cast<int>(before), lines.end()),
              (Lines{"news " + open + "\"subscribe\" \"news\" 1]", "pattern " + open + "\"psubscribe\" \"n*\" 2]"}));
    const Context other = Connect();
    EXPECT_EQ(Do(other, "PUBLISH news hello"), "2");
    EXPECT_EQ(loop.Until(2), (Lines{"news " + open + "\"message\" \"news\" \"hello\"]",
                                    "pattern " + open + "\"pmessage\" \"n*\" \"news\" \"hello\"]"}));
    loop.Do("ping", "PING");
    EXPECT_EQ(loop.Until(1), Lines{resp3 ? "ping +PONG" : "ping [\"pong\" \"\"]"});
    EXPECT_EQ(loop.Do("never", "UNSUBSCRIBE news"), REDIS_OK);
    loop.Do("never", "PUNSUBSCRIBE");
    EXPECT_EQ(loop.Until(2), (Lines{"news " + open + "\"unsubscribe\" \"news\" 1]",
                                    "pattern " + open + "\"punsubscribe\" \"n*\" 0]"}));
    EXPECT_EQ(loop.ac()->c.flags & REDIS_SUBSCRIBED, 0);
    loop.Do("get", "GET nothing");
    EXPECT_EQ(loop.Until(1), Lines{"get (nil)"});
    EXPECT_EQ(loop.Do("never", "UNSUBSCRIBE"), REDIS_ERR) << "there is nothing to unsubscribe from";
  }
}

TEST_P(AsyncTest, ChannelsOfShardsAreNamesOfTheirOwn) {
  for (const bool resp3 : {false, true}) {
    Loop loop(*this);
    if (resp3) loop.Do("hello", "HELLO 3");
    loop.Until(resp3 ? 2 : 1);
    const std::string open = resp3 ? ">[" : "[";
    loop.Do("shard", "SSUBSCRIBE news");
    loop.Do("plain", "SUBSCRIBE news");
    EXPECT_EQ(loop.Until(2),
              (Lines{"shard " + open + "\"ssubscribe\" \"news\" 1]", "plain " + open + "\"subscribe\" \"news\" 1]"}));
    const Context other = Connect();
    EXPECT_EQ(Do(other, "SPUBLISH news a"), "1");
    EXPECT_EQ(Do(other, "PUBLISH news b"), "1");
    EXPECT_EQ(loop.Until(2), (Lines{"shard " + open + "\"smessage\" \"news\" \"a\"]",
                                    "plain " + open + "\"message\" \"news\" \"b\"]"}));
    loop.Do("never", "UNSUBSCRIBE");
    EXPECT_EQ(loop.Until(1), Lines{"plain " + open + "\"unsubscribe\" \"news\" 0]"});
    EXPECT_NE(loop.ac()->c.flags & REDIS_SUBSCRIBED, 0) << "the shard's is left";
    EXPECT_EQ(Do(other, "SPUBLISH news c"), "1");
    EXPECT_EQ(loop.Until(1), Lines{"shard " + open + "\"smessage\" \"news\" \"c\"]"});
    loop.Do("never", "SUNSUBSCRIBE news");
    EXPECT_EQ(loop.Until(1), Lines{"shard " + open + "\"sunsubscribe\" \"news\" 0]"});
    EXPECT_EQ(loop.ac()->c.flags & REDIS_SUBSCRIBED, 0);
    loop.Do("get", "GET nothing");
    EXPECT_EQ(loop.Until(1), Lines{"get (nil)"});
  }
}

TEST_P(AsyncTest, FreeGivesNullToSubscribersOfShards) {
  Loop loop(*this);
  loop.Do("shard", "SSUBSCRIBE a b");
  loop.Until(3);
  redisAsyncFree(loop.ac());
  EXPECT_EQ(loop.lines(), (Lines{"shard (no reply)", "shard (no reply)", "disconnected"}));
}

TEST_P(AsyncTest, DisconnectingWhileMonitoring) {
  Loop loop(*this);
  loop.Do("line", "MONITOR");
  EXPECT_EQ(loop.Until(2), (Lines{"connected", "line +OK"}));
  redisAsyncDisconnect(loop.ac());
  EXPECT_EQ(loop.lines(), (Lines{"line (no reply)", "disconnected"}));
}

TEST_P(AsyncTest, CommandsBesideMonitor) {
  Loop loop(*this);
  // The first line comes behind the reply that it is about, the second when no reply is due.
  loop.Do("line", "MONITOR");
  loop.Do("ping", "PING");
  Lines lines = loop.Until(4);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[1], "line +OK");
  EXPECT_EQ(lines[2], "ping +PONG");
  EXPECT_NE(lines[3].find("\"PING\""), std::string::npos) << lines[3];
  const Context other = Connect();
  EXPECT_EQ(Do(other, "SET k v"), "+OK");
  lines = loop.Until(1);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("\"SET\" \"k\" \"v\""), std::string::npos) << lines[0];
  // The end of the connection is the end of the lines.
  EXPECT_EQ(redisAsyncCommand(loop.ac(), nullptr, nullptr, "QUIT"), REDIS_OK);
  EXPECT_EQ(loop.Until(2), (Lines{"line (no reply)", "lost: Server closed the connection"}));
}

TEST_P(AsyncTest, AMonitorThatWasRefused) {
  Loop loop(*this);
  loop.Do("line", "MONITOR now");
  loop.Do("ping", "PING");
  EXPECT_EQ(loop.Until(3),
            (Lines{"connected", "line (error) ERR wrong number of arguments for 'monitor' command", "ping +PONG"}));
}

TEST_P(AsyncTest, UnsubscribingFromUnknownNamesIsSwallowed) {
  Loop loop(*this);
  loop.Do("a", "SUBSCRIBE a b");
  EXPECT_EQ(loop.Until(3).size(), 3u);
  loop.Do("never", "UNSUBSCRIBE x y a");
  EXPECT_EQ(loop.Until(1), Lines{"a [\"unsubscribe\" \"a\" 1]"});
  loop.Do("never", "UNSUBSCRIBE");
  EXPECT_EQ(loop.Until(1), Lines{"a [\"unsubscribe\" \"b\" 0]"});
  EXPECT_EQ(loop.ac()->c.flags & REDIS_SUBSCRIBED, 0);
}

TEST_P(AsyncTest, RepliesThatLookLikeMessagesAreReplies) {
  Loop loop(*this);
  loop.Do("push", "RPUSH l message ch payload");
  loop.Do("range", "LRANGE l 0 -1");
  loop.Do("sub", "SUBSCRIBE ch");
  EXPECT_EQ(loop.Until(4),
            (Lines{"connected", "push 3", "range [\"message\" \"ch\" \"payload\"]", "sub [\"subscribe\" \"ch\" 1]"}));
}

TEST_P(AsyncTest, ManyMessages) {
  Loop loop(*this);
  loop.Do("m", "SUBSCRIBE ch");
  loop.Until(2);
  const Context other = Connect();
  for (int i = 0; i < 2000; ++i) redisAppendCommand(other.get(), "PUBLISH ch %d", i);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(Next(other), "1");
  const Lines lines = loop.Until(2000);
  ASSERT_EQ(lines.size(), 2000u);
  EXPECT_EQ(lines.back(), "m [\"message\" \"ch\" \"1999\"]");
}

TEST_P(AsyncTest, DisconnectWaitsForReplies) {
  Loop loop(*this);
  loop.Do("a", "ECHO a");
  redisAsyncDisconnect(loop.ac());
  EXPECT_EQ(loop.Do("b", "ECHO b"), REDIS_ERR);
  EXPECT_EQ(loop.Until(9), (Lines{"connected", "a \"a\"", "disconnected"}));
  EXPECT_EQ(loop.ac(), nullptr);
}

TEST_P(AsyncTest, FreeGivesNullToThoseWhoWait) {
  Loop loop(*this);
  loop.Do("sub", "SUBSCRIBE ch");
  loop.Until(2);
  loop.Do("ping", "PING");
  redisAsyncFree(loop.ac());
  EXPECT_EQ(loop.lines(), (Lines{"ping (no reply)", "sub (no reply)", "disconnected"}));
  EXPECT_EQ(loop.ac(), nullptr);
}

TEST_P(AsyncTest, FreeAndDisconnectFromACallback) {
  for (auto* end : {redisAsyncFree, redisAsyncDisconnect}) {
    Loop loop(*this);
    redisAsyncCommand(
        loop.ac(),
        [](redisAsyncContext* ac, void*, void* privdata) {
          Loop::Of(ac)->lines().push_back("ending");
          reinterpret_cast<void (*)(redisAsyncContext*)>(privdata)(ac);
        },
        reinterpret_cast<void*>(end), "PING");
    EXPECT_EQ(loop.Until(9), (Lines{"connected", "ending", "disconnected"}));
  }
}

TEST_P(AsyncTest, CommandsFromACallback) {
  Loop loop(*this);
  redisAsyncCommand(
      loop.ac(),
      [](redisAsyncContext* ac, void*, void*) {
        redisAsyncCommand(ac, Loop::Note, const_cast<char*>("second"), "ECHO 2");
      },
      nullptr, "ECHO 1");
  EXPECT_EQ(loop.Until(2), (Lines{"connected", "second \"2\""}));
}

TEST_P(AsyncTest, TheServerEndsTheConnection) {
  Loop loop(*this);
  loop.Do("quit", "QUIT");
  loop.Do("late", "PING");
  EXPECT_EQ(loop.Until(9), (Lines{"connected", "quit +OK", "late (no reply)", "lost: Server closed the connection"}));
}

TEST_P(AsyncTest, TimeoutsEndTheConnection) {
  Loop loop(*this);
  redisAsyncSetTimeout(loop.ac(), timeval{0, 20'000});
  loop.Do("blpop", "BLPOP q 0");
  EXPECT_EQ(loop.Until(9), (Lines{"connected", "blpop (no reply)", "lost: Timeout"}));
}

// The timer of a connection that came about in time may still ring, and says nothing about commands.
TEST_P(AsyncTest, TheTimeoutOfConnectingIsNotThatOfCommands) {
  redisOptions options = {};
  place().Aim(&options);
  timeval moment = {5, 0};
  options.connect_timeout = &moment;
  static Lines lines;
  lines.clear();
  const auto loop = NewLoop();
  redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
  ASSERT_EQ(place().Secure(&ac->c), REDIS_OK);
  ASSERT_EQ(loop->Attach(ac), REDIS_OK);
  redisAsyncSetConnectCallback(ac, [](const redisAsyncContext*, int) { lines.push_back("connected"); });
  while (lines.empty()) loop->Tick(500);
  redisAsyncCommand(
      ac, [](redisAsyncContext*, void* reply, void*) { lines.push_back(Text(static_cast<redisReply*>(reply))); },
      nullptr, "PING");
  redisAsyncHandleTimeout(ac);
  while (lines.size() < 2) loop->Tick(500);
  EXPECT_EQ(lines, (Lines{"connected", "+PONG"}));
  redisAsyncFree(ac);
}

TEST_P(AsyncTest, RepliesMayBeKept) {
  Loop loop(*this, REDIS_OPT_NOAUTOFREEREPLIES);
  static void* kept;
  kept = nullptr;
  redisAsyncCommand(
      loop.ac(),
      [](redisAsyncContext* ac, void* reply, void*) {
        kept = reply;
        Loop::Of(ac)->lines().push_back("kept");
      },
      nullptr, "ECHO mine");
  loop.Until(2);
  EXPECT_EQ(Text(static_cast<redisReply*>(kept)), "\"mine\"");
  freeReplyObject(kept);
}

TEST_P(AsyncTest, TheProgramMayOwnTheContext) {
  Loop loop(*this, REDIS_OPT_NOAUTOFREE);
  redisAsyncContext* ac = loop.ac();
  loop.Do("quit", "QUIT");
  loop.Do("late", "PING");
  loop.Until(2);
  for (int i = 0; i < 20 && ac->err == 0; ++i) loop.Tick(100);
  EXPECT_EQ(ac->err, REDIS_ERR_EOF);
  loop.Tick(0);  // of a loop that has been left
  redisAsyncFree(ac);
  EXPECT_EQ(loop.lines(), (Lines{"late (no reply)", "disconnected"}));
}

TEST_P(AsyncTest, PushesWithoutASubscriptionGoToThePushCallback) {
  Loop loop(*this);
  redisAsyncSetPushCallback(loop.ac(), [](redisAsyncContext* ac, void* reply) {
    Loop::Of(ac)->lines().push_back("push " + Text(static_cast<redisReply*>(reply)));
  });
  loop.Do("hello", "HELLO 3");
  loop.Do("tracking", "CLIENT TRACKING ON");
  loop.Do("get", "GET k");
  loop.Until(4);
  EXPECT_EQ(Do(Connect(), "SET k v"), "+OK");
  EXPECT_EQ(loop.Until(1), Lines{"push >[\"invalidate\" [\"k\"]]"});
}

TEST(AsyncSockets, OverADescriptorOfTheProgram) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  redisOptions options = {};
  options.type = REDIS_CONN_USERFD;
  options.endpoint.fd = fds[0];
  redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
  ASSERT_NE(ac, nullptr);
  redisPollAttach(ac);
  static std::vector<std::string> lines;
  lines.clear();
  const auto note = [](redisAsyncContext*, void* reply, void*) {
    lines.push_back(Text(static_cast<redisReply*>(reply)));
  };
  redisAsyncSetPushCallback(
      ac, [](redisAsyncContext*, void* reply) { lines.push_back("push " + Text(static_cast<redisReply*>(reply))); });
  redisAsyncCommand(ac, note, nullptr, "SUBSCRIBE ch");
  redisAsyncCommand(ac, note, nullptr, "PING");
  redisPollTick(ac, 5);
  // A short push is nobody's message, whatever it says.
  const std::string replies = ">3\r\n$9\r\nsubscribe\r\n$2\r\nch\r\n:1\r\n>1\r\n$7\r\nmessage\r\n+PONG\r\n";
  ASSERT_EQ(write(fds[1], replies.data(), replies.size()), static_cast<ssize_t>(replies.size()));
  redisPollTick(ac, 5);
  EXPECT_EQ(lines, (std::vector<std::string>{">[\"subscribe\" \"ch\" 1]", "push >[\"message\"]", "+PONG"}));
  redisAsyncFree(ac);
  close(fds[1]);
}

TEST(AsyncSockets, AFailedConnectionIsReportedOnce) {
  static std::vector<std::string> lines;
  lines.clear();
  redisAsyncContext* ac = redisAsyncConnect("127.0.0.1", 1);
  ASSERT_NE(ac, nullptr);
  redisPollAttach(ac);
  redisAsyncSetConnectCallback(
      ac, [](const redisAsyncContext* c, int status) { lines.push_back(std::to_string(status) + " " + c->errstr); });
  redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext*, int) { lines.push_back("disconnected"); });
  redisAsyncCommand(
      ac, [](redisAsyncContext*, void* reply, void*) { lines.push_back(Text(static_cast<redisReply*>(reply))); },
      nullptr, "PING");
  if (ac->err != 0) {
    // Refused before the loop began.
    redisAsyncFree(ac);
    return;
  }
  redisPollTick(ac, 5);
  EXPECT_EQ(lines, (std::vector<std::string>{"-1 Connection refused", "(no reply)"}));
}

}  // namespace
}  // namespace dualis::compat_test
