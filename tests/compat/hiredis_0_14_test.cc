// A program as Debian 12 has them: compiled against the headers of its libhiredis-dev 0.14 (this file includes none of
// ours), run on our libhiredis.so.0.14. Embedded, by route, and against redis-server.
#include <gtest/gtest.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tests/runner/oracle_server.h"

static_assert(HIREDIS_MAJOR == 0 && HIREDIS_MINOR == 14);

// Not in those headers.
extern "C" int dualisHiredisRoute(const char* endpoint, const char* target);
extern "C" int dualisHiredisIsEmbedded(const redisContext* c);

namespace dualis::compat_test {
namespace {

using Lines = std::vector<std::string>;

std::string Text(const redisReply* r) {
  if (r == nullptr) return "(no reply)";
  switch (r->type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(r->integer);
    case REDIS_REPLY_ERROR:
      return "(error) " + std::string(r->str, r->len);
    case REDIS_REPLY_STATUS:
      return "+" + std::string(r->str, r->len);
    case REDIS_REPLY_STRING:
      return "\"" + std::string(r->str, r->len) + "\"";
    case REDIS_REPLY_ARRAY:
      break;
    default:
      return "(unknown type " + std::to_string(r->type) + ")";
  }
  std::string text = "[";
  for (size_t i = 0; i < r->elements; ++i) text += (i > 0 ? " " : "") + Text(r->element[i]);
  return text + "]";
}

enum class Home { kNamed, kRouted, kServer };

class Old : public ::testing::TestWithParam<Home> {
 protected:
  Old() {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string name = "mem://" + test.substr(0, test.find('/'));
    if (GetParam() == Home::kNamed) path_ = name;
    if (GetParam() == Home::kRouted) {
      path_ = "/run/" + name.substr(6) + ".sock";
      EXPECT_EQ(dualisHiredisRoute(path_.c_str(), (name + "-routed").c_str()), REDIS_OK);
    }
    if (GetParam() == Home::kServer) {
      server_ = std::make_unique<cases::OracleServer>();
      path_ = server_->socket_path();
    }
    c_ = Connect();
  }
  ~Old() override { redisFree(c_); }

  redisContext* Connect() const {
    redisContext* c = redisConnectUnix(path());
    EXPECT_EQ(c->err, 0) << c->errstr;
    EXPECT_EQ(dualisHiredisIsEmbedded(c), GetParam() != Home::kServer);
    return c;
  }
  const char* path() const { return path_.c_str(); }
  static std::string Take(void* reply, const redisContext* c) {
    if (reply == nullptr) return "! " + std::to_string(c->err) + " " + c->errstr;
    const std::string text = Text(static_cast<redisReply*>(reply));
    freeReplyObject(reply);
    return text;
  }
  template <class... A>
  std::string Do(const char* format, A... args) {
    return Take(redisCommand(c_, format, args...), c_);
  }
  std::string Next() {
    void* reply = nullptr;
    return redisGetReply(c_, &reply) == REDIS_OK ? Take(reply, c_) : Take(nullptr, c_);
  }

  std::unique_ptr<cases::OracleServer> server_;
  std::string path_;
  redisContext* c_;
};

std::string NameOf(const ::testing::TestParamInfo<Home>& info) {
  return info.param == Home::kNamed ? "Named" : info.param == Home::kRouted ? "Routed" : "Server";
}
INSTANTIATE_TEST_SUITE_P(Homes, Old, ::testing::Values(Home::kNamed, Home::kRouted, Home::kServer), NameOf);

TEST_P(Old, CommandsOfEveryReplyType) {
  EXPECT_EQ(Do("PING"), "+PONG");
  EXPECT_EQ(Do("SET %s %b", "k", "a\0b", size_t{3}), "+OK");
  EXPECT_EQ(Do("GET k"), std::string("\"a\0b\"", 5));
  EXPECT_EQ(Do("GET missing"), "(nil)");
  EXPECT_EQ(Do("INCR n"), "1");
  EXPECT_EQ(Do("INCR k"), "(error) ERR value is not an integer or out of range");
  EXPECT_EQ(Do("RPUSH l a b c"), "3");
  EXPECT_EQ(Do("LRANGE l 0 -1"), "[\"a\" \"b\" \"c\"]");
  EXPECT_EQ(Do("LRANGE missing 0 -1"), "[]");
  EXPECT_EQ(Do("XADD s 1-1 f v"), "\"1-1\"");
  EXPECT_EQ(Do("XREAD STREAMS s 0"), "[[\"s\" [[\"1-1\" [\"f\" \"v\"]]]]]");
  const char* argv[] = {"ECHO", "two words"};
  EXPECT_EQ(Take(redisCommandArgv(c_, 2, argv, nullptr), c_), "\"two words\"");
  EXPECT_EQ(c_->err, 0);
  EXPECT_EQ(c_->flags & (REDIS_BLOCK | REDIS_CONNECTED), REDIS_BLOCK | REDIS_CONNECTED);
}

// Whatever a program asks for by HELLO 3, it gets types that it knows.
TEST_P(Old, Resp3IsConvertedDown) {
  for (const bool pipelined : {false, true}) {
    const auto say = [&](const char* format) {
      if (!pipelined) return Do(format);
      redisAppendCommand(c_, format);
      return Next();
    };
    EXPECT_EQ(say("HELLO 3").substr(0, 9), "[\"server\"");
    say("DEL h s z k");
    EXPECT_EQ(say("HSET h f v"), "1");
    EXPECT_EQ(say("HGETALL h"), "[\"f\" \"v\"]");
    EXPECT_EQ(say("SADD s m"), "1");
    EXPECT_EQ(say("SMEMBERS s"), "[\"m\"]");
    EXPECT_EQ(say("ZADD z 1.5 m"), "1");
    EXPECT_EQ(say("ZSCORE z m"), "\"1.5\"");
    EXPECT_EQ(say("ZRANGE z 0 -1 WITHSCORES"), "[[\"m\" \"1.5\"]]");
    EXPECT_EQ(say("GET missing"), "(nil)");
    EXPECT_EQ(say("INFO server").substr(0, 11), "\"# Server\r\n") << "a verbatim string without its format";
    EXPECT_EQ(say("EVAL return({double=2.5}) 0"), "\"2.5\"");
  }
}

TEST_P(Old, PipelinesAndBuffers) {
  for (int i = 0; i < 100; ++i) ASSERT_EQ(redisAppendCommand(c_, "RPUSH q %d", i), REDIS_OK);
  EXPECT_NE(c_->obuf[0], '\0');
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Next(), std::to_string(i + 1));
  char* command = nullptr;
  const int size = redisFormatCommand(&command, "LLEN %s", "q");
  ASSERT_EQ(redisAppendFormattedCommand(c_, command, static_cast<size_t>(size)), REDIS_OK);
  free(command);
  int done = 0;
  EXPECT_EQ(redisBufferWrite(c_, &done), REDIS_OK);
  EXPECT_EQ(done, 1);
  pollfd p{c_->fd, POLLIN, 0};
  EXPECT_EQ(poll(&p, 1, 2000), 1);
  EXPECT_EQ(redisBufferRead(c_), REDIS_OK);
  void* reply = nullptr;
  EXPECT_EQ(redisGetReplyFromReader(c_, &reply), REDIS_OK);
  EXPECT_EQ(Take(reply, c_), "100");
}

TEST_P(Old, TimeoutsAndReconnect) {
  EXPECT_EQ(Do("SET k v"), "+OK");
  ASSERT_EQ(redisSetTimeout(c_, timeval{0, 20'000}), REDIS_OK);
  EXPECT_EQ(Do("BLPOP q 0"), "! 1 Resource temporarily unavailable");
  EXPECT_EQ(c_->err, REDIS_ERR_IO);
  ASSERT_EQ(redisReconnect(c_), REDIS_OK);
  EXPECT_EQ(c_->err, 0);
  EXPECT_EQ(Do("GET k"), "\"v\"");
  EXPECT_EQ(Do("BLPOP q 0.1"), "(nil)") << "the timeout went with the connection";
  redisContext* timed = redisConnectUnixWithTimeout(path(), timeval{5, 0});
  EXPECT_EQ(timed->err, 0);
  EXPECT_EQ(timed->timeout->tv_sec, 5);
  EXPECT_STREQ(timed->unix_sock.path, path());
  redisFree(timed);
}

TEST_P(Old, PublishAndSubscribe) {
  redisContext* other = Connect();
  EXPECT_EQ(Do("SUBSCRIBE a"), "[\"subscribe\" \"a\" 1]");
  EXPECT_EQ(Take(redisCommand(other, "PUBLISH a 1"), other), "1");
  EXPECT_EQ(Next(), "[\"message\" \"a\" \"1\"]");
  EXPECT_EQ(Do("UNSUBSCRIBE a"), "[\"unsubscribe\" \"a\" 0]");
  redisFree(other);
}

TEST_P(Old, ShardsAndMonitor) {
  redisContext* other = Connect();
  EXPECT_EQ(Do("SSUBSCRIBE a"), "[\"ssubscribe\" \"a\" 1]");
  EXPECT_EQ(Take(redisCommand(other, "SPUBLISH a 1"), other), "1");
  EXPECT_EQ(Next(), "[\"smessage\" \"a\" \"1\"]");
  EXPECT_EQ(Do("SUNSUBSCRIBE a"), "[\"sunsubscribe\" \"a\" 0]");
  EXPECT_EQ(Do("MONITOR"), "+OK");
  EXPECT_EQ(Take(redisCommand(other, "SET k v"), other), "+OK");
  const std::string line = Next();
  EXPECT_NE(line.find("\"SET\" \"k\" \"v\""), std::string::npos) << line;
  redisFree(other);
}

TEST_P(Old, WhatOnlyAnEmbeddedContextDoes) {
  if (GetParam() == Home::kServer) GTEST_SKIP();
  EXPECT_EQ(redisEnableKeepAlive(c_), REDIS_OK);
  EXPECT_EQ(Do("AUTH secret").substr(0, 3), GetParam() == Home::kRouted ? "+OK" : "(er");
  EXPECT_EQ(Do("CLIENT SETNAME me"), "+OK");
  EXPECT_EQ(Do("SET n 1"), "+OK");
  const pid_t child = fork();
  if (child == 0) {
    bool ok = Do("INCR n") == "2";
    for (int i = 0; i < 100; ++i) redisAppendCommand(c_, "INCR n");
    for (int i = 0; i < 100; ++i) ok = Next() == std::to_string(i + 3) && ok;
    _exit(ok && redisReconnect(c_) == REDIS_OK && Do("GET n") == "\"102\"" ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Do("GET n"), "\"1\"");
}

// An event loop of the program's own over ev and c.fd.
class Loop {
 public:
  explicit Loop(const char* path) : ac_(redisAsyncConnectUnix(path)) {
    EXPECT_EQ(ac_->err, 0) << ac_->errstr;
    ac_->data = this;
    ac_->ev.data = this;
    ac_->ev.addRead = [](void* p) { static_cast<Loop*>(p)->events_ |= POLLIN; };
    ac_->ev.delRead = [](void* p) { static_cast<Loop*>(p)->events_ &= ~POLLIN; };
    ac_->ev.addWrite = [](void* p) { static_cast<Loop*>(p)->events_ |= POLLOUT; };
    ac_->ev.delWrite = [](void* p) { static_cast<Loop*>(p)->events_ &= ~POLLOUT; };
    ac_->ev.cleanup = [](void* p) { static_cast<Loop*>(p)->events_ = 0; };
    redisAsyncSetConnectCallback(ac_, [](const redisAsyncContext* ac, int status) {
      Of(ac)->lines_.push_back(status == REDIS_OK ? "connected" : "not connected");
    });
    redisAsyncSetDisconnectCallback(ac_, [](const redisAsyncContext* ac, int status) {
      Of(ac)->lines_.push_back(status == REDIS_OK ? "disconnected" : std::string("lost: ") + ac->errstr);
      Of(ac)->ac_ = nullptr;
    });
  }
  ~Loop() {
    if (ac_ != nullptr) redisAsyncFree(ac_);
  }
  static Loop* Of(const redisAsyncContext* ac) { return static_cast<Loop*>(ac->data); }
  redisAsyncContext* ac() { return ac_; }

  int Do(const char* name, const char* format) {
    return redisAsyncCommand(
        ac_,
        [](redisAsyncContext* ac, void* reply, void* name) {
          Of(ac)->lines_.push_back(static_cast<char*>(name) + (" " + Text(static_cast<redisReply*>(reply))));
        },
        const_cast<char*>(name), format);
  }
  Lines Until(size_t n) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (lines_.size() < n && ac_ != nullptr && std::chrono::steady_clock::now() < end) {
      pollfd p{ac_->c.fd, static_cast<short>(events_), 0};
      if (poll(&p, 1, 500) <= 0) continue;
      if ((p.revents & (POLLIN | POLLHUP)) != 0) redisAsyncHandleRead(ac_);
      if (ac_ != nullptr && (p.revents & POLLOUT) != 0) redisAsyncHandleWrite(ac_);
    }
    return std::exchange(lines_, {});
  }

 private:
  redisAsyncContext* ac_;
  int events_ = 0;
  Lines lines_;
};

TEST_P(Old, AsynchronousCommands) {
  Loop loop(path());
  EXPECT_EQ(loop.Do("set", "SET k v"), REDIS_OK);
  EXPECT_EQ(loop.Do("get", "GET k"), REDIS_OK);
  EXPECT_EQ(loop.Until(3), (Lines{"connected", "set +OK", "get \"v\""}));
  loop.Do("blpop", "BLPOP q 0");
  loop.Do("ping", "PING");
  EXPECT_EQ(Do("RPUSH q x"), "1");
  EXPECT_EQ(loop.Until(2), (Lines{"blpop [\"q\" \"x\"]", "ping +PONG"}));
  redisAsyncDisconnect(loop.ac());
  EXPECT_EQ(loop.Until(1), Lines{"disconnected"});
}

TEST_P(Old, AsynchronousSubscriptions) {
  for (const bool resp3 : {false, true}) {
    Loop loop(path());
    if (resp3) loop.Do("hello", "HELLO 3");
    loop.Do("sub", "SUBSCRIBE a b");
    const Lines first = loop.Until(resp3 ? 4 : 3);
    EXPECT_EQ(Lines(first.end() - 2, first.end()),
              (Lines{"sub [\"subscribe\" \"a\" 1]", "sub [\"subscribe\" \"b\" 2]"}));
    EXPECT_EQ(Do("PUBLISH b hello"), "1");
    EXPECT_EQ(loop.Until(1), Lines{"sub [\"message\" \"b\" \"hello\"]"});
    loop.Do("never", "UNSUBSCRIBE");
    EXPECT_EQ(loop.Until(2).size(), 2u);
    EXPECT_EQ(loop.ac()->c.flags & REDIS_SUBSCRIBED, 0);
    loop.Do("quit", "QUIT");
    loop.Do("late", "PING");
    EXPECT_EQ(loop.Until(9), (Lines{"quit +OK", "late (no reply)", "lost: Server closed the connection"}));
  }
}

TEST(OldReader, Objects) {
  redisReader* r = redisReaderCreate();
  const std::string bytes = "*2\r\n:1\r\n*1\r\n$3\r\nabc\r\n%1\r\n+k\r\n,1.5\r\n";
  for (const char& byte : bytes) ASSERT_EQ(redisReaderFeed(r, &byte, 1), REDIS_OK);
  void* reply = nullptr;
  ASSERT_EQ(redisReaderGetReply(r, &reply), REDIS_OK);
  EXPECT_EQ(Text(static_cast<redisReply*>(reply)), "[1 [\"abc\"]]");
  freeReplyObject(reply);
  ASSERT_EQ(redisReaderGetReply(r, &reply), REDIS_OK);
  EXPECT_EQ(Text(static_cast<redisReply*>(reply)), "[+k \"1.5\"]");
  freeReplyObject(reply);
  redisReaderFeed(r, "@x\r\n", 4);
  EXPECT_EQ(redisReaderGetReply(r, &reply), REDIS_ERR);
  EXPECT_STREQ(redisReaderGetError(r), "Protocol error, got \"@\" as reply type byte");
  redisReaderFree(r);
}

// Eight levels fit into the stack of 0.14's readers.
TEST(OldReader, Nesting) {
  for (const int depth : {8, 9}) {
    redisReader* r = redisReaderCreate();
    for (int i = 0; i < depth; ++i) redisReaderFeed(r, "*1\r\n", 4);
    redisReaderFeed(r, ":7\r\n", 4);
    void* reply = nullptr;
    EXPECT_EQ(redisReaderGetReply(r, &reply), depth == 8 ? REDIS_OK : REDIS_ERR);
    EXPECT_STREQ(redisReaderGetError(r), depth == 8 ? "" : "No support for nested multi bulk replies with depth > 7");
    EXPECT_EQ(r->err, depth == 8 ? 0 : REDIS_ERR_PROTOCOL);
    freeReplyObject(reply);
    redisReaderFree(r);
  }
}

// Functions of the program: five, with 0.14's types, and tasks of its layout.
TEST(OldReader, FunctionsOfTheProgram) {
  static Lines seen;
  seen.clear();
  const auto note = [](const redisReadTask* task, const std::string& what) -> void* {
    std::string place =
        task->parent == nullptr ? "" : std::to_string(task->idx) + "/" + std::to_string(task->parent->elements);
    seen.push_back(place + ":" + std::to_string(task->type) + " " + what + *static_cast<const char*>(task->privdata));
    return &seen;
  };
  static void* (*const kNote)(const redisReadTask*, const std::string&) = note;
  redisReplyObjectFunctions fn = {
      [](const redisReadTask* t, char* s, size_t n) { return kNote(t, std::string(s, n)); },
      [](const redisReadTask* t, int n) { return kNote(t, "array of " + std::to_string(n)); },
      [](const redisReadTask* t, long long n) { return kNote(t, std::to_string(n)); },
      [](const redisReadTask* t) { return kNote(t, "nil"); },
      [](void*) {},
  };
  redisReader* r = redisReaderCreateWithFunctions(&fn);
  char mark = '!';
  r->privdata = &mark;
  const std::string bytes = "%2\r\n+a\r\n#t\r\n=5\r\ntxt:b\r\n_\r\n";
  redisReaderFeed(r, bytes.data(), bytes.size());
  void* reply = nullptr;
  ASSERT_EQ(redisReaderGetReply(r, &reply), REDIS_OK);
  EXPECT_EQ(seen, (Lines{":2 array of 4!", "0/4:5 a!", "1/4:3 1!", "2/4:1 b!", "3/4:4 nil!"}));
  redisReaderFree(r);
}

TEST(OldLibrary, AllocatorsAreFunctions) {
  auto* p = static_cast<char*>(hi_calloc(2, 3));
  p = static_cast<char*>(hi_realloc(p, 10));
  free(p);
  char* text = hi_strdup("x");
  EXPECT_STREQ(text, "x");
  free(text);
}

TEST(OldLibrary, TakesADescriptorOfTheProgram) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  redisContext* c = redisConnectFd(fds[0]);
  ASSERT_EQ(write(fds[1], "+hello\r\n", 8), 8);
  auto* reply = static_cast<redisReply*>(redisCommand(c, "PING"));
  EXPECT_EQ(Text(reply), "+hello");
  freeReplyObject(reply);
  EXPECT_EQ(redisFreeKeepFd(c), fds[0]);
  close(fds[0]);
  close(fds[1]);
}

}  // namespace
}  // namespace dualis::compat_test
