// The Lua host by itself, in front of a tiny store: what a .case file cannot reach. Hostile scripts must end with an
// error, budgets must hold, and nothing of one script may reach the next.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/commands/scripting.h"
#include "dualis/engine.h"
#include "engine/command/script_host.h"
#include "engine/core/sha1.h"
#include "engine/lua/lua_host.h"
#include "engine/lua/puc_source.h"

namespace dualis::lua {
namespace {

// SET, GET, and replies of every shape.
class FakeCalls : public ScriptCalls {
 public:
  Error Call(Args argv, ReplySink& sink) override {
    std::vector<std::string> words;
    char buffer[Arg::kTextBytes];
    for (const Arg& arg : argv) words.emplace_back(arg.Text(buffer));
    calls.push_back(words);
    if (words[0] == "SET") {
      store[words.at(1)] = words.at(2);
      wrote_ = true;
      sink.Simple("OK");
    } else if (words[0] == "GET") {
      const auto it = store.find(words.at(1));
      it == store.end() ? sink.Null() : sink.Bulk(it->second);
    } else if (words[0] == "SHAPES") {
      EmitShapes(sink);
    } else if (words[0] == "THROW") {
      throw std::bad_alloc();
    } else if (words[0] == "NOTHING") {
      // a command that forgot its reply
    } else {
      return Error(ErrorCode::kErr, "ERR Unknown Redis command called from script");
    }
    return {};
  }
  Result<bool> MayRun(Args argv) override {
    char buffer[Arg::kTextBytes];
    if (argv[0].Text(buffer) == "GET") return true;
    return Error(ErrorCode::kErr, "ERR unknown");
  }
  void Log(ScriptLogLevel level, Bytes text) override {
    log.push_back(std::to_string(static_cast<int>(level)) + ":" + std::string(text));
  }
  bool wrote() const override { return wrote_; }
  Error Poll() override {
    ++polls;
    return on_poll ? on_poll() : Error();
  }

  std::map<std::string, std::string> store;
  std::vector<std::vector<std::string>> calls;
  std::vector<std::string> log;
  int polls = 0;
  std::function<Error()> on_poll;

 private:
  static void EmitShapes(ReplySink& sink) {
    sink.Begin(Shape::kArray, kUnknownCount);
    sink.Null();
    sink.Bool(true);
    sink.Int(7);
    sink.Double(1.5);
    sink.BigNumber("123");
    sink.Verbatim("text", "txt");
    sink.Error(Error(ErrorCode::kErr, "ERR inner"));
    sink.Begin(Shape::kMap, 1);
    sink.Bulk("k");
    sink.Int(1);
    sink.End();
    sink.Begin(Shape::kSet, 1);
    sink.Bulk("m");
    sink.End();
    sink.Begin(Shape::kPairs, 1);
    sink.Bulk("p");
    sink.Double(2);
    sink.End();
    sink.Begin(Shape::kEntries, 1);
    sink.Bulk("e");
    sink.Begin(Shape::kArray, 0);
    sink.End();
    sink.End();
    sink.End();
  }

  bool wrote_ = false;
};

class LuaTest : public testing::Test {
 protected:
  // The reply in redis-cli's manner, or the error's text without the script's name.
  std::string Eval(Bytes body, std::vector<std::string> keys = {}, std::vector<std::string> args = {}) {
    std::vector<Key> key_views(keys.begin(), keys.end());
    std::vector<Bytes> arg_views(args.begin(), args.end());
    Into<AnyReply> sink;
    const Error error = host_->Eval(body, {key_views, arg_views}, calls_, sink);
    if (error) {
      std::string text(error.message());
      const auto sha1 = Sha1Hex(body);
      const std::string name = " script: " + std::string(sha1.data(), sha1.size()) + ", on ";
      if (const size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), " ");
      return text;
    }
    auto reply = std::move(sink).Take();
    return reply ? ToText(*reply) : std::string(reply.error().message());
  }
  void Restart(LuaHostOptions options) { host_ = std::make_unique<LuaHost>(options); }

  FakeCalls calls_;
  std::unique_ptr<LuaHost> host_ = std::make_unique<LuaHost>(LuaHostOptions{});
};

TEST_F(LuaTest, Sha1IsTheStandardOne) {
  auto hex = [](Bytes text) {
    const auto digits = Sha1Hex(text);
    return std::string(digits.data(), digits.size());
  };
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(std::string(55, 'a')), "c1c8bbdc22796e28c0e15163d20899b65621d65a");
  EXPECT_EQ(hex(std::string(56, 'a')), "c2db330f6083854c99d4b5bfb6e8f29f201be699");
  EXPECT_EQ(hex(std::string(64, 'a')), "0098ba824b5c16427bd7a1122a5a442a25ec644d");
  EXPECT_EQ(hex(std::string(1000000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_F(LuaTest, CallsCarryNumbersAsRedisPrintsThem) {
  Eval(
      "redis.call('SET', 1, 0.1) redis.call('SET', -5, 1e300) redis.call('SET', 2^53, 1e17) redis.call('SET', -0, "
      "1/0)");
  const std::vector<std::vector<std::string>> want = {{"SET", "1", "0.10000000000000001"},
                                                      {"SET", "-5", "1.0000000000000001e+300"},
                                                      {"SET", "9007199254740992", "1e+17"},
                                                      {"SET", "-0", "inf"}};
  EXPECT_EQ(calls_.calls, want);
}

TEST_F(LuaTest, RepliesConvertByProtocol) {
  const char* encode = "return cjson.encode(redis.call('SHAPES'))";
  EXPECT_EQ(Eval(encode), R"("[false,1,7,"1.5","123","text",{"err":"ERR inner"},["k",1],["m"],["p","2"],[["e",{}]]]")");
  // A hole where the null is makes it an object.
  EXPECT_EQ(Eval(std::string("redis.setresp(3) local r = redis.call('SHAPES') r[1] = 'null' ") +
                 "r[6].verbatim_string.format = nil return cjson.encode(r)"),
            R"("["null",true,7,{"double":1.5},{"big_number":"123"},{"verbatim_string":{"string":"text"}},)"
            R"({"err":"ERR inner"},{"map":{"k":1}},{"set":{"m":true}},[["p",{"double":2}]],)"
            R"({"map":{"e":{}}}]")");
  EXPECT_EQ(Eval("return redis.call('NOTHING')"), "(nil)");
}

TEST_F(LuaTest, ACommandThatThrowsIsAnError) {
  EXPECT_EQ(Eval("return redis.pcall('THROW')"), "OOM out of memory");
  EXPECT_EQ(Eval("redis.call('THROW')"), "OOM out of memory @user_script:1.");
}

TEST_F(LuaTest, LogReachesTheSurroundings) {
  Eval("redis.log(redis.LOG_WARNING, 'a', 'b', 3)");
  EXPECT_EQ(calls_.log, std::vector<std::string>{"3:a b 3"});
}

TEST_F(LuaTest, PermissionIsAsked) {
  EXPECT_EQ(Eval("return redis.acl_check_cmd('GET', 'x')"), "(integer) 1");
  EXPECT_EQ(Eval("return redis.acl_check_cmd('NOSUCH')"),
            "ERR Invalid command passed to redis.acl_check_cmd() @user_script:1.");
}

TEST_F(LuaTest, ScriptsAreKeptByName) {
  const Result<std::string> name = host_->Load("return ARGV[1]");
  ASSERT_TRUE(name);
  EXPECT_TRUE(host_->Exists(*name));
  Into<AnyReply> sink;
  const Bytes args[] = {"x"};
  EXPECT_FALSE(host_->EvalSha(*name, {{}, args}, calls_, sink));
  EXPECT_EQ(std::move(sink).Take()->text, "x");
  host_->Flush();
  EXPECT_FALSE(host_->Exists(*name));
  EXPECT_EQ(host_->EvalSha(*name, {}, calls_, sink).code(), ErrorCode::kNoScript);
  EXPECT_FALSE(host_->Load("return +"));
  EXPECT_EQ(Eval("return 1"), "(integer) 1");
}

TEST_F(LuaTest, NothingLeaksIntoTheNextScript) {
  const char* attempts[] = {
      "x = 1",
      "rawset(_G, 'x', 1)",
      "string.x = 1",
      "getmetatable('').__index = nil",
      "getmetatable('').__index.x = 1",
      "getmetatable(_G).__index = nil",
      "setmetatable(_G, nil)",
      "setmetatable(string, {})",
      "table.insert(table, 1)",
      "table.sort(setmetatable({}, nil)) x = 1",
      "for k in pairs(_G) do _G[k] = nil end",
      "redis.call = nil",
      "_G.KEYS = {}",
      "math.random = nil",
      "loadstring('x = 1')()",
      "coroutine.wrap(function() x = 1 end)()",
  };
  for (const char* attempt : attempts) {
    EXPECT_NE(Eval(attempt).find("Attempt to modify a readonly table"), std::string::npos) << attempt;
  }
  EXPECT_EQ(Eval("return x"),
            "ERR user_script:1: Script attempted to access nonexistent global variable 'x' "
            "@user_script:1.");
  EXPECT_EQ(Eval("return {('x'):rep(2), rawget(string, 'x') == nil, #KEYS}", {"k"}),
            "1) \"xx\"\n2) (integer) 1\n3) (integer) 1");
}

TEST_F(LuaTest, TheSandboxIsClosed) {
  for (const char* name : {"io", "ffi", "jit", "debug", "package", "require", "dofile", "loadfile", "print", "module",
                           "getfenv", "setfenv", "newproxy"}) {
    EXPECT_EQ(Eval(std::string("return rawget(_G, '") + name + "') == nil"), "(integer) 1") << name;
  }
  EXPECT_EQ(Eval("local n = 0 for k in pairs(os) do n = n + 1 end return {n, type(os.clock())}"),
            "1) (integer) 1\n2) \"number\"");
  // Byte code is never loaded.
  EXPECT_EQ(Eval("return loadstring(string.dump(function() end))"), "(nil)");
  EXPECT_EQ(Eval("local d, f = string.dump(function() return 1 end) "
                 "f = load(function() local p = d d = nil return p end) return f"),
            "(nil)");
  EXPECT_NE(Eval("\x1bLJ\x02").find("ERR Error compiling script"), std::string::npos);
}

TEST_F(LuaTest, TailCallsOfLibraryFunctionsKeepTheirLine) {
  struct Row {
    const char *code, *want;
  };
  const Row kRows[] = {
      {"return redis.call('GET', k)", "return (redis.call('GET', k))"},
      {"if x then return string.find(s, ')') else return 1 end",
       "if x then return select(1,string.find(s, ')')) else return 1 end"},
      {"local call = redis.call return call 'x'", "local call = redis.call return (call 'x')"},
      {"return ARGV[1]:upper()", "return (ARGV[1]:upper())"},
      {"return f(x)", "return f(x)"},
      {"return redis.call('x').ok", "return redis.call('x').ok"},
      {"return redis.call('x') or 1", "return redis.call('x') or 1"},
      {"return 'return error()' -- return error()", "return 'return error()' -- return error()"},
      {"return [==[ ]] return error() ]==]", "return [==[ ]] return error() ]==]"},
      {"return t.return_(x)", "return t.return_(x)"},
      {"local function f(...) return arg end",
       "local function f(...) local arg={n=select('#',...),...} return arg end"},
      {"return 'unfinished", "return 'unfinished"},
      {"return (", "return ("},
      {"return", "return"},
  };
  for (const Row& row : kRows) EXPECT_EQ(PucSource(row.code), row.want);
  EXPECT_EQ(Eval("\n\nreturn redis.call('NOSUCH')"), "ERR Unknown Redis command called from script @user_script:3.");
}

// --- hostile scripts ---

TEST_F(LuaTest, StepLimitEndsWhatNeverEnds) {
  Restart({.step_limit = 2'000'000});
  const char* scripts[] = {
      "while true do end",
      "repeat until false",
      "local function f() return f() end return f()",
      "while true do pcall(function() while true do end end) end",
      "local function f() while true do pcall(f) end end f()",
      "while true do pcall(error) end",
      "xpcall(function() while true do end end, function() while true do end end)",
      "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
      "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
      "string.find(('a'):rep(300), ('a-'):rep(20) .. 'b')",
      "string.match(('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(31))",
      "string.gsub(('x'):rep(100), ('x*'):rep(20) .. 'y', '')",
      "for w in string.gmatch(('a'):rep(300), ('a*'):rep(12) .. 'b') do end",
      "while true do string.rep('x', 1e6) end",
      "local s = ('x'):rep(1e6) while true do s:upper() end",
      "local s = ('x'):rep(1e6) while true do s:reverse() end",
      "local s = ('x'):rep(1e6) while true do string.format('%s', s) end",
      "local s = ('x'):rep(1e6) while true do s:find('y', 1, true) end",
      "local t = {} for i = 1, 3000 do t[i] = i % 7 end while true do table.sort(t) table.concat(t) end",
      "table.sort({3, 2, 1}, function() while true do end end)",
      "table.foreach({1}, function() while true do end end)",
      "setmetatable({}, {__index = function() while true do end end}).x = 1 "
      "return setmetatable({}, {__index = function() while true do end end}).x",
      "('x'):gsub('x', function() while true do end end)",
      "load(function() return ' ' end)",
      "local t = {} for i = 1, 1000 do t[i] = i end while true do cjson.decode(cjson.encode(t)) end",
      "local t = {} for i = 1, 1000 do t[i] = i end while true do cmsgpack.unpack(cmsgpack.pack(t)) end",
      "while true do struct.pack('iiii', 1, 2, 3, 4) end",
      "while true do redis.pcall('GET', 'x') end",
      "while true do redis.sha1hex('x') end",
      "while true do collectgarbage() end",
  };
  for (const char* script : scripts) {
    EXPECT_EQ(Eval(script).substr(0, 36), "ERR Script exceeded its limit of ste") << script;
    EXPECT_EQ(Eval("return 1"), "(integer) 1") << "after " << script;
  }
}

TEST_F(LuaTest, MemoryLimitHolds) {
  Restart({.step_limit = 200'000'000, .memory_limit = 8 << 20});
  const char* scripts[] = {
      "return #string.rep('x', 1e9)",
      "local t = {} for i = 1, 1e8 do t[i] = {} end",
      "local s = 'x' while true do s = s .. s end",
      "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
      "local s = ('x'):rep(1e6) local t = {} for i = 1, 100 do t[i] = s .. i end",
      "return table.concat({('x'):rep(4e6), ('y'):rep(4e6)})",
      "local function f(n) return {f(n + 1)} end f(1)",
      "local t = {} for i = 1, 1e7 do t[i] = coroutine.create(function() end) end",
      "return cjson.decode(('['):rep(900) .. ('1,'):rep(1e6))",
  };
  for (const char* script : scripts) {
    const std::string reply = Eval(script);
    EXPECT_TRUE(reply.starts_with("ERR ")) << script << "\n" << reply.substr(0, 200);
    EXPECT_EQ(Eval("return 1"), "(integer) 1") << "after " << script;
  }
  // Garbage is not memory: this needs much more than the limit in total.
  EXPECT_EQ(Eval("for i = 1, 2000 do local s = ('x'):rep(1e5) .. i end return 1"), "(integer) 1");
  // What one script was given does not count against the next.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Eval("local t = {} for i = 1, 100000 do t[i] = i end return #t"), "(integer) 100000");
  }
}

TEST_F(LuaTest, RecursionEndsWithAnError) {
  const char* scripts[] = {
      "local function f() return 1 + f() end f()",
      "local function f() pcall(f) error('x') end f()",
      "local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x",
      "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
      "local function f() ('x'):gsub('.', f) end f()",
      "local function f() table.sort({1, 2}, f) end f()",
      "local function f() return coroutine.wrap(f)() end f()",
      "local t = {} t[1] = t return cjson.encode(t)",
      "cjson.encode_max_depth(1e9) local t = {} t[1] = t return cjson.encode(t)",
      "cjson.decode_max_depth(1e9) return cjson.decode(('['):rep(1e6))",
      "return cmsgpack.unpack(('\\145'):rep(1e6))",
      "return string.find(('x'):rep(1e5), ('(x'):rep(1e5))",
      "return string.find(('x'):rep(1e5), ('x?'):rep(1e5) .. 'y')",
      "return loadstring(('('):rep(1e5))()",
      "return loadstring('return ' .. ('{'):rep(1e5))()",
      "error(setmetatable({}, {__tostring = function() error('x') end}))",
      "error(setmetatable({}, {__index = function() error('x') end}))",
      "return unpack({}, 1, 1e8)",
      "return select(-1e9)",
      "return ('x'):byte(1, -1) , string.byte(('x'):rep(1e7), 1, -1)",
      "return string.char(unpack({}, 1, 1e6))",
      "return {string.match(('a'):rep(100), ('(a)'):rep(33))}",
  };
  for (const char* script : scripts) {
    const std::string reply = Eval(script);
    EXPECT_TRUE(reply.starts_with("ERR ")) << script << "\n" << reply.substr(0, 200);
    EXPECT_EQ(Eval("return 1"), "(integer) 1") << "after " << script;
    host_->Flush();
  }
}

// Counts events without building anything.
class CountingSink : public ReplySink {
 public:
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes) override {}
  void Simple(Bytes) override {}
  void Error(const dualis::Error& error) override { text = error.message(); }
  void Begin(Shape, size_t) override { ++begun; }
  void End() override { ++ended; }
  std::string text;
  size_t begun = 0, ended = 0;
};

TEST_F(LuaTest, RepliesAreCutWhereRedisCutsThem) {
  struct Row {
    const char* script;
    size_t depth;
  };
  const Row kRows[] = {
      {"local a = {} a[1] = a return a", 7995},
      {"local a = {} a.map = {k = a} return a", 2665},
      {"local a = {} a.set = {[a] = true} return a", 2665},
      {"local a = {} a[1] = {map = {k = a}} return a", 3998},
  };
  for (const Row& row : kRows) {
    CountingSink sink;
    ASSERT_FALSE(host_->Eval(row.script, {}, calls_, sink)) << row.script;
    EXPECT_EQ(sink.begun, row.depth) << row.script;
    EXPECT_EQ(sink.ended, row.depth) << row.script;
    EXPECT_EQ(sink.text, "ERR reached lua stack limit") << row.script;
  }
}

TEST_F(LuaTest, OddErrorsAreReported) {
  EXPECT_EQ(Eval("error()"), "ERR nil @user_script:1.");
  EXPECT_EQ(Eval("error({})"), "ERR unknown error @user_script:1.");
  EXPECT_EQ(Eval("error({err = {}})"), "ERR unknown error @user_script:1.");
  EXPECT_EQ(Eval("error({err = 5})"), "5 @user_script:1.");
  EXPECT_EQ(Eval("error(true)"), "ERR true @user_script:1.");
  EXPECT_EQ(Eval("error({err = 'MY text'})"), "MY text @user_script:1.");
  EXPECT_EQ(Eval("error(redis)"), "ERR unknown error");
  EXPECT_EQ(Eval("error('two\\nlines')"), "ERR user_script:1: two lines @user_script:1.");
}

TEST_F(LuaTest, PollEndsAScriptThatCannotCatchIt) {
  calls_.on_poll = [&] { return calls_.polls < 5 ? Error() : Error(ErrorCode::kErr, "ERR enough"); };
  EXPECT_EQ(Eval("while true do pcall(function() while true do end end) end"), "ERR enough @user_script:1.");
  EXPECT_EQ(calls_.polls, 5);
}

TEST_F(LuaTest, KillFromAnotherThread) {
  EXPECT_EQ(host_->Kill(ScriptKind::kScript).code(), ErrorCode::kNotBusy);
  std::thread killer;
  calls_.on_poll = [&] {
    if (!killer.joinable()) {
      killer = std::thread([&] { EXPECT_FALSE(host_->Kill(ScriptKind::kScript)); });
    }
    return Error();
  };
  EXPECT_EQ(Eval("while true do pcall(function() while true do end end) end"),
            "ERR Script killed by user with SCRIPT KILL. @user_script:1.");
  killer.join();
  EXPECT_EQ(host_->Kill(ScriptKind::kScript).code(), ErrorCode::kNotBusy);

  // A script that wrote must go on.
  Error refused;
  calls_.polls = 0;
  calls_.on_poll = [&] {
    std::thread([&] { refused = host_->Kill(ScriptKind::kScript); }).join();
    return Error();
  };
  EXPECT_EQ(Eval("redis.call('SET', 'a', 1) for i = 1, 1e6 do end return 'done'"), "\"done\"");
  EXPECT_EQ(refused.code(), ErrorCode::kUnkillable);
}

TEST(ScriptKill, ReachesAScriptThatHoldsTheEngine) {
  const auto engine = Engine::Create();
  const auto runner = engine->Connect();
  const auto killer = engine->Connect();
  EXPECT_EQ(killer->Run(cmd::ScriptKill{}).error().code(), ErrorCode::kNotBusy);
  std::string ended;
  std::thread script([&] {
    cmd::Eval endless;
    endless.script = "while true do pcall(function() while true do end end) end";
    const Result<AnyReply> reply = runner->Run(endless);
    ended = reply ? reply->text : std::string(reply.error().message());
  });
  while (!killer->Run(cmd::ScriptKill{})) std::this_thread::yield();
  script.join();
  EXPECT_TRUE(ended.starts_with("ERR Script killed by user with SCRIPT KILL.")) << ended;
}

}  // namespace
}  // namespace dualis::lua
