// SUBSCRIBE and its kin, PUBLISH.
#include "dualis/commands/pubsub.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

// One confirmation: what was done, to which name (null: there was none), and how many subscriptions are left.
void Confirm(Exec& x, Bytes verb, const Bytes* name, ReplySink& sink) {
  sink.Begin(Shape::kPush, 3);
  sink.Bulk(verb);
  if (name == nullptr) {
    sink.Null();
  } else {
    sink.Bulk(*name);
  }
  sink.Int(static_cast<int64_t>(x.session().subscriptions()));
  sink.End();
}

void SubscribeOne(dualis::Exec& x, SubscriptionKind kind, Bytes verb, Bytes name, ReplySink& sink) {
  x.session().Subscribe(kind, name);
  Confirm(x, verb, &name, sink);
}

void UnsubscribeOne(dualis::Exec& x, SubscriptionKind kind, Bytes verb, Bytes name, ReplySink& sink) {
  x.session().Unsubscribe(kind, name);
  Confirm(x, verb, &name, sink);
}

void UnsubscribeAll(dualis::Exec& x, SubscriptionKind kind, Bytes verb, ReplySink& sink) {
  const auto names = x.session().subscribed(kind);
  for (const std::string& name : names) UnsubscribeOne(x, kind, verb, name, sink);
  if (names.empty()) Confirm(x, verb, nullptr, sink);
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

}  // namespace dualis::cmd

namespace dualis {

Family PubSubCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<PSubscribe>(), Add<Publish>(), Add<PUnsubscribe>(), Add<Subscribe>(), Add<Unsubscribe>(),
  };
  return {kCommands};
}

}  // namespace dualis
