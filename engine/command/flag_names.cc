#include "engine/command/flag_names.h"

#include <algorithm>

namespace dualis {
namespace {

struct Named {
  uint32_t flag;
  Bytes name;
};

template <size_t N>
std::vector<Bytes> NamesOf(uint32_t flags, const Named (&table)[N]) {
  std::vector<Bytes> names;
  for (const Named& row : table) {
    if ((flags & row.flag) != 0) names.push_back(row.name);
  }
  return names;
}

struct GroupNames {
  Bytes name;
  Bytes category;
};

// In the order of Group.
constexpr GroupNames kGroups[] = {
    {"string", "string"},
    {"bitmap", "bitmap"},
    {"list", "list"},
    {"hash", "hash"},
    {"set", "set"},
    {"sorted-set", "sortedset"},
    {"geo", "geo"},
    {"hyperloglog", "hyperloglog"},
    {"stream", "stream"},
    {"generic", "keyspace"},
    {"pubsub", "pubsub"},
    {"transactions", "transaction"},
    {"scripting", "scripting"},
    {"connection", "connection"},
    {"server", ""},
    {"cluster", ""},
};

}  // namespace

std::vector<Bytes> FlagNames(uint32_t flags) {
  static constexpr Named kNames[] = {
      {kWrite, "write"},
      {kReadOnly, "readonly"},
      {kDenyOom, "denyoom"},
      {kAdmin, "admin"},
      {kPubSub, "pubsub"},
      {kNoScriptFlag, "noscript"},
      {kBlocking, "blocking"},
      {kLoading, "loading"},
      {kStale, "stale"},
      {kSkipMonitor, "skip_monitor"},
      {kSkipSlowlog, "skip_slowlog"},
      {kFast, "fast"},
      {kNoAuthFlag, "no_auth"},
      {kMovableKeys, "movablekeys"},
      {kAllowBusy, "allow_busy"},
      {kNoMulti, "no_multi"},
      {kNoMandatoryKeys, "no_mandatory_keys"},
      {kNoAsyncLoading, "no_async_loading"},
  };
  return NamesOf(flags, kNames);
}

std::vector<Bytes> KeyUseNames(uint16_t use) {
  static constexpr Named kNames[] = {
      {kKeyRO, "RO"},
      {kKeyRW, "RW"},
      {kKeyOW, "OW"},
      {kKeyRM, "RM"},
      {kKeyAccess, "access"},
      {kKeyUpdate, "update"},
      {kKeyInsert, "insert"},
      {kKeyDelete, "delete"},
      {kKeyNotKey, "not_key"},
      {kKeyVariable, "variable_flags"},
      {kKeyIncomplete, "incomplete"},
  };
  return NamesOf(use, kNames);
}

std::vector<Bytes> CategoryNames(const CommandInfo& info) {
  std::vector<Bytes> names;
  const Bytes group = kGroups[static_cast<size_t>(info.group)].category;
  const bool own = info.categories == CommandInfo::kGroupCategory;
  if (own && (info.flags & (kWrite | kReadOnly)) != 0 && info.group == Group::kServer) names.push_back("keyspace");
  if ((info.flags & kWrite) != 0) names.push_back("write");
  if ((info.flags & kReadOnly) != 0 && info.group != Group::kScripting) names.push_back("read");
  if (own && !group.empty()) names.push_back(group);
  for (Bytes rest = own ? Bytes() : info.categories; !rest.empty();) {
    const size_t blank = std::min(rest.find(' '), rest.size());
    names.push_back(rest.substr(0, blank));
    rest.remove_prefix(std::min(blank + 1, rest.size()));
  }
  if ((info.flags & kAdmin) != 0) names.push_back("admin");
  names.push_back((info.flags & kFast) != 0 ? "fast" : "slow");
  if ((info.flags & kBlocking) != 0) names.push_back("blocking");
  if ((info.flags & (kAdmin | kDangerous)) != 0) names.push_back("dangerous");
  return names;
}

std::span<const Bytes> AclCategories() {
  static constexpr Bytes kNames[] = {
      "keyspace", "read",   "write",       "set",       "sortedset",  "list",        "hash",
      "string",   "bitmap", "hyperloglog", "geo",       "stream",     "pubsub",      "admin",
      "fast",     "slow",   "blocking",    "dangerous", "connection", "transaction", "scripting",
  };
  return kNames;
}

Bytes GroupName(Group group) { return kGroups[static_cast<size_t>(group)].name; }

}  // namespace dualis
