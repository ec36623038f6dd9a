#include "dualis/helpers/rate_limiter.h"

#include <utility>

#include "client/helpers/scripts.h"

namespace dualis {
namespace {

using namespace script;

// The key holds the time, in milliseconds with a fraction, at which everything will have come back. A call may go ahead
// if after it that lies no more than a period ahead. Gives [allowed, remaining, retry after, full after].
void Allow(FnContext& ctx) {
  const RedisVar full(ctx.add_key("full"));
  const Expr cost = ctx.add_arg("cost"), limit = ctx.add_arg("limit"), period = ctx.add_arg("period");
  const Local time = ctx.add_local(Call("TIME"), "time");
  const Local now = ctx.add_local(ToNum(time[0]) * 1000 + ToNum(time[1]) / 1000, "now");
  const Local each = ctx.add_local(period / limit, "each");
  const Local before = ctx.add_local(Max(ToNum(full.get(0)), now), "before");
  const Local after = ctx.add_local(before + each * cost, "after");
  // A little slack, as the fractions of `each` do not add up exactly.
  const Local late = ctx.add_local(after - period - now, "late");
  ctx.if_(late > 0.001, [&] {
    ctx.return_(ListOf(false, Floor((period - (before - now)) / each + 0.001), Ceil(late), Ceil(before - now)));
  });
  ctx.if_(cost > 0, [&] { ctx.add(Call("SET", full.key(), after, "PX", ToIntStr(Max(Ceil(after - now), 1)))); });
  ctx.return_(ListOf(true, Floor((period - (after - now)) / each + 0.001), 0, Ceil(after - now)));
}

}  // namespace

RateLimiter::RateLimiter(Client client, std::string base, const Options& options,
                         std::shared_ptr<const helpers::ScriptSet> scripts)
    : client_(std::move(client)), base_(std::move(base)), options_(options), scripts_(std::move(scripts)) {}

Result<RateLimiter> RateLimiter::Open(const Client& client, const std::string& base, const Options& options) {
  if (options.limit < 1 || options.period.count() < 1) {
    return Error(ErrorCode::kUsage, "ERR a rate limiter needs a limit and a period of at least 1");
  }
  auto scripts = helpers::ScriptSet::Make(client, {}, {{"rate_limiter_allow", Allow}});
  if (!scripts) return scripts.error();
  return RateLimiter(client, base, options, std::move(*scripts));
}

Result<RateLimiter::Answer> RateLimiter::allow(const std::string& name, int64_t cost) const {
  if (cost < 0 || cost > options_.limit) {
    return Error(ErrorCode::kUsage, "ERR the cost is below 0 or above the limit, and would never be allowed");
  }
  const auto answer = scripts_->RunOn<std::tuple<bool, int64_t, int64_t, int64_t>>(
      {{"full", base_ + ":" + name}}, 0,
      {{"cost", cost}, {"limit", options_.limit}, {"period", options_.period.count()}});
  if (!answer) return answer.error();
  const auto [allowed, remaining, retry_after, full_after] = *answer;
  return Answer{allowed, remaining, std::chrono::milliseconds(retry_after), std::chrono::milliseconds(full_after)};
}

Error RateLimiter::reset(const std::string& name) const {
  return client_.Run(cmd::Del{{Key{base_ + ":" + name}}}).error();
}

}  // namespace dualis
