#include "tests/model/differential.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <stdexcept>

#include "dualis/engine.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"
#include "tests/model/agree.h"
#include "tests/model/generator.h"
#include "tests/runner/front.h"
#include "tests/runner/match.h"
#include "tests/runner/oracle_server.h"
#include "tests/runner/resp_reader.h"
#include "tests/runner/words.h"

namespace dualis::model {
namespace {

using cases::IsWord;
using cases::ReplyTree;
using Kind = ReplyTree::Kind;

// How a round is played.
struct Round {
  int protocol = 2;
  bool expanded = false;
};

// The engine behind its own parser and encoder; two connections.
class EnginePeer {
 public:
  void Begin(const Round& round) {
    for (auto& connection : connections_) connection.reset();
    Options options;
    options.seed = 1;
    if (round.expanded) options.encodings = EncodingLimits::AllExpanded();
    engine_ = Engine::Create(options);
    for (auto& connection : connections_) connection = std::make_unique<Connection>(*engine_);
    if (round.protocol == 3) {
      for (int i : {0, 1}) Ask(i, {"HELLO", "3"});
    }
  }
  ReplyTree Ask(int connection, const Words& words) {
    Connection& c = *connections_[connection];
    c.parser.Feed(cases::EncodeRequest(words));
    while (c.parser.Next() == resp::RequestParser::State::kCommand) c.session->Execute(c.parser.args(), c.encoder);
    c.reader.Feed(c.out);
    c.out.clear();
    auto reply = c.reader.Next();
    if (!reply) throw std::runtime_error("the engine gave no reply to " + words[0]);
    return *std::move(reply);
  }

 private:
  struct Connection {
    explicit Connection(Engine& engine)
        : session(engine.Connect()), encoder(&out, [this] { return session->protocol(); }) {}
    std::unique_ptr<Session> session;
    std::string out;
    resp::Encoder encoder;
    resp::RequestParser parser;
    cases::RespReader reader;
  };
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Connection> connections_[2];
};

// redis-server, pipelined as long as one connection goes on.
class OraclePeer {
 public:
  void Begin(const Round& round) {
    for (auto& connection : connections_) connection = std::make_unique<cases::OracleSocket>(server_.socket_path());
    cases::OracleSocket& first = *connections_[0];
    first.Ask({"FLUSHALL"});
    Words config = {"CONFIG", "SET"};
    const EncodingLimits limits = round.expanded ? EncodingLimits::AllExpanded() : EncodingLimits();
    const std::pair<const char*, int64_t> settings[] = {{"hash-max-listpack-entries", limits.hash_max_listpack_entries},
                                                        {"hash-max-listpack-value", limits.hash_max_listpack_value},
                                                        {"list-max-listpack-size", limits.list_max_listpack_size},
                                                        {"set-max-intset-entries", limits.set_max_intset_entries},
                                                        {"zset-max-listpack-entries", limits.zset_max_listpack_entries},
                                                        {"zset-max-listpack-value", limits.zset_max_listpack_value},
                                                        {"stream-node-max-bytes", limits.stream_node_max_bytes},
                                                        {"stream-node-max-entries", limits.stream_node_max_entries}};
    for (const auto& [name, value] : settings) config.insert(config.end(), {name, std::to_string(value)});
    if (const ReplyTree reply = first.Ask(config); reply.kind == Kind::kError) throw std::runtime_error(reply.text);
    if (round.protocol == 3) {
      for (auto& connection : connections_) connection->Ask({"HELLO", "3"});
    }
  }
  std::vector<ReplyTree> Ask(const std::vector<Action>& actions) {
    std::vector<ReplyTree> replies;
    replies.reserve(actions.size());
    for (size_t at = 0; at < actions.size();) {
      size_t end = at;
      while (end < actions.size() && end < at + 64 && actions[end].connection == actions[at].connection) ++end;
      cases::OracleSocket& socket = *connections_[actions[at].connection];
      for (size_t i = at; i < end; ++i) socket.Send(actions[i].words);
      for (; at < end; ++at) {
        auto reply = socket.Next(10000);
        if (!reply || reply->kind == Kind::kClosed) {
          std::string line;
          for (const std::string& word : actions[at].words) line += " " + cases::Quote(word);
          throw std::runtime_error("redis-server does not answer" + line);
        }
        replies.push_back(*std::move(reply));
      }
    }
    return replies;
  }

 private:
  cases::OracleServer server_;
  std::unique_ptr<cases::OracleSocket> connections_[2];
};

struct Difference {
  size_t at;  // index of the action; behind the last: of the inventory
  Words words;
  ReplyTree oracle, engine;
};

class Pair {
 public:
  explicit Pair(const CommandTable& table) : agreement_(table) {}

  // Plays the actions from the beginning and then reads everything back.
  std::optional<Difference> Play(const Round& round, const std::vector<Action>& actions, DifferentialResult* count) {
    oracle_.Begin(round);
    engine_.Begin(round);
    agreement_.Reset();
    if (auto difference = Compare(actions, count)) return difference;
    if (agreement_.parted()) return std::nullopt;
    // Nobody may still be collecting a transaction when the keys are read.
    std::vector<Action> end;
    for (int connection : {0, 1}) end.push_back({connection, {"RESET"}});
    if (round.protocol == 3) {
      for (int connection : {0, 1}) end.push_back({connection, {"HELLO", "3"}});
    }
    oracle_.Ask(end);
    for (const Action& action : end) engine_.Ask(action.connection, action.words);
    agreement_.Reset();
    for (const char* db : {"0", "1", "2"}) {
      oracle_.Ask({{0, {"SELECT", db}}});
      engine_.Ask(0, {"SELECT", db});
      if (auto difference = Compare(Inventory(), nullptr)) {
        difference->at = actions.size();
        return difference;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Difference> Compare(const std::vector<Action>& actions, DifferentialResult* count) {
    std::vector<ReplyTree> expected = oracle_.Ask(actions);
    for (size_t i = 0; i < actions.size(); ++i) {
      const Action& action = actions[i];
      ReplyTree actual = engine_.Ask(action.connection, action.words);
      if (count != nullptr) {
        ++count->commands;
        std::string name = action.words[0];
        for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        ++count->runs_of[name];
        if (expected[i].kind == Kind::kError) {
          ++count->errors;
          ++count->errors_of[name];
        }
      }
      if (!agreement_.Agree(action.connection, action.words, expected[i], actual)) {
        return Difference{i, action.words, std::move(expected[i]), std::move(actual)};
      }
      if (agreement_.parted()) break;
    }
    return std::nullopt;
  }

  std::vector<Action> Inventory() {
    std::vector<Action> reads = {{0, {"KEYS", "*"}}, {0, {"DBSIZE"}}};
    const std::vector<ReplyTree> keys = oracle_.Ask({{0, {"KEYS", "*"}}});
    for (const ReplyTree& key : keys[0].children) {
      const std::string type = oracle_.Ask({{0, {"TYPE", key.text}}})[0].text;
      const auto add = [&](Words words) { reads.push_back({0, std::move(words)}); };
      add({"TYPE", key.text});
      add({"PTTL", key.text});
      add({"OBJECT", "ENCODING", key.text});
      if (type == "string") add({"GET", key.text});
      if (type == "list") add({"LRANGE", key.text, "0", "-1"});
      if (type == "hash") add({"HGETALL", key.text});
      if (type == "set") add({"SMEMBERS", key.text});
      if (type == "zset") add({"ZRANGE", key.text, "0", "-1", "WITHSCORES"});
      if (type == "stream") add({"XRANGE", key.text, "-", "+"});
    }
    return reads;
  }

  OraclePeer oracle_;
  EnginePeer engine_;
  Agreement agreement_;
};

std::vector<Action> CutDown(Pair& pair, const Round& round, std::vector<Action> actions) {
  for (size_t chunk = (actions.size() + 1) / 2; chunk > 0; chunk /= 2) {
    for (size_t at = 0; at + chunk <= actions.size();) {
      std::vector<Action> fewer = actions;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(at), fewer.begin() + static_cast<ptrdiff_t>(at + chunk));
      if (pair.Play(round, fewer, nullptr)) {
        actions = std::move(fewer);
      } else {
        at += chunk;
      }
    }
  }
  return actions;
}

std::string Line(int connection, const Words& words) {
  std::string line = connection == 0 ? ">" : std::to_string(connection + 1) + ">";
  for (const std::string& word : words) line += " " + cases::Quote(word);
  return (line.size() > 400 ? line.substr(0, 400) + " ..." : line) + "\n";
}

std::string Text(const ReplyTree& reply) {
  std::string text;
  for (const std::string& line : cases::PrintReply(reply)) text += line + "\n";
  return text.size() > 1500 ? text.substr(0, 1500) + "...\n" : text;
}

}  // namespace

DifferentialResult RunDifferential(const DifferentialOptions& options,
                                   const std::function<void(const std::string&)>& show) {
  DifferentialResult result;
  CommandTable table;
  Pair pair(table);
  for (uint64_t n = 0; result.commands < options.commands; ++n) {
    Generator generator(table, options.seed + n, options.only);
    result.kinds = generator.commands();
    if (result.kinds == 0) throw std::runtime_error("no command matches");
    std::vector<Action> actions;
    while (actions.size() < options.round) generator.Next(&actions);
    const Round round{n % 2 == 0 ? 2 : 3, n / 2 % 2 == 1};
    auto difference = pair.Play(round, actions, &result);
    if (!difference) continue;
    std::string text = "seed " + std::to_string(options.seed + n) + ", RESP" + std::to_string(round.protocol) +
                       (round.expanded ? ", expanded\n" : ", compact\n");
    if (difference->at < actions.size()) actions.resize(difference->at + 1);
    const Difference first = *difference;
    actions = CutDown(pair, round, std::move(actions));
    difference = pair.Play(round, actions, nullptr);
    if (!difference) difference = first;  // it does not show again
    for (const Action& action : actions) text += Line(action.connection, action.words);
    text += "  " + Line(0, difference->words) + Text(difference->oracle) + "    but the engine says\n" +
            Text(difference->engine);
    show(text);
    if (++result.differences >= options.stop_after) break;
  }
  return result;
}

}  // namespace dualis::model
