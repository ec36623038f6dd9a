// An allocation fails: the first, the second, the third ... of a whole scenario, until it succeeds. There are two
// kinds, and both go through every home:
//
//   Sweep          the program's allocator (hiredisSetAllocators) returns null, once
//   SweepThrowing  operator new inside of the library throws std::bad_alloc, that time and ever after
//
// Nothing may crash and no exception may come out. Everything that was allocated must come back; a failure must be
// reported where the API has a place for it; and what is handed out is whole.
#include <hiredis/adapters/poll.h>
#include <hiredis/dualis.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "tests/compat/hiredis_fixture.h"
#include "tests/unit/alloc_fault.h"

namespace dualis::compat_test {
namespace {

// Set by the sweeps; the allocators have no other way to know.
int calls_left = 0;
long live = 0;

bool Fails() { return calls_left > 0 && --calls_left == 0; }
void* Count(void* p) {
  live += p != nullptr;
  return p;
}

// The program's allocators, which count and fail, for as long as this lives.
class FailingAllocators {
 public:
  FailingAllocators() {
    hiredisAllocFuncs failing = {
        [](size_t n) -> void* { return Fails() ? nullptr : Count(malloc(n)); },
        [](size_t n, size_t m) -> void* { return Fails() ? nullptr : Count(calloc(n, m)); },
        [](void* p, size_t n) -> void* {
          if (Fails()) return nullptr;
          void* grown = realloc(p, n);
          live += p == nullptr && grown != nullptr;
          return grown;
        },
        [](const char* s) -> char* {
          char* copy = Fails() ? nullptr : strdup(s);
          live += copy != nullptr;
          return copy;
        },
        [](void* p) {
          live -= p != nullptr;
          free(p);
        },
    };
    hiredisSetAllocators(&failing);
  }
  ~FailingAllocators() { hiredisResetAllocators(); }
};

// Runs `scenario` with the 1st, 2nd, ... allocation of the program's allocator failing, until it makes fewer. It
// returns whether all went well, which it must then.
void Sweep(const std::function<bool()>& scenario) {
  const FailingAllocators allocators;
  for (int n = 1;; ++n) {
    calls_left = n;
    live = 0;
    const bool good = scenario();
    const bool failed = calls_left == 0;
    calls_left = 0;
    ASSERT_EQ(live, 0) << "with call " << n << " failing";
    if (!failed) {
      EXPECT_TRUE(good) << "without a failure";
      EXPECT_GT(n, 2) << "nothing was made to fail";
      return;
    }
    ASSERT_LT(n, 5000);
  }
}

// The same with operator new of this thread. The scenario itself must not use it.
void SweepThrowing(const std::function<bool()>& scenario) {
  const FailingAllocators allocators;
  for (int64_t n = 0;; ++n) {
    live = 0;
    bool good = false, failed = false;
    {
      const testing::FailAllocations fail(n);
      good = scenario();
      failed = testing::FailAllocations::Left() == 0;
    }
    ASSERT_EQ(live, 0) << "with call " << n << " throwing";
    if (!failed) {
      EXPECT_TRUE(good) << "without a failure";
      return;
    }
    ASSERT_LT(n, 50'000);
  }
}

// Whether every part of a reply is there.
bool IsWhole(const redisReply* r) {
  if (r == nullptr) return false;
  for (size_t i = 0; i < r->elements; ++i) {
    if (!IsWhole(r->element[i])) return false;
  }
  const bool text = r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_STATUS || r->type == REDIS_REPLY_ERROR ||
                    r->type == REDIS_REPLY_VERB || r->type == REDIS_REPLY_DOUBLE;
  return !text || (r->str != nullptr && r->str[r->len] == '\0');
}

// Whether there is a reply, which is freed.
bool Got(void* reply) {
  if (reply == nullptr) return false;
  EXPECT_TRUE(IsWhole(static_cast<redisReply*>(reply)));
  freeReplyObject(reply);
  return true;
}

// Runs the scenario's steps until one fails.
template <class... Steps>
bool All(Steps... steps) {
  return (steps() && ...);
}

TEST(HiredisFaults, Reader) {
  const std::string bytes = "*3\r\n$3\r\nabc\r\n:1\r\n%1\r\n+k\r\n,1.5\r\n=7\r\ntxt:abc\r\n";
  Sweep([&] {
    redisReader* reader = redisReaderCreate();
    if (reader == nullptr) return false;
    bool good = redisReaderFeed(reader, bytes.data(), bytes.size()) == REDIS_OK;
    for (int i = 0; good && i < 2; ++i) {
      void* reply = nullptr;
      good = redisReaderGetReply(reader, &reply) == REDIS_OK && reply != nullptr;
      freeReplyObject(reply);
    }
    EXPECT_TRUE(good || reader->err == REDIS_ERR_OOM);
    redisReaderFree(reader);
    return good;
  });
}

// A long string is gathered in its reply, or, if there is no memory for that, in the buffer.
TEST(HiredisFaults, ReaderOfLongStrings) {
  const std::string text(100'000, 'x');
  const std::string bytes = "*2\r\n$100000\r\n" + text + "\r\n:1\r\n";
  Sweep([&] {
    redisReader* reader = redisReaderCreate();
    if (reader == nullptr) return false;
    void* reply = nullptr;
    bool good = true;
    for (size_t at = 0; good && at < bytes.size(); at += 30'000) {
      good = redisReaderFeed(reader, bytes.data() + at, std::min<size_t>(30'000, bytes.size() - at)) == REDIS_OK &&
             redisReaderGetReply(reader, &reply) == REDIS_OK;
    }
    EXPECT_EQ(good, reply != nullptr);
    if (reply != nullptr) {
      EXPECT_EQ(static_cast<redisReply*>(reply)->element[0]->str, text);
    }
    freeReplyObject(reply);
    redisReaderFree(reader);
    return good && calls_left > 0;
  });
}

TEST(HiredisFaults, CompactReplies) {
  std::string bytes = "*5\r\n$3\r\nabc\r\n|1\r\n+k\r\n,1.5\r\n%1\r\n:1\r\n=7\r\ntxt:abc\r\n*2\r\n#t\r\n_\r\n$70000\r\n";
  bytes += std::string(70'000, 'x') + "\r\n*10000\r\n";
  for (int i = 0; i < 10'000; ++i) bytes += i % 100 == 0 ? "*1\r\n+x\r\n" : ":1\r\n";
  Sweep([&] {
    redisReader* reader = redisReaderCreate();
    if (reader == nullptr) return false;
    dualisReaderSetCompact(reader, 1);
    void* got = nullptr;
    bool good = true;
    for (size_t at = 0; good && at < bytes.size(); at += 16'384) {
      good = redisReaderFeed(reader, bytes.data() + at, std::min<size_t>(16'384, bytes.size() - at)) == REDIS_OK &&
             redisReaderGetReply(reader, &got) == REDIS_OK;
    }
    EXPECT_TRUE(good || reader->err == REDIS_ERR_OOM);
    EXPECT_EQ(good, got != nullptr);
    redisReaderFree(reader);
    auto* reply = static_cast<redisReply*>(got);
    if (reply != nullptr) {
      EXPECT_EQ(reply->element[4]->elements, 10'000u);
      redisReply* smaller = dualisCompactReply(reply);
      good = smaller != nullptr;
      if (good) reply = smaller;
    }
    freeReplyObject(reply);
    return good && calls_left > 0;
  });
  Sweep([] {
    redisContext* c = redisConnect("mem://compact_faults", 0);
    if (c == nullptr) return false;
    bool good = c->err == 0;
    if (good) dualisReaderSetCompact(c->reader, 1);
    for (const char* command : {"HELLO 3", "DEL l h", "RPUSH l a b c", "HSET h f 1 g 2", "LRANGE l 0 -1", "HGETALL h",
                                "CLIENT INFO", "COMMAND DOCS GET SET"}) {
      if (!good) break;
      void* reply = redisCommand(c, command);
      EXPECT_EQ(reply == nullptr, c->err != 0);
      good = reply != nullptr;
      freeReplyObject(reply);
    }
    redisFree(c);
    return good;
  });
  dualis::Engine::Forget("compact_faults");
}

TEST(HiredisFaults, Formats) {
  Sweep([] {
    char* text = nullptr;
    const std::string big(1000, 'x');
    const int n =
        redisFormatCommand(&text, "SET %s %d %b a b c d e f g h i j k l m n o p", "k", 1, big.data(), big.size());
    if (n < 0) return false;
    redisFreeCommand(text);
    int count = 0;
    sds* words = sdssplitargs("a 'b c' \"d\\n\" e f g h i j k l m n o p q r s t", &count);
    if (words == nullptr) return false;
    sds joined = sdsjoinsds(words, count, ", ", 2);
    sdsfreesplitres(words, count);
    if (joined == nullptr) return false;
    sds more = sdscatfmt(joined, "%s %i", big.c_str(), 5);
    sdsfree(more == nullptr ? joined : more);
    return more != nullptr;
  });
}

TEST(HiredisFaults, SynchronousContext) {
  Sweep([] {
    redisContext* c = redisConnect("mem://faults", 0);
    if (c == nullptr) return false;
    bool good = c->err == 0;
    EXPECT_TRUE(good || c->err == REDIS_ERR_OOM) << c->errstr;
    const auto check = [&](void* reply) {
      EXPECT_EQ(reply == nullptr, c->err != 0);
      good = good && reply != nullptr;
      freeReplyObject(reply);
    };
    const std::string big(2000, 'x');
    if (good) check(redisCommand(c, "SET %s %b", "k", big.data(), big.size()));
    if (good) check(redisCommand(c, "DEL l"));
    if (good) check(redisCommand(c, "RPUSH l a b c"));
    if (good) check(redisCommand(c, "LRANGE l 0 -1"));
    if (good) good = redisAppendCommand(c, "GET k") == REDIS_OK && redisAppendCommand(c, "LRANGE l 0 -1") == REDIS_OK;
    for (int i = 0; good && i < 2; ++i) {
      void* reply = nullptr;
      redisGetReply(c, &reply);
      check(reply);
    }
    if (good) good = redisReconnect(c) == REDIS_OK;
    if (good) good = redisSetTimeout(c, timeval{1, 0}) == REDIS_OK;
    if (good) check(redisCommand(c, "PING"));
    redisFree(c);
    return good;
  });
  dualis::Engine::Forget("faults");
}

TEST(HiredisFaults, AsynchronousContext) {
  struct Tally {
    int replies = 0, nulls = 0;
  };
  Sweep([] {
    redisAsyncContext* ac = redisAsyncConnectUnix("mem://async_faults");
    if (ac == nullptr) return false;
    if (ac->err != 0 || redisPollAttach(ac) != REDIS_OK) {
      redisAsyncFree(ac);
      return false;
    }
    Tally tally;
    static bool gone;
    gone = false;
    redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext*, int) { gone = true; });
    const auto note = [](redisAsyncContext*, void* reply, void* privdata) {
      auto* t = static_cast<Tally*>(privdata);
      ++(reply != nullptr ? t->replies : t->nulls);
    };
    int sent = 0;
    sent += redisAsyncCommand(ac, note, &tally, "SET k v") == REDIS_OK;
    sent += redisAsyncCommand(ac, note, &tally, "GET k") == REDIS_OK;
    const bool subscribed = redisAsyncCommand(ac, note, &tally, "SUBSCRIBE a b") == REDIS_OK;
    for (int i = 0; i < 10 && !gone && tally.replies < 4 && ac->err == 0; ++i) redisPollTick(ac, 0.05);
    const bool good = !gone && sent == 2 && subscribed && tally.replies == 4;
    if (!gone) redisAsyncFree(ac);
    return good;
  });
  dualis::Engine::Forget("async_faults");
}

class Faults : public HiredisTest {
 protected:
  // Each scenario with both kinds of failure.
  template <class Scenario>
  void SweepBoth(Scenario scenario) {
    Sweep(scenario);
    if (!HasFatalFailure()) SweepThrowing(scenario);
    // Nobody else is the worse for it.
    EXPECT_EQ(Do(Connect(), "PING"), "+PONG");
  }
};
INSTANTIATE_TEST_SUITE_P(Homes, Faults, ::testing::ValuesIn(kHomes), NameOf);

constexpr timeval kPatience = {5, 0};

// Every way to send, every option.
TEST_P(Faults, EverySynchronousFunction) {
  const char* waiting = embedded() ? "BLPOP nothing 0.001" : "PING";
  const bool keeps_alive = !place().has_path() || embedded();
  SweepBoth([&] {
    int freed = 0;
    redisOptions options = {};
    place().Aim(&options);
    options.connect_timeout = options.command_timeout = &kPatience;
    REDIS_OPTIONS_SET_PRIVDATA(&options, &freed, [](void* p) { ++*static_cast<int*>(p); });
    redisContext* c = redisConnectWithOptions(&options);
    if (c == nullptr) return false;
    const char* argv[] = {"SET", "key", "value"};
    char* command = nullptr;
    int size = -1, done = 0;
    const auto next = [&] {
      void* reply = nullptr;
      return redisGetReply(c, &reply) == REDIS_OK && Got(reply);
    };
    const bool good = All(
        [&] { return c->err == 0; }, [&] { return place().Secure(c) == REDIS_OK; },
        [&] { return redisSetTimeout(c, kPatience) == REDIS_OK; },
        [&] { return !keeps_alive || redisEnableKeepAliveWithInterval(c, 5) == REDIS_OK; },
        [&] { return !keeps_alive || redisSetTcpUserTimeout(c, 5000) == REDIS_OK; },
        [&] { return Got(redisCommandArgv(c, 3, argv, nullptr)); }, [&] { return Got(redisCommand(c, "HELLO 3")); },
        [&] { return Got(redisCommand(c, "CONFIG GET max*")); },
        [&] { return Got(redisCommand(c, "EVAL %s 0", "return {1, {2, 'x'}, 1.5}")); },
        [&] { return redisAppendCommandArgv(c, 3, argv, nullptr) == REDIS_OK && next(); },
        [&] { return redisAppendCommand(c, "GET %s", "key") == REDIS_OK; },
        [&] { return redisAppendCommand(c, "HGETALL %b", "h", size_t{1}) == REDIS_OK; },
        [&] { return next() && next(); }, [&] { return (size = redisFormatCommand(&command, "ECHO %s", "words")) > 0; },
        [&] { return redisAppendFormattedCommand(c, command, static_cast<size_t>(size)) == REDIS_OK; },
        [&] { return redisBufferWrite(c, &done) == REDIS_OK && next(); },
        [&] {
          return Got(redisCommand(c, "MULTI")) && Got(redisCommand(c, "GET key")) && Got(redisCommand(c, "EXEC"));
        },
        [&] { return Got(redisCommand(c, waiting)); }, [&] { return Got(redisCommand(c, "SUBSCRIBE a")); },
        [&] { return Got(redisCommand(c, "UNSUBSCRIBE")); },
        [&] { return redisReconnect(c) == REDIS_OK && place().Secure(c) == REDIS_OK; },
        [&] { return Got(redisCommand(c, "PING")); });
    EXPECT_TRUE(good || c->err != 0 || size < 0) << "a failure without an error";
    redisFreeCommand(command);
    redisFree(c);
    EXPECT_EQ(freed, 1);
    return good;
  });
}

TEST_P(Faults, ConnectingInEveryWay) {
  const char *host = place().host(), *path = place().path();
  const int port = place().port();
  using Way = redisContext* (*)(const char*, int);
  const Way by_port[] = {
      [](const char* h, int p) { return redisConnect(h, p); },
      [](const char* h, int p) { return redisConnectWithTimeout(h, p, kPatience); },
      [](const char* h, int p) { return redisConnectNonBlock(h, p); },
      [](const char* h, int p) { return redisConnectBindNonBlock(h, p, "127.0.0.1"); },
      [](const char* h, int p) { return redisConnectBindNonBlockWithReuse(h, p, "127.0.0.1"); },
  };
  const Way by_path[] = {
      [](const char* p, int) { return redisConnectUnix(p); },
      [](const char* p, int) { return redisConnectUnixWithTimeout(p, kPatience); },
      [](const char* p, int) { return redisConnectUnixNonBlock(p); },
  };
  const auto sweep = [&](Way way, const char* where) {
    SweepBoth([&] {
      redisContext* c = way(where, port);
      if (c == nullptr) return false;
      EXPECT_TRUE(c->err == 0 || c->err == REDIS_ERR_OOM) << c->errstr;
      const bool good = c->err == 0;
      redisFree(c);
      return good;
    });
  };
  for (const Way way : by_port) {
    if (!place().has_path() || embedded()) sweep(way, host);
  }
  for (const Way way : by_path) {
    if (place().has_path()) sweep(way, path);
  }
}

// An asynchronous context in a loop, and what became of it.
struct InLoop {
  explicit InLoop(const Place& place) {
    redisOptions options = {};
    place.Aim(&options);
    ac = redisAsyncConnectWithOptions(&options);
    if (ac == nullptr) return;
    ac->data = this;
    if (ac->err != 0 || place.Secure(&ac->c) != REDIS_OK || redisPollAttach(ac) != REDIS_OK) {
      redisAsyncFree(ac);
      ac = nullptr;
      return;
    }
    redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext* c, int) { Of(c)->ac = nullptr; });
    redisAsyncSetConnectCallback(ac, [](const redisAsyncContext* c, int status) {
      if (status != REDIS_OK) Of(c)->ac = nullptr;
    });
  }
  ~InLoop() {
    if (ac != nullptr) redisAsyncFree(ac);
  }
  InLoop(const InLoop&) = delete;
  InLoop& operator=(const InLoop&) = delete;

  static InLoop* Of(const redisAsyncContext* c) { return static_cast<InLoop*>(c->data); }
  static void Note(redisAsyncContext* c, void* reply, void*) {
    InLoop* loop = Of(c);
    ++(reply != nullptr ? loop->replies : loop->nulls);
    EXPECT_TRUE(reply == nullptr || IsWhole(static_cast<redisReply*>(reply)));
  }
  // Whether so many replies came before the end of the connection.
  bool Until(int n) {
    for (int i = 0; i < 40 && ac != nullptr && ac->err == 0 && replies < n; ++i) redisPollTick(ac, 0.05);
    return ac != nullptr && ac->err == 0 && replies == n;
  }

  redisAsyncContext* ac = nullptr;
  int replies = 0, nulls = 0;
};

TEST_P(Faults, SubscribersAndOthersInALoop) {
  SweepBoth([&] {
    InLoop loop(place());
    if (loop.ac == nullptr) return false;
    const char* argv[] = {"SUBSCRIBE", "a", "b"};
    const auto send = [&](const char* command) {
      return redisAsyncCommand(loop.ac, InLoop::Note, nullptr, command) == REDIS_OK;
    };
    // HELLO, five confirmations, three publications' messages, two counts, PONG.
    return redisAsyncSetTimeout(loop.ac, kPatience) == REDIS_OK && send("HELLO 3") && send("SSUBSCRIBE s t") &&
           send("PSUBSCRIBE a*") &&
           redisAsyncCommandArgv(loop.ac, InLoop::Note, nullptr, 3, argv, nullptr) == REDIS_OK &&
           send("SPUBLISH s 1") && send("PUBLISH a 1") && send("PING") && loop.Until(1 + 5 + 3 + 2 + 1);
  });
}

TEST_P(Faults, CommandsInALoop) {
  // A server looks at its clock ten times a second.
  const char* waiting = embedded() ? "BLPOP nothing 0.001" : "PING";
  SweepBoth([&] {
    InLoop loop(place());
    if (loop.ac == nullptr) return false;
    const auto send = [&](const char* command) {
      return redisAsyncCommand(loop.ac, InLoop::Note, nullptr, command) == REDIS_OK;
    };
    return send("SET k v") && send(waiting) && send("MULTI") && send("GET k") && send("EXEC") &&
           send("COMMAND INFO get") && loop.Until(6);
  });
}

// hiredis/dualis.h.

TEST_P(Faults, CommandsWithTimeouts) {
  SweepBoth([&] {
    InLoop loop(place());
    if (loop.ac == nullptr) return false;
    const char* argv[] = {"ECHO", "x"};
    return dualisAsyncCommand(loop.ac, kPatience, InLoop::Note, nullptr, "ECHO %s", "x") == REDIS_OK &&
           dualisAsyncCommandArgv(loop.ac, kPatience, InLoop::Note, nullptr, 2, argv, nullptr) == REDIS_OK &&
           dualisAsyncCommand(loop.ac, timeval{0, 1}, InLoop::Note, nullptr, "BLPOP nothing 0.01") == REDIS_OK &&
           redisAsyncCommand(loop.ac, InLoop::Note, nullptr, "PING") == REDIS_OK && loop.Until(3) && loop.nulls == 1;
  });
}

int CountBytes(void* sum, const char*, size_t size, size_t, size_t) {
  *static_cast<size_t*>(sum) += size;
  return 0;
}

TEST_P(Faults, LargeStringsInPieces) {
  const std::string big(100'000, 'x');
  Do(Connect(), "SET big %b", big.data(), big.size());
  SweepBoth([&] {
    redisOptions options = {};
    place().Aim(&options);
    redisContext* c = redisConnectWithOptions(&options);
    if (c == nullptr) return false;
    size_t sum = 0;
    void* reply = nullptr;
    int streamed = 0;
    const bool good = c->err == 0 && place().Secure(c) == REDIS_OK && redisAppendCommand(c, "GET big") == REDIS_OK &&
                      redisAppendCommand(c, "PING") == REDIS_OK &&
                      dualisGetReplyStreaming(c, 1000, CountBytes, &sum, &reply, &streamed) == REDIS_OK && Got(reply) &&
                      dualisGetReplyStreaming(c, 1000, CountBytes, &sum, &reply, nullptr) == REDIS_OK && Got(reply);
    EXPECT_TRUE(good || c->err != 0);
    // An error of the engine's own, if memory was short there, is no large string.
    const bool all = sum == big.size();
    redisFree(c);
    return good && all;
  });
  SweepBoth([&] {
    size_t sum = 0;
    InLoop loop(place());
    if (loop.ac == nullptr) return false;
    const char* argv[] = {"GET", "big"};
    const auto done = [](redisAsyncContext* ac, void* reply, void*) { InLoop::Note(ac, reply, nullptr); };
    return dualisAsyncCommandStreaming(loop.ac, 1000, CountBytes, done, &sum, "GET %s", "big") == REDIS_OK &&
           dualisAsyncCommandArgvStreaming(loop.ac, 1000, CountBytes, done, &sum, 2, argv, nullptr) == REDIS_OK &&
           redisAsyncCommand(loop.ac, InLoop::Note, nullptr, "PING") == REDIS_OK && loop.Until(3) &&
           sum == 2 * big.size();
  });
}

TEST_P(Faults, RepliesInOneBlock) {
  Do(Connect(), "XADD s 1-1 field value");
  SweepBoth([&] {
    redisOptions options = {};
    place().Aim(&options);
    redisContext* c = redisConnectWithOptions(&options);
    if (c == nullptr) return false;
    bool good = c->err == 0 && place().Secure(c) == REDIS_OK;
    auto* reply = good ? static_cast<redisReply*>(redisCommand(c, "XRANGE s - +")) : nullptr;
    redisReply* compact = dualisCompactReply(reply);
    good = IsWhole(compact) && compact->type == REDIS_REPLY_ARRAY;
    if (compact == nullptr) {
      freeReplyObject(reply);
    } else {
      dualisFreeCompactReply(compact);
    }
    redisFree(c);
    return good;
  });
}

TEST_P(Faults, Pools) {
  SweepBoth([&] {
    redisOptions options = {};
    place().Aim(&options);
    dualisPool* pool = dualisPoolCreate(
        &options, 2, [](redisContext* c, void* where) { return static_cast<const Place*>(where)->Secure(c); },
        const_cast<Place*>(&place()));
    if (pool == nullptr) return false;
    bool good = true;
    for (int round = 0; round < 2; ++round) {
      redisContext* both[] = {dualisPoolTake(pool, 1000), dualisPoolTake(pool, 1000)};
      for (redisContext* c : both) {
        good = good && c != nullptr && c->err == 0 && Got(redisCommand(c, "PING"));
        dualisPoolGive(pool, c);
      }
    }
    int taken = -1, idle = -1;
    dualisPoolCounts(pool, &taken, &idle);
    EXPECT_EQ(taken, 0);
    EXPECT_TRUE(!good || idle == 2);
    dualisPoolFree(pool);
    return good;
  });
}

TEST_P(Faults, ContextsThatReconnect) {
  SweepBoth([&] {
    struct State {
      const Place* place;
      redisAsyncContext* ac = nullptr;
      int ups = 0, replies = 0, downs = 0;
    } state{&place()};
    dualisReconnectOptions options = {};
    place().Aim(&options.connect);
    options.first_ms = options.max_ms = 1;
    options.privdata = &state;
    options.attach = [](redisAsyncContext* ac, void* p) {
      auto* s = static_cast<State*>(p);
      if (s->place->Secure(&ac->c) != REDIS_OK || redisPollAttach(ac) != REDIS_OK) return REDIS_ERR;
      s->ac = ac;
      return REDIS_OK;
    };
    options.up = [](redisAsyncContext* ac, void* p) {
      ++static_cast<State*>(p)->ups;
      redisAsyncCommand(
          ac, [](redisAsyncContext*, void* reply, void* s) { static_cast<State*>(s)->replies += reply != nullptr; }, p,
          "QUIT");
    };
    options.down = [](const char* error, unsigned, void* p) {
      EXPECT_NE(*error, '\0');
      static_cast<State*>(p)->ac = nullptr;
      ++static_cast<State*>(p)->downs;
    };
    dualisReconnecting* r = dualisReconnectingCreate(&options);
    if (r == nullptr) return false;
    for (int i = 0; i < 40 && state.replies < 2 && state.downs < 4; ++i) {
      dualisReconnectingTick(r);
      if (state.ac != nullptr) redisPollTick(state.ac, 0.05);
    }
    const bool good = state.replies == 2 && state.ups == 2;
    dualisReconnectingFree(r);
    return good;
  });
}

TEST(HiredisFaults, Routes) {
  dualisHiredisRoute("faulty.example:2", nullptr);  // makes the table
  SweepThrowing([] {
    const bool good = dualisHiredisRoute("/nosuch/faulty.sock", "mem://faulty_route") == REDIS_OK &&
                      dualisHiredisRoute("faulty.example:2", "mem://faulty_route") == REDIS_OK;
    redisContext* c = redisConnectUnix("/nosuch/faulty.sock");
    if (c == nullptr) return false;
    EXPECT_TRUE(c->err == 0 || c->err == REDIS_ERR_OOM || !good) << c->errstr;
    const bool let_in = c->err == 0 && Got(redisCommand(c, "AUTH password")) && c->err == 0;
    redisFree(c);
    EXPECT_EQ(dualisHiredisRoute("/nosuch/faulty.sock", nullptr), REDIS_OK);
    EXPECT_EQ(dualisHiredisRoute("faulty.example:2", nullptr), REDIS_OK);
    return good && let_in;
  });
  Engine::Forget("faulty_route");
}

TEST(HiredisFaults, TlsRules) {
  const std::string cert = Certificate::Get().cert(), key = Certificate::Get().key();
  Sweep([&] {
    redisSSLContextError error = REDIS_SSL_CTX_NONE;
    redisSSLContext* made =
        redisCreateSSLContext(cert.c_str(), nullptr, cert.c_str(), key.c_str(), "localhost", &error);
    EXPECT_EQ(made == nullptr, error != REDIS_SSL_CTX_NONE);
    redisFreeSSLContext(made);
    return made != nullptr;
  });
}

TEST(HiredisFaults, Strings) {
  Sweep([] {
    const std::string big(300, 'x');
    sds s = sdsnewlen(big.data(), big.size());
    sds grown = nullptr;
    // A step that fails leaves the string as it was.
    const auto step = [&](sds made) {
      if (made == nullptr) return false;
      s = made;
      return true;
    };
    const bool good = s != nullptr && step(sdscat(s, "abc")) && step(sdscatprintf(s, "%s %d", big.c_str(), 1)) &&
                      step(sdscatrepr(s, "a\n\x01", 3)) && step(sdsgrowzero(s, 5000)) && step(sdsRemoveFreeSpace(s)) &&
                      step(sdscpylen(s, "short", 5)) && step(sdsMakeRoomFor(s, 100'000)) &&
                      (grown = sdsdup(s)) != nullptr && step(sdscatsds(s, grown));
    sdsfree(grown);
    sdsfree(s);
    int count = 0;
    sds* parts = good ? sdssplitlen("a,b,c,d,e,f,g", 13, ",", 1, &count) : nullptr;
    EXPECT_TRUE(parts == nullptr || count == 7);
    const bool split = parts != nullptr;
    sdsfreesplitres(parts, count);
    sds number = split ? sdsfromlonglong(-5) : nullptr;
    sdsfree(number);
    sds command = nullptr;
    const char* argv[] = {"GET", "k"};
    const bool formatted = number != nullptr && redisFormatSdsCommandArgv(&command, 2, argv, nullptr) > 0;
    redisFreeSdsCommand(command);
    return formatted;
  });
}

}  // namespace
}  // namespace dualis::compat_test
