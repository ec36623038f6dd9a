// Commands about the connections of an engine: CLIENT and its kin but tracking.h's, MONITOR.
#ifndef DUALIS_COMMANDS_CLIENTS_H_
#define DUALIS_COMMANDS_CLIENTS_H_

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

inline constexpr uint32_t kClientFlags = kNoScriptFlag | kLoading | kStale;
inline constexpr uint32_t kClientAdminFlags = kClientFlags | kAdmin;

// CLIENT LIST [TYPE NORMAL|MASTER|REPLICA|PUBSUB] [ID client-id [client-id ...]]: a line a connection.
struct ClientList {
  static constexpr CommandInfo kInfo{
      "CLIENT LIST", kClientAdminFlags | kVolatileReply,   Group::kConnection,
      "2.4.0",       "Get the list of client connections", "O(N) where N is the number of client connections"};
  using Reply = std::string;
  Many<Bytes> filter;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.filter, "filter");
  }
};

// CLIENT INFO: the line of CLIENT LIST of this connection.
struct ClientInfo {
  static constexpr CommandInfo kInfo{"CLIENT INFO",
                                     kClientFlags | kVolatileReply,
                                     Group::kConnection,
                                     "6.2.0",
                                     "Returns information about the current client connection.",
                                     "O(1)"};
  using Reply = std::string;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CLIENT KILL ip:port
// CLIENT KILL [ID client-id] [TYPE type] [USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME YES|NO] [MAXAGE
// seconds] Ends those of which everything given holds, and replies with their number; the old form with OK, or an error
// if there was none. A connection that kills itself closes after its reply.
struct ClientKill {
  static constexpr CommandInfo kInfo{"CLIENT KILL",
                                     kClientAdminFlags,
                                     Group::kConnection,
                                     "2.4.0",
                                     "Kill the connection of a client",
                                     "O(N) where N is the number of client connections"};
  using Reply = AnyReply;
  Many<Bytes> filter;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.filter, "filter");
  }
};

// CLIENT PAUSE timeout [WRITE|ALL]: commands wait for so many milliseconds, or until CLIENT UNPAUSE.
struct ClientPause {
  static constexpr CommandInfo kInfo{"CLIENT PAUSE",
                                     kClientAdminFlags,
                                     Group::kConnection,
                                     "2.9.50",
                                     "Stop processing commands from clients for some time",
                                     "O(1)"};
  using Reply = Ack;
  Late<int64_t> timeout;
  Many<Bytes> mode;  // at most one word
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.late(c.timeout, "timeout");
    v.any(c.mode, "mode");
  }
};

// CLIENT UNPAUSE
struct ClientUnpause {
  static constexpr CommandInfo kInfo{"CLIENT UNPAUSE",
                                     kClientAdminFlags,
                                     Group::kConnection,
                                     "6.2.0",
                                     "Resume processing of clients that were paused",
                                     "O(N) Where N is the number of paused clients"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CLIENT REPLY ON|OFF|SKIP: whether commands of this connection are answered; SKIP: the next one is not. Only ON is
// itself answered, so a typed caller gets no reply from the others.
struct ClientReply {
  static constexpr CommandInfo kInfo{
      "CLIENT REPLY", kClientFlags, Group::kConnection, "3.2.0", "Instruct the server whether to reply to commands",
      "O(1)"};
  using Reply = Ack;
  Bytes mode;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.mode, "on_off_skip");
  }
};

// CLIENT UNBLOCK client-id [TIMEOUT|ERROR]: lets a client go that waits in a blocking command. 1, or 0 if it does not.
struct ClientUnblock {
  static constexpr CommandInfo kInfo{"CLIENT UNBLOCK",
                                     kClientAdminFlags,
                                     Group::kConnection,
                                     "5.0.0",
                                     "Unblock a client blocked in a blocking command from a different connection",
                                     "O(log N) where N is the number of client connections"};
  using Reply = int64_t;
  Late<int64_t> id;
  Many<Bytes> how;  // at most one word
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.late(c.id, "client-id");
    v.any(c.how, "timeout_error");
  }
};

// CLIENT SETNAME name
struct ClientSetName {
  static constexpr CommandInfo kInfo{
      "CLIENT SETNAME", kClientFlags, Group::kConnection, "2.6.9", "Set the current connection name", "O(1)"};
  using Reply = Ack;
  Bytes name;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.name, "connection-name");
  }
};

// CLIENT GETNAME
struct ClientGetName {
  static constexpr CommandInfo kInfo{
      "CLIENT GETNAME", kClientFlags, Group::kConnection, "2.6.9", "Get the current connection name", "O(1)"};
  using Reply = std::optional<std::string>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CLIENT SETINFO LIB-NAME|LIB-VER value: what CLIENT LIST tells of the client's library.
struct ClientSetInfo {
  static constexpr CommandInfo kInfo{"CLIENT SETINFO",
                                     kClientFlags,
                                     Group::kConnection,
                                     "7.2.0",
                                     "Sets information specific to the client or connection.",
                                     "O(1)"};
  using Reply = Ack;
  Bytes attribute;
  Bytes value;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.attribute, "attr");
    v.bytes(c.value, "value");
  }
};

// CLIENT ID
struct ClientId {
  static constexpr CommandInfo kInfo{"CLIENT ID",
                                     kClientFlags | kVolatileReply,
                                     Group::kConnection,
                                     "5.0.0",
                                     "Returns the client ID for the current connection",
                                     "O(1)"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CLIENT NO-EVICT ON|OFF: noted only, as the engine closes no connection for want of memory.
struct ClientNoEvict {
  static constexpr CommandInfo kInfo{"CLIENT NO-EVICT",
                                     kClientAdminFlags,
                                     Group::kConnection,
                                     "7.0.0",
                                     "Set client eviction mode for the current connection",
                                     "O(1)"};
  using Reply = Ack;
  Bytes enabled;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.enabled, "enabled");
  }
};

// CLIENT NO-TOUCH ON|OFF: whether this connection's commands leave the LRU and LFU of keys alone.
struct ClientNoTouch {
  static constexpr CommandInfo kInfo{
      "CLIENT NO-TOUCH",
      kClientFlags,
      Group::kConnection,
      "7.2.0",
      "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
      "O(1)"};
  using Reply = Ack;
  Bytes enabled;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.enabled, "enabled");
  }
};

// CLIENT HELP
struct ClientHelp {
  static constexpr CommandInfo kInfo{"CLIENT HELP",
                                     kLoading | kStale,
                                     Group::kConnection,
                                     "5.0.0",
                                     "Show helpful text about the different subcommands",
                                     "O(1)"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// Whether a connection may have this name: printable, no blanks.
bool IsClientName(Bytes name);

// MONITOR: from now on the connection gets a line for each command that the engine runs. RESET ends it.
struct Monitor {
  static constexpr CommandInfo kInfo{"MONITOR",
                                     kClientAdminFlags,
                                     Group::kServer,
                                     "1.0.0",
                                     "Listen for all requests received by the server in real time",
                                     ""};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_CLIENTS_H_
