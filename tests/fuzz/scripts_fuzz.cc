// The JSON form of scripts (script/ir/json.cc) and what runs them: a text is refused with an error, or it is a program
// that prints, compiles, loads again as the same one, and runs in both executors until it ends or a limit ends it.
#include <algorithm>
#include <memory>

#include "dualis/engine.h"
#include "dualis/script.h"
#include "tests/fuzz/fuzz.h"
#include "tests/script/programs.h"

namespace dualis {
namespace {

using namespace script;  // NOLINT(google-build-using-namespace)

// Every kind of statement and formula.
Program Everything() {
  FnContext ctx("everything");
  const Expr key = ctx.add_key("k"), arg = ctx.add_arg("a");
  const Local x = ctx.add_local(ToNum(RedisVar(key).get(1)), "x"), list = ctx.add_local(ListOf(1, "two", None), "l");
  const Local dict = ctx.add_local(DictOf({{"a", list}, {1.5, Value::List({1, Value::Dict({{"\xff", 2}})})}}), "d");
  ctx.for_(list, [&](const Local& i, const Local& item) {
    ctx.if_(item == None, [&] { ctx.continue_(); }).else_if(i > 7, [&] { ctx.break_(); }).else_([&] { x += i; });
  });
  ctx.for_range(0, Len(list), [&](const Local& i) { list.set_at(i, Strs(i, "-", IfElse(i == 1, "one", ToStr(arg)))); });
  ctx.while_(x < 20 && !(x == 13 || arg == "stop"), [&] { x.assign(x * 2 + 1 - x / 4 + x % 3 + FloorDiv(-x, 5)); });
  ctx.add(RedisHash(Strs(key, ":h")).hset(DictOf({{"f", ToJSON(dict)}})));
  dict.set_key("s", Sort(Keys(dict)));
  dict.remove_key("a");
  list.append(Join(Split(Upper("a,b"), ","), ";"));
  list.insert(0, Slice(Replace("abc", "b", "xx"), 1, -1));
  ctx.add(Call("LRANGE", key, 0, Spread(ListOf(-1))));
  ctx.return_(ListOf(dict, list.pop(), Reverse(list), Values(dict), Items(dict), Find("abc", "c"), Max(x, 3)));
  return ctx.Build().value();
}

bool Harmless(const Program& program) {
  // Commands that take no long time and no much memory, whatever their words are.
  static constexpr Bytes kNames[] = {"GET",     "SET",    "DEL",    "EXISTS", "INCR",      "INCRBYFLOAT", "LPUSH",
                                     "RPUSH",   "LPOP",   "RPOP",   "LRANGE", "LLEN",      "HSET",        "HGET",
                                     "HGETALL", "HDEL",   "SADD",   "SREM",   "SISMEMBER", "ZADD",        "ZPOPMAX",
                                     "ZPOPMIN", "ZRANGE", "ZSCORE", "TYPE",   "PTTL",      "PEXPIRE",     "PUBLISH",
                                     "TIME",    "XADD",   "XRANGE", "OBJECT"};
  return std::all_of(program.commands().begin(), program.commands().end(), [](const std::string& name) {
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
  });
}

class Ignore final : public ReplySink {
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes) override {}
  void Simple(Bytes) override {}
  void Error(const dualis::Error&) override {}
  void Begin(Shape, size_t) override {}
  void End() override {}
};

void RunBoth(const Program& program) {
  static const std::unique_ptr<Engine> engine = [] {
    Options options;
    options.seed = 1;
    options.script_step_limit = 300'000;
    options.script_memory_limit = 16 << 20;
    return Engine::Create(std::move(options));
  }();
  static const std::unique_ptr<Session> session = engine->Connect();
  Ignore ignore;
  const std::vector<std::string> names = [&] {
    std::vector<std::string> all;
    for (size_t i = 0; i < program.keys().size(); ++i) all.push_back("k" + std::to_string(i % 3));
    return all;
  }();
  const std::vector<Bytes> keys(names.begin(), names.end());
  std::vector<Value> args;
  for (size_t i = 0; i < program.args().size(); ++i) {
    args.push_back(i % 3 == 0 ? Value(2) : i % 3 == 1 ? Value("text") : Value::List({1, "x"}));
  }

  const NativeScript native(program, &engine->commands());
  RunOptions limits;
  limits.step_limit = 20'000;
  limits.memory_limit = 8 << 20;
  const Error refused = session->InTurn([&](Exec& exec) {
    (void)native.Run(exec, keys, args, limits).ok();
    return Error();
  });
  fuzz::Check(!refused, "a turn was refused");

  const LuaScript lua = CompileLua(program);
  const std::vector<std::string> encoded = EncodeArgs(args);
  std::vector<Arg> words = {"EVAL", lua.source, keys.size()};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), encoded.begin(), encoded.end());
  session->Execute(Args(words), ignore);
  const Arg forget[] = {"SCRIPT", "FLUSH"};
  session->Execute(Args(forget), ignore);
  const Arg flush[] = {"FLUSHALL"};
  session->Execute(Args(flush), ignore);
}

}  // namespace
}  // namespace dualis

std::vector<std::string> dualis::fuzz::Seeds() {
  std::vector<std::string> seeds;
  for (const Program& program :
       {FilterList(), StackSet(), StackGetCascading(), StackPop(), WorkerTake(), WorkerRescue(), Everything()}) {
    seeds.push_back(program.ToJson());
  }
  // Within bounds, and just beyond: heights, blocks.
  for (const int depth : {10, 31, 40, 499, 600, 20'000}) {
    std::string formula = R"(["lit","n1;"])", body = R"(["break"])";
    for (int i = 0; i < depth; ++i) formula = R"(["op","neg",)" + formula + "]";
    for (int i = 0; i < depth && depth < 100; ++i) body = R"(["while",["lit","t"],[)" + body + "]]";
    const std::string head = R"({"dualis_script":1,"name":"deep","keys":[],"args":[],"locals":[],"body":[)";
    seeds.push_back(head + R"(["return",)" + formula + "]]}");
    seeds.push_back(head + body + "]}");
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace dualis;  // NOLINT(google-build-using-namespace)
  const Result<script::Program> program = script::Program::FromJson(Bytes(reinterpret_cast<const char*>(data), size));
  if (!program) return 0;
  (void)program->ToText();
  const Result<script::Program> again = script::Program::FromJson(program->ToJson());
  fuzz::Check(again.ok(), "a program's own JSON does not load");
  fuzz::Check(again->hash() == program->hash(), "a program's JSON is another program");
  if (Harmless(*program)) RunBoth(*program);
  return 0;
}
