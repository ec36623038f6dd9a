/* The asynchronous interface of the hiredis ABI: contexts that an event loop drives.
 *
 * The library asks for events through ev; the program calls redisAsyncHandleRead, redisAsyncHandleWrite and
 * redisAsyncHandleTimeout when they happen, never from inside a callback. A context and its callbacks belong to the thread
 * of its loop. */
#ifndef __HIREDIS_ASYNC_H
#define __HIREDIS_ASYNC_H

#include "hiredis.h"

#ifdef __cplusplus
extern "C" {
#endif

struct redisAsyncContext;
struct dict;

/* (context, reply or null, the command's privdata). The reply is freed afterwards unless the context says otherwise. */
typedef void(redisCallbackFn)(struct redisAsyncContext *, void *, void *);

typedef struct redisCallback {
  struct redisCallback *next;
  redisCallbackFn *fn;
  int pending_subs;
  int unsubscribe_sent;
  void *privdata;
} redisCallback;

typedef struct redisCallbackList {
  redisCallback *head, *tail;
} redisCallbackList;

typedef void(redisDisconnectCallback)(const struct redisAsyncContext *, int status);
typedef void(redisConnectCallback)(const struct redisAsyncContext *, int status);
typedef void(redisConnectCallbackNC)(struct redisAsyncContext *, int status);
typedef void(redisTimerCallback)(void *timer, void *privdata);

typedef struct redisAsyncContext {
  redisContext c; /* first: either pointer names both */

  int err; /* copies of c's */
  char *errstr;

  void *data; /* the program's */
  void (*dataCleanup)(void *privdata);

  struct {
    void *data; /* the adapter's, given to each hook */
    void (*addRead)(void *privdata);
    void (*delRead)(void *privdata);
    void (*addWrite)(void *privdata);
    void (*delWrite)(void *privdata);
    void (*cleanup)(void *privdata);
    void (*scheduleTimer)(void *privdata, struct timeval tv);
  } ev;

  redisDisconnectCallback *onDisconnect;
  redisConnectCallback *onConnect;
  redisConnectCallbackNC *onConnectNC;

  redisCallbackList replies; /* commands whose replies are due */

  struct sockaddr *saddr;
  size_t addrlen;

  struct {
    redisCallbackList replies; /* commands sent while subscribed */
    struct dict *channels;
    struct dict *patterns;
    int pending_unsubs;
  } sub;

  redisAsyncPushFn *push_cb;
} redisAsyncContext;

redisAsyncContext *redisAsyncConnectWithOptions(const redisOptions *options) HIREDIS_NOEXCEPT;
redisAsyncContext *redisAsyncConnect(const char *ip, int port) HIREDIS_NOEXCEPT;
redisAsyncContext *redisAsyncConnectBind(const char *ip, int port, const char *source_addr) HIREDIS_NOEXCEPT;
redisAsyncContext *redisAsyncConnectBindWithReuse(const char *ip, int port, const char *source_addr) HIREDIS_NOEXCEPT;
redisAsyncContext *redisAsyncConnectUnix(const char *path) HIREDIS_NOEXCEPT;

/* REDIS_ERR if one is set already. */
int redisAsyncSetConnectCallback(redisAsyncContext *ac, redisConnectCallback *fn) HIREDIS_NOEXCEPT;
int redisAsyncSetConnectCallbackNC(redisAsyncContext *ac, redisConnectCallbackNC *fn) HIREDIS_NOEXCEPT;
int redisAsyncSetDisconnectCallback(redisAsyncContext *ac, redisDisconnectCallback *fn) HIREDIS_NOEXCEPT;
redisAsyncPushFn *redisAsyncSetPushCallback(redisAsyncContext *ac, redisAsyncPushFn *fn) HIREDIS_NOEXCEPT;
int redisAsyncSetTimeout(redisAsyncContext *ac, struct timeval tv) HIREDIS_NOEXCEPT;

/* Disconnect: takes no more commands and goes when the replies that are due have come. Free: goes at once; the
 * callbacks get null. */
void redisAsyncDisconnect(redisAsyncContext *ac) HIREDIS_NOEXCEPT;
void redisAsyncFree(redisAsyncContext *ac) HIREDIS_NOEXCEPT;

/* For event loops. */
void redisAsyncHandleRead(redisAsyncContext *ac) HIREDIS_NOEXCEPT;
void redisAsyncHandleWrite(redisAsyncContext *ac) HIREDIS_NOEXCEPT;
void redisAsyncHandleTimeout(redisAsyncContext *ac) HIREDIS_NOEXCEPT;
/* For transports: what the handlers do once the connection stands. */
void redisAsyncRead(redisAsyncContext *ac) HIREDIS_NOEXCEPT;
void redisAsyncWrite(redisAsyncContext *ac) HIREDIS_NOEXCEPT;

/* Queue a command. REDIS_ERR if the context is going away; then the callback is never called. */
int redisvAsyncCommand(redisAsyncContext *ac, redisCallbackFn *fn, void *privdata, const char *format,
                       va_list ap) HIREDIS_NOEXCEPT;
int redisAsyncCommand(redisAsyncContext *ac, redisCallbackFn *fn, void *privdata, const char *format,
                      ...) HIREDIS_NOEXCEPT;
int redisAsyncCommandArgv(redisAsyncContext *ac, redisCallbackFn *fn, void *privdata, int argc, const char **argv,
                          const size_t *argvlen) HIREDIS_NOEXCEPT;
int redisAsyncFormattedCommand(redisAsyncContext *ac, redisCallbackFn *fn, void *privdata, const char *cmd,
                               size_t len) HIREDIS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* __HIREDIS_ASYNC_H */
