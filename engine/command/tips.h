// The tips of COMMAND INFO: hints for clients and proxies that Redis publishes beside what follows from a command's
// syntax and flags. Nothing in the engine depends on them.
#ifndef DUALIS_ENGINE_COMMAND_TIPS_H_
#define DUALIS_ENGINE_COMMAND_TIPS_H_

#include <vector>

#include "dualis/bytes.h"

namespace dualis {

// Of a command by its full name ("GET", "SCRIPT LOAD"); none if it has none.
std::vector<Bytes> TipsOf(Bytes command_name);

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_TIPS_H_
