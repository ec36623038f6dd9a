#include "tests/runner/wrapping_fronts.h"

#include <stdexcept>

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

}  // namespace

std::optional<LeftOut> MultiFront::Refuses(const Case& c) const {
  const Needs needs = NeedsOf(c);
  if (needs.transaction) return LeftOut::kTransaction;
  if (needs.pubsub) return LeftOut::kPubSub;
  if (needs.blocking) return LeftOut::kBlocking;
  if (needs.connection) return LeftOut::kConnection;
  return inner().Refuses(c);
}

ReplyTree MultiFront::Execute(int connection, const std::vector<std::string>& words) {
  inner().Execute(connection, {"MULTI"});
  const ReplyTree queued = inner().Execute(connection, words);
  if (queued.kind == Kind::kError) {
    inner().Execute(connection, {"DISCARD"});
    return queued;
  }
  ReplyTree replies = inner().Execute(connection, {"EXEC"});
  if (queued != ReplyTree::Status("QUEUED") || replies.kind != Kind::kArray || replies.children.size() != 1) {
    throw std::runtime_error("MULTI, " + words[0] + ", EXEC did not give one reply");
  }
  return std::move(replies.children[0]);
}

std::optional<LeftOut> LuaFront::Refuses(const Case& c) const {
  const Needs needs = NeedsOf(c);
  if (needs.script || needs.no_script) return LeftOut::kScript;
  if (needs.transaction) return LeftOut::kTransaction;
  if (needs.pubsub) return LeftOut::kPubSub;
  if (needs.blocking) return LeftOut::kBlocking;
  if (needs.connection) return LeftOut::kConnection;
  return inner().Refuses(c);
}

ReplyTree LuaFront::Execute(int connection, const std::vector<std::string>& words) {
  std::vector<std::string> eval = {"EVAL", "return redis.pcall(unpack(ARGV))", "0"};
  eval.insert(eval.end(), words.begin(), words.end());
  return inner().Execute(connection, eval);
}

ReplyTree LuaFront::Narrow(const std::vector<std::string>& words, ReplyTree expected) const {
  if (expected.kind == Kind::kNullArray) expected.kind = Kind::kNull;
  // Lua's numbers are doubles, and what becomes of those beyond an int64_t is the compiler's secret.
  constexpr int64_t kExact = int64_t{1} << 53;
  if (expected.kind == Kind::kInteger && (expected.integer > kExact || expected.integer < -kExact)) {
    return {Kind::kAnyOf, Kind::kInteger};
  }
  // What redis.call says of its own about commands it cannot even dispatch.
  if (expected.kind == Kind::kError && expected.text.find("ERR wrong number of arguments for") == 0) {
    return {Kind::kMatch, Kind::kError,
            expected.text + "|ERR Wrong number of args calling Redis command from script.*"};
  }
  if (expected.kind == Kind::kError &&
      (expected.text.find("ERR unknown command") == 0 || expected.text.find("ERR unknown subcommand '") == 0)) {
    return {Kind::kMatch, Kind::kError, "ERR Unknown Redis command called from script.*"};
  }
  for (ReplyTree& child : expected.children) child = Narrow(words, std::move(child));
  return expected;
}

}  // namespace dualis::cases
