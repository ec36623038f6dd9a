/* The synchronous interface of the hiredis ABI (1.x): contexts, commands, replies.
 *
 *   redisContext *c = redisConnect("mem://shop", 0);     // an engine in this process; or a host and a port
 *   redisReply *r = redisCommand(c, "SET %s %b", key, value, length);
 *   freeReplyObject(r);
 *   redisFree(c);
 *
 * A context is used by one thread at a time. After an error (c->err, c->errstr) it can only be freed or reconnected. */
#ifndef __HIREDIS_H
#define __HIREDIS_H

#include <stdarg.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

#include "alloc.h"
#include "read.h"
#include "sds.h"

#define HIREDIS_MAJOR 1
#define HIREDIS_MINOR 5
#define HIREDIS_PATCH 0
#define HIREDIS_SONAME 1.5.0-dev

/* redisContext.flags */
#define REDIS_BLOCK 0x1
#define REDIS_CONNECTED 0x2
#define REDIS_DISCONNECTING 0x4
#define REDIS_FREEING 0x8
#define REDIS_IN_CALLBACK 0x10
#define REDIS_SUBSCRIBED 0x20
#define REDIS_MONITORING 0x40
#define REDIS_REUSEADDR 0x80
#define REDIS_SUPPORTS_PUSH 0x100
#define REDIS_NO_AUTO_FREE 0x200
#define REDIS_NO_AUTO_FREE_REPLIES 0x400
#define REDIS_PREFER_IPV4 0x800
#define REDIS_PREFER_IPV6 0x1000

#define REDIS_KEEPALIVE_INTERVAL 15
#define REDIS_CONNECT_RETRIES 10

#ifdef __cplusplus
extern "C" {
#endif

struct redisAsyncContext;
struct redisContext;

/* Gets redisContext.privdata and a push reply, which it owns. */
typedef void(redisPushFn)(void *, void *);
/* The reply is freed by the library afterwards. */
typedef void(redisAsyncPushFn)(struct redisAsyncContext *, void *);

typedef struct redisReply {
  int type;
  long long integer;           /* INTEGER, BOOL */
  double dval;                 /* DOUBLE; its text is in str */
  size_t len;                  /* of str */
  char *str;                   /* STRING STATUS ERROR DOUBLE BIGNUM VERB; a zero follows */
  char vtype[4];               /* VERB: "txt" */
  size_t elements;             /* ARRAY MAP SET ATTR PUSH; of a map: keys and values */
  struct redisReply **element; /* null if there are none */
} redisReply;

/* For redisReader: redisReply objects. */
redisReader *redisReaderCreate(void) HIREDIS_NOEXCEPT;
/* With everything in it. Null is allowed, also in the place of an element. */
void freeReplyObject(void *reply) HIREDIS_NOEXCEPT;

/* A command as RESP. In formats, spaces separate words; %s a string, %b bytes and their size_t length, %% a percent sign,
 * and printf's integer and floating-point conversions. Returns the length or -1 (redisvFormatCommand: -2 for a bad
 * format). argvlen may be null. */
int redisvFormatCommand(char **target, const char *format, va_list ap) HIREDIS_NOEXCEPT;
int redisFormatCommand(char **target, const char *format, ...) HIREDIS_NOEXCEPT;
long long redisFormatCommandArgv(char **target, int argc, const char **argv, const size_t *argvlen) HIREDIS_NOEXCEPT;
long long redisFormatSdsCommandArgv(sds *target, int argc, const char **argv, const size_t *argvlen) HIREDIS_NOEXCEPT;
void redisFreeCommand(char *cmd) HIREDIS_NOEXCEPT;
void redisFreeSdsCommand(sds cmd) HIREDIS_NOEXCEPT;

enum redisConnectionType { REDIS_CONN_TCP, REDIS_CONN_UNIX, REDIS_CONN_USERFD };

#define REDIS_OPT_NONBLOCK 0x01
#define REDIS_OPT_REUSEADDR 0x02
#define REDIS_OPT_NOAUTOFREE 0x04        /* asynchronous contexts are freed by the program alone */
#define REDIS_OPT_NO_PUSH_AUTOFREE 0x08  /* push replies come in band if there is no push callback */
#define REDIS_OPT_NOAUTOFREEREPLIES 0x10 /* replies belong to asynchronous callbacks */
#define REDIS_OPT_PREFER_IPV4 0x20
#define REDIS_OPT_PREFER_IPV6 0x40
#define REDIS_OPT_PREFER_IP_UNSPEC (REDIS_OPT_PREFER_IPV4 | REDIS_OPT_PREFER_IPV6)
#define REDIS_OPT_SET_SOCK_CLOEXEC 0x80

typedef int redisFD;
#define REDIS_INVALID_FD -1

typedef struct {
  int type;    /* REDIS_CONN_... */
  int options; /* REDIS_OPT_... */
  const struct timeval *connect_timeout;
  const struct timeval *command_timeout;
  union {
    struct {
      const char *source_addr;
      const char *ip;
      int port;
    } tcp;
    const char *unix_socket;
    redisFD fd; /* connected already; the context takes it over */
  } endpoint;
  void *privdata;
  void (*free_privdata)(void *);
  redisPushFn *push_cb;
  redisAsyncPushFn *async_push_cb;
} redisOptions;

#define REDIS_OPTIONS_SET_TCP(opts, ip_, port_) \
  do {                                          \
    (opts)->type = REDIS_CONN_TCP;              \
    (opts)->endpoint.tcp.ip = ip_;              \
    (opts)->endpoint.tcp.port = port_;          \
  } while (0)

#define REDIS_OPTIONS_SET_UNIX(opts, path) \
  do {                                     \
    (opts)->type = REDIS_CONN_UNIX;        \
    (opts)->endpoint.unix_socket = path;   \
  } while (0)

#define REDIS_OPTIONS_SET_PRIVDATA(opts, data, dtor) \
  do {                                               \
    (opts)->privdata = data;                         \
    (opts)->free_privdata = dtor;                    \
  } while (0)

/* The transport of a context. read: bytes, 0 to try again, -1 with the context's error set. write: bytes of c->obuf that
 * were taken (the caller removes them). */
typedef struct redisContextFuncs {
  void (*close)(struct redisContext *);
  void (*free_privctx)(void *);
  void (*async_read)(struct redisAsyncContext *);
  void (*async_write)(struct redisAsyncContext *);
  ssize_t (*read)(struct redisContext *, char *, size_t);
  ssize_t (*write)(struct redisContext *);
} redisContextFuncs;

typedef struct redisContext {
  const redisContextFuncs *funcs;

  int err;
  char errstr[128];
  redisFD fd; /* pollable, embedded contexts included */
  int flags;
  char *obuf; /* an sds: commands to be sent */
  redisReader *reader;

  enum redisConnectionType connection_type;
  struct timeval *connect_timeout;
  struct timeval *command_timeout;

  struct {
    char *host;
    char *source_addr;
    int port;
  } tcp;

  struct {
    char *path;
  } unix_sock;

  struct sockaddr *saddr;
  size_t addrlen;

  void *privdata;
  void (*free_privdata)(void *);
  void *privctx; /* the transport's */
  redisPushFn *push_cb;
} redisContext;

/* Connecting. Null: out of memory; else look at err. A host or path may be mem://NAME (see dualis.h). */
redisContext *redisConnectWithOptions(const redisOptions *options) HIREDIS_NOEXCEPT;
redisContext *redisConnect(const char *ip, int port) HIREDIS_NOEXCEPT;
redisContext *redisConnectWithTimeout(const char *ip, int port, const struct timeval tv) HIREDIS_NOEXCEPT;
redisContext *redisConnectNonBlock(const char *ip, int port) HIREDIS_NOEXCEPT;
redisContext *redisConnectBindNonBlock(const char *ip, int port, const char *source_addr) HIREDIS_NOEXCEPT;
redisContext *redisConnectBindNonBlockWithReuse(const char *ip, int port, const char *source_addr) HIREDIS_NOEXCEPT;
redisContext *redisConnectUnix(const char *path) HIREDIS_NOEXCEPT;
redisContext *redisConnectUnixWithTimeout(const char *path, const struct timeval tv) HIREDIS_NOEXCEPT;
redisContext *redisConnectUnixNonBlock(const char *path) HIREDIS_NOEXCEPT;
redisContext *redisConnectFd(redisFD fd) HIREDIS_NOEXCEPT;
/* Again to the same endpoint, with the same timeouts; what was queued is dropped. */
int redisReconnect(redisContext *c) HIREDIS_NOEXCEPT;

/* How long a blocking context waits for each read and write. */
int redisSetTimeout(redisContext *c, const struct timeval tv) HIREDIS_NOEXCEPT;
int redisEnableKeepAlive(redisContext *c) HIREDIS_NOEXCEPT;
int redisEnableKeepAliveWithInterval(redisContext *c, int interval) HIREDIS_NOEXCEPT;
int redisSetTcpUserTimeout(redisContext *c, unsigned int timeout) HIREDIS_NOEXCEPT;
/* Returns the one before. */
redisPushFn *redisSetPushCallback(redisContext *c, redisPushFn *fn) HIREDIS_NOEXCEPT;
void redisFree(redisContext *c) HIREDIS_NOEXCEPT;
redisFD redisFreeKeepFd(redisContext *c) HIREDIS_NOEXCEPT;

/* Reads what is there into the reader; writes obuf (*done: all of it). For programs with a loop of their own. */
int redisBufferRead(redisContext *c) HIREDIS_NOEXCEPT;
int redisBufferWrite(redisContext *c, int *done) HIREDIS_NOEXCEPT;

/* The next reply. Blocking contexts write what is queued and wait; others give null if there is none yet.
 * A null `reply` frees it. */
int redisGetReply(redisContext *c, void **reply) HIREDIS_NOEXCEPT;
int redisGetReplyFromReader(redisContext *c, void **reply) HIREDIS_NOEXCEPT;

/* Queue a command; its reply is fetched by redisGetReply. */
int redisAppendFormattedCommand(redisContext *c, const char *cmd, size_t len) HIREDIS_NOEXCEPT;
int redisvAppendCommand(redisContext *c, const char *format, va_list ap) HIREDIS_NOEXCEPT;
int redisAppendCommand(redisContext *c, const char *format, ...) HIREDIS_NOEXCEPT;
int redisAppendCommandArgv(redisContext *c, int argc, const char **argv, const size_t *argvlen) HIREDIS_NOEXCEPT;

/* Queue a command and, on a blocking context, wait for its reply: a redisReply, or null with c->err set. On others null;
 * the reply comes by redisGetReply. */
void *redisvCommand(redisContext *c, const char *format, va_list ap) HIREDIS_NOEXCEPT;
void *redisCommand(redisContext *c, const char *format, ...) HIREDIS_NOEXCEPT;
void *redisCommandArgv(redisContext *c, int argc, const char **argv, const size_t *argvlen) HIREDIS_NOEXCEPT;

#define redisIsPushReply(r) (((redisReply *)(r))->type == REDIS_REPLY_PUSH)

#ifdef __cplusplus
}
#endif

#endif /* __HIREDIS_H */
