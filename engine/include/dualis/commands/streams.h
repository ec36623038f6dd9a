// The stream commands.
#ifndef DUALIS_COMMANDS_STREAMS_H_
#define DUALIS_COMMANDS_STREAMS_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/hashes.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// An entry of a stream in a reply.
struct StreamEntry {
  std::string id;
  std::vector<std::pair<std::string, std::string>> fields;

  auto members() { return std::tie(id, fields); }
  friend bool operator==(const StreamEntry&, const StreamEntry&) = default;
};

// True for "ms" and "ms-seq".
bool IsStreamId(Bytes id);
// True for what XADD takes: "*", "ms", "ms-seq", "ms-*".
bool IsNewStreamId(Bytes id);
// True for "0-0" and what else reads as that: no entry may have it.
bool IsZeroStreamId(Bytes id);
// Whether both are ids, and `a` is below `b`.
bool StreamIdBelow(Bytes a, Bytes b);
// What is wrong with the bounds of XRANGE, which are "-", "+", "ms", "ms-seq", "(ms" or "(ms-seq"; no error if nothing
// is.
Error CheckStreamRange(Bytes start, Bytes end);

// MAXLEN [=|~] threshold: keeps the newest entries. Approximately (~): whole blocks only.
struct TrimMaxLen {
  bool approximately = false;
  int64_t length = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.mark(c.approximately, "~", "=");
    v.number(c.length, "threshold");
    v.rule(c.length >= 0, errors::kMaxLenNegative);
  }
};

// MINID [=|~] threshold: keeps entries with at least this id.
struct TrimMinId {
  bool approximately = false;
  Bytes id;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.mark(c.approximately, "~", "=");
    v.bytes(c.id, "threshold");
    v.rule(IsStreamId(c.id), errors::kInvalidStreamId);
  }
};

// How XADD and XTRIM trim. At most one of max_len and min_id. A limit bounds how many entries an approximate trim
// removes (0: no bound; left out: 100 blocks).
struct StreamTrim {
  std::optional<TrimMaxLen> max_len;
  std::optional<TrimMinId> min_id;
  std::optional<int64_t> limit;

  bool given() const { return max_len || min_id; }
  bool approximately() const { return (max_len && max_len->approximately) || (min_id && min_id->approximately); }

  template <class Self, class Options>
  static void Option(Self& c, Options& o) {
    if (c.given()) {
      o.refuse("MAXLEN", errors::kTrimConflict, 1);
      o.refuse("MINID", errors::kTrimConflict, 1);
    }
    o.option("MAXLEN", c.max_len);
    o.option("MINID", c.min_id);
    o.option("LIMIT", c.limit);
    o.rule(!(c.max_len && c.min_id), errors::kTrimConflict);
    o.rule(c.limit.value_or(0) >= 0, errors::kTrimLimitNegative);
  }
  template <class Self, class Visitor>
  static void Rules(Self& c, Visitor& v) {
    v.rule(c.limit.value_or(0) == 0 || c.given(), errors::kTrimLimitAlone);
    v.rule(!c.limit || c.approximately(), errors::kTrimLimitExact);
  }
};

// XADD key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value ...]
// Appends an entry. `id` must be above the last one; "*" and "ms-*" leave it, or its second half, to the stream.
// Replies with the id; null if NOMKSTREAM found no stream.
struct XAdd {
  static constexpr CommandInfo kInfo{"XADD",
                                     kWrite | kDenyOom | kFast,
                                     Group::kStream,
                                     "5.0.0",
                                     "Appends an entry to a stream, creating it if needed.",
                                     "O(1), and O(N) with N the number of entries trimmed."};
  using Reply = std::optional<std::string>;
  Key key;
  Bytes id = "*";
  Many<FieldValue> fields;
  bool no_mkstream = false;
  StreamTrim trim;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.note("UPDATE instead of INSERT because of the optional trimming feature");
    v.leading([&](auto& o) {
      o.flag("NOMKSTREAM", c.no_mkstream);
      StreamTrim::Option(c.trim, o);
    });
    v.bytes(c.id, "id");
    v.rule(IsNewStreamId(c.id), errors::kInvalidStreamId);
    StreamTrim::Rules(c.trim, v);
    v.tuples(c.fields, Uneven::kArity);
    v.rule(!IsZeroStreamId(c.id), errors::kStreamIdZero);
  }
};

// XLEN key
// The number of entries.
struct XLen {
  static constexpr CommandInfo kInfo{
      "XLEN", kReadOnly | kFast, Group::kStream, "5.0.0", "Returns the number of entries of a stream.", "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
  }
};

// XRANGE key start end [COUNT count]
// The entries with ids from start to end: "-" and "+" are the ends of the stream, "(" in front leaves the bound out.
struct XRange {
  static constexpr CommandInfo kInfo{"XRANGE",
                                     kReadOnly,
                                     Group::kStream,
                                     "5.0.0",
                                     "Returns the entries of a stream in a range of ids.",
                                     "O(N) with N the number of entries returned."};
  using Reply = std::vector<StreamEntry>;
  Key key;
  Bytes start = "-";
  Bytes end = "+";
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.start, "start");
    v.bytes(c.end, "end");
    const Error bad_range = CheckStreamRange(c.start, c.end);
    v.rule(!bad_range, bad_range);
    v.trailing([&](auto& o) { o.option("COUNT", c.count); });
  }
};

// XREVRANGE key end start [COUNT count]
// XRANGE from the newest entry to the oldest.
struct XRevRange {
  static constexpr CommandInfo kInfo{"XREVRANGE",
                                     kReadOnly,
                                     Group::kStream,
                                     "5.0.0",
                                     "Returns the entries of a stream in a range of ids, the newest first.",
                                     "O(N) with N the number of entries returned."};
  using Reply = std::vector<StreamEntry>;
  Key key;
  Bytes end = "+";
  Bytes start = "-";
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.end, "end");
    v.bytes(c.start, "start");
    const Error bad_range = CheckStreamRange(c.start, c.end);
    v.rule(!bad_range, bad_range);
    v.trailing([&](auto& o) { o.option("COUNT", c.count); });
  }
};

// BLOCK milliseconds: how long XREAD waits; 0: for ever.
struct BlockMs {
  int64_t ms = 0;
  BlockMs() = default;
  BlockMs(int64_t m) : ms(m) {}  // NOLINT(google-explicit-constructor)
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.ms, "milliseconds", errors::kTimeoutNotInteger);
    v.rule(c.ms >= 0, errors::kTimeoutNegative);
  }
};

// XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]
// The entries after the given ids, stream by stream; streams without any are left out. "$" is the id of the newest
// entry at the time of the call. Empty if there is nothing, with BLOCK only after waiting for it.
struct XRead {
  static constexpr CommandInfo kInfo{"XREAD",
                                     kReadOnly | kBlocking,
                                     Group::kStream,
                                     "5.0.0",
                                     "Returns the new entries of several streams; can wait for them.",
                                     "O(N) with N the number of entries returned."};
  using Reply = std::vector<std::pair<KeyName, std::vector<StreamEntry>>>;
  Many<Key> keys;
  Many<Bytes> ids;
  std::optional<int64_t> count;
  std::optional<BlockMs> block;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.trailing([&](auto& o) {
      o.option("COUNT", c.count);
      o.option("BLOCK", c.block);
      o.refuse("GROUP", errors::kXReadGroup, 2);
      o.refuse("NOACK", errors::kXReadNoAck);
      o.ending("STREAMS");
    });
    v.halves(c.keys, c.ids, "id", errors::kXReadUnbalanced);
  }
};

// XDEL key id [id ...]
// Removes entries. Replies with how many went. The stream stays, even if it is empty.
struct XDel {
  static constexpr CommandInfo kInfo{
      "XDEL", kWrite | kFast, Group::kStream, "5.0.0", "Removes entries of a stream.", "O(1) for each entry."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> ids;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.many(c.ids, "id");
  }
};

// XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT count]
// Removes the oldest entries. Replies with how many went.
struct XTrim {
  static constexpr CommandInfo kInfo{"XTRIM",
                                     kWrite,
                                     Group::kStream,
                                     "5.0.0",
                                     "Removes the oldest entries of a stream.",
                                     "O(N) with N the number of entries removed."};
  using Reply = int64_t;
  Key key;
  StreamTrim trim;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.at_least(4);
    v.trailing([&](auto& o) { StreamTrim::Option(c.trim, o); });
    v.rule(c.trim.limit.value_or(0) == 0 || c.trim.given(), errors::kTrimLimitAlone);
    v.rule(c.trim.given(), errors::kTrimMissing);
    StreamTrim::Rules(c.trim, v);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_STREAMS_H_
