// WAIT and WAITAOF.
#include "dualis/commands/waits.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {

Outcome Run(Exec& x, const Wait& c, ReplySink& sink) {
  if (c.timeout > INT64_MAX - x.now()) return Error(&errors::kTimeoutOutOfRange);
  if (c.numreplicas > 0) return x.ParkForTime(sink, c.timeout, TimeoutReply::kZero);
  EmitTimeout(TimeoutReply::kZero, sink);
  return Outcome();
}

Outcome Run(Exec& x, const WaitAof& c, ReplySink& sink) {
  if (c.timeout > INT64_MAX - x.now()) return Error(&errors::kTimeoutOutOfRange);
  if (c.numlocal > 0) return Error(&errors::kWaitAofNoLog);
  if (c.numreplicas > 0) return x.ParkForTime(sink, c.timeout, TimeoutReply::kTwoZeros);
  EmitTimeout(TimeoutReply::kTwoZeros, sink);
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family WaitCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {Add<Wait>(), Add<WaitAof>()};
  return {kCommands};
}

}  // namespace dualis
