#include "dualis/helpers/cache.h"

#include <utility>

#include "client/helpers/scripts.h"
#include "client/helpers/waiting.h"

namespace dualis {
namespace {

using namespace script;

// ["v", value] if there is one, ["c", how long yet] if somebody computes it, or ["mine", 0]: the caller has the claim.
void Look(FnContext& ctx) {
  const RedisVar slot(ctx.add_key("slot"));
  const Expr token = ctx.add_arg("token"), claim = ctx.add_arg("claim");
  const Local found = ctx.add_local(slot.get(), "found");
  ctx.if_(found == None, [&] {
    ctx.add(Call("SET", slot.key(), Strs("c", token), "PX", claim));
    ctx.return_(ListOf("mine", 0));
  });
  ctx.if_(StartsWith(found, "v"), [&] { ctx.return_(ListOf("v", Slice(found, 1))); });
  ctx.return_(ListOf("c", slot.pttl()));
}

// Stores a value if the claim is the caller's, or if there is neither claim nor value; without a token in any case.
void Store(FnContext& ctx) {
  const RedisVar slot(ctx.add_key("slot"));
  const Expr token = ctx.add_arg("token"), value = ctx.add_arg("value"), ttl = ctx.add_arg("ttl");
  ctx.if_(token != None, [&] {
    const Local found = ctx.add_local(slot.get(), "found");
    ctx.if_(found != None && found != Strs("c", token), [&] { ctx.return_(false); });
  });
  ctx.if_(ttl > 0, [&] { ctx.add(Call("SET", slot.key(), Strs("v", value), "PX", ttl)); }).else_([&] {
    ctx.add(Call("SET", slot.key(), Strs("v", value)));
  });
  ctx.add(Call("PUBLISH", slot.key(), "value"));
  ctx.return_(true);
}

// Gives the claim back, if it is the caller's.
void Release(FnContext& ctx) {
  const RedisVar slot(ctx.add_key("slot"));
  const Expr token = ctx.add_arg("token");
  ctx.if_(slot.get() != Strs("c", token), [&] { ctx.return_(false); });
  ctx.add(slot.remove());
  ctx.add(Call("PUBLISH", slot.key(), "free"));
  ctx.return_(true);
}

void Peek(FnContext& ctx) {
  const RedisVar slot(ctx.add_key("slot"));
  const Local found = ctx.add_local(slot.get("c"), "found");
  ctx.if_(StartsWith(found, "v"), [&] { ctx.return_(Slice(found, 1)); });
}

void Forget(FnContext& ctx) {
  const RedisVar slot(ctx.add_key("slot"));
  ctx.if_(!slot.remove(), [&] { ctx.return_(false); });
  ctx.add(Call("PUBLISH", slot.key(), "free"));
  ctx.return_(true);
}

enum Which : size_t { kLook, kStore, kRelease, kPeek, kForget };

}  // namespace

Cache::Cache(Client client, std::string base, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts)
    : client_(std::move(client)), base_(std::move(base)), options_(options), scripts_(std::move(scripts)) {}

Result<Cache> Cache::Open(const Client& client, const std::string& base, const Options& options) {
  if (options.claim.count() < 1 || options.ttl.count() < 0) {
    return Error(ErrorCode::kUsage, "ERR a cache needs a time for claims, and no negative times");
  }
  auto scripts = helpers::ScriptSet::Make(client, {},
                                          {{"cache_look", Look},
                                           {"cache_store", Store},
                                           {"cache_release", Release},
                                           {"cache_peek", Peek},
                                           {"cache_forget", Forget}});
  if (!scripts) return scripts.error();
  return Cache(client, base, options, std::move(*scripts));
}

Result<std::string> Cache::get(const std::string& key, const Compute& compute,
                               std::chrono::milliseconds timeout) const {
  const std::string name = base_ + ":" + key;
  const std::string token = helpers::NewToken();
  std::optional<std::string> value;
  bool mine = false;
  const Result<bool> found = helpers::RetryUntil(client_, name, timeout, [&](int64_t* again_in) -> Result<bool> {
    const auto seen = scripts_->RunOn<std::pair<std::string, Value>>(
        {{"slot", name}}, kLook, {{"token", token}, {"claim", options_.claim.count()}});
    if (!seen) return seen.error();
    if (seen->first == "v") {
      value.emplace(seen->second.bytes());
    } else if (seen->first == "c") {
      *again_in = static_cast<int64_t>(seen->second.number());
    } else {
      mine = true;
    }
    return value.has_value() || mine;
  });
  if (!found) return found.error();
  if (value) return *value;
  if (!mine) return Error(ErrorCode::kTimeout, "ERR the value of '" + key + "' is still being computed");
  return ComputeAndStore(name, token, compute);
}

Result<std::string> Cache::ComputeAndStore(const std::string& name, const std::string& token,
                                           const Compute& compute) const {
  const auto give_back = [&] { return scripts_->RunOn({{"slot", name}}, kRelease, {{"token", token}}).error(); };
  Result<std::string> computed;
  try {
    computed = compute();
  } catch (...) {
    (void)give_back();
    throw;
  }
  if (!computed) {
    (void)give_back();  // what failed first is what the caller wants to know
    return computed;
  }
  const auto stored = scripts_->RunOn({{"slot", name}}, kStore,
                                      {{"token", token}, {"value", *computed}, {"ttl", options_.ttl.count()}});
  if (!stored) return stored.error();
  return computed;
}

Result<std::optional<std::string>> Cache::peek(const std::string& key) const {
  return scripts_->RunOn<std::optional<std::string>>({{"slot", base_ + ":" + key}}, kPeek);
}

Error Cache::put(const std::string& key, const std::string& value) const {
  return scripts_
      ->RunOn({{"slot", base_ + ":" + key}}, kStore,
              {{"token", Value()}, {"value", value}, {"ttl", options_.ttl.count()}})
      .error();
}

Result<bool> Cache::forget(const std::string& key) const {
  return scripts_->RunOn<bool>({{"slot", base_ + ":" + key}}, kForget);
}

}  // namespace dualis
