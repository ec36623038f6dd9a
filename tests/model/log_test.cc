// What an EffectSink hears is enough to repeat what happened: a long random sequence of commands runs on one engine,
// its effects are replayed into others, and all hold the same data. One follows command by command, as a replica does;
// one reads everything at the end, as a log is read: with a clock that stands at the log's beginning, because keys die
// when the log says so.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/engine.h"

namespace dualis {
namespace {

using Words = std::vector<std::string>;

// An error reply is a node of the tree as any other.
AnyReply Say(Session& session, const Words& words) {
  const std::vector<Arg> argv(words.begin(), words.end());
  Into<AnyReply> sink;
  session.Execute(argv, sink);
  return std::move(sink).Take().value();
}

class Log : public EffectSink {
 public:
  struct Entry {
    int db;
    Words words;
  };
  void BeginUnit() override {
    EXPECT_FALSE(in_unit_);
    in_unit_ = true;
    ++units;
  }
  void Effect(int db, Args argv) override {
    Entry entry{db, {}};
    char buffer[Arg::kTextBytes];
    for (const Arg& word : argv) entry.words.emplace_back(word.Text(buffer));
    entries.push_back(std::move(entry));
  }
  void EndUnit() override {
    EXPECT_TRUE(in_unit_);
    in_unit_ = false;
  }

  std::vector<Entry> entries;
  int units = 0;

 private:
  bool in_unit_ = false;
};

// An engine that repeats the entries of a log.
class Follower {
 public:
  explicit Follower(std::shared_ptr<ManualClock> clock, EncodingLimits encodings)
      : engine_(Engine::Create({.seed = 99, .clock = std::move(clock), .encodings = encodings})),
        session_(engine_->Connect()) {}

  void Follow(const Log& log) {
    for (; next_ < log.entries.size(); ++next_) {
      const Log::Entry& entry = log.entries[next_];
      Say(*session_, {"SELECT", std::to_string(entry.db)});
      Say(*session_, entry.words);
    }
  }
  Engine& engine() { return *engine_; }

 private:
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  size_t next_ = 0;
};

// Everything an engine holds, in an order of its own: name, type, value, expiry.
std::vector<std::string> Contents(Engine& engine) {
  const auto session = engine.Connect();
  std::vector<std::string> lines;
  for (const char* db : {"0", "1"}) {
    Say(*session, {"SELECT", db});
    for (const AnyReply& name : Say(*session, {"KEYS", "*"}).elements) {
      const std::string& key = name.text;
      const std::string type = Say(*session, {"TYPE", key}).text;
      AnyReply value;
      if (type == "string") value = Say(*session, {"GET", key});
      if (type == "list") value = Say(*session, {"LRANGE", key, "0", "-1"});
      if (type == "zset") value = Say(*session, {"ZRANGE", key, "0", "-1", "WITHSCORES"});
      if (type == "stream") value = Say(*session, {"XRANGE", key, "-", "+"});
      if (type == "set" || type == "hash") {
        value = Say(*session, {type == "set" ? "SMEMBERS" : "HGETALL", key});
        const size_t width = value.kind == AnyReply::Kind::kMap || type == "hash" ? 2 : 1;
        std::vector<std::string> couples;
        for (size_t i = 0; i + width <= value.elements.size(); i += width) {
          std::string couple;
          for (size_t j = 0; j < width; ++j) couple += ToText(value.elements[i + j]) + " ";
          couples.push_back(couple);
        }
        std::sort(couples.begin(), couples.end());
        value = AnyReply{.kind = AnyReply::Kind::kBytes};
        for (const std::string& couple : couples) value.text += couple;
      }
      lines.push_back(std::string(db) + " " + key + " " + type + " " + ToText(value) + " " +
                      ToText(Say(*session, {"PTTL", key})));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// Draws commands: of every family, valid and failing, on few keys, so that types meet and expiries matter.
class Generator {
 public:
  explicit Generator(uint64_t seed) : luck_(seed) {}

  Words Next() {
    const std::string k = Key(), e = Element(), n = Number();
    // One row a command; "?" stands for a random choice made above.
    const std::vector<Words> rows = {
        {"SET", k, e},
        {"SET", k, n, "PX", Time()},
        {"SET", k, n, "EX", "1", "NX"},
        {"SET", k, e, "XX", "KEEPTTL"},
        {"SET", k, e, "GET"},
        {"SET", k, e, "PX", Time(), "GET"},
        {"SETNX", k, e},
        {"GETDEL", k},
        {"GETEX", k, "PX", Time()},
        {"GETEX", k, "PERSIST"},
        {"INCR", k},
        {"INCRBY", k, n},
        {"DECRBY", k, n},
        {"INCRBYFLOAT", k, n + ".1"},
        {"APPEND", k, e},
        {"SETRANGE", k, "3", e},
        {"MSET", k, e, Key(), n},
        {"DEL", k, Key()},
        {"UNLINK", k},
        {"EXPIRE", k, "1"},
        {"PEXPIRE", k, Time(), "GT"},
        {"PEXPIRE", k, Time(), "NX"},
        {"PEXPIRE", k, "-1"},
        {"PERSIST", k},
        {"RENAME", k, Key()},
        {"RENAMENX", k, Key()},
        {"LPUSH", k, e, n},
        {"RPUSH", k, e, n, e},
        {"LPUSHX", k, e},
        {"LPOP", k, "2"},
        {"RPOP", k},
        {"LSET", k, "0", n},
        {"LREM", k, "0", e},
        {"LTRIM", k, "0", "5"},
        {"LINSERT", k, "BEFORE", e, n},
        {"BLPOP", k, Key(), "0.01"},
        {"HSET", k, e, n, n, e},
        {"HSETNX", k, e, n},
        {"HDEL", k, e, n},
        {"HINCRBY", k, e, n},
        {"HINCRBYFLOAT", k, e, "0.25"},
        {"SADD", k, e, n},
        {"SREM", k, e},
        {"SPOP", k},
        {"SPOP", k, "2"},
        {"ZADD", k, n, e, "1.5", n},
        {"ZADD", k, "GT", "CH", n, e},
        {"ZADD", k, "INCR", n, e},
        {"ZINCRBY", k, "0.1", e},
        {"ZREM", k, e},
        {"ZPOPMIN", k},
        {"ZPOPMAX", k, "2"},
        {"XADD", k, "*", e, n},
        {"XADD", k, "MAXLEN", "5", "*", e, n},
        {"XDEL", k, "0-1"},
        {"SELECT", Draw(2) == 0 ? "0" : "1"},
        {"EVAL", "redis.call('SET', KEYS[1], ARGV[1]) redis.call('INCR', KEYS[2])", "2", k, Key(), n},
        {"EVAL", "return redis.call('RPUSH', KEYS[1], redis.call('TIME')[1])", "1", k},
        {"GET", k},
        {"FLUSHDB"},
    };
    // The last row, which ends everything, is drawn less often.
    return rows[Draw(40) == 0 ? rows.size() - 1 : Draw(rows.size() - 1)];
  }

  size_t Draw(size_t below) { return luck_() % below; }

 private:
  std::string Key() { return "key" + std::to_string(Draw(12)); }
  std::string Element() { return std::string(1 + Draw(3) * 40, static_cast<char>('a' + Draw(5))); }
  std::string Number() { return std::to_string(static_cast<int>(Draw(200)) - 50); }
  std::string Time() { return std::to_string(1 + Draw(500)); }

  std::mt19937_64 luck_;
};

class EffectLog : public testing::TestWithParam<bool> {};

TEST_P(EffectLog, IsEnoughForAReplicaAndALateReader) {
  const char* given = std::getenv("DUALIS_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE("DUALIS_TEST_SEED=" + std::to_string(seed));
  const EncodingLimits encodings = GetParam() ? EncodingLimits::AllExpanded() : EncodingLimits();

  const auto clock = std::make_shared<ManualClock>();
  const TimeMs start = clock->Now();
  Log log;
  const auto engine = Engine::Create({.seed = seed | 1, .clock = clock, .encodings = encodings, .effects = &log});
  auto session = engine->Connect();
  const auto sleeper = engine->Connect();
  Follower replica(clock, EncodingLimits());
  Generator generator(seed);

  for (int round = 0; round < 4000; ++round) {
    std::string what;
    switch (generator.Draw(20)) {
      case 0: {
        // Between the turns time passes; what is due dies now or when somebody looks.
        const auto delta = static_cast<TimeMs>(generator.Draw(300));
        what = "advance " + std::to_string(delta);
        if (generator.Draw(2) == 0) {
          engine->Advance(delta);
        } else {
          clock->Add(delta);
        }
        break;
      }
      case 1: {
        what = "MULTI ... EXEC";
        Say(*session, {"MULTI"});
        for (size_t i = generator.Draw(6); i > 0; --i) Say(*session, generator.Next());
        Say(*session, {"EXEC"});
        break;
      }
      case 2: {
        // A parked command, woken within the writer's turn.
        what = "BLPOP woken by RPUSH";
        const std::string key = "parked" + std::to_string(generator.Draw(3));
        Into<AnyReply> sink;
        const std::string db = std::to_string(generator.Draw(2));
        Say(*sleeper, {"SELECT", db});
        Say(*session, {"SELECT", db});
        const std::vector<Arg> blpop{"BLPOP", key, "0"};
        const Ticket ticket = sleeper->Submit(blpop, sink, nullptr);
        Say(*session, {"RPUSH", key, "a", "b"});
        sleeper->Cancel(ticket);
        break;
      }
      default: {
        const Words words = generator.Next();
        for (const std::string& word : words) what += word + " ";
        const std::string reply = ToText(Say(*session, words));
        what += "-> " + reply;
        if (words[0] != "EVAL") {
          EXPECT_EQ(reply.find("unknown command"), std::string::npos) << what;
        }
      }
    }
    replica.Follow(log);
    // Every step costs too much; a difference does not go away by itself.
    if (round % 50 == 0) {
      ASSERT_EQ(Contents(replica.engine()), Contents(*engine)) << "round " << round << ", last: " << what;
    }
  }
  ASSERT_EQ(Contents(replica.engine()), Contents(*engine));
  EXPECT_GT(log.entries.size(), 1000u);
  EXPECT_GT(log.units, 10);

  const auto standing = std::make_shared<ManualClock>(start);
  Follower reader(standing, encodings);
  reader.Follow(log);
  standing->Set(clock->Now());
  EXPECT_EQ(Contents(reader.engine()), Contents(*engine));
}

INSTANTIATE_TEST_SUITE_P(Encodings, EffectLog, testing::Bool(),
                         [](const auto& info) { return info.param ? "Expanded" : "Compact"; });

}  // namespace
}  // namespace dualis
