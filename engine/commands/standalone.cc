// Answers of a Redis that stands alone to the commands of clusters, of replication and of modules.
#include "dualis/commands/standalone.h"

#include <algorithm>

#include "engine/command/describe.h"
#include "engine/command/exec.h"
#include "engine/command/help.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/families.h"

namespace dualis::cmd {
namespace {

Error NoCluster() { return Error(&errors::kNoCluster); }
Error NoModules() { return Error(&errors::kNoModules); }

Result<Ack> Follow(Bytes host, Bytes port) {
  if (IsWord(host, "NO") && IsWord(port, "ONE")) return Ack{};
  int64_t number;
  if (!Arg(port).ToInt(&number) || number < 0 || number > 65535) return Error(&errors::kMasterPort);
  return Error(&errors::kNoReplication);
}

}  // namespace

template <class C>
Outcome Run(dualis::Exec&, const OfCluster<C>&, ReplySink&) {
  return NoCluster();
}

Result<Ack> Run(dualis::Exec&, const Asking&) { return NoCluster(); }
Result<Ack> Run(dualis::Exec&, const ReadOnly&) { return NoCluster(); }
Result<Ack> Run(dualis::Exec&, const ReadWrite&) { return NoCluster(); }

Result<Ack> Run(dualis::Exec&, const ReplicaOf& c) { return Follow(c.host, c.port); }
Result<Ack> Run(dualis::Exec&, const SlaveOf& c) { return Follow(c.host, c.port); }

Outcome Run(dualis::Exec& x, const ReplConf& c, ReplySink& sink) {
  if (c.words.size() % 2 != 0) return Error(&errors::kSyntax);
  for (size_t i = 0; i < c.words.size(); i += 2) {
    const Bytes option = c.words[i];
    if (IsWord(option, "LISTENING-PORT") || IsWord(option, "RDB-ONLY")) {
      int64_t number;
      if (!Arg(c.words[i + 1]).ToInt(&number)) return Error(&errors::kNotInteger);
    } else if (IsWord(option, "ACK") || IsWord(option, "GETACK")) {
      // Talk between a master and its replicas, which nobody answers; EXEC's array may not have a gap.
      if (!x.mode().may_park) sink.Simple("OK");
      return Outcome();
    } else if (!IsWord(option, "IP-ADDRESS") && !IsWord(option, "CAPA") && !IsWord(option, "RDB-FILTER-ONLY")) {
      return errors::Named("ERR Unrecognized REPLCONF option: ", option);
    }
  }
  sink.Simple("OK");
  return Outcome();
}

Outcome Run(dualis::Exec&, const PSync&, ReplySink&) { return Error(&errors::kNoReplication); }
Outcome Run(dualis::Exec&, const Sync&, ReplySink&) { return Error(&errors::kNoReplication); }

Result<Ack> Run(dualis::Exec&, const Failover& c) {
  bool abort = false;
  bool timed = false;
  bool named = false;
  bool force = false;
  for (size_t i = 0; i < c.words.size(); ++i) {
    const size_t more = c.words.size() - 1 - i;
    int64_t number;
    if (IsWord(c.words[i], "TIMEOUT") && more > 0 && !timed) {
      if (!Arg(c.words[++i]).ToInt(&number)) return Error(&errors::kNotInteger);
      if (number <= 0) return Error(&errors::kFailoverTimeout);
      timed = true;
    } else if (IsWord(c.words[i], "ABORT") && c.words.size() == 1) {
      abort = true;
    } else if (IsWord(c.words[i], "TO") && more > 1 && !named) {
      if (!Arg(c.words[i + 2]).ToInt(&number)) return Error(&errors::kNotInteger);
      named = true;
      i += 2;
    } else if (IsWord(c.words[i], "FORCE") && !force) {
      force = true;
    } else {
      return Error(&errors::kSyntax);
    }
  }
  return Error(abort ? &errors::kNoFailover : &errors::kFailoverReplicas);
}

bool Migrate::FindKeys(Args argv, std::vector<KeyPosition>* keys) {
  constexpr size_t kKey = 3, kOptions = 6;
  if (argv.size() < kOptions) return false;
  constexpr uint16_t kUse = kKeyRW | kKeyAccess | kKeyDelete;
  char buffer[Arg::kTextBytes];
  for (size_t i = kOptions; i + 1 < argv.size(); ++i) {
    const Bytes word = argv[i].Text(buffer);
    if (IsWord(word, "AUTH")) {
      ++i;
    } else if (IsWord(word, "AUTH2")) {
      i += 2;
    } else if (IsWord(word, "KEYS")) {
      // With a key besides it is refused.
      if (!argv[kKey].Text(buffer).empty()) return false;
      while (++i < argv.size()) keys->push_back({i, kUse});
      return true;
    }
  }
  keys->push_back({kKey, kUse});
  return true;
}

Outcome Run(dualis::Exec& x, const Migrate& c, ReplySink& sink) {
  std::vector<Bytes> keys = {c.key.name};
  for (size_t i = 0; i < c.options.size(); ++i) {
    const size_t more = c.options.size() - 1 - i;
    if (IsWord(c.options[i], "AUTH") && more > 0) {
      ++i;
    } else if (IsWord(c.options[i], "AUTH2") && more > 1) {
      i += 2;
    } else if (IsWord(c.options[i], "KEYS")) {
      if (!c.key.name.empty()) return Error(&errors::kMigrateKeys);
      keys.assign(c.options.begin() + static_cast<std::ptrdiff_t>(i) + 1, c.options.end());
      break;
    } else if (!IsWord(c.options[i], "COPY") && !IsWord(c.options[i], "REPLACE")) {
      return Error(&errors::kSyntax);
    }
  }
  int64_t number;
  if (!c.timeout.Get(&number) || !c.db.Get(&number)) return Error(&errors::kNotInteger);
  if (std::none_of(keys.begin(), keys.end(), [&](Bytes key) { return x.Find(Key(key)) != nullptr; })) {
    sink.Simple("NOKEY");
    return Outcome();
  }
  return Error(&errors::kMigrateNobody);
}

Outcome Run(dualis::Exec&, const ModuleList&, ReplySink& sink) {
  sink.Begin(Shape::kArray, 0);
  sink.End();
  return Outcome();
}

Result<Ack> Run(dualis::Exec&, const ModuleLoad&) { return NoModules(); }
Result<Ack> Run(dualis::Exec&, const ModuleLoadEx&) { return NoModules(); }
Result<Ack> Run(dualis::Exec&, const ModuleUnload&) { return NoModules(); }

Outcome Run(dualis::Exec&, const ModuleHelp&, ReplySink& sink) {
  static constexpr Bytes kLines[] = {
      "LIST",
      "    Return a list of loaded modules.",
      "LOAD <path> [<arg> ...]",
      "    Load a module library from <path>, passing to it any optional arguments.",
      "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
      "    Load a module library from <path>, while passing it module configurations and optional arguments.",
      "UNLOAD <name>",
      "    Unload a module.",
  };
  return EmitHelp("MODULE", kLines, sink);
}

}  // namespace dualis::cmd

namespace dualis {

Family StandaloneCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<Asking>(),
      Add<ClusterAddslots>(),
      Add<ClusterAddslotsrange>(),
      Add<ClusterBumpepoch>(),
      Add<ClusterCountFailureReports>(),
      Add<ClusterCountkeysinslot>(),
      Add<ClusterDelslots>(),
      Add<ClusterDelslotsrange>(),
      Add<ClusterFailover>(),
      Add<ClusterFlushslots>(),
      Add<ClusterForget>(),
      Add<ClusterGetkeysinslot>(),
      Add<ClusterHelp>(),
      Add<ClusterInfo>(),
      Add<ClusterKeyslot>(),
      Add<ClusterLinks>(),
      Add<ClusterMeet>(),
      Add<ClusterMyid>(),
      Add<ClusterMyshardid>(),
      Add<ClusterNodes>(),
      Add<ClusterReplicas>(),
      Add<ClusterReplicate>(),
      Add<ClusterReset>(),
      Add<ClusterSaveconfig>(),
      Add<ClusterSetConfigEpoch>(),
      Add<ClusterSetslot>(),
      Add<ClusterShards>(),
      Add<ClusterSlaves>(),
      Add<ClusterSlots>(),
      Add<Failover>(),
      Add<Migrate>(),
      Add<ModuleHelp>(),
      Add<ModuleList>(),
      Add<ModuleLoad>(),
      Add<ModuleLoadEx>(),
      Add<ModuleUnload>(),
      Add<PSync>(),
      Add<cmd::ReadOnly>(),
      Add<ReadWrite>(),
      Add<ReplConf>(),
      Add<ReplicaOf>(),
      Add<SlaveOf>(),
      Add<Sync>(),
  };
  return {kCommands};
}

}  // namespace dualis
