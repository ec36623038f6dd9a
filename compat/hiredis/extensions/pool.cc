// A pool of blocking contexts. Connecting happens outside the lock; what is counted under it are places, so that `max`
// holds also while connections are being made.
#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <vector>

#include "compat/hiredis/context.h"
#include "compat/hiredis/extensions/options_copy.h"
#include "compat/wire/fork.h"

using dualis::hiredis::LinkOf;

struct dualisPool {
  dualisPool(const redisOptions& from, int room, int (*prepare_context)(redisContext*, void*), void* data)
      : options(from), max(room), prepare(prepare_context), privdata(data) {
    idle.reserve(static_cast<size_t>(room));
  }

  dualis::hiredis::OptionsCopy options;
  const int max;
  int (*const prepare)(redisContext*, void*);
  void* const privdata;

  std::mutex mutex;
  std::condition_variable returned;
  std::vector<redisContext*> idle;  // the last is the next; has room for `max`
  int taken = 0;
  uint64_t generation = dualis::wire::ForkGeneration();
};

namespace {

// As good as new: nothing is on its way in either direction.
bool IsClean(const redisContext* c) {
  return c->err == 0 && c->fd != REDIS_INVALID_FD && sdslen(c->obuf) == 0 && c->reader->err == 0 &&
         c->reader->ridx == -1 && c->reader->pos == c->reader->len;
}

redisContext* Open(dualisPool* pool) {
  redisContext* c = redisConnectWithOptions(&pool->options.get());
  if (c == nullptr || c->err != 0 || pool->prepare == nullptr) return c;
  if (pool->prepare(c, pool->privdata) != REDIS_OK && c->err == 0) {
    __redisSetError(c, REDIS_ERR_OTHER, "The context could not be prepared");
  }
  return c;
}

}  // namespace

extern "C" {

dualisPool* dualisPoolCreate(const redisOptions* options, int max, int (*prepare)(redisContext* c, void* privdata),
                             void* privdata) noexcept try {
  if (max < 1 || (options->options & REDIS_OPT_NONBLOCK) != 0) return nullptr;
  return new dualisPool(*options, max, prepare, privdata);
} catch (const std::bad_alloc&) {
  return nullptr;
}

redisContext* dualisPoolTake(dualisPool* pool, int wait_ms) noexcept {
  redisContext* c = nullptr;
  {
    std::unique_lock lock(pool->mutex);
    if (const uint64_t now = dualis::wire::ForkGeneration(); now != pool->generation) {
      // A child: the sockets are the parent's, and who had taken one is gone. Engines go on in both.
      pool->generation = now;
      pool->taken = 0;
      std::erase_if(pool->idle, [](redisContext* inherited) {
        if (LinkOf(inherited) != nullptr) return false;
        redisFree(inherited);
        return true;
      });
    }
    const auto free = [pool] { return pool->taken < pool->max; };
    if (wait_ms < 0) {
      pool->returned.wait(lock, free);
    } else if (!pool->returned.wait_for(lock, std::chrono::milliseconds(wait_ms), free)) {
      return nullptr;
    }
    ++pool->taken;
    if (!pool->idle.empty()) {
      c = pool->idle.back();
      pool->idle.pop_back();
    }
  }
  // A server may have closed it while it lay here: then it is readable, with nothing due.
  if (c != nullptr && LinkOf(c) == nullptr) {
    dualis::wire::Failure failure;
    if (dualis::wire::WaitFor(c->fd, POLLIN, std::chrono::steady_clock::now(), &failure) != 0) {
      redisFree(c);
      c = nullptr;
    }
  }
  if (c == nullptr) c = Open(pool);
  if (c == nullptr) {
    const std::lock_guard lock(pool->mutex);
    --pool->taken;
    pool->returned.notify_one();
  }
  return c;
}

void dualisPoolGive(dualisPool* pool, redisContext* c) noexcept {
  if (c == nullptr) return;
  const bool keep = IsClean(c);
  if (!keep) redisFree(c);
  const std::lock_guard lock(pool->mutex);
  if (keep) pool->idle.push_back(c);
  --pool->taken;
  pool->returned.notify_one();
}

void dualisPoolCounts(dualisPool* pool, int* taken, int* idle) noexcept {
  const std::lock_guard lock(pool->mutex);
  *taken = pool->taken;
  *idle = static_cast<int>(pool->idle.size());
}

void dualisPoolFree(dualisPool* pool) noexcept {
  if (pool == nullptr) return;
  for (redisContext* c : pool->idle) redisFree(c);
  delete pool;
}

}  // extern "C"
