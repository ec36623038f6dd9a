/* The event loop of the server, for Redis modules (7.0 and later): redisModuleAttach(ac, ctx). */
#ifndef __HIREDIS_REDISMODULEAPI_H__
#define __HIREDIS_REDISMODULEAPI_H__

#include <sys/types.h>

#include "../async.h"
#include "../hiredis.h"
#include "redismodule.h"

typedef struct redisModuleEvents {
  redisAsyncContext* context;
  RedisModuleCtx* module_ctx;
  int fd;
  int reading, writing;
  int timer_active;
  RedisModuleTimerID timer_id;
} redisModuleEvents;

/* Each handler may free the context and these events with it: nothing is touched afterwards. */
static inline void redisModuleReadEvent(int fd, void* data, int mask) {
  (void)fd;
  (void)mask;
  redisAsyncHandleRead(((redisModuleEvents*)data)->context);
}

static inline void redisModuleWriteEvent(int fd, void* data, int mask) {
  (void)fd;
  (void)mask;
  redisAsyncHandleWrite(((redisModuleEvents*)data)->context);
}

static inline void redisModuleTimeout(RedisModuleCtx* ctx, void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  (void)ctx;
  e->timer_active = 0;
  redisAsyncHandleTimeout(e->context);
}

static inline void redisModuleAddRead(void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  if (e->reading) return;
  e->reading = 1;
  RedisModule_EventLoopAdd(e->fd, REDISMODULE_EVENTLOOP_READABLE, redisModuleReadEvent, e);
}

static inline void redisModuleDelRead(void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  if (!e->reading) return;
  e->reading = 0;
  RedisModule_EventLoopDel(e->fd, REDISMODULE_EVENTLOOP_READABLE);
}

static inline void redisModuleAddWrite(void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  if (e->writing) return;
  e->writing = 1;
  RedisModule_EventLoopAdd(e->fd, REDISMODULE_EVENTLOOP_WRITABLE, redisModuleWriteEvent, e);
}

static inline void redisModuleDelWrite(void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  if (!e->writing) return;
  e->writing = 0;
  RedisModule_EventLoopDel(e->fd, REDISMODULE_EVENTLOOP_WRITABLE);
}

static inline void redisModuleStopTimer(redisModuleEvents* e) {
  if (e->timer_active) RedisModule_StopTimer(e->module_ctx, e->timer_id, NULL);
  e->timer_active = 0;
}

static inline void redisModuleScheduleTimer(void* data, struct timeval tv) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  redisModuleStopTimer(e);
  e->timer_id = RedisModule_CreateTimer(e->module_ctx, (mstime_t)tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000,
                                        redisModuleTimeout, e);
  e->timer_active = 1;
}

static inline void redisModuleCleanup(void* data) {
  redisModuleEvents* e = (redisModuleEvents*)data;
  redisModuleDelRead(e);
  redisModuleDelWrite(e);
  redisModuleStopTimer(e);
  e->context->ev.data = NULL;
  hi_free(e);
}

/* REDIS_ERR if the server that has loaded the module has no event loop for modules (before 7.0). */
static inline int redisModuleCompatibilityCheck(void) {
  return RedisModule_EventLoopAdd != NULL && RedisModule_EventLoopDel != NULL && RedisModule_CreateTimer != NULL &&
                 RedisModule_StopTimer != NULL
             ? REDIS_OK
             : REDIS_ERR;
}

/* REDIS_ERR if the context has an event loop already, or memory is short. */
static inline int redisModuleAttach(redisAsyncContext* ac, RedisModuleCtx* module_ctx) {
  redisModuleEvents* e;
  if (ac->ev.data != NULL) return REDIS_ERR;
  e = (redisModuleEvents*)hi_calloc(1, sizeof(*e));
  if (e == NULL) return REDIS_ERR;
  e->context = ac;
  e->module_ctx = module_ctx;
  e->fd = ac->c.fd;
  ac->ev.addRead = redisModuleAddRead;
  ac->ev.delRead = redisModuleDelRead;
  ac->ev.addWrite = redisModuleAddWrite;
  ac->ev.delWrite = redisModuleDelWrite;
  ac->ev.cleanup = redisModuleCleanup;
  ac->ev.scheduleTimer = redisModuleScheduleTimer;
  ac->ev.data = e;
  return REDIS_OK;
}

#endif /* __HIREDIS_REDISMODULEAPI_H__ */
