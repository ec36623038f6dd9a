// Every row of redipy's interface has a counterpart: reads redipy_rows.txt, runs the scenario of each row at every home
// and compares what it shows. A row without a scenario and a scenario without a row fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dualis/client.h"
#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using namespace std::chrono_literals;

// What a scenario shows: words, and bars between its parts.
class Shown {
 public:
  template <class T>
  Shown& operator<<(const T& value) {
    text_ += (text_.empty() ? "" : " ") + Text(value);
    return *this;
  }
  Shown& Bar() { return *this << "|"; }
  const std::string& text() const { return text_; }

 private:
  static std::string Text(const char* text) { return text; }
  static std::string Text(const std::string& text) { return text.empty() ? "\"\"" : text; }
  static std::string Text(const KeyName& key) { return key.name; }
  static std::string Text(Ack) { return "OK"; }
  static std::string Text(bool value) { return value ? "true" : "false"; }
  static std::string Text(int value) { return std::to_string(value); }
  static std::string Text(int64_t value) { return std::to_string(value); }
  static std::string Text(size_t value) { return std::to_string(value); }
  static std::string Text(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
  }
  static std::string Text(const Error& error) { return "(error) " + std::string(error.message()); }
  template <class A, class B>
  static std::string Text(const std::pair<A, B>& couple) {
    return Text(couple.first) + "=" + Text(couple.second);
  }
  template <class T>
  static std::string Text(const std::optional<T>& value) {
    return value ? Text(*value) : "(nil)";
  }
  template <class T>
  static std::string Text(const Result<T>& result) {
    return result ? Text(*result) : Text(result.error());
  }
  template <class T>
  static std::string Text(const Pending<T>& pending) {
    return Text(pending.get());
  }
  template <class Range>
  requires requires(const Range& r) { r.begin(); }
  static std::string Text(const Range& range) {
    std::string text;
    for (const auto& element : range) text += (text.empty() ? "" : " ") + Text(element);
    return "[" + text + "]";
  }

  std::string text_;
};

template <class T>
std::vector<T> Sorted(Result<std::vector<T>> result) {
  std::vector<T> sorted = std::move(result).value();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

const char* Sign(const Result<int64_t>& milliseconds) { return milliseconds.value() > 0 ? "positive" : "not positive"; }

using Scenario = std::function<void(Client& c, Shown& out)>;

const std::map<std::string, Scenario>& Scenarios() {
  static const std::map<std::string, Scenario> scenarios = {
      {"exists(*keys)",
       [](Client& c, Shown& out) {
         out << c.exists("a");
         c.mset({{"a", "1"}, {"b", "2"}}).value();
         out.Bar() << c.exists({"a", "b", "a"});
       }},
      {"delete(*keys)",
       [](Client& c, Shown& out) {
         c.set("a", "1").value();
         out << c.del("a", "a");
         out.Bar() << c.del("a");
       }},
      {"key_type(key)",
       [](Client& c, Shown& out) {
         c.set("a", "1").value();
         c.rpush("l", "1").value();
         c.sadd("s", "1").value();
         c.zadd("z", 1, "1").value();
         c.hset("h", "f", "1").value();
         c.xadd("x", {{"f", "1"}}).value();
         for (const char* key : {"a", "l", "s", "z", "h", "x", "missing"}) out << c.type(key);
       }},
      {"scan(cursor)",
       [](Client& c, Shown& out) {
         c.mset({{"a1", "1"}, {"a2", "2"}}).value();
         c.rpush("l", "1").value();
         const cmd::ScanReply match = c.scan("0", "a*", 1000).value();
         out << match.cursor << Sorted<KeyName>(match.keys);
         const cmd::ScanReply type = c.scan("0", {}, 1000, "list").value();
         out.Bar() << type.cursor << type.keys;
       }},
      {"iter_keys()",
       [](Client& c, Shown& out) {
         c.mset({{"a1", "1"}, {"a2", "2"}}).value();
         c.rpush("l", "1").value();
         std::set<std::string> all;
         std::set<std::string> lists;
         for (const Result<std::string>& key : c.scan_iter()) all.insert(key.value());
         for (const Result<std::string>& key : c.scan_iter({.match = "*", .type = "list"})) lists.insert(key.value());
         out << all;
         out.Bar() << lists;
       }},
      {"keys_block()",
       [](Client& c, Shown& out) {
         c.mset({{"a1", "1"}, {"a2", "2"}, {"b", "3"}}).value();
         out << Sorted(c.keys("a?"));
       }},
      {"keys(block=False, filter_type)",
       [](Client& c, Shown& out) {
         c.set("a", "1").value();
         c.rpush("l", "1").value();
         std::set<std::string> keys;
         for (const Result<std::string>& key : c.scan_iter({.type = "list"})) keys.insert(key.value());
         out << keys;
       }},
      {"flushall()",
       [](Client& c, Shown& out) {
         c.mset({{"a", "1"}, {"b", "2"}}).value();
         if (c.prefix().empty()) {
           c.flushall().value();
         } else {
           c.flush_prefix().value();
         }
         out << c.exists("a", "b");
       }},
      {"set_value(key, value)", [](Client& c, Shown& out) { out << c.set("k", "v") << c.get("k"); }},
      {"get_value(key)",
       [](Client& c, Shown& out) {
         out << c.get("k");
         c.set("k", "v").value();
         c.set("empty", "").value();
         out << c.get("k") << c.get("empty");
       }},
      {"expire(key)",
       [](Client& c, Shown& out) {
         out << c.expire("k", 100s);
         c.set("k", "v").value();
         out << c.expire("k", 100s) << c.ttl("k");
         out.Bar() << c.pexpireat("k", std::chrono::system_clock::now() + 1h);
       }},
      {"ttl(key)",
       [](Client& c, Shown& out) {
         out << c.pttl("k");
         c.set("k", "v").value();
         out << c.pttl("k");
         c.pexpire("k", 100s).value();
         out << Sign(c.pttl("k"));
       }},
      {"incrby(key, inc)",
       [](Client& c, Shown& out) {
         out << c.incrby("k", 3) << c.incrbyfloat("k", 0.5) << c.get("k");
         c.set("sum", "0.1").value();
         c.incrbyfloat("sum", 0.2).value();
         out.Bar() << c.get("sum");
         c.set("text", "abc").value();
         out.Bar() << c.incrbyfloat("text", 1);
       }},
      {"lpush(key, *values)",
       [](Client& c, Shown& out) {
         out << c.lpush("q", {"a", "b", "c"}) << c.lrange("q", 0, -1);
         out.Bar() << c.lpush("q", std::vector<std::string>());
       }},
      {"rpush(key, *values)",
       [](Client& c, Shown& out) { out << c.rpush("q", "a", "b", "c") << c.lrange("q", 0, -1); }},
      {"lpop(key, count=None)",
       [](Client& c, Shown& out) {
         c.rpush("q", {"a", "b", "c", "d"}).value();
         out << c.lpop("q") << c.lpop("q", 2) << c.lpop("q", 0);
         c.lpop("q").value();
         out << c.lpop("q") << c.lpop("q", 2);
         out.Bar() << c.lpop("q", -1);
         out.Bar() << c.exists("q");
       }},
      {"rpop(key, count=None)",
       [](Client& c, Shown& out) {
         c.rpush("q", {"a", "b", "c", "d"}).value();
         out << c.rpop("q") << c.rpop("q", 2) << c.rpop("q", 5) << c.rpop("q");
       }},
      {"lrange(key, start, stop)",
       [](Client& c, Shown& out) {
         c.rpush("q", {"a", "b", "c"}).value();
         out << c.lrange("q", 0, 99) << c.lrange("q", -1, -1) << c.lrange("q", 2, 1) << c.lrange("none", 0, -1)
             << c.lrange("q", 0, -1);
       }},
      {"lset(key, index, value)",
       [](Client& c, Shown& out) {
         c.rpush("q", {"a", "b", "c"}).value();
         out << c.lset("q", -1, "z") << c.lrange("q", 0, -1);
         out.Bar() << c.lset("q", 3, "x");
         out.Bar() << c.lset("none", 0, "x");
       }},
      {"lindex(key, index)",
       [](Client& c, Shown& out) {
         c.rpush("q", {"a", "b", "c"}).value();
         out << c.lindex("q", 0) << c.lindex("q", -1) << c.lindex("q", 3) << c.lindex("none", 0);
       }},
      {"llen(key)",
       [](Client& c, Shown& out) {
         out << c.llen("q");
         c.rpush("q", {"a", "b", "c"}).value();
         out << c.llen("q");
       }},
      {"zadd(key, mapping)",
       [](Client& c, Shown& out) {
         out << c.zadd("z", {{1, "a"}, {2, "b"}}) << c.zadd("z", {{5, "a"}, {INFINITY, "c"}});
         out.Bar() << c.zadd("z", NAN, "d");
         const Result<AnyReply> empty = c.command({"ZADD", "z"});
         out.Bar() << empty.error();
       }},
      {"zpop_max(key, count=1)",
       [](Client& c, Shown& out) {
         c.zadd("z", {{1, "a"}, {2, "b"}, {2, "c"}}).value();
         out << c.zpopmax("z") << c.zpopmax("z", 5) << c.zpopmax("z");
         out.Bar() << c.zpopmax("z", 0);
         out.Bar() << c.exists("z");
       }},
      {"zpop_min(key, count=1)",
       [](Client& c, Shown& out) {
         c.zadd("z", {{1, "a"}, {2, "b"}, {2, "c"}}).value();
         out << c.zpopmin("z") << c.zpopmin("z", 5);
         out.Bar() << c.zpopmin("z", -1);
       }},
      {"zrange(key, start, stop)",
       [](Client& c, Shown& out) {
         c.zadd("z", {{3, "c"}, {1, "a"}, {2, "b"}}).value();
         out << c.zrange("z", 0, -1) << c.zrange("z", -1, 99) << c.zrange("none", 0, -1);
       }},
      {"zcard(key)",
       [](Client& c, Shown& out) {
         out << c.zcard("z");
         c.zadd("z", {{3, "c"}, {1, "a"}, {2, "b"}}).value();
         out << c.zcard("z");
       }},
      {"hset(key, mapping)",
       [](Client& c, Shown& out) {
         const std::map<std::string, std::string> mapping = {{"f", "1"}, {"g", "2"}};
         out << c.hset("h", mapping) << c.hset("h", {{"g", "3"}, {"i", "4"}});
         out.Bar() << c.hset("h", std::map<std::string, std::string>());
       }},
      {"hdel(key, *fields)",
       [](Client& c, Shown& out) {
         c.hset("h", {{"f", "1"}, {"g", "2"}}).value();
         out << c.hdel("h", "f", "x") << c.hdel("h", "g") << c.exists("h");
       }},
      {"hget(key, field)",
       [](Client& c, Shown& out) {
         c.hset("h", "f", "1").value();
         out << c.hget("h", "f") << c.hget("h", "g") << c.hget("none", "f");
       }},
      {"hmget(key, *fields)",
       [](Client& c, Shown& out) {
         c.hset("h", "f", "1").value();
         out << c.hmget("h", {"f", "g"}) << c.hmget("none", "f");
       }},
      {"hincrby(key, field, inc)",
       [](Client& c, Shown& out) {
         c.hset("h", {{"f", "1"}, {"text", "abc"}}).value();
         out << c.hincrbyfloat("h", "f", 0.5) << c.hincrby("h", "n", 2);
         out.Bar() << c.hincrbyfloat("h", "text", 1);
       }},
      {"hkeys(key)",
       [](Client& c, Shown& out) {
         c.hset("h", {{"f", "1"}, {"g", "2"}}).value();
         out << Sorted(c.hkeys("h")) << c.hkeys("none");
       }},
      {"hvals(key)",
       [](Client& c, Shown& out) {
         c.hset("h", {{"f", "1"}, {"g", "2"}}).value();
         out << Sorted(c.hvals("h")) << c.hvals("none");
       }},
      {"hgetall(key)",
       [](Client& c, Shown& out) {
         c.hset("h", {{"f", "1"}, {"g", "2"}}).value();
         out << c.hgetall("h") << c.hgetall("none");
       }},
      {"sadd(key, *values)",
       [](Client& c, Shown& out) {
         out << c.sadd("s", {"a", "b", "a"}) << c.sadd("s", "b", "c");
       }},
      {"srem(key, *values)",
       [](Client& c, Shown& out) {
         c.sadd("s", "a").value();
         out << c.srem("s", "a", "x") << c.srem("s", "a");
         out.Bar() << c.exists("s");
       }},
      {"sismember(key, value)",
       [](Client& c, Shown& out) {
         c.sadd("s", "a").value();
         out << c.sismember("s", "a") << c.sismember("s", "b") << c.sismember("none", "a");
       }},
      {"scard(key)",
       [](Client& c, Shown& out) {
         out << c.scard("s");
         c.sadd("s", "a", "b").value();
         out << c.scard("s");
       }},
      {"smembers(key)",
       [](Client& c, Shown& out) {
         c.sadd("s", "b", "a").value();
         out << Sorted(c.smembers("s")) << c.smembers("none");
       }},
      {"publish(key, msg)",
       [](Client& c, Shown& out) {
         out << c.publish("c", "unheard");
         Subscription feed = c.subscribe({"c"}).value();
         out.Bar() << c.publish("c", "text") << feed.receive(10s).value().payload;
       }},
      {"wait_for(key, predicate, timeout)",
       [](Client& c, Shown& out) {
         int asked = 0;
         out << c.wait_for(
                    "c", [] { return true; }, 0ms)
             << c.wait_for(
                    "c", [] { return false; }, 5ms);
         // Asked before and after subscribing, then after each message: the third time, because of the message that it
         // sends itself the second time.
         out << c.wait_for(
             "c",
             [&] {
               if (++asked == 2) c.publish("c", "look").value();
               return asked == 3;
             },
             10s);
       }},
      {"wrong type",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         const Result<int64_t> length = c.llen("k");
         EXPECT_EQ(length.error().code(), ErrorCode::kWrongType);
         out << length;
       }},

      {"mode=RSM_ALWAYS",
       [](Client& c, Shown& out) {
         c.set("k", "a").value();
         out << c.set("k", "b", {.when = SetOptions::When::kAlways}) << c.get("k");
       }},
      {"mode=RSM_MISSING",
       [](Client& c, Shown& out) {
         const SetOptions missing{.when = SetOptions::When::kIfMissing};
         out << c.set("k", "a", missing) << c.set("k", "b", missing) << c.get("k");
       }},
      {"mode=RSM_EXISTS",
       [](Client& c, Shown& out) {
         const SetOptions exists{.when = SetOptions::When::kIfExists};
         out << c.set("k", "a", exists);
         c.set("k", "a").value();
         out << c.set("k", "b", exists) << c.get("k");
       }},
      {"return_previous=True",
       [](Client& c, Shown& out) {
         out << c.set_get("k", "a") << c.set_get("k", "b")
             << c.set_get("k", "c", {.when = SetOptions::When::kIfMissing}) << c.get("k");
         c.rpush("q", "a").value();
         out.Bar() << c.set_get("q", "v");
       }},
      {"expire_in",
       [](Client& c, Shown& out) {
         out << c.set("k", "v", {.expiry = Expiry::In(1500ms)}) << Sign(c.pttl("k"));
         out.Bar() << c.set("k", "v", {.expiry = Expiry::In(900us)});
       }},
      {"expire_timestamp",
       [](Client& c, Shown& out) {
         const auto now = std::chrono::system_clock::now();
         out << c.set("k", "v", {.expiry = Expiry::At(now + 1h)}) << Sign(c.pttl("k"));
         c.set("k", "v", {.expiry = Expiry::At(now - 1h)}).value();
         out.Bar() << c.get("k");
       }},
      {"both expiries",
       [](Client& c, Shown& out) {
         out << c.command({"SET", "k", "v", "PX", 5, "PXAT", 99}).error();
       }},
      {"keep_ttl=True",
       [](Client& c, Shown& out) {
         c.set("k", "v", {.expiry = Expiry::In(1h)}).value();
         c.set("k", "w", {.expiry = Expiry::Keep()}).value();
         out << Sign(c.pttl("k"));
         c.set("k", "x").value();
         out << c.pttl("k");
       }},
      {"keep_ttl with an expiry",
       [](Client& c, Shown& out) {
         out << c.command({"SET", "k", "v", "PX", 5, "KEEPTTL"}).error();
       }},
      {"another type is overwritten",
       [](Client& c, Shown& out) {
         c.rpush("list", "a").value();
         out << c.set("list", "v") << c.get("list");
       }},

      {"mode=REX_ALWAYS",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         out << c.pexpire("k", 1h) << c.pexpire("k", 2h);
       }},
      {"mode=REX_PERSIST",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         out << c.pexpire("k", 1h, {.nx = true}) << c.pexpire("k", 2h, {.nx = true});
       }},
      {"mode=REX_EXPIRE",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         out << c.pexpire("k", 1h, {.xx = true});
         c.pexpire("k", 1h).value();
         out << c.pexpire("k", 2h, {.xx = true});
       }},
      {"mode=REX_LATER",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         out << c.pexpire("k", 1h, {.gt = true});
         c.pexpire("k", 1h).value();
         out << c.pexpire("k", 2h, {.gt = true}) << c.pexpire("k", 1h, {.gt = true});
       }},
      {"mode=REX_EARLIER",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         out << c.pexpire("k", 2h, {.lt = true}) << c.pexpire("k", 3h, {.lt = true})
             << c.pexpire("k", 1h, {.lt = true});
       }},
      {"no duration",
       [](Client& c, Shown& out) {
         c.set("k", "v", {.expiry = Expiry::In(1h)}).value();
         out << c.persist("k") << c.persist("k");
       }},
      {"zero or negative",
       [](Client& c, Shown& out) {
         c.mset({{"a", "1"}, {"b", "2"}}).value();
         out << c.pexpire("a", 0ms) << c.exists("a");
         out.Bar() << c.pexpire("b", -5ms) << c.exists("b");
       }},
      {"a missing key", [](Client& c, Shown& out) { out << c.pexpire("missing", 1h); }},

      {"pipeline()",
       [](Client& c, Shown& out) {
         Pipeline batch = c.pipeline(Atomicity::kTransaction);
         const auto sum = batch.incr("n");
         (void)batch.get("n");
         out << (c.exists("n").value() == 0 ? "nothing before" : "something before");
         out.Bar() << batch.execute() << sum;
         { (void)c.pipeline().incr("n"); }
         out.Bar() << (c.get("n").value() == "1" ? "nothing of a forgotten one" : "something of a forgotten one");
       }},
      {"every method in a pipeline",
       [](Client& c, Shown& out) {
         c.set("k", "v").value();
         Pipeline p = c.pipeline(Atomicity::kTransaction);
         const auto exists = p.exists("k");
         const auto del = p.del("none");
         const auto scan = p.scan("0", {}, 100);
         const auto keys = p.keys("k");
         const auto type = p.type("k");
         const auto set = p.set("k", "v");
         const auto get = p.get("k");
         const auto none = p.get("none");
         const auto expire = p.expire("none", 5s);
         const auto ttl = p.ttl("none");
         const auto incrby = p.incrbyfloat("n", 3.5);
         const auto lpush = p.lpush("q", "a");
         const auto rpush = p.rpush("q", "b");
         const auto lpop = p.lpop("q");
         const auto rpop = p.rpop("q");
         const auto lrange = p.lrange("q", 0, -1);
         (void)p.rpush("q", "x");
         const auto lset = p.lset("q", 0, "y");
         (void)p.del("q");
         const auto lindex = p.lindex("q", 0);
         const auto llen = p.rpush("q", "z");
         const auto zadd = p.zadd("z", 2, "b");
         const auto zpop_max = p.zpopmax("z");
         const auto zpop_min = p.zpopmin("z");
         const auto zrange = p.zrange("z", 0, -1);
         const auto zcard = p.zcard("z");
         const auto hset = p.hset("h", "f", "1");
         const auto hdel = p.hdel("h", "f");
         const auto hget = p.hget("h", "f");
         const auto hmget = p.hmget("h", "f");
         const auto hincrby = p.hincrbyfloat("h", "n", 1.5);
         const auto hkeys = p.hkeys("h");
         const auto hvals = p.hvals("h");
         const auto hgetall = p.hgetall("h");
         const auto sadd = p.sadd("s", "a");
         const auto srem = p.srem("s", "a");
         const auto sismember = p.sismember("s", "a");
         const auto scard = p.scard("s");
         const auto smembers = p.smembers("s");
         p.execute().value();
         EXPECT_EQ(scan->value().keys, std::vector<KeyName>{KeyName("k")});
         EXPECT_EQ(zadd->value(), 1);
         out << exists << del << keys << type << set << get << none << expire << ttl << incrby << lpush << rpush << lpop
             << rpop << lrange << lset << lindex << llen << zpop_max << zpop_min << zrange << zcard << hset << hdel
             << hget << hmget << hincrby << hkeys << hvals << hgetall << sadd << srem << sismember << scard << smembers;
       }},
      {"isolation",
       [](Client& c, Shown& out) {
         Pipeline batch = c.pipeline(Atomicity::kTransaction);
         const auto first = batch.incr("n");
         const auto again = batch.get("n");
         batch.execute().value();
         out << first << again;
       }},
      {"an error in one command",
       [](Client& c, Shown& out) {
         c.rpush("q", "a").value();
         Pipeline batch = c.pipeline(Atomicity::kTransaction);
         const auto before = batch.incr("n");
         const auto wrong = batch.incr("q");
         const auto after = batch.incr("n");
         batch.execute().value();
         out << before << wrong << after;
         out.Bar() << c.get("n");
       }},
      {"execute() can be repeated",
       [](Client& c, Shown& out) {
         Pipeline batch = c.pipeline();
         const auto first = batch.incr("n");
         batch.execute().value();
         out << first;
         const auto second = batch.incr("n");
         batch.execute().value();
         out.Bar() << second;
       }},
  };
  return scenarios;
}

struct Row {
  std::string section, name, ours, want;
};

std::vector<Row> ReadRows() {
  std::ifstream file("tests/client/redipy_rows.txt");
  EXPECT_TRUE(file.good()) << "run from the top of the repository";
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = line.size() > word.size() ? line.substr(word.size() + 1) : "";
    if (word == "row") {
      const size_t blank = rest.find(' ');
      rows.push_back({rest.substr(0, blank), rest.substr(blank + 1), "", ""});
    } else if (word == "ours") {
      rows.back().ours = rest;
    } else if (word == "want") {
      rows.back().want = rest;
    } else {
      EXPECT_TRUE(word.empty() || word == "#") << line;
    }
  }
  return rows;
}

using RedipyTest = HomeTest;
DUALIS_AT_EVERY_HOME(RedipyTest);

TEST_P(RedipyTest, EveryRowHasACounterpart) {
  std::set<std::string> seen;
  for (const Row& row : ReadRows()) {
    seen.insert(row.name);
    EXPECT_FALSE(row.ours.empty()) << row.name;
    const auto scenario = Scenarios().find(row.name);
    ASSERT_NE(scenario, Scenarios().end()) << "no scenario for " << row.section << " " << row.name;
    raw.command({"FLUSHALL"}).value();
    Shown shown;
    scenario->second(client, shown);
    EXPECT_EQ(shown.text(), row.want) << row.section << " " << row.name;
  }
  for (const auto& [name, scenario] : Scenarios()) EXPECT_TRUE(seen.contains(name)) << "no row for " << name;
}

}  // namespace
}  // namespace dualis::test
