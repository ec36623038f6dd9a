// The list commands.
#ifndef DUALIS_COMMANDS_LISTS_H_
#define DUALIS_COMMANDS_LISTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// LPUSH key element [element ...]
// Prepends the elements one by one, so the last one given ends up first. Replies with the new length.
struct LPush {
  static constexpr CommandInfo kInfo{"LPUSH",
                                     kWrite | kDenyOom | kFast,
                                     Group::kList,
                                     "1.0.0",
                                     "Prepends elements to a list, creating it if needed.",
                                     "O(1) for each element."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> elements;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.many(c.elements, "element");
  }
};

// RPUSH key element [element ...]
// Appends the elements. Replies with the new length.
struct RPush {
  static constexpr CommandInfo kInfo{"RPUSH",
                                     kWrite | kDenyOom | kFast,
                                     Group::kList,
                                     "1.0.0",
                                     "Appends elements to a list, creating it if needed.",
                                     "O(1) for each element."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> elements;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.many(c.elements, "element");
  }
};

// LPUSHX key element [element ...]
// LPUSH to a list that exists. Replies with the new length, 0 if there is no list.
struct LPushX {
  static constexpr CommandInfo kInfo{"LPUSHX",
                                     kWrite | kDenyOom | kFast,
                                     Group::kList,
                                     "2.2.0",
                                     "Prepends elements to a list that exists.",
                                     "O(1) for each element."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> elements;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.many(c.elements, "element");
  }
};

// RPUSHX key element [element ...]
// RPUSH to a list that exists. Replies with the new length, 0 if there is no list.
struct RPushX {
  static constexpr CommandInfo kInfo{"RPUSHX",
                                     kWrite | kDenyOom | kFast,
                                     Group::kList,
                                     "2.2.0",
                                     "Appends elements to a list that exists.",
                                     "O(1) for each element."};
  using Reply = int64_t;
  Key key;
  Many<Bytes> elements;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.many(c.elements, "element");
  }
};

// LPOP key [count]
// Removes and replies the first element; null if there is none. With a count use LPopCount.
struct LPop {
  static constexpr CommandInfo kInfo{"LPOP",
                                     kWrite | kFast,
                                     Group::kList,
                                     "1.0.0",
                                     "Removes and returns the first elements of a list.",
                                     "O(N) with N the number of elements returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTakes);
    v.at_most(3);
    v.optional(c.count, "count");
    v.rule(!c.count || c.count->value_or(-1) >= 0, errors::kNotPositive);
  }
};
// LPOP key count: up to `count` elements in the order of popping; null if there is no list.
struct LPopCount : LPop {
  using Reply = std::optional<std::vector<std::string>>;
  LPopCount(Key k = {}, int64_t n = 1) : LPop{k, n} {}  // NOLINT(google-explicit-constructor)
};

// RPOP key [count]
// Removes and replies the last element; null if there is none. With a count use RPopCount.
struct RPop {
  static constexpr CommandInfo kInfo{"RPOP",
                                     kWrite | kFast,
                                     Group::kList,
                                     "1.0.0",
                                     "Removes and returns the last elements of a list.",
                                     "O(N) with N the number of elements returned."};
  using Reply = std::optional<std::string>;
  Key key;
  std::optional<Late<int64_t>> count;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTakes);
    v.at_most(3);
    v.optional(c.count, "count");
    v.rule(!c.count || c.count->value_or(-1) >= 0, errors::kNotPositive);
  }
};
// RPOP key count: up to `count` elements in the order of popping; null if there is no list.
struct RPopCount : RPop {
  using Reply = std::optional<std::vector<std::string>>;
  RPopCount(Key k = {}, int64_t n = 1) : RPop{k, n} {}  // NOLINT(google-explicit-constructor)
};

// LRANGE key start stop
// The elements from start to stop, both included; negative numbers count from the end. Out of range is no error.
struct LRange {
  static constexpr CommandInfo kInfo{"LRANGE",
                                     kReadOnly,
                                     Group::kList,
                                     "1.0.0",
                                     "Returns a range of elements from a list.",
                                     "O(S+N) with S the distance of start from the nearer end."};
  using Reply = std::vector<std::string>;
  Key key;
  int64_t start = 0;
  int64_t stop = -1;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.number(c.start, "start");
    v.number(c.stop, "stop");
  }
};

// LLEN key
// The number of elements; 0 if there is no list.
struct LLen {
  static constexpr CommandInfo kInfo{"LLEN", kReadOnly | kFast, Group::kList, "1.0.0", "Returns the length of a list.",
                                     "O(1)"};
  using Reply = int64_t;
  Key key;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyTells);
  }
};

// LINDEX key index
// The element at an index, negative from the end; null out of range. Looks at the key before the number.
struct LIndex {
  static constexpr CommandInfo kInfo{"LINDEX",
                                     kReadOnly,
                                     Group::kList,
                                     "1.0.0",
                                     "Returns an element of a list by its index.",
                                     "O(N) with N the distance from the nearer end."};
  using Reply = std::optional<std::string>;
  Key key;
  Late<int64_t> index;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.late(c.index, "index");
  }
};

// LSET key index element
// Replaces the element at an index, negative from the end. Errors: no such key, index out of range. Looks at the key
// before the number.
struct LSet {
  static constexpr CommandInfo kInfo{"LSET",
                                     kWrite | kDenyOom,
                                     Group::kList,
                                     "1.0.0",
                                     "Replaces an element of a list by its index.",
                                     "O(N) with N the distance from the nearer end."};
  using Reply = Ack;
  Key key;
  Late<int64_t> index;
  Bytes element;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.late(c.index, "index");
    v.bytes(c.element, "element");
  }
};

// LREM key count element
// Removes the first `count` elements equal to `element`; a negative count removes the last ones, 0 all of them. Replies
// with how many went.
struct LRem {
  static constexpr CommandInfo kInfo{"LREM",
                                     kWrite,
                                     Group::kList,
                                     "1.0.0",
                                     "Removes elements of a list by value.",
                                     "O(N) with N the length of the list."};
  using Reply = int64_t;
  Key key;
  int64_t count = 0;
  Bytes element;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.number(c.count, "count");
    v.bytes(c.element, "element");
  }
};

// LTRIM key start stop
// Keeps the elements from start to stop, both included; an emptied list is removed.
struct LTrim {
  static constexpr CommandInfo kInfo{"LTRIM",
                                     kWrite,
                                     Group::kList,
                                     "1.0.0",
                                     "Removes the elements on both sides of a range.",
                                     "O(N) with N the number of elements removed."};
  using Reply = Ack;
  Key key;
  int64_t start = 0;
  int64_t stop = -1;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyRemoves);
    v.number(c.start, "start");
    v.number(c.stop, "stop");
  }
};

// LINSERT key BEFORE|AFTER pivot element
// Inserts next to the first element equal to `pivot`. Replies with the new length, -1 if there is no such element, 0 if
// there is no list.
struct LInsert {
  static constexpr CommandInfo kInfo{"LINSERT",
                                     kWrite | kDenyOom,
                                     Group::kList,
                                     "2.2.0",
                                     "Inserts an element before or after another one.",
                                     "O(N) with N the distance of the pivot from the head."};
  using Reply = int64_t;
  Key key;
  Bytes where = "BEFORE";  // BEFORE or AFTER, in any case
  Bytes pivot;
  Bytes element;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyInserts);
    v.bytes(c.where, "where");
    v.bytes(c.pivot, "pivot");
    v.bytes(c.element, "element");
  }
};

// BLPOP key [key ...] timeout
// LPOP from the first of the lists that has an element, and the name of its key; waits up to `timeout` seconds for one
// (0: for ever). Null after the timeout; inside MULTI and scripts at once.
struct BLPop {
  static constexpr CommandInfo kInfo{"BLPOP",
                                     kWrite | kBlocking,
                                     Group::kList,
                                     "2.0.0",
                                     "Removes and returns the first element of one of the lists; waits for one.",
                                     "O(N) with N the number of keys."};
  using Reply = std::optional<std::pair<KeyName, std::string>>;
  Many<Key> keys;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key", 1, kKeyTakes);
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

// BRPOP key [key ...] timeout
// RPOP from the first of the lists that has an element, as BLPOP.
struct BRPop {
  static constexpr CommandInfo kInfo{"BRPOP",
                                     kWrite | kBlocking,
                                     Group::kList,
                                     "2.0.0",
                                     "Removes and returns the last element of one of the lists; waits for one.",
                                     "O(N) with N the number of keys."};
  using Reply = std::optional<std::pair<KeyName, std::string>>;
  Many<Key> keys;
  double timeout = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.many(c.keys, "key", 1, kKeyTakes);
    v.number(c.timeout, "timeout", errors::kTimeoutNotFloat);
    v.rule(c.timeout >= 0, errors::kTimeoutNegative);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_LISTS_H_
