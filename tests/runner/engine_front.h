// Fronts of the engine in this process. EngineFront keeps an engine with a manual clock and a session a connection;
// what differs between fronts is how a command gets in and how its reply comes out, which is a Link.
#ifndef DUALIS_TESTS_RUNNER_ENGINE_FRONT_H_
#define DUALIS_TESTS_RUNNER_ENGINE_FRONT_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dualis/engine.h"
#include "tests/runner/front.h"

namespace dualis::cases {

// One connection to an engine, as one kind of caller sees it.
class Link {
 public:
  virtual ~Link() = default;

  // Runs the command, or starts it if it waits.
  virtual void Send(const std::vector<std::string>& words) = 0;

  // The next reply or message that has come out; false if there is none. Messages follow the reply they came with.
  virtual bool Next(ReplyTree* out) = 0;
  virtual bool closed() const = 0;
};

// Where links lead: an engine, and the name under which mem:// finds it.
struct Home {
  std::string name;
  std::shared_ptr<Engine> engine;
};

using MakeLink = std::function<std::unique_ptr<Link>(const Home&, int protocol)>;

class EngineFront : public CaseFront {
 public:
  using Refusal = std::function<std::optional<LeftOut>(const Case&)>;
  using Narrowing = std::function<ReplyTree(const std::vector<std::string>& words, ReplyTree)>;

  // `refusal` and `narrowing`: for Refuses and Narrow.
  EngineFront(std::string name, std::vector<int> protocols, MakeLink make_link, Refusal refusal = nullptr,
              Narrowing narrowing = nullptr)
      : name_(std::move(name)),
        protocols_(std::move(protocols)),
        make_link_(std::move(make_link)),
        refusal_(std::move(refusal)),
        narrowing_(std::move(narrowing)) {}
  ~EngineFront() override;

  std::string name() const override { return name_; }
  int version() const override { return 704; }
  bool has_manual_clock() const override { return true; }
  std::vector<int> protocols() const override { return protocols_; }
  std::optional<LeftOut> Refuses(const Case& c) const override;
  void Begin(const Replay& replay) override;
  void Connect(int connection) override;
  void Disconnect(int connection) override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
  ReplyTree Receive(int connection) override;
  void Advance(std::chrono::milliseconds time) override;
  std::vector<std::pair<int, ReplyTree>> End() override;
  ReplyTree Narrow(const std::vector<std::string>& words, ReplyTree expected) const override {
    return narrowing_ ? narrowing_(words, std::move(expected)) : expected;
  }

 private:
  struct Connection {
    std::unique_ptr<Link> link;     // null once closed
    std::deque<ReplyTree> arrived;  // not received by a step yet
  };
  Connection& Open(int connection);
  void Drain(Connection&);

  std::string name_;
  std::vector<int> protocols_;
  MakeLink make_link_;
  Refusal refusal_;
  Narrowing narrowing_;
  int protocol_ = 2;
  Home home_;
  std::map<int, Connection> connections_;
};

// Words as bytes, replies as events, by Session::Submit.
std::unique_ptr<Link> MakeArgvLink(const Home& home, int protocol);

// The same, but words that are the text of a number go as numbers, as from Lua or typed C++.
std::unique_ptr<Link> MakeTaggedLink(const Home& home, int protocol);

// Parsed into the command's struct and encoded back to words first, as from typed C++ to a server.
std::unique_ptr<Link> MakeTypedLink(const Home& home, int protocol);

// RESP bytes in and out, handed over in small portions; what comes out is read by the engine's decoder and by the
// tests' own reader, which must agree.
std::unique_ptr<Link> MakeRespLink(const Home& home, int protocol);

// Bytes over a socket to a listener in front of the engine.
std::unique_ptr<Link> MakeListenerLink(const Home& home, int protocol);

// Client::Call with a prefix, which must not show: names get it on the way in and lose it on the way out. Replies in
// RESP2.
std::unique_ptr<Link> MakeClientLink(const Home& home, int protocol);
std::optional<LeftOut> ClientRefuses(const Case& c);

// redisCommandArgv on a blocking context: the reply of each command is returned by the call.
std::unique_ptr<Link> MakeHiredisLink(const Home& home, int protocol);
std::optional<LeftOut> HiredisRefuses(const Case& c);

// redisAppendCommandArgv on a non-blocking context whose descriptor is polled.
std::unique_ptr<Link> MakeHiredisLoopLink(const Home& home, int protocol);

// hiredis has one nil.
ReplyTree HiredisNarrow(const std::vector<std::string>& words, ReplyTree expected);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_ENGINE_FRONT_H_
