#include "dualis/helpers/lock.h"

#include <new>
#include <utility>

#include "client/helpers/scripts.h"
#include "client/helpers/waiting.h"

namespace dualis {
namespace {

using namespace script;

struct Words {
  explicit Words(FnContext& ctx)
      : lock(ctx.add_key("lock")), fence(ctx.add_key("fence")), token(ctx.add_arg("token")), ttl(ctx.add_arg("ttl")) {}
  RedisVar lock, fence;
  Expr token, ttl;
};

// [fence, 0], or [None, how long it is held yet].
void Acquire(FnContext& ctx) {
  const Words w(ctx);
  ctx.if_(Call("SET", w.lock.key(), w.token, "PX", w.ttl, "NX"),
          [&] { ctx.return_(ListOf(w.fence.redis_fn("INCR"), 0)); });
  ctx.return_(ListOf(None, w.lock.pttl()));
}

void Extend(FnContext& ctx) {
  const Words w(ctx);
  ctx.if_(w.lock.get() != w.token, [&] { ctx.return_(false); });
  ctx.return_(w.lock.redis_fn("PEXPIRE", w.ttl));
}

void Release(FnContext& ctx) {
  const Words w(ctx);
  ctx.if_(w.lock.get() != w.token, [&] { ctx.return_(false); });
  ctx.add(w.lock.remove());
  ctx.add(Call("PUBLISH", w.lock.key(), "free"));
  ctx.return_(true);
}

void Holds(FnContext& ctx) {
  const Words w(ctx);
  ctx.return_(w.lock.get() == w.token);
}

enum Which : size_t { kAcquire, kExtend, kRelease, kHolds };

Script::Arguments Arguments(const std::string& token, std::chrono::milliseconds ttl = {}) {
  return {{"token", token}, {"ttl", ttl.count()}};
}

}  // namespace

Lock::Lock(Client client, std::string name, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts)
    : client_(std::move(client)), name_(std::move(name)), options_(options), scripts_(std::move(scripts)) {}

Result<Lock> Lock::Open(const Client& client, const std::string& name, const Options& options) {
  if (options.ttl.count() <= 0) return Error(ErrorCode::kUsage, "ERR a lock needs a time after which it expires");
  auto scripts = helpers::ScriptSet::Make(
      client, {{"lock", name}, {"fence", name + ":fence"}},
      {{"lock_acquire", Acquire}, {"lock_extend", Extend}, {"lock_release", Release}, {"lock_holds", Holds}});
  if (!scripts) return scripts.error();
  return Lock(client, name, options, std::move(*scripts));
}

Result<std::optional<Lock::Held>> Lock::Try(int64_t* busy_for) const {
  std::string token = helpers::NewToken();
  const auto taken =
      scripts_->Run<std::pair<std::optional<int64_t>, int64_t>>(kAcquire, Arguments(token, options_.ttl));
  if (!taken) return taken.error();
  *busy_for = taken->second;
  std::optional<Held> held;
  if (taken->first) held = Held(scripts_, std::move(token), *taken->first);
  return held;
}

Result<std::optional<Lock::Held>> Lock::try_acquire() const {
  int64_t busy_for = 0;
  return Try(&busy_for);
}

Result<std::optional<Lock::Held>> Lock::acquire(std::chrono::milliseconds timeout) const {
  std::optional<Held> held;
  const Result<bool> done = helpers::RetryUntil(client_, name_, timeout, [&](int64_t* again_in) -> Result<bool> {
    Result<std::optional<Held>> taken = Try(again_in);
    if (!taken) return taken.error();
    held = std::move(*taken);
    return held.has_value();
  });
  if (!done) return done.error();
  return held;
}

Lock::Held::Held(std::shared_ptr<const helpers::ScriptSet> scripts, std::string token, int64_t fence)
    : scripts_(std::move(scripts)), token_(std::move(token)), fence_(fence) {}

Lock::Held::~Held() {
  try {
    (void)release();
  } catch (const std::bad_alloc&) {
    // It expires.
  }
}

Lock::Held::Held(Held&&) noexcept = default;

Lock::Held& Lock::Held::operator=(Held&& other) noexcept {
  std::swap(scripts_, other.scripts_);
  std::swap(token_, other.token_);
  std::swap(fence_, other.fence_);
  return *this;
}

Result<bool> Lock::Held::extend(std::chrono::milliseconds ttl) {
  if (!scripts_) return false;
  return scripts_->Run<bool>(kExtend, Arguments(token_, ttl));
}

Result<bool> Lock::Held::release() {
  if (!scripts_) return false;
  return std::exchange(scripts_, nullptr)->Run<bool>(kRelease, Arguments(token_));
}

Result<bool> Lock::Held::holds() const {
  if (!scripts_) return false;
  return scripts_->Run<bool>(kHolds, Arguments(token_));
}

}  // namespace dualis
