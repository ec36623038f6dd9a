#include "engine/command/all.h"

#include "engine/commands/families.h"

namespace dualis {

std::span<const Family> BuiltInFamilies() {
  static const Family kFamilies[] = {
      ConnectionCommands(), IntrospectionCommands(), KeyCommands(),
      PubSubCommands(),     StringCommands(),        TransactionCommands(),
  };
  return kFamilies;
}

}  // namespace dualis
