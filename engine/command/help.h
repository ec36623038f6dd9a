// HELP of a container: one shape for all of them.
//
//   Outcome Run(Exec&, const ObjectHelp&, ReplySink& sink) {
//     static constexpr Bytes kLines[] = {
//         "ENCODING <key>",
//         "    Return the kind of internal representation used in order to store the value associated with a <key>.",
//     };
//     return EmitHelp("OBJECT", kLines, sink);
//   }
#ifndef DUALIS_ENGINE_COMMAND_HELP_H_
#define DUALIS_ENGINE_COMMAND_HELP_H_

#include <span>

#include "dualis/reply.h"
#include "engine/command/exec.h"
#include "engine/command/outcome.h"

namespace dualis {

// Error of a subcommand with wrong arguments, which repeats it as the client wrote it; `name` is how it is written
// otherwise.
Error SubcommandSyntax(const Exec& x, Bytes name, Bytes container);

// Emits the container's heading, the lines, and the lines about HELP itself, each as a status.
Outcome EmitHelp(Bytes container, std::span<const Bytes> lines, ReplySink& sink);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_HELP_H_
