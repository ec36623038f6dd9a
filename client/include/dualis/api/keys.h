// The commands on keys of any type, as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_KEYS_H_
#define DUALIS_API_KEYS_H_

#include <chrono>
#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/keys.h"
#include "dualis/commands/transfers.h"
#include "dualis/commands/waits.h"

namespace dualis {

template <class Self>
class KeyCommands {
 public:
  using Time = std::chrono::system_clock::time_point;

  auto del(Many<Key> keys) { return Do(cmd::Del{std::move(keys)}); }
  template <Word... T>
  auto del(const T&... keys) {
    return del(api::Keys(keys...));
  }
  auto unlink(Many<Key> keys) { return Do(cmd::Unlink{std::move(keys)}); }
  template <Word... T>
  auto unlink(const T&... keys) {
    return unlink(api::Keys(keys...));
  }
  auto exists(Many<Key> keys) { return Do(cmd::Exists{std::move(keys)}); }
  template <Word... T>
  auto exists(const T&... keys) {
    return exists(api::Keys(keys...));
  }
  auto touch(Many<Key> keys) { return Do(cmd::Touch{std::move(keys)}); }
  auto type(Key key) { return Do(cmd::Type{key}); }
  // The conditions NX, XX, GT, LT: {.nx = true}.
  auto expire(Key key, std::chrono::seconds in, cmd::ExpireConditions when = {}) {
    return Do(cmd::Expire{key, in.count(), when});
  }
  auto pexpire(Key key, std::chrono::milliseconds in, cmd::ExpireConditions when = {}) {
    return Do(cmd::PExpire{key, in.count(), when});
  }
  auto expireat(Key key, Time at, cmd::ExpireConditions when = {}) {
    return Do(cmd::ExpireAt{key, Since<std::chrono::seconds>(at), when});
  }
  auto pexpireat(Key key, Time at, cmd::ExpireConditions when = {}) {
    return Do(cmd::PExpireAt{key, Since<std::chrono::milliseconds>(at), when});
  }
  // Seconds, milliseconds; -1 for a key without expiry, -2 for none.
  auto ttl(Key key) { return Do(cmd::Ttl{key}); }
  auto pttl(Key key) { return Do(cmd::PTtl{key}); }
  auto expiretime(Key key) { return Do(cmd::ExpireTime{key}); }
  auto pexpiretime(Key key) { return Do(cmd::PExpireTime{key}); }
  auto persist(Key key) { return Do(cmd::Persist{key}); }
  // In one step, which blocks everybody; Client::scan_iter does not.
  auto keys(KeyPattern pattern) { return Do(cmd::Keys{pattern}); }
  auto scan(Bytes cursor, std::optional<KeyPattern> match = {}, std::optional<int64_t> count = {},
            std::optional<Bytes> type = {}) {
    return Do(cmd::Scan{cursor, match, count, type});
  }
  auto randomkey() { return Do(cmd::RandomKey{}); }
  auto rename(Key key, Key newkey) { return Do(cmd::Rename{key, newkey}); }
  auto renamenx(Key key, Key newkey) { return Do(cmd::RenameNx{key, newkey}); }
  auto copy(Key source, Key destination, bool replace = false, std::optional<int64_t> db = {}) {
    return Do(cmd::Copy{source, destination, db, replace});
  }
  auto move(Key key, int64_t db) { return Do(cmd::Move{key, db}); }
  // Refused under a prefix.
  auto swapdb(int64_t index1, int64_t index2) { return Do(cmd::SwapDb{index1, index2}); }
  auto wait(int64_t numreplicas, std::chrono::milliseconds timeout) {
    return Do(cmd::Wait{numreplicas, timeout.count()});
  }
  auto waitaof(int64_t numlocal, int64_t numreplicas, std::chrono::milliseconds timeout) {
    return Do(cmd::WaitAof{numlocal, numreplicas, timeout.count()});
  }
  // Of the whole database, also under a prefix.
  auto dbsize() { return Do(cmd::DbSize{}); }
  // Refused under a prefix: see Client::flush_prefix.
  auto flushall() { return Do(cmd::FlushAll{}); }
  auto flushdb() { return Do(cmd::FlushDb{}); }
  auto object_encoding(Key key) { return Do(cmd::ObjectEncoding{key}); }
  auto object_refcount(Key key) { return Do(cmd::ObjectRefCount{key}); }

 private:
  template <class Unit>
  static int64_t Since(Time at) {
    return std::chrono::duration_cast<Unit>(at.time_since_epoch()).count();
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_KEYS_H_
