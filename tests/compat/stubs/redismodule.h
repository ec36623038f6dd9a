#ifndef STUB_REDISMODULE_H
#define STUB_REDISMODULE_H

#include <stdint.h>

#define REDISMODULE_EVENTLOOP_READABLE 1
#define REDISMODULE_EVENTLOOP_WRITABLE 2
typedef long long mstime_t;
typedef uint64_t RedisModuleTimerID;
typedef struct RedisModuleCtx RedisModuleCtx;
typedef void (*RedisModuleEventLoopFunc)(int fd, void* data, int mask);
typedef void (*RedisModuleTimerProc)(RedisModuleCtx* ctx, void* data);
extern int (*RedisModule_EventLoopAdd)(int fd, int mask, RedisModuleEventLoopFunc func, void* data);
extern int (*RedisModule_EventLoopDel)(int fd, int mask);
extern RedisModuleTimerID (*RedisModule_CreateTimer)(RedisModuleCtx* ctx, mstime_t ms, RedisModuleTimerProc func,
                                                     void* data);
extern int (*RedisModule_StopTimer)(RedisModuleCtx* ctx, RedisModuleTimerID id, void** data);

#endif
