// One function a family, defined at the end of its file.
#ifndef DUALIS_ENGINE_COMMANDS_FAMILIES_H_
#define DUALIS_ENGINE_COMMANDS_FAMILIES_H_

#include "engine/command/all.h"

namespace dualis {

Family ConfigCommands();
Family CollectionScanCommands();
Family AclCommands();
Family ConnectionCommands();
Family HashCommands();
Family IntrospectionCommands();
Family KeyCommands();
Family ListCommands();
Family ListMoveCommands();
Family PubSubCommands();
Family ScriptingCommands();
Family RandomMemberCommands();
Family SetAlgebraCommands();
Family SetCommands();
Family SnapshotCommands();
Family SortedSetCommands();
Family StreamCommands();
Family StringCommands();
Family TransactionCommands();

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_FAMILIES_H_
