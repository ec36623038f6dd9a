#include "tests/runner/oracle_front.h"

#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// What makes Redis give up its compact layouts at the first element.
const std::vector<std::pair<std::string, std::string>> kExpandedSettings = {
    {"hash-max-listpack-entries", "0"}, {"set-max-intset-entries", "0"},  {"zset-max-listpack-entries", "0"},
    {"list-max-listpack-size", "1"},    {"stream-node-max-entries", "1"},
};

bool IsSubscription(const std::string& word) {
  return IsWord(word, "SUBSCRIBE") || IsWord(word, "UNSUBSCRIBE") || IsWord(word, "PSUBSCRIBE") ||
         IsWord(word, "PUNSUBSCRIBE") || IsWord(word, "SSUBSCRIBE") || IsWord(word, "SUNSUBSCRIBE");
}

int ReadVersion(const std::string& info) {
  const size_t at = info.find("redis_version:");
  if (at == std::string::npos) throw std::runtime_error("INFO tells no version");
  int major = 0, minor = 0;
  std::sscanf(info.c_str() + at, "redis_version:%d.%d", &major, &minor);
  return major * 100 + minor;
}

}  // namespace

OracleFront::OracleFront()
    : admin_(server_.socket_path()), version_(ReadVersion(admin_.Ask({"INFO", "server"}).text)) {}

void OracleFront::Begin(const Replay& replay) {
  End();
  replay_ = replay;
  admin_.Ask({"FLUSHALL"});
  admin_.Ask({"SCRIPT", "FLUSH"});
  admin_.Ask({"ACL", "LOG", "RESET"});
  if (users_changed_) ResetUsers();
  std::vector<std::pair<std::string, std::string>> wanted = replay.config;
  if (replay.encoding == Encoding::kExpanded) {
    wanted.insert(wanted.begin(), kExpandedSettings.begin(), kExpandedSettings.end());
  }
  SetConfig(wanted);
}

void OracleFront::ResetUsers() {
  for (const ReplyTree& user : admin_.Ask({"ACL", "USERS"}).children) {
    if (user.text != "default") admin_.Ask({"ACL", "DELUSER", user.text});
  }
  admin_.Ask({"ACL", "SETUSER", "default", "on", "nopass", "clearselectors", "allkeys", "allchannels", "allcommands"});
  if (settings_.count("requirepass")) settings_["requirepass"] = "";
  users_changed_ = false;
}

void OracleFront::SetConfig(const std::vector<std::pair<std::string, std::string>>& settings) {
  std::map<std::string, std::string> wanted = defaults_;
  for (const auto& [name, value] : settings) {
    if (!defaults_.count(name)) {
      const ReplyTree reply = admin_.Ask({"CONFIG", "GET", name});
      if (reply.children.size() != 2) throw std::runtime_error("redis-server has no setting " + name);
      defaults_[name] = settings_[name] = reply.children[1].text;
    }
    wanted[name] = value;
  }
  for (const auto& [name, value] : wanted) {
    if (!settings_.count(name)) settings_[name] = admin_.Ask({"CONFIG", "GET", name}).children.at(1).text;
    if (settings_[name] == value) continue;
    const ReplyTree reply = admin_.Ask({"CONFIG", "SET", name, value});
    if (reply.kind == Kind::kError) throw std::runtime_error(name + ": " + reply.text);
    settings_[name] = value;
  }
}

void OracleFront::NoteConfig(const std::vector<std::string>& words) {
  for (size_t i = 2; i + 1 < words.size(); i += 2) {
    const ReplyTree reply = admin_.Ask({"CONFIG", "GET", words[i]});
    if (reply.children.size() != 2) continue;  // no such setting, or several
    std::string name = reply.children[0].text;
    // An older name of a limit that the encodings set must not be a setting of its own.
    if (const size_t at = name.find("ziplist"); at != std::string::npos) name.replace(at, 7, "listpack");
    defaults_.emplace(name, reply.children[1].text);
    settings_.erase(name);
  }
}

void OracleFront::Connect(int connection) {
  if (connections_.count(connection)) Disconnect(connection);
  Connection& c = connections_[connection];
  c.socket = std::make_unique<OracleSocket>(server_.socket_path());
  const ReplyTree id = c.socket->Ask({"CLIENT", "ID"});  // refused where a password is asked for
  if (id.kind == Kind::kInteger) c.id = std::to_string(id.integer);
  if (replay_.protocol == 3 && c.socket->Ask({"HELLO", "3"}).kind == Kind::kError) {
    throw std::runtime_error("HELLO 3 is refused; mark the case `@ resp2`");
  }
}

void OracleFront::Disconnect(int connection) {
  const auto it = connections_.find(connection);
  if (it == connections_.end()) return;
  const std::string id = it->second.id;
  connections_.erase(it);
  if (id.empty()) return Barrier();
  for (int tries = 0; tries < 10000; ++tries) {
    if (admin_.Ask({"CLIENT", "LIST", "ID", id}).text.empty()) return;
  }
  throw std::runtime_error("redis-server does not notice a closed connection");
}

OracleFront::Connection& OracleFront::Open(int connection) {
  if (!connections_.count(connection)) Connect(connection);
  return connections_[connection];
}

bool OracleFront::IsBlocked(const Connection& c) {
  if (c.id.empty()) return false;
  const std::string line = admin_.Ask({"CLIENT", "LIST", "ID", c.id}).text;
  const size_t at = line.find(" flags=");
  return at != std::string::npos && line.substr(at + 7, line.find(' ', at + 1) - at - 7).find('b') != std::string::npos;
}

ReplyTree OracleFront::Execute(int connection, const std::vector<std::string>& words) {
  Connection& c = Open(connection);
  const bool subscription = IsSubscription(words[0]);
  users_changed_ = users_changed_ || IsWord(words[0], "ACL");
  if (c.subscribed) {
    Barrier();
    Drain(c);
  }
  if (subscription) c.subscribed = true;
  if (words.size() > 3 && IsWord(words[0], "CONFIG") && IsWord(words[1], "SET")) NoteConfig(words);
  c.socket->Send(words);
  for (int waits = 0; waits < 2000;) {
    if (auto reply = c.socket->Next(5)) {
      if (reply->kind != Kind::kPush || subscription) return *std::move(reply);
      c.arrived.push_back(*std::move(reply));
      continue;
    }
    ++waits;
    if (IsBlocked(c)) return ReplyTree::Of(Kind::kBlocked);
  }
  throw std::runtime_error("redis-server does not answer " + words[0]);
}

void OracleFront::Barrier() {
  // Two, because timeouts fire at the end of the round of the event loop that the first one starts.
  // Of a kind that MONITOR does not show.
  for (int i = 0; i < 2; ++i) admin_.Ask({"CONFIG", "GET", "nosuch"});
}

void OracleFront::Drain(Connection& c) {
  while (!c.closed) {
    auto reply = c.socket->Next(0);
    if (!reply) return;
    c.closed = reply->kind == Kind::kClosed;
    if (!c.closed) c.arrived.push_back(*std::move(reply));
  }
}

ReplyTree OracleFront::Receive(int connection) {
  Connection& c = Open(connection);
  if (c.arrived.empty()) {
    Barrier();
    Drain(c);
  }
  if (c.arrived.empty()) return ReplyTree::Of(c.closed ? Kind::kClosed : Kind::kNothing);
  ReplyTree reply = std::move(c.arrived.front());
  c.arrived.pop_front();
  return reply;
}

void OracleFront::Advance(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

std::vector<std::pair<int, ReplyTree>> OracleFront::End() {
  std::vector<std::pair<int, ReplyTree>> left;
  if (connections_.empty()) return left;
  Barrier();
  for (auto& [number, c] : connections_) {
    Drain(c);
    for (ReplyTree& reply : c.arrived) left.emplace_back(number, std::move(reply));
  }
  // Killed rather than closed: nothing of this replay, a blocked pop or a subscription, outlives this call.
  admin_.Ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  admin_.Ask({"CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"});
  connections_.clear();
  return left;
}

}  // namespace dualis::cases
