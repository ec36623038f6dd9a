/* libev: redisLibevAttach(EV_DEFAULT_ ac), then ev_run(EV_DEFAULT_ 0). */
#ifndef __HIREDIS_LIBEV_H__
#define __HIREDIS_LIBEV_H__

#include <ev.h>
#include <stdlib.h>
#include <sys/types.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisLibevEvents {
  redisAsyncContext* context;
#if EV_MULTIPLICITY
  struct ev_loop* loop;
#endif
  ev_io read, write;
  ev_timer timer;
} redisLibevEvents;

/* The loop's argument in calls of libev, if it was built for more than one loop. */
#if EV_MULTIPLICITY
#define REDIS_LIBEV_LOOP_(e) (e)->loop,
#else
#define REDIS_LIBEV_LOOP_(e)
#endif

/* Each handler may free the context and these watchers with it: nothing is touched afterwards. Stopping a watcher takes
 * back an event that was due in the same round. */
static inline void redisLibevReadEvent(EV_P_ ev_io* watcher, int what) {
#if EV_MULTIPLICITY
  (void)loop;
#endif
  (void)what;
  redisAsyncHandleRead(((redisLibevEvents*)watcher->data)->context);
}

static inline void redisLibevWriteEvent(EV_P_ ev_io* watcher, int what) {
#if EV_MULTIPLICITY
  (void)loop;
#endif
  (void)what;
  redisAsyncHandleWrite(((redisLibevEvents*)watcher->data)->context);
}

static inline void redisLibevTimeout(EV_P_ ev_timer* watcher, int what) {
#if EV_MULTIPLICITY
  (void)loop;
#endif
  (void)what;
  redisAsyncHandleTimeout(((redisLibevEvents*)watcher->data)->context);
}

static inline void redisLibevAddRead(void* data) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  ev_io_start(REDIS_LIBEV_LOOP_(e) & e->read);
}

static inline void redisLibevDelRead(void* data) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  ev_io_stop(REDIS_LIBEV_LOOP_(e) & e->read);
}

static inline void redisLibevAddWrite(void* data) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  ev_io_start(REDIS_LIBEV_LOOP_(e) & e->write);
}

static inline void redisLibevDelWrite(void* data) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  ev_io_stop(REDIS_LIBEV_LOOP_(e) & e->write);
}

static inline void redisLibevScheduleTimer(void* data, struct timeval tv) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  const double seconds = (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
  /* Counted from when the loop last looked at its clock, which may be long ago if the program was busy. */
  ev_now_update(
#if EV_MULTIPLICITY
      e->loop
#endif
  );
  ev_timer_stop(REDIS_LIBEV_LOOP_(e) & e->timer);
  ev_timer_init(&e->timer, redisLibevTimeout, seconds, 0.0);
  e->timer.data = e;
  ev_timer_start(REDIS_LIBEV_LOOP_(e) & e->timer);
}

static inline void redisLibevCleanup(void* data) {
  redisLibevEvents* e = (redisLibevEvents*)data;
  ev_io_stop(REDIS_LIBEV_LOOP_(e) & e->read);
  ev_io_stop(REDIS_LIBEV_LOOP_(e) & e->write);
  ev_timer_stop(REDIS_LIBEV_LOOP_(e) & e->timer);
  e->context->ev.data = NULL;
  hi_free(e);
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisLibevAttach(EV_P_ redisAsyncContext* ac) {
  redisLibevEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisLibevEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
#if EV_MULTIPLICITY
  e->loop = loop;
#endif
  ev_io_init(&e->read, redisLibevReadEvent, ac->c.fd, EV_READ);
  ev_io_init(&e->write, redisLibevWriteEvent, ac->c.fd, EV_WRITE);
  ev_timer_init(&e->timer, redisLibevTimeout, 0.0, 0.0);
  e->read.data = e->write.data = e->timer.data = e;
  ac->ev.addRead = redisLibevAddRead;
  ac->ev.delRead = redisLibevDelRead;
  ac->ev.addWrite = redisLibevAddWrite;
  ac->ev.delWrite = redisLibevDelWrite;
  ac->ev.cleanup = redisLibevCleanup;
  ac->ev.scheduleTimer = redisLibevScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_LIBEV_H__ */
