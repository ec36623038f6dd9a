// Client-side caching: a connection asks to be told when keys that it has read change (CLIENT TRACKING).
//
// The messages are `invalidate` pushes with a list of keys, or with null for all keys, to a RESP3 connection; or
// messages on the channel __redis__:invalidate to another connection that was named by REDIRECT.
#ifndef DUALIS_COMMANDS_TRACKING_H_
#define DUALIS_COMMANDS_TRACKING_H_

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/commands/clients.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// CLIENT TRACKING ON|OFF [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
struct ClientTracking {
  static constexpr CommandInfo kInfo{"CLIENT TRACKING",
                                     kClientFlags,
                                     Group::kConnection,
                                     "6.0.0",
                                     "Enable or disable server assisted client side caching support",
                                     "O(1). Some options may introduce additional complexity."};
  using Reply = Ack;
  Bytes status;
  Many<Bytes> options;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.status, "status");
    v.any(c.options, "option");
  }
};

// CLIENT TRACKINGINFO: flags, redirect, prefixes.
struct ClientTrackingInfo {
  static constexpr CommandInfo kInfo{
      "CLIENT TRACKINGINFO",
      kClientFlags,
      Group::kConnection,
      "6.2.0",
      "Return information about server assisted client side caching for the current connection",
      "O(1)"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// CLIENT CACHING YES|NO: whether the keys of the next command are tracked, in the modes OPTIN and OPTOUT.
struct ClientCaching {
  static constexpr CommandInfo kInfo{"CLIENT CACHING",
                                     kClientFlags,
                                     Group::kConnection,
                                     "6.0.0",
                                     "Instruct the server about tracking or not keys in the next request",
                                     "O(1)"};
  using Reply = Ack;
  Bytes mode;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.mode, "mode");
  }
};

// CLIENT GETREDIR: the id of the connection that gets the messages; 0: this one; -1: tracking is off.
struct ClientGetRedir {
  static constexpr CommandInfo kInfo{"CLIENT GETREDIR",
                                     kClientFlags,
                                     Group::kConnection,
                                     "6.0.0",
                                     "Get tracking notifications redirection client ID if any",
                                     "O(1)"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_TRACKING_H_
