// The set commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_SETS_H_
#define DUALIS_API_SETS_H_

#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/collection_scans.h"
#include "dualis/commands/set_algebra.h"
#include "dualis/commands/sets.h"

namespace dualis {

template <class Self>
class SetCommands {
 public:
  auto sadd(Key key, Many<Bytes> members) { return Do(cmd::SAdd{key, std::move(members)}); }
  template <Word... T>
  auto sadd(Key key, const T&... members) {
    return sadd(key, api::Words(members...));
  }
  auto srem(Key key, Many<Bytes> members) { return Do(cmd::SRem{key, std::move(members)}); }
  template <Word... T>
  auto srem(Key key, const T&... members) {
    return srem(key, api::Words(members...));
  }
  auto sismember(Key key, Bytes member) { return Do(cmd::SIsMember{key, member}); }
  auto smismember(Key key, Many<Bytes> members) { return Do(cmd::SMIsMember{key, std::move(members)}); }
  auto smembers(Key key) { return Do(cmd::SMembers{key}); }
  auto scard(Key key) { return Do(cmd::SCard{key}); }
  auto spop(Key key) { return Do(cmd::SPop{key, {}}); }
  auto spop(Key key, int64_t count) { return Do(cmd::SPopCount(key, count)); }
  auto srandmember(Key key) { return Do(cmd::SRandMember{key, {}}); }
  auto srandmember(Key key, int64_t count) { return Do(cmd::SRandMemberCount(key, count)); }
  auto smove(Key source, Key destination, Bytes member) { return Do(cmd::SMove{source, destination, member}); }
  auto sdiff(Many<Key> keys) { return Do(cmd::SDiff{std::move(keys)}); }
  auto sinter(Many<Key> keys) { return Do(cmd::SInter{std::move(keys)}); }
  auto sunion(Many<Key> keys) { return Do(cmd::SUnion{std::move(keys)}); }
  auto sdiffstore(Key destination, Many<Key> keys) { return Do(cmd::SDiffStore{destination, std::move(keys)}); }
  auto sinterstore(Key destination, Many<Key> keys) { return Do(cmd::SInterStore{destination, std::move(keys)}); }
  auto sunionstore(Key destination, Many<Key> keys) { return Do(cmd::SUnionStore{destination, std::move(keys)}); }
  auto sintercard(Many<Key> keys, std::optional<int64_t> limit = {}) {
    return Do(cmd::SInterCard{std::move(keys), limit});
  }
  auto sscan(Key key, Bytes cursor, const CollectionScan& options = {}) {
    return Do(cmd::SScan{key, cursor, options.match, options.count});
  }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_SETS_H_
