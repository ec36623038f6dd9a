// Commands of a connection: PING, ECHO, SELECT, AUTH, HELLO, QUIT, RESET, CLIENT.
#ifndef DUALIS_COMMANDS_CONNECTION_H_
#define DUALIS_COMMANDS_CONNECTION_H_

#include <optional>
#include <string>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// PING [message]: PONG, or the message.
struct Ping {
  static constexpr CommandInfo kInfo{
      "PING", kFast | kUncheckedSubscribed, Group::kConnection, "1.0.0", "Ping the server", "O(1)"};
  using Reply = std::string;
  std::optional<Bytes> message = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.optional(c.message, "message");
  }
};

// ECHO message
struct Echo {
  static constexpr CommandInfo kInfo{"ECHO",  kLoading | kStale | kFast, Group::kConnection,
                                     "1.0.0", "Echo the given string",   "O(1)"};
  using Reply = std::string;
  Bytes message;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.message, "message");
  }
};

// SELECT index
struct Select {
  static constexpr CommandInfo kInfo{"SELECT",
                                     kLoading | kStale | kFast,
                                     Group::kConnection,
                                     "1.0.0",
                                     "Change the selected database for the current connection",
                                     "O(1)"};
  using Reply = Ack;
  int64_t index = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.number(c.index, "index");
  }
};

// AUTH [username] password
struct Auth {
  static constexpr CommandInfo kInfo{"AUTH",
                                     kNoScriptFlag | kLoading | kStale | kFast | kNoAuthFlag | kAllowBusy,
                                     Group::kConnection,
                                     "1.0.0",
                                     "Authenticate to the server",
                                     "O(N)"};
  using Reply = Ack;
  Many<Bytes> words;  // password, or user and password
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.words, "password");
    v.rule(c.words.size() <= 2, errors::kSyntax);
  }
};

// HELLO [protover [AUTH username password] [SETNAME clientname]]
struct Hello {
  static constexpr CommandInfo kInfo{"HELLO",
                                     kNoScriptFlag | kLoading | kStale | kFast | kNoAuthFlag | kAllowBusy,
                                     Group::kConnection,
                                     "6.0.0",
                                     "Handshake with Redis",
                                     "O(1)"};
  using Reply = AnyReply;
  std::optional<Late<int64_t>> protover = {};
  Many<Bytes> options;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.optional(c.protover, "protover");
    v.any(c.options, "option");
  }
};

// QUIT
struct Quit {
  static constexpr CommandInfo kInfo{
      "QUIT",
      kNoScriptFlag | kLoading | kStale | kFast | kNoAuthFlag | kAllowBusy | kUncheckedSubscribed | kNotQueued,
      Group::kConnection,
      "1.0.0",
      "Close the connection",
      "O(1)"};
  using Reply = Ack;
  Many<Bytes> ignored;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.ignored, "ignored");
  }
};

// RESET: as a new connection.
struct Reset {
  static constexpr CommandInfo kInfo{
      "RESET",
      kNoScriptFlag | kLoading | kStale | kFast | kNoAuthFlag | kAllowBusy | kUncheckedSubscribed | kNotQueued,
      Group::kConnection,
      "6.2.0",
      "Reset the connection",
      "O(1)"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_CONNECTION_H_
