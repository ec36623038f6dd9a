// Synchronous contexts, on every home.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/compat/hiredis_fixture.h"

namespace dualis::compat_test {
namespace {

using ContextTest = HiredisTest;
INSTANTIATE_TEST_SUITE_P(Homes, ContextTest, ::testing::ValuesIn(kHomes), NameOf);

bool Readable(int fd, int wait_ms = 0) {
  pollfd p{fd, POLLIN, 0};
  return poll(&p, 1, wait_ms) == 1;
}

TEST_P(ContextTest, CommandsOfEveryReplyType) {
  const Context c = Connect();
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  EXPECT_EQ(Do(c, "SET %s %b", "k", "a\0b", size_t{3}), "+OK");
  EXPECT_EQ(Do(c, "GET k"), std::string("\"a\0b\"", 5));
  EXPECT_EQ(Do(c, "GET missing"), "(nil)");
  EXPECT_EQ(Do(c, "INCR n"), "1");
  EXPECT_EQ(Do(c, "INCR k"), "(error) ERR value is not an integer or out of range");
  EXPECT_EQ(Do(c, "NOSUCH x"), "(error) ERR unknown command 'NOSUCH', with args beginning with: 'x' ");
  EXPECT_EQ(Do(c, "RPUSH l a b c"), "3");
  EXPECT_EQ(Do(c, "LRANGE l 0 -1"), "[\"a\" \"b\" \"c\"]");
  EXPECT_EQ(Do(c, "LRANGE missing 0 -1"), "[]");
  EXPECT_EQ(Do(c, "HSET h f v"), "1");
  EXPECT_EQ(Do(c, "HGETALL h"), "[\"f\" \"v\"]");
  EXPECT_EQ(Do(c, "ZADD z 1.5 m 2 n"), "2");
  EXPECT_EQ(Do(c, "ZRANGE z 0 -1 WITHSCORES"), "[\"m\" \"1.5\" \"n\" \"2\"]");
  EXPECT_EQ(Do(c, "ZSCORE z m"), "\"1.5\"");
  EXPECT_EQ(Do(c, "XADD s 1-1 f v"), "\"1-1\"");
  EXPECT_EQ(Do(c, "XREAD STREAMS s 0"), "[[\"s\" [[\"1-1\" [\"f\" \"v\"]]]]]");
  EXPECT_EQ(c->err, 0);
}

TEST_P(ContextTest, Resp3Types) {
  const Context c = Connect();
  EXPECT_EQ(Do(c, "HELLO 3").substr(0, 1), "{");
  EXPECT_EQ(Do(c, "HSET h f v"), "1");
  EXPECT_EQ(Do(c, "HGETALL h"), "{\"f\" \"v\"}");
  EXPECT_EQ(Do(c, "SADD s m"), "1");
  EXPECT_EQ(Do(c, "SMEMBERS s"), "~[\"m\"]");
  EXPECT_EQ(Do(c, "ZADD z 1.5 m 2 n"), "2");
  EXPECT_EQ(Do(c, "ZSCORE z m"), ",1.5");
  EXPECT_EQ(Do(c, "ZRANGE z 0 -1 WITHSCORES"), "[[\"m\" ,1.5] [\"n\" ,2]]");
  EXPECT_EQ(Do(c, "XADD s2 1-1 f v"), "\"1-1\"");
  EXPECT_EQ(Do(c, "XREAD STREAMS s2 0"), "{\"s2\" [[\"1-1\" [\"f\" \"v\"]]]}");
  EXPECT_EQ(Do(c, "GET missing"), "(nil)");
}

TEST_P(ContextTest, ArgvForm) {
  const Context c = Connect();
  const char* argv[] = {"SET", "key with spaces", "value"};
  auto* reply = static_cast<redisReply*>(redisCommandArgv(c.get(), 3, argv, nullptr));
  EXPECT_EQ(Text(reply), "+OK");
  freeReplyObject(reply);
  EXPECT_EQ(Do(c, "GET %s", "key with spaces"), "\"value\"");
}

TEST_P(ContextTest, PipelinesKeepOrder) {
  const Context c = Connect();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(redisAppendCommand(c.get(), "RPUSH q %d", i), REDIS_OK);
    ASSERT_EQ(redisAppendCommand(c.get(), "LLEN q"), REDIS_OK);
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Next(c), std::to_string(i + 1));
    EXPECT_EQ(Next(c), std::to_string(i + 1));
  }
  // redisCommand behind appended commands gets its predecessor's reply first, as ever.
  redisAppendCommand(c.get(), "ECHO first");
  EXPECT_EQ(Do(c, "ECHO second"), "\"first\"");
  EXPECT_EQ(Next(c), "\"second\"");
}

TEST_P(ContextTest, PipelinesLargerThanEveryBuffer) {
  const Context c = Connect();
  const std::string value(100'000, 'v');
  EXPECT_EQ(Do(c, "SET big %b", value.data(), value.size()), "+OK");
  for (int i = 0; i < 100; ++i) redisAppendCommand(c.get(), "GET big");
  redisAppendCommand(c.get(), "INCR after");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Next(c).size(), value.size() + 2);
  EXPECT_EQ(Next(c), "1");
}

TEST_P(ContextTest, TheDescriptorTellsOfReplies) {
  // What TLS sends of its own accord makes the descriptor readable, too.
  if (place().tls()) GTEST_SKIP();
  const Context c = Connect();
  EXPECT_FALSE(Readable(c->fd));
  EXPECT_EQ(Do(c, "SET a 1"), "+OK");
  redisAppendCommand(c.get(), "GET a");
  int done = 0;
  EXPECT_EQ(redisBufferWrite(c.get(), &done), REDIS_OK);
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(Readable(c->fd, 2000));
  EXPECT_EQ(redisBufferRead(c.get()), REDIS_OK);
  EXPECT_FALSE(Readable(c->fd));
  EXPECT_EQ(Next(c), "\"1\"");
}

TEST_P(ContextTest, NonBlocking) {
  const Context c = Connect(REDIS_OPT_NONBLOCK);
  EXPECT_EQ(redisCommand(c.get(), "PING"), nullptr);
  EXPECT_EQ(Next(c), "(no reply)");
  int done = 0;
  std::string reply = "(no reply)";
  while (reply == "(no reply)") {
    ASSERT_EQ(redisBufferWrite(c.get(), &done), REDIS_OK) << c->errstr;
    ASSERT_TRUE(Readable(c->fd, 2000));
    ASSERT_EQ(redisBufferRead(c.get()), REDIS_OK) << c->errstr;
    reply = Next(c);
  }
  EXPECT_EQ(reply, "+PONG");
  errno = 0;
  ASSERT_EQ(redisBufferRead(c.get()), REDIS_OK);
  EXPECT_EQ(errno, EAGAIN) << "ruby-hiredis waits only then";
  timeval tv = {1, 0};
  EXPECT_EQ(redisSetTimeout(c.get(), tv), REDIS_ERR);
}

TEST_P(ContextTest, SocketsRefuseATimeoutThatIsNone) {
  const Context c = Connect();
  const int result = redisSetTimeout(c.get(), timeval{0, -5});
  if (embedded()) {
    EXPECT_EQ(result, REDIS_OK);
    return;
  }
  EXPECT_EQ(result, REDIS_ERR);
  EXPECT_EQ(c->err, REDIS_ERR_IO);
  EXPECT_STREQ(c->errstr, "setsockopt(SO_RCVTIMEO): Numerical argument out of domain");
}

TEST_P(ContextTest, BlockingCommandsHonourTheTimeout) {
  const Context c = Connect();
  ASSERT_EQ(redisSetTimeout(c.get(), timeval{0, 20'000}), REDIS_OK);
  EXPECT_EQ(Do(c, "BLPOP q 0"), "! 1 Resource temporarily unavailable");
  EXPECT_EQ(Do(c, "PING"), "! 1 Resource temporarily unavailable");
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  EXPECT_EQ(c->err, 0);
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  // Appended, too.
  redisAppendCommand(c.get(), "BLPOP q 0");
  EXPECT_EQ(Next(c), "! 1 Resource temporarily unavailable");
}

TEST_P(ContextTest, BlockingCommandsEndByTheirOwnTimeout) {
  const Context c = Connect();
  EXPECT_EQ(Do(c, "BLPOP q 0.01"), "(nil)");
  ASSERT_EQ(redisSetTimeout(c.get(), timeval{10, 0}), REDIS_OK);
  EXPECT_EQ(Do(c, "BLPOP q 0.01"), "(nil)");
  redisAppendCommand(c.get(), "BLPOP q 0.01");
  EXPECT_EQ(Next(c), "(nil)");
}

TEST_P(ContextTest, BlockingCommandsAreWokenByAnotherContext) {
  const Context waiter = Connect();
  const Context pusher = Connect();
  for (const bool with_timeout : {false, true}) {
    if (with_timeout) redisSetTimeout(waiter.get(), timeval{20, 0});
    std::thread thread([&] { EXPECT_EQ(Do(pusher, "RPUSH q x"), "1"); });
    EXPECT_EQ(Do(waiter, "BLPOP q 0"), "[\"q\" \"x\"]");
    thread.join();
    redisAppendCommand(waiter.get(), "BLPOP q 0");
    redisAppendCommand(waiter.get(), "PING");
    int done = 0;
    redisBufferWrite(waiter.get(), &done);
    EXPECT_EQ(Do(pusher, "RPUSH q y"), "1");
    EXPECT_EQ(Next(waiter), "[\"q\" \"y\"]");
    EXPECT_EQ(Next(waiter), "+PONG");
  }
}

TEST_P(ContextTest, SubscriptionsDeliver) {
  const Context subscriber = Connect();
  const Context publisher = Connect();
  EXPECT_EQ(Do(subscriber, "SUBSCRIBE a b"), "[\"subscribe\" \"a\" 1]");
  EXPECT_EQ(Next(subscriber), "[\"subscribe\" \"b\" 2]");
  EXPECT_EQ(Do(publisher, "PUBLISH a 1"), "1");
  EXPECT_EQ(Do(publisher, "PUBLISH b 2"), "1");
  EXPECT_TRUE(Readable(subscriber->fd, 2000));
  EXPECT_EQ(Next(subscriber), "[\"message\" \"a\" \"1\"]");
  EXPECT_EQ(Next(subscriber), "[\"message\" \"b\" \"2\"]");
  std::thread later([&] { Do(publisher, "PUBLISH a later"); });
  EXPECT_EQ(Next(subscriber), "[\"message\" \"a\" \"later\"]");
  later.join();
  EXPECT_EQ(Do(subscriber, "GET k").substr(0, 11), "(error) ERR");
  EXPECT_EQ(Do(subscriber, "UNSUBSCRIBE a"), "[\"unsubscribe\" \"a\" 1]");
  EXPECT_EQ(Do(subscriber, "UNSUBSCRIBE"), "[\"unsubscribe\" \"b\" 0]");
  EXPECT_EQ(Do(subscriber, "PING"), "+PONG");
}

TEST_P(ContextTest, PushesComeBeforeTheNextReply) {
  const Context c = Connect();
  static std::vector<std::string> lines;
  lines.clear();
  redisSetPushCallback(c.get(), [](void*, void* reply) {
    lines.push_back(Text(static_cast<redisReply*>(reply)));
    freeReplyObject(reply);
  });
  Do(c, "HELLO 3");
  EXPECT_EQ(Do(c, "CLIENT TRACKING ON"), "+OK");
  Do(c, "GET a");
  Do(c, "GET b");
  EXPECT_EQ(Do(c, "SET a 1"), "+OK");
  lines.push_back(Do(c, "PING"));
  redisAppendCommand(c.get(), "SET b 1");
  redisAppendCommand(c.get(), "PING");
  lines.push_back(Next(c));
  lines.push_back(Next(c));
  EXPECT_EQ(lines, (std::vector<std::string>{">[\"invalidate\" [\"a\"]]", "+PONG", "+OK", ">[\"invalidate\" [\"b\"]]",
                                             "+PONG"}));
}

// Under RESP3 all that a subscription command gives is pushes, which go to the push callback.
TEST_P(ContextTest, SubscribingWithAPushCallbackReturns) {
  const Context c = Connect();
  const Context publisher = Connect();
  static std::vector<std::string> pushes;
  pushes.clear();
  redisSetPushCallback(c.get(), [](void*, void* reply) {
    pushes.push_back(Text(static_cast<redisReply*>(reply)));
    freeReplyObject(reply);
  });
  EXPECT_EQ(Do(c, "HELLO 3").substr(0, 1), "{");
  EXPECT_EQ(Do(c, "Subscribe a b"), ">[\"subscribe\" \"a\" 1]");
  EXPECT_EQ(Do(publisher, "PUBLISH a 1"), "1");
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  // Appended ones answer to the callback only.
  redisAppendCommand(c.get(), "SSUBSCRIBE s");
  redisAppendCommand(c.get(), "PING");
  EXPECT_EQ(Next(c), "+PONG");
  EXPECT_EQ(Do(c, "UNSUBSCRIBE a"), ">[\"unsubscribe\" \"a\" 1]");
  EXPECT_EQ(pushes, (std::vector<std::string>{">[\"subscribe\" \"b\" 2]", ">[\"message\" \"a\" \"1\"]",
                                              ">[\"ssubscribe\" \"s\" 1]"}));
}

TEST_P(ContextTest, ReconnectingKeepsTheReadersSettings) {
  const Context c = Connect();
  int mark = 0;
  c->reader->maxbuf = 17;
  c->reader->maxelements = 2;
  c->reader->maxdepth = 1;
  c->reader->privdata = &mark;
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  EXPECT_EQ(c->reader->maxbuf, 17u);
  EXPECT_EQ(c->reader->privdata, &mark);
  EXPECT_EQ(Do(c, "RPUSH l a b c"), "3");
  redisAppendCommand(c.get(), "LRANGE l 0 -1");
  EXPECT_EQ(Next(c), "! 4 Multi-bulk length out of range");
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  redisAppendCommand(c.get(), "EVAL %s 0", "return {{1}}");
  EXPECT_EQ(Next(c), "! 4 Max nesting depth exceeded");
}

TEST_P(ContextTest, TransactionsAndDatabases) {
  const Context c = Connect();
  EXPECT_EQ(Do(c, "SELECT 3"), "+OK");
  EXPECT_EQ(Do(c, "MULTI"), "+OK");
  EXPECT_EQ(Do(c, "SET k v"), "+QUEUED");
  EXPECT_EQ(Do(c, "GET k"), "+QUEUED");
  EXPECT_EQ(Do(c, "EXEC"), "[+OK \"v\"]");
  const Context other = Connect();
  EXPECT_EQ(Do(other, "GET k"), "(nil)");
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  EXPECT_EQ(Do(c, "GET k"), "(nil)") << "a new connection starts at database 0";
  EXPECT_EQ(Do(c, "SELECT 3"), "+OK");
  EXPECT_EQ(Do(c, "GET k"), "\"v\"") << "the same engine";
}

TEST_P(ContextTest, QuitEndsTheConnection) {
  const Context c = Connect();
  EXPECT_EQ(Do(c, "QUIT"), "+OK");
  // A socket may learn it by a reset before it learns it by the end of the stream.
  const std::string after = Do(c, "PING");
  EXPECT_TRUE(c->err == REDIS_ERR_EOF || (!embedded() && c->err == REDIS_ERR_IO)) << after;
  ASSERT_EQ(Reconnect(c), REDIS_OK);
  EXPECT_EQ(Do(c, "PING"), "+PONG");
}

TEST_P(ContextTest, BadFormatsAreErrorsOfTheContext) {
  const Context c = Connect();
  EXPECT_EQ(redisAppendCommand(c.get(), "SET %y"), REDIS_ERR);
  EXPECT_EQ(c->err, REDIS_ERR_OTHER);
  EXPECT_STREQ(c->errstr, "Invalid format string");
}

TEST_P(ContextTest, RawBytesThatAreNoCommand) {
  const Context c = Connect();
  redisAppendFormattedCommand(c.get(), "*1\r\n$-7\r\n", 9);
  EXPECT_EQ(Next(c), "(error) ERR Protocol error: invalid bulk length");
  EXPECT_EQ(Next(c), "! 3 Server closed the connection");
}

TEST_P(ContextTest, OptionsAndPrivateData) {
  int freed = 0;
  redisOptions options = {};
  place().Aim(&options);
  REDIS_OPTIONS_SET_PRIVDATA(&options, &freed, [](void* p) { ++*static_cast<int*>(p); });
  timeval tv = {5, 0};
  options.connect_timeout = &tv;
  options.command_timeout = &tv;
  {
    const Context c(redisConnectWithOptions(&options));
    ASSERT_EQ(place().Secure(c.get()), REDIS_OK);
    EXPECT_EQ(Do(c, "PING"), "+PONG");
    EXPECT_EQ(c->command_timeout->tv_sec, 5);
  }
  EXPECT_EQ(freed, 1);
  options.type = 17;
  EXPECT_EQ(redisConnectWithOptions(&options), nullptr);
}

TEST_P(ContextTest, ManyThreadsEachWithAContext) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const Context c = Connect();
      for (int i = 0; i < 200; ++i) {
        redisAppendCommand(c.get(), "INCR n");
        redisAppendCommand(c.get(), "RPUSH q %d", i);
        redisAppendCommand(c.get(), "BLPOP q 0");
        for (int r = 0; r < 3; ++r) Next(c);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Do(Connect(), "GET n"), "\"800\"");
  EXPECT_EQ(Do(Connect(), "LLEN q"), "0");
}

// The rest concerns one home only.

TEST(Embedded, SocketOptionsSucceed) {
  const Context c(redisConnect("mem://options", 6379));
  EXPECT_EQ(redisEnableKeepAlive(c.get()), REDIS_OK);
  EXPECT_EQ(redisEnableKeepAliveWithInterval(c.get(), 3), REDIS_OK);
  EXPECT_EQ(redisSetTcpUserTimeout(c.get(), 100), REDIS_OK);
  EXPECT_EQ(c->err, 0);
}

TEST(Embedded, ANameIsAnEngineAndADatabase) {
  const Context a(redisConnect("mem://shared/2", 0));
  const Context b(redisConnectUnix("mem://shared"));
  freeReplyObject(redisCommand(a.get(), "SET k v"));
  freeReplyObject(redisCommand(b.get(), "SELECT 2"));
  auto* reply = static_cast<redisReply*>(redisCommand(b.get(), "GET k"));
  EXPECT_EQ(Text(reply), "\"v\"");
  freeReplyObject(reply);
  // The application sees what the C program stored.
  EXPECT_EQ(Engine::Named("shared")->Connect()->subscriptions(), 0u);
  const Context bad(redisConnect("mem://shared/99", 0));
  EXPECT_EQ(bad->err, REDIS_ERR_OTHER);
  EXPECT_STREQ(bad->errstr, "ERR DB index is out of range");
  const Context worse(redisConnect("mem://shared/x", 0));
  EXPECT_EQ(worse->err, REDIS_ERR_OTHER);
}

TEST(Embedded, RoutesByRuleAndByEnvironment) {
  EXPECT_EQ(dualisHiredisRoute("db.example", "redis://elsewhere"), REDIS_ERR);
  ASSERT_EQ(dualisHiredisRoute("db.example:6390", "mem://routed"), REDIS_OK);
  const Context c(redisConnect("db.example", 6390));
  ASSERT_EQ(c->err, 0) << c->errstr;
  EXPECT_TRUE(dualisHiredisIsEmbedded(c.get()));
  // A program that was told a password sends it.
  auto* reply = static_cast<redisReply*>(redisCommand(c.get(), "AUTH secret"));
  EXPECT_EQ(Text(reply), "+OK");
  freeReplyObject(reply);
  reply = static_cast<redisReply*>(redisCommand(c.get(), "HELLO 3 AUTH user secret SETNAME me"));
  EXPECT_EQ(Text(reply).substr(0, 1), "{");
  freeReplyObject(reply);
  EXPECT_EQ(redisReconnect(c.get()), REDIS_OK);
  EXPECT_TRUE(dualisHiredisIsEmbedded(c.get()));
  dualisHiredisRoute("db.example:6390", nullptr);
  EXPECT_EQ(redisReconnect(c.get()), REDIS_ERR);

  setenv("DUALIS_HIREDIS_ROUTE", "10.0.0.1:1=mem://one,/run/x.sock=mem://two;third=mem://three", 1);
  for (const auto& connected :
       {redisConnect("10.0.0.1", 1), redisConnectUnix("/run/x.sock"), redisConnect("third", 9)}) {
    EXPECT_TRUE(dualisHiredisIsEmbedded(connected));
    redisFree(connected);
  }
  setenv("DUALIS_HIREDIS_ROUTE", "mem://all", 1);
  const Context any(redisConnect("anything", 1));
  EXPECT_TRUE(dualisHiredisIsEmbedded(any.get()));
  unsetenv("DUALIS_HIREDIS_ROUTE");
}

TEST(Embedded, BothProcessesGoOnAfterAFork) {
  const Context c(redisConnect("mem://forked", 0));
  freeReplyObject(redisCommand(c.get(), "SET k before"));
  const int fd = c->fd;
  int results[2];
  ASSERT_EQ(pipe(results), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto* reply = static_cast<redisReply*>(redisCommand(c.get(), "APPEND k -child"));
    bool ok = reply != nullptr && reply->integer == 12 && c->fd == fd;
    redisAppendCommand(c.get(), "GET k");
    int done = 0;
    ok = ok && redisBufferWrite(c.get(), &done) == REDIS_OK && Readable(c->fd);
    void* got = nullptr;
    ok = ok && redisGetReply(c.get(), &got) == REDIS_OK && Text(static_cast<redisReply*>(got)) == "\"before-child\"";
    const char result = ok ? '1' : '0';
    (void)!write(results[1], &result, 1);
    _exit(0);
  }
  char result = '?';
  ASSERT_EQ(read(results[0], &result, 1), 1);
  waitpid(child, nullptr, 0);
  close(results[0]);
  close(results[1]);
  EXPECT_EQ(result, '1');
  EXPECT_FALSE(Readable(c->fd)) << "the child's bell is not ours";
  auto* reply = static_cast<redisReply*>(redisCommand(c.get(), "GET k"));
  EXPECT_EQ(Text(reply), "\"before\"");
  freeReplyObject(reply);
}

extern "C" int hiredis_c_program(const char* host);
TEST(Embedded, ACProgram) { EXPECT_EQ(hiredis_c_program("mem://c"), 0); }

TEST(Sockets, FailuresHaveHiredisWords) {
  const Context missing(redisConnectUnix("/nonexistent/redis.sock"));
  EXPECT_EQ(missing->err, REDIS_ERR_IO);
  EXPECT_STREQ(missing->errstr, "No such file or directory");
  EXPECT_EQ(missing->fd, REDIS_INVALID_FD);
  const Context lookup(redisConnect("no.such.host.invalid", 1));
  EXPECT_EQ(lookup->err, REDIS_ERR_OTHER);
  const Context timeout(redisConnectWithTimeout("127.0.0.1", 1, timeval{0, 1'000'001}));
  EXPECT_EQ(timeout->err, REDIS_ERR_IO);
  EXPECT_STREQ(timeout->errstr, "Invalid timeout specified");
}

// Two ends of a socket: a context, and whoever plays its server.
struct Played {
  Played() {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    context.reset(redisConnectFd(ends[0]));
  }
  ~Played() { Hangup(); }
  void Say(const std::string& bytes) {
    EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void Hangup() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  int ends[2];
  Context context;
};

std::string Next(const Context& c) {
  void* reply = nullptr;
  if (redisGetReply(c.get(), &reply) != REDIS_OK) return "! " + std::to_string(c->err) + " " + c->errstr;
  const std::string text = Text(static_cast<redisReply*>(reply));
  freeReplyObject(reply);
  return text;
}

TEST(Sockets, APeerThatIsGoneIsAnErrorAndNoSignal) {
  Played played;
  played.Hangup();
  // Nobody in this process ignores SIGPIPE.
  EXPECT_EQ(redisCommand(played.context.get(), "PING"), nullptr);
  EXPECT_EQ(played.context->err, REDIS_ERR_IO);
  EXPECT_STREQ(played.context->errstr, "Broken pipe");
}

TEST(Sockets, AttributesTakeNoRepliesPlace) {
  Played played;
  const Context& c = played.context;
  played.Say("|1\r\n+popularity\r\n,0.5\r\n$1\r\na\r\n>1\r\n+noise\r\n|1\r\n+k\r\n+v\r\n+OK\r\n");
  redisAppendCommand(c.get(), "GET k");
  redisAppendCommand(c.get(), "PING");
  EXPECT_EQ(Next(c), "\"a\"");
  EXPECT_EQ(Next(c), "+OK");
  // Who looks into the reader sees them.
  played.Say("|1\r\n+k\r\n+v\r\n");
  ASSERT_EQ(redisBufferRead(c.get()), REDIS_OK);
  void* reply = nullptr;
  ASSERT_EQ(redisGetReplyFromReader(c.get(), &reply), REDIS_OK);
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(static_cast<redisReply*>(reply)->type, REDIS_REPLY_ATTR);
  freeReplyObject(reply);
}

TEST(Sockets, CloseOnExecAndReusedAddressesAreTwoOptions) {
  wire::Failure failure;
  const int listening = wire::ListenTcp("127.0.0.1", 0, 5, &failure);
  const struct {
    int options;
    bool reuse, cloexec;
  } kCases[] = {{0, false, false},
                {REDIS_OPT_REUSEADDR, true, false},
                {REDIS_OPT_SET_SOCK_CLOEXEC, false, true},
                {REDIS_OPT_REUSEADDR | REDIS_OPT_SET_SOCK_CLOEXEC, true, true}};
  for (const auto& t : kCases) {
    redisOptions options = {};
    REDIS_OPTIONS_SET_TCP(&options, "127.0.0.1", wire::LocalPort(listening));
    options.endpoint.tcp.source_addr = "127.0.0.1";
    options.options = t.options;
    const Context c(redisConnectWithOptions(&options));
    ASSERT_EQ(c->err, 0) << c->errstr;
    int reuse = 0;
    socklen_t size = sizeof(reuse);
    getsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &size);
    EXPECT_EQ(reuse != 0, t.reuse) << t.options;
    EXPECT_EQ((c->flags & REDIS_REUSEADDR) != 0, t.reuse) << t.options;
    EXPECT_EQ((fcntl(c->fd, F_GETFD) & FD_CLOEXEC) != 0, t.cloexec) << t.options;
  }
  close(listening);
}

// The program's allocators get everything, and get it back.
size_t live = 0;
TEST(Embedded, MemoryComesFromTheProgramsAllocators) {
  hiredisAllocFuncs counting = {
      [](size_t n) { return ++live, malloc(n); },
      [](size_t n, size_t m) { return ++live, calloc(n, m); },
      [](void* p, size_t n) { return live += p == nullptr, realloc(p, n); },
      [](const char* s) { return ++live, strdup(s); },
      [](void* p) { live -= p != nullptr, free(p); },
  };
  hiredisSetAllocators(&counting);
  {
    const Context c(redisConnect("mem://counted", 0));
    EXPECT_GT(live, 0u);
    const size_t before = live;
    auto* reply = static_cast<redisReply*>(redisCommand(c.get(), "SET k v"));
    EXPECT_GT(live, before);
    freeReplyObject(reply);
    redisAppendCommand(c.get(), "GET k");
    redisGetReply(c.get(), nullptr);
  }
  EXPECT_EQ(live, 0u);
  hiredisResetAllocators();
}

}  // namespace
}  // namespace dualis::compat_test
