// Keys as scripts see them, by type: sugar over Call. What is not here is reached by redis_fn, by Call or by ctx.call
// with the command's struct. Included by dualis/script.h.
#ifndef DUALIS_SCRIPT_OBJECTS_H_
#define DUALIS_SCRIPT_OBJECTS_H_

#include <chrono>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "dualis/script.h"

namespace dualis::script {

enum class SetMode { kAlways, kIfMissing, kIfExists };

struct SetOptions {
  SetMode mode = SetMode::kAlways;
  // Gives the old value or None, instead of whether the value was written.
  bool return_previous = false;
  std::optional<std::chrono::milliseconds> expire_in;
  bool keep_ttl = false;
};

enum class ExpireMode { kAlways, kIfPersistent, kIfExpiring, kIfLater, kIfEarlier };

// A key as a script sees it. Methods make commands: formulas to be placed once. Whether a method gives a number, None,
// a list ... is said by the command's row in SEMANTICS.md.
class RedisObj {
 public:
  explicit RedisObj(const Expr& key) : key_(key) {}
  const Expr& key() const { return key_; }
  // Any command whose first word is this key.
  template <class... T>
  Expr redis_fn(CommandName command, const T&... words) const {
    return CallWords(command, {key_, Expr(words)...});
  }

  Expr exists() const;                                                                     // bool
  Expr remove() const;                                                                     // DEL: bool
  Expr key_type() const;                                                                   // text, "none" if absent
  Expr expire(std::chrono::milliseconds in, ExpireMode mode = ExpireMode::kAlways) const;  // bool
  Expr persist() const;                                                                    // bool
  Expr pttl() const;  // milliseconds; -1 without expiry, -2 if absent
  // Seconds, milliseconds since 1970 at which it expires; -1 without expiry, -2 if absent.
  Expr expiretime() const { return redis_fn("EXPIRETIME"); }
  Expr pexpiretime() const { return redis_fn("PEXPIRETIME"); }
  Expr pexpireat(const Expr& ms) const { return redis_fn("PEXPIREAT", ms); }  // bool
  Expr rename(const Expr& to) const { return redis_fn("RENAME", to); }
  Expr renamenx(const Expr& to) const { return redis_fn("RENAMENX", to); }  // bool
  // Whether it was copied: not if `to` exists and is not to be replaced.
  Expr copy_to(const Expr& to) const { return redis_fn("COPY", to); }
  Expr copy_over(const Expr& to) const { return redis_fn("COPY", to, "REPLACE"); }
  Expr unlink() const { return redis_fn("UNLINK") != 0; }
  Expr touch() const { return redis_fn("TOUCH") != 0; }

 private:
  Expr key_;
};

class RedisVar : public RedisObj {
 public:
  using RedisObj::RedisObj;
  Expr set(const Expr& value, const SetOptions& options = {}) const;
  Expr get() const { return redis_fn("GET"); }
  // `fallback` if the key is absent; an empty value is a value.
  Expr get(const Expr& fallback) const;
  Expr incrby(const Expr& by) const { return redis_fn("INCRBYFLOAT", by); }
  Expr getset(const Expr& value) const { return redis_fn("SET", value, "GET"); }
  Expr getdel() const { return redis_fn("GETDEL"); }
  // Integers: an error if the value is none.
  Expr incr() const { return redis_fn("INCR"); }
  Expr decr() const { return redis_fn("DECR"); }
  Expr incr_int(const Expr& by) const { return redis_fn("INCRBY", by); }
  // The new length.
  Expr append(const Expr& value) const { return redis_fn("APPEND", value); }
  Expr strlen() const { return redis_fn("STRLEN"); }
  Expr getrange(const Expr& start, const Expr& stop) const { return redis_fn("GETRANGE", start, stop); }
  Expr setrange(const Expr& offset, const Expr& value) const { return redis_fn("SETRANGE", offset, value); }
};

class RedisList : public RedisObj {
 public:
  using RedisObj::RedisObj;
  template <class... T>
  Expr lpush(const T&... values) const {
    return redis_fn("LPUSH", values...);
  }
  template <class... T>
  Expr rpush(const T&... values) const {
    return redis_fn("RPUSH", values...);
  }
  Expr lpop() const { return redis_fn("LPOP"); }
  Expr lpop(const Expr& count) const { return redis_fn("LPOP", count); }
  Expr rpop() const { return redis_fn("RPOP"); }
  Expr rpop(const Expr& count) const { return redis_fn("RPOP", count); }
  Expr lrange(const Expr& start, const Expr& stop) const { return redis_fn("LRANGE", start, stop); }
  Expr lindex(const Expr& index) const { return redis_fn("LINDEX", index); }
  Expr lset(const Expr& index, const Expr& value) const { return redis_fn("LSET", index, value); }
  Expr llen() const { return redis_fn("LLEN"); }
  template <class... T>
  Expr lpushx(const T&... values) const {
    return redis_fn("LPUSHX", values...);
  }
  template <class... T>
  Expr rpushx(const T&... values) const {
    return redis_fn("RPUSHX", values...);
  }
  Expr lrem(const Expr& count, const Expr& value) const { return redis_fn("LREM", count, value); }
  Expr ltrim(const Expr& start, const Expr& stop) const { return redis_fn("LTRIM", start, stop); }
  Expr lpos(const Expr& value) const { return redis_fn("LPOS", value); }
  // The new length, -1 if the pivot is missing, 0 if the list is.
  Expr insert_before(const Expr& pivot, const Expr& value) const { return redis_fn("LINSERT", "BEFORE", pivot, value); }
  Expr insert_after(const Expr& pivot, const Expr& value) const { return redis_fn("LINSERT", "AFTER", pivot, value); }
  // Takes from this list's end and puts in front of the other; the item, or None.
  Expr rpoplpush(const Expr& to) const { return redis_fn("LMOVE", to, "RIGHT", "LEFT"); }
};

class RedisHash : public RedisObj {
 public:
  using RedisObj::RedisObj;
  // How many fields are new.
  Expr hset(std::initializer_list<std::pair<Expr, Expr>> fields) const;
  Expr hset(const Expr& dict) const { return redis_fn("HSET", Spread(dict)); }
  template <class... T>
  Expr hdel(const T&... fields) const {
    return redis_fn("HDEL", fields...);
  }
  Expr hget(const Expr& field) const { return redis_fn("HGET", field); }
  Expr hexists(const Expr& field) const { return redis_fn("HEXISTS", field); }
  // A list, None where a field is absent. Zip(fields, h.hmget(...)) makes a dict of it.
  template <class... T>
  Expr hmget(const T&... fields) const {
    return redis_fn("HMGET", fields...);
  }
  Expr hincrby(const Expr& field, const Expr& by) const { return redis_fn("HINCRBYFLOAT", field, by); }
  Expr hkeys() const { return redis_fn("HKEYS"); }
  Expr hvals() const { return redis_fn("HVALS"); }
  Expr hgetall() const { return redis_fn("HGETALL"); }
  Expr hlen() const { return redis_fn("HLEN"); }
  // Whether the field was new, and so was set.
  Expr hsetnx(const Expr& field, const Expr& value) const { return redis_fn("HSETNX", field, value); }
  // Integers only.
  Expr hincr_int(const Expr& field, const Expr& by) const { return redis_fn("HINCRBY", field, by); }
  Expr hstrlen(const Expr& field) const { return redis_fn("HSTRLEN", field); }
};

class RedisSet : public RedisObj {
 public:
  using RedisObj::RedisObj;
  // How many were added, removed.
  template <class... T>
  Expr add(const T&... members) const {
    return redis_fn("SADD", members...);
  }
  template <class... T>
  Expr remove_members(const T&... members) const {
    return redis_fn("SREM", members...);
  }
  Expr has(const Expr& member) const { return redis_fn("SISMEMBER", member); }
  Expr members() const { return redis_fn("SMEMBERS"); }
  Expr card() const { return redis_fn("SCARD"); }
  // A list of bools.
  template <class... T>
  Expr has_each(const T&... members) const {
    return redis_fn("SMISMEMBER", members...);
  }
  Expr move(const Expr& to, const Expr& member) const { return redis_fn("SMOVE", to, member); }  // bool
  // One at random, or None; a list of so many.
  Expr pop() const { return redis_fn("SPOP"); }
  Expr pop(const Expr& count) const { return redis_fn("SPOP", count); }
  Expr random() const { return redis_fn("SRANDMEMBER"); }
  // With other sets: lists in the order of their bytes.
  template <class... T>
  Expr inter(const T&... others) const {
    return redis_fn("SINTER", others...);
  }
  template <class... T>
  Expr union_(const T&... others) const {
    return redis_fn("SUNION", others...);
  }
  template <class... T>
  Expr diff(const T&... others) const {
    return redis_fn("SDIFF", others...);
  }
};

class RedisSortedSet : public RedisObj {
 public:
  using RedisObj::RedisObj;
  Expr add(const Expr& score, const Expr& member) const { return redis_fn("ZADD", score, member); }
  template <class... T>
  Expr remove_members(const T&... members) const {
    return redis_fn("ZREM", members...);
  }
  Expr score(const Expr& member) const { return redis_fn("ZSCORE", member); }
  Expr incrby(const Expr& by, const Expr& member) const { return redis_fn("ZINCRBY", by, member); }
  // Lists of [member, score].
  Expr pop_max() const { return redis_fn("ZPOPMAX"); }
  Expr pop_max(const Expr& count) const { return redis_fn("ZPOPMAX", count); }
  Expr pop_min() const { return redis_fn("ZPOPMIN"); }
  Expr pop_min(const Expr& count) const { return redis_fn("ZPOPMIN", count); }
  // Members by rank.
  Expr range(const Expr& start, const Expr& stop) const { return redis_fn("ZRANGE", start, stop); }
  Expr card() const { return redis_fn("ZCARD"); }
  // None where a member is missing.
  template <class... T>
  Expr scores(const T&... members) const {
    return redis_fn("ZMSCORE", members...);
  }
  Expr rank(const Expr& member) const { return redis_fn("ZRANK", member); }
  Expr revrank(const Expr& member) const { return redis_fn("ZREVRANK", member); }
  // Bounds as Redis writes them: 5, "(5", "-inf", "+inf".
  Expr count(const Expr& min, const Expr& max) const { return redis_fn("ZCOUNT", min, max); }
  Expr range_by_score(const Expr& min, const Expr& max) const { return redis_fn("ZRANGE", min, max, "BYSCORE"); }
  // Bounds "[a", "(a", "-", "+".
  Expr range_by_lex(const Expr& min, const Expr& max) const { return redis_fn("ZRANGE", min, max, "BYLEX"); }
  Expr range_with_scores(const Expr& start, const Expr& stop) const {
    return redis_fn("ZRANGE", start, stop, "WITHSCORES");
  }
  Expr revrange(const Expr& start, const Expr& stop) const { return redis_fn("ZRANGE", start, stop, "REV"); }
  Expr remove_by_rank(const Expr& start, const Expr& stop) const { return redis_fn("ZREMRANGEBYRANK", start, stop); }
  Expr remove_by_score(const Expr& min, const Expr& max) const { return redis_fn("ZREMRANGEBYSCORE", min, max); }
};

class RedisStream : public RedisObj {
 public:
  using RedisObj::RedisObj;
  // The id of the new entry; `id` may be "*".
  Expr add(const Expr& id, std::initializer_list<std::pair<Expr, Expr>> fields) const;
  Expr add(const Expr& id, const Expr& dict) const { return redis_fn("XADD", id, Spread(dict)); }
  Expr len() const { return redis_fn("XLEN"); }
  // Lists of [id, [[field, value], ...]].
  Expr range(const Expr& start, const Expr& end) const { return redis_fn("XRANGE", start, end); }
  Expr range(const Expr& start, const Expr& end, const Expr& count) const {
    return redis_fn("XRANGE", start, end, "COUNT", count);
  }
  Expr revrange(const Expr& end, const Expr& start) const { return redis_fn("XREVRANGE", end, start); }
  // The entries behind an id, at most `count`: a dict of them by key, or None.
  Expr read(const Expr& after, const Expr& count) const {
    return CallWords("XREAD", {"COUNT", count, "STREAMS", key(), after});
  }
  template <class... T>
  Expr del(const T&... ids) const {
    return redis_fn("XDEL", ids...);
  }
  Expr trim(const Expr& most) const { return redis_fn("XTRIM", "MAXLEN", most); }
  // "OK"; an error if the group exists.
  Expr group_create(const Expr& group, const Expr& id) const {
    return CallWords("XGROUP", {"CREATE", key(), group, id, "MKSTREAM"});
  }
  Expr group_destroy(const Expr& group) const { return CallWords("XGROUP", {"DESTROY", key(), group}); }  // bool
  // New entries for a consumer: a dict of them by key, or None.
  Expr group_read(const Expr& group, const Expr& consumer, const Expr& count) const {
    return CallWords("XREADGROUP", {"GROUP", group, consumer, "COUNT", count, "STREAMS", key(), ">"});
  }
  template <class... T>
  Expr ack(const Expr& group, const T&... ids) const {
    return redis_fn("XACK", group, ids...);
  }
  // [count, first, last, [[consumer, count], ...]]
  Expr pending(const Expr& group) const { return redis_fn("XPENDING", group); }
};

// The bits of a string.
class RedisBitmap : public RedisObj {
 public:
  using RedisObj::RedisObj;
  // The bit that was there before, 0 or 1.
  Expr setbit(const Expr& offset, const Expr& bit) const { return redis_fn("SETBIT", offset, bit); }
  Expr getbit(const Expr& offset) const { return redis_fn("GETBIT", offset); }
  Expr bitcount() const { return redis_fn("BITCOUNT"); }
  Expr bitcount(const Expr& start, const Expr& end) const { return redis_fn("BITCOUNT", start, end); }
  Expr bitpos(const Expr& bit) const { return redis_fn("BITPOS", bit); }
  // Words as BITFIELD has them: "INCRBY", "u8", 0, 1 ... A list of numbers and None.
  template <class... T>
  Expr bitfield(const T&... words) const {
    return redis_fn("BITFIELD", words...);
  }
};

class RedisHyperLogLog : public RedisObj {
 public:
  using RedisObj::RedisObj;
  // Whether the estimate changed.
  template <class... T>
  Expr add(const T&... elements) const {
    return redis_fn("PFADD", elements...);
  }
  Expr count() const { return redis_fn("PFCOUNT"); }
  template <class... T>
  Expr merge(const T&... keys) const {
    return redis_fn("PFMERGE", keys...);
  }
};

class RedisGeo : public RedisObj {
 public:
  using RedisObj::RedisObj;
  Expr add(const Expr& longitude, const Expr& latitude, const Expr& member) const {
    return redis_fn("GEOADD", longitude, latitude, member);
  }
  // A number in that unit ("m", "km", "ft", "mi"), or None.
  Expr dist(const Expr& a, const Expr& b, const Expr& unit) const { return redis_fn("GEODIST", a, b, unit); }
  // Lists of [longitude, latitude], None where a member is missing.
  template <class... T>
  Expr pos(const T&... members) const {
    return redis_fn("GEOPOS", members...);
  }
  // Members within a circle around a member, the nearest first; with their distances: lists of [member, distance].
  Expr near(const Expr& member, const Expr& radius, const Expr& unit) const {
    return redis_fn("GEOSEARCH", "FROMMEMBER", member, "BYRADIUS", radius, unit, "ASC");
  }
  Expr near_with_dist(const Expr& member, const Expr& radius, const Expr& unit) const {
    return redis_fn("GEOSEARCH", "FROMMEMBER", member, "BYRADIUS", radius, unit, "ASC", "WITHDIST");
  }
};

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_OBJECTS_H_
