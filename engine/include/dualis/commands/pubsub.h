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

// A shard's channel: a key in the eyes of a cluster's router, but never one of the keyspace.
//
// SSUBSCRIBE shardchannel [shardchannel ...]
struct SSubscribe {
  static constexpr CommandInfo kInfo{"SSUBSCRIBE",
                                     kSubscribeFlags,
                                     Group::kPubSub,
                                     "7.0.0",
                                     "Listen for messages published to the given shard channels",
                                     "O(N) where N is the number of shard channels to subscribe to."};
  using Reply = AnyReply;
  Many<Key> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.many(c.channels, "shardchannel", 0, kKeyNotKey);
  }
};

// SUNSUBSCRIBE [shardchannel ...]: all, if none is named.
struct SUnsubscribe {
  static constexpr CommandInfo kInfo{"SUNSUBSCRIBE",
                                     kSubscribeFlags,
                                     Group::kPubSub,
                                     "7.0.0",
                                     "Stop listening for messages posted to the given shard channels",
                                     "O(N) where N is the number of clients already subscribed to a shard channel."};
  using Reply = AnyReply;
  Many<Key> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.channels, "shardchannel", kKeyNotKey);
  }
};

// SPUBLISH shardchannel message: how many subscribers it reached.
struct SPublish {
  static constexpr CommandInfo kInfo{
      "SPUBLISH",
      kPubSub | kLoading | kStale | kFast | kMayReplicate,
      Group::kPubSub,
      "7.0.0",
      "Post a message to a shard channel",
      "O(N) where N is the number of clients subscribed to the receiving shard channel."};
  using Reply = int64_t;
  Key channel;
  Bytes message;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.channel, kKeyNotKey, "shardchannel");
    v.bytes(c.message, "message");
  }
};

// PUBSUB CHANNELS [pattern]: the channels that somebody is subscribed to by name.
struct PubSubChannels {
  static constexpr CommandInfo kInfo{"PUBSUB CHANNELS",
                                     kPubSub | kLoading | kStale,
                                     Group::kPubSub,
                                     "2.8.0",
                                     "List active channels",
                                     "O(N) where N is the number of active channels, and assuming constant time "
                                     "pattern matching (relatively short channels and patterns)"};
  using Reply = std::vector<KeyName>;
  Many<ChannelPattern> pattern;  // at most one
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.pattern, "pattern");
  }
};

// PUBSUB NUMSUB [channel ...]: how many are subscribed to each by name.
struct PubSubNumSub {
  static constexpr CommandInfo kInfo{"PUBSUB NUMSUB",
                                     kPubSub | kLoading | kStale,
                                     Group::kPubSub,
                                     "2.8.0",
                                     "Get the count of subscribers for channels",
                                     "O(N) for the NUMSUB subcommand, where N is the number of requested channels"};
  using Reply = std::vector<std::pair<KeyName, int64_t>>;
  Many<Channel> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.channels, "channel");
  }
};

// PUBSUB NUMPAT: how many patterns somebody is subscribed to.
struct PubSubNumPat {
  static constexpr CommandInfo kInfo{"PUBSUB NUMPAT",
                                     kPubSub | kLoading | kStale,
                                     Group::kPubSub,
                                     "2.8.0",
                                     "Get the count of unique patterns pattern subscriptions",
                                     "O(1)"};
  using Reply = int64_t;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// PUBSUB SHARDCHANNELS [pattern]
struct PubSubShardChannels {
  static constexpr CommandInfo kInfo{"PUBSUB SHARDCHANNELS",
                                     kPubSub | kLoading | kStale,
                                     Group::kPubSub,
                                     "7.0.0",
                                     "List active shard channels",
                                     "O(N) where N is the number of active shard channels, and assuming constant time "
                                     "pattern matching (relatively short shard channels)."};
  using Reply = std::vector<KeyName>;
  Many<ChannelPattern> pattern;  // at most one
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.pattern, "pattern");
  }
};

// PUBSUB SHARDNUMSUB [shardchannel ...]
struct PubSubShardNumSub {
  static constexpr CommandInfo kInfo{
      "PUBSUB SHARDNUMSUB",
      kPubSub | kLoading | kStale,
      Group::kPubSub,
      "7.0.0",
      "Get the count of subscribers for shard channels",
      "O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels"};
  using Reply = std::vector<std::pair<KeyName, int64_t>>;
  Many<Channel> channels;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.channels, "shardchannel");
  }
};

// PUBSUB HELP
struct PubSubHelp {
  static constexpr CommandInfo kInfo{"PUBSUB HELP",
                                     kLoading | kStale,
                                     Group::kPubSub,
                                     "6.2.0",
                                     "Show helpful text about the different subcommands",
                                     "O(1)",
                                     ""};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_PUBSUB_H_
