// MULTI, EXEC, DISCARD, WATCH, UNWATCH. The state is the session's.
#include "dualis/commands/transactions.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

Result<Ack> Acknowledge(Error error) {
  if (error) return error;
  return Ack{};
}

}  // namespace

Result<Ack> Run(dualis::Exec& x, const Multi&) { return Acknowledge(x.session().BeginMulti()); }
Outcome Run(dualis::Exec& x, const Exec&, ReplySink& sink) { return x.session().ExecuteMulti(x, sink); }
Result<Ack> Run(dualis::Exec& x, const Discard&) { return Acknowledge(x.session().DiscardMulti()); }
Result<Ack> Run(dualis::Exec& x, const Watch& c) { return Acknowledge(x.session().Watch(x, c.keys.span())); }

Result<Ack> Run(dualis::Exec& x, const Unwatch&) {
  x.session().Unwatch();
  return Ack{};
}

}  // namespace dualis::cmd

namespace dualis {

Family TransactionCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<cmd::Discard>(), Add<cmd::Exec>(), Add<cmd::Multi>(), Add<cmd::Unwatch>(), Add<cmd::Watch>(),
  };
  return {kCommands};
}

}  // namespace dualis
