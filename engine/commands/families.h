// One function a family, defined at the end of its file.
#ifndef DUALIS_ENGINE_COMMANDS_FAMILIES_H_
#define DUALIS_ENGINE_COMMANDS_FAMILIES_H_

#include "engine/command/all.h"

namespace dualis {

Family ConnectionCommands();
Family IntrospectionCommands();
Family KeyCommands();
Family PubSubCommands();
Family StringCommands();
Family TransactionCommands();

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_FAMILIES_H_
