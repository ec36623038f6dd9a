// SUBSCRIBE and its kin, PUBLISH. Each channel that is subscribed to or left is confirmed by a push of its own.
#ifndef DUALIS_COMMANDS_PUBSUB_H_
#define DUALIS_COMMANDS_PUBSUB_H_

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

inline constexpr uint32_t kSubscribeFlags = kPubSub | kNoScriptFlag | kLoading | kStale | kUncheckedSubscribed;

// SUBSCRIBE channel [channel ...]
struct Subscribe {
  static constexpr CommandInfo kInfo{
      "SUBSCRIBE", kSubscribeFlags, Group::kPubSub, "2.0.0", "Listen for messages published to the given channels",
      "O(N)"};
  using Reply = AnyReply;
  Many<Channel> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.channels, "channel");
  }
};

// UNSUBSCRIBE [channel ...]: all, if none is named.
struct Unsubscribe {
  static constexpr CommandInfo kInfo{"UNSUBSCRIBE",
                                     kSubscribeFlags,
                                     Group::kPubSub,
                                     "2.0.0",
                                     "Stop listening for messages posted to the given channels",
                                     "O(N)"};
  using Reply = AnyReply;
  Many<Channel> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.channels, "channel");
  }
};

// PSUBSCRIBE pattern [pattern ...]
struct PSubscribe {
  static constexpr CommandInfo kInfo{"PSUBSCRIBE",
                                     kSubscribeFlags,
                                     Group::kPubSub,
                                     "2.0.0",
                                     "Listen for messages published to channels matching the given patterns",
                                     "O(N)"};
  using Reply = AnyReply;
  Many<ChannelPattern> patterns;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.patterns, "pattern");
  }
};

// PUNSUBSCRIBE [pattern ...]
struct PUnsubscribe {
  static constexpr CommandInfo kInfo{"PUNSUBSCRIBE",
                                     kSubscribeFlags,
                                     Group::kPubSub,
                                     "2.0.0",
                                     "Stop listening for messages posted to channels matching the given patterns",
                                     "O(N+M)"};
  using Reply = AnyReply;
  Many<ChannelPattern> patterns;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.patterns, "pattern");
  }
};

// PUBLISH channel message: how many subscriptions it reached.
struct Publish {
  static constexpr CommandInfo kInfo{"PUBLISH",
                                     kPubSub | kLoading | kStale | kFast | kMayReplicate,
                                     Group::kPubSub,
                                     "2.0.0",
                                     "Post a message to a channel",
                                     "O(N+M)"};
  using Reply = int64_t;
  Channel channel;
  Bytes message;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.channel(c.channel);
    v.bytes(c.message, "message");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_PUBSUB_H_
