#include "tests/runner/engine_front.h"

#include <stdexcept>

#include "engine/command/settings.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

bool IsSubscription(const std::string& word) {
  return IsWord(word, "SUBSCRIBE") || IsWord(word, "UNSUBSCRIBE") || IsWord(word, "PSUBSCRIBE") ||
         IsWord(word, "PUNSUBSCRIBE") || IsWord(word, "SSUBSCRIBE") || IsWord(word, "SUNSUBSCRIBE");
}

}  // namespace

EngineFront::~EngineFront() { End(); }

std::optional<LeftOut> EngineFront::Refuses(const Case& c) const {
  for (const auto& [name, value] : c.config) {
    if (Settings::Find(name) == nullptr) return LeftOut::kConfig;
  }
  return refusal_ ? refusal_(c) : std::nullopt;
}

void EngineFront::Begin(const Replay& replay) {
  End();
  Options options;
  options.seed = 1;
  options.clock = std::make_shared<ManualClock>();
  if (replay.encoding == Encoding::kExpanded) options.encodings = EncodingLimits::AllExpanded();
  // The name is the front's own; several may live in one process.
  home_.name = "cases-" + name_ + "-" + std::to_string(reinterpret_cast<uintptr_t>(this));
  home_.engine = Engine::Named(home_.name, std::move(options));
  // As on the oracle, where a case cannot set it.
  (void)home_.engine->Configure("enable-debug-command", "yes");
  for (const auto& [name, value] : replay.config) {
    if (const Error error = home_.engine->Configure(name, value))
      throw std::runtime_error(std::string(error.message()));
  }
  protocol_ = replay.protocol;
}

void EngineFront::Connect(int connection) {
  connections_.erase(connection);
  Connection& c = connections_[connection];
  c.link = make_link_(home_, protocol_);
}

void EngineFront::Disconnect(int connection) { connections_.erase(connection); }

EngineFront::Connection& EngineFront::Open(int connection) {
  if (!connections_.count(connection)) Connect(connection);
  return connections_[connection];
}

void EngineFront::Drain(Connection& c) {
  ReplyTree reply;
  while (c.link && c.link->Next(&reply)) c.arrived.push_back(std::move(reply));
  if (c.link && c.link->closed()) c.link.reset();
}

ReplyTree EngineFront::Execute(int connection, const std::vector<std::string>& words) {
  Connection& c = Open(connection);
  Drain(c);
  if (!c.link) throw std::runtime_error("the connection is closed");
  const size_t before = c.arrived.size();
  c.link->Send(words);
  Drain(c);
  // The reply is the first thing that came; in RESP3 a message is no reply, unless the command subscribes.
  for (size_t i = before; i < c.arrived.size(); ++i) {
    if (c.arrived[i].kind == Kind::kPush && !IsSubscription(words[0])) continue;
    ReplyTree reply = std::move(c.arrived[i]);
    c.arrived.erase(c.arrived.begin() + static_cast<ptrdiff_t>(i));
    return reply;
  }
  return ReplyTree::Of(Kind::kBlocked);
}

ReplyTree EngineFront::Receive(int connection) {
  Connection& c = Open(connection);
  Drain(c);
  if (c.arrived.empty()) return ReplyTree::Of(c.link ? Kind::kNothing : Kind::kClosed);
  ReplyTree reply = std::move(c.arrived.front());
  c.arrived.pop_front();
  return reply;
}

void EngineFront::Advance(std::chrono::milliseconds time) { home_.engine->Advance(time.count()); }

std::vector<std::pair<int, ReplyTree>> EngineFront::End() {
  std::vector<std::pair<int, ReplyTree>> left;
  for (auto& [number, c] : connections_) {
    Drain(c);
    for (ReplyTree& reply : c.arrived) left.emplace_back(number, std::move(reply));
  }
  connections_.clear();
  if (home_.engine != nullptr) Engine::Forget(home_.name);
  home_.engine.reset();
  return left;
}

}  // namespace dualis::cases
