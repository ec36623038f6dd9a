// The functions that no other test calls, on every home: each form of connecting, the va_list forms, what a program
// calls that has an event loop of its own, a program's own table of transport functions, and what is exported without a
// header. A test at the end makes sure that none is forgotten.
#include <fcntl.h>
#include <poll.h>

#include <cstdarg>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/compat/hiredis_fixture.h"

extern "C" {
void __redisSetError(redisContext* c, int type, const char* str);
int __redisAppendCommand(redisContext* c, const char* cmd, size_t len);
void __redisAsyncDisconnect(redisAsyncContext* ac);
void redisProcessCallbacks(redisAsyncContext* ac);
void redisNetClose(redisContext* c);
ssize_t redisNetRead(redisContext* c, char* buf, size_t bufcap);
ssize_t redisNetWrite(redisContext* c);
int redisSetTcpNoDelay(redisContext* c);
int redisKeepAlive(redisContext* c, int interval);
int redisCheckSocketError(redisContext* c);
int redisCheckConnectDone(redisContext* c, int* completed);
int redisContextConnectTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout);
int redisContextConnectBindTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout,
                               const char* source_addr);
int redisContextConnectUnix(redisContext* c, const char* path, const struct timeval* timeout);
int redisContextSetTimeout(redisContext* c, const struct timeval tv);
int redisContextSetTcpUserTimeout(redisContext* c, unsigned int timeout);
int redisContextUpdateConnectTimeout(redisContext* c, const struct timeval* timeout);
int redisContextUpdateCommandTimeout(redisContext* c, const struct timeval* timeout);
int sdsll2str(char* s, long long value);
int sdsull2str(char* s, unsigned long long v);
int hex_digit_to_int(char c);
extern const redisContextFuncs redisContextSSLFuncs;
}

namespace dualis::compat_test {
namespace {

using FunctionsTest = HiredisTest;
INSTANTIATE_TEST_SUITE_P(Homes, FunctionsTest, ::testing::ValuesIn(kHomes), NameOf);

constexpr timeval kTenSeconds = {10, 0};

// Waits, as a program's own loop would, until the context's descriptor can be read or (for write) written.
void WaitFor(const redisContext* c, short events) {
  pollfd p{c->fd, events, 0};
  poll(&p, 1, 10'000);
}

TEST_P(FunctionsTest, EveryFormOfConnecting) {
  using Form = std::function<redisContext*()>;
  std::vector<Form> blocking, others;
  const char* host = place().host();
  const char* path = place().path();
  const int port = place().port();
  if (!place().has_path() || embedded()) {
    blocking.push_back([=] { return redisConnect(host, port); });
    blocking.push_back([=] { return redisConnectWithTimeout(host, port, kTenSeconds); });
    others.push_back([=] { return redisConnectNonBlock(host, port); });
    others.push_back([=] { return redisConnectBindNonBlock(host, port, "127.0.0.1"); });
    others.push_back([=] { return redisConnectBindNonBlockWithReuse(host, port, "127.0.0.1"); });
  }
  if (place().has_path()) {
    blocking.push_back([=] { return redisConnectUnix(path); });
    blocking.push_back([=] { return redisConnectUnixWithTimeout(path, kTenSeconds); });
    others.push_back([=] { return redisConnectUnixNonBlock(path); });
  }
  for (const Form& form : blocking) {
    const Context c(form());
    ASSERT_EQ(c->err, 0) << c->errstr;
    ASSERT_EQ(place().Secure(c.get()), REDIS_OK) << c->errstr;
    EXPECT_EQ(Do(c, "PING"), "+PONG");
  }
  for (const Form& form : others) {
    const Context c(form());
    ASSERT_EQ(c->err, 0) << c->errstr;
    WaitFor(c.get(), POLLOUT);
    int completed = 0;
    EXPECT_EQ(redisCheckConnectDone(c.get(), &completed), REDIS_OK);
    EXPECT_EQ(completed, 1);
    EXPECT_EQ(redisCheckSocketError(c.get()), REDIS_OK);
    ASSERT_EQ(place().Secure(c.get()), REDIS_OK) << c->errstr;
    EXPECT_EQ(redisCommand(c.get(), "PING"), nullptr);
    std::string reply;
    for (int rounds = 0; rounds < 50; ++rounds) {
      ASSERT_EQ(redisBufferWrite(c.get(), nullptr), REDIS_OK) << c->errstr;
      WaitFor(c.get(), POLLIN);
      ASSERT_EQ(redisBufferRead(c.get()), REDIS_OK) << c->errstr;
      if ((reply = Next(c)) != "(no reply)") break;
    }
    EXPECT_EQ(reply, "+PONG");
  }
}

void* VCommand(redisContext* c, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  void* reply = redisvCommand(c, format, ap);
  va_end(ap);
  return reply;
}
int VAppend(redisContext* c, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  const int result = redisvAppendCommand(c, format, ap);
  va_end(ap);
  return result;
}
int VAsync(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  const int result = redisvAsyncCommand(ac, fn, privdata, format, ap);
  va_end(ap);
  return result;
}

TEST_P(FunctionsTest, ArgumentLists) {
  const Context c = Connect();
  auto* reply = static_cast<redisReply*>(VCommand(c.get(), "ECHO %s", "one"));
  EXPECT_EQ(Text(reply), "\"one\"");
  freeReplyObject(reply);
  EXPECT_EQ(VAppend(c.get(), "ECHO %d", 2), REDIS_OK);
  EXPECT_EQ(__redisAppendCommand(c.get(), "*1\r\n$4\r\nPING\r\n", 14), REDIS_OK);
  EXPECT_EQ(Next(c), "\"2\"");
  EXPECT_EQ(Next(c), "+PONG");
}

// A program that drives contexts by a loop of its own, with the functions that handlers are made of.
TEST_P(FunctionsTest, AnEventLoopOfTheProgram) {
  struct Wishes {
    bool read = false, write = false;
    timeval timer = {0, 0};
    std::vector<std::string> lines;
  } wishes;
  std::vector<redisAsyncContext*> contexts;
  if (place().has_path()) contexts.push_back(redisAsyncConnectUnix(place().path()));
  if (!place().has_path() || embedded()) {
    contexts.push_back(redisAsyncConnect(place().host(), place().port()));
    contexts.push_back(redisAsyncConnectBind(place().host(), place().port(), "127.0.0.1"));
    contexts.push_back(redisAsyncConnectBindWithReuse(place().host(), place().port(), "127.0.0.1"));
  }
  for (redisAsyncContext* ac : contexts) {
    ASSERT_EQ(ac->err, 0) << ac->errstr;
    wishes = {};
    ac->ev.data = &wishes;
    ac->ev.addRead = [](void* w) { static_cast<Wishes*>(w)->read = true; };
    ac->ev.delRead = [](void* w) { static_cast<Wishes*>(w)->read = false; };
    ac->ev.addWrite = [](void* w) { static_cast<Wishes*>(w)->write = true; };
    ac->ev.delWrite = [](void* w) { static_cast<Wishes*>(w)->write = false; };
    ac->ev.scheduleTimer = [](void* w, struct timeval tv) { static_cast<Wishes*>(w)->timer = tv; };
    ac->data = &wishes;
    const auto note = [](redisAsyncContext* c, void* reply, void*) {
      static_cast<Wishes*>(c->data)->lines.push_back(Text(static_cast<redisReply*>(reply)));
    };
    ASSERT_EQ(place().Secure(&ac->c), REDIS_OK) << ac->c.errstr;
    EXPECT_EQ(redisAsyncSetTimeout(ac, kTenSeconds), REDIS_OK);
    EXPECT_EQ(redisAsyncFormattedCommand(ac, note, nullptr, "*1\r\n$4\r\nPING\r\n", 14), REDIS_OK);
    EXPECT_EQ(VAsync(ac, note, nullptr, "ECHO %s", "x"), REDIS_OK);
    for (int rounds = 0; rounds < 50 && wishes.lines.size() < 2; ++rounds) {
      pollfd p{ac->c.fd, static_cast<short>((wishes.read ? POLLIN : 0) | (wishes.write ? POLLOUT : 0)), 0};
      ASSERT_EQ(poll(&p, 1, 10'000), 1);
      const bool connected = (ac->c.flags & REDIS_CONNECTED) != 0;
      // Once connected the handlers are these functions.
      if ((p.revents & POLLIN) != 0) (connected && !place().tls() ? redisAsyncRead : redisAsyncHandleRead)(ac);
      if ((p.revents & POLLOUT) != 0) (connected && !place().tls() ? redisAsyncWrite : redisAsyncHandleWrite)(ac);
      redisProcessCallbacks(ac);
    }
    EXPECT_EQ(wishes.lines, (std::vector<std::string>{"+PONG", "\"x\""}));
    EXPECT_EQ(wishes.timer.tv_sec, 10);
    EXPECT_EQ(ac->c.funcs == &redisContextSSLFuncs, place().tls());
    // A timer that goes off when nothing is due is nothing.
    redisAsyncHandleTimeout(ac);
    EXPECT_EQ(ac->err, 0);
    __redisAsyncDisconnect(ac);
  }
}

TEST_P(FunctionsTest, WhatIsExportedWithoutAHeader) {
  const Context c = Connect();
  EXPECT_EQ(redisCheckSocketError(c.get()), REDIS_OK);
  EXPECT_EQ(redisContextSetTimeout(c.get(), kTenSeconds), REDIS_OK);
  EXPECT_EQ(redisContextUpdateConnectTimeout(c.get(), &kTenSeconds), REDIS_OK);
  EXPECT_EQ(redisContextUpdateCommandTimeout(c.get(), &kTenSeconds), REDIS_OK);
  EXPECT_EQ(c->connect_timeout->tv_sec, 10);
  EXPECT_EQ(c->command_timeout->tv_sec, 10);
  if (!place().has_path() || embedded()) {
    EXPECT_EQ(redisSetTcpNoDelay(c.get()), REDIS_OK);
    EXPECT_EQ(redisKeepAlive(c.get(), 5), REDIS_OK);
    EXPECT_EQ(redisContextSetTcpUserTimeout(c.get(), 5000), REDIS_OK);
    EXPECT_EQ(redisSetTcpUserTimeout(c.get(), 5000), REDIS_OK);
  }
  if (!place().tls() && !embedded()) {
    // The socket's own functions.
    EXPECT_EQ(redisAppendCommand(c.get(), "PING"), REDIS_OK);
    EXPECT_EQ(redisNetWrite(c.get()), 14);
    sdsclear(c->obuf);
    char buffer[64];
    EXPECT_EQ(redisNetRead(c.get(), buffer, sizeof(buffer)), 7);
    EXPECT_EQ(std::string(buffer, 7), "+PONG\r\n");
  }
  if (!embedded()) {
    redisNetClose(c.get());
    EXPECT_EQ(c->fd, REDIS_INVALID_FD);
    if (!place().tls()) {
      const int connected = place().has_path()
                                ? redisContextConnectUnix(c.get(), place().path(), &kTenSeconds)
                                : redisContextConnectTcp(c.get(), place().host(), place().port(), &kTenSeconds);
      EXPECT_EQ(connected, REDIS_OK) << c->errstr;
      EXPECT_EQ(Do(c, "PING"), "+PONG");
      if (!place().has_path()) {
        redisNetClose(c.get());
        EXPECT_EQ(redisContextConnectBindTcp(c.get(), place().host(), place().port(), nullptr, "127.0.0.1"), REDIS_OK);
        EXPECT_EQ(Do(c, "PING"), "+PONG");
      }
    }
  }
  __redisSetError(c.get(), REDIS_ERR_OTHER, "of the program");
  EXPECT_EQ(c->err, REDIS_ERR_OTHER);
  EXPECT_STREQ(c->errstr, "of the program");
  errno = ENOENT;
  __redisSetError(c.get(), REDIS_ERR_IO, nullptr);
  EXPECT_STREQ(c->errstr, "No such file or directory");
}

// A program puts its own functions around the transport, as proxies and tracers do.
const redisContextFuncs* inner;
size_t bytes_read, bytes_written;

TEST_P(FunctionsTest, ATableOfTheProgram) {
  const Context c = Connect();
  inner = c->funcs;
  bytes_read = bytes_written = 0;
  static redisContextFuncs counting;
  counting = *inner;
  counting.read = [](redisContext* context, char* to, size_t size) {
    const ssize_t n = inner->read(context, to, size);
    if (n > 0) bytes_read += static_cast<size_t>(n);
    return n;
  };
  counting.write = [](redisContext* context) {
    const ssize_t n = inner->write(context);
    if (n > 0) bytes_written += static_cast<size_t>(n);
    return n;
  };
  c->funcs = &counting;
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  EXPECT_EQ(bytes_written, 14u);
  EXPECT_EQ(bytes_read, 7u);
  EXPECT_EQ(redisSetTimeout(c.get(), kTenSeconds), REDIS_OK);
  EXPECT_EQ(Do(c, "BLPOP nothing 0.01"), "(nil)");
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  EXPECT_EQ(c->funcs == &counting, !place().tls()) << "TLS puts its own in the place";
  EXPECT_EQ(Do(c, "PING"), "+PONG");
}

sds VPrint(sds s, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  s = sdscatvprintf(s, format, ap);
  va_end(ap);
  return s;
}

TEST(Functions, Strings) {
  sds printed = VPrint(sdsnew("a"), "%d-%s", 5, "b");
  EXPECT_STREQ(printed, "a5-b");
  sdsfree(printed);
  char text[32];
  EXPECT_EQ(std::string(text, static_cast<size_t>(sdsll2str(text, -9223372036854775807LL - 1))),
            "-9223372036854775808");
  EXPECT_EQ(std::string(text, static_cast<size_t>(sdsull2str(text, 18446744073709551615ULL))), "18446744073709551615");
  EXPECT_EQ(hex_digit_to_int('f'), 15);
  EXPECT_EQ(hex_digit_to_int('A'), 10);
  EXPECT_EQ(hex_digit_to_int('7'), 7);
  EXPECT_EQ(hex_digit_to_int('x'), 0);

  sds s = sdsMakeRoomFor(sdsnew("HeLLo"), 100);
  sdstolower(s);
  EXPECT_STREQ(s, "hello");
  std::memcpy(s + 5, " you", 5);
  sdsIncrLen(s, 4);
  EXPECT_EQ(sdslen(s), 9u);
  EXPECT_GE(sdsAllocSize(s), sdsalloc(s));
  EXPECT_LT(sdsAllocPtr(s), s);
  s[3] = '\0';
  sdsupdatelen(s);
  EXPECT_EQ(sdslen(s), 3u);
  sdsinclen(s, 2);
  sdssetlen(s, 4);
  EXPECT_EQ(sdslen(s), 4u);
  const size_t room = sdsalloc(s);
  sdssetalloc(s, room);
  EXPECT_EQ(sdsavail(s), room - 4);
  sdsclear(s);
  EXPECT_EQ(sdslen(s), 0u);
  sdsfree(s);

  char a[] = "a", b[] = "b", between[] = ", ";
  char* words[] = {a, b};
  sds joined = sdsjoin(words, 2, between);
  EXPECT_STREQ(joined, "a, b");
  sdsfree(joined);

  void* memory = sds_realloc(sds_malloc(10), 20);
  ASSERT_NE(memory, nullptr);
  sds_free(memory);
  memory = hi_malloc(5);
  EXPECT_EQ(hiredisAllocFns.mallocFn, malloc);
  hi_free(memory);
  EXPECT_EQ(hi_calloc(SIZE_MAX / 2, 3), nullptr);
}

// Every exported function and every inline one is named in some test of this folder.
TEST(Functions, NoneIsForgotten) {
  const nlohmann::json facts = nlohmann::json::parse(std::ifstream("tests/compat/abi/1.5.0-dev.json"));
  std::set<std::string> missing;
  for (const char* kind : {"symbols", "ssl_symbols"}) {
    for (const auto& [name, letter] : facts[kind].items()) missing.insert(name);
  }
  for (const auto& header : facts["headers"]) {
    for (const auto& [name, prototype] : header["functions"].items()) missing.insert(name);
  }
  for (const auto& entry : std::filesystem::directory_iterator("tests/compat")) {
    if (!entry.is_regular_file() || entry.path().filename().string().rfind("hiredis_", 0) != 0) continue;
    if (entry.path().extension() == ".txt") continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    static const std::regex word("[A-Za-z_]\\w*");
    for (std::sregex_iterator it(text.begin(), text.end(), word), end; it != end; ++it) missing.erase(it->str());
  }
  EXPECT_EQ(missing, std::set<std::string>());
}

}  // namespace
}  // namespace dualis::compat_test
