// The list commands that look for elements, move them between lists and pop from the first of several lists.
#ifndef DUALIS_COMMANDS_LIST_MOVES_H_
#define DUALIS_COMMANDS_LIST_MOVES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// The end of a list that a command takes from or adds to.
enum class ListEnd : uint8_t { kLeft, kRight };

// LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
// The index of the first element equal to `element`, or of its rank-th match; a negative rank counts from the end.
// Looks at no more than `maxlen` elements, 0: at all. With COUNT use LPosAll.
struct LPos {
  static constexpr CommandInfo kInfo{"LPOS",
                                     kReadOnly,
                                     Group::kList,
                                     "6.0.6",
                                     "Returns the index of an element of a list.",
                                     "O(N) with N the length of the list."};
  using Reply = std::optional<int64_t>;
  Key key;
  Bytes element;
  std::optional<int64_t> rank;
  std::optional<int64_t> count;
  std::optional<int64_t> maxlen;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.element, "element");
    v.trailing([&](auto& o) {
      o.option("RANK", c.rank);
      o.rule(c.rank.value_or(1) != INT64_MIN, errors::kCountOutOfRange);
      o.rule(c.rank.value_or(1) != 0, errors::kRankZero);
      o.number("COUNT", c.count, errors::kCountNegative);
      o.rule(c.count.value_or(0) >= 0, errors::kCountNegative);
      o.number("MAXLEN", c.maxlen, errors::kMaxLenIsNegative);
      o.rule(c.maxlen.value_or(0) >= 0, errors::kMaxLenIsNegative);
    });
  }
};
// LPOS key element COUNT num-matches: the indexes of so many matches, 0: of all.
struct LPosAll : LPos {
  using Reply = std::vector<int64_t>;
  LPosAll() { count = 0; }
  explicit LPosAll(LPos pos) : LPos(std::move(pos)) {
    if (!count) count = 0;
  }
};

// LMOVE source destination LEFT|RIGHT LEFT|RIGHT
// Moves an element from an end of one list to an end of another, or of the same. Replies the element; null if the
// source is empty.
struct LMove {
  static constexpr CommandInfo kInfo{
      "LMOVE", kWrite | kDenyOom, Group::kList, "6.2.0", "Moves an element from one list to another and returns it.",
      "O(1)"};
  using Reply = std::optional<std::string>;
  Key source;
  Key destination;
  ListEnd from = ListEnd::kLeft;
  ListEnd to = ListEnd::kLeft;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.source, kKeyTakes);
    v.key(c.destination, kKeyInserts);
    v.one_of(c.from, "wherefrom", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
    v.one_of(c.to, "whereto", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
  }
};

// RPOPLPUSH source destination
// LMOVE from the right end to the left one.
struct RPopLPush {
  static constexpr CommandInfo kInfo{"RPOPLPUSH",
                                     kWrite | kDenyOom,
                                     Group::kList,
                                     "1.2.0",
                                     "Moves the last element of a list to the front of another and returns it.",
                                     "O(1)"};
  using Reply = std::optional<std::string>;
  Key source;
  Key destination;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.source, kKeyTakes);
    v.key(c.destination, kKeyInserts);
  }
};

// BLMOVE source destination LEFT|RIGHT LEFT|RIGHT timeout
// LMOVE that waits for an element up to `timeout` seconds (0: for ever). Null after the timeout; inside MULTI and
// scripts at once.
struct BLMove {
  static constexpr CommandInfo kInfo{"BLMOVE",
                                     kWrite | kDenyOom | kBlocking,
                                     Group::kList,
                                     "6.2.0",
                                     "Moves an element from one list to another and returns it; waits for one.",
                                     "O(1)"};
  using Reply = std::optional<std::string>;
  Key source;
  Key destination;
  ListEnd from = ListEnd::kLeft;
  ListEnd to = ListEnd::kLeft;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.source, kKeyTakes);
    v.key(c.destination, kKeyInserts);
    v.one_of(c.from, "wherefrom", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
    v.one_of(c.to, "whereto", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

// BRPOPLPUSH source destination timeout
// RPOPLPUSH that waits for an element, as BLMOVE.
struct BRPopLPush {
  static constexpr CommandInfo kInfo{
      "BRPOPLPUSH",
      kWrite | kDenyOom | kBlocking,
      Group::kList,
      "2.2.0",
      "Moves the last element of a list to the front of another and returns it; waits for one.",
      "O(1)"};
  using Reply = std::optional<std::string>;
  Key source;
  Key destination;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.source, kKeyTakes);
    v.key(c.destination, kKeyInserts);
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

// LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count]
// Up to `count` elements, one if it is not given, from an end of the first list that has any, and the name of its key;
// null if all are empty.
struct LMPop {
  static constexpr CommandInfo kInfo{"LMPOP",
                                     kWrite,
                                     Group::kList,
                                     "7.0.0",
                                     "Removes and returns elements of the first of several lists that has any.",
                                     "O(N+M) with N the number of keys and M the number of elements returned."};
  using Reply = std::optional<std::pair<KeyName, std::vector<std::string>>>;
  Many<Key> keys;
  ListEnd where = ListEnd::kLeft;
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.counted_keys(c.keys, kPopKeys, kKeyTakes);
    v.one_of(c.where, "where", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
    v.trailing([&](auto& o) {
      if (c.count) o.refuse("COUNT", errors::kSyntax);
      o.number("COUNT", c.count, errors::kCountNotPositive);
      o.rule(c.count.value_or(1) > 0, errors::kCountNotPositive);
    });
  }
};

// BLMPOP timeout numkeys key [key ...] LEFT|RIGHT [COUNT count]
// LMPOP that waits for an element up to `timeout` seconds (0: for ever). Null after the timeout; inside MULTI and
// scripts at once.
struct BLMPop {
  static constexpr CommandInfo kInfo{
      "BLMPOP",
      kWrite | kBlocking,
      Group::kList,
      "7.0.0",
      "Removes and returns elements of the first of several lists that has any; waits for one.",
      "O(N+M) with N the number of keys and M the number of elements returned."};
  using Reply = std::optional<std::pair<KeyName, std::vector<std::string>>>;
  Late<double> timeout;
  Many<Key> keys;
  ListEnd where = ListEnd::kLeft;
  std::optional<int64_t> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.late(c.timeout, "timeout");
    v.counted_keys(c.keys, kPopKeys, kKeyTakes);
    v.one_of(c.where, "where", errors::kSyntax, {{"LEFT", ListEnd::kLeft}, {"RIGHT", ListEnd::kRight}});
    v.trailing([&](auto& o) {
      if (c.count) o.refuse("COUNT", errors::kSyntax);
      o.number("COUNT", c.count, errors::kCountNotPositive);
      o.rule(c.count.value_or(1) > 0, errors::kCountNotPositive);
    });
    v.convert(c.timeout, errors::kTimeoutNotFloat);
    v.rule(c.timeout.value_or(0) >= 0, errors::kTimeoutNegative);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_LIST_MOVES_H_
