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
      BitFieldCommands(),
      BitmapCommands(),
      ClientCommands(),
      ConnectionCommands(),
      FunctionCommands(),
      GeoCommands(),
      GeoSearchCommands(),
      HashCommands(),
      HashExpiryCommands(),
      HyperLogLogCommands(),
      IntrospectionCommands(),
      KeyCommands(),
      LcsCommands(),
      ListCommands(),
      ListMoveCommands(),
      PubSubCommands(),
      ScriptingCommands(),
      RandomMemberCommands(),
      SetAlgebraCommands(),
      SetCommands(),
      SnapshotCommands(),
      ServerFactCommands(),
      SetCommands(),
      SortCommands(),
      SortedSetCommands(),
      StreamClaimCommands(),
      StandaloneCommands(),
      StreamCommands(),
      StreamGroupCommands(),
      StreamInfoCommands(),
      StreamReadCommands(),
      StringCommands(),
      TrackingCommands(),
      TransactionCommands(),
      TransferCommands(),
      WaitCommands(),
      ZSetAlgebraCommands(),
      ZSetPopCommands(),
  };
  // clang-format on
  return kFamilies;
}

}  // namespace dualis
