// Commands that take values to other names and databases: COPY, MOVE, SWAPDB.
#ifndef DUALIS_COMMANDS_TRANSFERS_H_
#define DUALIS_COMMANDS_TRANSFERS_H_

#include <cstdint>
#include <optional>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// Whether a number fits the 32 bits that Redis reads a database's number into.
inline constexpr bool IsInt32(int64_t number) { return number >= INT32_MIN && number <= INT32_MAX; }

// COPY source destination [DB destination-db] [REPLACE]: whether it was copied, expiry included. Not if source is
// missing, or destination there without REPLACE. Error: source and destination are the same.
struct Copy {
  static constexpr CommandInfo kInfo{"COPY",
                                     kWrite | kDenyOom,
                                     Group::kGeneric,
                                     "6.2.0",
                                     "Copy a key",
                                     "O(N) worst case for collections, where N is the number of nested items. O(1) for "
                                     "string values."};
  using Reply = bool;
  Key source;
  Key destination;
  std::optional<int64_t> db = {};
  bool replace = false;
  LateErrors late = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.source, static_cast<KeyUse>(kKeyRO | kKeyAccess), "source");
    v.key(c.destination, static_cast<KeyUse>(kKeyOW | kKeyUpdate), "destination");
    // A database that is out of range is found before a wrong word behind it.
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      o.option("DB", c.db);
      o.rule(IsInt32(c.db.value_or(0)), errors::kNotInt32);
      o.flag("REPLACE", c.replace);
    });
  }
};

// MOVE key db: whether it was moved. Not if it is missing here, or there already.
struct Move {
  static constexpr CommandInfo kInfo{"MOVE", kWrite | kFast, Group::kGeneric, "1.0.0", "Move a key to another database",
                                     "O(1)"};
  using Reply = bool;
  Key key;
  int64_t db = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRW | kKeyAccess | kKeyUpdate));
    v.number(c.db, "db");
    v.rule(IsInt32(c.db), errors::kNotInt32);
  }
};

// SWAPDB index1 index2: exchanges what two databases hold, for everybody at once.
struct SwapDb {
  static constexpr CommandInfo kInfo{"SWAPDB",
                                     kWrite | kFast | kDangerous,
                                     Group::kServer,
                                     "4.0.0",
                                     "Swaps two Redis databases",
                                     "O(N) where N is the count of clients watching or blocking on keys from both "
                                     "databases."};
  using Reply = Ack;
  int64_t index1 = 0;
  int64_t index2 = 0;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.number(c.index1, "index1", errors::kSwapFirst);
    v.rule(IsInt32(c.index1), errors::kSwapFirst);
    v.number(c.index2, "index2", errors::kSwapSecond);
    v.rule(IsInt32(c.index2), errors::kSwapSecond);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_TRANSFERS_H_
