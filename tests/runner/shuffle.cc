#include "tests/runner/shuffle.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>
#include <stdexcept>

#include "tests/runner/words.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;
using Words = std::vector<std::string>;

bool IsOneOf(const std::string& word, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return IsWord(word, name); });
}

bool IsNear(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  // Also the years about now, and the day on which the manual clock starts.
  return (value > 0 && value < 100000) || (value > 1.6e9 && value < 2e9) || (value > 1.6e12 && value < 2e12);
}

bool DependsOnMore(const Words& words) {
  if (words.empty() || words[0].empty()) return true;
  if (IsOneOf(words[0], {"HELLO", "AUTH", "QUIT", "RESET", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE",
                         "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "BLPOP", "BRPOP", "COMMAND", "SCRIPT", "ACL",
                         "EVALSHA", "SELECT", "PUBLISH", "CLIENT", "SSUBSCRIBE", "SUNSUBSCRIBE", "SPUBLISH", "MONITOR",
                         "PSYNC", "SYNC", "MIGRATE", "CONFIG", "OBJECT",
                         // the state and the inner life of the server
                         "BGREWRITEAOF", "BGSAVE", "DUMP", "CLUSTER", "DEBUG", "FAILOVER", "FCALL", "FCALL_RO",
                         "FUNCTION", "INFO", "LASTSAVE", "LATENCY", "MEMORY", "MODULE", "PUBSUB", "READONLY",
                         "READWRITE", "REPLCONF", "REPLICAOF", "ROLE", "SAVE", "SHUTDOWN", "SLAVEOF", "SLOWLOG",
                         // these wait
                         "BLMOVE", "BLMPOP", "BRPOPLPUSH", "BZMPOP", "BZPOPMAX", "BZPOPMIN",
                         // the moment, the version
                         "TIME", "LOLWUT", "WAIT", "WAITAOF",
                         // cursors and steps are everyone's own
                         "HSCAN", "SCAN", "SSCAN", "ZSCAN",
                         // chance
                         "SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY",
                         // unspecified where scores differ
                         "ZRANGEBYLEX", "ZREVRANGEBYLEX", "ZLEXCOUNT", "ZREMRANGEBYLEX"})) {
    return true;
  }
  if (IsWord(words[0], "EVAL")) {
    if (words.size() < 2) return false;
    for (const char* part :
         {"random", "log", "clock", "time", "SELECT", "BLPOP", "BLOCK", "PX", "TTL", "RPUSH', KEYS[1], 'x'",
          "user_script", "1000", "while", "error", "string.", "cjson.", "redis.sha1hex"}) {
      if (words[1].find(part) != std::string::npos) return true;
    }
  }
  for (size_t i = 1; i < words.size(); ++i) {
    // A half-done PFADD to what turns out to be corrupt stays in redis-server; a set has no order to keep; and a number
    // beyond all bounds makes later SORTs fail there, which look at an old errno.
    if (words[i].starts_with("HYLL") || IsOneOf(words[i], {"nosort", "1e400", "1e-400"})) return true;
    // XREAD waits; XADD's ids are the clock's; what BYLEX gives where scores differ is unspecified.
    if (IsOneOf(words[i], {"BLOCK", "*", "BYLEX"})) return true;
    if (i + 1 < words.size() && IsOneOf(words[i], {"PX", "EX", "PXAT", "EXAT"}) && IsNear(words[i + 1])) return true;
  }
  // Moments; and what 7.2 does otherwise: a consumer is made by its first command even if that gets nothing, and XSETID
  // has one more rule.
  if (IsWord(words[0], "XPENDING") && words.size() > 3) return true;
  if (IsWord(words[0], "XINFO") && words.size() > 2) {
    if (IsOneOf(words[1], {"CONSUMERS", "GROUPS"}) || words.size() > 3) return true;
  }
  if (IsWord(words[0], "XGROUP") && words.size() > 1 && IsWord(words[1], "CREATECONSUMER")) return true;
  if (IsWord(words[0], "XSETID")) return true;
  if (IsOneOf(words[0], {"PEXPIRE", "EXPIRE", "SETEX", "PSETEX"}) && words.size() > 2 && IsNear(words[2])) return true;
  return false;
}

Order OrderOf(const Words& words) {
  if (IsOneOf(words[0], {"HGETALL"})) return Order::kFreePairs;
  if (IsOneOf(words[0], {"SMEMBERS", "SDIFF", "SINTER", "SUNION", "KEYS", "HKEYS", "HVALS", "EVAL"}))
    return Order::kFree;
  return Order::kAsGiven;
}

// Redis 7.0 prints scores with 17 digits, later ones with as few as needed: they are compared as numbers.
ReplyTree WithNumbers(ReplyTree reply) {
  if (reply.kind == Kind::kBulk && !reply.text.empty()) {
    char* end = nullptr;
    std::strtod(reply.text.c_str(), &end);
    if (*end == 0) reply.kind = Kind::kDouble;
  }
  for (ReplyTree& child : reply.children) child = WithNumbers(std::move(child));
  return reply;
}

bool Agree(const CaseFront& front, const Words& words, const ReplyTree& oracle, const ReplyTree& b) {
  const ReplyTree a = front.Narrow(words, oracle);
  if (IsOneOf(words[0], {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"}) && a.kind == Kind::kInteger &&
      b.kind == Kind::kInteger) {
    return std::min<int64_t>(a.integer, 0) == std::min<int64_t>(b.integer, 0);
  }
  // SORT ALPHA compares up to a zero byte, and what is equal stays in no order.
  const auto has_zero = [](const ReplyTree& element) { return element.text.find('\0') != std::string::npos; };
  if (IsOneOf(words[0], {"SORT", "SORT_RO"}) && std::any_of(a.children.begin(), a.children.end(), has_zero)) {
    return Matches(a, b, Order::kFree);
  }
  if (words[0].substr(0, 1) == "Z" || IsWord(words[0], "EVAL"))
    return Matches(WithNumbers(a), WithNumbers(b), OrderOf(words));
  return Matches(a, b, OrderOf(words));
}

// Reads everything back.
std::vector<Words> Inventory(CaseFront& front) {
  std::vector<Words> reads;
  const ReplyTree keys = SortedForRecording(front.Execute(1, {"KEYS", "*"}), Order::kFree);
  reads.push_back({"KEYS", "*"});
  for (const ReplyTree& key : keys.children) {
    const std::string type = front.Execute(1, {"TYPE", key.text}).text;
    reads.push_back({"TYPE", key.text});
    reads.push_back({"PTTL", key.text});
    if (type == "string") reads.push_back({"GET", key.text});
    if (type == "list") reads.push_back({"LRANGE", key.text, "0", "-1"});
    if (type == "hash") reads.push_back({"HGETALL", key.text});
    if (type == "set") reads.push_back({"SMEMBERS", key.text});
    if (type == "zset") reads.push_back({"ZRANGE", key.text, "0", "-1", "WITHSCORES"});
    if (type == "stream") reads.push_back({"XRANGE", key.text, "-", "+"});
  }
  return reads;
}

struct Difference {
  size_t at;  // index of the command; commands.size() for the inventory
  Words words;
  ReplyTree expected, actual;
};

std::optional<Difference> Compare(CaseFront& front, CaseFront& oracle, const std::vector<Words>& commands,
                                  const Replay& replay) {
  front.Begin(replay);
  oracle.Begin(replay);
  for (size_t i = 0; i < commands.size(); ++i) {
    ReplyTree expected = oracle.Execute(1, commands[i]);
    ReplyTree actual = front.Execute(1, commands[i]);
    if (!Agree(front, commands[i], expected, actual)) return Difference{i, commands[i], expected, actual};
  }
  for (const Words& words : Inventory(oracle)) {
    ReplyTree expected = oracle.Execute(1, words);
    ReplyTree actual = front.Execute(1, words);
    if (!Agree(front, words, expected, actual)) return Difference{commands.size(), words, expected, actual};
  }
  front.End();
  oracle.End();
  return std::nullopt;
}

std::vector<Words> CutDown(CaseFront& front, CaseFront& oracle, std::vector<Words> commands, const Replay& replay) {
  for (size_t chunk = commands.size() / 2; chunk > 0; chunk /= 2) {
    for (size_t at = 0; at + chunk <= commands.size();) {
      std::vector<Words> fewer = commands;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(at), fewer.begin() + static_cast<ptrdiff_t>(at + chunk));
      if (Compare(front, oracle, fewer, replay)) {
        commands = std::move(fewer);
      } else {
        at += chunk;
      }
    }
  }
  return commands;
}

std::string Line(const Words& words) {
  std::string line = ">";
  for (const std::string& word : words) line += " " + Quote(word);
  if (line.size() > 400) line = line.substr(0, 400) + " ...";
  return line + "\n";
}

std::string Text(const ReplyTree& reply) {
  std::string text;
  for (const std::string& line : PrintReply(reply)) text += line + "\n";
  return text.size() > 2000 ? text.substr(0, 2000) + "...\n" : text;
}

}  // namespace

void CollectCommands(const Case& c, std::vector<std::vector<std::string>>* commands) {
  if (c.since > 700 || c.before != 0 || !c.config.empty()) return;
  for (const Step& step : c.steps) {
    if (step.kind == Step::Kind::kCommand && !DependsOnMore(step.words)) commands->push_back(step.words);
  }
}

bool RunShuffle(CaseFront& front, CaseFront& oracle, const std::vector<std::vector<std::string>>& commands,
                const Shuffle& shuffle, const Complain& complain) {
  if (commands.empty()) throw std::runtime_error("there are no commands to shuffle");
  const std::vector<int> spoken = front.protocols();
  size_t failed = 0;
  for (size_t round = 0; round < shuffle.rounds; ++round) {
    std::mt19937_64 random(shuffle.seed + round);
    std::vector<Words> sequence;
    while (sequence.size() < shuffle.length) {
      const Words& words = commands[random() % commands.size()];
      if (IsWord(words[0], "FLUSHALL") && random() % 8 != 0) continue;
      sequence.push_back(words);
      // Half of the time the same key again: commands meet more often.
      if (words.size() > 1 && random() % 2 == 0) {
        for (int tries = 0; tries < 20; ++tries) {
          const Words& next = commands[random() % commands.size()];
          if (next.size() < 2 || next[1] != words[1]) continue;
          sequence.push_back(next);
          break;
        }
      }
    }
    Replay replay;
    replay.protocol = spoken[round % spoken.size()];
    replay.encoding = round / 2 % 2 == 0 ? Encoding::kCompact : Encoding::kExpanded;
    auto difference = Compare(front, oracle, sequence, replay);
    if (!difference) continue;
    if (difference->at < sequence.size()) sequence.resize(difference->at + 1);
    sequence = CutDown(front, oracle, std::move(sequence), replay);
    difference = Compare(front, oracle, sequence, replay);
    std::string text = "seed " + std::to_string(shuffle.seed + round) + ", RESP" + std::to_string(replay.protocol) +
                       (replay.encoding == Encoding::kCompact ? ", compact\n" : ", expanded\n");
    for (const Words& words : sequence) text += Line(words);
    if (difference) {
      if (difference->at == sequence.size()) text += Line(difference->words);
      text += Text(difference->expected) + "    but the front says\n" + Text(difference->actual);
    }
    complain(text);
    if (++failed == 10) break;  // enough to read
  }
  return failed == 0;
}

}  // namespace dualis::cases
