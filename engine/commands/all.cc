#include "engine/command/all.h"

#include "engine/commands/families.h"

namespace dualis {

std::span<const Family> BuiltInFamilies() {
  static const Family kFamilies[] = {
      ConnectionCommands(), HashCommands(),   IntrospectionCommands(), KeyCommands(),
      ListCommands(),       PubSubCommands(), ScriptingCommands(),     SetCommands(),
      SortedSetCommands(),  StreamCommands(), StringCommands(),        TransactionCommands(),
  };
  return kFamilies;
}

}  // namespace dualis
