// Commands that concern no key, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SERVER_H_
#define DUALIS_API_SERVER_H_

#include <chrono>
#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/clients.h"
#include "dualis/commands/config.h"
#include "dualis/commands/connection.h"
#include "dualis/commands/debug.h"
#include "dualis/commands/diagnostics.h"
#include "dualis/commands/info.h"
#include "dualis/commands/introspection.h"
#include "dualis/commands/memory.h"
#include "dualis/commands/pubsub.h"
#include "dualis/commands/server_facts.h"
#include "dualis/commands/usage.h"

namespace dualis {

template <class Self>
class ServerCommands {
 public:
  auto ping(std::optional<Bytes> message = {}) { return Do(cmd::Ping{message}); }
  auto echo(Bytes message) { return Do(cmd::Echo{message}); }
  // How many subscriptions it reached.
  auto publish(Channel channel, Bytes message) { return Do(cmd::Publish{channel, message}); }
  // Seconds since the epoch, and microseconds.
  auto time() { return Do(cmd::Time{}); }
  auto lolwut(Many<Bytes> words = {}) { return Do(cmd::Lolwut{std::move(words)}); }
  auto spublish(Key channel, Bytes message) { return Do(cmd::SPublish{channel, message}); }
  auto pubsub_channels() { return Do(cmd::PubSubChannels{}); }
  auto pubsub_channels(ChannelPattern pattern) { return Do(cmd::PubSubChannels{{pattern}}); }
  auto pubsub_numsub(Many<Channel> channels) { return Do(cmd::PubSubNumSub{std::move(channels)}); }
  auto pubsub_numpat() { return Do(cmd::PubSubNumPat{}); }
  auto pubsub_shardchannels() { return Do(cmd::PubSubShardChannels{}); }
  auto pubsub_shardnumsub(Many<Channel> channels) { return Do(cmd::PubSubShardNumSub{std::move(channels)}); }
  // Of other connections; what concerns one's own makes no sense for a client that has several.
  auto client_list(Many<Bytes> filter = {}) { return Do(cmd::ClientList{std::move(filter)}); }
  auto client_kill(Many<Bytes> filter) { return Do(cmd::ClientKill{std::move(filter)}); }
  // 1, or 0 if that client does not wait.
  auto client_unblock(int64_t id) { return Do(cmd::ClientUnblock{id, {}}); }
  auto client_pause(std::chrono::milliseconds timeout, Many<Bytes> mode = {}) {
    return Do(cmd::ClientPause{timeout.count(), std::move(mode)});
  }
  auto client_unpause() { return Do(cmd::ClientUnpause{}); }
  auto command_count() { return Do(cmd::CommandCount{}); }
  auto command_info(Many<Bytes> names) { return Do(cmd::CommandInfoOf{std::move(names)}); }
  auto command_docs(Many<Bytes> names) { return Do(cmd::CommandDocs{std::move(names)}); }
  auto command_getkeys(Bytes command, Many<Bytes> arguments) {
    return Do(cmd::CommandGetKeys{command, std::move(arguments)});
  }
  auto config_get(Many<Bytes> parameters) { return Do(cmd::ConfigGet{std::move(parameters)}); }
  // All of them or none.
  auto config_set(Many<cmd::ParameterValue> values) { return Do(cmd::ConfigSet{std::move(values)}); }
  // Seconds since the last use of the key; how often it is used.
  auto object_idletime(Key key) { return Do(cmd::ObjectIdleTime{key}); }
  auto object_freq(Key key) { return Do(cmd::ObjectFreq{key}); }
  auto info(Many<Bytes> sections = {}) { return Do(cmd::Info{std::move(sections)}); }
  auto slowlog_get(Many<Bytes> count = {}) { return Do(cmd::SlowLogGet{std::move(count)}); }
  auto slowlog_len() { return Do(cmd::SlowLogLen{}); }
  auto slowlog_reset() { return Do(cmd::SlowLogReset{}); }
  auto latency_latest() { return Do(cmd::LatencyLatest{}); }
  auto latency_history(Bytes event) { return Do(cmd::LatencyHistory{event}); }
  auto latency_reset(Many<Bytes> events = {}) { return Do(cmd::LatencyReset{std::move(events)}); }
  auto memory_usage(Key key) { return Do(cmd::MemoryUsage{key, {}}); }
  auto memory_stats() { return Do(cmd::MemoryStats{}); }
  auto memory_purge() { return Do(cmd::MemoryPurge{}); }
  auto role() { return Do(cmd::Role{}); }
  auto config_resetstat() { return Do(cmd::ConfigResetStat{}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SERVER_H_
