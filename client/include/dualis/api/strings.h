// The string commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_STRINGS_H_
#define DUALIS_API_STRINGS_H_

#include <chrono>
#include <optional>
#include <utility>

#include "dualis/api/expiry.h"
#include "dualis/api/words.h"
#include "dualis/commands/lcs.h"
#include "dualis/commands/strings.h"

namespace dualis {

// The options of SET.
struct SetOptions {
  enum class When : uint8_t { kAlways, kIfMissing, kIfExists };
  When when = When::kAlways;  // NX, XX
  Expiry expiry = {};         // EX, PX, EXAT, PXAT, KEEPTTL
};

template <class Self>
class StringCommands {
 public:
  auto get(Key key) { return Do(cmd::Get{key}); }
  // True if it was written: a condition may refuse.
  auto set(Key key, Bytes value, const SetOptions& options = {}) { return Do(SetOf(key, value, options)); }
  // SET ... GET: the old value, whether or not it was replaced.
  auto set_get(Key key, Bytes value, const SetOptions& options = {}) {
    return Do(cmd::SetGet(SetOf(key, value, options)));
  }
  auto setnx(Key key, Bytes value) { return Do(cmd::SetNx{key, value}); }
  auto setex(Key key, std::chrono::seconds in, Bytes value) { return Do(cmd::SetEx{key, in.count(), value}); }
  auto psetex(Key key, std::chrono::milliseconds in, Bytes value) { return Do(cmd::PSetEx{key, in.count(), value}); }
  auto getset(Key key, Bytes value) { return Do(cmd::GetSet{key, value}); }
  auto getdel(Key key) { return Do(cmd::GetDel{key}); }
  // Without an expiry the key keeps the one it has.
  auto getex(Key key, Expiry expiry = {}) { return Do(cmd::GetEx{key, expiry.unit, expiry.amount}); }
  auto incr(Key key) { return Do(cmd::Incr{key}); }
  auto decr(Key key) { return Do(cmd::Decr{key}); }
  auto incrby(Key key, int64_t increment) { return Do(cmd::IncrBy{key, increment}); }
  auto decrby(Key key, int64_t decrement) { return Do(cmd::DecrBy{key, decrement}); }
  auto incrbyfloat(Key key, double increment) { return Do(cmd::IncrByFloat{key, increment}); }
  auto append(Key key, Bytes value) { return Do(cmd::Append{key, value}); }
  auto strlen(Key key) { return Do(cmd::StrLen{key}); }
  auto getrange(Key key, int64_t start, int64_t end) { return Do(cmd::GetRange{key, start, end}); }
  auto substr(Key key, int64_t start, int64_t end) { return Do(cmd::SubStr{key, start, end}); }
  auto setrange(Key key, int64_t offset, Bytes value) { return Do(cmd::SetRange{key, offset, value}); }
  auto mget(Many<Key> keys) { return Do(cmd::MGet{std::move(keys)}); }
  template <Word... T>
  auto mget(const T&... keys) {
    return mget(api::Keys(keys...));
  }
  auto mset(Many<cmd::KeyValue> pairs) { return Do(cmd::MSet{std::move(pairs)}); }
  auto msetnx(Many<cmd::NewKeyValue> pairs) { return Do(cmd::MSetNx{std::move(pairs)}); }
  auto lcs(Key key1, Key key2) { return Do(cmd::Lcs{key1, key2}); }
  auto lcs_len(Key key1, Key key2) { return Do(cmd::LcsLen(key1, key2)); }
  auto lcs_idx(Key key1, Key key2, std::optional<int64_t> min_match_len = {}) {
    return Do(cmd::LcsIdx(key1, key2, min_match_len));
  }

 private:
  static cmd::Set SetOf(Key key, Bytes value, const SetOptions& options) {
    return {
        key, value, static_cast<cmd::Set::Condition>(options.when), false, options.expiry.unit, options.expiry.amount};
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_STRINGS_H_
