// A front: one way to reach a Redis, under one face for the runner.
//
// redis-server over a socket is a front, and so are tagged arguments, RESP bytes, redis.call and the others. The runner
// opens a front once, and for each replay calls Begin, then Execute, Receive, Advance and so on in the case's order,
// then End. Fronts are used from one thread. They report what goes wrong with themselves (a lost server) by
// std::runtime_error.
#ifndef DUALIS_TESTS_RUNNER_FRONT_H_
#define DUALIS_TESTS_RUNNER_FRONT_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/runner/case_file.h"
#include "tests/runner/reply_tree.h"

namespace dualis::cases {

// Why a front cannot carry a case. The runner counts them, so that a front cannot silently skip everything.
enum class LeftOut {
  kVersion,      // the case is about another version of Redis
  kManualClock,  // needs a clock that can be advanced
  kProtocol,     // the case is about a protocol this front doesn't speak
  kEncoding,     // the case is about an encoding this front cannot choose
  kConfig,       // needs a setting this front cannot make
  kBlocking,     // waits, or receives what arrives later
  kSeveral,      // needs several connections
  kPubSub,       // subscriptions
  kTransaction,  // MULTI, EXEC, DISCARD, WATCH
  kScript,       // EVAL and SCRIPT
  kConnection,   // HELLO, AUTH, RESET, QUIT, SELECT and the like act on a connection of one's own
  kPrefix,       // a client with a prefix refuses it
  kUntyped,      // the command, or what is wrong with it, cannot be written in this front's types
  kExcepted,     // the case says so itself: `@ except FRONT REASON`
};

std::string_view LeftOutName(LeftOut reason);

struct Replay {
  int protocol = 2;
  Encoding encoding = Encoding::kCompact;
  std::vector<std::pair<std::string, std::string>> config;
};

class CaseFront {
 public:
  virtual ~CaseFront() = default;

  virtual std::string name() const = 0;

  // The version of Redis whose semantics it shows: 700 for Redis 7.0.
  virtual int version() const = 0;
  virtual bool has_manual_clock() const = 0;
  virtual std::vector<int> protocols() const = 0;
  virtual std::vector<Encoding> encodings() const { return {Encoding::kCompact, Encoding::kExpanded}; }

  // A reason of its own to leave the case out, besides those that follow from the properties above.
  virtual std::optional<LeftOut> Refuses(const Case&) const { return std::nullopt; }

  // Starts with empty databases, default settings but those of `replay`, and no connections.
  virtual void Begin(const Replay& replay) = 0;
  virtual void Connect(int connection) = 0;     // in the replay's protocol; closes an older one of this number
  virtual void Disconnect(int connection) = 0;  // returns once the other side has noticed

  // The command's reply, or Kind::kBlocked if it waits (then the reply arrives by Receive). Opens the connection if
  // needed.
  virtual ReplyTree Execute(int connection, const std::vector<std::string>& words) = 0;

  // The next reply or message delivered to the connection since, or Kind::kNothing, or Kind::kClosed. Never waits.
  virtual ReplyTree Receive(int connection) = 0;
  virtual void Advance(std::chrono::milliseconds) = 0;

  // Every connection on which something is left that no step received.
  virtual std::vector<std::pair<int, ReplyTree>> End() = 0;

  // What remains of an expected reply (to the command of these words) on its way through this front, for those that
  // cannot carry every kind of reply.
  virtual ReplyTree Narrow(const std::vector<std::string>&, ReplyTree expected) const { return expected; }
};

// What a case needs, read from its commands and replies.
struct Needs {
  bool blocking = false;
  bool several_connections = false;
  bool pubsub = false;
  bool transaction = false;
  bool script = false;
  bool connection = false;
  bool no_script = false;  // a command that scripts may not run
};
Needs NeedsOf(const Case&);

// True if `word` is `name` in any case of letters.
bool IsWord(std::string_view word, std::string_view name);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_FRONT_H_
