// A command of one's own, called by a program that knows nothing but hiredis.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <string>

#include "dualis/engine.h"
#include "dualis/plugin.h"

namespace dualis::compat_test {
namespace {

// ACME.TWICE key: doubles the number under a key.
struct Twice {
  static constexpr CommandInfo kInfo{"ACME.TWICE", kWrite, Group::kString, "1.0.0", "Doubles a number."};
  static constexpr PluginWords kWords{.arity = 2, .first_key = 1, .last_key = 1};
  using Reply = int64_t;
  static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
    const auto value = turn.Ask<int64_t>({"INCRBY", words[0], 0});
    if (!value) return value.error();
    return turn.Call(Args({Arg("INCRBY"), words[0], Arg(*value)}), reply);
  }
};

struct FreeContext {
  void operator()(redisContext* c) const { redisFree(c); }
};
struct FreeReply {
  void operator()(redisReply* r) const { freeReplyObject(r); }
};
using Reply = std::unique_ptr<redisReply, FreeReply>;

TEST(HiredisPlugins, AreCommandsAsAllOthers) {
  const std::shared_ptr<Engine> engine = Engine::Named("hiredis-plugins");
  ASSERT_FALSE(RegisterCommand<Twice>(*engine));
  const std::unique_ptr<redisContext, FreeContext> c(redisConnect("mem://hiredis-plugins", 0));
  ASSERT_EQ(c->err, 0) << c->errstr;
  const auto ask = [&c](const char* line) { return Reply(static_cast<redisReply*>(redisCommand(c.get(), line))); };
  ask("SET n 21");
  EXPECT_EQ(ask("ACME.TWICE n")->integer, 42);
  EXPECT_STREQ(ask("ACME.TWICE")->str, "ERR wrong number of arguments for 'acme.twice' command");
  ask("SET text x");
  EXPECT_STREQ(ask("acme.twice text")->str, "ERR value is not an integer or out of range");
  ask("MULTI");
  EXPECT_STREQ(ask("ACME.TWICE n")->str, "QUEUED");
  const Reply results = ask("EXEC");
  ASSERT_EQ(results->elements, 1u);
  EXPECT_EQ(results->element[0]->integer, 84);
  EXPECT_EQ(redisAppendCommand(c.get(), "ACME.TWICE n"), REDIS_OK);
  EXPECT_EQ(redisAppendCommand(c.get(), "COMMAND GETKEYS ACME.TWICE n"), REDIS_OK);
  void* reply = nullptr;
  ASSERT_EQ(redisGetReply(c.get(), &reply), REDIS_OK);
  EXPECT_EQ(Reply(static_cast<redisReply*>(reply))->integer, 168);
  ASSERT_EQ(redisGetReply(c.get(), &reply), REDIS_OK);
  EXPECT_STREQ(Reply(static_cast<redisReply*>(reply))->element[0]->str, "n");
  Engine::Forget("hiredis-plugins");
}

}  // namespace
}  // namespace dualis::compat_test
