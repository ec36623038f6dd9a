// libhiredis_ssl: what concerns TLS alone. That contexts work over it is shown by the tests of contexts, which run on
// TLS as one of their homes.
#include <hiredis/adapters/poll.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "tests/compat/hiredis_fixture.h"

namespace dualis::compat_test {
namespace {

using std::chrono::steady_clock;

class TlsTest : public HiredisTest {
 protected:
  Context Plain() const { return Context(redisConnect(place().host(), place().port())); }
  static TlsRules Rules(redisSSLOptions options, redisSSLContextError* error = nullptr) {
    return TlsRules(redisCreateSSLContextWithOptions(&options, error));
  }
};
INSTANTIATE_TEST_SUITE_P(Homes, TlsTest, ::testing::Values(Home::kTls, Home::kListenerTls), NameOf);

// Borrows the name.
redisSSLOptions Verifying(const char* ca) {
  redisSSLOptions options = {};
  options.cacert_filename = ca;
  options.verify_mode = REDIS_SSL_VERIFY_PEER;
  return options;
}

TEST_P(TlsTest, TheServerIsVerified) {
  const std::string ca = Certificate::Get().cert();
  const Context good = Plain();
  ASSERT_EQ(redisInitiateSSLWithContext(good.get(), Rules(Verifying(ca.c_str())).get()), REDIS_OK) << good->errstr;
  EXPECT_EQ(Do(good, "PING"), "+PONG") << "the rules may go before the connection";

  const Context unknown = Plain();
  const TlsRules systems(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  EXPECT_EQ(redisInitiateSSLWithContext(unknown.get(), systems.get()), REDIS_ERR);
  EXPECT_EQ(unknown->err, REDIS_ERR_IO);
  EXPECT_STREQ(unknown->errstr, "SSL_connect failed: certificate verify failed");

  redisSSLOptions careless = {};
  careless.verify_mode = REDIS_SSL_VERIFY_NONE;
  const Context any = Plain();
  ASSERT_EQ(redisInitiateSSLWithContext(any.get(), Rules(careless).get()), REDIS_OK) << any->errstr;
  EXPECT_EQ(Do(any, "PING"), "+PONG");
}

TEST_P(TlsTest, NamesAndAddressesAreVerifiedIfAsked) {
  const std::string ca = Certificate::Get().cert();
  const std::pair<const char*, bool> kNames[] = {
      {"localhost", true}, {"127.0.0.1", true}, {"example.org", false}, {"127.0.0.2", false}, {"::1", false}};
  for (const auto& [name, good] : kNames) {
    redisSSLOptions options = Verifying(ca.c_str());
    options.verify_name = name;
    const Context c = Plain();
    EXPECT_EQ(redisInitiateSSLWithContext(c.get(), Rules(options).get()), good ? REDIS_OK : REDIS_ERR) << name;
    EXPECT_STREQ(c->errstr, good ? "" : "SSL_connect failed: certificate verify failed");
  }
  // The name that is asked for is not verified.
  redisSSLOptions options = Verifying(ca.c_str());
  options.server_name = "example.org";
  const Context c = Plain();
  EXPECT_EQ(redisInitiateSSLWithContext(c.get(), Rules(options).get()), REDIS_OK);
}

TEST_P(TlsTest, OnlyOnceAConnection) {
  const std::string ca = Certificate::Get().cert();
  const TlsRules rules = Rules(Verifying(ca.c_str()));
  const Context c = Plain();
  ASSERT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_OK);
  EXPECT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_ERR);
  EXPECT_EQ(c->err, 0);
  EXPECT_EQ(Do(c, "PING"), "+PONG");
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  EXPECT_EQ(redisInitiateSSL(c.get(), ssl), REDIS_ERR);
  EXPECT_EQ(c->err, REDIS_ERR_OTHER);
  EXPECT_STREQ(c->errstr, "redisContext was already associated");
  SSL_free(ssl);
  SSL_CTX_free(context);
  // A connection that was made anew is another.
  ASSERT_EQ(redisReconnect(c.get()), REDIS_OK);
  EXPECT_EQ(Do(c, "PING"), "! 2 TLS has to be initiated anew after reconnecting");
  ASSERT_EQ(redisReconnect(c.get()), REDIS_OK);
  ASSERT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_OK) << c->errstr;
  EXPECT_EQ(Do(c, "PING"), "+PONG");
}

TEST_P(TlsTest, AnSslOfTheProgram) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const Context c = Plain();
  ASSERT_EQ(redisInitiateSSL(c.get(), SSL_new(context)), REDIS_OK) << c->errstr;
  SSL_CTX_free(context);
  const std::string value(300'000, 'v');
  EXPECT_EQ(Do(c, "SET k %b", value.data(), value.size()), "+OK");
  EXPECT_EQ(Do(c, "GET k").size(), value.size() + 2);
}

TEST_P(TlsTest, AsynchronousFromTheConnectCallback) {
  struct State {
    redisSSLContext* rules;
    std::vector<std::string> lines;
  } state{place().rules(), {}};
  redisAsyncContext* ac = redisAsyncConnect(place().host(), place().port());
  ac->data = &state;
  ASSERT_EQ(redisPollAttach(ac), REDIS_OK);
  const std::string value(300'000, 'v');
  redisAsyncSetConnectCallbackNC(ac, [](redisAsyncContext* c, int status) {
    auto* s = static_cast<State*>(c->data);
    s->lines.push_back(std::to_string(status) + std::to_string(redisInitiateSSLWithContext(&c->c, s->rules)));
  });
  const auto note = [](redisAsyncContext* c, void* reply, void*) {
    static_cast<State*>(c->data)->lines.push_back(Text(static_cast<redisReply*>(reply)));
  };
  redisAsyncCommand(ac, note, nullptr, "SET k %b", value.data(), value.size());
  redisAsyncCommand(ac, note, nullptr, "GET k");
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  while (state.lines.size() < 3 && steady_clock::now() < end) redisPollTick(ac, 0.5);
  ASSERT_EQ(state.lines.size(), 3u);
  EXPECT_EQ(state.lines[0], "00");
  EXPECT_EQ(state.lines[1], "+OK");
  EXPECT_EQ(state.lines[2].size(), value.size() + 2);
  redisAsyncFree(ac);
}

TEST_P(TlsTest, AnAsynchronousHandshakeThatFails) {
  std::vector<std::string> lines;
  const TlsRules systems(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  redisAsyncContext* ac = redisAsyncConnect(place().host(), place().port());
  ac->data = &lines;
  if (redisInitiateSSLWithContext(&ac->c, systems.get()) != REDIS_OK) {
    // The server was quick.
    EXPECT_STREQ(ac->c.errstr, "SSL_connect failed: certificate verify failed");
    redisAsyncFree(ac);
    return;
  }
  redisPollAttach(ac);
  redisAsyncSetDisconnectCallback(ac, [](const redisAsyncContext* c, int status) {
    static_cast<std::vector<std::string>*>(c->data)->push_back(std::to_string(status) + " " + c->errstr);
  });
  redisAsyncCommand(
      ac,
      [](redisAsyncContext* c, void* reply, void*) {
        static_cast<std::vector<std::string>*>(c->data)->push_back(Text(static_cast<redisReply*>(reply)));
      },
      nullptr, "PING");
  const auto end = steady_clock::now() + std::chrono::seconds(10);
  while (lines.size() < 2 && steady_clock::now() < end) redisPollTick(ac, 0.5);
  EXPECT_EQ(lines, (std::vector<std::string>{"(no reply)", "-1 SSL_connect failed: certificate verify failed"}));
}

TEST(TlsRulesTest, FailuresHaveTheirNumberAndTheirWords) {
  const std::string cert = Certificate::Get().cert(), key = Certificate::Get().key();
  const auto make = [](const redisSSLOptions& options) {
    redisSSLOptions own = options;
    redisSSLContextError error = REDIS_SSL_CTX_OS_CERT_ADD_FAILED;
    const TlsRules rules(redisCreateSSLContextWithOptions(&own, &error));
    EXPECT_EQ(rules == nullptr, error != REDIS_SSL_CTX_NONE);
    return error;
  };
  redisSSLOptions options = Verifying(cert.c_str());
  options.cert_filename = cert.c_str();
  EXPECT_EQ(make(options), REDIS_SSL_CTX_CERT_KEY_REQUIRED);
  options.private_key_filename = key.c_str();
  EXPECT_EQ(make(options), REDIS_SSL_CTX_NONE);
  options.private_key_filename = cert.c_str();
  EXPECT_EQ(make(options), REDIS_SSL_CTX_PRIVATE_KEY_LOAD_FAILED);
  options.cert_filename = "/nosuch";
  EXPECT_EQ(make(options), REDIS_SSL_CTX_CLIENT_CERT_LOAD_FAILED);
  options = Verifying("/nosuch");
  EXPECT_EQ(make(options), REDIS_SSL_CTX_CA_CERT_LOAD_FAILED);
  options = Verifying(cert.c_str());
  options.verify_name = "";
  EXPECT_EQ(make(options), REDIS_SSL_CTX_VERIFY_NAME_FAILED);
  options.verify_name = "localhost";
  options.verify_mode = REDIS_SSL_VERIFY_NONE;
  EXPECT_EQ(make(options), REDIS_SSL_CTX_VERIFY_NAME_FAILED);

  EXPECT_STREQ(redisSSLContextGetError(REDIS_SSL_CTX_CLIENT_DEFAULT_CERT_FAILED), "Unknown error code");
  EXPECT_STREQ(redisSSLContextGetError(static_cast<redisSSLContextError>(10)), "Unknown error code");
  EXPECT_STREQ(redisSSLContextGetError(static_cast<redisSSLContextError>(-1)), "Unknown error code");
  EXPECT_STRNE(redisSSLContextGetError(REDIS_SSL_CTX_CREATE_FAILED), "Unknown error code");
  EXPECT_EQ(redisInitOpenSSL(), REDIS_OK);
  redisFreeSSLContext(nullptr);
}

TEST(TlsPeers, OneThatSpeaksNoTls) {
  wire::Failure failure;
  const int listening = wire::ListenTcp("127.0.0.1", 0, 5, &failure);
  const Context c(redisConnect("127.0.0.1", wire::LocalPort(listening)));
  const int peer = wire::Accept(listening, &failure);
  EXPECT_TRUE(wire::WriteAll(peer, "-ERR what do you want?\r\n", wire::kNoDeadline, &failure));
  const TlsRules rules(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  EXPECT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_ERR);
  EXPECT_EQ(c->err, REDIS_ERR_IO);
  EXPECT_EQ(std::string(c->errstr).rfind("SSL_connect failed: ", 0), 0u) << c->errstr;
  close(peer);
  close(listening);
}

// What a program that shows c->errstr shows.
TEST(TlsPeers, TheWordsOfFailures) {
  wire::Failure failure;
  const int listening = wire::ListenTcp("127.0.0.1", 0, 5, &failure);
  const TlsRules rules(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  constexpr std::pair<const char*, const char*> kPeers[] = {
      {"", "SSL_connect failed: unexpected eof while reading"},
      {"-ERR what do you want?\r\n", "SSL_connect failed: wrong version number"},
  };
  for (const auto& [says, text] : kPeers) {
    const Context c(redisConnect("127.0.0.1", wire::LocalPort(listening)));
    const int peer = wire::Accept(listening, &failure);
    EXPECT_TRUE(wire::WriteAll(peer, says, wire::kNoDeadline, &failure));
    // No more follows; the client's own greeting is not refused by a reset.
    shutdown(peer, SHUT_WR);
    EXPECT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_ERR);
    EXPECT_EQ(c->err, REDIS_ERR_IO);
    EXPECT_STREQ(c->errstr, text);
    EXPECT_EQ(redisCommand(c.get(), "PING"), nullptr) << "the context is of no more use";
    close(peer);
  }
  close(listening);
  // Each failure of making rules has words of its own, but for the one that upstream has none for.
  std::set<std::string> texts;
  for (int error = REDIS_SSL_CTX_NONE; error <= REDIS_SSL_CTX_VERIFY_NAME_FAILED; ++error) {
    texts.insert(redisSSLContextGetError(static_cast<redisSSLContextError>(error)));
  }
  EXPECT_EQ(texts.size(), 10u);
  EXPECT_EQ(texts.count(""), 0u);
  EXPECT_EQ(texts.count("Unknown error code"), 1u);
}

TEST(TlsPeers, OneThatSaysNothing) {
  wire::Failure failure;
  const int listening = wire::ListenTcp("127.0.0.1", 0, 5, &failure);
  const TlsRules rules(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  const Context c(redisConnectWithTimeout("127.0.0.1", wire::LocalPort(listening), timeval{0, 50'000}));
  EXPECT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_ERR);
  EXPECT_EQ(c->err, REDIS_ERR_IO);
  EXPECT_STREQ(c->errstr, "Resource temporarily unavailable");
  close(listening);
}

TEST(TlsEmbedded, InitiatingSucceedsAndDoesNothing) {
  const Context c(redisConnect("mem://tls", 0));
  const TlsRules rules(redisCreateSSLContext(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr));
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(redisInitiateSSLWithContext(c.get(), rules.get()), REDIS_OK);
    EXPECT_EQ(redisInitiateSSL(c.get(), SSL_new(context)), REDIS_OK);
    EXPECT_TRUE(dualisHiredisIsEmbedded(c.get()));
    auto* reply = static_cast<redisReply*>(redisCommand(c.get(), "PING"));
    EXPECT_EQ(Text(reply), "+PONG");
    freeReplyObject(reply);
    EXPECT_EQ(redisReconnect(c.get()), REDIS_OK);
  }
  SSL_CTX_free(context);
  Engine::Forget("tls");
}

}  // namespace
}  // namespace dualis::compat_test
