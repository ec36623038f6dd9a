#include "engine/command/all.h"

#include "engine/commands/families.h"

namespace dualis {

std::span<const Family> BuiltInFamilies() {
  // One line a family.
  // clang-format off
  static const Family kFamilies[] = {
      ConfigCommands(),
      ConnectionCommands(),
      HashCommands(),
      IntrospectionCommands(),
      KeyCommands(),
      ListCommands(),
      ListMoveCommands(),
      PubSubCommands(),
      ScriptingCommands(),
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
