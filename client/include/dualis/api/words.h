// What the methods of dualis/commands_api.h take where a command takes several words:
//
//   client.rpush("q", "a", "b");                 one by one
//   client.rpush("q", {"a", "b"});               a list
//   client.rpush("q", std::vector<std::string>{...});
#ifndef DUALIS_API_WORDS_H_
#define DUALIS_API_WORDS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "dualis/bytes.h"
#include "dualis/syntax.h"

namespace dualis {

// One word given as such. A template on this never competes for a braced list, which std::string_view could be made of.
template <class T>
concept Word = std::is_convertible_v<const T&, Bytes>;

// A map, or another range of couples, whose first halves are names.
template <class T, class Second>
concept Couples = requires(const T& t) {
  requires std::is_convertible_v<decltype((t.begin()->first)), Bytes>;
  requires std::is_convertible_v<decltype((t.begin()->second)), Second>;
};

// How long a blocking command waits; zero: for ever. 5s, 100ms, 0.5s.
using Seconds = std::chrono::duration<double>;

// The options of HSCAN, SSCAN and ZSCAN.
struct CollectionScan {
  std::optional<Bytes> match = {};    // a glob
  std::optional<int64_t> count = {};  // about how many elements a step looks at
};

namespace api {

template <Word... T>
Many<Bytes> Words(const T&... words) {
  return {Bytes(words)...};
}
template <Word... T>
Many<Key> Keys(const T&... keys) {
  return {Key(Bytes(keys))...};
}

}  // namespace api
}  // namespace dualis

#endif  // DUALIS_API_WORDS_H_
