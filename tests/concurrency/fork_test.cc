// fork() while other threads write: both processes have a whole engine and go on, each with its own.
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "dualis/commands/keys.h"
#include "dualis/commands/strings.h"
#include "tests/concurrency/crew.h"

namespace dualis::test {
namespace {

class Fork : public Crew {};

// What the child does; its exit status names the first thing that was not as it should be.
int Child(Engine& engine) {
  const auto session = engine.Connect();
  const auto values = session->Run(cmd::MGet{{"a", "b"}});
  if (!values) return 2;
  if ((*values)[0] != (*values)[1]) return 3;  // in the middle of a turn
  const int64_t size = session->Run(cmd::DbSize{}).value_or(-1);
  for (int i = 0; i < 100; ++i) {
    const std::string key = "child" + std::to_string(i);
    if (!session->Run(cmd::Set{.key = key, .value = "v"})) return 4;
  }
  if (session->Run(cmd::DbSize{}).value_or(-1) != size + 100) return 5;
  const auto fresh = Engine::Create();
  return fresh->Connect()->Run(cmd::Incr{"n"}).value_or(-1) == 1 ? 0 : 6;
}

TEST_F(Fork, WhileOthersWrite) {
#ifdef DUALIS_SANITIZED
  GTEST_SKIP() << "GCC 12's sanitizers leave their allocator locked in a child if another thread was in it";
#endif
  const auto engine = Engine::Create({.seed = seed_ | 1});
  std::atomic<bool> over{false};
  Together(3, [&](int me, std::mt19937_64& luck) {
    if (me > 0) {
      const auto session = engine->Connect();
      for (int64_t i = 0; !over.load(); ++i) {
        const std::string value = std::to_string(i), key = "k" + std::to_string(luck() % 5000);
        session->Run(cmd::MSet{{{"a", value}, {key, value}, {"b", value}}}).value();
        if (i % 50 == 0) Engine::Create();
      }
      return;
    }
    for (int i = 0; i < 10; ++i) {
      const pid_t child = fork();
      if (child == 0) _exit(Child(*engine));
      int status = -1;
      EXPECT_EQ(waitpid(child, &status, 0), child);
      EXPECT_TRUE(WIFEXITED(status)) << status;
      EXPECT_EQ(WEXITSTATUS(status), 0);
    }
    over.store(true);
  });
  // Nothing of the children's shows here.
  EXPECT_EQ(engine->Connect()->Run(cmd::Exists{{"child0"}}).value(), 0);
}

}  // namespace
}  // namespace dualis::test
