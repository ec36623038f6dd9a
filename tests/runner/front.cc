#include "tests/runner/front.h"

#include <algorithm>
#include <initializer_list>

namespace dualis::cases {
namespace {

bool IsOneOf(std::string_view word, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return IsWord(word, name); });
}

}  // namespace

std::string_view LeftOutName(LeftOut reason) {
  switch (reason) {
    case LeftOut::kVersion:
      return "another version";
    case LeftOut::kManualClock:
      return "manual clock";
    case LeftOut::kProtocol:
      return "protocol";
    case LeftOut::kEncoding:
      return "encoding";
    case LeftOut::kConfig:
      return "setting";
    case LeftOut::kBlocking:
      return "blocking";
    case LeftOut::kSeveral:
      return "several connections";
    case LeftOut::kPubSub:
      return "subscriptions";
    case LeftOut::kTransaction:
      return "transactions";
    case LeftOut::kScript:
      return "scripts";
    case LeftOut::kConnection:
      return "connection state";
    case LeftOut::kPrefix:
      return "no prefix possible";
    case LeftOut::kUntyped:
      return "not expressible";
    case LeftOut::kExcepted:
      return "excepted by the case";
  }
  return "?";
}

bool IsWord(std::string_view word, std::string_view name) {
  return std::equal(word.begin(), word.end(), name.begin(), name.end(), [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(a) == lower(b);
  });
}

Needs NeedsOf(const Case& c) {
  Needs needs;
  for (const Step& step : c.steps) {
    if (step.connection != 1) needs.several_connections = true;
    if (step.kind == Step::Kind::kReceive) needs.blocking = true;
    if (step.kind == Step::Kind::kConnect || step.kind == Step::Kind::kDisconnect) needs.connection = true;
    if (step.words.empty()) continue;
    const std::string& name = step.words[0];
    if (IsOneOf(name, {"BLPOP", "BRPOP", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"})) needs.blocking = true;
    if (IsOneOf(name, {"XREAD", "XREADGROUP"})) {
      for (const std::string& word : step.words) needs.blocking |= IsWord(word, "BLOCK");
    }
    if (IsOneOf(name, {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE"})) {
      needs.pubsub = true;
    }
    if (IsOneOf(name, {"MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH"})) needs.transaction = true;
    if (IsOneOf(name, {"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "SCRIPT", "FCALL", "FCALL_RO", "FUNCTION"})) {
      needs.script = true;
    }
    if (IsOneOf(name, {"ACL", "BGREWRITEAOF", "BGSAVE", "CLUSTER", "CONFIG", "FAILOVER", "REPLCONF", "REPLICAOF",
                       "SLAVEOF", "DEBUG", "LATENCY", "MODULE", "MONITOR", "ROLE", "SAVE", "SHUTDOWN"})) {
      needs.no_script = true;
    }
    if (IsOneOf(name, {"HELLO", "AUTH", "RESET", "QUIT", "SELECT", "CLIENT", "MONITOR", "SYNC", "PSYNC", "ASKING",
                       "READONLY", "READWRITE"}))
      needs.connection = true;
  }
  return needs;
}

}  // namespace dualis::cases
