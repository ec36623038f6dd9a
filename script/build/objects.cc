// The symbolic keys: sugar over CallWords.
#include "dualis/script.h"

namespace dualis::script {

Expr RedisObj::exists() const { return redis_fn("EXISTS") != 0; }
Expr RedisObj::remove() const { return redis_fn("DEL") != 0; }
Expr RedisObj::key_type() const { return redis_fn("TYPE"); }

Expr RedisObj::expire(std::chrono::milliseconds in, ExpireMode mode) const {
  const int64_t ms = in.count();
  switch (mode) {
    case ExpireMode::kIfPersistent:
      return redis_fn("PEXPIRE", ms, "NX");
    case ExpireMode::kIfExpiring:
      return redis_fn("PEXPIRE", ms, "XX");
    case ExpireMode::kIfLater:
      return redis_fn("PEXPIRE", ms, "GT");
    case ExpireMode::kIfEarlier:
      return redis_fn("PEXPIRE", ms, "LT");
    case ExpireMode::kAlways:
      break;
  }
  return redis_fn("PEXPIRE", ms);
}

Expr RedisObj::persist() const { return redis_fn("PERSIST"); }
Expr RedisObj::pttl() const { return redis_fn("PTTL"); }

Expr RedisVar::set(const Expr& value, const SetOptions& options) const {
  std::vector<Expr> words = {key(), value};
  if (options.mode == SetMode::kIfMissing) words.emplace_back("NX");
  if (options.mode == SetMode::kIfExists) words.emplace_back("XX");
  if (options.return_previous) words.emplace_back("GET");
  if (options.expire_in) {
    words.emplace_back("PX");
    words.emplace_back(int64_t{options.expire_in->count()});
  }
  if (options.keep_ttl) words.emplace_back("KEEPTTL");
  return CallWords("SET", std::move(words));
}

Expr RedisVar::get(const Expr& fallback) const { return Apply("default", {get(), fallback}); }

Expr RedisHash::hset(std::initializer_list<std::pair<Expr, Expr>> fields) const {
  std::vector<Expr> words = {key()};
  for (const auto& [field, value] : fields) {
    words.push_back(field);
    words.push_back(value);
  }
  return CallWords("HSET", std::move(words));
}

Expr RedisStream::add(const Expr& id, std::initializer_list<std::pair<Expr, Expr>> fields) const {
  std::vector<Expr> words = {key(), id};
  for (const auto& [field, value] : fields) {
    words.push_back(field);
    words.push_back(value);
  }
  return CallWords("XADD", std::move(words));
}

}  // namespace dualis::script
