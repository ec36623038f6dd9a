/* The smallest event loop: one asynchronous context driven by poll().
 *
 *   redisPollAttach(ac);
 *   while (!finished) redisPollTick(ac, 0.1);
 */
#ifndef HIREDIS_POLL_H
#define HIREDIS_POLL_H

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "../async.h"

/* What redisPollTick did. */
#define REDIS_POLL_HANDLED_READ 1
#define REDIS_POLL_HANDLED_WRITE 2
#define REDIS_POLL_HANDLED_TIMEOUT 4

typedef struct redisPollEvents {
  redisAsyncContext* context;
  redisFD fd;
  char reading, writing;
  char in_tick; /* a handler runs: freeing waits until it returns */
  char deleted;
  double deadline; /* of the timer, in seconds of redisPollGetNow; 0: none */
} redisPollEvents;

/* Seconds on a clock that does not go back. */
static inline double redisPollGetNow(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Waits for an event of the context, at most `timeout` seconds (negative: as long as it takes), and handles it. Returns
 * the REDIS_POLL_HANDLED bits; the context may be gone afterwards. */
static inline int redisPollTick(redisAsyncContext* ac, double timeout) {
  redisPollEvents* e = (redisPollEvents*)ac->ev.data;
  struct pollfd p;
  double wait = timeout;
  int handled = 0, ready, wait_ms;
  if (e == NULL || e->in_tick) return 0;

  if (e->deadline != 0) {
    double left = e->deadline - redisPollGetNow();
    if (left < 0) left = 0;
    if (wait < 0 || left < wait) wait = left;
  }
  /* Rounded up: waking early would make the caller spin. */
  wait_ms = wait < 0 ? -1 : wait > 1e6 ? 1000000000 : (int)(wait * 1000 + 0.999);

  memset(&p, 0, sizeof(p));
  p.fd = e->fd;
  if (e->reading) p.events |= POLLIN;
  if (e->writing) p.events |= POLLOUT;
  ready = poll(&p, 1, wait_ms);
  if (ready < 0 && errno != EINTR) return 0;

  e->in_tick = 1;
  if (ready > 0 && e->reading && (p.revents & (POLLIN | POLLERR | POLLHUP))) {
    redisAsyncHandleRead(ac);
    handled |= REDIS_POLL_HANDLED_READ;
  }
  /* The read handler may have freed the context. */
  if (ready > 0 && !e->deleted && e->writing && (p.revents & (POLLOUT | POLLERR | POLLHUP))) {
    redisAsyncHandleWrite(ac);
    handled |= REDIS_POLL_HANDLED_WRITE;
  }
  if (!e->deleted && e->deadline != 0 && redisPollGetNow() >= e->deadline) {
    e->deadline = 0;
    redisAsyncHandleTimeout(ac);
    handled |= REDIS_POLL_HANDLED_TIMEOUT;
  }
  e->in_tick = 0;
  if (e->deleted) hi_free(e);
  return handled;
}

static inline void redisPollAddRead(void* data) { ((redisPollEvents*)data)->reading = 1; }
static inline void redisPollDelRead(void* data) { ((redisPollEvents*)data)->reading = 0; }
static inline void redisPollAddWrite(void* data) { ((redisPollEvents*)data)->writing = 1; }
static inline void redisPollDelWrite(void* data) { ((redisPollEvents*)data)->writing = 0; }

static inline void redisPollCleanup(void* data) {
  redisPollEvents* e = (redisPollEvents*)data;
  /* A context that its program keeps (REDIS_OPT_NOAUTOFREE) may still be ticked. */
  e->context->ev.data = NULL;
  if (e->in_tick) {
    e->deleted = 1;
  } else {
    hi_free(e);
  }
}

static inline void redisPollScheduleTimer(void* data, struct timeval tv) {
  ((redisPollEvents*)data)->deadline = redisPollGetNow() + (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* REDIS_ERR if the context has an event loop already. */
static inline int redisPollAttach(redisAsyncContext* ac) {
  redisPollEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisPollEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  e->fd = ac->c.fd;
  ac->ev.addRead = redisPollAddRead;
  ac->ev.delRead = redisPollDelRead;
  ac->ev.addWrite = redisPollAddWrite;
  ac->ev.delWrite = redisPollDelWrite;
  ac->ev.scheduleTimer = redisPollScheduleTimer;
  ac->ev.cleanup = redisPollCleanup;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* HIREDIS_POLL_H */
