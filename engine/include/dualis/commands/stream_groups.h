// The commands of a stream's consumer groups: XGROUP, XREADGROUP, XACK, XPENDING.
#ifndef DUALIS_COMMANDS_STREAM_GROUPS_H_
#define DUALIS_COMMANDS_STREAM_GROUPS_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/commands/streams.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// ENTRIESREAD entries-read: how many of the entries ever added a group has passed; -1 if that is not known.
struct EntriesRead {
  int64_t entries = -1;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.entries, "entries-read");
    v.rule(c.entries >= -1, errors::kEntriesReadNegative);
  }
};

// XGROUP CREATE key group id|$ [MKSTREAM] [ENTRIESREAD entries-read]
// A group that will get the entries after `id` ("$": only new ones). MKSTREAM creates an empty stream for it if needed.
// Error: BUSYGROUP if there is a group of this name.
struct XGroupCreate {
  static constexpr CommandInfo kInfo{"XGROUP CREATE", kWrite | kDenyOom,           Group::kStream,
                                     "5.0.0",         "Creates a consumer group.", "O(1)"};
  using Reply = Ack;
  Key key;
  Bytes group;
  Bytes id = "$";
  bool mkstream = false;
  std::optional<EntriesRead> entries_read;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.bytes(c.group, "group");
    v.bytes(c.id, "id");
    v.subcommand_errors();
    v.trailing([&](auto& o) {
      o.flag("MKSTREAM", c.mkstream);
      o.option("ENTRIESREAD", c.entries_read);
    });
  }
};

// XGROUP SETID key group id|$ [ENTRIESREAD entries-read]
// The group goes on after `id`.
struct XGroupSetId {
  static constexpr CommandInfo kInfo{
      "XGROUP SETID", kWrite, Group::kStream, "5.0.0", "Sets the last-delivered id of a consumer group.", "O(1)"};
  using Reply = Ack;
  Key key;
  Bytes group;
  Bytes id = "$";
  std::optional<EntriesRead> entries_read;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.group, "group");
    v.bytes(c.id, "id");
    v.subcommand_errors();
    v.trailing([&](auto& o) { o.option("ENTRIESREAD", c.entries_read); });
  }
};

// XGROUP DESTROY key group
// Replies whether there was one. Readers that wait for the group get a NOGROUP error.
struct XGroupDestroy {
  static constexpr CommandInfo kInfo{"XGROUP DESTROY",
                                     kWrite,
                                     Group::kStream,
                                     "5.0.0",
                                     "Destroys a consumer group.",
                                     "O(N) with N the number of entries pending in the group."};
  using Reply = bool;
  Key key;
  Bytes group;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.bytes(c.group, "group");
  }
};

// XGROUP CREATECONSUMER key group consumer
// Replies whether it is new. Consumers are also created by the first command that names them.
struct XGroupCreateConsumer {
  static constexpr CommandInfo kInfo{"XGROUP CREATECONSUMER",
                                     kWrite | kDenyOom,
                                     Group::kStream,
                                     "6.2.0",
                                     "Creates a consumer in a consumer group.",
                                     "O(1)"};
  using Reply = bool;
  Key key;
  Bytes group;
  Bytes consumer;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.bytes(c.group, "group");
    v.bytes(c.consumer, "consumer");
  }
};

// XGROUP DELCONSUMER key group consumer
// Replies how many entries were pending for it; nobody has them now.
struct XGroupDelConsumer {
  static constexpr CommandInfo kInfo{
      "XGROUP DELCONSUMER", kWrite, Group::kStream, "5.0.0", "Deletes a consumer from a consumer group.", "O(1)"};
  using Reply = int64_t;
  Key key;
  Bytes group;
  Bytes consumer;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.bytes(c.group, "group");
    v.bytes(c.consumer, "consumer");
  }
};

// XGROUP HELP
struct XGroupHelp {
  static constexpr CommandInfo kInfo{
      "XGROUP HELP", kLoading | kStale, Group::kStream, "5.0.0", "Shows helpful text about the subcommands.", "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class Visitor>
  static void Syntax(Self&, Visitor&) {}
};

// GROUP group consumer
struct GroupConsumer {
  Bytes group;
  Bytes consumer;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.bytes(c.group, "group");
    v.bytes(c.consumer, "consumer");
  }
};

// XREADGROUP GROUP group consumer [COUNT count] [BLOCK milliseconds] [NOACK] STREAMS key [key ...] id [id ...]
// With the id ">": the next entries that nobody in the group got yet; they are now pending for this consumer, unless
// NOACK. With another id: what is pending for this consumer after that id, again; a deleted entry has no fields. BLOCK
// waits if there is nothing new for any of the streams. Error: NOGROUP if a key or group is missing, also while
// waiting.
struct XReadGroup {
  static constexpr CommandInfo kInfo{"XREADGROUP",
                                     kWrite | kBlocking | kMovableKeys,
                                     Group::kStream,
                                     "5.0.0",
                                     "Returns new or pending entries to a consumer of a group; can wait for them.",
                                     "O(N) with N the number of entries returned."};
  using Reply = std::vector<std::pair<KeyName, std::vector<StreamEntry>>>;
  std::optional<GroupConsumer> reader;
  Many<Key> keys;
  Many<Bytes> ids;
  std::optional<int64_t> count;
  std::optional<BlockMs> block;
  bool no_ack = false;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.at_least(7);
    v.trailing([&](auto& o) {
      o.option("GROUP", c.reader);
      o.option("COUNT", c.count);
      o.option("BLOCK", c.block);
      o.flag("NOACK", c.no_ack);
      o.ending("STREAMS");
    });
    v.halves(c.keys, c.ids, "id", errors::kXReadUnbalanced, static_cast<KeyUse>(kKeyRO | kKeyAccess));
    v.rule(c.reader.has_value(), errors::kXReadGroupMissing);
  }
};

// XACK key group id [id ...]
// The entries are done with. Replies how many of them were pending.
struct XAck {
  static constexpr CommandInfo kInfo{"XACK",
                                     kWrite | kFast,
                                     Group::kStream,
                                     "5.0.0",
                                     "Acknowledges entries that a consumer group delivered.",
                                     "O(1) for each id."};
  using Reply = int64_t;
  Key key;
  Bytes group;
  Many<Bytes> ids;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.group, "group");
    v.many(c.ids, "id");
  }
};

// What is pending in a group: how many entries, from which to which, and for whom how many (as text, as Redis has it).
struct PendingSummary {
  int64_t count = 0;
  std::optional<std::string> first;
  std::optional<std::string> last;
  std::vector<std::pair<std::string, std::string>> consumers;

  auto members() { return std::tie(count, first, last, consumers); }
  friend bool operator==(const PendingSummary&, const PendingSummary&) = default;
};

// One pending entry: whose it is, the milliseconds since it was delivered last, and how often it was.
struct PendingEntry {
  std::string id;
  std::string consumer;
  int64_t idle_ms = 0;
  int64_t deliveries = 0;

  auto members() { return std::tie(id, consumer, idle_ms, deliveries); }
  friend bool operator==(const PendingEntry&, const PendingEntry&) = default;
};

// Which pending entries: ids from start to end, written as for XRANGE, at most count of them; only those of a consumer,
// or not delivered for so long.
struct PendingFilter {
  std::optional<int64_t> min_idle_ms;
  Bytes start = "-";
  Bytes end = "+";
  Late<int64_t> count = 10;
  std::optional<Bytes> consumer;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.words_left(3, 6, errors::kSyntax);
    v.leading([&](auto& o) { o.option("IDLE", c.min_idle_ms); });
    v.words_left(3, 6, errors::kSyntax);
    v.bytes(c.start, "start");
    v.bytes(c.end, "end");
    v.late(c.count, "count");
    v.convert(c.count);
    const Error bad_range = CheckStreamRange(c.start, c.end);
    v.rule(!bad_range, bad_range);
    v.optional(c.consumer, "consumer");
    v.ignore_rest();
  }
};

// XPENDING key group [[IDLE min-idle-time] start end count [consumer]]
// Without a filter: a summary. With one use XPendingRange.
struct XPending {
  static constexpr CommandInfo kInfo{"XPENDING",
                                     kReadOnly,
                                     Group::kStream,
                                     "5.0.0",
                                     "Returns information about the pending entries of a consumer group.",
                                     "O(N) with N the number of entries returned, or of those looked at with IDLE."};
  using Reply = PendingSummary;
  Key key;
  Bytes group;
  std::optional<PendingFilter> filter;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.group, "group");
    v.optional(c.filter, "filters");
  }
};
// XPENDING key group [IDLE min-idle-time] start end count [consumer]
struct XPendingRange : XPending {
  using Reply = std::vector<PendingEntry>;
  XPendingRange(Key k = {}, Bytes g = {}, PendingFilter f = {})  // NOLINT(google-explicit-constructor)
      : XPending{k, g, f} {}
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STREAM_GROUPS_H_
