// The program's allocator fails at its first, second, third ... call, until a whole scenario succeeds. Nothing may
// crash, everything that was allocated must come back, and a failure must be reported where the API has a place for it.
#include <hiredis/adapters/poll.h>
#include <hiredis/dualis.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>

#include "tests/compat/hiredis_fixture.h"

namespace dualis::compat_test {
namespace {

// Set by Sweep; the allocators have no other way to know.
int calls_left = 0;
long live = 0;

bool Fails() { return calls_left > 0 && --calls_left == 0; }
void* Count(void* p) {
  live += p != nullptr;
  return p;
}

// Runs `scenario` with the 1st, 2nd, ... allocation failing. It returns whether all went well, which it must in the
// end.
void Sweep(const std::function<bool()>& scenario) {
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
  bool good = false;
  int n = 1;
  for (; !good && n < 2000; ++n) {
    calls_left = n;
    live = 0;
    good = scenario();
    const bool failed = calls_left == 0;
    calls_left = 0;
    EXPECT_EQ(live, 0) << "with call " << n << " failing";
    EXPECT_TRUE(failed || good) << "call " << n;
  }
  hiredisResetAllocators();
  EXPECT_TRUE(good) << "never succeeded";
  EXPECT_GT(n, 3) << "nothing was made to fail";
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

// Every way to connect, every way to send, every option: on a socket, over TLS, and embedded.
class Faults : public ::testing::TestWithParam<Home> {};
INSTANTIATE_TEST_SUITE_P(Homes, Faults, ::testing::Values(Home::kEmbedded, Home::kListener, Home::kListenerTls),
                         NameOf);

// Runs the scenario's steps until one fails.
bool All(std::initializer_list<std::function<bool()>> steps) {
  for (const auto& step : steps) {
    if (!step()) return false;
  }
  return true;
}
bool Got(void* reply) {
  freeReplyObject(reply);
  return reply != nullptr;
}

TEST_P(Faults, EverySynchronousFunction) {
  const Place place(GetParam(), "sweep");
  Sweep([&] {
    const timeval second = {1, 0};
    int freed = 0;
    redisOptions options = {};
    place.Aim(&options);
    options.connect_timeout = options.command_timeout = &second;
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
    bool good = All({
        [&] { return c->err == 0; },
        [&] { return place.Secure(c) == REDIS_OK; },
        [&] { return redisSetTimeout(c, second) == REDIS_OK; },
        [&] { return redisEnableKeepAliveWithInterval(c, 5) == REDIS_OK; },
        [&] { return Got(redisCommandArgv(c, 3, argv, nullptr)); },
        [&] { return Got(redisCommand(c, "HELLO 3")); },
        [&] { return Got(redisCommand(c, "CONFIG GET max*")); },
        [&] { return Got(redisCommand(c, "EVAL %s 0", "return {1, {2, 'x'}, 1.5}")); },
        [&] { return redisAppendCommandArgv(c, 3, argv, nullptr) == REDIS_OK && next(); },
        [&] { return (size = redisFormatCommand(&command, "ECHO %s", "words")) > 0; },
        [&] { return redisAppendFormattedCommand(c, command, static_cast<size_t>(size)) == REDIS_OK; },
        [&] { return redisBufferWrite(c, &done) == REDIS_OK && next(); },
        [&] { return Got(redisCommand(c, "SUBSCRIBE a b")); },
        [&] { return Got(redisCommand(c, "UNSUBSCRIBE")); },
        [&] { return redisReconnect(c) == REDIS_OK && place.Secure(c) == REDIS_OK; },
        [&] { return Got(redisCommand(c, "PING")); },
    });
    EXPECT_TRUE(good || c->err != 0 || size < 0) << "a failure without an error";
    redisFreeCommand(command);
    redisFree(c);
    EXPECT_EQ(freed, 1);
    return good;
  });
}

TEST_P(Faults, ConnectingInEveryWay) {
  const Place place(GetParam(), "ways");
  const timeval second = {1, 0};
  const std::function<redisContext*()> kWays[] = {
      [&] { return redisConnect(place.host(), place.port()); },
      [&] { return redisConnectWithTimeout(place.host(), place.port(), second); },
      [&] { return redisConnectNonBlock(place.host(), place.port()); },
      [&] { return redisConnectBindNonBlock(place.host(), place.port(), "127.0.0.1"); },
      [&] { return redisConnectBindNonBlockWithReuse(place.host(), place.port(), "127.0.0.1"); },
      [&] { return redisConnectUnix("mem://ways"); },
      [&] { return redisConnectUnixWithTimeout("mem://ways", second); },
      [&] { return redisConnectUnixNonBlock("mem://ways"); },
  };
  for (const auto& way : kWays) {
    Sweep([&] {
      redisContext* c = way();
      if (c == nullptr) return false;
      EXPECT_TRUE(c->err == 0 || c->err == REDIS_ERR_OOM) << c->errstr;
      const bool good = c->err == 0;
      redisFree(c);
      return good;
    });
  }
  Engine::Forget("ways");
}

TEST_P(Faults, SubscribersAndOthersInALoop) {
  const Place place(GetParam(), "loop");
  Sweep([&] {
    static bool gone;
    gone = false;
    redisOptions options = {};
    place.Aim(&options);
    redisAsyncContext* ac = redisAsyncConnectWithOptions(&options);
    if (ac == nullptr) return false;
    if (ac->err != 0 || place.Secure(&ac->c) != REDIS_OK || redisPollAttach(ac) != REDIS_OK) {
      redisAsyncFree(ac);
      return false;
    }
    redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext*, int) { gone = true; });
    redisAsyncSetConnectCallback(ac, [](const redisAsyncContext*, int status) { gone = gone || status != REDIS_OK; });
    int calls = 0;
    const auto note = [](redisAsyncContext*, void* reply, void* count) {
      if (reply != nullptr) ++*static_cast<int*>(count);
    };
    const char* argv[] = {"SUBSCRIBE", "a", "b"};
    bool good = redisAsyncSetTimeout(ac, timeval{5, 0}) == REDIS_OK;
    for (const char* command : {"HELLO 3", "SSUBSCRIBE s t", "PSUBSCRIBE a*", "SPUBLISH s 1", "PUBLISH a 1", "PING"}) {
      good = good && redisAsyncCommand(ac, note, &calls, command) == REDIS_OK;
      if (command == std::string("PSUBSCRIBE a*")) {
        good = good && redisAsyncCommandArgv(ac, note, &calls, 3, argv, nullptr) == REDIS_OK;
      }
    }
    // HELLO, five confirmations, three publications' messages, two counts, PONG.
    constexpr int kCalls = 1 + 5 + 3 + 2 + 1;
    for (int i = 0; i < 60 && good && !gone && calls < kCalls && ac->err == 0; ++i) redisPollTick(ac, 0.05);
    good = good && !gone && calls == kCalls;
    if (!gone) redisAsyncFree(ac);
    return good;
  });
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
