// What ends a script that does not end by itself, on the native executor: steps, time, memory, SCRIPT KILL, a flag. And
// that none of these ends a script which keeps to its limits.
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "dualis/commands/scripting.h"
#include "dualis/engine.h"
#include "dualis/script.h"
#include "tests/script/homes.h"

namespace dualis::script {
namespace {

// Commands that do nothing; PING may do something.
class Silent final : public CommandCaller {
 public:
  Error Call(Args, ReplySink& sink) override {
    if (on_call) on_call();
    sink.Simple("OK");
    return {};
  }
  std::function<void()> on_call;
};

std::string Outcome(const FnContext& ctx, const RunOptions& options) {
  Silent none;
  return Repr(NativeScript(ctx.Build().value()).Run(none, {}, {}, options));
}

constexpr const char* kSteps = "! ERR Script exceeded its limit of steps";
constexpr const char* kMemory = "! OOM Script exceeded its limit of memory";

TEST(Limits, StepsAreTheSameEachTime) {
  FnContext ctx;
  ctx.for_range(0, 100, [&](const Local&) { ctx.add(Call("PING")); });
  // A loop of a statement that calls one command: three steps a round, and the loop itself.
  uint64_t least = 0;
  for (uint64_t limit = 1; limit < 1000 && least == 0; ++limit) {
    RunOptions options;
    options.step_limit = limit;
    if (Outcome(ctx, options) == "None") {
      least = limit;
    } else {
      EXPECT_EQ(Outcome(ctx, options), kSteps);
    }
  }
  EXPECT_EQ(least, 301u);
}

TEST(Limits, AnOperationOnMuchIsManySteps) {
  // 2^40 parts, though only 40 lists: neither compared nor copied nor written in this life.
  enum class What { kEqual, kCopy, kJson, kText, kReturn };
  for (const What what : {What::kEqual, What::kCopy, What::kJson, What::kText, What::kReturn}) {
    FnContext deep;
    const Local a = deep.add_local(ListOf(ListOf(1), 2)), b = deep.add_local(ListOf(ListOf(1), 2));
    deep.for_range(0, 40, [&](const Local&) {
      a.assign(ListOf(a, a));
      b.assign(ListOf(b, b));
    });
    if (what == What::kEqual) deep.return_(a == b);
    if (what == What::kCopy) deep.add_local(Copy(a));
    if (what == What::kJson) deep.add_local(ToJSON(a));
    if (what == What::kText) deep.add_local(ToStr(a));
    if (what == What::kReturn) deep.return_(a);
    EXPECT_EQ(Outcome(deep, {}), "! OOM a value of a script is too large") << static_cast<int>(what);
  }
}

TEST(Limits, Time) {
  ManualClock clock;
  Silent slow;
  slow.on_call = [&] { clock.Set(clock.NowMonotonic() + 1); };
  FnContext ctx;
  ctx.while_(true, [&] { ctx.add(Call("PING")); });
  RunOptions options;
  options.time_limit = std::chrono::milliseconds(5000);
  options.clock = &clock;
  const TimeMs start = clock.NowMonotonic();
  const Result<Value> result = NativeScript(ctx.Build().value()).Run(slow, {}, {}, options);
  EXPECT_EQ(Repr(result), "! ERR Script exceeded its limit of time");
  EXPECT_EQ(result.error().code(), ErrorCode::kTimeout);
  EXPECT_GE(clock.NowMonotonic() - start, 5000);
  EXPECT_LT(clock.NowMonotonic() - start, 5200);
}

TEST(Limits, Memory) {
  RunOptions options;
  options.memory_limit = 1 << 20;
  {
    FnContext ctx("doubling");
    const Local text = ctx.add_local("0123456789abcdef");
    ctx.while_(true, [&] { text.assign(Strs(text, text)); });
    EXPECT_EQ(Outcome(ctx, options), kMemory);
  }
  {
    FnContext ctx("appending");
    const Local list = ctx.add_local(ListOf());
    ctx.while_(true, [&] { list.append(1); });
    EXPECT_EQ(Outcome(ctx, options), kMemory);
  }
  {
    FnContext ctx("keys");
    const Local dict = ctx.add_local(DictOf({})), i = ctx.add_local(0);
    ctx.while_(true, [&] {
      dict.set_key(i, i);
      i += 1;
    });
    EXPECT_EQ(Outcome(ctx, options), kMemory);
  }
  {
    FnContext ctx("replace");
    const Local text = ctx.add_local("a");
    ctx.while_(true, [&] { text.assign(Replace(text, "a", Strs(text, "a"))); });
    EXPECT_EQ(Outcome(ctx, options), kMemory);
  }
  {
    FnContext ctx("held by a loop only");
    const Local many = ctx.add_local(ListOf());
    ctx.for_(Split(Join(ListOf("a", "b", "c"), ","), ","),
             [&](const Local& item) { ctx.while_(true, [&] { many.append(Strs(item, "0123456789abcdef")); }); });
    EXPECT_EQ(Outcome(ctx, options), kMemory);
  }
}

TEST(Limits, GarbageIsNotMemory) {
  RunOptions options;
  options.memory_limit = 1 << 20;
  FnContext ctx;
  const Local text = ctx.add_local(""), list = ctx.add_local(ListOf()), total = ctx.add_local(0);
  ctx.for_range(0, 10000, [&](const Local& i) {
    text.assign(Strs("0123456789abcdef0123456789abcdef0123456789abcdef", i));
    list.assign(Split(Strs(text, ",", text, ",", i), ","));
    total += Len(list);
  });
  ctx.return_(total);
  EXPECT_EQ(Outcome(ctx, options), "30000");
  // What has many names counts once.
  FnContext shared;
  const Local big = shared.add_local("0123456789abcdef"), names = shared.add_local(ListOf());
  shared.for_range(0, 14, [&](const Local&) { big.assign(Strs(big, big)); });
  shared.for_range(0, 100, [&](const Local&) { names.append(big); });
  shared.return_(Len(names));
  EXPECT_EQ(Outcome(shared, options), "100");
}

TEST(Limits, DeepListsAreCountedToo) {
  RunOptions options;
  options.memory_limit = 64 << 20;
  FnContext ctx;
  const Local list = ctx.add_local(ListOf()), text = ctx.add_local("");
  ctx.for_range(0, 200'000, [&](const Local& i) {
    list.assign(ListOf(list));
    text.assign(Strs("0123456789abcdef0123456789abcdef0123456789abcdef", i));
  });
  ctx.for_range(0, 400'000,
                [&](const Local& i) { text.assign(Strs("0123456789abcdef0123456789abcdef0123456789abcdef", i)); });
  ctx.return_(Len(list));
  EXPECT_EQ(Outcome(ctx, options), "1");
}

TEST(Limits, LookingForBytesTakesLinearTime) {
  FnContext ctx;
  const Local a = ctx.add_local("a");
  ctx.for_range(0, 20, [&](const Local&) { a.assign(Strs(a, a)); });
  const Local half = ctx.add_local(Strs(Slice(a, 0, 1 << 19), "b"));
  ctx.return_(ListOf(Find(a, half), Contains(a, half), Len(Split(a, half)), Len(Replace(a, half, ""))));
  EXPECT_EQ(Outcome(ctx, {}), "[None, false, 1, 1048576]");
}

Program Endless(bool writes) {
  FnContext ctx("endless");
  const RedisVar key(ctx.add_key("key"));
  if (writes) ctx.add(key.set("1"));
  const Local go = ctx.add_local(true), i = ctx.add_local(0);
  ctx.while_(go, [&] { i += 1; });
  return ctx.Build().value();
}

TEST(ScriptKill, EndsANativeScriptThatHoldsTheEngine) {
  const auto engine = Engine::Create();
  const auto runner = engine->Connect(), killer = engine->Connect();
  const NativeScript endless(Endless(false), &engine->commands());
  EXPECT_EQ(killer->Run(cmd::ScriptKill{}).error().code(), ErrorCode::kNotBusy);
  Result<Value> ended;
  std::thread thread([&] {
    const Bytes keys[] = {"key"};
    const Error error = runner->InTurn([&](Exec& exec) {
      ended = endless.Run(exec, keys, {});
      return Error();
    });
    EXPECT_FALSE(error);
  });
  while (!killer->Run(cmd::ScriptKill{})) std::this_thread::yield();
  thread.join();
  EXPECT_EQ(Repr(ended), "! ERR Script killed by user with SCRIPT KILL.");
  EXPECT_EQ(killer->Run(cmd::ScriptKill{}).error().code(), ErrorCode::kNotBusy);
}

TEST(ScriptKill, AScriptThatWroteGoesOn) {
  const auto engine = Engine::Create();
  const auto runner = engine->Connect(), killer = engine->Connect();
  const NativeScript endless(Endless(true), &engine->commands());
  std::atomic<bool> stop = false;
  RunOptions options;
  options.stop = &stop;
  Result<Value> ended;
  std::thread thread([&] {
    const Bytes keys[] = {"key"};
    const Error error = runner->InTurn([&](Exec& exec) {
      ended = endless.Run(exec, keys, {}, options);
      return Error();
    });
    EXPECT_FALSE(error);
  });
  Error refusal;
  // Until it has written it could be killed, so the first tries may come too early or end it.
  do {
    refusal = killer->Run(cmd::ScriptKill{}).error();
    std::this_thread::yield();
  } while (refusal.code() == ErrorCode::kNotBusy);
  if (refusal) {
    EXPECT_EQ(refusal.code(), ErrorCode::kUnkillable);
    EXPECT_TRUE(refusal.message().starts_with("UNKILLABLE Sorry the script already executed write commands"));
    stop = true;
  }
  thread.join();
  EXPECT_EQ(Repr(ended),
            refusal ? "! ERR script: stopped from outside" : "! ERR Script killed by user with SCRIPT KILL.");
}

}  // namespace
}  // namespace dualis::script
