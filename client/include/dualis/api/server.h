// Commands that concern no key, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SERVER_H_
#define DUALIS_API_SERVER_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/config.h"
#include "dualis/commands/connection.h"
#include "dualis/commands/introspection.h"
#include "dualis/commands/pubsub.h"
#include "dualis/commands/server_facts.h"

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
  auto command_count() { return Do(cmd::CommandCount{}); }
  auto command_info(Many<Bytes> names) { return Do(cmd::CommandInfoOf{std::move(names)}); }
  auto command_docs(Many<Bytes> names) { return Do(cmd::CommandDocs{std::move(names)}); }
  auto command_getkeys(Bytes command, Many<Bytes> arguments) {
    return Do(cmd::CommandGetKeys{command, std::move(arguments)});
  }
  auto config_get(Many<Bytes> parameters) { return Do(cmd::ConfigGet{std::move(parameters)}); }
  // All of them or none.
  auto config_set(Many<cmd::ParameterValue> values) { return Do(cmd::ConfigSet{std::move(values)}); }
  auto config_resetstat() { return Do(cmd::ConfigResetStat{}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SERVER_H_
