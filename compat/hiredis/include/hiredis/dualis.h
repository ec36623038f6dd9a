/* What Dualis adds to the hiredis API: endpoints that are engines in this process; timeouts of single asynchronous
 * commands, asynchronous contexts that reconnect, large values in pieces, replies in one block, pools. All of it works on
 * sockets, TLS and embedded contexts alike. None of it is in libhiredis.so.0.14 but the routes.
 *
 * Wherever a host or a socket path is accepted, mem://NAME names an engine that everyone in the process shares who says
 * that name; it is made on first use. Programs that cannot be told another host are routed: by this function, or by the
 * environment variable DUALIS_HIREDIS_ROUTE, which is read when a context is connected and holds either one mem://NAME for
 * everything or a list of ENDPOINT=mem://NAME, separated by commas or semicolons. An ENDPOINT is HOST:PORT, HOST (any
 * port), a socket's path, or * for everything. */
#ifndef HIREDIS_DUALIS_H
#define HIREDIS_DUALIS_H

#include "async.h"
#include "hiredis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds a rule, which goes before the environment's and before older ones; a null target takes the rule for that endpoint
 * away. REDIS_ERR if the target is not mem://NAME or memory is short. Thread-safe; open contexts stay where they are. */
int dualisHiredisRoute(const char *endpoint, const char *target) HIREDIS_NOEXCEPT;
/* Whether the context is connected to an engine of this process. */
int dualisHiredisIsEmbedded(const redisContext *c) HIREDIS_NOEXCEPT;

/* --- Timeouts of single asynchronous commands.
 *
 * As redisAsyncCommand, but if no reply has come within `timeout`, `fn` is called with a null reply while ac->err is 0, and
 * the connection, its other commands and their callbacks go on. The server's reply, when it comes, is dropped: `fn` is called
 * once. Commands behind one that the server is slow with wait as long as ever.
 *
 * Needs a loop whose adapter has timers (libev, libevent, libhv, libsdevent, libuv, poll). REDIS_ERR, with no callback, if it
 * has none, if the context is going away, and for SUBSCRIBE and its kin and MONITOR, whose callbacks are called many times. */
int dualisvAsyncCommand(redisAsyncContext *ac, struct timeval timeout, redisCallbackFn *fn, void *privdata,
                        const char *format, va_list ap) HIREDIS_NOEXCEPT;
int dualisAsyncCommand(redisAsyncContext *ac, struct timeval timeout, redisCallbackFn *fn, void *privdata,
                       const char *format, ...) HIREDIS_NOEXCEPT;
int dualisAsyncCommandArgv(redisAsyncContext *ac, struct timeval timeout, redisCallbackFn *fn, void *privdata, int argc,
                           const char **argv, const size_t *argvlen) HIREDIS_NOEXCEPT;

/* --- Asynchronous contexts that reconnect.
 *
 * A handle that makes a context, and another whenever that is lost: at once the first time, then after first_ms, twice that,
 * and so on up to max_ms, each shortened by chance by up to a half. Once a connection stands the count begins anew. Commands
 * are given to the context of the moment, dualisReconnectingContext(); those under way when it is lost get their null reply.
 *
 * A handle belongs to the thread of its loop. */
typedef struct dualisReconnecting dualisReconnecting;

typedef struct dualisReconnectOptions {
  redisOptions connect; /* copied, with its strings and timeouts; REDIS_OPT_NOAUTOFREE is taken out of it */
  unsigned first_ms;    /* 0: 100 */
  unsigned max_ms;      /* 0: 10000 */
  void *privdata;       /* for the functions below */
  /* Brings a new context into the loop: redisLibeventAttach(ac, base), for example. REDIS_ERR: try again later. */
  int (*attach)(redisAsyncContext *ac, void *privdata);
  /* The connection stands: the place for AUTH, SELECT, SUBSCRIBE. May be null. */
  void (*up)(redisAsyncContext *ac, void *privdata);
  /* It was lost, or could not be made; the next attempt follows in `retry_ms`. `error` is hiredis' text. May be null. */
  void (*down)(const char *error, unsigned retry_ms, void *privdata);
  /* Asks the loop to call dualisReconnectingTick(r) after `ms`. May be null: then the program calls it itself. */
  void (*schedule)(dualisReconnecting *r, unsigned ms, void *privdata);
} dualisReconnectOptions;

/* Null: no memory, or no attach. Makes the first attempt at once; `down` may be called before it returns. */
dualisReconnecting *dualisReconnectingCreate(const dualisReconnectOptions *options) HIREDIS_NOEXCEPT;
/* The context, or null while there is none that stands. Not to be freed or disconnected by the program: to have a new one,
 * let it fail. Its connect and disconnect callbacks and dataCleanup are the handle's; data is the program's. */
redisAsyncContext *dualisReconnectingContext(const dualisReconnecting *r) HIREDIS_NOEXCEPT;
/* Tries if it is time. Returns in how many milliseconds to call it again; -1: there is a context, no need. */
int dualisReconnectingTick(dualisReconnecting *r) HIREDIS_NOEXCEPT;
/* Frees the context as redisAsyncFree does, and the handle. Not from inside one of its functions. */
void dualisReconnectingFree(dualisReconnecting *r) HIREDIS_NOEXCEPT;

/* --- Large values in pieces.
 *
 * As redisGetReply on a blocking context, but a string of `threshold` bytes or more that is a reply of its own is not
 * gathered: `piece` is called with its bytes as they arrive, `offset` of `total`, and *reply becomes a string reply whose len
 * is 0. *streamed (may be null) tells which it was. If `piece` returns other than 0 the rest is read and dropped. The
 * pieces are valid during the call; `piece` must not use the context. */
typedef int(dualisPieceFn)(void *privdata, const char *bytes, size_t size, size_t offset, size_t total);
int dualisGetReplyStreaming(redisContext *c, size_t threshold, dualisPieceFn *piece, void *privdata, void **reply,
                            int *streamed) HIREDIS_NOEXCEPT;

/* The same on an asynchronous context, for one command: `piece` as the bytes arrive, then `fn`, as redisAsyncCommand calls
 * it, with a string reply whose len is 0 and whose integer is the number of bytes that went to `piece`; with any other reply
 * as ever, and integer 0 in a string that is shorter than `threshold`. A null reply after some pieces: the rest is lost with the
 * connection. Both get `privdata`. `piece` may free or disconnect the context, and send commands. REDIS_ERR, with no callback,
 * as redisAsyncCommand, and for SUBSCRIBE and its kin and MONITOR. */
int dualisvAsyncCommandStreaming(redisAsyncContext *ac, size_t threshold, dualisPieceFn *piece, redisCallbackFn *fn,
                                 void *privdata, const char *format, va_list ap) HIREDIS_NOEXCEPT;
int dualisAsyncCommandStreaming(redisAsyncContext *ac, size_t threshold, dualisPieceFn *piece, redisCallbackFn *fn,
                                void *privdata, const char *format, ...) HIREDIS_NOEXCEPT;
int dualisAsyncCommandArgvStreaming(redisAsyncContext *ac, size_t threshold, dualisPieceFn *piece, redisCallbackFn *fn,
                                    void *privdata, int argc, const char **argv,
                                    const size_t *argvlen) HIREDIS_NOEXCEPT;

/* --- Replies in one block.
 *
 * Replies whose texts and elements lie together: less memory, less time, one free. They are freed, whole, by
 * freeReplyObject of the outermost reply, as any reply is; freeReplyObject of an element does nothing, and an element that
 * is taken out lives as long as the whole. What the program puts in itself it must free itself. */

/* Has the reader (of a context: c->reader) make each further reply so, in a few blocks that grow with the reply, of which a
 * small part stays unused. Only as long as its functions are the default ones. A context's reader stays so over
 * redisReconnect, and commands of an embedded context have such replies, too. */
void dualisReaderSetCompact(redisReader *r, int on) HIREDIS_NOEXCEPT;
int dualisReaderIsCompact(const redisReader *r) HIREDIS_NOEXCEPT;

/* Moves a reply with all of its elements and strings into one allocation of just that size, in the order they are read in,
 * and frees the original. For replies that are kept. Null: no memory, and `reply` is as it was. */
redisReply *dualisCompactReply(redisReply *reply) HIREDIS_NOEXCEPT;
/* The same as freeReplyObject. */
void dualisFreeCompactReply(redisReply *reply) HIREDIS_NOEXCEPT;

/* --- A pool of blocking contexts, for any number of threads.
 *
 * Connections are made when they are needed, up to `max`; the one that was given back last is taken first. Who forks while other
 * threads use the pool makes a new one in the child; otherwise the child may go on, with connections of its own. */
typedef struct dualisPool dualisPool;

/* `options` is copied, with its strings and timeouts. `prepare` (may be null) gets each new or reconnected context: the place
 * for TLS, AUTH, SELECT; REDIS_ERR: it is of no use. Null: no memory, max < 1, or REDIS_OPT_NONBLOCK. */
dualisPool *dualisPoolCreate(const redisOptions *options, int max, int (*prepare)(redisContext *c, void *privdata),
                             void *privdata) HIREDIS_NOEXCEPT;
/* A context that nobody else has; if `max` are taken, waits for one up to `wait_ms` (negative: as long as it takes). Null: none
 * came, or no memory. A context that could not be connected is handed out with its err set, and must be given back too. */
redisContext *dualisPoolTake(dualisPool *pool, int wait_ms) HIREDIS_NOEXCEPT;
/* Back to the pool. A context with an error, or with commands or replies left over, is closed instead of kept. What
 * the connection is in the midst of (MULTI, SUBSCRIBE, another database) cannot be seen from here: clean up before. Null is allowed. */
void dualisPoolGive(dualisPool *pool, redisContext *c) HIREDIS_NOEXCEPT;
/* How many are taken, and how many lie idle. */
void dualisPoolCounts(dualisPool *pool, int *taken, int *idle) HIREDIS_NOEXCEPT;
/* Closes all of it. Every context must have been given back. Null is allowed. */
void dualisPoolFree(dualisPool *pool) HIREDIS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* HIREDIS_DUALIS_H */
