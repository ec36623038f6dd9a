// Config: the three spellings, their errors, and the way back to a URL.
#include "dualis/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace dualis {
namespace {

using std::chrono::milliseconds;

TEST(Config, FieldsFromUrls) {
  const Config shared = Config::FromUrl("mem://sessions?db=3&prefix=a%3Ab%25").value();
  EXPECT_EQ(shared.home, Config::Home::kMemory);
  EXPECT_EQ(shared.name, "sessions");
  EXPECT_EQ(shared.db, 3);
  EXPECT_EQ(shared.prefix, "a:b%");

  const Config tcp =
      Config::FromUrl("redis://me:p%40ss@cache.local:7000/2?timeout=250ms&connect_timeout=2s&pool=3").value();
  EXPECT_EQ(tcp.home, Config::Home::kTcp);
  EXPECT_EQ(tcp.host, "cache.local");
  EXPECT_EQ(tcp.port, 7000);
  EXPECT_EQ(tcp.user, "me");
  EXPECT_EQ(tcp.password, "p@ss");
  EXPECT_EQ(tcp.db, 2);
  EXPECT_EQ(tcp.timeout, milliseconds(250));
  EXPECT_EQ(tcp.connect_timeout, milliseconds(2000));
  EXPECT_EQ(tcp.pool, 3u);

  const Config socket = Config::FromUrl("unix:///run/r.sock?db=1&protocol=2&client_name=worker").value();
  EXPECT_EQ(socket.home, Config::Home::kUnix);
  EXPECT_EQ(socket.path, "/run/r.sock");
  EXPECT_EQ(socket.db, 1);
  EXPECT_EQ(socket.protocol, 2);
  EXPECT_EQ(socket.client_name, "worker");
}

TEST(Config, UrlRoundTrip) {
  const char* urls[] = {
      "mem://",
      "mem://name",
      "mem://a%20b?db=2&prefix=p%25%3F",
      "redis://127.0.0.1:6379",
      "redis://:secret@h:1/15?protocol=2",
      "redis://u:p%40%3A%2F@[::1]:6380/1?timeout=0ms&pool=1",
      "unix:///tmp/a%20b.sock?user=u&password=%26%3D&db=9&pool_timeout=31ms",
      "unix://relative.sock",
  };
  for (const char* url : urls) {
    const Config config = Config::FromUrl(url).value();
    EXPECT_EQ(Config::FromUrl(config.ToUrl()).value(), config) << url << " became " << config.ToUrl();
  }
  std::string every_octet;
  for (int c = 0; c < 256; ++c) every_octet += static_cast<char>(c);
  Config odd;
  odd.home = Config::Home::kTcp;
  odd.password = odd.user = odd.prefix = every_octet;
  EXPECT_EQ(Config::FromUrl(odd.ToUrl()).value(), odd);
}

TEST(Config, SecretsCanBeHidden) {
  const Config config = Config::FromUrl("redis://u:geheim@h:1").value();
  EXPECT_EQ(config.ToUrl(Config::Secrets::kHide), "redis://u:***@h:1");
  const Config socket = Config::FromUrl("unix:///s?password=geheim").value();
  EXPECT_EQ(socket.ToUrl(Config::Secrets::kHide), "unix:///s?password=***");
  for (const char* bad : {"redis://u:geheim@h:port", "unix:///s?password=geheim&db=x", "redis://u:geheim@h/x"}) {
    const Result<Config> refused = Config::FromUrl(bad);
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_EQ(std::string(refused.error().message()).find("geheim"), std::string::npos) << refused.error().message();
  }
}

TEST(Config, FieldsFromJson) {
  const Config config =
      Config::FromJson(R"({"home": "redis", "host": "h", "port": 7, "db": 2, "prefix": "p:", "timeout": "2s",
                           "pool_timeout": 30})")
          .value();
  EXPECT_EQ(config.ToUrl(), "redis://h:7/2?prefix=p:&timeout=2000ms&pool_timeout=30ms");
  const Config over = Config::FromJson(R"({"url": "unix:///s?db=1&prefix=a", "prefix": "b"})").value();
  EXPECT_EQ(over.ToUrl(), "unix:///s?db=1&prefix=b");
}

struct Refused {
  bool json;
  const char* text;
  const char* part;
};

TEST(Config, ErrorsSayWhatIsWrong) {
  const Refused refused[] = {
      {false, "localhost:6379", "no scheme"},
      {false, "http://h", "unknown scheme"},
      {false, "rediss://h", "TLS"},
      {false, "redis://h:0", "port"},
      {false, "redis://h/x", "database"},
      {false, "mem://?color=red", "unknown URL parameter 'color'; known are db, user, password, prefix"},
      {false, "mem://?timeout=fast", "'timeout' wants a time such as 250ms or 2s"},
      {false, "mem://?timeout=-1", "'timeout' wants"},
      {false, "mem://?protocol=4", "'protocol' wants 2 or 3"},
      {false, "mem://?pool=0", "'pool' wants"},
      {false, "mem://?client_name=a%20b", "client name"},
      {false, "redis://h?user=u", "a user wants a password"},
      {true, "{", "not JSON"},
      {true, "[]", "must be an object"},
      {true, "{}", "\"url\" or \"home\""},
      {true, R"({"home": "mars"})", "'home' wants mem, redis or unix"},
      {true, R"({"home": "redis", "port": "x"})", "port"},
      {true, R"({"home": "redis", "db": 1.5})", "'db' must be text or a whole number"},
      {true, R"({"home": "unix"})", "path"},
      {true, R"({"home": "mem", "colour": "red"})", "unknown JSON field 'colour'"},
      {true, R"({"url": 5})", "'url' must be text"},
  };
  for (const Refused& r : refused) {
    const Result<Config> config = r.json ? Config::FromJson(r.text) : Config::FromUrl(r.text);
    ASSERT_FALSE(config.ok()) << r.text;
    EXPECT_EQ(config.error().code(), ErrorCode::kUsage);
    EXPECT_NE(config.error().message().find(r.part), Bytes::npos) << r.text << ": " << config.error().message();
  }
}

TEST(Config, FromTheEnvironment) {
  unsetenv("DUALIS_TEST_PLACE");
  EXPECT_NE(Config::FromEnvironment("DUALIS_TEST_PLACE").error().message().find("DUALIS_TEST_PLACE is not set"),
            Bytes::npos);
  setenv("DUALIS_TEST_PLACE", "mem://x", 1);
  EXPECT_EQ(Config::FromEnvironment("DUALIS_TEST_PLACE").value().name, "x");
  setenv("DUALIS_TEST_PLACE", R"({"home": "mem", "name": "y"})", 1);
  EXPECT_EQ(Config::FromEnvironment("DUALIS_TEST_PLACE").value().name, "y");
  setenv("DUALIS_TEST_PLACE", "nowhere", 1);
  EXPECT_NE(Config::FromEnvironment("DUALIS_TEST_PLACE").error().message().find("variable DUALIS_TEST_PLACE"),
            Bytes::npos);
  unsetenv("DUALIS_TEST_PLACE");
}

}  // namespace
}  // namespace dualis
