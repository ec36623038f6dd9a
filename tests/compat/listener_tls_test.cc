// TLS: the listener's side, and the client's steps of compat/wire against it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "compat/wire/tls.h"
#include "tests/compat/listener_fixture.h"

namespace dualis::test {
namespace {

// A self-signed certificate for "localhost" in its folder; the program `openssl` makes it once.
class Certificate {
 public:
  Certificate() {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
        key() + " -out " + cert() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl makes no certificate");
  }
  std::string key() const { return folder_ / "key.pem"; }
  std::string cert() const { return folder_ / "cert.pem"; }

 private:
  TemporaryFolder folder_;
};

ListenerTls Tls(const Certificate& certificate, ListenerTls::AuthClients auth = ListenerTls::AuthClients::kNo) {
  ListenerTls tls;
  tls.cert_file = certificate.cert();
  tls.key_file = certificate.key();
  tls.ca_cert_file = certificate.cert();
  tls.auth_clients = auth;
  return tls;
}

// A client that waits between the steps.
class TlsClient {
 public:
  TlsClient(int port, const wire::TlsFiles& files, const std::string& name = "localhost") {
    if (Error error = context_.Connect(files)) throw std::runtime_error(std::string(error.message()));
    wire::Failure failure;
    fd_ = wire::ConnectTcp("127.0.0.1", port, {}, wire::In(std::chrono::seconds(10)), &failure);
    ssl_ = context_.NewSession(fd_, name);
    Until([&](size_t*) { return wire::TlsHandshake(ssl_, &error_); });
  }
  ~TlsClient() {
    wire::TlsShutdown(ssl_);
    wire::TlsFree(ssl_);
    close(fd_);
  }

  const Error& error() const { return error_; }

  bool Send(Bytes bytes) {
    while (!bytes.empty()) {
      size_t moved = 0;
      const auto step = Until([&](size_t*) { return wire::TlsWrite(ssl_, bytes, &moved, &error_); });
      if (step != wire::TlsStep::kDone) return false;
      bytes.remove_prefix(moved);
    }
    return true;
  }
  // The next reply; Kind::kClosed once the connection is over.
  ReplyTree Next() {
    char buffer[16384];
    while (true) {
      if (auto reply = reader_.Next()) return *std::move(reply);
      size_t moved = 0;
      const auto step = Until([&](size_t*) { return wire::TlsRead(ssl_, buffer, sizeof(buffer), &moved, &error_); });
      if (step != wire::TlsStep::kDone) return ReplyTree::Of(ReplyTree::Kind::kClosed);
      reader_.Feed({buffer, moved});
    }
  }
  ReplyTree Ask(const std::vector<std::string>& words) {
    if (!Send(cases::EncodeRequest(words))) return ReplyTree::Of(ReplyTree::Kind::kClosed);
    return Next();
  }

 private:
  template <class Step>
  wire::TlsStep Until(Step step) {
    while (true) {
      const wire::TlsStep result = step(nullptr);
      if (result != wire::TlsStep::kWantRead && result != wire::TlsStep::kWantWrite) return result;
      wire::Failure failure;
      const short events = result == wire::TlsStep::kWantRead ? POLLIN : POLLOUT;
      if (wire::WaitFor(fd_, events, wire::In(std::chrono::seconds(10)), &failure) == 0) {
        throw std::runtime_error("TLS stands still");
      }
    }
  }

  wire::TlsContext context_;
  int fd_ = -1;
  SSL* ssl_ = nullptr;
  Error error_;
  cases::RespReader reader_;
};

class ListenerOverTls : public testing::Test {
 protected:
  wire::TlsFiles Verifying() const {
    wire::TlsFiles files;
    files.ca_cert_file = certificate_.cert();
    return files;
  }
  Certificate certificate_;
};

TEST_F(ListenerOverTls, Serves) {
  ServedEngine server({}, {.tls_port = 0, .tls = Tls(certificate_)});
  ASSERT_NE(server.listener->tls_port(), 0);
  ASSERT_NE(server.listener->tls_port(), server.listener->port());
  TlsClient client(server.listener->tls_port(), Verifying());
  EXPECT_EQ(client.Ask({"SET", "k", "v"}).text, "OK");
  EXPECT_EQ(server.Connect().Text({"GET", "k"}), "\"v\"");

  // More than a record and more than any buffer, both ways.
  const std::string large(5'000'000, 'x');
  EXPECT_EQ(client.Ask({"SET", "large", large}).text, "OK");
  EXPECT_EQ(client.Ask({"GET", "large"}).text, large);

  std::string pipeline;
  for (int i = 0; i < 5000; ++i) pipeline += "INCR n\r\n";
  ASSERT_TRUE(client.Send(pipeline));
  for (int i = 1; i <= 5000; ++i) ASSERT_EQ(client.Next().integer, i);

  TlsClient waiting(server.listener->tls_port(), Verifying());
  ASSERT_TRUE(waiting.Send("BLPOP q 0\r\n"));
  EXPECT_EQ(client.Ask({"RPUSH", "q", "v"}).integer, 1);
  EXPECT_EQ(waiting.Next().children.at(1).text, "v");
}

TEST_F(ListenerOverTls, VerifiesClients) {
  ServedEngine server({},
                      {.port = std::nullopt, .tls_port = 0, .tls = Tls(certificate_, ListenerTls::AuthClients::kYes)});
  TlsClient unknown(server.listener->tls_port(), Verifying());
  EXPECT_EQ(unknown.Ask({"PING"}).kind, ReplyTree::Kind::kClosed);
  wire::TlsFiles known = Verifying();
  known.cert_file = certificate_.cert();
  known.key_file = certificate_.key();
  TlsClient client(server.listener->tls_port(), known);
  EXPECT_EQ(client.Ask({"PING"}).text, "PONG");
}

TEST_F(ListenerOverTls, ClientsVerifyTheServer) {
  ServedEngine server({}, {.tls_port = 0, .tls = Tls(certificate_)});
  const TlsClient other_name(server.listener->tls_port(), Verifying(), "example.org");
  EXPECT_EQ(other_name.error().code(), ErrorCode::kIo);
  const TlsClient no_ca(server.listener->tls_port(), wire::TlsFiles());
  EXPECT_EQ(no_ca.error().code(), ErrorCode::kIo);
}

TEST_F(ListenerOverTls, WhoSpeaksNoTlsHurtsNobody) {
  ServedEngine server({}, {.tls_port = 0, .tls = Tls(certificate_)});
  TlsClient other(server.listener->tls_port(), Verifying());
  RawClient silent = RawClient::Tcp(server.listener->tls_port());
  RawClient plain = RawClient::Tcp(server.listener->tls_port());
  plain.Send("PING\r\nPING\r\n");
  plain.ReadToEnd();
  { RawClient::Tcp(server.listener->tls_port()).Send("\x16\x03\x01"); }
  EXPECT_EQ(other.Ask({"PING"}).text, "PONG");
}

TEST_F(ListenerOverTls, FilesThatDoNotServe) {
  auto engine = Engine::Create();
  const auto open = [&](const ListenerTls& tls) {
    const auto opened = Listener::Open(*engine, {.port = std::nullopt, .tls_port = 0, .tls = tls});
    return opened ? std::string() : std::string(opened.error().message());
  };
  EXPECT_EQ(open({}), "No tls-cert-file configured!");
  ListenerTls tls = Tls(certificate_);
  tls.key_file = "/nosuch";
  EXPECT_NE(open(tls).find("Failed to load private key: /nosuch"), std::string::npos);
  tls = Tls(certificate_, ListenerTls::AuthClients::kYes);
  tls.ca_cert_file = "";
  EXPECT_NE(open(tls).find("tls-ca-cert-file"), std::string::npos);
  tls = Tls(certificate_);
  tls.protocols = "TLSv9";
  EXPECT_NE(open(tls).find("tls-protocols"), std::string::npos);
}

}  // namespace
}  // namespace dualis::test
