// SORT and SORT_RO: lists, sets and sorted sets in another order, by their elements or by keys that elements name.
//
//   SORT mylist BY weight_* GET object_*->name GET # LIMIT 0 10 DESC ALPHA STORE dest
#ifndef DUALIS_COMMANDS_SORT_H_
#define DUALIS_COMMANDS_SORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// Which of the sorted elements; a negative count means all from the offset on.
struct SortLimit {
  int64_t offset = 0;
  int64_t count = -1;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.number(c.offset, "offset");
    v.number(c.count, "count");
  }
};

enum class SortOrder : uint8_t { kAscending, kDescending };

// SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]
// A pattern names a key (or, before "->", a hash, and behind it a field) with the element in the place of its first
// '*'. GET of '#' is the element itself, and of anything that is not there null. BY a pattern without a star leaves the
// order as it is. Errors: WRONGTYPE, an element or weight that is no number (without ALPHA).
struct SortRo {
  static constexpr CommandInfo kInfo{"SORT_RO",
                                     kReadOnly | kDangerous | kMovableKeys,
                                     Group::kGeneric,
                                     "7.0.0",
                                     "Sort the elements in a list, set or sorted set. Read-only variant of SORT.",
                                     "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and "
                                     "M the number of returned elements. When the elements are not sorted, complexity "
                                     "is O(N).",
                                     "set sortedset list"};
  using Reply = std::vector<std::optional<std::string>>;
  Key key;
  std::optional<SortPattern> by = {};
  std::optional<SortLimit> limit = {};
  Many<SortPattern> get = {};
  SortOrder order = SortOrder::kAscending;
  bool alpha = false;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    Keys(c, v);
    v.trailing([&](auto& o) { Options(c, o); });
  }
  template <class Self, class V>
  static void Keys(Self& c, V& v) {
    v.key(c.key, static_cast<KeyUse>(kKeyRO | kKeyAccess));
    v.hidden_keys(static_cast<KeyUse>(kKeyRO | kKeyAccess),
                  "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the "
                  "content of the key we sort");
  }
  template <class Self, class O>
  static void Options(Self& c, O& o) {
    o.option("BY", c.by);
    o.option("LIMIT", c.limit);
    o.gather("GET", c.get);
    o.mode("ASC", c.order, SortOrder::kAscending);
    o.mode("DESC", c.order, SortOrder::kDescending);
    o.flag("ALPHA", c.alpha);
  }
};

// SORT key ... [STORE destination]. With STORE the result becomes a list (an empty one deletes destination), and the
// reply is its length: use SortStore.
struct Sort : SortRo {
  static constexpr CommandInfo kInfo{"SORT",
                                     kWrite | kDenyOom | kDangerous | kMovableKeys,
                                     Group::kGeneric,
                                     "1.0.0",
                                     "Sort the elements in a list, set or sorted set",
                                     "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and "
                                     "M the number of returned elements. When the elements are not sorted, complexity "
                                     "is O(N).",
                                     "set sortedset list"};
  std::optional<Key> store = {};
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    Keys(c, v);
    v.hidden_keys(static_cast<KeyUse>(kKeyOW | kKeyUpdate),
                  "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in "
                  "the argument array");
    v.trailing([&](auto& o) {
      Options(c, o);
      o.option("STORE", c.store);
    });
  }
  // The key, and the last STORE's.
  static bool FindKeys(Args argv, std::vector<KeyPosition>* keys);
};

// SORT ... STORE: the length of the list.
struct SortStore : Sort {
  using Reply = int64_t;
  SortStore() = default;
  SortStore(Sort sort, Key destination) : Sort(std::move(sort)) { store = destination; }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SORT_H_
