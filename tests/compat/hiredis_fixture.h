// Each test of the hiredis API runs on an engine in this process, on a private redis-server over each kind of socket,
// and on our own listener, over the same code.
#ifndef DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_
#define DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_

#include <gtest/gtest.h>
#include <hiredis/async.h>
#include <hiredis/dualis.h>
#include <hiredis/hiredis_ssl.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "compat/wire/listen.h"
#include "tests/client/private_server.h"
#include "tests/compat/listener_fixture.h"

namespace dualis::compat_test {

enum class Home { kEmbedded, kUnix, kTcp, kTls, kListener, kListenerTls };
inline constexpr Home kHomes[] = {Home::kEmbedded, Home::kUnix,     Home::kTcp,
                                  Home::kTls,      Home::kListener, Home::kListenerTls};

inline std::string NameOf(const ::testing::TestParamInfo<Home>& info) {
  constexpr const char* kNames[] = {"Embedded", "Unix", "Tcp", "Tls", "Listener", "ListenerTls"};
  return kNames[static_cast<int>(info.param)];
}

// A reply as redis-cli would print it on one line.
inline std::string Text(const redisReply* r) {
  if (r == nullptr) return "(no reply)";
  switch (r->type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(r->integer);
    case REDIS_REPLY_BOOL:
      return r->integer != 0 ? "#t" : "#f";
    case REDIS_REPLY_ERROR:
      return "(error) " + std::string(r->str, r->len);
    case REDIS_REPLY_STATUS:
      return "+" + std::string(r->str, r->len);
    case REDIS_REPLY_STRING:
      return "\"" + std::string(r->str, r->len) + "\"";
    case REDIS_REPLY_DOUBLE:
      return "," + std::string(r->str, r->len);
    case REDIS_REPLY_VERB:
      return "=" + std::string(r->vtype) + ":" + std::string(r->str, r->len);
    default:
      break;
  }
  std::string text = r->type == REDIS_REPLY_MAP    ? "{"
                     : r->type == REDIS_REPLY_SET  ? "~["
                     : r->type == REDIS_REPLY_PUSH ? ">["
                                                   : "[";
  for (size_t i = 0; i < r->elements; ++i) text += (i > 0 ? " " : "") + Text(r->element[i]);
  return text + (r->type == REDIS_REPLY_MAP ? "}" : "]");
}

struct FreeContext {
  void operator()(redisContext* c) const { redisFree(c); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

// A self-signed certificate for localhost, made by the program `openssl` once a process.
class Certificate {
 public:
  static const Certificate& Get() {
    static const Certificate certificate;
    return certificate;
  }
  std::string key() const { return folder_ / "key.pem"; }
  std::string cert() const { return folder_ / "cert.pem"; }

 private:
  Certificate() {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
        key() + " -out " + cert() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl makes no certificate");
  }
  test::TemporaryFolder folder_;
};

// A port that nobody listens at.
inline int FreePort() {
  wire::Failure failure;
  const int fd = wire::ListenTcp("127.0.0.1", 0, 1, &failure);
  const int port = wire::LocalPort(fd);
  close(fd);
  return port;
}

struct FreeTls {
  void operator()(redisSSLContext* c) const { redisFreeSSLContext(c); }
};
using TlsRules = std::unique_ptr<redisSSLContext, FreeTls>;

// One of the homes, for as long as this lives.
class Place {
 public:
  // `name`: of the engine, if it is in this process.
  Place(Home home, const std::string& name) : home_(home) {
    switch (home) {
      case Home::kEmbedded:
        path_ = "mem://" + name;
        break;
      case Home::kUnix:
        server_ = std::make_unique<test::PrivateServer>();
        path_ = server_->socket_path();
        break;
      case Home::kTcp:
        port_ = FreePort();
        server_ = std::make_unique<test::PrivateServer>(std::vector<std::string>{"--port", std::to_string(port_)});
        break;
      case Home::kTls: {
        port_ = FreePort();
        const Certificate& c = Certificate::Get();
        server_ = std::make_unique<test::PrivateServer>(
            std::vector<std::string>{"--tls-port", std::to_string(port_), "--tls-cert-file", c.cert(), "--tls-key-file",
                                     c.key(), "--tls-ca-cert-file", c.cert(), "--tls-auth-clients", "no"});
        break;
      }
      case Home::kListener:
        served_ = std::make_unique<test::ServedEngine>();
        port_ = served_->listener->port();
        break;
      case Home::kListenerTls: {
        ListenerOptions options;
        options.tls_port = 0;
        options.tls.cert_file = Certificate::Get().cert();
        options.tls.key_file = Certificate::Get().key();
        options.tls.auth_clients = ListenerTls::AuthClients::kNo;
        served_ = std::make_unique<test::ServedEngine>(Options(), std::move(options));
        port_ = served_->listener->tls_port();
        break;
      }
    }
    if (!tls()) return;
    redisSSLOptions options = {};
    const std::string ca = Certificate::Get().cert();
    options.cacert_filename = ca.c_str();
    options.verify_mode = REDIS_SSL_VERIFY_PEER;
    options.server_name = options.verify_name = "localhost";
    rules_.reset(redisCreateSSLContextWithOptions(&options, nullptr));
  }
  ~Place() {
    if (embedded()) Engine::Forget(path_.substr(6));
  }

  bool embedded() const { return home_ == Home::kEmbedded; }
  bool tls() const { return home_ == Home::kTls || home_ == Home::kListenerTls; }
  // For the forms of connecting that take a path, or a host and a port.
  bool has_path() const { return !path_.empty(); }
  const char* path() const { return path_.c_str(); }
  const char* host() const { return embedded() ? path_.c_str() : "127.0.0.1"; }
  int port() const { return port_; }
  redisSSLContext* rules() const { return rules_.get(); }

  void Aim(redisOptions* options) const {
    if (has_path()) {
      REDIS_OPTIONS_SET_UNIX(options, path());
    } else {
      REDIS_OPTIONS_SET_TCP(options, host(), port_);
    }
  }
  // What a fresh or reconnected context needs before its first command.
  int Secure(redisContext* c) const {
    return tls() && c->err == 0 ? redisInitiateSSLWithContext(c, rules_.get()) : REDIS_OK;
  }

 private:
  Home home_;
  std::unique_ptr<test::PrivateServer> server_;
  std::unique_ptr<test::ServedEngine> served_;
  std::string path_;
  int port_ = 0;
  TlsRules rules_;
};

class HiredisFixture {
 protected:
  // A name of this test's own: nothing is left over from the one before.
  explicit HiredisFixture(Home home) : place_(home, TestName()) {}

  static std::string TestName() {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    return test.substr(0, test.find('/'));
  }

  const Place& place() const { return place_; }
  bool embedded() const { return place_.embedded(); }
  Context Connect(int options = 0) const {
    redisOptions o = {};
    place_.Aim(&o);
    o.options = options;
    Context c(redisConnectWithOptions(&o));
    EXPECT_EQ(place_.Secure(c.get()), REDIS_OK);
    EXPECT_EQ(c->err, 0) << c->errstr;
    EXPECT_EQ(dualisHiredisIsEmbedded(c.get()) != 0, embedded());
    return c;
  }
  int Reconnect(const Context& c) const {
    return redisReconnect(c.get()) == REDIS_OK ? place_.Secure(c.get()) : REDIS_ERR;
  }
  // Runs a command and prints its reply, or the context's error.
  template <class... A>
  static std::string Do(const Context& c, const char* format, A... args) {
    auto* reply = static_cast<redisReply*>(redisCommand(c.get(), format, args...));
    if (reply == nullptr) return "! " + std::to_string(c->err) + " " + c->errstr;
    const std::string text = Text(reply);
    freeReplyObject(reply);
    return text;
  }
  static std::string Next(const Context& c) {
    void* reply = nullptr;
    if (redisGetReply(c.get(), &reply) != REDIS_OK) return "! " + std::to_string(c->err) + " " + c->errstr;
    const std::string text = Text(static_cast<redisReply*>(reply));
    freeReplyObject(reply);
    return text;
  }

 private:
  Place place_;
};

class HiredisTest : public ::testing::TestWithParam<Home>, protected HiredisFixture {
 protected:
  HiredisTest() : HiredisFixture(GetParam()) {}
};

}  // namespace dualis::compat_test

#endif  // DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_
