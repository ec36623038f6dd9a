/* libuv: redisLibuvAttach(ac, loop), then uv_run(loop, UV_RUN_DEFAULT). */
#ifndef __HIREDIS_LIBUV_H__
#define __HIREDIS_LIBUV_H__

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisLibuvEvents {
  redisAsyncContext* context; /* null once it is gone: the handles live until the loop has closed them */
  uv_poll_t poll;
  uv_timer_t timer;
  int events;
  int open; /* handles that the loop has not closed yet */
} redisLibuvEvents;

static inline void redisLibuvPoll(uv_poll_t* handle, int status, int events) {
  redisLibuvEvents* e = (redisLibuvEvents*)handle->data;
  /* An error of the descriptor is learnt by whoever reads or writes. */
  const int ready = status != 0 ? e->events : events;
  if (e->context != NULL && (ready & UV_READABLE)) redisAsyncHandleRead(e->context);
  if (e->context != NULL && (ready & UV_WRITABLE)) redisAsyncHandleWrite(e->context);
}

static inline void redisLibuvTimeout(uv_timer_t* timer) {
  redisLibuvEvents* e = (redisLibuvEvents*)timer->data;
  if (e->context != NULL) redisAsyncHandleTimeout(e->context);
}

static inline void redisLibuvWatch(redisLibuvEvents* e, int events) {
  e->events = events;
  if (events == 0) {
    uv_poll_stop(&e->poll);
  } else {
    uv_poll_start(&e->poll, events, redisLibuvPoll);
  }
}

static inline void redisLibuvAddRead(void* data) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  if (!(e->events & UV_READABLE)) redisLibuvWatch(e, e->events | UV_READABLE);
}

static inline void redisLibuvDelRead(void* data) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  redisLibuvWatch(e, e->events & ~UV_READABLE);
}

static inline void redisLibuvAddWrite(void* data) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  if (!(e->events & UV_WRITABLE)) redisLibuvWatch(e, e->events | UV_WRITABLE);
}

static inline void redisLibuvDelWrite(void* data) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  if (e->events & UV_WRITABLE) redisLibuvWatch(e, e->events & ~UV_WRITABLE);
}

static inline void redisLibuvScheduleTimer(void* data, struct timeval tv) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  const uint64_t ms = (uint64_t)tv.tv_sec * 1000 + (uint64_t)(tv.tv_usec + 999) / 1000;
  /* Counted from when the loop last looked at its clock, which may be long ago if the program was busy. */
  uv_update_time(e->timer.loop);
  uv_timer_start(&e->timer, redisLibuvTimeout, ms, 0);
}

static inline void redisLibuvOnClose(uv_handle_t* handle) {
  redisLibuvEvents* e = (redisLibuvEvents*)handle->data;
  if (--e->open == 0) hi_free(e);
}

static inline void redisLibuvCleanup(void* data) {
  redisLibuvEvents* e = (redisLibuvEvents*)data;
  e->context->ev.data = NULL;
  e->context = NULL;
  uv_close((uv_handle_t*)&e->poll, redisLibuvOnClose);
  uv_close((uv_handle_t*)&e->timer, redisLibuvOnClose);
}

/* REDIS_ERR if the context has an event loop already, or the loop does not take it. */
static inline int redisLibuvAttach(redisAsyncContext* ac, uv_loop_t* loop) {
  redisLibuvEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisLibuvEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  if (uv_poll_init(loop, &e->poll, ac->c.fd) != 0) {
    hi_free(e);
    return REDIS_ERR;
  }
  uv_timer_init(loop, &e->timer);
  e->context = ac;
  e->poll.data = e->timer.data = e;
  e->open = 2;
  ac->ev.addRead = redisLibuvAddRead;
  ac->ev.delRead = redisLibuvDelRead;
  ac->ev.addWrite = redisLibuvAddWrite;
  ac->ev.delWrite = redisLibuvDelWrite;
  ac->ev.cleanup = redisLibuvCleanup;
  ac->ev.scheduleTimer = redisLibuvScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_LIBUV_H__ */
