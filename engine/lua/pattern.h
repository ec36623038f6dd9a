// Lua 5.1's patterns, matched under the script's budget. Lua's own matcher runs inside one C call, where no hook fires:
// a pattern that backtracks badly could not be stopped.
#ifndef DUALIS_ENGINE_LUA_PATTERN_H_
#define DUALIS_ENGINE_LUA_PATTERN_H_

#include "engine/lua/host_state.h"

namespace dualis::lua {

// One subject and one pattern. Plain data, because errors (in the pattern, or the end of the script) are raised from
// within.
class PatternMatch {
 public:
  PatternMatch(lua_State* L, Bytes subject, Bytes pattern)
      : api_(Api()),
        L_(L),
        state_(StateOf(L)),
        begin_(subject.data()),
        end_(subject.data() + subject.size()),
        pattern_(pattern.data()),
        pattern_end_(pattern.data() + pattern.size()) {}

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }

  // The end of the match that starts exactly at `from`, or null.
  const char* At(const char* from) {
    level_ = 0;
    depth_ = 0;
    return Match(from, pattern_);
  }

  // Captures of the last match.
  int captures() const { return level_; }
  // Pushes capture `i`, counted from 0; the whole match [from, to) stands for capture 0 if there are none.
  void PushCapture(int i, const char* from, const char* to);
  // Pushes all captures, or the whole match if there are none and `from` is not null. Returns how many.
  int PushCaptures(const char* from, const char* to);

 private:
  static constexpr int kMaxCaptures = LUA_MAXCAPTURES;
  static constexpr int kMaxDepth = 1000;
  static constexpr ptrdiff_t kOpen = -1;
  static constexpr ptrdiff_t kPosition = -2;
  struct Capture {
    const char* start;
    ptrdiff_t size;  // or kOpen, or kPosition: the capture is a number
  };

  const char* Match(const char* s, const char* p);
  const char* Longest(const char* s, const char* p, const char* rest);
  const char* Shortest(const char* s, const char* p, const char* rest);
  const char* Open(const char* s, const char* p, ptrdiff_t kind);
  const char* Close(const char* s, const char* p);
  const char* Balanced(const char* s, const char* p);
  const char* Same(const char* s, char digit);
  const char* ItemEnd(const char* p);
  bool MatchesItem(const char* s, const char* p, const char* item_end);
  bool InSet(unsigned char c, const char* p, const char* close);
  void Step() {
    if (++state_.uncounted >= HostState::kHookSteps && !state_.Look()) RaiseEnd(L_);
  }

  const LuaApi& api_;
  lua_State* L_;
  HostState& state_;
  const char* begin_;
  const char* end_;
  const char* pattern_;
  const char* pattern_end_;
  int level_ = 0;
  int depth_ = 0;
  Capture captures_[kMaxCaptures];
};

}  // namespace dualis::lua

#endif  // DUALIS_ENGINE_LUA_PATTERN_H_
