/* ivykis: redisIvykisAttach(ac) on a thread that has called iv_init(), then iv_main(). */
#ifndef __HIREDIS_IVYKIS_H__
#define __HIREDIS_IVYKIS_H__

#include <iv.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct redisIvykisEvents {
  redisAsyncContext* context;
  struct iv_fd fd;
  struct iv_timer timer;
} redisIvykisEvents;

/* Each handler may free the context and these events with it: nothing is touched afterwards. ivykis delivers nothing
 * more of a descriptor that has been unregistered. */
static inline void redisIvykisReadEvent(void* data) { redisAsyncHandleRead(((redisIvykisEvents*)data)->context); }
static inline void redisIvykisWriteEvent(void* data) { redisAsyncHandleWrite(((redisIvykisEvents*)data)->context); }
static inline void redisIvykisTimerEvent(void* data) { redisAsyncHandleTimeout(((redisIvykisEvents*)data)->context); }

static inline void redisIvykisAddRead(void* data) {
  iv_fd_set_handler_in(&((redisIvykisEvents*)data)->fd, redisIvykisReadEvent);
}
static inline void redisIvykisDelRead(void* data) { iv_fd_set_handler_in(&((redisIvykisEvents*)data)->fd, NULL); }
static inline void redisIvykisAddWrite(void* data) {
  iv_fd_set_handler_out(&((redisIvykisEvents*)data)->fd, redisIvykisWriteEvent);
}
static inline void redisIvykisDelWrite(void* data) { iv_fd_set_handler_out(&((redisIvykisEvents*)data)->fd, NULL); }

static inline void redisIvykisScheduleTimer(void* data, struct timeval tv) {
  redisIvykisEvents* e = (redisIvykisEvents*)data;
  if (iv_timer_registered(&e->timer)) iv_timer_unregister(&e->timer);
  iv_validate_now();
  e->timer.expires = iv_now;
  e->timer.expires.tv_sec += tv.tv_sec;
  e->timer.expires.tv_nsec += (long)tv.tv_usec * 1000;
  if (e->timer.expires.tv_nsec >= 1000000000) {
    e->timer.expires.tv_sec += 1;
    e->timer.expires.tv_nsec -= 1000000000;
  }
  iv_timer_register(&e->timer);
}

static inline void redisIvykisCleanup(void* data) {
  redisIvykisEvents* e = (redisIvykisEvents*)data;
  if (iv_timer_registered(&e->timer)) iv_timer_unregister(&e->timer);
  iv_fd_unregister(&e->fd);
  e->context->ev.data = NULL;
  hi_free(e);
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisIvykisAttach(redisAsyncContext* ac) {
  redisIvykisEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisIvykisEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  IV_FD_INIT(&e->fd);
  e->fd.fd = ac->c.fd;
  e->fd.cookie = e;
  IV_TIMER_INIT(&e->timer);
  e->timer.cookie = e;
  e->timer.handler = redisIvykisTimerEvent;
  iv_fd_register(&e->fd);
  ac->ev.addRead = redisIvykisAddRead;
  ac->ev.delRead = redisIvykisDelRead;
  ac->ev.addWrite = redisIvykisAddWrite;
  ac->ev.delWrite = redisIvykisDelWrite;
  ac->ev.cleanup = redisIvykisCleanup;
  ac->ev.scheduleTimer = redisIvykisScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_IVYKIS_H__ */
