// Consumer groups, XINFO and XSETID as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_STREAM_GROUPS_H_
#define DUALIS_API_STREAM_GROUPS_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/stream_claims.h"
#include "dualis/commands/stream_groups.h"
#include "dualis/commands/stream_info.h"

namespace dualis {

// The options of XREADGROUP. BLOCK of zero waits for ever.
struct XReadGroupOptions {
  std::optional<int64_t> count = {};
  std::optional<std::chrono::milliseconds> block = {};
  bool no_ack = false;
};

// The options of XCLAIM.
struct XClaimOptions {
  std::optional<std::chrono::milliseconds> idle = {};
  std::optional<int64_t> retry_count = {};
  bool force = false;
};

template <class Self>
class StreamGroupCommands {
 public:
  auto xgroup_create(Key key, Bytes group, Bytes id = "$", bool mkstream = false) {
    return Do(cmd::XGroupCreate{key, group, id, mkstream, {}});
  }
  auto xgroup_setid(Key key, Bytes group, Bytes id = "$") { return Do(cmd::XGroupSetId{key, group, id, {}}); }
  auto xgroup_destroy(Key key, Bytes group) { return Do(cmd::XGroupDestroy{key, group}); }
  auto xgroup_createconsumer(Key key, Bytes group, Bytes consumer) {
    return Do(cmd::XGroupCreateConsumer{key, group, consumer});
  }
  auto xgroup_delconsumer(Key key, Bytes group, Bytes consumer) {
    return Do(cmd::XGroupDelConsumer{key, group, consumer});
  }
  // One id for each key; ">": what nobody in the group got yet.
  auto xreadgroup(Bytes group, Bytes consumer, Many<Key> keys, Many<Bytes> ids, const XReadGroupOptions& options = {}) {
    std::optional<cmd::BlockMs> block;
    if (options.block) block = cmd::BlockMs(options.block->count());
    return Do(cmd::XReadGroup{cmd::GroupConsumer{group, consumer}, std::move(keys), std::move(ids), options.count,
                              block, options.no_ack});
  }
  auto xack(Key key, Bytes group, Many<Bytes> ids) { return Do(cmd::XAck{key, group, std::move(ids)}); }
  auto xpending(Key key, Bytes group) { return Do(cmd::XPending{key, group, {}}); }
  auto xpending(Key key, Bytes group, const cmd::PendingFilter& filter) {
    return Do(cmd::XPendingRange(key, group, filter));
  }
  auto xclaim(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle, Many<Bytes> ids,
              const XClaimOptions& options = {}) {
    return Do(Claim(key, group, consumer, min_idle, std::move(ids), options));
  }
  // The ids alone; counts no delivery.
  auto xclaim_justid(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle, Many<Bytes> ids,
                     const XClaimOptions& options = {}) {
    return Do(cmd::XClaimJustId(Claim(key, group, consumer, min_idle, std::move(ids), options)));
  }
  auto xautoclaim(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle, Bytes start = "0-0",
                  std::optional<int64_t> count = {}) {
    return Do(AutoClaim(key, group, consumer, min_idle, start, count));
  }
  auto xautoclaim_justid(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle, Bytes start = "0-0",
                         std::optional<int64_t> count = {}) {
    return Do(cmd::XAutoClaimJustId(AutoClaim(key, group, consumer, min_idle, start, count)));
  }
  auto xinfo_stream(Key key) { return Do(cmd::XInfoStream{key, {}, {}}); }
  auto xinfo_stream_full(Key key, std::optional<int64_t> count = {}) {
    return Do(cmd::XInfoStream{key, cmd::StreamInfoFull{count}, {}});
  }
  auto xinfo_groups(Key key) { return Do(cmd::XInfoGroups{key}); }
  auto xinfo_consumers(Key key, Bytes group) { return Do(cmd::XInfoConsumers{key, group}); }
  auto xsetid(Key key, Bytes last_id) { return Do(cmd::XSetId{key, last_id, {}, {}}); }

 private:
  static cmd::XClaim Claim(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle, Many<Bytes> ids,
                           const XClaimOptions& options) {
    cmd::XClaim claim{key, group, consumer, min_idle.count(), std::move(ids)};
    if (options.idle) claim.idle_ms = options.idle->count();
    if (options.retry_count) claim.retry_count = *options.retry_count;
    claim.force = options.force;
    return claim;
  }
  static cmd::XAutoClaim AutoClaim(Key key, Bytes group, Bytes consumer, std::chrono::milliseconds min_idle,
                                   Bytes start, std::optional<int64_t> count) {
    cmd::XAutoClaim claim{key, group, consumer, min_idle.count(), start};
    if (count) claim.count = *count;
    return claim;
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_STREAM_GROUPS_H_
