// The homes that a test body is run over: the same client API, in the process and on a server, with and without a
// prefix.
#ifndef DUALIS_TESTS_CLIENT_HOMES_H_
#define DUALIS_TESTS_CLIENT_HOMES_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "dualis/client.h"
#include "tests/client/private_server.h"

namespace dualis::test {

// The server that the tests of this program share.
inline PrivateServer& SharedServer() {
  static PrivateServer server;
  return server;
}

struct Home {
  const char* name;
  bool server;
  const char* prefix;
  int protocol = 3;
};

inline std::ostream& operator<<(std::ostream& out, const Home& home) { return out << home.name; }

// A prefix with every character that means something in a glob.
inline constexpr Home kHomes[] = {
    {"Memory", false, ""},
    {"MemoryPrefixed", false, "a*[b]?\\:"},
    {"Server", true, ""},
    {"ServerPrefixed", true, "a*[b]?\\:"},
    {"ServerResp2", true, "two:", 2},
};

// Everything erased before each test; `client` keeps to the home's prefix, `raw` sees all keys.
class HomeTest : public testing::TestWithParam<Home> {
 protected:
  HomeTest() : client(Open()), raw(client.unprefixed()) {
    if (server()) raw.command({"FLUSHALL"}).value();
  }

  static Config ConfigOf(const Home& home) {
    Config config = Config::FromUrl(home.server ? SharedServer().url() : "mem://").value();
    config.prefix = home.prefix;
    config.protocol = home.protocol;
    return config;
  }
  static Client Open() { return Client::Connect(ConfigOf(GetParam())).value(); }
  bool server() const { return GetParam().server; }
  // The name under which the home's prefix stores a key.
  std::string Stored(const std::string& key) const { return GetParam().prefix + key; }

  Client client;
  Client raw;
};

#define DUALIS_AT_EVERY_HOME(suite)                                                 \
  INSTANTIATE_TEST_SUITE_P(Homes, suite, testing::ValuesIn(::dualis::test::kHomes), \
                           [](const auto& info) { return std::string(info.param.name); })

}  // namespace dualis::test

#endif  // DUALIS_TESTS_CLIENT_HOMES_H_
