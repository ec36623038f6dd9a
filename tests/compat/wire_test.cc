// Connection against socketpairs (every way that bytes can arrive or fail to) and against a private redis-server.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "compat/wire/connection.h"
#include "compat/wire/fork.h"
#include "dualis/any_reply.h"
#include "tests/runner/oracle_server.h"

namespace dualis::wire {
namespace {

using std::chrono::milliseconds;

// Longer than anything here takes, so that a hang becomes a failure.
Deadline Soon() { return In(std::chrono::seconds(10)); }

// A connection whose server is the test: peer() is the other end.
class Pair {
 public:
  Pair() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    peer_ = fds[1];
    ConnectionOptions options;
    options.protocol = 2;
    connection_ = std::move(Connection::Adopt(fds[0], options, Soon()).value());
  }
  ~Pair() { Hangup(); }
  Connection& connection() { return *connection_; }
  void Say(Bytes bytes) { ASSERT_EQ(write(peer_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size())); }
  void Hangup() {
    if (peer_ >= 0) close(peer_);
    peer_ = -1;
  }
  // What the connection has sent.
  std::string Heard() {
    char buffer[65536];
    const ssize_t n = recv(peer_, buffer, sizeof(buffer), MSG_DONTWAIT);
    return std::string(buffer, n > 0 ? static_cast<size_t>(n) : 0);
  }
  int peer() const { return peer_; }

 private:
  int peer_ = -1;
  std::unique_ptr<Connection> connection_;
};

std::string Receive(Connection& c) {
  Into<AnyReply> sink;
  if (Error error = c.Receive(sink, Soon())) return "! " + std::string(error.message());
  Result<AnyReply> reply = std::move(sink).Take();
  return reply ? ToText(*reply) : "- " + std::string(reply.error().message());
}

std::string Ask(Connection& c, std::vector<Arg> argv) {
  c.Send(argv);
  return Receive(c);
}

TEST(Connection, EncodesNumbersWithTheirText) {
  Pair pair;
  pair.connection().Send(std::vector<Arg>{"SET", Bytes("k\0x", 3), -5, 1.5});
  ASSERT_FALSE(pair.connection().Flush(Soon()));
  EXPECT_EQ(pair.Heard(), std::string("*4\r\n$3\r\nSET\r\n$3\r\nk\0x\r\n$2\r\n-5\r\n$3\r\n1.5\r\n", 39));
  EXPECT_EQ(pair.connection().pending(), 1u);
}

TEST(Connection, RepliesArriveInOrderHoweverTheyAreCut) {
  const std::string replies =
      "$3\r\nabc\r\n*2\r\n:1\r\n*1\r\n$-1\r\n>2\r\n+news\r\n:1\r\n%1\r\n+k\r\n,1.5\r\n-ERR no\r\n";
  const std::vector<std::string> want = {"abc", "1", "k", "ERR no"};
  for (size_t cut = 1; cut < replies.size(); ++cut) {
    Pair pair;
    Into<AnyReply> push;
    pair.connection().set_push_sink(&push);
    for (int i = 0; i < 4; ++i) pair.connection().Send(std::vector<Arg>{"X"});
    pair.Say(replies.substr(0, cut));
    // The rest comes once the first part was read and found incomplete.
    std::thread writer([&] { pair.Say(replies.substr(cut)); });
    for (const std::string& word : want) {
      EXPECT_NE(Receive(pair.connection()).find(word), std::string::npos) << cut;
    }
    writer.join();
    EXPECT_EQ(std::move(push).Take().value().elements.size(), 2u);
    EXPECT_EQ(pair.connection().pending(), 0u);
    EXPECT_TRUE(pair.connection().Idle());
  }
}

TEST(Connection, LargeRepliesGrowTheBuffer) {
  Pair pair;
  const std::string big(3'000'000, 'x');
  std::thread writer([&] {
    const std::string reply = "$" + std::to_string(big.size()) + "\r\n" + big + "\r\n:1\r\n";
    Failure failure;
    EXPECT_TRUE(WriteAll(pair.peer(), reply, Soon(), &failure));
  });
  pair.connection().Send(std::vector<Arg>{"GET", "k"});
  pair.connection().Send(std::vector<Arg>{"X"});
  Into<std::string> sink;
  ASSERT_FALSE(pair.connection().Receive(sink, Soon()));
  EXPECT_EQ(std::move(sink).Take().value(), big);
  Into<int64_t> one;
  ASSERT_FALSE(pair.connection().Receive(one, Soon()));
  EXPECT_EQ(std::move(one).Take().value(), 1);
  writer.join();
}

TEST(Connection, TimeoutBreaksIt) {
  Pair pair;
  pair.connection().Send(std::vector<Arg>{"GET", "k"});
  Into<AnyReply> sink;
  const Error error = pair.connection().Receive(sink, In(milliseconds(5)));
  EXPECT_EQ(error.code(), ErrorCode::kTimeout);
  EXPECT_TRUE(pair.connection().broken());
  pair.Say("$1\r\nx\r\n");
  EXPECT_EQ(pair.connection().Receive(sink, Soon()).code(), ErrorCode::kClosed);
}

TEST(Connection, WaitingForAMessageMayTimeOutUnharmed) {
  Pair pair;
  Into<AnyReply> sink;
  EXPECT_EQ(pair.connection().ReceiveAny(sink, In(milliseconds(2))).code(), ErrorCode::kTimeout);
  pair.Say(">1\r\n+a\r\n*1\r\n+b\r\n");
  EXPECT_FALSE(pair.connection().ReceiveAny(sink, Soon()));
  EXPECT_EQ(std::move(sink).Take().value().elements.at(0).text, "a");
  Into<AnyReply> second;
  EXPECT_FALSE(pair.connection().ReceiveAny(second, Soon()));
  EXPECT_EQ(std::move(second).Take().value().elements.at(0).text, "b");
  pair.Say("*2\r\n:1\r\n");
  Into<AnyReply> third;
  EXPECT_EQ(pair.connection().ReceiveAny(third, In(milliseconds(2))).code(), ErrorCode::kTimeout);
  EXPECT_TRUE(pair.connection().broken()) << "half a message is lost";
}

TEST(Connection, ClosedByThePeer) {
  Pair pair;
  EXPECT_TRUE(pair.connection().Idle());
  pair.Hangup();
  EXPECT_FALSE(pair.connection().Idle());
  pair.connection().Send(std::vector<Arg>{"GET", "k"});
  Into<AnyReply> sink;
  const Error error = pair.connection().Receive(sink, Soon());
  EXPECT_TRUE(error.code() == ErrorCode::kClosed || error.code() == ErrorCode::kIo) << error.message();
  EXPECT_TRUE(pair.connection().broken());
}

TEST(Connection, BytesThatAreNotResp) {
  Pair pair;
  pair.connection().Send(std::vector<Arg>{"GET", "k"});
  pair.Say("HTTP/1.1 400 Bad Request\r\n");
  Into<AnyReply> sink;
  const Error error = pair.connection().Receive(sink, Soon());
  EXPECT_EQ(error.code(), ErrorCode::kProtocol);
  EXPECT_TRUE(pair.connection().broken());
}

TEST(Connection, AnInheritedOneIsNotUsed) {
  Pair pair;
  pair.connection().Send(std::vector<Arg>{"GET", "k"});
  const pid_t child = fork();
  if (child == 0) {
    Into<AnyReply> sink;
    const bool refused = pair.connection().broken() && pair.connection().Flush(Soon()).code() == ErrorCode::kClosed;
    _exit(refused ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(pair.Heard(), "");
  EXPECT_FALSE(pair.connection().broken());
}

TEST(Socket, ConnectFails) {
  Failure failure;
  char buffer[kFailureTextBytes];
  EXPECT_EQ(ConnectUnix("/nonexistent/socket", true, Soon(), &failure), -1);
  EXPECT_EQ(FailureText(failure, buffer), "No such file or directory");
  EXPECT_EQ(ConnectUnix(std::string(200, 'x'), true, Soon(), &failure), -1);
  EXPECT_EQ(FailureText(failure, buffer), "File name too long");
  // A port that was just free.
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(probe);
  EXPECT_EQ(ConnectTcp("127.0.0.1", ntohs(address.sin_port), TcpOptions(), Soon(), &failure), -1);
  EXPECT_EQ(FailureText(failure, buffer), "Connection refused");
  EXPECT_EQ(ConnectTcp("no.such.host.invalid", 1, TcpOptions(), Soon(), &failure), -1);
  EXPECT_EQ(failure.kind, Failure::Kind::kLookup);
}

TEST(Socket, WritingToAClosedPeerIsAnErrorNotASignal) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  close(fds[1]);
  Failure failure;
  EXPECT_FALSE(WriteAll(fds[0], "x", Soon(), &failure));
  EXPECT_EQ(failure.code, EPIPE);
  close(fds[0]);
}

class ServerTest : public ::testing::Test {
 protected:
  ConnectionOptions Options() {
    ConnectionOptions options;
    options.unix_path = server_.socket_path();
    return options;
  }
  std::unique_ptr<Connection> Connect(const ConnectionOptions& options) {
    return std::move(Connection::Open(options, Soon()).value());
  }
  cases::OracleServer server_;
};

TEST_F(ServerTest, ShakesHandsInBothProtocols) {
  ConnectionOptions options = Options();
  options.db = 3;
  options.client_name = "tester";
  for (const int protocol : {2, 3}) {
    options.protocol = protocol;
    const auto c = Connect(options);
    EXPECT_EQ(c->protocol(), protocol);
    EXPECT_EQ(Ask(*c, {"CLIENT", "GETNAME"}), "\"tester\"");
    EXPECT_NE(Ask(*c, {"CLIENT", "INFO"}).find("db=3"), std::string::npos);
    EXPECT_TRUE(c->Idle());
  }
  options.db = 99;
  EXPECT_EQ(Connection::Open(options, Soon()).error().message(), "ERR DB index is out of range");
}

TEST_F(ServerTest, Authenticates) {
  const auto admin = Connect(Options());
  ASSERT_EQ(Ask(*admin, {"CONFIG", "SET", "requirepass", "secret"}), "OK");
  ASSERT_EQ(Ask(*admin, {"ACL", "SETUSER", "u", "on", ">pw", "~*", "+@all"}), "OK");
  for (const int protocol : {2, 3}) {
    ConnectionOptions options = Options();
    options.protocol = protocol;
    options.password = "secret";
    EXPECT_EQ(Ask(*Connect(options), {"PING"}), "PONG");
    options.user = "u";
    EXPECT_EQ(Connection::Open(options, Soon()).error().code(), ErrorCode::kWrongPass);
    options.password = "pw";
    EXPECT_EQ(Ask(*Connect(options), {"ACL", "WHOAMI"}), "\"u\"");
  }
  EXPECT_EQ(Connection::Open(Options(), Soon()).error().code(), ErrorCode::kNoAuth);
}

TEST_F(ServerTest, PipelinesLargerThanEveryBuffer) {
  const auto c = Connect(Options());
  const std::string value(1000, 'v');
  constexpr int kCommands = 20000;
  for (int i = 0; i < kCommands; ++i) c->Send(std::vector<Arg>{"ECHO", value});
  for (int i = 0; i < kCommands; ++i) {
    Into<std::string> sink;
    ASSERT_FALSE(c->Receive(sink, Soon()));
    ASSERT_EQ(std::move(sink).Take().value().size(), value.size());
  }
}

TEST_F(ServerTest, MessagesArriveBesideReplies) {
  const auto c = Connect(Options());
  c->Send(std::vector<Arg>{"SUBSCRIBE", "news"});
  Into<AnyReply> confirmed;
  ASSERT_FALSE(c->ReceiveAny(confirmed, Soon()));
  const auto publisher = Connect(Options());
  EXPECT_EQ(Ask(*publisher, {"PUBLISH", "news", "hello"}), "(integer) 1");
  Into<AnyReply> message;
  ASSERT_FALSE(c->ReceiveAny(message, Soon()));
  EXPECT_EQ(std::move(message).Take().value().elements.at(2).text, "hello");
}

TEST_F(ServerTest, OverTcp) {
  const auto admin = Connect(Options());
  // The server finds out which ports are free.
  int port = 0;
  for (int candidate = 20000 + getpid() % 20000; port == 0 && candidate < 65535; ++candidate) {
    if (Ask(*admin, {"CONFIG", "SET", "port", candidate}) == "OK") port = candidate;
  }
  ConnectionOptions options;
  options.port = port;
  options.keepalive_s = 15;
  EXPECT_EQ(Ask(*Connect(options), {"PING"}), "PONG");
  options.host = "localhost";
  EXPECT_EQ(Ask(*Connect(options), {"PING"}), "PONG");
  options.tcp.source_address = "127.0.0.1";
  options.tcp.reuse_address = true;
  EXPECT_EQ(Ask(*Connect(options), {"PING"}), "PONG");
}

}  // namespace
}  // namespace dualis::wire
