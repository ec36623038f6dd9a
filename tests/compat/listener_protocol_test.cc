// What clients say to the listener, well and badly: the bytes that come back are redis-server's.
#include <gtest/gtest.h>

#include <random>

#include "tests/compat/listener_fixture.h"
#include "tests/runner/oracle_server.h"

namespace dualis::test {
namespace {

// A listener on the test's thread, and one end of a socketpair whose other end it serves: bytes are there as soon as
// they are written, so a few rounds do all that can be done.
class OwnThread {
 public:
  OwnThread() : engine_(Engine::Create()), listener_(ServedEngine::Open(*engine_, {.port = std::nullopt})) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    fd_ = ends[0];
    listener_->Adopt(ends[1]);
  }
  ~OwnThread() { close(fd_); }

  std::string Exchange(const std::string& bytes) {
    if (!bytes.empty()) {
      EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    }
    return Rounds();
  }
  std::string Rounds() {
    std::string all;
    for (int i = 0; i < 3; ++i) {
      listener_->RunOnce(std::chrono::milliseconds(0));
      char buffer[65536];
      const ssize_t n = recv(fd_, buffer, sizeof(buffer), 0);
      if (n > 0) all.append(buffer, static_cast<size_t>(n));
    }
    return all;
  }
  Listener& listener() { return *listener_; }

 private:
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Listener> listener_;
  int fd_ = -1;
};

TEST(ListenerProtocol, InlineCommands) {
  OwnThread server;
  EXPECT_EQ(server.Exchange("PING\r\n"), "+PONG\r\n");
  EXPECT_EQ(server.Exchange("  \r\n\r\n\nPING\n"), "+PONG\r\n");
  EXPECT_EQ(server.Exchange("SET k \"a b\\x00\"\r\nGET k\r\n"), std::string("+OK\r\n$4\r\na b\0\r\n", 15));
}

TEST(ListenerProtocol, SplitAtEveryByte) {
  const std::string request =
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nv\r\n\r\n\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*0\r\n*1\r\n$"
      "4\r\nQUIT\r\n";
  const std::string replies = "+OK\r\n+PONG\r\n$5\r\nv\r\n\r\n\r\n+OK\r\n";
  for (size_t at = 0; at <= request.size(); ++at) {
    OwnThread server;
    std::string got = server.Exchange(request.substr(0, at));
    got += server.Exchange(request.substr(at));
    EXPECT_EQ(got, replies) << "split at " << at;
    EXPECT_EQ(server.listener().clients(), 0u);
  }
  OwnThread server;
  std::string got;
  for (const char c : request) got += server.Exchange(std::string(1, c));
  EXPECT_EQ(got, replies);
}

TEST(ListenerProtocol, RepliesOfAPipelineAreSentTogether) {
  OwnThread server;
  std::string request;
  std::string replies;
  for (int i = 0; i < 500; ++i) {
    request += "INCR n\r\n";
    replies += ":" + std::to_string(i + 1) + "\r\n";
  }
  ASSERT_EQ(server.Exchange(request), replies);
}

// What a client sends that is no command, or that ends the connection. Both servers get the same bytes, and must answer
// with the same and close, or not, alike.
TEST(ListenerProtocol, ErrorsAreRedis) {
  const std::string long_line(70'000, 'x');
  const std::vector<std::string> requests = {
      "*abc\r\n",
      "*-1\r\nQUIT\r\n",
      "*2147483648\r\n",
      "*1\r\nPING\r\n",
      "*1\r\n:4\r\nPING\r\n",
      "*1\r\n$abc\r\n",
      "*1\r\n$-1\r\n",
      "*1\r\n$536870913\r\n",
      "*2\r\n$4\r\nECHO\r\n*1\r\n",
      "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n",
      "SET \"a\r\n",
      "SET 'a' \"b\"c\r\n",
      "*" + long_line,
      "*1\r\n$" + long_line,
      long_line,
      "PING\r\n*9999999999\r\nPING\r\n",
      "QUIT\r\nPING\r\n",
      "quit now please\r\n",
      std::string("\0\0\0\r\nQUIT\r\n", 11) + long_line,
      std::string("*\0\r\nQUIT\r\n", 10) + long_line,
      "nosuch a b\r\nQUIT\r\n",
      "POST / HTTP/1.1\r\nPING\r\nQUIT\r\n",
      "Host: example.org\r\nPING\r\nQUIT\r\n",
      "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nQUIT\r\n",
      "SUBSCRIBE c\r\nGET k\r\nQUIT\r\n",
      "HELLO 3\r\nSUBSCRIBE c\r\nUNSUBSCRIBE\r\nRESET\r\nQUIT\r\n",
      "MULTI\r\nnosuch\r\nEXEC\r\nQUIT\r\n",
  };
  cases::OracleServer oracle;
  ServedEngine server;
  for (const std::string& request : requests) {
    RawClient theirs = RawClient::Unix(oracle.socket_path());
    RawClient ours = server.Connect();
    // What differs between any two servers is not said.
    const bool hello = request.starts_with("HELLO");
    theirs.Send(request);
    ours.Send(request);
    std::string expected = theirs.ReadToEnd();
    std::string got = ours.ReadToEnd();
    if (hello) {
      expected.erase(0, expected.find(">3"));
      got.erase(0, got.find(">3"));
    }
    EXPECT_EQ(got, expected) << "to: " << request.substr(0, 60);
  }
}

TEST(ListenerProtocol, GarbageHurtsNobodyElse) {
  ServedEngine server;
  RawClient other = server.Connect();
  ASSERT_EQ(other.Text({"SET", "k", "v"}), "OK");
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    RawClient client = server.Connect();
    std::string bytes;
    const size_t size = random() % 4000;
    // Half of it looks like RESP.
    const std::string alphabet = "*$\r\n0123456789-PINGSET \"'\\x";
    for (size_t i = 0; i < size; ++i) {
      bytes += seed % 2 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    client.Send(bytes);
    EXPECT_EQ(other.Text({"GET", "k"}), "\"v\"") << "seed " << seed;
  }
}

TEST(ListenerProtocol, RequiresThePassword) {
  Options options;
  options.requirepass = "secret";
  ServedEngine server(std::move(options));
  RawClient client = server.Connect();
  EXPECT_EQ(client.Text({"GET", "k"}), "(error) NOAUTH Authentication required.");
  EXPECT_EQ(client.Text({"AUTH", "wrong"}), "(error) WRONGPASS invalid username-password pair or user is disabled.");
  EXPECT_EQ(client.Text({"AUTH", "secret"}), "OK");
  EXPECT_EQ(client.Text({"GET", "k"}), "(nil)");
  RawClient greedy = server.Connect();
  greedy.Send("*11\r\n");
  EXPECT_EQ(greedy.ReadToEnd(), "-ERR Protocol error: unauthenticated multibulk length\r\n");
  RawClient large = server.Connect();
  large.Send("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
  EXPECT_EQ(large.ReadToEnd(), "-ERR Protocol error: unauthenticated bulk length\r\n");
}

TEST(ListenerProtocol, MessagesAndRepliesKeepTheirOrder) {
  ServedEngine server;
  RawClient subscriber = server.Connect();
  RawClient publisher = server.Connect();
  ASSERT_EQ(subscriber.Ask({"HELLO", "3"}).kind, ReplyTree::Kind::kMap);
  subscriber.SendCommand({"SUBSCRIBE", "c"});
  EXPECT_EQ(subscriber.Next().kind, ReplyTree::Kind::kPush);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(publisher.Text({"PUBLISH", "c", std::to_string(i)}), "1");
    // Published before it was asked: the message stands in front of the reply.
    subscriber.SendCommand({"PING"});
    const ReplyTree message = subscriber.Next();
    ASSERT_EQ(message.kind, ReplyTree::Kind::kPush);
    EXPECT_EQ(message.children.at(2).text, std::to_string(i));
    EXPECT_EQ(subscriber.NextText(), "PONG");
  }
}

}  // namespace
}  // namespace dualis::test
