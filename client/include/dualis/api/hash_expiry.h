// Fields of hashes that die, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_HASH_EXPIRY_H_
#define DUALIS_API_HASH_EXPIRY_H_

#include <chrono>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/hash_expiry.h"

namespace dualis {

template <class Self>
class HashExpiryCommands {
 public:
  using Condition = cmd::FieldCondition;

  // A cmd::FieldReply for each field.
  auto hexpire(Key key, std::chrono::seconds time, Many<Bytes> fields, Condition condition = Condition::kAlways) {
    return Do(cmd::HExpire{{key, time.count(), condition, std::move(fields), {}}});
  }
  auto hpexpire(Key key, std::chrono::milliseconds time, Many<Bytes> fields, Condition condition = Condition::kAlways) {
    return Do(cmd::HPExpire{{key, time.count(), condition, std::move(fields), {}}});
  }
  auto hexpireat(Key key, int64_t unix_seconds, Many<Bytes> fields, Condition condition = Condition::kAlways) {
    return Do(cmd::HExpireAt{{key, unix_seconds, condition, std::move(fields), {}}});
  }
  auto hpexpireat(Key key, int64_t unix_ms, Many<Bytes> fields, Condition condition = Condition::kAlways) {
    return Do(cmd::HPExpireAt{{key, unix_ms, condition, std::move(fields), {}}});
  }
  // A time, or a cmd::FieldReply, for each field.
  auto httl(Key key, Many<Bytes> fields) { return Do(cmd::HTtl{{key, std::move(fields), {}}}); }
  auto hpttl(Key key, Many<Bytes> fields) { return Do(cmd::HPTtl{{key, std::move(fields), {}}}); }
  auto hexpiretime(Key key, Many<Bytes> fields) { return Do(cmd::HExpireTime{{key, std::move(fields), {}}}); }
  auto hpexpiretime(Key key, Many<Bytes> fields) { return Do(cmd::HPExpireTime{{key, std::move(fields), {}}}); }
  auto hpersist(Key key, Many<Bytes> fields) { return Do(cmd::HPersist{{key, std::move(fields), {}}}); }

 private:
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_HASH_EXPIRY_H_
