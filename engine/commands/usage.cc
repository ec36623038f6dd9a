// OBJECT IDLETIME and FREQ.
#include "dualis/commands/usage.h"

#include "engine/command/exec.h"
#include "engine/command/row.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kNoIdleTime = {
    ErrorCode::kErr,
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies "
    "at runtime LRU and LFU data will take some time to adjust."};
constexpr Error::Rep kNoFrequency = {
    ErrorCode::kErr,
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
    "between policies at runtime LRU and LFU data will take some time to adjust."};

}  // namespace

Result<std::optional<int64_t>> Run(ReadExec& x, const ObjectIdleTime& c) {
  const Entry* entry = x.Inspect(c.key);
  if (entry == nullptr) return std::optional<int64_t>();
  const Access& access = x.server().stats().access;
  if (access.lfu) return Error(&kNoIdleTime);
  x.now();  // brings the clock of uses up to date
  return std::optional(access.Idle(*entry));
}

Result<std::optional<int64_t>> Run(ReadExec& x, const ObjectFreq& c) {
  const Entry* entry = x.Inspect(c.key);
  if (entry == nullptr) return std::optional<int64_t>();
  const Access& access = x.server().stats().access;
  if (!access.lfu) return Error(&kNoFrequency);
  x.now();
  return std::optional<int64_t>(access.Frequency(*entry));
}

}  // namespace dualis::cmd

namespace dualis {

Family UsageCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<ObjectFreq>(),
      Add<ObjectIdleTime>(),
  };
  return {kCommands};
}

}  // namespace dualis
