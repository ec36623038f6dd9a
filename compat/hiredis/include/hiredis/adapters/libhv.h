/* libhv: redisLibhvAttach(ac, loop), then hloop_run(loop). */
#ifndef __HIREDIS_LIBHV_H__
#define __HIREDIS_LIBHV_H__

#include <hv/hloop.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisLibhvEvents {
  redisAsyncContext* context;
  hio_t* io;
  htimer_t* timer; /* null: none */
} redisLibhvEvents;

/* A handler may free the context; its io then has no data any more. */
static inline void redisLibhvHandleEvents(hio_t* io) {
  const int ready = hio_revents(io);
  redisLibhvEvents* e = (redisLibhvEvents*)hevent_userdata(io);
  if (e != NULL && (ready & HV_READ)) redisAsyncHandleRead(e->context);
  e = (redisLibhvEvents*)hevent_userdata(io);
  if (e != NULL && (ready & HV_WRITE)) redisAsyncHandleWrite(e->context);
}

static inline void redisLibhvAddRead(void* data) {
  hio_add(((redisLibhvEvents*)data)->io, redisLibhvHandleEvents, HV_READ);
}
static inline void redisLibhvDelRead(void* data) { hio_del(((redisLibhvEvents*)data)->io, HV_READ); }
static inline void redisLibhvAddWrite(void* data) {
  hio_add(((redisLibhvEvents*)data)->io, redisLibhvHandleEvents, HV_WRITE);
}
static inline void redisLibhvDelWrite(void* data) { hio_del(((redisLibhvEvents*)data)->io, HV_WRITE); }

static inline void redisLibhvTimeout(htimer_t* timer) {
  redisLibhvEvents* e = (redisLibhvEvents*)hevent_userdata(timer);
  if (e == NULL) return;
  /* It fires once, and libhv then forgets it. */
  e->timer = NULL;
  redisAsyncHandleTimeout(e->context);
}

static inline void redisLibhvStopTimer(redisLibhvEvents* e) {
  if (e->timer != NULL) htimer_del(e->timer);
  e->timer = NULL;
}

static inline void redisLibhvScheduleTimer(void* data, struct timeval tv) {
  redisLibhvEvents* e = (redisLibhvEvents*)data;
  const uint32_t ms = (uint32_t)(tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000);
  redisLibhvStopTimer(e);
  /* libhv has no timers of no time. */
  e->timer = htimer_add(hevent_loop(e->io), redisLibhvTimeout, ms > 0 ? ms : 1, 1);
  if (e->timer != NULL) hevent_set_userdata(e->timer, e);
}

static inline void redisLibhvCleanup(void* data) {
  redisLibhvEvents* e = (redisLibhvEvents*)data;
  redisLibhvStopTimer(e);
  hio_del(e->io, HV_READ | HV_WRITE);
  hevent_set_userdata(e->io, NULL);
  e->context->ev.data = NULL;
  hi_free(e);
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisLibhvAttach(redisAsyncContext* ac, hloop_t* loop) {
  redisLibhvEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisLibhvEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  e->io = hio_get(loop, ac->c.fd);
  if (e->io == NULL) {
    hi_free(e);
    return REDIS_ERR;
  }
  hevent_set_userdata(e->io, e);
  ac->ev.addRead = redisLibhvAddRead;
  ac->ev.delRead = redisLibhvDelRead;
  ac->ev.addWrite = redisLibhvAddWrite;
  ac->ev.delWrite = redisLibhvDelWrite;
  ac->ev.cleanup = redisLibhvCleanup;
  ac->ev.scheduleTimer = redisLibhvScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_LIBHV_H__ */
