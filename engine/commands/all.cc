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
      DebugCommands(),
      DiagnosticsCommands(),
      HashCommands(),
      HashExpiryCommands(),
      HyperLogLogCommands(),
      InfoCommands(),
      IntrospectionCommands(),
      KeyCommands(),
      LcsCommands(),
      ListCommands(),
      ListMoveCommands(),
      MemoryCommands(),
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
      UsageCommands(),
  };
  // clang-format on
  return kFamilies;
}

}  // namespace dualis
