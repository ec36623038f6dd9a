// What an engine leaves alone in its host's process: threads, signals, descriptors, standard output, the environment
// and the locale; and what the host's locale may not do to an engine.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <locale>
#include <string>
#include <utility>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/engine.h"

extern char** environ;

namespace dualis {
namespace {

namespace fs = std::filesystem;

std::string Say(Session& session, std::vector<Arg> words) {
  Into<AnyReply> sink;
  session.Execute(words, sink);
  Result<AnyReply> reply = std::move(sink).Take();
  return reply ? ToText(*reply) : std::string(reply.error().message());
}

// A little of everything, errors included.
void UseAnEngine() {
  auto clock = std::make_shared<ManualClock>();
  const auto engine = Engine::Create({.clock = clock});
  const auto session = engine->Connect();
  const auto other = engine->Connect();
  for (int i = 0; i < 1000; ++i) {
    Say(*session, {"SET", i, "value", "PX", 100 + i});
    Say(*session, {"RPUSH", "list", i});
    Say(*session, {"ZADD", "ranking", i * 0.5, i});
    Say(*session, {"HSET", "hash", i, i});
    Say(*session, {"INCR", "list"});
    Say(*session, {"NO SUCH COMMAND"});
  }
  Say(*session, {"EVAL", "redis.call('SET', 'a', 1) return redis.call('GET', 'a')", 0});
  Say(*session, {"EVAL", "error('x')", 0});
  Say(*other, {"SUBSCRIBE", "c"});
  Say(*session, {"PUBLISH", "c", "m"});
  Say(*session, {"BLPOP", "nosuch", 5});
  engine->Advance(10'000);
  const auto parked = engine->Connect();
  Into<AnyReply> sink;
  parked->Submit(std::vector<Arg>{"BLPOP", "nosuch", 0}, sink, [] {});
}

size_t EntriesOf(const char* folder) {
  size_t entries = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    (void)entry;
    ++entries;
  }
  return entries;
}

std::vector<std::string> Signals() {
  std::vector<std::string> all;
  for (int i = 1; i < SIGRTMAX; ++i) {
    struct sigaction action;
    std::memset(&action, 0, sizeof(action));
    if (sigaction(i, nullptr, &action) != 0) continue;
    all.emplace_back(reinterpret_cast<const char*>(&action.sa_handler), sizeof(action.sa_handler));
  }
  sigset_t mask;
  sigemptyset(&mask);
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  for (int i = 1; i < SIGRTMAX; ++i) all.push_back(sigismember(&mask, i) == 1 ? "blocked" : "open");
  return all;
}

TEST(Process, KeepsItsThreadsSignalsDescriptorsAndEnvironment) {
  const std::vector<std::string> signals = Signals();
  const size_t threads = EntriesOf("/proc/self/task");
  const size_t descriptors = EntriesOf("/proc/self/fd");
  const std::string locale = setlocale(LC_ALL, nullptr);
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);

  UseAnEngine();

  EXPECT_EQ(EntriesOf("/proc/self/task"), threads);
  EXPECT_EQ(EntriesOf("/proc/self/fd"), descriptors);
  EXPECT_EQ(Signals(), signals);
  EXPECT_EQ(setlocale(LC_ALL, nullptr), locale);
  std::vector<std::string> after;
  for (char** variable = environ; *variable != nullptr; ++variable) after.push_back(*variable);
  EXPECT_EQ(after, environment);
}

TEST(Process, HearsNothingOnItsStandardOutputs) {
  std::fflush(stdout);
  std::fflush(stderr);
  FILE* const heard = std::tmpfile();
  ASSERT_NE(heard, nullptr);
  const int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
  dup2(fileno(heard), STDOUT_FILENO);
  dup2(fileno(heard), STDERR_FILENO);
  UseAnEngine();
  std::fflush(stdout);
  std::fflush(stderr);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  close(out);
  close(err);
  EXPECT_EQ(lseek(fileno(heard), 0, SEEK_END), 0);
  std::fclose(heard);
}

// Numbers as a host would have them who writes a comma and groups by dots.
struct CommaPunctuation : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

// Every place where a number becomes text or text a number.
std::vector<std::string> Numbers() {
  const auto engine = Engine::Create({.seed = 1});
  const auto session = engine->Connect();
  return {
      Say(*session, {"INCRBYFLOAT", "f", "1234567.25"}),
      Say(*session, {"INCRBYFLOAT", "f", 0.5}),
      Say(*session, {"GET", "f"}),
      Say(*session, {"INCRBY", "i", 1234567}),
      Say(*session, {"SET", "d", 1e21}),
      Say(*session, {"GET", "d"}),
      Say(*session, {"ZADD", "z", "1.5", "a", 2.25, "b", "1e300", "c"}),
      Say(*session, {"ZRANGE", "z", 0, -1, "WITHSCORES"}),
      Say(*session, {"ZRANGE", "z", "(1.5", "+inf", "BYSCORE"}),
      Say(*session, {"ZINCRBY", "z", "0.125", "a"}),
      Say(*session, {"HINCRBYFLOAT", "h", "x", "12345.678"}),
      Say(*session, {"INCRBYFLOAT", "f", "1,5"}),
      Say(*session, {"BLPOP", "nosuch", "0,5"}),
      Say(*session, {"EVAL", "return tostring(1.5) .. tonumber('2.5') .. cjson.encode({0.5})", 0}),
      Say(*session, {"EVAL", "return 'A' < 'b' and string.upper('\xe4') or string.lower('X')", 0}),
  };
}

TEST(Process, LocaleChangesNoNumber) {
  const std::vector<std::string> plain = Numbers();
  EXPECT_EQ(plain[1], "\"1234567.75\"");

  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaPunctuation));
  EXPECT_EQ(Numbers(), plain) << "under a C++ locale with a decimal comma";
  std::locale::global(before);

  const std::string old = setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"}) {
    if (setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_EQ(Numbers(), plain) << "under " << name;
    break;
  }
  setlocale(LC_ALL, old.c_str());
}

}  // namespace
}  // namespace dualis
