/* libevent: redisLibeventAttach(ac, base), then event_base_dispatch(base). */
#ifndef __HIREDIS_LIBEVENT_H__
#define __HIREDIS_LIBEVENT_H__

#include <event2/event.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisLibeventEvents {
  redisAsyncContext* context;
  struct event *read, *write, *timer;
} redisLibeventEvents;

/* Each handler may free the context and these events with it: nothing is touched afterwards. An event that is deleted
 * is not delivered any more, even if it was due in the same round. */
static inline void redisLibeventOnRead(evutil_socket_t fd, short what, void* data) {
  (void)fd;
  (void)what;
  redisAsyncHandleRead(((redisLibeventEvents*)data)->context);
}

static inline void redisLibeventOnWrite(evutil_socket_t fd, short what, void* data) {
  (void)fd;
  (void)what;
  redisAsyncHandleWrite(((redisLibeventEvents*)data)->context);
}

static inline void redisLibeventOnTimer(evutil_socket_t fd, short what, void* data) {
  (void)fd;
  (void)what;
  redisAsyncHandleTimeout(((redisLibeventEvents*)data)->context);
}

static inline void redisLibeventAddRead(void* data) { event_add(((redisLibeventEvents*)data)->read, NULL); }
static inline void redisLibeventDelRead(void* data) { event_del(((redisLibeventEvents*)data)->read); }
static inline void redisLibeventAddWrite(void* data) { event_add(((redisLibeventEvents*)data)->write, NULL); }
static inline void redisLibeventDelWrite(void* data) { event_del(((redisLibeventEvents*)data)->write); }

static inline void redisLibeventScheduleTimer(void* data, struct timeval tv) {
  event_add(((redisLibeventEvents*)data)->timer, &tv);
}

static inline void redisLibeventFreeEvents(redisLibeventEvents* e) {
  if (e->read != NULL) event_free(e->read);
  if (e->write != NULL) event_free(e->write);
  if (e->timer != NULL) event_free(e->timer);
  hi_free(e);
}

static inline void redisLibeventCleanup(void* data) {
  redisLibeventEvents* e = (redisLibeventEvents*)data;
  e->context->ev.data = NULL;
  redisLibeventFreeEvents(e);
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisLibeventAttach(redisAsyncContext* ac, struct event_base* base) {
  redisLibeventEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisLibeventEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  e->read = event_new(base, ac->c.fd, EV_READ | EV_PERSIST, redisLibeventOnRead, e);
  e->write = event_new(base, ac->c.fd, EV_WRITE | EV_PERSIST, redisLibeventOnWrite, e);
  e->timer = event_new(base, -1, 0, redisLibeventOnTimer, e);
  if (e->read == NULL || e->write == NULL || e->timer == NULL) {
    redisLibeventFreeEvents(e);
    return REDIS_ERR;
  }
  ac->ev.addRead = redisLibeventAddRead;
  ac->ev.delRead = redisLibeventDelRead;
  ac->ev.addWrite = redisLibeventAddWrite;
  ac->ev.delWrite = redisLibeventDelWrite;
  ac->ev.cleanup = redisLibeventCleanup;
  ac->ev.scheduleTimer = redisLibeventScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_LIBEVENT_H__ */
