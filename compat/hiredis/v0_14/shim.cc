// The functions of libhiredis.so.0.14 that are not the sources' own: those that take or return a context, because the
// program's pointer is not ours (layout.h), and the few that 1.x has changed or dropped.
#include <cstdlib>

#include "compat/hiredis/abi.h"

namespace {

using dualis::hiredis::kHiddenBytes;

// A context as the program has it.
using Outer = char;

redisContext* In(Outer* c) { return c == nullptr ? nullptr : reinterpret_cast<redisContext*>(c - kHiddenBytes); }
redisAsyncContext* InAsync(Outer* ac) { return reinterpret_cast<redisAsyncContext*>(In(ac)); }
Outer* Out(redisContext* c) { return c == nullptr ? nullptr : reinterpret_cast<Outer*>(c) + kHiddenBytes; }
Outer* Out(redisAsyncContext* ac) { return Out(reinterpret_cast<redisContext*>(ac)); }

// 0.14's allocators do not return null.
template <class T>
T* OrAbort(T* p) {
  if (p == nullptr) abort();
  return p;
}

}  // namespace

// Defines the exported function `name`, which in here is called Outer_name.
#define EXPORT(type, name, parameters)                                                                \
  extern "C" __attribute__((visibility("default"))) type Outer_##name parameters noexcept asm(#name); \
  extern "C" type Outer_##name parameters noexcept

// Runs `call` with the variable arguments behind `format` as `ap`.
#define WITH_ARGUMENTS(call) \
  va_list ap;                \
  va_start(ap, format);      \
  const auto result = call;  \
  va_end(ap);                \
  return result

EXPORT(void*, hi_malloc, (size_t size)) { return OrAbort(malloc(size)); }
EXPORT(void*, hi_calloc, (size_t n, size_t size)) { return OrAbort(calloc(n, size)); }
EXPORT(void*, hi_realloc, (void* p, size_t size)) { return OrAbort(realloc(p, size)); }
EXPORT(char*, hi_strdup, (const char* text)) { return OrAbort(strdup(text)); }
EXPORT(int, is_hex_digit, (char c)) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
EXPORT(void, sdsrange, (sds s, int start, int end)) { sdsrange(s, start, end); }

EXPORT(Outer*, redisConnect, (const char* ip, int port)) { return Out(redisConnect(ip, port)); }
EXPORT(Outer*, redisConnectWithTimeout, (const char* ip, int port, const timeval tv)) {
  return Out(redisConnectWithTimeout(ip, port, tv));
}
EXPORT(Outer*, redisConnectNonBlock, (const char* ip, int port)) { return Out(redisConnectNonBlock(ip, port)); }
EXPORT(Outer*, redisConnectBindNonBlock, (const char* ip, int port, const char* source)) {
  return Out(redisConnectBindNonBlock(ip, port, source));
}
EXPORT(Outer*, redisConnectBindNonBlockWithReuse, (const char* ip, int port, const char* source)) {
  return Out(redisConnectBindNonBlockWithReuse(ip, port, source));
}
EXPORT(Outer*, redisConnectUnix, (const char* path)) { return Out(redisConnectUnix(path)); }
EXPORT(Outer*, redisConnectUnixWithTimeout, (const char* path, const timeval tv)) {
  return Out(redisConnectUnixWithTimeout(path, tv));
}
EXPORT(Outer*, redisConnectUnixNonBlock, (const char* path)) { return Out(redisConnectUnixNonBlock(path)); }
EXPORT(Outer*, redisConnectFd, (int fd)) { return Out(redisConnectFd(fd)); }

EXPORT(int, redisReconnect, (Outer * c)) {
  // 0.14 knows a command's timeout only as an option of the socket, which goes with it.
  redisContext* const in = In(c);
  hi_free(in->command_timeout);
  in->command_timeout = nullptr;
  return redisReconnect(in);
}
EXPORT(int, redisSetTimeout, (Outer * c, const timeval tv)) { return redisSetTimeout(In(c), tv); }
EXPORT(int, redisEnableKeepAlive, (Outer * c)) { return redisEnableKeepAlive(In(c)); }
EXPORT(int, redisKeepAlive, (Outer * c, int interval)) { return redisKeepAlive(In(c), interval); }
EXPORT(void, redisFree, (Outer * c)) { redisFree(In(c)); }
EXPORT(int, redisFreeKeepFd, (Outer * c)) { return redisFreeKeepFd(In(c)); }
EXPORT(int, dualisHiredisIsEmbedded, (Outer * c)) { return dualisHiredisIsEmbedded(In(c)); }
EXPORT(void, __redisSetError, (Outer * c, int type, const char* text)) { __redisSetError(In(c), type, text); }
EXPORT(int, redisCheckSocketError, (Outer * c)) { return redisCheckSocketError(In(c)); }
EXPORT(int, redisContextSetTimeout, (Outer * c, const timeval tv)) { return redisContextSetTimeout(In(c), tv); }
EXPORT(int, redisContextConnectTcp, (Outer * c, const char* host, int port, const timeval* timeout)) {
  return redisContextConnectTcp(In(c), host, port, timeout);
}
EXPORT(int, redisContextConnectBindTcp,
       (Outer * c, const char* host, int port, const timeval* timeout, const char* source)) {
  return redisContextConnectBindTcp(In(c), host, port, timeout, source);
}
EXPORT(int, redisContextConnectUnix, (Outer * c, const char* path, const timeval* timeout)) {
  return redisContextConnectUnix(In(c), path, timeout);
}

EXPORT(int, redisBufferRead, (Outer * c)) { return redisBufferRead(In(c)); }
EXPORT(int, redisBufferWrite, (Outer * c, int* done)) { return redisBufferWrite(In(c), done); }
EXPORT(int, redisGetReply, (Outer * c, void** reply)) { return redisGetReply(In(c), reply); }
EXPORT(int, redisGetReplyFromReader, (Outer * c, void** reply)) { return redisGetReplyFromReader(In(c), reply); }
EXPORT(int, __redisAppendCommand, (Outer * c, const char* command, size_t size)) {
  return __redisAppendCommand(In(c), command, size);
}
EXPORT(int, redisAppendFormattedCommand, (Outer * c, const char* command, size_t size)) {
  return redisAppendFormattedCommand(In(c), command, size);
}
EXPORT(int, redisvAppendCommand, (Outer * c, const char* format, va_list ap)) {
  return redisvAppendCommand(In(c), format, ap);
}
EXPORT(int, redisAppendCommand, (Outer * c, const char* format, ...)) {
  WITH_ARGUMENTS(redisvAppendCommand(In(c), format, ap));
}
EXPORT(int, redisAppendCommandArgv, (Outer * c, int argc, const char** argv, const size_t* argvlen)) {
  return redisAppendCommandArgv(In(c), argc, argv, argvlen);
}
EXPORT(void*, redisvCommand, (Outer * c, const char* format, va_list ap)) { return redisvCommand(In(c), format, ap); }
EXPORT(void*, redisCommand, (Outer * c, const char* format, ...)) { WITH_ARGUMENTS(redisvCommand(In(c), format, ap)); }
EXPORT(void*, redisCommandArgv, (Outer * c, int argc, const char** argv, const size_t* argvlen)) {
  return redisCommandArgv(In(c), argc, argv, argvlen);
}

EXPORT(Outer*, redisAsyncConnect, (const char* ip, int port)) { return Out(redisAsyncConnect(ip, port)); }
EXPORT(Outer*, redisAsyncConnectBind, (const char* ip, int port, const char* source)) {
  return Out(redisAsyncConnectBind(ip, port, source));
}
EXPORT(Outer*, redisAsyncConnectBindWithReuse, (const char* ip, int port, const char* source)) {
  return Out(redisAsyncConnectBindWithReuse(ip, port, source));
}
EXPORT(Outer*, redisAsyncConnectUnix, (const char* path)) { return Out(redisAsyncConnectUnix(path)); }
EXPORT(int, redisAsyncSetConnectCallback, (Outer * ac, redisConnectCallback* fn)) {
  return redisAsyncSetConnectCallback(InAsync(ac), fn);
}
EXPORT(int, redisAsyncSetDisconnectCallback, (Outer * ac, redisDisconnectCallback* fn)) {
  return redisAsyncSetDisconnectCallback(InAsync(ac), fn);
}
EXPORT(void, redisAsyncDisconnect, (Outer * ac)) { redisAsyncDisconnect(InAsync(ac)); }
EXPORT(void, redisAsyncFree, (Outer * ac)) { redisAsyncFree(InAsync(ac)); }
EXPORT(void, redisAsyncHandleRead, (Outer * ac)) { redisAsyncHandleRead(InAsync(ac)); }
EXPORT(void, redisAsyncHandleWrite, (Outer * ac)) { redisAsyncHandleWrite(InAsync(ac)); }
EXPORT(void, redisProcessCallbacks, (Outer * ac)) { redisProcessCallbacks(InAsync(ac)); }
EXPORT(int, redisvAsyncCommand, (Outer * ac, redisCallbackFn* fn, void* privdata, const char* format, va_list ap)) {
  return redisvAsyncCommand(InAsync(ac), fn, privdata, format, ap);
}
EXPORT(int, redisAsyncCommand, (Outer * ac, redisCallbackFn* fn, void* privdata, const char* format, ...)) {
  WITH_ARGUMENTS(redisvAsyncCommand(InAsync(ac), fn, privdata, format, ap));
}
EXPORT(int, redisAsyncCommandArgv,
       (Outer * ac, redisCallbackFn* fn, void* privdata, int argc, const char** argv, const size_t* argvlen)) {
  return redisAsyncCommandArgv(InAsync(ac), fn, privdata, argc, argv, argvlen);
}
EXPORT(int, redisAsyncFormattedCommand,
       (Outer * ac, redisCallbackFn* fn, void* privdata, const char* command, size_t size)) {
  return redisAsyncFormattedCommand(InAsync(ac), fn, privdata, command, size);
}
