// SUBSCRIBE and its kin, PUBLISH, PUBSUB.
#include "dualis/commands/pubsub.h"

#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/pubsub_ops.h"
#include "engine/command/row.h"
#include "engine/core/glob.h"

namespace dualis::cmd {
namespace {

// One confirmation: what was done, to which name (null: there was none), and how many subscriptions are left.
void Confirm(Exec& x, SubscriptionKind kind, Bytes verb, const Bytes* name, ReplySink& sink) {
  sink.Begin(Shape::kPush, 3);
  sink.Bulk(verb);
  if (name == nullptr) {
    sink.Null();
  } else {
    sink.Bulk(*name);
  }
  const bool shard = kind == SubscriptionKind::kShard;
  sink.Int(static_cast<int64_t>(shard ? x.session().shard_subscriptions() : x.session().subscriptions()));
  sink.End();
}

void SubscribeOne(dualis::Exec& x, SubscriptionKind kind, Bytes verb, Bytes name, ReplySink& sink) {
  x.session().Subscribe(kind, name);
  Confirm(x, kind, verb, &name, sink);
}

void UnsubscribeOne(dualis::Exec& x, SubscriptionKind kind, Bytes verb, Bytes name, ReplySink& sink) {
  x.session().Unsubscribe(kind, name);
  Confirm(x, kind, verb, &name, sink);
}

void UnsubscribeAll(dualis::Exec& x, SubscriptionKind kind, Bytes verb, ReplySink& sink) {
  const auto names = x.session().subscribed(kind);
  for (const std::string& name : names) UnsubscribeOne(x, kind, verb, name, sink);
  if (names.empty()) Confirm(x, kind, verb, nullptr, sink);
}

// The channels with subscribers, if they match.
Outcome EmitChannels(Exec& x, SubscriptionKind kind, Bytes subcommand, const Many<ChannelPattern>& pattern,
                     ReplySink& sink) {
  if (pattern.size() > 1) return SubcommandSyntax(x, subcommand, "PUBSUB");
  std::vector<std::string> names = x.pubsub().Channels(kind);
  if (!pattern.empty())
    std::erase_if(names, [&](const std::string& name) { return !GlobMatch(pattern[0].glob, name); });
  sink.Begin(Shape::kArray, names.size());
  for (const std::string& name : names) sink.Bulk(name);
  sink.End();
  return Outcome();
}

Outcome EmitCounts(Exec& x, SubscriptionKind kind, const Many<Channel>& channels, ReplySink& sink) {
  sink.Begin(Shape::kArray, channels.size() * 2);
  for (const Channel& channel : channels) {
    sink.Bulk(channel.name);
    sink.Int(x.pubsub().Subscribers(kind, channel.name));
  }
  sink.End();
  return Outcome();
}

}  // namespace

Outcome Run(Exec& x, const Subscribe& c, ReplySink& sink) {
  for (const Channel& channel : c.channels) {
    SubscribeOne(x, SubscriptionKind::kChannel, "subscribe", channel.name, sink);
  }
  return Outcome();
}

Outcome Run(Exec& x, const PSubscribe& c, ReplySink& sink) {
  for (const ChannelPattern& pattern : c.patterns) {
    SubscribeOne(x, SubscriptionKind::kPattern, "psubscribe", pattern.glob, sink);
  }
  return Outcome();
}

Outcome Run(Exec& x, const Unsubscribe& c, ReplySink& sink) {
  for (const Channel& channel : c.channels) {
    UnsubscribeOne(x, SubscriptionKind::kChannel, "unsubscribe", channel.name, sink);
  }
  if (c.channels.empty()) UnsubscribeAll(x, SubscriptionKind::kChannel, "unsubscribe", sink);
  return Outcome();
}

Outcome Run(Exec& x, const PUnsubscribe& c, ReplySink& sink) {
  for (const ChannelPattern& pattern : c.patterns) {
    UnsubscribeOne(x, SubscriptionKind::kPattern, "punsubscribe", pattern.glob, sink);
  }
  if (c.patterns.empty()) UnsubscribeAll(x, SubscriptionKind::kPattern, "punsubscribe", sink);
  return Outcome();
}

Result<int64_t> Run(Exec& x, const Publish& c) { return x.Publish(c.channel.name, c.message); }

Outcome Run(Exec& x, const SSubscribe& c, ReplySink& sink) {
  for (const Key& channel : c.channels) SubscribeOne(x, SubscriptionKind::kShard, "ssubscribe", channel.name, sink);
  return Outcome();
}

Outcome Run(Exec& x, const SUnsubscribe& c, ReplySink& sink) {
  for (const Key& channel : c.channels) {
    UnsubscribeOne(x, SubscriptionKind::kShard, "sunsubscribe", channel.name, sink);
  }
  if (c.channels.empty()) UnsubscribeAll(x, SubscriptionKind::kShard, "sunsubscribe", sink);
  return Outcome();
}

Result<int64_t> Run(Exec& x, const SPublish& c) { return x.PublishToShard(c.channel.name, c.message); }

Outcome Run(Exec& x, const PubSubChannels& c, ReplySink& sink) {
  return EmitChannels(x, SubscriptionKind::kChannel, "CHANNELS", c.pattern, sink);
}

Outcome Run(Exec& x, const PubSubShardChannels& c, ReplySink& sink) {
  return EmitChannels(x, SubscriptionKind::kShard, "SHARDCHANNELS", c.pattern, sink);
}

Outcome Run(Exec& x, const PubSubNumSub& c, ReplySink& sink) {
  return EmitCounts(x, SubscriptionKind::kChannel, c.channels, sink);
}

Outcome Run(Exec& x, const PubSubShardNumSub& c, ReplySink& sink) {
  return EmitCounts(x, SubscriptionKind::kShard, c.channels, sink);
}

Result<int64_t> Run(Exec& x, const PubSubNumPat&) { return x.pubsub().Patterns(); }

Outcome Run(Exec&, const PubSubHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "CHANNELS [<pattern>]",
      "    Return the currently active channels matching a <pattern> (default: '*').",
      "NUMPAT",
      "    Return number of subscriptions to patterns.",
      "NUMSUB [<channel> ...]",
      "    Return the number of subscribers for the specified channels, excluding",
      "    pattern subscriptions(default: no channels).",
      "SHARDCHANNELS [<pattern>]",
      "    Return the currently active shard level channels matching a <pattern> (default: '*').",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Return the number of subscribers for the specified shard level channel(s)",
  };
  return EmitHelp("PUBSUB", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family PubSubCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<PSubscribe>(),   Add<Publish>(),      Add<PubSubChannels>(),      Add<PubSubHelp>(),
      Add<PubSubNumPat>(), Add<PubSubNumSub>(), Add<PubSubShardChannels>(), Add<PubSubShardNumSub>(),
      Add<PUnsubscribe>(), Add<SPublish>(),     Add<SSubscribe>(),          Add<Subscribe>(),
      Add<SUnsubscribe>(), Add<Unsubscribe>(),
  };
  return {kCommands};
}

}  // namespace dualis
