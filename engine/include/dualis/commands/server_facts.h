// What an engine tells about itself without being asked for details: its clock, its version.
#ifndef DUALIS_COMMANDS_SERVER_FACTS_H_
#define DUALIS_COMMANDS_SERVER_FACTS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "dualis/command.h"
#include "dualis/into.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// TIME: the engine's clock as seconds since the epoch, and microseconds.
struct Time {
  static constexpr CommandInfo kInfo{"TIME",  kLoading | kStale | kFast | kVolatileReply, Group::kServer,
                                     "2.6.0", "Return the current server time",           "O(1)"};
  using Reply = std::pair<int64_t, int64_t>;
  template <class Self, class V>
  static void Syntax(Self&, V&) {}
};

// LOLWUT [VERSION version [argument ...]]: the version, in versions 5 and 6 under a picture.
struct Lolwut {
  static constexpr CommandInfo kInfo{
      "LOLWUT", kReadOnly | kFast, Group::kServer, "5.0.0", "Display some computer art and the Redis version", {}, ""};
  using Reply = std::string;
  Many<Bytes> words;
  template <class Self, class V>
  static void Syntax(Self& c, V& v) {
    v.any(c.words, "version");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_SERVER_FACTS_H_
