// LPOS, and the commands that move or pop elements of several lists, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_LIST_MOVES_H_
#define DUALIS_API_LIST_MOVES_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/list_moves.h"

namespace dualis {

// The options of LPOS.
struct LPosOptions {
  std::optional<int64_t> rank = {};    // the rank-th match; from the end if negative
  std::optional<int64_t> maxlen = {};  // looks at no more elements than this
};

template <class Self>
class ListMoveCommands {
 public:
  auto lpos(Key key, Bytes element, const LPosOptions& options = {}) {
    return Do(cmd::LPos{key, element, options.rank, {}, options.maxlen});
  }
  // The indexes of `count` matches, 0: of all.
  auto lpos_all(Key key, Bytes element, int64_t count = 0, const LPosOptions& options = {}) {
    return Do(cmd::LPosAll({key, element, options.rank, count, options.maxlen}));
  }
  auto lmove(Key source, Key destination, cmd::ListEnd from, cmd::ListEnd to) {
    return Do(cmd::LMove{source, destination, from, to});
  }
  auto rpoplpush(Key source, Key destination) { return Do(cmd::RPopLPush{source, destination}); }
  // A deadline of the call (client.within) bounds the waits, too.
  auto blmove(Key source, Key destination, cmd::ListEnd from, cmd::ListEnd to, Seconds timeout) {
    return Do(cmd::BLMove{source, destination, from, to, timeout.count()});
  }
  auto brpoplpush(Key source, Key destination, Seconds timeout) {
    return Do(cmd::BRPopLPush{source, destination, timeout.count()});
  }
  auto lmpop(Many<Key> keys, cmd::ListEnd where, std::optional<int64_t> count = {}) {
    return Do(cmd::LMPop{std::move(keys), where, count});
  }
  auto blmpop(Many<Key> keys, cmd::ListEnd where, Seconds timeout, std::optional<int64_t> count = {}) {
    return Do(cmd::BLMPop{timeout.count(), std::move(keys), where, count});
  }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_LIST_MOVES_H_
