// The types of hiredis 0.14 as the sources of the 1.x library see them when they are compiled a second time, for
// libhiredis.so.0.14. Programs see less than there is:
//
//   redisContext        | what 1.x added | err errstr fd flags ... 208 bytes |
//                                        ^ the program's pointer
//   redisAsyncContext   | a redisContext | err ... sub | what 1.x added |
//   redisReader         | 560 bytes | what 1.x added |
//
// So the fields that 0.14 lacks exist all the same, and the sources need not know where. shim.cc moves the pointers at
// each call; Public() does so for callbacks. All other types are as small as 0.14 has them, because programs make them
// (redisReplyObjectFunctions) or count on their size (redisReply); what 1.x has more is a constant null here.
#ifndef DUALIS_COMPAT_HIREDIS_V0_14_LAYOUT_H_
#define DUALIS_COMPAT_HIREDIS_V0_14_LAYOUT_H_

#include <sys/time.h>
#include <sys/types.h>

#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

// The name that a function of the sources has in this library, where its own is the shim's.
#define HIREDIS_INNER(name) noexcept asm("dualis_inner_" #name)

// 0.14 allocates by malloc and its kin, and programs free what they are given by free. Its hi_malloc and the others,
// which abort when memory is short, are the shim's; ours return null.
#define HIREDIS_ALLOC_H
#ifndef HIREDIS_NOEXCEPT
#define HIREDIS_NOEXCEPT noexcept
#endif
inline void* hi_malloc(size_t size) { return malloc(size); }
inline void* hi_calloc(size_t n, size_t size) { return calloc(n, size); }
inline void* hi_realloc(void* p, size_t size) { return realloc(p, size); }
inline char* hi_strdup(const char* text) { return strdup(text); }
inline void hi_free(void* p) { free(p); }

#define REDIS_ERR -1
#define REDIS_OK 0
#define REDIS_ERR_IO 1
#define REDIS_ERR_OTHER 2
#define REDIS_ERR_EOF 3
#define REDIS_ERR_PROTOCOL 4
#define REDIS_ERR_OOM 5
#define REDIS_ERR_TIMEOUT 6

// From DOUBLE on a program knows none: Kind() has what it gets instead.
#define REDIS_REPLY_STRING 1
#define REDIS_REPLY_ARRAY 2
#define REDIS_REPLY_INTEGER 3
#define REDIS_REPLY_NIL 4
#define REDIS_REPLY_STATUS 5
#define REDIS_REPLY_ERROR 6
#define REDIS_REPLY_DOUBLE 7
#define REDIS_REPLY_BOOL 8
#define REDIS_REPLY_MAP 9
#define REDIS_REPLY_SET 10
#define REDIS_REPLY_ATTR 11
#define REDIS_REPLY_PUSH 12
#define REDIS_REPLY_BIGNUM 13
#define REDIS_REPLY_VERB 14

#define REDIS_READER_MAX_BUF (1024 * 16)
#define REDIS_READER_MAX_ARRAY_ELEMENTS ((1LL << 30) - 1)  // twice as many fit into the ABI's int
#define REDIS_READER_MAX_REPLY_DEPTH 8                     // what fits into the stack of tasks

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

#define REDIS_OPT_NONBLOCK 0x01
#define REDIS_OPT_REUSEADDR 0x02
#define REDIS_OPT_NOAUTOFREE 0x04
#define REDIS_OPT_NO_PUSH_AUTOFREE 0x08
#define REDIS_OPT_NOAUTOFREEREPLIES 0x10
#define REDIS_OPT_PREFER_IPV4 0x20
#define REDIS_OPT_PREFER_IPV6 0x40
#define REDIS_OPT_SET_SOCK_CLOEXEC 0x80

#define REDIS_INVALID_FD -1

extern "C" {

// 0.14's takes ints, so the shim has one of its own. First, because the first declaration decides the name.
int sdsrange(char* s, ssize_t start, ssize_t end) HIREDIS_INNER(sdsrange);
}
#include "compat/hiredis/include/hiredis/sds.h"

extern "C" {

struct redisContext;
struct redisAsyncContext;
struct dict;
typedef int redisFD;
typedef void(redisPushFn)(void*, void*);
typedef void(redisAsyncPushFn)(redisAsyncContext*, void*);

struct redisReadTask {
  int type;
  int elements;
  int idx;
  void* obj;
  redisReadTask* parent;
  void* privdata;
};

struct redisReplyObjectFunctions {
  void* (*createString)(const redisReadTask*, char*, size_t);
  void* (*createArray)(const redisReadTask*, int);
  void* (*createInteger)(const redisReadTask*, long long);
  void* (*createNil)(const redisReadTask*);
  void (*freeObject)(void*);
  static constexpr void* (*createDouble)(const redisReadTask*, double, char*, size_t) = nullptr;
  static constexpr void* (*createBool)(const redisReadTask*, int) = nullptr;
};

struct redisReader {
  int err;
  char errstr[128];
  char* buf;
  size_t pos;
  size_t len;
  size_t maxbuf;
  redisReadTask rstack[9];  // unused: ours is elsewhere
  int ridx;
  void* reply;
  redisReplyObjectFunctions* fn;
  void* privdata;
  // Unknown to programs.
  long long maxelements;
  redisReadTask** task;
  int tasks;
  int maxdepth;
};

struct redisReply {
  int type;
  long long integer;
  size_t len;
  char* str;
  size_t elements;
  redisReply** element;
};

enum redisConnectionType { REDIS_CONN_TCP, REDIS_CONN_UNIX, REDIS_CONN_USERFD };

struct redisOptions {
  int type;
  int options;
  const timeval* connect_timeout;
  const timeval* command_timeout;
  union {
    struct {
      const char* source_addr;
      const char* ip;
      int port;
    } tcp;
    const char* unix_socket;
    redisFD fd;
  } endpoint;
  void* privdata;
  void (*free_privdata)(void*);
  redisPushFn* push_cb;
  redisAsyncPushFn* async_push_cb;
};

struct redisContextFuncs {
  void (*close)(redisContext*);
  void (*free_privctx)(void*);
  void (*async_read)(redisAsyncContext*);
  void (*async_write)(redisAsyncContext*);
  ssize_t (*read)(redisContext*, char*, size_t);
  ssize_t (*write)(redisContext*);
};

struct redisContext {
  // Unknown to programs.
  const redisContextFuncs* funcs;
  timeval* command_timeout;
  struct sockaddr* saddr;
  size_t addrlen;
  void* privdata;
  void (*free_privdata)(void*);
  void* privctx;
  redisPushFn* push_cb;
  // The program's.
  int err;
  char errstr[128];
  int fd;
  int flags;
  char* obuf;
  redisReader* reader;
  redisConnectionType connection_type;
  timeval* connect_timeout;
  struct {
    char* host;
    char* source_addr;
    int port;
  } tcp;
  struct {
    char* path;
  } unix_sock;
};

typedef void(redisCallbackFn)(redisAsyncContext*, void*, void*);
typedef void(redisDisconnectCallback)(const redisAsyncContext*, int status);
typedef void(redisConnectCallback)(const redisAsyncContext*, int status);
typedef void(redisConnectCallbackNC)(redisAsyncContext*, int status);

struct redisCallback {
  redisCallback* next;
  redisCallbackFn* fn;
  int pending_subs;
  int unsubscribe_sent;  // a hole of 0.14's
  void* privdata;
};

struct redisCallbackList {
  redisCallback *head, *tail;
};

struct redisAsyncContext {
  redisContext c;
  int err;
  char* errstr;
  void* data;
  struct Events {
    void* data;
    void (*addRead)(void*);
    void (*delRead)(void*);
    void (*addWrite)(void*);
    void (*delWrite)(void*);
    void (*cleanup)(void*);
    static constexpr void (*scheduleTimer)(void*, timeval) = nullptr;
  } ev;
  redisDisconnectCallback* onDisconnect;
  redisConnectCallback* onConnect;
  redisCallbackList replies;
  struct {
    redisCallbackList replies;
    dict* channels;
    dict* patterns;
    int pending_unsubs;  // from here on unknown to programs
  } sub;
  redisConnectCallbackNC* onConnectNC;
  void (*dataCleanup)(void*);
  struct sockaddr* saddr;
  size_t addrlen;
  redisAsyncPushFn* push_cb;
};

// Exported as they are.
redisReader* redisReaderCreateWithFunctions(redisReplyObjectFunctions* fn) noexcept;
redisReader* redisReaderCreate(void) noexcept;
void redisReaderFree(redisReader* r) noexcept;
int redisReaderFeed(redisReader* r, const char* buf, size_t len) noexcept;
int redisReaderGetReply(redisReader* r, void** reply) noexcept;
void freeReplyObject(void* reply) noexcept;
int redisvFormatCommand(char** target, const char* format, va_list ap) noexcept;
int redisFormatCommand(char** target, const char* format, ...) noexcept;
long long redisFormatCommandArgv(char** target, int argc, const char** argv, const size_t* argvlen) noexcept;
long long redisFormatSdsCommandArgv(sds* target, int argc, const char** argv, const size_t* argvlen) noexcept;
void redisFreeCommand(char* cmd) noexcept;
void redisFreeSdsCommand(sds cmd) noexcept;
int dualisHiredisRoute(const char* endpoint, const char* target) noexcept;

// Not exported: 1.x only.
redisContext* redisConnectWithOptions(const redisOptions* options) noexcept;
redisAsyncContext* redisAsyncConnectWithOptions(const redisOptions* options) noexcept;
redisPushFn* redisSetPushCallback(redisContext* c, redisPushFn* fn) noexcept;
redisAsyncPushFn* redisAsyncSetPushCallback(redisAsyncContext* ac, redisAsyncPushFn* fn) noexcept;
int redisEnableKeepAliveWithInterval(redisContext* c, int interval) noexcept;
int redisSetTcpUserTimeout(redisContext* c, unsigned int timeout) noexcept;
int redisAsyncSetTimeout(redisAsyncContext* ac, timeval tv) noexcept;
int redisAsyncSetConnectCallbackNC(redisAsyncContext* ac, redisConnectCallbackNC* fn) noexcept;
void redisAsyncHandleTimeout(redisAsyncContext* ac) noexcept;
void redisAsyncRead(redisAsyncContext* ac) noexcept;
void redisAsyncWrite(redisAsyncContext* ac) noexcept;

// Exported by the shim, which moves the contexts' pointers.
redisContext* redisConnect(const char* ip, int port) HIREDIS_INNER(redisConnect);
redisContext* redisConnectWithTimeout(const char* ip, int port, const timeval tv)
    HIREDIS_INNER(redisConnectWithTimeout);
redisContext* redisConnectNonBlock(const char* ip, int port) HIREDIS_INNER(redisConnectNonBlock);
redisContext* redisConnectBindNonBlock(const char* ip, int port, const char* source_addr)
    HIREDIS_INNER(redisConnectBindNonBlock);
redisContext* redisConnectBindNonBlockWithReuse(const char* ip, int port, const char* source_addr)
    HIREDIS_INNER(redisConnectBindNonBlockWithReuse);
redisContext* redisConnectUnix(const char* path) HIREDIS_INNER(redisConnectUnix);
redisContext* redisConnectUnixWithTimeout(const char* path, const timeval tv)
    HIREDIS_INNER(redisConnectUnixWithTimeout);
redisContext* redisConnectUnixNonBlock(const char* path) HIREDIS_INNER(redisConnectUnixNonBlock);
redisContext* redisConnectFd(redisFD fd) HIREDIS_INNER(redisConnectFd);
int redisReconnect(redisContext* c) HIREDIS_INNER(redisReconnect);
int redisSetTimeout(redisContext* c, const timeval tv) HIREDIS_INNER(redisSetTimeout);
int redisEnableKeepAlive(redisContext* c) HIREDIS_INNER(redisEnableKeepAlive);
void redisFree(redisContext* c) HIREDIS_INNER(redisFree);
redisFD redisFreeKeepFd(redisContext* c) HIREDIS_INNER(redisFreeKeepFd);
int redisBufferRead(redisContext* c) HIREDIS_INNER(redisBufferRead);
int redisBufferWrite(redisContext* c, int* done) HIREDIS_INNER(redisBufferWrite);
int redisGetReply(redisContext* c, void** reply) HIREDIS_INNER(redisGetReply);
int redisGetReplyFromReader(redisContext* c, void** reply) HIREDIS_INNER(redisGetReplyFromReader);
int redisAppendFormattedCommand(redisContext* c, const char* cmd, size_t len)
    HIREDIS_INNER(redisAppendFormattedCommand);
int redisvAppendCommand(redisContext* c, const char* format, va_list ap) HIREDIS_INNER(redisvAppendCommand);
int redisAppendCommand(redisContext* c, const char* format, ...) HIREDIS_INNER(redisAppendCommand);
int redisAppendCommandArgv(redisContext* c, int argc, const char** argv, const size_t* argvlen)
    HIREDIS_INNER(redisAppendCommandArgv);
void* redisvCommand(redisContext* c, const char* format, va_list ap) HIREDIS_INNER(redisvCommand);
void* redisCommand(redisContext* c, const char* format, ...) HIREDIS_INNER(redisCommand);
void* redisCommandArgv(redisContext* c, int argc, const char** argv, const size_t* argvlen)
    HIREDIS_INNER(redisCommandArgv);
int dualisHiredisIsEmbedded(const redisContext* c) HIREDIS_INNER(dualisHiredisIsEmbedded);

redisAsyncContext* redisAsyncConnect(const char* ip, int port) HIREDIS_INNER(redisAsyncConnect);
redisAsyncContext* redisAsyncConnectBind(const char* ip, int port, const char* source_addr)
    HIREDIS_INNER(redisAsyncConnectBind);
redisAsyncContext* redisAsyncConnectBindWithReuse(const char* ip, int port, const char* source_addr)
    HIREDIS_INNER(redisAsyncConnectBindWithReuse);
redisAsyncContext* redisAsyncConnectUnix(const char* path) HIREDIS_INNER(redisAsyncConnectUnix);
int redisAsyncSetConnectCallback(redisAsyncContext* ac, redisConnectCallback* fn)
    HIREDIS_INNER(redisAsyncSetConnectCallback);
int redisAsyncSetDisconnectCallback(redisAsyncContext* ac, redisDisconnectCallback* fn)
    HIREDIS_INNER(redisAsyncSetDisconnectCallback);
void redisAsyncDisconnect(redisAsyncContext* ac) HIREDIS_INNER(redisAsyncDisconnect);
void redisAsyncFree(redisAsyncContext* ac) HIREDIS_INNER(redisAsyncFree);
void redisAsyncHandleRead(redisAsyncContext* ac) HIREDIS_INNER(redisAsyncHandleRead);
void redisAsyncHandleWrite(redisAsyncContext* ac) HIREDIS_INNER(redisAsyncHandleWrite);
int redisvAsyncCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* format, va_list ap)
    HIREDIS_INNER(redisvAsyncCommand);
int redisAsyncCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* format, ...)
    HIREDIS_INNER(redisAsyncCommand);
int redisAsyncCommandArgv(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, int argc, const char** argv,
                          const size_t* argvlen) HIREDIS_INNER(redisAsyncCommandArgv);
int redisAsyncFormattedCommand(redisAsyncContext* ac, redisCallbackFn* fn, void* privdata, const char* cmd, size_t len)
    HIREDIS_INNER(redisAsyncFormattedCommand);

// The same, without a header upstream. Those of the net.h of 1.x that 0.14 lacks stay inside.
void __redisSetError(redisContext* c, int type, const char* str) HIREDIS_INNER(__redisSetError);
int __redisAppendCommand(redisContext* c, const char* cmd, size_t len) HIREDIS_INNER(__redisAppendCommand);
void redisProcessCallbacks(redisAsyncContext* ac) HIREDIS_INNER(redisProcessCallbacks);
int redisKeepAlive(redisContext* c, int interval) HIREDIS_INNER(redisKeepAlive);
int redisCheckSocketError(redisContext* c) HIREDIS_INNER(redisCheckSocketError);
int redisContextConnectTcp(redisContext* c, const char* addr, int port, const timeval* timeout)
    HIREDIS_INNER(redisContextConnectTcp);
int redisContextConnectBindTcp(redisContext* c, const char* addr, int port, const timeval* timeout,
                               const char* source_addr) HIREDIS_INNER(redisContextConnectBindTcp);
int redisContextConnectUnix(redisContext* c, const char* path, const timeval* timeout)
    HIREDIS_INNER(redisContextConnectUnix);
int redisContextSetTimeout(redisContext* c, const timeval tv) HIREDIS_INNER(redisContextSetTimeout);
}

#define REDIS_OPTIONS_SET_TCP(opts, ip_, port_) \
  ((opts)->type = REDIS_CONN_TCP, (opts)->endpoint.tcp.ip = ip_, (opts)->endpoint.tcp.port = port_)
#define REDIS_OPTIONS_SET_UNIX(opts, path) ((opts)->type = REDIS_CONN_UNIX, (opts)->endpoint.unix_socket = path)
#define redisIsPushReply(r) (((redisReply*)(r))->type == REDIS_REPLY_PUSH)

namespace dualis::hiredis {

// How far behind ours the program's pointer to a context is.
inline constexpr size_t kHiddenBytes = offsetof(redisContext, err);

// What a callback is given.
inline redisAsyncContext* Public(redisAsyncContext* ac) {
  return reinterpret_cast<redisAsyncContext*>(reinterpret_cast<char*>(ac) + kHiddenBytes);
}

// The type that a program sees: RESP3's converted down. A push is an array, as RESP2 has it.
constexpr int Kind(int type) {
  switch (type) {
    case REDIS_REPLY_DOUBLE:
    case REDIS_REPLY_BIGNUM:
    case REDIS_REPLY_VERB:
      return REDIS_REPLY_STRING;
    case REDIS_REPLY_BOOL:
      return REDIS_REPLY_INTEGER;
    case REDIS_REPLY_MAP:
    case REDIS_REPLY_SET:
    case REDIS_REPLY_ATTR:
    case REDIS_REPLY_PUSH:
      return REDIS_REPLY_ARRAY;
    default:
      return type;
  }
}

inline constexpr std::string_view kTooDeepText = "No support for nested multi bulk replies with depth > 7";

// What a reply has no field for.
inline void SetReal(redisReply*, double) {}
inline void SetFormat(redisReply*, const char*, size_t) {}

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_V0_14_LAYOUT_H_
