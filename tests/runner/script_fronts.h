// Scripts as fronts: a script of one statement runs the command and returns its reply, natively in a turn of the engine
// or compiled to Lua and sent to another front by EVAL. Values are shown as trees: None (nil), numbers as doubles,
// dicts as maps.
#ifndef DUALIS_TESTS_RUNNER_SCRIPT_FRONTS_H_
#define DUALIS_TESTS_RUNNER_SCRIPT_FRONTS_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/runner/engine_front.h"
#include "tests/runner/wrapping_fronts.h"

namespace dualis::cases {

std::unique_ptr<Link> MakeNativeScriptLink(const Home& home, int protocol);
std::optional<LeftOut> ScriptRefuses(const Case& c);

// The reply as a script gets it: adapted by the type of the command.
ReplyTree ScriptNarrow(const std::vector<std::string>& words, ReplyTree expected);

class ScriptLuaFront : public WrappingFront {
 public:
  using WrappingFront::WrappingFront;
  std::vector<int> protocols() const override { return {2}; }
  std::optional<LeftOut> Refuses(const Case& c) const override;
  ReplyTree Execute(int connection, const std::vector<std::string>& words) override;
  ReplyTree Narrow(const std::vector<std::string>& words, ReplyTree expected) const override {
    return ScriptNarrow(words, std::move(expected));
  }
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_SCRIPT_FRONTS_H_
