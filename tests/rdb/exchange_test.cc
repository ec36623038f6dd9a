// Snapshots and dumps between the engine and redis-server, both ways: every key must hold the same afterwards.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/client/private_server.h"
#include "tests/rdb/contents.h"
#include "tests/runner/oracle_server.h"

namespace dualis::test {
namespace {

namespace fs = std::filesystem;
using Contents = std::map<std::string, std::string>;

constexpr int kDatabases = 16;

// A folder with a redis-server that keeps its snapshot there.
class Exchange : public testing::Test {
 protected:
  Exchange() {
    char name[] = "/tmp/dualis-rdb-XXXXXX";
    if (mkdtemp(name) == nullptr) throw std::runtime_error("no folder for snapshots");
    folder_ = name;
  }
  ~Exchange() override {
    server_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // Starts a server, which loads the snapshot that is there.
  Ask StartServer(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--dir", folder_, "--enable-debug-command", "yes"});
    server_ = std::make_unique<PrivateServer>(options);
    socket_ = std::make_unique<cases::OracleSocket>(server_->socket_path());
    Ask ask = [this](const Words& words) { return socket_->Ask(words); };
    while (ask({"PING"}).text.starts_with("LOADING")) {
    }
    return ask;
  }
  std::string path() const { return folder_ + "/dump.rdb"; }

  std::string folder_;
  std::unique_ptr<PrivateServer> server_;
  std::unique_ptr<cases::OracleSocket> socket_;
};

void ExpectSame(const Contents& want, const Contents& got) {
  EXPECT_EQ(want.size(), got.size());
  for (const auto& [key, value] : want) {
    const auto it = got.find(key);
    if (it == got.end()) {
      ADD_FAILURE() << "no key " << testing::PrintToString(key);
    } else {
      EXPECT_EQ(value, it->second) << testing::PrintToString(key);
    }
  }
}

std::unique_ptr<Engine> MakeEngine(bool expanded) {
  Options options;
  if (expanded) options.encodings = EncodingLimits::AllExpanded();
  return Engine::Create(options);
}

const std::vector<std::string> kExpandedServer = {"--hash-max-listpack-entries", "0", "--set-max-intset-entries", "0",
                                                  "--zset-max-listpack-entries", "0", "--list-max-listpack-size", "1",
                                                  "--stream-node-max-entries",   "1", "--rdbcompression",         "no"};

TEST_F(Exchange, EngineLoadsWhatRedisSaves) {
  for (const bool expanded : {false, true}) {
    SCOPED_TRACE(expanded ? "expanded" : "compact");
    const Ask server = StartServer(expanded ? kExpandedServer : std::vector<std::string>{});
    server({"FLUSHALL"});
    Fill(server);
    ASSERT_EQ(server({"SAVE"}).text, "OK");
    const Contents want = ContentsOf(server, kDatabases);
    for (const bool expand : {false, true}) {
      const auto engine = MakeEngine(expand);
      const auto report = engine->LoadFile(path());
      ASSERT_TRUE(report) << report.error().message();
      EXPECT_EQ(report->keys, want.size());
      EXPECT_EQ(report->bytes, fs::file_size(path()));
      const auto session = engine->Connect();
      ExpectSame(want, ContentsOf(AskEngine(*session), kDatabases));
    }
    fs::remove(path());
  }
}

TEST_F(Exchange, RedisLoadsWhatTheEngineSaves) {
  for (const bool expanded : {false, true}) {
    SCOPED_TRACE(expanded ? "expanded" : "compact");
    const auto engine = MakeEngine(expanded);
    const auto session = engine->Connect();
    const Ask mine = AskEngine(*session);
    Fill(mine);
    const auto report = engine->SaveFile(path());
    ASSERT_TRUE(report) << report.error().message();
    const Contents want = ContentsOf(mine, kDatabases);
    EXPECT_EQ(report->keys, want.size());
    EXPECT_EQ(report->bytes, fs::file_size(path()));
    const Ask server = StartServer({"--sanitize-dump-payload", "yes"});
    ExpectSame(want, ContentsOf(server, kDatabases));
    EXPECT_EQ(server({"DEBUG", "RELOAD"}).text, "OK");
    ExpectSame(want, ContentsOf(server, kDatabases));
    server_.reset();
    fs::remove(path());
  }
}

TEST_F(Exchange, DigestsAgree) {
  // The server's own digest of what it holds, and of what it got back by way of the engine.
  const Ask server = StartServer();
  Fill(server);
  ASSERT_EQ(server({"SAVE"}).text, "OK");
  const std::string want = server({"DEBUG", "DIGEST"}).text;
  const auto engine = MakeEngine(false);
  ASSERT_TRUE(engine->LoadFile(path()));
  ASSERT_TRUE(engine->SaveFile(path()));
  EXPECT_EQ(server({"DEBUG", "RELOAD", "NOSAVE"}).text, "OK");
  EXPECT_EQ(server({"DEBUG", "DIGEST"}).text, want);
}

TEST_F(Exchange, DumpsOfEachRestoreOnTheOther) {
  const Ask server = StartServer({"--sanitize-dump-payload", "yes"});
  const auto engine = MakeEngine(false);
  const auto session = engine->Connect();
  const Ask mine = AskEngine(*session);
  Fill(server);
  const Contents want = ContentsOf(server, kDatabases);
  size_t equal = 0;
  for (const auto& [name, contents] : want) {
    const std::string db = name.substr(0, name.find('/')), key = name.substr(name.find('/') + 1);
    server({"SELECT", db});
    mine({"SELECT", db});
    const std::string at = Text(server({"PEXPIRETIME", key}));
    const std::string expiry = std::max(at.substr(0, at.size() - 1), std::string("0"));
    const std::string dump = server({"DUMP", key}).text;
    ASSERT_EQ(mine({"RESTORE", key, at[0] == '-' ? "0" : expiry, dump, "ABSTTL"}).text, "OK") << name;
    EXPECT_EQ(ContentsOf(mine, key), contents) << name;
    const std::string back = mine({"DUMP", key}).text;
    equal += back == dump ? 1 : 0;
    ASSERT_EQ(server({"RESTORE", key, at[0] == '-' ? "0" : expiry, back, "ABSTTL", "REPLACE"}).text, "OK") << name;
    EXPECT_EQ(ContentsOf(server, key), contents) << name;
  }
  // Most are the same bytes: all but large hashes and sets, whose order is nobody's.
  EXPECT_GT(equal, want.size() / 2);
}

TEST_F(Exchange, ExpiredKeysAreSavedAndNotLoaded) {
  const auto clock = std::make_shared<ManualClock>(1'000'000);
  Options options;
  options.clock = clock;
  const auto engine = Engine::Create(options);
  const auto session = engine->Connect();
  const Ask mine = AskEngine(*session);
  mine({"SET", "dies", "v", "PX", "100"});
  mine({"SET", "stays", "v"});
  clock->Add(1000);
  const auto saved = engine->SaveFile(path());
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->keys, 2u);
  const auto loaded = engine->LoadFile(path());
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->keys, 1u);
  EXPECT_EQ(loaded->expired, 1u);
  EXPECT_EQ(mine({"DBSIZE"}).integer, 1);
  const Ask server = StartServer();
  EXPECT_EQ(server({"DBSIZE"}).integer, 1);
}

}  // namespace
}  // namespace dualis::test
