// The program's allocator fails at its first, second, third ... call, until a whole scenario succeeds. Nothing may
// crash, everything that was allocated must come back, and a failure must be reported where the API has a place for it.
#include <gtest/gtest.h>
#include <hiredis/adapters/poll.h>
#include <hiredis/async.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

#include "dualis/engine.h"

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

}  // namespace
