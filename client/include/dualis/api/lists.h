// The list commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_LISTS_H_
#define DUALIS_API_LISTS_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/lists.h"

namespace dualis {

template <class Self>
class ListCommands {
 public:
  auto lpush(Key key, Many<Bytes> elements) { return Do(cmd::LPush{key, std::move(elements)}); }
  template <Word... T>
  auto lpush(Key key, const T&... elements) {
    return lpush(key, api::Words(elements...));
  }
  auto rpush(Key key, Many<Bytes> elements) { return Do(cmd::RPush{key, std::move(elements)}); }
  template <Word... T>
  auto rpush(Key key, const T&... elements) {
    return rpush(key, api::Words(elements...));
  }
  auto lpushx(Key key, Many<Bytes> elements) { return Do(cmd::LPushX{key, std::move(elements)}); }
  auto rpushx(Key key, Many<Bytes> elements) { return Do(cmd::RPushX{key, std::move(elements)}); }
  auto lpop(Key key) { return Do(cmd::LPop{key, {}}); }
  auto lpop(Key key, int64_t count) { return Do(cmd::LPopCount(key, count)); }
  auto rpop(Key key) { return Do(cmd::RPop{key, {}}); }
  auto rpop(Key key, int64_t count) { return Do(cmd::RPopCount(key, count)); }
  auto lrange(Key key, int64_t start, int64_t stop) { return Do(cmd::LRange{key, start, stop}); }
  auto llen(Key key) { return Do(cmd::LLen{key}); }
  auto lindex(Key key, int64_t index) { return Do(cmd::LIndex{key, index}); }
  auto lset(Key key, int64_t index, Bytes element) { return Do(cmd::LSet{key, index, element}); }
  auto lrem(Key key, int64_t count, Bytes element) { return Do(cmd::LRem{key, count, element}); }
  auto ltrim(Key key, int64_t start, int64_t stop) { return Do(cmd::LTrim{key, start, stop}); }
  auto linsert_before(Key key, Bytes pivot, Bytes element) { return Do(cmd::LInsert{key, "BEFORE", pivot, element}); }
  auto linsert_after(Key key, Bytes pivot, Bytes element) { return Do(cmd::LInsert{key, "AFTER", pivot, element}); }
  // A deadline of the call (client.within) bounds the wait, too.
  auto blpop(Many<Key> keys, Seconds timeout) { return Do(cmd::BLPop{std::move(keys), timeout.count()}); }
  template <Word T>
  auto blpop(const T& key, Seconds timeout) {
    return blpop(api::Keys(key), timeout);
  }
  auto brpop(Many<Key> keys, Seconds timeout) { return Do(cmd::BRPop{std::move(keys), timeout.count()}); }
  template <Word T>
  auto brpop(const T& key, Seconds timeout) {
    return brpop(api::Keys(key), timeout);
  }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_LISTS_H_
