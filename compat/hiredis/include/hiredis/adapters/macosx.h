/* Core Foundation's run loops: redisMacOSAttach(ac, CFRunLoopGetCurrent()), then CFRunLoopRun(). */
#ifndef __HIREDIS_MACOSX_H__
#define __HIREDIS_MACOSX_H__

#include <CoreFoundation/CoreFoundation.h>

#include "../async.h"
#include "../hiredis.h"

typedef struct RedisRunLoop {
  redisAsyncContext* context;
  CFSocketRef socket;
  CFRunLoopSourceRef source;
  CFRunLoopRef loop;
  CFRunLoopTimerRef timer; /* null until it is first wanted */
} RedisRunLoop;

/* Each handler may free the context and r with it: nothing is touched afterwards. */
static inline void redisMacOSOnSocket(CFSocketRef socket, CFSocketCallBackType what, CFDataRef address,
                                      const void* bytes, void* data) {
  RedisRunLoop* r = (RedisRunLoop*)data;
  (void)socket;
  (void)address;
  (void)bytes;
  if (what == kCFSocketReadCallBack) redisAsyncHandleRead(r->context);
  if (what == kCFSocketWriteCallBack) redisAsyncHandleWrite(r->context);
}

static inline void redisMacOSOnTimer(CFRunLoopTimerRef timer, void* data) {
  (void)timer;
  redisAsyncHandleTimeout(((RedisRunLoop*)data)->context);
}

static inline void redisMacOSAddRead(void* data) {
  CFSocketEnableCallBacks(((RedisRunLoop*)data)->socket, kCFSocketReadCallBack);
}
static inline void redisMacOSDelRead(void* data) {
  CFSocketDisableCallBacks(((RedisRunLoop*)data)->socket, kCFSocketReadCallBack);
}
static inline void redisMacOSAddWrite(void* data) {
  CFSocketEnableCallBacks(((RedisRunLoop*)data)->socket, kCFSocketWriteCallBack);
}
static inline void redisMacOSDelWrite(void* data) {
  CFSocketDisableCallBacks(((RedisRunLoop*)data)->socket, kCFSocketWriteCallBack);
}

static inline void redisMacOSStopTimer(RedisRunLoop* r) {
  if (r->timer == NULL) return;
  CFRunLoopTimerInvalidate(r->timer);
  CFRelease(r->timer);
  r->timer = NULL;
}

static inline void redisMacOSScheduleTimer(void* data, struct timeval tv) {
  RedisRunLoop* r = (RedisRunLoop*)data;
  CFRunLoopTimerContext context = {0, r, NULL, NULL, NULL};
  redisMacOSStopTimer(r);
  r->timer = CFRunLoopTimerCreate(NULL, CFAbsoluteTimeGetCurrent() + (double)tv.tv_sec + (double)tv.tv_usec / 1e6, 0, 0,
                                  0, redisMacOSOnTimer, &context);
  if (r->timer != NULL) CFRunLoopAddTimer(r->loop, r->timer, kCFRunLoopDefaultMode);
}

static inline void redisMacOSCleanup(void* data) {
  RedisRunLoop* r = (RedisRunLoop*)data;
  r->context->ev.data = NULL;
  redisMacOSStopTimer(r);
  CFRunLoopRemoveSource(r->loop, r->source, kCFRunLoopDefaultMode);
  CFRelease(r->source);
  CFSocketInvalidate(r->socket);
  CFRelease(r->socket);
  hi_free(r);
}

/* REDIS_ERR if the context has an event loop already, or the loop does not take it. */
static inline int redisMacOSAttach(redisAsyncContext* ac, CFRunLoopRef loop) {
  RedisRunLoop* r;
  if (ac->ev.data != NULL) return REDIS_ERR;
  r = (RedisRunLoop*)hi_calloc(1, sizeof(*r));
  if (r == NULL) return REDIS_ERR;
  r->context = ac;
  r->loop = loop;
  {
    CFSocketContext context = {0, r, NULL, NULL, NULL};
    r->socket = CFSocketCreateWithNative(NULL, ac->c.fd, kCFSocketReadCallBack | kCFSocketWriteCallBack,
                                         redisMacOSOnSocket, &context);
  }
  if (r->socket == NULL) {
    hi_free(r);
    return REDIS_ERR;
  }
  /* The descriptor is the context's; both callbacks come once an event and are asked for again. */
  CFSocketSetSocketFlags(r->socket, kCFSocketAutomaticallyReenableReadCallBack);
  CFSocketDisableCallBacks(r->socket, kCFSocketReadCallBack | kCFSocketWriteCallBack);
  r->source = CFSocketCreateRunLoopSource(NULL, r->socket, 0);
  if (r->source == NULL) {
    CFSocketInvalidate(r->socket);
    CFRelease(r->socket);
    hi_free(r);
    return REDIS_ERR;
  }
  CFRunLoopAddSource(loop, r->source, kCFRunLoopDefaultMode);
  ac->ev.addRead = redisMacOSAddRead;
  ac->ev.delRead = redisMacOSDelRead;
  ac->ev.addWrite = redisMacOSAddWrite;
  ac->ev.delWrite = redisMacOSDelWrite;
  ac->ev.cleanup = redisMacOSCleanup;
  ac->ev.scheduleTimer = redisMacOSScheduleTimer;
  ac->ev.data = r;
  return REDIS_OK;
}

#endif /* __HIREDIS_MACOSX_H__ */
