// HSCAN, SSCAN and ZSCAN: a large collection in steps.
//
// Start with the cursor "0" and give each reply's cursor to the next call, until it is "0" again. What is there from
// the first step to the last is seen, perhaps twice; what comes or goes meanwhile may be seen or not. A compact
// collection comes whole in one step, whatever COUNT says.
#ifndef DUALIS_COMMANDS_COLLECTION_SCANS_H_
#define DUALIS_COMMANDS_COLLECTION_SCANS_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/keys.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// One step.
template <class T>
struct ScanStep {
  std::string cursor;  // "0": all were seen
  std::vector<T> items;
  auto members() { return std::tie(cursor, items); }
};

// HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
// Fields with their values. With NOVALUES use HScanFields.
struct HScan {
  static constexpr CommandInfo kInfo{
      "HSCAN", kReadOnly, Group::kHash, "2.8.0", "Iterates over the fields of a hash.", "O(1) for every call."};
  using Reply = ScanStep<std::pair<std::string, std::string>>;
  Key key;
  Bytes cursor = "0";
  std::optional<Bytes> match = {};
  std::optional<int64_t> count = {};
  bool no_values = false;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.cursor, "cursor");
    v.rule(Scan::IsCursor(c.cursor), errors::kInvalidCursor);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.option("MATCH", c.match);
      o.option("COUNT", c.count);
      o.flag("NOVALUES", c.no_values);
      o.rule(c.count.value_or(1) >= 1, errors::kSyntax);
    });
  }
};
// HSCAN ... NOVALUES: fields alone.
struct HScanFields : HScan {
  using Reply = ScanStep<std::string>;
  HScanFields() { no_values = true; }
  explicit HScanFields(HScan scan) : HScan(std::move(scan)) { no_values = true; }
};

// SSCAN key cursor [MATCH pattern] [COUNT count]
struct SScan {
  static constexpr CommandInfo kInfo{
      "SSCAN", kReadOnly, Group::kSet, "2.8.0", "Iterates over the members of a set.", "O(1) for every call."};
  using Reply = ScanStep<std::string>;
  Key key;
  Bytes cursor = "0";
  std::optional<Bytes> match = {};
  std::optional<int64_t> count = {};
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.cursor, "cursor");
    v.rule(Scan::IsCursor(c.cursor), errors::kInvalidCursor);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.option("MATCH", c.match);
      o.option("COUNT", c.count);
      o.rule(c.count.value_or(1) >= 1, errors::kSyntax);
    });
  }
};

// ZSCAN key cursor [MATCH pattern] [COUNT count]
// Members with their scores.
struct ZScan {
  static constexpr CommandInfo kInfo{"ZSCAN",
                                     kReadOnly,
                                     Group::kSortedSet,
                                     "2.8.0",
                                     "Iterates over the members of a sorted set with their scores.",
                                     "O(1) for every call."};
  using Reply = ScanStep<std::pair<std::string, double>>;
  Key key;
  Bytes cursor = "0";
  std::optional<Bytes> match = {};
  std::optional<int64_t> count = {};
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.cursor, "cursor");
    v.rule(Scan::IsCursor(c.cursor), errors::kInvalidCursor);
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.option("MATCH", c.match);
      o.option("COUNT", c.count);
      o.rule(c.count.value_or(1) >= 1, errors::kSyntax);
    });
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_COLLECTION_SCANS_H_
