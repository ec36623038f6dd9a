#include "engine/command/doc_notes.h"

#include <algorithm>
#include <iterator>

namespace dualis {
namespace {

constexpr Bytes kDeprecated = "deprecated";
constexpr Bytes kSystem = "syscmd";

// Both ordered by name.
constexpr DocNote kNotes[] = {
    {"BRPOPLPUSH", kDeprecated, "6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments"},
    {"CLUSTER SLAVES", kDeprecated, "5.0.0", "`CLUSTER REPLICAS`"},
    {"CLUSTER SLOTS", kDeprecated, "7.0.0", "`CLUSTER SHARDS`"},
    {"DEBUG", kSystem},
    {"GEORADIUS", kDeprecated, "6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument"},
    {"GEORADIUSBYMEMBER", kDeprecated, "6.2.0",
     "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments"},
    {"GEORADIUSBYMEMBER_RO", kDeprecated, "6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments"},
    {"GEORADIUS_RO", kDeprecated, "6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument"},
    {"GETSET", kDeprecated, "6.2.0", "`SET` with the `GET` argument"},
    {"HMSET", kDeprecated, "4.0.0", "`HSET` with multiple field-value pairs"},
    {"PFDEBUG", kSystem},
    {"PFSELFTEST", kSystem},
    {"REPLCONF", kSystem},
    {"RESTORE-ASKING", kSystem},
    {"RPOPLPUSH", kDeprecated, "6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments"},
    {"SLAVEOF", kDeprecated, "5.0.0", "`REPLICAOF`"},
    {"SUBSTR", kDeprecated, "2.0.0", "`GETRANGE`"},
    {"ZRANGEBYLEX", kDeprecated, "6.2.0", "`ZRANGE` with the `BYLEX` argument"},
    {"ZRANGEBYSCORE", kDeprecated, "6.2.0", "`ZRANGE` with the `BYSCORE` argument"},
    {"ZREVRANGE", kDeprecated, "6.2.0", "`ZRANGE` with the `REV` argument"},
    {"ZREVRANGEBYLEX", kDeprecated, "6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments"},
    {"ZREVRANGEBYSCORE", kDeprecated, "6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments"},
};

constexpr ContainerDoc kContainers[] = {
    {"ACL", "6.0.0", Group::kServer, "Users and what they may do"},
    {"CLIENT", "2.4.0", Group::kConnection, "This connection and the others"},
    {"CLUSTER", "3.0.0", Group::kCluster, "The cluster that this server is not part of"},
    {"CONFIG", "2.0.0", Group::kServer, "The parameters of the server"},
    {"FUNCTION", "7.0.0", Group::kScripting, "Libraries of functions"},
    {"LATENCY", "2.8.13", Group::kServer, "Events that took long"},
    {"MEMORY", "4.0.0", Group::kServer, "Where memory goes"},
    {"MODULE", "4.0.0", Group::kServer, "Modules of the server"},
    {"OBJECT", "2.2.3", Group::kGeneric, "How values are kept"},
    {"PUBSUB", "2.8.0", Group::kPubSub, "Channels and who listens"},
    {"SCRIPT", "2.6.0", Group::kScripting, "The cache of Lua scripts"},
    {"SLOWLOG", "2.2.12", Group::kServer, "Commands that took long"},
    {"XGROUP", "5.0.0", Group::kStream, "Consumer groups of a stream"},
    {"XINFO", "5.0.0", Group::kStream, "The state of a stream and its groups"},
};

template <size_t N, class Row, class Name>
const Row* FindRow(const Row (&rows)[N], Bytes name, Name name_of) {
  const Row* row =
      std::lower_bound(std::begin(rows), std::end(rows), name, [&](const Row& r, Bytes n) { return name_of(r) < n; });
  return row != std::end(rows) && name_of(*row) == name ? row : nullptr;
}

}  // namespace

const DocNote* DocNoteOf(Bytes command_name) {
  return FindRow(kNotes, command_name, [](const DocNote& note) { return note.command; });
}

const ContainerDoc* ContainerDocOf(Bytes name) {
  return FindRow(kContainers, name, [](const ContainerDoc& doc) { return doc.name; });
}

}  // namespace dualis
