// Effects: what an engine hands to a log, replayed into another engine, makes the same keyspace. Commands with a choice
// in them (SPOP, XADD *, relative expiries, blocking pops, approximate trims) must have made it by then.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/engine.h"
#include "engine/core/rng.h"

namespace dualis {
namespace {

using Words = std::vector<std::string>;

// Keeps the effects, as words.
class EffectLog : public EffectSink {
 public:
  void Effect(int db, Args argv) override {
    Words words;
    char buffer[Arg::kTextBytes];
    for (const Arg& arg : argv) words.emplace_back(arg.Text(buffer));
    effects.emplace_back(db, std::move(words));
  }
  std::vector<std::pair<int, Words>> effects;
};

std::string Join(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

std::string Since(const EffectLog& log, size_t from) {
  std::string text;
  for (; from < log.effects.size(); ++from) text += "\n" + Join(log.effects[from].second);
  return text;
}

AnyReply Execute(Session& session, const Words& words) {
  const std::vector<Arg> argv(words.begin(), words.end());
  Into<AnyReply> sink;
  session.Execute(argv, sink);
  auto reply = std::move(sink).Take();
  if (reply) return *reply;
  AnyReply error;
  error.kind = AnyReply::Kind::kError;
  error.text = reply.error().message();
  return error;
}

// Entries, counters and groups. Not when consumers were seen, nor what depends on blocks.
AnyReply DumpStream(Session& session, const std::string& key) {
  AnyReply all;
  all.kind = AnyReply::Kind::kArray;
  all.elements.push_back(Execute(session, {"XRANGE", key, "-", "+"}));
  const AnyReply info = Execute(session, {"XINFO", "STREAM", key});
  for (size_t i = 0; i + 1 < info.elements.size(); i += 2) {
    const std::string& name = info.elements[i].text;
    if (name == "last-generated-id" || name == "max-deleted-entry-id" || name == "entries-added") {
      all.elements.push_back(info.elements[i + 1]);
    }
  }
  const AnyReply groups = Execute(session, {"XINFO", "GROUPS", key});
  all.elements.push_back(groups);
  for (const AnyReply& group : groups.elements) {
    all.elements.push_back(Execute(session, {"XPENDING", key, group.elements[1].text, "-", "+", "1000"}));
  }
  return all;
}

// Everything that the engine holds, as text.
std::string Dump(Session& session) {
  std::vector<std::string> keys;
  for (const AnyReply& key : Execute(session, {"KEYS", "*"}).elements) keys.push_back(key.text);
  std::sort(keys.begin(), keys.end());
  std::string dump;
  for (const std::string& key : keys) {
    const std::string type = Execute(session, {"TYPE", key}).text;
    AnyReply value;
    if (type == "string") value = Execute(session, {"GET", key});
    if (type == "list") value = Execute(session, {"LRANGE", key, "0", "-1"});
    if (type == "zset") value = Execute(session, {"ZRANGE", key, "0", "-1", "WITHSCORES"});
    if (type == "stream") value = DumpStream(session, key);
    if (type == "set") value = Execute(session, {"SMEMBERS", key});
    if (type == "hash") {
      const AnyReply all = Execute(session, {"HGETALL", key});
      for (size_t i = 0; i + 1 < all.elements.size(); i += 2) {
        AnyReply pair;
        const std::string& field = all.elements[i].text;
        const AnyReply dies = Execute(session, {"HPEXPIRETIME", key, "FIELDS", "1", field});
        pair.text = field + "=" + all.elements[i + 1].text + "@" + ToText(dies);
        pair.kind = AnyReply::Kind::kBytes;
        value.elements.push_back(pair);
      }
      value.kind = AnyReply::Kind::kArray;
    }
    if (type == "set" || type == "hash") {
      std::sort(value.elements.begin(), value.elements.end(),
                [](const AnyReply& a, const AnyReply& b) { return a.text < b.text; });
    }
    dump += key + " " + type + " " + ToText(Execute(session, {"PEXPIRETIME", key})) + " " + ToText(value) + "\n";
  }
  return dump;
}

class Commands {
 public:
  explicit Commands(uint64_t seed) : rng_(seed) {}

  Words Next() {
    if (rng_.Uniform(5) == 0) return NextOfMore();
    switch (rng_.Uniform(84)) {
      case 0:
        return {"SET", Key('s'), Word()};
      case 1:
        return {"SET", Key('s'), Number(), "PX", Millis()};
      case 2:
        return {"SET", Key('s'), Word(), "XX", "GET", "KEEPTTL"};
      case 3:
        return {"INCRBYFLOAT", Key('s'), "0.1"};
      case 4:
        return {"INCRBY", Key('s'), Number()};
      case 5:
        return {"GETEX", Key('s'), "EX", "5"};
      case 6:
        return {"GETDEL", Key('s')};
      case 7:
        return {"APPEND", Key('s'), Word()};
      case 8:
        return {"PEXPIRE", Key("slhzmx"[rng_.Uniform(6)]), Millis(), rng_.Uniform(2) ? "NX" : "GT"};
      case 9:
        return {"PERSIST", Key("slhzmx"[rng_.Uniform(6)])};
      case 10:
        return {"DEL", Key("slhzmx"[rng_.Uniform(6)])};
      case 11:
        return {"RENAME", Key('l'), Key('l')};
      case 12:
        return {"LPUSH", Key('l'), Word(), Word()};
      case 13:
        return {"RPUSH", Key('l'), Word(), Number()};
      case 14:
        return {"LPOP", Key('l'), "2"};
      case 15:
        return {"RPOP", Key('l')};
      case 16:
        return {"LSET", Key('l'), "0", Word()};
      case 17:
        return {"LREM", Key('l'), "-1", Word()};
      case 18:
        return {"LTRIM", Key('l'), "0", "5"};
      case 19:
        return {"LINSERT", Key('l'), "AFTER", Word(), Word()};
      case 20:
        return {"HSET", Key('h'), Word(), Number(), Word(), Word()};
      case 21:
        return {"HDEL", Key('h'), Word(), Word()};
      case 22:
        return {"HINCRBY", Key('h'), Word(), Number()};
      case 23:
        return {"HINCRBYFLOAT", Key('h'), Word(), "3.3"};
      case 24:
        return {"HSETNX", Key('h'), Word(), Word()};
      case 25:
        return {"SADD", Key('m'), Word(), Number(), Word()};
      case 26:
        return {"SREM", Key('m'), Word(), Number()};
      case 27:
        return {"SPOP", Key('m')};
      case 28:
        return {"SPOP", Key('m'), "3"};
      case 29:
        return {"SMOVE", Key('m'), Key('m'), Word()};
      case 30:
        return {"ZADD", Key('z'), Number(), Word(), "1.5", Word()};
      case 31:
        return {"ZADD", Key('z'), "GT", "CH", Number(), Word()};
      case 32:
        return {"ZADD", Key('z'), "XX", "INCR", "0.1", Word()};
      case 33:
        return {"ZINCRBY", Key('z'), "0.7", Word()};
      case 34:
        return {"ZPOPMIN", Key('z')};
      case 35:
        return {"ZPOPMAX", Key('z'), "2"};
      case 36:
        return {"ZREM", Key('z'), Word(), Word()};
      case 37:
        return {"ZREMRANGEBYRANK", Key('z'), "0", "1"};
      case 38:
        return {"XADD", Key('x'), "*", Word(), Word()};
      case 39:
        return {"XADD", Key('x'), "MAXLEN", "~", "7", "LIMIT", "10", "*", "field", Word()};
      case 40:
        return {"XADD", Key('x'), "MAXLEN", "5", "*", "field", Word()};
      case 41:
        return {"XADD", Key('x'), "NOMKSTREAM", "99999999999999-*", Word(), Word()};
      case 42:
        return {"XTRIM", Key('x'), "MAXLEN", "~", "3"};
      case 43:
        return {"BLPOP", Key('l'), Key('l'), "0"};
      case 44:
        return {"BRPOP", Key('l'), "1"};
      case 45:
        return {"LMOVE", Key('l'), Key('l'), "LEFT", "RIGHT"};
      case 46:
        return {"RPOPLPUSH", Key('l'), Key('l')};
      case 47:
        return {"BLMOVE", Key('l'), Key('l'), "RIGHT", "RIGHT", "0"};
      case 48:
        return {"BRPOPLPUSH", Key('l'), Key('l'), "1"};
      case 49:
        return {"LMPOP", "2", Key('l'), Key('l'), "RIGHT", "COUNT", "2"};
      case 50:
        return {"BLMPOP", "0", "2", Key('l'), Key('l'), "LEFT"};
      case 51:
        return {"SINTERSTORE", Key("ms"[rng_.Uniform(2)]), Key('m'), Key('m')};
      case 52:
        return {"SUNIONSTORE", Key("ml"[rng_.Uniform(2)]), Key('m'), Key('m')};
      case 53:
        return {"SDIFFSTORE", Key('m'), Key('m'), Key('m')};
      case 54:
        return {"ZUNIONSTORE", Key('z'), "2", Key('z'), Key("zm"[rng_.Uniform(2)]), "WEIGHTS", "2", "0.1"};
      case 55:
        return {"ZINTERSTORE", Key("zs"[rng_.Uniform(2)]), "2", Key('z'), Key('z')};
      case 56:
        return {"ZDIFFSTORE", Key('z'), "2", Key('z'), Key('z')};
      case 57:
        return {"ZRANGESTORE", Key('z'), Key('z'), "0", "3", "REV"};
      case 58:
        return {"ZMPOP", "2", Key('z'), Key('z'), "MAX", "COUNT", "2"};
      case 59:
        return {"BZPOPMIN", Key('z'), Key('z'), "0"};
      case 60:
        return {"BZMPOP", "1", "1", Key('z'), "MAX"};
      case 61:
      case 62:
        return {"XGROUP", "CREATE", Key('x'), Group(), "0", "MKSTREAM"};
      case 63:
      case 64:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "COUNT", "2", "STREAMS", Key('x'), ">"};
      case 65:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "NOACK", "COUNT", "1", "STREAMS", Key('x'), ">"};
      case 66:
      case 67:
        return {"XREADGROUP", "GROUP", Group(), Consumer(), "BLOCK", "0", "STREAMS", Key('x'), ">"};
      case 68:
        return {"XAUTOCLAIM", Key('x'), Group(), Consumer(), rng_.Uniform(2) ? "0" : "300", "0", "COUNT", "2"};
      case 69:
        return {"XGROUP", "SETID", Key('x'), Group(), rng_.Uniform(2) ? "0" : "$"};
      case 70:
        return {"XGROUP", rng_.Uniform(2) ? "DELCONSUMER" : "CREATECONSUMER", Key('x'), Group(), Consumer()};
      case 71:
        return {"XGROUP", "DESTROY", Key('x'), Group()};
      case 72:
      case 73:
        return {"EVAL",
                "local e = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1] "
                "if e then redis.call('XDEL', KEYS[1], e[1]) end",
                "1", Key('x')};
      case 74:
      case 75:
        return {"EVAL",
                "local p = redis.pcall('XPENDING', KEYS[1], ARGV[1], '-', '+', 1) "
                "if p[1] then redis.call(unpack(ARGV[2] == 'XACK' and {'XACK', KEYS[1], ARGV[1], p[1][1]} or "
                "{'XCLAIM', KEYS[1], ARGV[1], 'x', 0, p[1][1], 'IDLE', 50, 'LASTID', p[1][1]})) end",
                "1",
                Key('x'),
                Group(),
                rng_.Uniform(2) ? "XACK" : "XCLAIM"};
      case 76:
        return {"HPEXPIRE", Key('h'), Millis(), "FIELDS", "2", Word(), Word()};
      case 77:
        return {"HPEXPIRE", Key('h'), Millis(), rng_.Uniform(2) ? "LT" : "NX", "FIELDS", "1", Word()};
      case 78:
        return {"HEXPIRE", Key('h'), rng_.Uniform(3) ? "2" : "0", "FIELDS", "1", Word()};
      case 79:
        return {"HPERSIST", Key('h'), "FIELDS", "2", Word(), Word()};
      case 80:
        return {"GEOADD", Key('z'), "CH", "1." + Number(), "2." + Number(), Word(), "3", "4", Word()};
      case 81:
        return {"GEOSEARCHSTORE", Key('z'), Key('z'), "FROMLONLAT", "1.5", "2.5", "BYRADIUS", "60", "km", "STOREDIST"};
      default:
        return {"SELECT", std::to_string(rng_.Uniform(2))};
    }
  }

 private:
  // Strings as bits and counters, and what goes from key to key.
  Words NextOfMore() {
    switch (rng_.Uniform(18)) {
      case 0:
        return {"SETEX", Key('s'), "2", Word()};
      case 1:
        return {"PSETEX", Key('s'), std::to_string(1 + rng_.Uniform(3000)), Word()};
      case 2:
        return {"MSETNX", Key('s'), Word(), Key('s'), Number()};
      case 3:
        return {"GETSET", Key('s'), Number()};
      case 4:
        return {"SETBIT", Key('s'), Number(), rng_.Uniform(2) ? "0" : "1"};
      case 5:
        return {"BITOP", rng_.Uniform(2) ? "XOR" : "AND", Key('s'), Key('s'), Key('s')};
      case 6:
        return {"BITFIELD", Key('s'), "OVERFLOW", "FAIL", "INCRBY", "u3", Number(), "5", "SET", "i9", "#1", Number()};
      case 7:
        return {"PFADD", Key('p'), Word(), Word()};
      case 8:
        return {"PFMERGE", Key('p'), Key('p')};
      case 9:
        return {"PFCOUNT", Key('p')};
      case 10:
        return {"COPY", Key("slhzmx"[rng_.Uniform(6)]), Key("slhzmx"[rng_.Uniform(6)]), "REPLACE"};
      case 11:
        return {"COPY", Key("slhzmx"[rng_.Uniform(6)]), Key('s'), "DB", "1"};
      case 12:
        return {"MOVE", Key("slhzmx"[rng_.Uniform(6)]), "1"};
      case 13:
        return {"SWAPDB", "0", "1"};
      case 14:
        return {"SORT", Key('m'), "BY", "nosort", "GET", "#", "GET", "s*", "STORE", Key('l')};
      case 15:
        return {"SORT", Key('l'), "ALPHA", "LIMIT", "0", "5", "STORE", Key('l')};
      case 16:
        return {"SORT", Key('z'), "BY", "s*", "ALPHA", "DESC", "STORE", Key('l')};
      default:
        return {"PFDEBUG", "TODENSE", Key('p')};
    }
  }
  std::string Key(char kind) { return std::string(1, kind) + std::to_string(rng_.Uniform(3)); }
  std::string Group() { return "g" + std::to_string(rng_.Uniform(2)); }
  std::string Consumer() { return "c" + std::to_string(rng_.Uniform(3)); }
  std::string Word() { return "w" + std::to_string(rng_.Uniform(12)); }
  std::string Number() { return std::to_string(rng_.Uniform(30)); }
  std::string Millis() { return std::to_string(rng_.Uniform(4000)); }

  Rng rng_;
};

bool Waits(const Words& words) {
  return words[0][0] == 'B' || std::find(words.begin(), words.end(), "BLOCK") != words.end();
}

Options WithLimits(bool expanded, std::shared_ptr<Clock> clock, uint64_t seed, EffectSink* effects) {
  Options options;
  options.clock = std::move(clock);
  options.seed = seed;
  options.effects = effects;
  if (expanded) options.encodings = EncodingLimits::AllExpanded();
  options.encodings.stream_node_max_entries = 4;
  return options;
}

TEST(Effects, ReplayedTheyMakeTheSameKeyspace) {
  const uint64_t seed = std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (int round = 0; round < 30; ++round) {
    const auto clock = std::make_shared<ManualClock>();
    EffectLog log;
    auto engine = Engine::Create(WithLimits(round % 2, clock, seed, &log));
    // The copy has other encodings and other random numbers.
    auto copy = Engine::Create(WithLimits(round % 3 == 0, clock, seed + 1, nullptr));
    auto session = engine->Connect();
    auto replay = copy->Connect();
    Commands commands(seed + static_cast<uint64_t>(round));
    Rng rng(seed);
    std::vector<std::unique_ptr<Session>> sleepers;
    std::vector<std::unique_ptr<Into<AnyReply>>> sinks;
    size_t replayed = 0;
    const auto replay_all = [&] {
      for (; replayed < log.effects.size(); ++replayed) {
        const auto& [db, effect] = log.effects[replayed];
        Execute(*replay, {"SELECT", std::to_string(db)});
        const AnyReply reply = Execute(*replay, effect);
        ASSERT_NE(reply.kind, AnyReply::Kind::kError) << reply.text << " to " << Join(effect);
      }
    };
    for (int step = 0; step < 300; ++step) {
      const size_t before = log.effects.size();
      const bool multi = rng.Uniform(20) == 0;
      if (multi) Execute(*session, {"MULTI"});
      Words words;
      for (uint64_t n = multi ? 3 : 1; n > 0; --n) {
        words = commands.Next();
        if (Waits(words) && !multi) {
          auto& sleeper = *sleepers.emplace_back(engine->Connect());
          const std::vector<Arg> argv(words.begin(), words.end());
          sleeper.Submit(argv, *sinks.emplace_back(std::make_unique<Into<AnyReply>>()), [] {});
        } else {
          Execute(*session, words);
        }
      }
      if (multi) Execute(*session, {"EXEC"});
      replay_all();  // before time passes: an effect finds what its command found
      if (rng.Uniform(5) == 0) engine->Advance(static_cast<TimeMs>(rng.Uniform(700)));
      replay_all();
      for (const char* db : {"0", "1"}) {
        auto look = engine->Connect();
        auto look_copy = copy->Connect();
        Execute(*look, {"SELECT", db});
        Execute(*look_copy, {"SELECT", db});
        ASSERT_EQ(Dump(*look), Dump(*look_copy)) << "after " << Join(words) << "with the effects" << Since(log, before);
      }
    }
    sleepers.clear();
  }
}

}  // namespace
}  // namespace dualis
