// XCLAIM and XAUTOCLAIM: pending entries change hands.
#ifndef DUALIS_COMMANDS_STREAM_CLAIMS_H_
#define DUALIS_COMMANDS_STREAM_CLAIMS_H_

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/commands/streams.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-ms] [RETRYCOUNT count] [FORCE] [JUSTID]
//        [LASTID id]
// Makes pending entries that were not delivered for `min_idle_ms` the consumer's, and replies them. Their time of
// delivery is now, or what IDLE or TIME say; the number of deliveries grows by one, or is what RETRYCOUNT says. FORCE
// takes entries too that are not pending. Ids of deleted entries are pending no more. With JUSTID use XClaimJustId.
// Error: NOGROUP.
struct XClaim {
  static constexpr CommandInfo kInfo{"XCLAIM",
                                     kWrite | kFast,
                                     Group::kStream,
                                     "5.0.0",
                                     "Makes pending entries a consumer's, as if they had been delivered to it.",
                                     "O(log N) for each id, with N the number of entries pending in the group."};
  using Reply = std::vector<StreamEntry>;
  Key key;
  Bytes group;
  Bytes consumer;
  int64_t min_idle_ms = 0;
  Many<Bytes> ids;
  std::optional<int64_t> idle_ms;
  std::optional<int64_t> time_ms;
  std::optional<int64_t> retry_count;
  bool force = false;
  bool just_id = false;
  std::optional<Bytes> last_id;
  LateErrors late;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.at_least(6);
    v.key(c.key);
    v.bytes(c.group, "group");
    v.bytes(c.consumer, "consumer");
    v.late_errors(c.late);
    v.number(c.min_idle_ms, "min-idle-time", errors::kXClaimMinIdle);
    v.some(c.ids, "id", IsStreamId);
    v.trailing(
        [&](auto& o) {
          const bool had_idle = c.idle_ms.has_value();
          o.number("IDLE", c.idle_ms, errors::kXClaimIdle);
          o.number("TIME", c.time_ms, errors::kXClaimTime);
          if constexpr (!std::is_const_v<Self>) {
            // The last one counts.
            if (c.idle_ms && c.time_ms) had_idle ? c.idle_ms.reset() : c.time_ms.reset();
          }
          o.number("RETRYCOUNT", c.retry_count, errors::kXClaimRetryCount);
          o.flag("FORCE", c.force);
          o.flag("JUSTID", c.just_id);
          o.option("LASTID", c.last_id);
          o.rule(!c.last_id || IsStreamId(*c.last_id), errors::kInvalidStreamId);
        },
        "ERR Unrecognized XCLAIM option '", "'");
  }
};
// XCLAIM ... JUSTID: replies ids alone, and counts no delivery.
struct XClaimJustId : XClaim {
  using Reply = std::vector<std::string>;
  XClaimJustId() { just_id = true; }
  explicit XClaimJustId(XClaim claim) : XClaim(std::move(claim)) { just_id = true; }
};

// What XAUTOCLAIM did: where to go on ("0-0": it has seen everything), what it claimed, and which pending ids had no
// entry any more.
template <class Claimed>
struct AutoClaimed {
  std::string next;
  std::vector<Claimed> claimed;
  std::vector<std::string> deleted;

  auto members() { return std::tie(next, claimed, deleted); }
  friend bool operator==(const AutoClaimed&, const AutoClaimed&) = default;
};

// XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]
// Walks what is pending from `start` on and claims, as XCLAIM does, up to `count` entries (100) that were not delivered
// for `min_idle_ms`. With JUSTID use XAutoClaimJustId. Error: NOGROUP.
struct XAutoClaim {
  static constexpr CommandInfo kInfo{"XAUTOCLAIM",
                                     kWrite | kFast,
                                     Group::kStream,
                                     "6.2.0",
                                     "Makes pending entries that nobody works on a consumer's.",
                                     "O(1) if COUNT is small."};
  using Reply = AutoClaimed<StreamEntry>;
  // So many that their ids still fit into memory; Redis' bound.
  static constexpr int64_t kMostCount = INT64_MAX / 16;
  Key key;
  Bytes group;
  Bytes consumer;
  int64_t min_idle_ms = 0;
  Bytes start = "0-0";
  std::optional<int64_t> count;
  bool just_id = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.bytes(c.group, "group");
    v.bytes(c.consumer, "consumer");
    v.number(c.min_idle_ms, "min-idle-time", errors::kXAutoClaimMinIdle);
    v.bytes(c.start, "start");
    const Error bad_start = CheckStreamRange(c.start, "+");
    v.rule(!bad_start, bad_start);
    v.trailing([&](auto& o) {
      o.number("COUNT", c.count, errors::kXAutoClaimCount);
      o.rule(!c.count || (*c.count > 0 && *c.count <= kMostCount), errors::kXAutoClaimCount);
      o.flag("JUSTID", c.just_id);
    });
  }
};
// XAUTOCLAIM ... JUSTID: replies ids alone, and counts no delivery.
struct XAutoClaimJustId : XAutoClaim {
  using Reply = AutoClaimed<std::string>;
  XAutoClaimJustId() { just_id = true; }
  explicit XAutoClaimJustId(XAutoClaim claim) : XAutoClaim(std::move(claim)) { just_id = true; }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STREAM_CLAIMS_H_
