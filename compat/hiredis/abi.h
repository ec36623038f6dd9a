// The public headers as our own sources see them: exported, and noexcept, because no C++ exception may leave a C
// function. Everything else in this folder is hidden.
//
// The same sources are compiled a second time for libhiredis.so.0.14 (v0_14/), over the layouts that programs of that
// time know. Public(), Kind(), kTooDeepText, SetReal() and SetFormat() are all that the sources must say for it.
#ifndef DUALIS_COMPAT_HIREDIS_ABI_H_
#define DUALIS_COMPAT_HIREDIS_ABI_H_

#include <string_view>

#define HIREDIS_NOEXCEPT noexcept

#pragma GCC visibility push(default)
#ifdef DUALIS_HIREDIS_V0_14
#include "compat/hiredis/v0_14/layout.h"
#else
#include "compat/hiredis/include/hiredis/async.h"
#include "compat/hiredis/include/hiredis/dualis.h"
#include "compat/hiredis/include/hiredis/hiredis.h"
#endif

// Exported by upstream's library without a header: its own libhiredis_ssl, and programs that declare them themselves,
// resolve these from us.
extern "C" {
extern redisReplyObjectFunctions dualisHiredisDefaultFunctions;
void __redisSetError(redisContext* c, int type, const char* str) noexcept;
int __redisAppendCommand(redisContext* c, const char* cmd, size_t len) noexcept;
void __redisAsyncDisconnect(redisAsyncContext* ac) noexcept;
void redisProcessCallbacks(redisAsyncContext* ac) noexcept;
void redisNetClose(redisContext* c) noexcept;
ssize_t redisNetRead(redisContext* c, char* buf, size_t bufcap) noexcept;
ssize_t redisNetWrite(redisContext* c) noexcept;
int redisSetTcpNoDelay(redisContext* c) noexcept;
int redisKeepAlive(redisContext* c, int interval) noexcept;
int redisCheckSocketError(redisContext* c) noexcept;
int redisCheckConnectDone(redisContext* c, int* completed) noexcept;
int redisContextConnectTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout) noexcept;
int redisContextConnectBindTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout,
                               const char* source_addr) noexcept;
int redisContextConnectUnix(redisContext* c, const char* path, const struct timeval* timeout) noexcept;
int redisContextSetTimeout(redisContext* c, const struct timeval tv) noexcept;
int redisContextSetTcpUserTimeout(redisContext* c, unsigned int timeout) noexcept;
int redisContextUpdateConnectTimeout(redisContext* c, const struct timeval* timeout) noexcept;
int redisContextUpdateCommandTimeout(redisContext* c, const struct timeval* timeout) noexcept;
int sdsll2str(char* s, long long value) noexcept;
int sdsull2str(char* s, unsigned long long v) noexcept;
int hex_digit_to_int(char c) noexcept;
// For our libhiredis_ssl: whether the context is embedded; if so, and `object` is not null, the context frees it at its
// end.
int dualisHiredisAdopt(redisContext* c, void* object, void (*free_object)(void*)) noexcept;
}
#pragma GCC visibility pop

#ifndef DUALIS_HIREDIS_V0_14
namespace dualis::hiredis {

// The context as callbacks are given it.
inline redisAsyncContext* Public(redisAsyncContext* ac) { return ac; }

// The type that programs see for a REDIS_REPLY_... of RESP3.
constexpr int Kind(int type) { return type; }

// The reader's error for too deep a nesting, where it is not the scanner's.
inline constexpr std::string_view kTooDeepText;

// Fields of replies that only RESP3 fills.
inline void SetReal(redisReply* reply, double value) { reply->dval = value; }
inline void SetFormat(redisReply* reply, const char* format, size_t size) {
  for (size_t i = 0; i < size && i < 3; ++i) reply->vtype[i] = format[i];
}

}  // namespace dualis::hiredis
#endif

#endif  // DUALIS_COMPAT_HIREDIS_ABI_H_
