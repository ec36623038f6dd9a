// What hiredis/dualis.h adds, on every home.
#include <hiredis/adapters/poll.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "tests/compat/counting_allocators.h"
#include "tests/compat/hiredis_fixture.h"

namespace dualis::compat_test {
namespace {

using Lines = std::vector<std::string>;

class Extensions : public HiredisTest {
 protected:
  redisOptions Options() const {
    redisOptions options = {};
    place().Aim(&options);
    return options;
  }
  redisAsyncContext* ConnectAsync() const {
    const redisOptions options = Options();
    redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
    EXPECT_EQ(ac->err, 0) << ac->errstr;
    EXPECT_EQ(place().Secure(&ac->c), REDIS_OK) << ac->errstr;
    return ac;
  }
};
INSTANTIATE_TEST_SUITE_P(Homes, Extensions, ::testing::ValuesIn(kHomes), NameOf);

// Timeouts of single commands.

Lines lines;
void Note(redisAsyncContext*, void* reply, void* name) {
  lines.push_back(static_cast<char*>(name) + (" " + Text(static_cast<redisReply*>(reply))));
}
void* Named(const char* name) { return const_cast<char*>(name); }
Lines Until(redisAsyncContext* ac, size_t n) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (lines.size() < n && std::chrono::steady_clock::now() < end) redisPollTick(ac, 0.5);
  return std::exchange(lines, {});
}

TEST_P(Extensions, ACommandTimesOutAndTheConnectionGoesOn) {
  lines.clear();
  redisAsyncContext* ac = ConnectAsync();
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{1, 0}, Note, nullptr, "PING"), REDIS_ERR) << "no timers yet";
  redisPollAttach(ac);
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{1, 0}, Note, nullptr, "SUBSCRIBE a"), REDIS_ERR);
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{1, 0}, Note, nullptr, "monitor"), REDIS_ERR);
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{10, 0}, Note, Named("quick"), "ECHO %s", "1"), REDIS_OK);
  EXPECT_EQ(Until(ac, 1), Lines{"quick \"1\""});
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{0, 20'000}, Note, Named("slow"), "BLPOP q 0"), REDIS_OK);
  EXPECT_EQ(dualisAsyncCommand(ac, timeval{0, 40'000}, Note, Named("behind"), "ECHO 2"), REDIS_OK);
  EXPECT_EQ(redisAsyncCommand(ac, Note, Named("patient"), "ECHO 3"), REDIS_OK);
  EXPECT_EQ(Until(ac, 2), (Lines{"slow (no reply)", "behind (no reply)"}));
  EXPECT_EQ(ac->err, 0);
  // The replies that come after all are nobody's.
  EXPECT_EQ(Do(Connect(), "RPUSH q x"), "1");
  EXPECT_EQ(Until(ac, 1), Lines{"patient \"3\""});
  const char* argv[] = {"ECHO", "4"};
  EXPECT_EQ(dualisAsyncCommandArgv(ac, timeval{10, 0}, Note, Named("later"), 2, argv, nullptr), REDIS_OK);
  EXPECT_EQ(Until(ac, 1), Lines{"later \"4\""});
  // Those under way when the context goes get null, once.
  dualisAsyncCommand(ac, timeval{10, 0}, Note, Named("freed"), "BLPOP q 0");
  dualisAsyncCommand(ac, timeval{0, 1000}, Note, Named("expired"), "ECHO 5");
  EXPECT_EQ(Until(ac, 1), Lines{"expired (no reply)"});
  redisAsyncFree(ac);
  EXPECT_EQ(std::exchange(lines, {}), Lines{"freed (no reply)"});
}

TEST_P(Extensions, ATimeoutOfTheContextStaysWhatItWas) {
  lines.clear();
  redisAsyncContext* ac = ConnectAsync();
  redisPollAttach(ac);
  static int status;
  status = 0;
  redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext* c, int) { status = c->err; });
  redisAsyncSetTimeout(ac, timeval{0, 30'000});
  dualisAsyncCommand(ac, timeval{10, 0}, Note, Named("a"), "BLPOP q 0");
  EXPECT_EQ(Until(ac, 1), Lines{"a (no reply)"});
  EXPECT_EQ(status, REDIS_ERR_TIMEOUT);
}

TEST_P(Extensions, ACallbackOfATimeoutMayFreeTheContext) {
  lines.clear();
  redisAsyncContext* ac = ConnectAsync();
  redisPollAttach(ac);
  dualisAsyncCommand(
      ac, timeval{0, 1000}, [](redisAsyncContext* c, void*, void*) { redisAsyncFree(c); }, nullptr, "BLPOP q 0");
  dualisAsyncCommand(ac, timeval{0, 1000}, Note, Named("b"), "PING");
  redisAsyncCommand(ac, Note, Named("c"), "PING");
  EXPECT_EQ(Until(ac, 2), (Lines{"b (no reply)", "c (no reply)"}));
}

// Reconnecting contexts.

struct Watch {
  const Place* place = nullptr;
  redisAsyncContext* ac = nullptr;
  Lines seen;
  std::vector<unsigned> waits;
};

dualisReconnectOptions WatchOptions(const redisOptions& connect, Watch* watch) {
  dualisReconnectOptions o = {};
  o.connect = connect;
  o.first_ms = 4;
  o.max_ms = 20;
  o.privdata = watch;
  o.attach = [](redisAsyncContext* ac, void* p) {
    auto* w = static_cast<Watch*>(p);
    if (w->place != nullptr && w->place->Secure(&ac->c) != REDIS_OK) return REDIS_ERR;
    w->ac = ac;
    return redisPollAttach(ac);
  };
  o.up = [](redisAsyncContext* ac, void* p) {
    static_cast<Watch*>(p)->seen.push_back("up");
    redisAsyncCommand(ac, Note, Named("select"), "SELECT 1");
  };
  o.down = [](const char* error, unsigned ms, void* p) {
    auto* w = static_cast<Watch*>(p);
    w->ac = nullptr;
    w->seen.push_back(std::string("down: ") + error);
    w->waits.push_back(ms);
  };
  return o;
}

// Lets handle and loop run until `done`.
template <class Done>
void Drive(dualisReconnecting* r, Watch* watch, Done done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done() && std::chrono::steady_clock::now() < end) {
    const int wait = dualisReconnectingTick(r);
    if (watch->ac != nullptr) {
      redisPollTick(watch->ac, 0.5);
    } else if (wait > 0) {
      // What a loop without other descriptors does.
      poll(nullptr, 0, wait);
    }
  }
}

TEST_P(Extensions, ALostContextIsMadeAnew) {
  lines.clear();
  Watch watch;
  watch.place = &place();
  dualisReconnecting* r;
  {
    // The handle has copies.
    std::string copy = place().has_path() ? place().path() : place().host();
    redisOptions options = {};
    if (place().has_path()) {
      REDIS_OPTIONS_SET_UNIX(&options, copy.c_str());
    } else {
      REDIS_OPTIONS_SET_TCP(&options, copy.c_str(), place().port());
    }
    const timeval wait = {5, 0};
    options.connect_timeout = &wait;
    const dualisReconnectOptions o = WatchOptions(options, &watch);
    r = dualisReconnectingCreate(&o);
    copy.assign(copy.size(), 'x');
  }
  ASSERT_NE(r, nullptr);
  EXPECT_EQ(dualisReconnectingContext(r), nullptr) << "the loop has not run yet";
  EXPECT_EQ(dualisReconnectingTick(r), -1);
  for (int i = 0; i < 3; ++i) {
    Drive(r, &watch, [&] { return lines.size() == 1; });
    EXPECT_EQ(std::exchange(lines, {}), Lines{"select +OK"});
    redisAsyncContext* ac = dualisReconnectingContext(r);
    ASSERT_NE(ac, nullptr);
    redisAsyncCommand(ac, Note, Named("quit"), "QUIT");
    redisAsyncCommand(ac, Note, Named("late"), "PING");
    Drive(r, &watch, [&] { return lines.size() == 2; });
    EXPECT_EQ(std::exchange(lines, {}), (Lines{"quit +OK", "late (no reply)"}));
    EXPECT_EQ(watch.seen, (Lines{"up", "down: Server closed the connection"}));
    EXPECT_EQ(watch.waits, std::vector<unsigned>{0}) << "at once";
    watch.seen.clear();
    watch.waits.clear();
  }
  Drive(r, &watch, [&] { return lines.size() == 1; });
  redisAsyncCommand(dualisReconnectingContext(r), Note, Named("pending"), "BLPOP q 0");
  lines.clear();
  dualisReconnectingFree(r);
  EXPECT_EQ(lines, Lines{"pending (no reply)"});
  EXPECT_EQ(watch.seen, Lines{"up"}) << "the end is no loss";
}

TEST(Reconnecting, BacksOff) {
  Watch watch;
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, "/nonexistent/redis.sock");
  const dualisReconnectOptions o = WatchOptions(options, &watch);
  dualisReconnecting* r = dualisReconnectingCreate(&o);
  Drive(r, &watch, [&] { return watch.waits.size() >= 6; });
  const unsigned most[] = {0, 4, 8, 16, 20, 20};
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_LE(watch.waits[i], most[i]);
    EXPECT_GE(watch.waits[i], most[i] / 2);
    EXPECT_EQ(watch.seen[i], "down: No such file or directory");
  }
  dualisReconnectingFree(r);
}

// Large values in pieces.

struct Gathered {
  std::string bytes;
  size_t pieces = 0, total = 0, stop_after = SIZE_MAX;
  static int Piece(void* p, const char* bytes, size_t size, size_t offset, size_t total) {
    auto* g = static_cast<Gathered*>(p);
    EXPECT_EQ(offset, g->bytes.size());
    g->bytes.append(bytes, size);
    g->total = total;
    return ++g->pieces >= g->stop_after;
  }
};

TEST_P(Extensions, LargeStringsComeInPieces) {
  const Context c = Connect();
  std::string big(3'000'000, '\0');
  for (size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 7 % 251);
  Do(c, "SET big %b", big.data(), big.size());
  Do(c, "SET small abc");
  Do(c, "RPUSH l %b", big.data(), big.size());
  for (const char* command : {"GET small", "GET big", "GET none", "LRANGE l 0 -1", "GET big", "INCR n", "GET big"}) {
    redisAppendCommand(c.get(), command);
  }
  const auto next = [&](Gathered* g, int* streamed) {
    void* reply = nullptr;
    if (dualisGetReplyStreaming(c.get(), 100'000, Gathered::Piece, g, &reply, streamed) != REDIS_OK) {
      return std::string("! ") + c->errstr;
    }
    const std::string text = Text(static_cast<redisReply*>(reply));
    freeReplyObject(reply);
    return text;
  };
  int streamed = 7;
  Gathered g;
  EXPECT_EQ(next(&g, &streamed), "\"abc\"");
  EXPECT_EQ(streamed, 0);
  EXPECT_EQ(next(&g, &streamed), "\"\"");
  EXPECT_EQ(streamed, 1);
  EXPECT_EQ(g.total, big.size());
  EXPECT_TRUE(g.bytes == big);
  EXPECT_GT(g.pieces, 10u);
  EXPECT_LT(sdsalloc(c->reader->buf), size_t{1} << 20) << "never gathered";
  g = {};
  EXPECT_EQ(next(&g, &streamed), "(nil)");
  EXPECT_EQ(next(&g, &streamed).size(), big.size() + 4) << "an element is no reply of its own";
  EXPECT_EQ(g.pieces, 0u);
  g.stop_after = 1;
  EXPECT_EQ(next(&g, &streamed), "\"\"");
  EXPECT_EQ(g.pieces, 1u);
  g = {};
  EXPECT_EQ(next(&g, &streamed), "1");
  EXPECT_EQ(next(&g, nullptr), "\"\"");
  EXPECT_TRUE(g.bytes == big);
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  // A connection that ends in the midst.
  EXPECT_EQ(Do(c, "QUIT"), "+OK");
  EXPECT_EQ(next(&g, &streamed).substr(0, 1), "!");
}

// At each place where the bytes may be torn.
TEST(Streaming, WhereverTheBytesAreTorn) {
  const std::string bytes = "+OK\r\n$5\r\nhello\r\n$0\r\n\r\n:1\r\n";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    int fds[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    const Context c(redisConnectFd(fds[0]));
    std::thread peer([&] {
      (void)!write(fds[1], bytes.data(), cut);
      // Read as a whole before the rest follows.
      while (recv(fds[0], nullptr, 0, MSG_DONTWAIT | MSG_PEEK) == 0) std::this_thread::yield();
      (void)!write(fds[1], bytes.data() + cut, bytes.size() - cut);
    });
    Lines got;
    Gathered g;
    for (int i = 0; i < 4; ++i) {
      void* reply = nullptr;
      int streamed = 0;
      ASSERT_EQ(dualisGetReplyStreaming(c.get(), 0, Gathered::Piece, &g, &reply, &streamed), REDIS_OK) << c->errstr;
      got.push_back(Text(static_cast<redisReply*>(reply)) + (streamed != 0 ? "~" + g.bytes : ""));
      freeReplyObject(reply);
      g = {};
    }
    EXPECT_EQ(got, (Lines{"+OK", "\"\"~hello", "\"\"~", "1"})) << cut;
    peer.join();
    close(fds[1]);
  }
}

// Replies in one block.

TEST_P(Extensions, AReplyInOneBlock) {
  const CountingAllocators allocators;
  {
    const Context c = Connect();
    Do(c, "HELLO 3");
    Do(c, "XADD s 1-1 field value other %b", "a\0b", size_t{3});
    Do(c, "XADD s 1-2 f v");
    for (const char* command :
         {"XRANGE s - +", "GET none", "PING", "LRANGE none 0 -1", "EVAL return{1,{},{2.5,false}} 0"}) {
      auto* reply = static_cast<redisReply*>(redisCommand(c.get(), command));
      const std::string before = Text(reply);
      const long live = allocators.live();
      redisReply* compact = dualisCompactReply(reply);
      EXPECT_LE(allocators.live(), live);
      EXPECT_EQ(Text(compact), before);
      const long with = allocators.live();
      dualisFreeCompactReply(compact);
      EXPECT_EQ(allocators.live(), with - 1) << "one block";
    }
  }
  EXPECT_EQ(allocators.live(), 0);
  EXPECT_EQ(dualisCompactReply(nullptr), nullptr);
}

TEST_P(Extensions, TheReaderMakesRepliesInFewBlocks) {
  const CountingAllocators allocators;
  {
    const Context c = Connect(), plain = Connect();
    dualisReaderSetCompact(c->reader, 1);
    EXPECT_EQ(dualisReaderIsCompact(c->reader), 1);
    EXPECT_EQ(dualisReaderIsCompact(plain->reader), 0);
    for (const Context* context : {&c, &plain}) Do(*context, "HELLO 3");
    Do(c, "DEL l");
    for (int i = 0; i < 500; ++i) Do(c, "RPUSH l %d%s", i, std::string(static_cast<size_t>(i) % 90, 'x').c_str());
    Do(c, "ZADD z 1.5 one 2 two");
    for (const char* command : {"LRANGE l 0 -1", "GET none", "GET l", "ZRANGE z 0 -1 WITHSCORES", "ECHO hello",
                                "EVAL return{1,{},{2.5,false,{{'deep'}}}} 0", "CONFIG GET maxm*"}) {
      const long before = allocators.live();
      auto* reply = static_cast<redisReply*>(redisCommand(c.get(), command));
      EXPECT_LE(allocators.live() - before, 8) << command;
      EXPECT_EQ(Text(reply), Do(plain, command));
      freeReplyObject(reply);
    }
    // Elements are the whole's: freeing them alone does nothing, and they may be put elsewhere.
    auto* list = static_cast<redisReply*>(redisCommand(c.get(), "LRANGE l 0 2"));
    auto* other = static_cast<redisReply*>(redisCommand(plain.get(), "LRANGE l 3 4"));
    freeReplyObject(list->element[0]);
    freeReplyObject(std::exchange(other->element[0], list->element[1]));
    EXPECT_EQ(Text(other), "[\"1x\" \"4xxxx\"]");
    freeReplyObject(other);
    EXPECT_EQ(Text(list), "[\"0\" \"1x\" \"2xx\"]");
    freeReplyObject(list);
    // Appended commands go through the buffers, and pushes through their callback.
    redisAppendCommand(c.get(), "SUBSCRIBE a");
    redisAppendCommand(c.get(), "LRANGE l 0 1");
    void* reply = nullptr;
    ASSERT_EQ(redisGetReply(c.get(), &reply), REDIS_OK);
    EXPECT_EQ(Text(static_cast<redisReply*>(reply)), "[\"0\" \"1x\"]");
    freeReplyObject(reply);
    EXPECT_EQ(redisReconnect(c.get()), REDIS_OK);
    EXPECT_EQ(dualisReaderIsCompact(c->reader), 1);
    // It is one whole reply that is so or not.
    redisReader* reader = redisReaderCreate();
    redisReaderFeed(reader, "*2\r\n+a\r\n", 8);
    ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
    dualisReaderSetCompact(reader, 1);
    redisReaderFeed(reader, "+b\r\n*2\r\n+c\r\n", 12);
    ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
    EXPECT_EQ(Text(static_cast<redisReply*>(reply)), "[+a +b]");
    freeReplyObject(reply);
    ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
    EXPECT_EQ(reply, nullptr) << "half of the next";
    redisReaderFree(reader);
  }
  EXPECT_EQ(allocators.live(), 0);
}

// Pools.

template <class... A>
std::string Say(redisContext* c, const char* format, A... args) {
  auto* reply = static_cast<redisReply*>(redisCommand(c, format, args...));
  const std::string text = reply == nullptr ? std::string("! ") + c->errstr : Text(reply);
  freeReplyObject(reply);
  return text;
}

TEST_P(Extensions, APoolSharesContextsAmongThreads) {
  redisOptions options = Options();
  static std::atomic<int> prepared;
  prepared = 0;
  dualisPool* pool = dualisPoolCreate(
      &options, 3,
      [](redisContext* c, void* where) {
        ++prepared;
        const bool ready = static_cast<const Place*>(where)->Secure(c) == REDIS_OK && Say(c, "SELECT 2") == "+OK";
        return ready ? REDIS_OK : REDIS_ERR;
      },
      const_cast<Place*>(&place()));
  std::vector<std::thread> threads;
  std::atomic<int> most{0}, out{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        redisContext* c = dualisPoolTake(pool, -1);
        const int now = ++out;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        Say(c, "INCR n");
        --out;
        dualisPoolGive(pool, c);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 3);
  EXPECT_LE(prepared, 3);
  int taken = -1, idle = -1;
  dualisPoolCounts(pool, &taken, &idle);
  EXPECT_EQ(taken, 0);
  EXPECT_EQ(idle, prepared);

  redisContext* all[3];
  for (redisContext*& c : all) c = dualisPoolTake(pool, 0);
  EXPECT_EQ(Say(all[0], "GET n"), "\"800\"");
  EXPECT_EQ(dualisPoolTake(pool, 5), nullptr) << "there are no more";
  // What is left over is not handed to the next.
  redisAppendCommand(all[0], "PING");
  const int before = prepared;
  for (redisContext* c : all) dualisPoolGive(pool, c);
  dualisPoolCounts(pool, &taken, &idle);
  EXPECT_EQ(idle, 2);
  redisContext* broken = dualisPoolTake(pool, 0);
  Say(broken, "QUIT");
  Say(broken, "PING");
  dualisPoolGive(pool, broken);
  for (redisContext*& c : all) EXPECT_EQ(Say(c = dualisPoolTake(pool, 0), "PING"), "+PONG");
  EXPECT_EQ(prepared, before + 2);
  for (redisContext* c : all) dualisPoolGive(pool, c);
  // A child goes on with connections of its own.
  const pid_t child = fork();
  if (child == 0) {
    redisContext* c = dualisPoolTake(pool, 0);
    const bool ok = Say(c, "INCR n") == "801";
    dualisPoolGive(pool, c);
    dualisPoolFree(pool);
    _exit(ok ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  redisContext* c = dualisPoolTake(pool, 0);
  EXPECT_EQ(Say(c, "GET n"), embedded() ? "\"800\"" : "\"801\"");
  dualisPoolGive(pool, c);
  dualisPoolGive(pool, nullptr);
  dualisPoolFree(pool);
}

TEST(Pools, HandOutErrors) {
  redisOptions options = {};
  REDIS_OPTIONS_SET_UNIX(&options, "/nonexistent/redis.sock");
  EXPECT_EQ(dualisPoolCreate(&options, 0, nullptr, nullptr), nullptr);
  dualisPool* pool = dualisPoolCreate(&options, 1, nullptr, nullptr);
  for (int i = 0; i < 2; ++i) {
    redisContext* c = dualisPoolTake(pool, 0);
    EXPECT_STREQ(c->errstr, "No such file or directory");
    dualisPoolGive(pool, c);
  }
  dualisPoolFree(pool);
  options.options = REDIS_OPT_NONBLOCK;
  EXPECT_EQ(dualisPoolCreate(&options, 1, nullptr, nullptr), nullptr);
}

}  // namespace
}  // namespace dualis::compat_test
