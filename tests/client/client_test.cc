// The client at every home: what one program sees, whatever its URL.
#include "dualis/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using std::chrono::milliseconds;
using ClientTest = HomeTest;
DUALIS_AT_EVERY_HOME(ClientTest);

TEST_P(ClientTest, TypedAndUntypedCallsAgree) {
  EXPECT_EQ(client.set("k", "v").value(), true);
  EXPECT_EQ(client.get("k").value(), "v");
  EXPECT_EQ(client.command({"GET", "k"}).value().text, "v");
  EXPECT_EQ(client.command_as<std::string>({"get", "k"}).value(), "v");
  EXPECT_EQ(client.Run(cmd::Get{"k"}).value(), "v");
  EXPECT_EQ(client.get("missing").value(), std::nullopt);
  EXPECT_TRUE(client.command({"GET", "missing"}).value().is_null());
  EXPECT_EQ(client.command({"INCRBY", "n", 41}).value().integer, 41);
  EXPECT_EQ(client.incr("n").value(), 42);
}

TEST_P(ClientTest, ValuesAreBytes) {
  const std::string bytes("\0\r\n\xff zero", 10);
  client.set(bytes, bytes).value();
  EXPECT_EQ(client.get(bytes).value(), bytes);
  EXPECT_EQ(client.set("", "").value(), true);
  EXPECT_EQ(client.get("").value(), "");
}

TEST_P(ClientTest, ErrorsAreRedisOwn) {
  client.set("text", "abc").value();
  const Result<int64_t> sum = client.incr("text");
  ASSERT_FALSE(sum.ok());
  EXPECT_EQ(sum.error().message(), "ERR value is not an integer or out of range");
  EXPECT_EQ(client.command({"INCR", "text"}).error(), sum.error());
  EXPECT_EQ(client.command({"INCR"}).error().message(), "ERR wrong number of arguments for 'incr' command");
  EXPECT_EQ(client.set("k", "v", {.expiry = Expiry::In(milliseconds(0))}).error().message(),
            "ERR invalid expire time in 'set' command");
  // Also for a reply of any type.
  EXPECT_EQ(client.command_as<AnyReply>({"INCR", "text"}).error(), sum.error());
  EXPECT_THROW(client.incr("text").value(), RedisError);
  if (client.prefix().empty()) {
    EXPECT_EQ(client.command({"NOSUCH", "a"}).error().message(),
              "ERR unknown command 'NOSUCH', with args beginning with: 'a' ");
  } else {
    // Without the command's syntax nobody knows which words a prefix belongs to.
    EXPECT_EQ(client.command({"NOSUCH", "a"}).error().code(), ErrorCode::kUsage);
  }
}

TEST_P(ClientTest, ThePrefixIsInTheStore) {
  client.set("k", "v").value();
  client.mset({{"a", "1"}, {"b", "2"}}).value();
  EXPECT_EQ(raw.get(Stored("k")).value(), "v");
  EXPECT_EQ(raw.mget({Stored("a"), Stored("b")}).value(), client.mget({"a", "b"}).value());
  const Client deeper = client.with_prefix("more:");
  Client(deeper).set("k", "deep").value();
  EXPECT_EQ(raw.get(Stored("more:k")).value(), "deep");
  EXPECT_EQ(client.get("k").value(), "v");
}

TEST_P(ClientTest, CommandsOfOneConnectionAreRefused) {
  for (const char* name :
       {"SELECT 1", "MULTI", "exec", "WATCH k", "SUBSCRIBE c", "QUIT", "RESET", "HELLO 3", "MONITOR"}) {
    const std::string text(name);
    const size_t blank = text.find(' ');
    std::vector<Arg> words = {Bytes(text).substr(0, blank)};
    if (blank != std::string::npos) words.push_back(Bytes(text).substr(blank + 1));
    const Result<AnyReply> refused = client.command(words);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().code(), ErrorCode::kUsage) << name << ": " << refused.error().message();
  }
  EXPECT_EQ(client.command({}).error().code(), ErrorCode::kUsage);
}

TEST_P(ClientTest, APrefixNeverFlushesOthers) {
  raw.set("other", "1").value();
  for (const char* name : {"FLUSHALL", "FLUSHDB", "RANDOMKEY"}) {
    if (client.prefix().empty()) continue;
    EXPECT_EQ(client.command({name}).error().code(), ErrorCode::kUsage) << name;
  }
  EXPECT_EQ(raw.get("other").value(), "1");
}

TEST_P(ClientTest, EngineOnlyInTheProcess) { EXPECT_EQ(client.engine() == nullptr, server()); }

TEST_P(ClientTest, CopiesAreHandlesOfOneHome) {
  Client copy = client;
  copy.set("k", "v").value();
  EXPECT_EQ(client.get("k").value(), "v");
  EXPECT_EQ(client.within(milliseconds(5000)).get("k").value(), "v");
}

TEST_P(ClientTest, TheConfiguredDatabaseHolds) {
  Config config = ConfigOf(GetParam());
  if (!server()) config.name = "database-test";
  Client zero = Client::Connect(config).value();
  config.db = 3;
  Client three = Client::Connect(config).value();
  zero.set("k", "zero").value();
  three.set("k", "three").value();
  EXPECT_EQ(zero.get("k").value(), "zero");
  EXPECT_EQ(three.get("k").value(), "three");
  config.db = 99;
  const Result<Client> none = Client::Connect(config);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message(), "ERR DB index is out of range");
  Engine::Forget("database-test");
}

TEST_P(ClientTest, KeyNamesComeBackWithoutThePrefix) {
  client.mset({{"user:1", "a"}, {"user:2", "b"}, {"other", "c"}}).value();
  raw.set("user:3", "of somebody else").value();
  const auto sorted = [](const std::vector<KeyName>& keys) {
    std::vector<std::string> names;
    for (const KeyName& key : keys) {
      if (key.name != "user:3") names.push_back(key.name);
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  EXPECT_EQ(sorted(client.keys("user:*").value()), (std::vector<std::string>{"user:1", "user:2"}));
  EXPECT_EQ(sorted(client.keys("*").value()), (std::vector<std::string>{"other", "user:1", "user:2"}));
  const cmd::ScanReply step = client.scan("0", "user:?", 1000).value();
  EXPECT_EQ(sorted(step.keys), (std::vector<std::string>{"user:1", "user:2"}));
  // Without MATCH a scan keeps to the prefix, too.
  EXPECT_EQ(sorted(client.scan("0", {}, 1000).value().keys), (std::vector<std::string>{"other", "user:1", "user:2"}));
  const AnyReply untyped = client.command({"SCAN", 0, "COUNT", 1000, "TYPE", "string"}).value();
  EXPECT_EQ(untyped.elements.at(1).elements.size(), client.prefix().empty() ? 4u : 3u);

  Pipeline batch = client.pipeline();
  const auto typed = batch.keys("o*");
  const auto any = batch.command({"KEYS", "o*"});
  ASSERT_TRUE(batch.execute().ok());
  EXPECT_EQ(sorted(typed->value()), std::vector<std::string>{"other"});
  EXPECT_EQ(any->value().elements.at(0).text, "other");
}

TEST_P(ClientTest, ManyThreadsShareAClient) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([this, t] {
      const std::string own = "own" + std::to_string(t);
      for (int i = 1; i <= 100; ++i) {
        ASSERT_EQ(client.incr(own).value(), i);
        Pipeline batch = client.pipeline(i % 2 == 0 ? Atomicity::kTransaction : Atomicity::kNone);
        (void)batch.incr("all");
        const auto read = batch.get(own);
        ASSERT_EQ(batch.execute().value(), 2u);
        ASSERT_EQ(read->value(), std::to_string(i));
        if (i % 10 != 0) continue;
        const Result<int> done = client.transaction(
            {"all"},
            [&](Client& reads, Transaction& writes) {
              const auto all = reads.get("all");
              if (!all) return all.error();
              (void)writes.set("seen" + std::to_string(t), **all);
              return Error();
            },
            1000);
        ASSERT_TRUE(done.ok()) << done.error().message();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client.get("all").value(), "600");
}

// Submitted commands do not block their caller; one that waits can be taken back.
TEST_P(ClientTest, SubmittedCommands) {
  Backend& backend = client.backend();
  Into<std::optional<std::string>> got;
  std::promise<Error> done;
  const cmd::Get get{"missing"};
  backend.Submit(Request(Command(get)), got, {}, [&](const Error& error) { done.set_value(error); });
  EXPECT_FALSE(done.get_future().get());
  EXPECT_EQ(std::move(got).Take().value(), std::nullopt);
  backend.Cancel(12345);
}

TEST_P(ClientTest, ScansAreRanges) {
  Pipeline batch = client.pipeline();
  for (int i = 0; i < 500; ++i) (void)batch.set("k" + std::to_string(i), "v");
  (void)batch.set("other", "v");
  ASSERT_TRUE(batch.execute().ok());
  std::set<std::string> seen;
  for (const Result<std::string>& key : client.scan_iter({.match = "k*", .type = "string"})) seen.insert(key.value());
  EXPECT_EQ(seen.size(), 500u);
  EXPECT_EQ(seen.count("other"), 0u);
  for (const Result<std::string>& key : client.scan_iter({.match = "nothing*"})) ADD_FAILURE() << key.value();
  for (const Result<std::string>& key : client.scan_iter({.type = "list"})) ADD_FAILURE() << key.value();
}

TEST_P(ClientTest, FlushPrefixRemovesOwnKeysOnly) {
  client.mset({{"a", "1"}, {"b", "2"}}).value();
  raw.set("unrelated", "3").value();
  if (client.prefix().empty()) {
    EXPECT_EQ(client.flush_prefix().error().code(), ErrorCode::kUsage);
    EXPECT_TRUE(client.flushall().ok());
    EXPECT_EQ(client.dbsize().value(), 0);
    return;
  }
  EXPECT_EQ(client.flush_prefix().value(), 2);
  EXPECT_EQ(client.exists("a", "b").value(), 0);
  EXPECT_EQ(raw.dbsize().value(), 1);
  EXPECT_EQ(client.flushall().error().code(), ErrorCode::kUsage);
  EXPECT_EQ(client.unprefixed().get("unrelated").value(), "3");
}

TEST_P(ClientTest, KeysOfAnyType) {
  client.set("k", "v", {.expiry = Expiry::In(std::chrono::hours(1))}).value();
  EXPECT_EQ(client.ttl("k").value(), 3600);
  EXPECT_TRUE(client.persist("k").value());
  EXPECT_EQ(client.pttl("k").value(), -1);
  EXPECT_FALSE(client.pexpire("k", milliseconds(99'000), {.xx = true}).value());
  EXPECT_TRUE(client.expire("k", std::chrono::seconds(99), {.nx = true}).value());
  EXPECT_EQ(client.type("k").value(), "string");
  EXPECT_TRUE(client.rename("k", "l").ok());
  EXPECT_EQ(client.exists("k", "l", "l").value(), 2);
  EXPECT_EQ(client.rename("k", "l").error().message(), "ERR no such key");
  EXPECT_EQ(client.del({"k", "l"}).value(), 1);
  EXPECT_EQ(client.ttl("l").value(), -2);
  EXPECT_EQ(client.ping().value(), "PONG");
  EXPECT_EQ(client.echo("x").value(), "x");
}

TEST(ClientConnect, NamedEnginesAreShared) {
  Client one = Client::Connect("mem://shared-by-two").value();
  Client two = Client::Connect("mem://shared-by-two").value();
  Client other = Client::Connect("mem://").value();
  one.set("k", "v").value();
  EXPECT_EQ(two.get("k").value(), "v");
  EXPECT_EQ(other.get("k").value(), std::nullopt);
  EXPECT_EQ(one.engine(), two.engine());
  Engine::Forget("shared-by-two");
}

TEST(ClientConnect, ErrorsShowAtOnce) {
  EXPECT_EQ(Client::Connect("unix:///nowhere/redis.sock").error().code(), ErrorCode::kIo);
  EXPECT_EQ(Client::Connect("redis://127.0.0.1:1?connect_timeout=1s").error().code(), ErrorCode::kIo);
  EXPECT_EQ(Client::Connect("nonsense").error().code(), ErrorCode::kUsage);
}

TEST(ClientConnect, PasswordsAreAsked) {
  PrivateServer server({"--requirepass", "geheim"});
  EXPECT_EQ(Client::Connect(server.url() + "?password=wrong").error().code(), ErrorCode::kWrongPass);
  EXPECT_EQ(Client::Connect(server.url()).error().code(), ErrorCode::kNoAuth);
  for (const char* rest : {"?password=geheim", "?password=geheim&user=default", "?password=geheim&protocol=2&db=4"}) {
    Client client = Client::Connect(server.url() + rest).value();
    EXPECT_TRUE(client.set("k", "v").value()) << rest;
  }
  Options options;
  options.requirepass = "geheim";
  const std::shared_ptr<Engine> engine = Engine::Create(options);
  EXPECT_EQ(Client::On(engine).get("k").error().code(), ErrorCode::kNoAuth);
}

}  // namespace
}  // namespace dualis::test
