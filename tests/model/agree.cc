#include "tests/model/agree.h"

#include <algorithm>
#include <cstdlib>

#include "tests/runner/front.h"
#include "tests/runner/match.h"

namespace dualis::model {
namespace {

using cases::IsWord;
using cases::Matches;
using cases::Order;
using cases::ReplyTree;
using Kind = ReplyTree::Kind;
using Words = std::vector<std::string>;

bool IsOneOf(const std::string& word, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return IsWord(word, name); });
}

Order OrderOf(const Words& words) {
  if (IsOneOf(words[0], {"HGETALL", "HSCAN", "ZSCAN"})) return Order::kFreePairs;
  if (IsOneOf(words[0], {"SMEMBERS", "KEYS", "HKEYS", "HVALS", "SUNION", "SINTER", "SDIFF", "SCAN", "SSCAN"}))
    return Order::kFree;
  return Order::kAsGiven;
}

// Doubles are printed with 17 digits by 7.0 and with as few as needed later: what reads as a number is compared as one.
ReplyTree WithNumbers(ReplyTree reply) {
  if (reply.kind == Kind::kBulk && !reply.text.empty()) {
    char* end = nullptr;
    std::strtod(reply.text.c_str(), &end);
    if (*end == 0) reply.kind = Kind::kDouble;
  }
  for (ReplyTree& child : reply.children) child = WithNumbers(std::move(child));
  return reply;
}

bool HasNumbers(const Words& words) {
  return (words[0][0] | 0x20) == 'z' ||
         IsOneOf(words[0], {"GEOPOS", "GEODIST", "GEORADIUS", "GEORADIUS_RO", "GEORADIUSBYMEMBER",
                            "GEORADIUSBYMEMBER_RO", "GEOSEARCH", "BZPOPMIN", "BZPOPMAX", "BZMPOP"});
}

// The same tree with integers that may differ by what time passed, or by the inner workings, taken out.
ReplyTree WithoutMoments(ReplyTree reply) {
  for (size_t i = 0; i < reply.children.size(); ++i) {
    ReplyTree& child = reply.children[i];
    if (i + 1 < reply.children.size() && (child.text == "inactive" || child.text == "active-time")) {
      // Of 7.2.
      const auto at = reply.children.begin() + static_cast<ptrdiff_t>(i--);
      reply.children.erase(at, at + 2);
      continue;
    }
    if (child.kind == Kind::kBulk && i + 1 < reply.children.size() &&
        (child.text == "idle" || child.text == "seen-time" || child.text.substr(0, 10) == "radix-tree")) {
      reply.children[i + 1] = ReplyTree::Of(Kind::kNull);
    }
    child = WithoutMoments(std::move(child));
  }
  if (reply.kind == Kind::kInteger && reply.integer > 1600000000000) reply.integer = 1;  // a moment in milliseconds
  return reply;
}

bool IsNear(const ReplyTree& a, const ReplyTree& b, int64_t distance) {
  return a.kind == Kind::kInteger && b.kind == Kind::kInteger && (a.integer < 0) == (b.integer < 0) &&
         std::llabs(a.integer - b.integer) <= distance;
}

}  // namespace

const std::vector<KnownDifference>& KnownDifferences() {
  static const std::vector<KnownDifference> kKnown = {
      {"7.2 keeps small sets that are not all integers in a listpack",
       [](const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
         return IsWord(words[0], "OBJECT") && oracle.text == "hashtable" && engine.text == "listpack";
       }},
      {"7.2 keeps small lists in a listpack",
       [](const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
         return IsWord(words[0], "OBJECT") && oracle.text == "quicklist" && engine.text == "listpack";
       }},
      {"A set has no order that SORT BY a constant could keep",
       [](const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
         if (!IsOneOf(words[0], {"SORT", "SORT_RO"}) || oracle.kind != Kind::kArray || engine.kind != Kind::kArray) {
           return false;
         }
         const auto by = std::find_if(words.begin(), words.end(), [](const auto& word) { return IsWord(word, "BY"); });
         return by != words.end() && by + 1 != words.end() && by[1].find('*') == std::string::npos &&
                oracle.children.size() == engine.children.size();
       }},
      {"A copy of a small integer is not shared in Redis",
       [](const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
         return IsWord(words[0], "OBJECT") && words.size() > 1 && IsWord(words[1], "REFCOUNT") &&
                oracle.kind == Kind::kInteger && engine.kind == Kind::kInteger;
       }},
      {"7.2 does not set the last id of a stream below the greatest that was deleted",
       [](const Words& words, const ReplyTree&, const ReplyTree& engine) {
         return IsWord(words[0], "XSETID") && engine.text.find("current max_deleted_entry_id") != std::string::npos;
       },
       true},
      {"Redis' SORT takes an ERANGE that another command left in errno for its own",
       [](const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
         return IsOneOf(words[0], {"SORT", "SORT_RO"}) && engine.kind != Kind::kError &&
                oracle.text.find("scores can't be converted") != std::string::npos;
       },
       true},
  };
  return kKnown;
}

void Agreement::Reset() {
  parted_ = false;
  for (auto& queue : queued_) queue.clear();
}

bool Agreement::Agree(int connection, const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
  auto& queue = queued_[connection];
  if (oracle.kind == Kind::kStatus && oracle.text == "QUEUED") {
    queue.push_back(words);
    return engine.kind == Kind::kStatus && engine.text == "QUEUED";
  }
  if (IsOneOf(words[0], {"MULTI", "DISCARD"}) && oracle.kind == Kind::kStatus) queue.clear();
  if (IsWord(words[0], "EXEC") && oracle.kind == Kind::kArray) {
    const std::vector<Words> run = std::exchange(queue, {});
    if (engine.kind != Kind::kArray || oracle.children.size() != run.size() || engine.children.size() != run.size()) {
      return false;
    }
    for (size_t i = 0; i < run.size(); ++i) {
      if (!Same(run[i], oracle.children[i], engine.children[i])) return false;
    }
    return true;
  }
  if (IsWord(words[0], "EXEC")) queue.clear();
  return Same(words, oracle, engine);
}

bool Agreement::Same(const Words& words, const ReplyTree& oracle, const ReplyTree& engine) {
  if (IsWord(words[0], "EVAL") && words.size() > 3 && words[3] != "") {
    // Scripts hand on the reply of the command in their arguments.
    const Words inner(words.begin() + 3, words.end());
    if (oracle.kind == Kind::kArray && engine.kind == Kind::kArray && oracle.children.size() == 2 &&
        engine.children.size() == 2 && oracle.children[0] == ReplyTree::Integer(1)) {
      return Same(inner, oracle.children[1], engine.children[1]);
    }
    return Same(inner, oracle, engine);
  }
  for (const KnownDifference& known : KnownDifferences()) {
    if (!known.is(words, oracle, engine)) continue;
    parted_ |= known.parts;
    return true;
  }
  if (IsOneOf(words[0], {"PTTL", "PEXPIRETIME"}) && IsNear(oracle, engine, 5000)) return true;
  if (IsOneOf(words[0], {"TTL", "EXPIRETIME", "TOUCH"}) && IsNear(oracle, engine, 5)) return true;
  if (IsWord(words[0], "OBJECT") && words.size() > 1 && IsWord(words[1], "IDLETIME") && oracle.kind == engine.kind)
    return true;
  if (IsWord(words[0], "XINFO") && oracle.kind != Kind::kError) {
    return Matches(WithoutMoments(oracle), WithoutMoments(engine), Order::kAsGiven);
  }
  if (IsWord(words[0], "XPENDING") && oracle.kind == Kind::kArray && words.size() > 3) {
    ReplyTree a = oracle, b = engine;
    for (ReplyTree* reply : {&a, &b}) {
      for (ReplyTree& entry : reply->children) {
        if (entry.children.size() == 4 && entry.children[2].integer < 60000) entry.children[2].integer = 0;  // idle ms
      }
    }
    return Matches(a, b, Order::kAsGiven);
  }
  Error unknown;
  std::vector<Arg> argv(words.begin(), words.end());
  const CommandRow* row = table_.Find(argv, &unknown);
  if (row != nullptr && row->is(kVolatileReply) && oracle.kind != Kind::kError) {
    return oracle.kind == engine.kind && oracle.children.size() == engine.children.size();
  }
  if (HasNumbers(words)) return Matches(WithNumbers(oracle), WithNumbers(engine), OrderOf(words));
  return Matches(oracle, engine, OrderOf(words));
}

}  // namespace dualis::model
