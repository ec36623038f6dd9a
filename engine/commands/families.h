// One function a family, defined at the end of its file.
#ifndef DUALIS_ENGINE_COMMANDS_FAMILIES_H_
#define DUALIS_ENGINE_COMMANDS_FAMILIES_H_

#include "engine/command/all.h"

namespace dualis {

Family ConfigCommands();
Family CollectionScanCommands();
Family AclCommands();
Family BitFieldCommands();
Family BitmapCommands();
Family ClientCommands();
Family ConnectionCommands();
Family FunctionCommands();
Family GeoCommands();
Family GeoSearchCommands();
Family DebugCommands();
Family DiagnosticsCommands();
Family HashCommands();
Family HashExpiryCommands();
Family HyperLogLogCommands();
Family InfoCommands();
Family IntrospectionCommands();
Family KeyCommands();
Family LcsCommands();
Family ListCommands();
Family ListMoveCommands();
Family MemoryCommands();
Family PubSubCommands();
Family ScriptingCommands();
Family RandomMemberCommands();
Family SetAlgebraCommands();
Family SetCommands();
Family SnapshotCommands();
Family ServerFactCommands();
Family SetCommands();
Family SortCommands();
Family SortedSetCommands();
Family StreamClaimCommands();
Family StandaloneCommands();
Family StreamCommands();
Family StreamGroupCommands();
Family StreamInfoCommands();
Family StreamReadCommands();
Family StringCommands();
Family TrackingCommands();
Family TransactionCommands();
Family TransferCommands();
Family WaitCommands();
Family ZSetAlgebraCommands();
Family ZSetPopCommands();
Family UsageCommands();

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMANDS_FAMILIES_H_
