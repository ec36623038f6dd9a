// An asynchronous context that is made anew whenever it is lost. The context's callbacks find their handle in what our
// contexts carry behind the ABI's struct (async_extra.h), because ac->data is the program's.
//
//   waiting --Tick, when due--> connecting --onConnect--> up --onDisconnect--> waiting ...
//                                   `--- not connected ----------------------> waiting
#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <random>

#include "compat/hiredis/async_extra.h"
#include "compat/hiredis/extensions/options_copy.h"

using dualis::hiredis::ExtraOf;
using Clock = std::chrono::steady_clock;

struct dualisReconnecting {
  explicit dualisReconnecting(const dualisReconnectOptions& from)
      : options(from.connect),
        hooks(from),
        first_ms(from.first_ms == 0 ? 100 : from.first_ms),
        max_ms(std::max(first_ms, from.max_ms == 0 ? 10000 : from.max_ms)),
        chance(static_cast<uint32_t>(Clock::now().time_since_epoch().count())) {
    options.get().options &= ~REDIS_OPT_NOAUTOFREE;
  }

  dualis::hiredis::OptionsCopy options;
  const dualisReconnectOptions hooks;  // its `connect` is not used
  const unsigned first_ms, max_ms;
  std::minstd_rand chance;

  redisAsyncContext* ac = nullptr;  // connecting or up
  bool up = false;
  bool ending = false;
  unsigned failures = 0;  // since the last connection that stood
  Clock::time_point due = {};
};

namespace {

dualisReconnecting* Of(const redisAsyncContext* ac) {
  return static_cast<dualisReconnecting*>(ExtraOf(const_cast<redisAsyncContext*>(ac)).handle);
}

// There is no context: says so, and when the next attempt comes.
void Wait(dualisReconnecting* r, const char* error) {
  r->ac = nullptr;
  r->up = false;
  if (r->ending) return;
  unsigned ms = 0;
  if (r->failures > 0) {
    const uint64_t doubled = uint64_t{r->first_ms} << std::min(r->failures - 1, 31u);
    ms = static_cast<unsigned>(std::min<uint64_t>(doubled, r->max_ms));
    ms -= std::uniform_int_distribution<unsigned>(0, ms / 2)(r->chance);
  }
  ++r->failures;
  r->due = Clock::now() + std::chrono::milliseconds(ms);
  if (r->hooks.down != nullptr) r->hooks.down(error, ms, r->hooks.privdata);
  if (r->hooks.schedule != nullptr) r->hooks.schedule(r, ms, r->hooks.privdata);
}

void OnConnect(const redisAsyncContext* ac, int status) noexcept {
  dualisReconnecting* r = Of(ac);
  if (status != REDIS_OK) return Wait(r, ac->errstr);  // the library frees it after this
  r->up = true;
  r->failures = 0;
  if (r->hooks.up != nullptr) r->hooks.up(r->ac, r->hooks.privdata);
}

void OnDisconnect(const redisAsyncContext* ac, int) noexcept {
  Wait(Of(ac), ac->err != 0 ? ac->errstr : "Disconnected");
}

void Attempt(dualisReconnecting* r) {
  redisAsyncContext* ac = redisAsyncConnectWithOptions(&r->options.get());
  if (ac == nullptr) return Wait(r, "Out of memory");
  const auto give_up = [&](const char* error) {
    // The text may be the context's.
    char text[sizeof(ac->c.errstr)];
    const size_t size = std::min(std::strlen(error), sizeof(text) - 1);
    std::memcpy(text, error, size);
    text[size] = '\0';
    redisAsyncFree(ac);
    Wait(r, text);
  };
  if (ac->err != 0) return give_up(ac->errstr);
  if (r->hooks.attach(ac, r->hooks.privdata) != REDIS_OK) return give_up("Not attached to the loop");
  r->ac = ac;
  ExtraOf(ac).handle = r;
  redisAsyncSetDisconnectCallback(ac, OnDisconnect);
  redisAsyncSetConnectCallback(ac, OnConnect);
}

}  // namespace

extern "C" {

dualisReconnecting* dualisReconnectingCreate(const dualisReconnectOptions* options) noexcept try {
  if (options->attach == nullptr) return nullptr;
  auto* r = new dualisReconnecting(*options);
  Attempt(r);
  return r;
} catch (const std::bad_alloc&) {
  return nullptr;
}

redisAsyncContext* dualisReconnectingContext(const dualisReconnecting* r) noexcept {
  const bool stands = r->up && (r->ac->c.flags & (REDIS_DISCONNECTING | REDIS_FREEING)) == 0;
  return stands ? r->ac : nullptr;
}

int dualisReconnectingTick(dualisReconnecting* r) noexcept {
  if (r->ac == nullptr && Clock::now() >= r->due) Attempt(r);
  if (r->ac != nullptr) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(r->due - Clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

void dualisReconnectingFree(dualisReconnecting* r) noexcept {
  if (r == nullptr) return;
  r->ending = true;
  if (r->ac != nullptr) redisAsyncFree(r->ac);
  delete r;
}

}  // extern "C"
