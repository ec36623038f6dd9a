// URLs, slots and redirects: text in, values out.
#include "compat/wire/uri.h"

#include <gtest/gtest.h>

#include "compat/wire/slots.h"

namespace dualis::wire {
namespace {

using Scheme = Uri::Scheme;

struct UriCase {
  const char* text;
  Uri want;
};

Uri Tcp(std::string host, int port, std::string user = "", std::string password = "", int db = 0) {
  Uri uri;
  uri.host = std::move(host);
  uri.port = port;
  uri.user = std::move(user);
  uri.password = std::move(password);
  uri.db = db;
  return uri;
}

Uri Of(Scheme scheme, Uri uri) {
  uri.scheme = scheme;
  return uri;
}

TEST(Uri, Parses) {
  Uri mem;
  mem.scheme = Scheme::kMem;
  Uri named = mem;
  named.name = "my engine";
  named.db = 3;
  Uri unix_path;
  unix_path.scheme = Scheme::kUnix;
  unix_path.path = "/run/redis.sock";
  unix_path.db = 2;
  Uri with_user = unix_path;
  with_user.user = "u";
  with_user.password = "p/w";
  Uri query = Tcp("h", 6379, "", "", 4);
  query.query = {{"prefix", "a:b&c"}, {"flag", ""}, {"timeout", "5"}};
  const UriCase cases[] = {
      {"mem://", mem},
      {"mem://my%20engine/3", named},
      {"mem://my%20engine?db=3", named},
      {"redis://", Tcp("127.0.0.1", 6379)},
      {"redis://h", Tcp("h", 6379)},
      {"redis://h:1/15", Tcp("h", 1, "", "", 15)},
      {"redis://h:/", Tcp("h", 6379)},
      {"redis://user:pa%40ss@h:1", Tcp("h", 1, "user", "pa@ss")},
      {"redis://:pass@h", Tcp("h", 6379, "", "pass")},
      {"redis://pass@h", Tcp("h", 6379, "", "pass")},
      {"redis://u:p@ss@h", Tcp("h", 6379, "u", "p@ss")},
      {"redis://[::1]:7000/1", Tcp("::1", 7000, "", "", 1)},
      {"rediss://[fe80::1]", Of(Scheme::kTls, Tcp("fe80::1", 6379))},
      {"unix:///run/redis.sock?db=2", unix_path},
      {"unix://u:p%2Fw@/run/redis.sock?db=2", with_user},
      {"redis://h?prefix=a%3Ab%26c&flag&db=4&&timeout=5", query},
  };
  for (const UriCase& c : cases) {
    const Result<Uri> got = ParseUri(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.error().message();
    EXPECT_TRUE(*got == c.want) << c.text;
  }
}

TEST(Uri, RefusesWithAReason) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "ERR no scheme in the URL ''"},
      {"localhost:6379", "ERR no scheme in the URL 'localhost:6379'"},
      {"http://h", "ERR unknown scheme in the URL 'http://h'"},
      {"redis://h:0", "ERR bad host or port in the URL 'redis://h:0'"},
      {"redis://h:65536", "ERR bad host or port in the URL 'redis://h:65536'"},
      {"redis://h:x", "ERR bad host or port in the URL 'redis://h:x'"},
      {"redis://[::1", "ERR bad host or port in the URL 'redis://[::1'"},
      {"redis://h/x", "ERR bad database number in the URL 'redis://h/x'"},
      {"redis://h/-1", "ERR bad database number in the URL 'redis://h/-1'"},
      {"redis://h?db=a", "ERR bad database number in the URL 'redis://h?db=a'"},
      {"redis://%zz@h", "ERR bad user or password in the URL 'redis://%zz@h'"},
      {"redis://%4@h", "ERR bad user or password in the URL 'redis://%4@h'"},
      {"unix://", "ERR bad path in the URL 'unix://'"},
      {"redis://h#x", "ERR a fragment in the URL 'redis://h#x'"},
  };
  for (const auto& [text, want] : cases) {
    const Result<Uri> got = ParseUri(text);
    ASSERT_FALSE(got.ok()) << text;
    EXPECT_EQ(got.error().message(), want);
    EXPECT_EQ(got.error().code(), ErrorCode::kUsage);
  }
}

TEST(Slots, AsClusterKeyslot) {
  EXPECT_EQ(Crc16("123456789"), 0x31c3);
  EXPECT_EQ(KeySlot("foo"), 12182);
  EXPECT_EQ(KeySlot(""), 0);
  EXPECT_EQ(HashTag("{user1000}.following"), "user1000");
  EXPECT_EQ(HashTag("foo{}{bar}"), "foo{}{bar}");
  EXPECT_EQ(HashTag("foo{{bar}}zap"), "{bar");
  EXPECT_EQ(HashTag("foo{bar}{zap}"), "bar");
  EXPECT_EQ(HashTag("a{b"), "a{b");
}

TEST(Redirect, Parses) {
  const auto moved = ParseRedirect("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->host, "127.0.0.1");
  EXPECT_EQ(moved->port, 6381);
  const auto ask = ParseRedirect("ASK 0 2001:db8::1:6381");
  ASSERT_TRUE(ask);
  EXPECT_TRUE(ask->ask);
  EXPECT_EQ(ask->host, "2001:db8::1");
  EXPECT_EQ(ParseRedirect("MOVED 1 [::1]:7")->host, "::1");
  EXPECT_EQ(ParseRedirect("MOVED 1 :7")->host, "");
  EXPECT_EQ(ParseRedirect("MOVED 1 ?:7")->host, "");
  for (const char* bad : {"", "MOVED", "MOVED 16384 h:1", "MOVED x h:1", "MOVED 1 h", "MOVED 1 h:0", "ERR no"}) {
    EXPECT_FALSE(ParseRedirect(bad)) << bad;
  }
}

}  // namespace
}  // namespace dualis::wire
