#include "engine/command/tips.h"

#include <algorithm>
#include <iterator>

namespace dualis {
namespace {

constexpr Bytes kNondeterministicOutput = "nondeterministic_output";
constexpr Bytes kNondeterministicOutputOrder = "nondeterministic_output_order";
constexpr Bytes kRequestPolicyAllNodes = "request_policy:all_nodes";
constexpr Bytes kRequestPolicyAllShards = "request_policy:all_shards";
constexpr Bytes kRequestPolicyMultiShard = "request_policy:multi_shard";
constexpr Bytes kRequestPolicySpecial = "request_policy:special";
constexpr Bytes kResponsePolicyAggLogicalAnd = "response_policy:agg_logical_and";
constexpr Bytes kResponsePolicyAggMin = "response_policy:agg_min";
constexpr Bytes kResponsePolicyAggSum = "response_policy:agg_sum";
constexpr Bytes kResponsePolicyAllSucceeded = "response_policy:all_succeeded";
constexpr Bytes kResponsePolicyOneSucceeded = "response_policy:one_succeeded";
constexpr Bytes kResponsePolicySpecial = "response_policy:special";

struct Row {
  Bytes command;
  Bytes tips[3];
};

// Ordered by name.
constexpr Row kRows[] = {
    {"CLIENT INFO", {kNondeterministicOutput}},
    {"CLIENT LIST", {kNondeterministicOutput}},
    {"CLUSTER BUMPEPOCH", {kNondeterministicOutput}},
    {"CLUSTER COUNT-FAILURE-REPORTS", {kNondeterministicOutput}},
    {"CLUSTER GETKEYSINSLOT", {kNondeterministicOutput}},
    {"CLUSTER INFO", {kNondeterministicOutput}},
    {"CLUSTER LINKS", {kNondeterministicOutput}},
    {"CLUSTER NODES", {kNondeterministicOutput}},
    {"CLUSTER REPLICAS", {kNondeterministicOutput}},
    {"CLUSTER SHARDS", {kNondeterministicOutput}},
    {"CLUSTER SLAVES", {kNondeterministicOutput}},
    {"CLUSTER SLOTS", {kNondeterministicOutput}},
    {"COMMAND", {kNondeterministicOutputOrder}},
    {"COMMAND DOCS", {kNondeterministicOutputOrder}},
    {"COMMAND INFO", {kNondeterministicOutputOrder}},
    {"COMMAND LIST", {kNondeterministicOutputOrder}},
    {"CONFIG SET", {kRequestPolicyAllNodes, kResponsePolicyAllSucceeded}},
    {"DBSIZE", {kRequestPolicyAllShards, kResponsePolicyAggSum}},
    {"DEL", {kRequestPolicyMultiShard, kResponsePolicyAggSum}},
    {"DUMP", {kNondeterministicOutput}},
    {"EXISTS", {kRequestPolicyMultiShard, kResponsePolicyAggSum}},
    {"FLUSHALL", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FLUSHDB", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FUNCTION DELETE", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FUNCTION FLUSH", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FUNCTION KILL", {kRequestPolicyAllShards, kResponsePolicyOneSucceeded}},
    {"FUNCTION LIST", {kNondeterministicOutputOrder}},
    {"FUNCTION LOAD", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FUNCTION RESTORE", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"FUNCTION STATS", {kNondeterministicOutput, kRequestPolicyAllShards, kResponsePolicySpecial}},
    {"HGETALL", {kNondeterministicOutputOrder}},
    {"HKEYS", {kNondeterministicOutputOrder}},
    {"HRANDFIELD", {kNondeterministicOutput}},
    {"HSCAN", {kNondeterministicOutput}},
    {"HVALS", {kNondeterministicOutputOrder}},
    {"INFO", {kNondeterministicOutput, kRequestPolicyAllShards, kResponsePolicySpecial}},
    {"KEYS", {kRequestPolicyAllShards, kNondeterministicOutputOrder}},
    {"LASTSAVE", {kNondeterministicOutput}},
    {"LATENCY DOCTOR", {kNondeterministicOutput, kRequestPolicyAllNodes, kResponsePolicySpecial}},
    {"LATENCY GRAPH", {kNondeterministicOutput, kRequestPolicyAllNodes, kResponsePolicySpecial}},
    {"LATENCY HISTOGRAM", {kNondeterministicOutput, kRequestPolicyAllNodes, kResponsePolicySpecial}},
    {"LATENCY HISTORY", {kNondeterministicOutput, kRequestPolicyAllNodes, kResponsePolicySpecial}},
    {"LATENCY LATEST", {kNondeterministicOutput, kRequestPolicyAllNodes, kResponsePolicySpecial}},
    {"LATENCY RESET", {kRequestPolicyAllNodes, kResponsePolicyAllSucceeded}},
    {"MEMORY DOCTOR", {kNondeterministicOutput, kRequestPolicyAllShards, kResponsePolicySpecial}},
    {"MEMORY MALLOC-STATS", {kNondeterministicOutput, kRequestPolicyAllShards, kResponsePolicySpecial}},
    {"MEMORY PURGE", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"MEMORY STATS", {kNondeterministicOutput, kRequestPolicyAllShards, kResponsePolicySpecial}},
    {"MGET", {kRequestPolicyMultiShard}},
    {"MIGRATE", {kNondeterministicOutput}},
    {"MODULE LIST", {kNondeterministicOutputOrder}},
    {"MSET", {kRequestPolicyMultiShard, kResponsePolicyAllSucceeded}},
    {"MSETNX", {kRequestPolicyMultiShard, kResponsePolicyAggMin}},
    {"OBJECT ENCODING", {kNondeterministicOutput}},
    {"OBJECT FREQ", {kNondeterministicOutput}},
    {"OBJECT IDLETIME", {kNondeterministicOutput}},
    {"OBJECT REFCOUNT", {kNondeterministicOutput}},
    {"PING", {kRequestPolicyAllShards, kResponsePolicyAllSucceeded}},
    {"PTTL", {kNondeterministicOutput}},
    {"RANDOMKEY", {kRequestPolicyAllShards, kNondeterministicOutput}},
    {"SCAN", {kNondeterministicOutput, kRequestPolicySpecial}},
    {"SCRIPT EXISTS", {kRequestPolicyAllShards, kResponsePolicyAggLogicalAnd}},
    {"SCRIPT FLUSH", {kRequestPolicyAllNodes, kResponsePolicyAllSucceeded}},
    {"SCRIPT KILL", {kRequestPolicyAllShards, kResponsePolicyOneSucceeded}},
    {"SCRIPT LOAD", {kRequestPolicyAllNodes, kResponsePolicyAllSucceeded}},
    {"SDIFF", {kNondeterministicOutputOrder}},
    {"SINTER", {kNondeterministicOutputOrder}},
    {"SLOWLOG GET", {kRequestPolicyAllNodes, kNondeterministicOutput}},
    {"SLOWLOG LEN", {kRequestPolicyAllNodes, kResponsePolicyAggSum, kNondeterministicOutput}},
    {"SLOWLOG RESET", {kRequestPolicyAllNodes, kResponsePolicyAllSucceeded}},
    {"SMEMBERS", {kNondeterministicOutputOrder}},
    {"SPOP", {kNondeterministicOutput}},
    {"SRANDMEMBER", {kNondeterministicOutput}},
    {"SSCAN", {kNondeterministicOutput}},
    {"SUNION", {kNondeterministicOutputOrder}},
    {"TIME", {kNondeterministicOutput}},
    {"TOUCH", {kRequestPolicyMultiShard, kResponsePolicyAggSum}},
    {"TTL", {kNondeterministicOutput}},
    {"UNLINK", {kRequestPolicyMultiShard, kResponsePolicyAggSum}},
    {"WAIT", {kRequestPolicyAllShards, kResponsePolicyAggMin}},
    {"XADD", {kNondeterministicOutput}},
    {"XAUTOCLAIM", {kNondeterministicOutput}},
    {"XCLAIM", {kNondeterministicOutput}},
    {"XINFO CONSUMERS", {kNondeterministicOutput}},
    {"XPENDING", {kNondeterministicOutput}},
    {"XTRIM", {kNondeterministicOutput}},
    {"ZRANDMEMBER", {kNondeterministicOutput}},
    {"ZSCAN", {kNondeterministicOutput}},
};

}  // namespace

std::vector<Bytes> TipsOf(Bytes command_name) {
  std::vector<Bytes> tips;
  const Row* row = std::lower_bound(std::begin(kRows), std::end(kRows), command_name,
                                    [](const Row& r, Bytes name) { return r.command < name; });
  if (row == std::end(kRows) || row->command != command_name) return tips;
  for (Bytes tip : row->tips) {
    if (!tip.empty()) tips.push_back(tip);
  }
  return tips;
}

}  // namespace dualis
