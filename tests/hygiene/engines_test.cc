// Two engines in one process do not know of each other: nothing that one does shows in the other.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/commands/strings.h"
#include "dualis/engine.h"

namespace dualis {
namespace {

// Runs words and returns the reply in redis-cli's manner.
std::string Say(Session& session, std::vector<Arg> words) {
  Into<AnyReply> sink;
  session.Execute(words, sink);
  Result<AnyReply> reply = std::move(sink).Take();
  return reply ? ToText(*reply) : std::string(reply.error().message());
}

// An engine of a fixed seed with a session on it.
struct Home {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::unique_ptr<Engine> engine = Engine::Create({.seed = 7, .clock = clock});
  std::unique_ptr<Session> session = engine->Connect();
  std::string operator()(std::vector<Arg> words) { return Say(*session, std::move(words)); }
};

TEST(Engines, TakeCommandsOnlyBeforeTheFirstConnection) {
  const std::unique_ptr<Engine> engine = Engine::Create();
  EXPECT_FALSE(engine->commands().Add(Row<cmd::Get>::value));
  const std::unique_ptr<Session> session = engine->Connect();
  EXPECT_EQ(engine->commands().Add(Row<cmd::Get>::value).code(), ErrorCode::kUsage);
  EXPECT_EQ(Say(*session, {"GET", "nosuch"}), "(nil)");
}

TEST(Engines, HaveTheirOwnKeys) {
  Home a, b;
  a({"SET", "k", "a"});
  EXPECT_EQ(b({"EXISTS", "k"}), b({"EXISTS", "nosuch"}));
  b({"SET", "k", "b"});
  a({"FLUSHALL"});
  EXPECT_EQ(b({"GET", "k"}), "\"b\"");
}

TEST(Engines, HaveTheirOwnTime) {
  Home a, b;
  for (Home* home : {&a, &b}) (*home)({"SET", "k", "v", "PX", 1000});
  a.engine->Advance(2000);
  EXPECT_EQ(a({"DBSIZE"}), "(integer) 0");
  EXPECT_EQ(b({"PTTL", "k"}), "(integer) 1000");
}

TEST(Engines, HaveTheirOwnChannels) {
  Home a, b;
  const auto listener = a.engine->Connect();
  Say(*listener, {"SUBSCRIBE", "news"});
  EXPECT_EQ(b({"PUBLISH", "news", "from b"}), "(integer) 0");
  EXPECT_EQ(a({"PUBLISH", "news", "from a"}), "(integer) 1");
  Into<AnyReply> message;
  EXPECT_EQ(listener->Deliver(message), 1u);
}

TEST(Engines, DoNotWakeOrInvalidateEachOthersSessions) {
  Home a, b;
  const auto sleeper = a.engine->Connect();
  Into<AnyReply> popped;
  const Ticket ticket = sleeper->Submit(std::vector<Arg>{"BLPOP", "q", 0}, popped, nullptr);
  ASSERT_NE(ticket, 0u);
  b({"RPUSH", "q", "x"});
  EXPECT_FALSE(popped.complete());

  a({"SET", "watched", "1"});
  b({"SET", "watched", "1"});
  a({"WATCH", "watched"});
  b({"SET", "watched", "2"});
  a({"MULTI"});
  a({"GET", "watched"});
  EXPECT_EQ(a({"EXEC"}), "1) \"1\"");
}

TEST(Engines, HaveTheirOwnScripts) {
  Home a, b;
  const std::string sha = a({"SCRIPT", "LOAD", "return 1"});
  ASSERT_EQ(sha.size(), 42u) << sha;  // forty digits in quotes
  const std::string name = sha.substr(1, 40);
  EXPECT_EQ(a({"EVALSHA", name, 0}), "(integer) 1");
  EXPECT_EQ(b({"SCRIPT", "EXISTS", name}), "1) (integer) 0");
  EXPECT_EQ(b({"EVALSHA", name, 0}).rfind("(error) NOSCRIPT", 0), 0u);
}

// What a seed decides does not depend on what another engine does meanwhile.
TEST(Engines, HaveTheirOwnLuck) {
  auto draw = [](bool with_company) {
    Home home, company;
    std::string drawn;
    for (int i = 0; i < 100; ++i) {
      home({"SET", i, i});
      if (with_company) company({"SET", i * 3, i});
    }
    for (int i = 0; i < 50; ++i) {
      drawn += home({"RANDOMKEY"}) + " ";
      if (with_company) company({"RANDOMKEY"});
    }
    return drawn + home({"SCAN", 0, "COUNT", 30});
  };
  EXPECT_EQ(draw(false), draw(true));
}

TEST(Engines, ShareANameOnlyIfTheySaySo) {
  const std::shared_ptr<Engine> first = Engine::Named("hygiene");
  const std::shared_ptr<Engine> again = Engine::Named("hygiene");
  const std::shared_ptr<Engine> other = Engine::Named("hygiene-2");
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
  Say(*first->Connect(), {"SET", "k", "v"});
  EXPECT_EQ(Say(*again->Connect(), {"DBSIZE"}), "(integer) 1");
  EXPECT_EQ(Say(*other->Connect(), {"DBSIZE"}), "(integer) 0");
  EXPECT_TRUE(Engine::Forget("hygiene"));
  EXPECT_FALSE(Engine::Forget("hygiene"));
  EXPECT_TRUE(Engine::Forget("hygiene-2"));
  // Who holds it goes on; who names it anew gets a new one.
  EXPECT_EQ(Say(*first->Connect(), {"DBSIZE"}), "(integer) 1");
  EXPECT_EQ(Say(*Engine::Named("hygiene")->Connect(), {"DBSIZE"}), "(integer) 0");
  Engine::Forget("hygiene");
}

}  // namespace
}  // namespace dualis
