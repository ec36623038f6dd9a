// A command of a user's own that writes, for the tests of every front.
#ifndef DUALIS_TESTS_SCRIPT_PLUGIN_MOVE_H_
#define DUALIS_TESTS_SCRIPT_PLUGIN_MOVE_H_

#include <optional>
#include <string>

#include "dualis/plugin.h"

namespace dualis::test {

// ACME.MOVE from to [count]: takes items from one list to another; how many.
struct Move {
  static constexpr CommandInfo kInfo{"ACME.MOVE", kWrite, Group::kList, "1.0.0", "Moves items."};
  static constexpr PluginWords kWords{.arity = -3, .first_key = 1, .last_key = 2};
  using Reply = int64_t;
  static Error Run(PluginTurn& turn, Args words, ReplySink& reply) {
    int64_t count = 1;
    if (words.size() > 2 && !words[2].ToInt(&count)) return Error(ErrorCode::kErr, "ERR value is not an integer");
    int64_t moved = 0;
    for (; moved < count; ++moved) {
      const auto item = turn.Ask<std::optional<std::string>>({"LMOVE", words[0], words[1], "LEFT", "RIGHT"});
      if (!item) return item.error();
      if (!*item) break;
    }
    reply.Int(moved);
    return {};
  }
};

}  // namespace dualis::test

#endif  // DUALIS_TESTS_SCRIPT_PLUGIN_MOVE_H_
