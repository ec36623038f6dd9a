// Commands of clusters, of replication and of modules: the engine stands alone, and answers them as a Redis that does.
#ifndef DUALIS_COMMANDS_STANDALONE_H_
#define DUALIS_COMMANDS_STANDALONE_H_

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// A command that only a node of a cluster has: refused, whatever its words are. C::kWords counts them as Redis counts
// an arity, with CLUSTER and the subcommand.
template <class C>
struct OfCluster {
  using Reply = AnyReply;
  Bytes first;
  Bytes second;
  Many<Bytes> rest;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    constexpr int kMust = C::kWords < 0 ? -C::kWords : C::kWords;
    if constexpr (kMust > 2) v.bytes(c.first, "word");
    if constexpr (kMust > 3) v.bytes(c.second, "word");
    if constexpr (C::kWords < 0) v.any(c.rest, "word");
  }
};

struct ClusterAddslots : OfCluster<ClusterAddslots> {
  static constexpr int kWords = -3;
  static constexpr CommandInfo kInfo{"CLUSTER ADDSLOTS",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Assign new hash slots to receiving node",
                                     "O(N) where N is the total number of hash slot arguments"};
};

struct ClusterAddslotsrange : OfCluster<ClusterAddslotsrange> {
  static constexpr int kWords = -4;
  static constexpr CommandInfo kInfo{
      "CLUSTER ADDSLOTSRANGE",
      kAdmin | kStale | kNoAsyncLoading,
      Group::kCluster,
      "7.0.0",
      "Assign new hash slots to receiving node",
      "O(N) where N is the total number of the slots between the start slot and end slot arguments."};
};

struct ClusterBumpepoch : OfCluster<ClusterBumpepoch> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER BUMPEPOCH",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Advance the cluster config epoch",
                                     "O(1)"};
};

struct ClusterCountFailureReports : OfCluster<ClusterCountFailureReports> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER COUNT-FAILURE-REPORTS",
                                     kAdmin | kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Return the number of failure reports active for a given node",
                                     "O(N) where N is the number of failure reports"};
};

struct ClusterCountkeysinslot : OfCluster<ClusterCountkeysinslot> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER COUNTKEYSINSLOT",
                                     kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Return the number of local keys in the specified hash slot",
                                     "O(1)"};
};

struct ClusterDelslots : OfCluster<ClusterDelslots> {
  static constexpr int kWords = -3;
  static constexpr CommandInfo kInfo{"CLUSTER DELSLOTS",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Set hash slots as unbound in receiving node",
                                     "O(N) where N is the total number of hash slot arguments"};
};

struct ClusterDelslotsrange : OfCluster<ClusterDelslotsrange> {
  static constexpr int kWords = -4;
  static constexpr CommandInfo kInfo{
      "CLUSTER DELSLOTSRANGE",
      kAdmin | kStale | kNoAsyncLoading,
      Group::kCluster,
      "7.0.0",
      "Set hash slots as unbound in receiving node",
      "O(N) where N is the total number of the slots between the start slot and end slot arguments."};
};

struct ClusterFailover : OfCluster<ClusterFailover> {
  static constexpr int kWords = -2;
  static constexpr CommandInfo kInfo{"CLUSTER FAILOVER",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Forces a replica to perform a manual failover of its master.",
                                     "O(1)"};
};

struct ClusterFlushslots : OfCluster<ClusterFlushslots> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER FLUSHSLOTS",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Delete a node's own slots information",
                                     "O(1)"};
};

struct ClusterForget : OfCluster<ClusterForget> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER FORGET", kAdmin | kStale | kNoAsyncLoading,    Group::kCluster,
                                     "3.0.0",          "Remove a node from the nodes table", "O(1)"};
};

struct ClusterGetkeysinslot : OfCluster<ClusterGetkeysinslot> {
  static constexpr int kWords = 4;
  static constexpr CommandInfo kInfo{"CLUSTER GETKEYSINSLOT",
                                     kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Return local key names in the specified hash slot",
                                     "O(log(N)) where N is the number of requested keys"};
};

struct ClusterHelp : OfCluster<ClusterHelp> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{
      "CLUSTER HELP", kLoading | kStale, Group::kCluster, "5.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
};

struct ClusterInfo : OfCluster<ClusterInfo> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{
      "CLUSTER INFO", kStale, Group::kCluster, "3.0.0", "Provides info about Redis Cluster node state", "O(1)"};
};

struct ClusterKeyslot : OfCluster<ClusterKeyslot> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER KEYSLOT",
                                     kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Returns the hash slot of the specified key",
                                     "O(N) where N is the number of bytes in the key"};
};

struct ClusterLinks : OfCluster<ClusterLinks> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER LINKS",
                                     kStale,
                                     Group::kCluster,
                                     "7.0.0",
                                     "Returns a list of all TCP links to and from peer nodes in cluster",
                                     "O(N) where N is the total number of Cluster nodes"};
};

struct ClusterMeet : OfCluster<ClusterMeet> {
  static constexpr int kWords = -4;
  static constexpr CommandInfo kInfo{"CLUSTER MEET",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Force a node cluster to handshake with another node",
                                     "O(1)"};
};

struct ClusterMyid : OfCluster<ClusterMyid> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER MYID", kStale, Group::kCluster, "3.0.0", "Return the node id", "O(1)"};
};

struct ClusterMyshardid : OfCluster<ClusterMyshardid> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{
      "CLUSTER MYSHARDID", kStale, Group::kCluster, "7.2.0", "Returns the shard ID of a node.", "O(1)"};
};

struct ClusterNodes : OfCluster<ClusterNodes> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER NODES",
                                     kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Get Cluster config for the node",
                                     "O(N) where N is the total number of Cluster nodes"};
};

struct ClusterReplicas : OfCluster<ClusterReplicas> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER REPLICAS",
                                     kAdmin | kStale,
                                     Group::kCluster,
                                     "5.0.0",
                                     "List replica nodes of the specified master node",
                                     "O(1)"};
};

struct ClusterReplicate : OfCluster<ClusterReplicate> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER REPLICATE",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Reconfigure a node as a replica of the specified master node",
                                     "O(1)"};
};

struct ClusterReset : OfCluster<ClusterReset> {
  static constexpr int kWords = -2;
  static constexpr CommandInfo kInfo{
      "CLUSTER RESET",
      kAdmin | kStale | kNoScriptFlag,
      Group::kCluster,
      "3.0.0",
      "Reset a Redis Cluster node",
      "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect."};
};

struct ClusterSaveconfig : OfCluster<ClusterSaveconfig> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER SAVECONFIG",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Forces the node to save cluster state on disk",
                                     "O(1)"};
};

struct ClusterSetConfigEpoch : OfCluster<ClusterSetConfigEpoch> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER SET-CONFIG-EPOCH",
                                     kAdmin | kStale | kNoAsyncLoading,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Set the configuration epoch in a new node",
                                     "O(1)"};
};

struct ClusterSetslot : OfCluster<ClusterSetslot> {
  static constexpr int kWords = -4;
  static constexpr CommandInfo kInfo{"CLUSTER SETSLOT", kAdmin | kStale | kNoAsyncLoading,     Group::kCluster,
                                     "3.0.0",           "Bind a hash slot to a specific node", "O(1)"};
};

struct ClusterShards : OfCluster<ClusterShards> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER SHARDS",
                                     kStale,
                                     Group::kCluster,
                                     "7.0.0",
                                     "Get array of cluster slots to node mappings",
                                     "O(N) where N is the total number of cluster nodes"};
};

struct ClusterSlaves : OfCluster<ClusterSlaves> {
  static constexpr int kWords = 3;
  static constexpr CommandInfo kInfo{"CLUSTER SLAVES",
                                     kAdmin | kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "List replica nodes of the specified master node",
                                     "O(1)"};
};

struct ClusterSlots : OfCluster<ClusterSlots> {
  static constexpr int kWords = 2;
  static constexpr CommandInfo kInfo{"CLUSTER SLOTS",
                                     kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Get array of Cluster slot to node mappings",
                                     "O(N) where N is the total number of Cluster nodes"};
};

// ASKING, READONLY, READWRITE
struct Asking {
  static constexpr CommandInfo kInfo{
      "ASKING", kFast,       Group::kCluster, "3.0.0", "Sent by cluster clients after an -ASK redirect",
      "O(1)",   "connection"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

struct ReadOnly {
  static constexpr CommandInfo kInfo{"READONLY",
                                     kFast | kLoading | kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Enables read queries for a connection to a cluster replica node",
                                     "O(1)",
                                     "connection"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

struct ReadWrite {
  static constexpr CommandInfo kInfo{"READWRITE",
                                     kFast | kLoading | kStale,
                                     Group::kCluster,
                                     "3.0.0",
                                     "Disables read queries for a connection to a cluster replica node",
                                     "O(1)",
                                     "connection"};
  using Reply = Ack;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// REPLICAOF host port, REPLICAOF NO ONE: the engine is nobody's replica, and stays so.
struct ReplicaOf {
  static constexpr CommandInfo kInfo{"REPLICAOF",
                                     kAdmin | kNoScriptFlag | kStale | kNoAsyncLoading,
                                     Group::kServer,
                                     "5.0.0",
                                     "Make the server a replica of another instance, or promote it as master.",
                                     "O(1)"};
  using Reply = Ack;
  Bytes host;
  Bytes port;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.host, "host");
    v.bytes(c.port, "port");
  }
};

// SLAVEOF host port
struct SlaveOf : ReplicaOf {
  static constexpr CommandInfo kInfo{"SLAVEOF",
                                     kAdmin | kNoScriptFlag | kStale | kNoAsyncLoading,
                                     Group::kServer,
                                     "1.0.0",
                                     "Make the server a replica of another instance, or promote it as master.",
                                     "O(1)"};
};

// REPLCONF [option value ...]: what a replica says of itself.
struct ReplConf {
  static constexpr CommandInfo kInfo{
      "REPLCONF", kAdmin | kNoScriptFlag | kLoading | kStale | kAllowBusy,      Group::kServer,
      "3.0.0",    "An internal command for configuring the replication stream", "O(1)"};
  using Reply = Ack;
  Many<Bytes> words;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.words, "option");
  }
};

// PSYNC replicationid offset
struct PSync {
  static constexpr CommandInfo kInfo{"PSYNC",
                                     kAdmin | kNoScriptFlag | kNoAsyncLoading | kNoMulti,
                                     Group::kServer,
                                     "2.8.0",
                                     "Internal command used for replication",
                                     ""};
  using Reply = AnyReply;
  Many<Bytes> words;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.words, "word");
    v.at_least(3);
  }
};

// SYNC
struct Sync {
  static constexpr CommandInfo kInfo{"SYNC",
                                     kAdmin | kNoScriptFlag | kNoAsyncLoading | kNoMulti,
                                     Group::kServer,
                                     "1.0.0",
                                     "Internal command used for replication",
                                     ""};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]
struct Failover {
  static constexpr CommandInfo kInfo{"FAILOVER",
                                     kAdmin | kNoScriptFlag | kStale,
                                     Group::kServer,
                                     "6.2.0",
                                     "Start a coordinated failover between this server and one of its replicas.",
                                     "O(1)"};
  using Reply = Ack;
  Many<Bytes> words;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.words, "option");
  }
};

// MIGRATE host port key|"" destination-db timeout [COPY] [REPLACE] [AUTH password] [AUTH2 username password] [KEYS key
// ...] The engine opens no connections: it answers as if the other end did not.
struct Migrate {
  static constexpr CommandInfo kInfo{
      "MIGRATE",
      kWrite | kDangerous | kMovableKeys,
      Group::kGeneric,
      "2.6.0",
      "Atomically transfer a key from a Redis instance to another one.",
      "This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the "
      "pages of these commands for time complexity. Also an O(N) data transfer between the two instances is "
      "performed."};
  using Reply = AnyReply;
  Bytes host;
  Bytes port;
  Key key;
  Late<int64_t> db;
  Late<int64_t> timeout;
  Many<Bytes> options;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.host, "host");
    v.bytes(c.port, "port");
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete));
    v.late(c.db, "destination-db");
    v.late(c.timeout, "timeout");
    v.any(c.options, "option");
    v.keys_behind(static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyDelete | kKeyIncomplete), "KEYS");
  }
  static bool FindKeys(Args argv, std::vector<KeyPosition>* keys);
};

// MODULE LIST: there are none.
struct ModuleList {
  static constexpr CommandInfo kInfo{"MODULE LIST",
                                     kAdmin | kNoScriptFlag,
                                     Group::kServer,
                                     "4.0.0",
                                     "List all modules loaded by the server",
                                     "O(N) where N is the number of loaded modules."};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// MODULE LOAD path [arg ...]: not allowed, as in a Redis that was not told otherwise.
struct ModuleLoad {
  static constexpr CommandInfo kInfo{
      "MODULE LOAD", kAdmin | kNoScriptFlag | kNoAsyncLoading, Group::kServer, "4.0.0", "Load a module", "O(1)"};
  using Reply = Ack;
  Bytes path;
  Many<Bytes> args;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.path, "path");
    v.any(c.args, "arg");
  }
};

// MODULE LOADEX path [CONFIG name value ...] [ARGS arg ...]
struct ModuleLoadEx {
  static constexpr CommandInfo kInfo{"MODULE LOADEX", kAdmin | kNoScriptFlag | kNoAsyncLoading, Group::kServer,
                                     "7.0.0",         "Load a module with extended parameters", "O(1)"};
  using Reply = Ack;
  Bytes path;
  Many<Bytes> args;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.path, "path");
    v.any(c.args, "arg");
  }
};

// MODULE UNLOAD name
struct ModuleUnload {
  static constexpr CommandInfo kInfo{
      "MODULE UNLOAD", kAdmin | kNoScriptFlag | kNoAsyncLoading, Group::kServer, "4.0.0", "Unload a module", "O(1)"};
  using Reply = Ack;
  Bytes name;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.bytes(c.name, "name");
  }
};

// MODULE HELP
struct ModuleHelp {
  static constexpr CommandInfo kInfo{
      "MODULE HELP", kLoading | kStale, Group::kServer, "5.0.0", "Show helpful text about the different subcommands",
      "O(1)"};
  using Reply = AnyReply;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STANDALONE_H_
