// What a stream tells of itself, and XSETID, which sets part of it.
#ifndef DUALIS_COMMANDS_STREAM_INFO_H_
#define DUALIS_COMMANDS_STREAM_INFO_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/commands/streams.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// FULL [COUNT count]: up to `count` entries (10; 0: all), of what is pending too.
struct StreamInfoFull {
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.fixed("FULL");
    v.words_left(0, 2, errors::kSyntax);
    v.trailing([&](auto& o) { o.option("COUNT", c.count); });
  }
};

// XINFO STREAM key [FULL [COUNT count]]
// The stream's counters, its first and last entries; with FULL its entries and groups. Error: no such key.
struct XInfoStream {
  static constexpr CommandInfo kInfo{
      "XINFO STREAM", kReadOnly, Group::kStream, "5.0.0", "Returns information about a stream.", "O(1)"};
  using Reply = std::map<std::string, AnyReply>;
  Key key;
  std::optional<StreamInfoFull> full;
  LateErrors late;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.subcommand_errors();
    v.late_errors(c.late);
    v.optional(c.full, "full");
  }
};

// XINFO GROUPS key
// The groups of a stream, by name.
struct XInfoGroups {
  static constexpr CommandInfo kInfo{
      "XINFO GROUPS", kReadOnly, Group::kStream, "5.0.0", "Returns the consumer groups of a stream.", "O(1)"};
  using Reply = std::vector<std::map<std::string, AnyReply>>;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
  }
};

// XINFO CONSUMERS key group
// The consumers of a group, by name.
struct XInfoConsumers {
  static constexpr CommandInfo kInfo{
      "XINFO CONSUMERS", kReadOnly, Group::kStream, "5.0.0", "Returns the consumers of a consumer group.", "O(1)"};
  using Reply = std::vector<std::map<std::string, AnyReply>>;
  Key key;
  Bytes group;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.group, "group");
  }
};

// XINFO HELP
struct XInfoHelp {
  static constexpr CommandInfo kInfo{
      "XINFO HELP", kLoading | kStale, Group::kStream, "5.0.0", "Shows helpful text about the subcommands.", "O(1)"};
  using Reply = std::vector<std::string>;
  template <class Self, class Visitor>
  static void Syntax(Self&, Visitor&) {}
};

// ENTRIESADDED entries-added
struct EntriesAdded {
  int64_t entries = 0;
  EntriesAdded() = default;
  EntriesAdded(int64_t n) : entries(n) {}  // NOLINT(google-explicit-constructor)
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.entries, "entries-added");
    v.rule(c.entries >= 0, errors::kEntriesAddedNegative);
  }
};

// XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]
// Sets the id that new entries must exceed, which is not below any that the stream has or had.
struct XSetId {
  static constexpr CommandInfo kInfo{"XSETID",
                                     kWrite | kDenyOom | kFast,
                                     Group::kStream,
                                     "5.0.0",
                                     "An internal command for replicating stream values.",
                                     "O(1)"};
  using Reply = Ack;
  Key key;
  Bytes last_id;
  std::optional<EntriesAdded> entries_added;
  std::optional<Bytes> max_deleted_id;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.last_id, "last-id");
    v.rule(IsStreamId(c.last_id), errors::kInvalidStreamId);
    v.trailing([&](auto& o) {
      o.option("ENTRIESADDED", c.entries_added);
      o.option("MAXDELETEDID", c.max_deleted_id);
      o.rule(!c.max_deleted_id || IsStreamId(*c.max_deleted_id), errors::kInvalidStreamId);
      o.rule(!c.max_deleted_id || !StreamIdBelow(c.last_id, *c.max_deleted_id), errors::kXSetIdBelowGivenDeleted);
    });
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STREAM_INFO_H_
