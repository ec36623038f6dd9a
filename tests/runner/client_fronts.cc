#include "tests/runner/client_fronts.h"

#include <stdexcept>
#include <thread>

#include "dualis/client.h"
#include "tests/runner/engine_front.h"
#include "tests/runner/tree_sink.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// With everything that a pattern could misread.
constexpr char kPrefix[] = "pre*[?]\\fix:";

ReplyTree Call(const Client& client, int protocol, const std::vector<std::string>& words) {
  TreeSink sink([protocol] { return protocol; });
  const std::vector<Arg> args(words.begin(), words.end());
  const Error error = client.Call(args, sink);
  if (error) return ReplyTree::Error(error.message());
  if (sink.empty()) return ReplyTree::Error("MALFORMED: no reply");
  return sink.Take();
}

class ClientLink : public Link {
 public:
  ClientLink(const std::shared_ptr<Engine>& engine, int protocol)
      : client_(Client::On(engine, kPrefix)), protocol_(protocol) {}

  void Send(const std::vector<std::string>& words) override {
    reply_ = Call(client_, protocol_, words);
    waiting_ = true;
  }

  bool Next(ReplyTree* out) override {
    if (!waiting_) return false;
    waiting_ = false;
    *out = std::move(reply_);
    return true;
  }

  bool closed() const override { return false; }

 private:
  Client client_;
  int protocol_;
  ReplyTree reply_;
  bool waiting_ = false;
};

}  // namespace

std::unique_ptr<Link> MakeClientLink(const Home& home, int protocol) {
  return std::make_unique<ClientLink>(home.engine, protocol);
}

std::optional<LeftOut> ClientRefuses(const Case& c) {
  const Needs needs = NeedsOf(c);
  if (needs.transaction) return LeftOut::kTransaction;
  if (needs.pubsub) return LeftOut::kPubSub;
  if (needs.blocking) return LeftOut::kBlocking;
  if (needs.connection || !c.config.empty()) return LeftOut::kConnection;
  // A script sees the names with their prefix.
  if (needs.script) return LeftOut::kScript;
  for (const Step& step : c.steps) {
    // Of unknown syntax: the client refuses it. NOGROUP tells the key's name, prefix and all.
    const Bytes error = step.reply ? Bytes(step.reply->text) : Bytes();
    if (error.starts_with("ERR unknown ") || error.starts_with("NOGROUP ")) return LeftOut::kPrefix;
    // About everybody's keys, or about names that are not the client's.
    if (step.words.empty()) continue;
    if (IsWord(step.words[0], "FLUSHALL") || IsWord(step.words[0], "RANDOMKEY") || IsWord(step.words[0], "DBSIZE") ||
        IsWord(step.words[0], "COMMAND") || IsWord(step.words[0], "SWAPDB") || IsWord(step.words[0], "SORT") ||
        IsWord(step.words[0], "SORT_RO")) {
      return LeftOut::kPrefix;
    }
  }
  return std::nullopt;
}

struct ServerClientFront::Home {
  Client client;
};

ServerClientFront::ServerClientFront() : admin_(server_.socket_path()) {
  Config config;
  config.home = Config::Home::kUnix;
  config.path = server_.socket_path();
  config.prefix = kPrefix;
  auto client = Client::Connect(config);
  if (!client) throw std::runtime_error(std::string(client.error().message()));
  home_ = std::make_unique<Home>(Home{*std::move(client)});
}

ServerClientFront::~ServerClientFront() = default;

std::optional<LeftOut> ServerClientFront::Refuses(const Case& c) const {
  for (const Step& step : c.steps) {
    // Users outlive the case: this server keeps them for the next one.
    if (!step.words.empty() && IsWord(step.words[0], "ACL")) return LeftOut::kConnection;
  }
  return ClientRefuses(c);
}

void ServerClientFront::Begin(const Replay&) { admin_.Ask({"FLUSHALL"}); }

void ServerClientFront::Connect(int) { throw std::logic_error("a client is no connection"); }

void ServerClientFront::Disconnect(int) { throw std::logic_error("a client is no connection"); }

ReplyTree ServerClientFront::Execute(int, const std::vector<std::string>& words) {
  return Call(home_->client, 3, words);
}

ReplyTree ServerClientFront::Receive(int) { return ReplyTree::Of(Kind::kNothing); }

void ServerClientFront::Advance(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace dualis::cases
