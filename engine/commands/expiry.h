// Expiry times as commands give them.
#ifndef DUALIS_ENGINE_COMMANDS_EXPIRY_H_
#define DUALIS_ENGINE_COMMANDS_EXPIRY_H_

#include "dualis/commands/strings.h"
#include "engine/command/exec.h"

namespace dualis {

// The moment that `amount` names, in Unix milliseconds. For a relative unit now is added. With `positive`, zero and
// less are an error as in SET; `name` is the command for its text.
Result<TimeMs> ExpiryMoment(ReadExec& x, int64_t amount, cmd::ExpiryUnit unit, bool positive, Bytes name);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_EXPIRY_H_
