// Users of an engine, from the side that cases do not reach: the options' rules, and callers that bring no words.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dualis/commands/acl.h"
#include "dualis/commands/connection.h"
#include "dualis/commands/lists.h"
#include "dualis/commands/strings.h"
#include "dualis/engine.h"
#include "engine/command/exec.h"

namespace dualis {
namespace {

std::string TextOf(const Error& error) { return std::string(error.message()); }

std::unique_ptr<Engine> WithUsers(std::vector<std::string> lines) {
  Options options;
  options.acl = std::move(lines);
  return Engine::Create(std::move(options));
}

TEST(Acl, TheOptionsBringUsers) {
  const auto engine = WithUsers({"user alice on >secret ~a* +@read +@connection (~b +set)", "user default off"});
  const auto session = engine->Connect();
  EXPECT_EQ(session->Run(cmd::Ping{}).error().code(), ErrorCode::kNoAuth);
  EXPECT_EQ(session->Run(cmd::Auth{{"alice", "wrong"}}).error().code(), ErrorCode::kWrongPass);
  ASSERT_TRUE(session->Run(cmd::Auth{{"alice", "secret"}}));
  EXPECT_TRUE(session->Run(cmd::Ping{}));
  EXPECT_TRUE(session->Run(cmd::Set{"b", "v"}));
  EXPECT_EQ(session->user(), "alice");
}

TEST(Acl, TypedCallersAreJudgedByTheirKeys) {
  const auto engine = WithUsers({"user alice on nopass %R~r* ~rw* +@string +@connection"});
  const auto session = engine->Connect();
  ASSERT_TRUE(session->Run(cmd::Auth{{"alice", "x"}}));
  EXPECT_TRUE(session->Run(cmd::Get{"r1"}));
  EXPECT_TRUE(session->Run(cmd::Set{"rw1", "v"}));
  const std::string key_denied = "NOPERM this user has no permissions to access one of the keys used as arguments";
  EXPECT_EQ(TextOf(session->Run(cmd::Set{"r1", "v"}).error()), key_denied);
  EXPECT_EQ(TextOf(session->Run(cmd::Get{"other"}).error()), key_denied);
  EXPECT_EQ(TextOf(session->Run(cmd::SetGet{{"r1", "v"}}).error()), key_denied);
  EXPECT_EQ(TextOf(session->Run(cmd::LLen{"r1"}).error()),
            "NOPERM this user has no permissions to run the 'llen' command");
}

TEST(Acl, CommandsOfATurnAreJudgedOneByOne) {
  const auto engine = WithUsers({"user alice on nopass ~a +get +@connection"});
  const auto session = engine->Connect();
  ASSERT_TRUE(session->Run(cmd::Auth{{"alice", "x"}}));
  const Error error = session->InTurn([](Exec& x) {
    Into<std::optional<std::string>> sink;
    EXPECT_TRUE(x.Call(cmd::Get{"a"}, sink).done());
    EXPECT_EQ(TextOf(x.Call(cmd::Get{"b"}, sink).error()),
              "ERR The user executing the script can't access at least one of the keys mentioned in the command "
              "arguments");
    return x.Call(cmd::Set{"a", "v"}, sink).error();
  });
  EXPECT_EQ(TextOf(error), "ERR The user executing the script can't run this command or subcommand");
}

TEST(Acl, RulesInErrorLetNobodyIn) {
  for (const char* line : {"user alice +nosuch", "user alice (~a", "alice on", "user", "user default on ~a ~b foo"}) {
    const auto engine = WithUsers({"user bob on nopass +@all", line});
    const auto session = engine->Connect();
    const Error error = session->Run(cmd::Ping{}).error();
    EXPECT_EQ(error.code(), ErrorCode::kErr) << line;
    EXPECT_EQ(session->Run(cmd::Auth{{"bob", "x"}}).error(), error) << line;
    EXPECT_EQ(session->InTurn([](Exec&) { return Error(); }), error) << line;
  }
}

TEST(Acl, AUserIsDefinedOnce) {
  const auto engine = WithUsers({"user a on", "user a off"});
  EXPECT_EQ(TextOf(engine->Connect()->Run(cmd::Ping{}).error()),
            "ERR A user of the options' ACL rules is defined twice");
}

TEST(Acl, ADeletedUsersSessionIsKilled) {
  const auto engine = WithUsers({"user alice on nopass +@all"});
  const auto admin = engine->Connect();
  const auto session = engine->Connect();
  ASSERT_TRUE(session->Run(cmd::Auth{{"alice", "x"}}));
  EXPECT_EQ(admin->Run(cmd::AclDelUser{{"alice"}}).value(), 1);
  EXPECT_TRUE(session->killed());
  EXPECT_EQ(session->Run(cmd::Ping{}).error().code(), ErrorCode::kClosed);
}

TEST(Acl, APasswordOfTheOptionsIsTheDefaultUsers) {
  Options options;
  options.requirepass = "pw";
  const auto engine = Engine::Create(std::move(options));
  const auto session = engine->Connect();
  EXPECT_EQ(session->Run(cmd::Get{"k"}).error().code(), ErrorCode::kNoAuth);
  EXPECT_TRUE(session->Run(cmd::Auth{{"pw"}}));
  EXPECT_TRUE(session->Run(cmd::Get{"k"}));
}

}  // namespace
}  // namespace dualis
