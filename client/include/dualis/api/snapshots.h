// Values and databases as bytes, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SNAPSHOTS_H_
#define DUALIS_API_SNAPSHOTS_H_

#include "dualis/commands/snapshots.h"

namespace dualis {

// What RESTORE may be told beside the bytes.
struct RestoreOptions {
  bool replace = false;
  bool absttl = false;
  std::optional<int64_t> idletime;
  std::optional<int64_t> freq;
};

template <class Self>
class SnapshotCommands {
 public:
  auto dump(Key key) { return Do(cmd::Dump{key}); }
  // `ttl` in milliseconds; 0: none.
  auto restore(Key key, int64_t ttl, Bytes serialized_value, const RestoreOptions& o = {}) {
    return Do(cmd::Restore{key, ttl, serialized_value, o.replace, o.absttl, o.idletime, o.freq});
  }
  auto save() { return Do(cmd::Save{}); }
  auto bgsave() { return Do(cmd::BgSave{}); }
  auto lastsave() { return Do(cmd::LastSave{}); }
  auto bgrewriteaof() { return Do(cmd::BgRewriteAof{}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SNAPSHOTS_H_
