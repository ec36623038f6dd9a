#include "engine/command/all.h"

#include "engine/commands/families.h"

namespace dualis {

std::span<const Family> BuiltInFamilies() {
  // One line a family.
  // clang-format off
  static const Family kFamilies[] = {
      ConfigCommands(),
      CollectionScanCommands(),
      AclCommands(),
      ConnectionCommands(),
      HashCommands(),
      IntrospectionCommands(),
      KeyCommands(),
      ListCommands(),
      ListMoveCommands(),
      PubSubCommands(),
      ScriptingCommands(),
      RandomMemberCommands(),
      SetAlgebraCommands(),
      SetCommands(),
      SnapshotCommands(),
      SortedSetCommands(),
      StreamCommands(),
      StringCommands(),
      TransactionCommands(),
  };
  // clang-format on
  return kFamilies;
}

}  // namespace dualis
