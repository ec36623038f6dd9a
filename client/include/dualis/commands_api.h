// Commands<Self>: a method a command, in the command's name in lower case, for everything that can run one: a Client
// (whose Run gives a Result of the reply), a Pipeline and a Transaction (a Pending of it). Each method is one line: it
// fills the command struct and hands it to Self::Run. What a command does, replies and refuses is said at its struct,
// in dualis/commands/.
#ifndef DUALIS_COMMANDS_API_H_
#define DUALIS_COMMANDS_API_H_

#include "dualis/api/keys.h"
#include "dualis/api/server.h"
#include "dualis/api/strings.h"

namespace dualis {

template <class Self>
class Commands : public KeyCommands<Self>, public ServerCommands<Self>, public StringCommands<Self> {};

}  // namespace dualis

#endif  // DUALIS_COMMANDS_API_H_
