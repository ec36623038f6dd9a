/* ae, the event loop of Redis: redisAeAttach(loop, ac), then aeMain(loop). */
#ifndef __HIREDIS_AE_H__
#define __HIREDIS_AE_H__

#include <ae.h>
#include <sys/types.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisAeEvents {
  redisAsyncContext* context;
  aeEventLoop* loop;
  int fd;
  int reading, writing;
  long long timer; /* AE_DELETED_EVENT_ID: none */
} redisAeEvents;

/* Each handler may free the context and these events with it: nothing is touched afterwards. */
static inline void redisAeReadEvent(aeEventLoop* loop, int fd, void* data, int mask) {
  (void)loop;
  (void)fd;
  (void)mask;
  redisAsyncHandleRead(((redisAeEvents*)data)->context);
}

static inline void redisAeWriteEvent(aeEventLoop* loop, int fd, void* data, int mask) {
  (void)loop;
  (void)fd;
  (void)mask;
  redisAsyncHandleWrite(((redisAeEvents*)data)->context);
}

static inline int redisAeTimerEvent(aeEventLoop* loop, long long id, void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  (void)loop;
  (void)id;
  e->timer = AE_DELETED_EVENT_ID;
  redisAsyncHandleTimeout(e->context);
  return AE_NOMORE;
}

static inline void redisAeAddRead(void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  if (e->reading) return;
  e->reading = 1;
  aeCreateFileEvent(e->loop, e->fd, AE_READABLE, redisAeReadEvent, e);
}

static inline void redisAeDelRead(void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  if (!e->reading) return;
  e->reading = 0;
  aeDeleteFileEvent(e->loop, e->fd, AE_READABLE);
}

static inline void redisAeAddWrite(void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  if (e->writing) return;
  e->writing = 1;
  aeCreateFileEvent(e->loop, e->fd, AE_WRITABLE, redisAeWriteEvent, e);
}

static inline void redisAeDelWrite(void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  if (!e->writing) return;
  e->writing = 0;
  aeDeleteFileEvent(e->loop, e->fd, AE_WRITABLE);
}

static inline void redisAeStopTimer(redisAeEvents* e) {
  if (e->timer != AE_DELETED_EVENT_ID) aeDeleteTimeEvent(e->loop, e->timer);
  e->timer = AE_DELETED_EVENT_ID;
}

static inline void redisAeScheduleTimer(void* data, struct timeval tv) {
  redisAeEvents* e = (redisAeEvents*)data;
  redisAeStopTimer(e);
  e->timer =
      aeCreateTimeEvent(e->loop, (long long)tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000, redisAeTimerEvent, e, NULL);
}

static inline void redisAeCleanup(void* data) {
  redisAeEvents* e = (redisAeEvents*)data;
  redisAeDelRead(e);
  redisAeDelWrite(e);
  redisAeStopTimer(e);
  e->context->ev.data = NULL;
  hi_free(e);
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisAeAttach(aeEventLoop* loop, redisAsyncContext* ac) {
  redisAeEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisAeEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  e->loop = loop;
  e->fd = ac->c.fd;
  e->timer = AE_DELETED_EVENT_ID;
  ac->ev.addRead = redisAeAddRead;
  ac->ev.delRead = redisAeDelRead;
  ac->ev.addWrite = redisAeAddWrite;
  ac->ev.delWrite = redisAeDelWrite;
  ac->ev.cleanup = redisAeCleanup;
  ac->ev.scheduleTimer = redisAeScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_AE_H__ */
