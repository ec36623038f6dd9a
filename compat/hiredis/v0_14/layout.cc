// The layouts of 0.14 that compiled programs rely on, on 64-bit Linux. A change that breaks one does not compile.
#include <cstddef>

#include "compat/hiredis/abi.h"

#if defined(__LP64__)
// Contexts: seen from the program's pointer.
#define DUALIS_AT(type, field, offset) static_assert(offsetof(type, field) == (offset))
#define DUALIS_BEHIND(type, field, offset) \
  static_assert(offsetof(type, field) == dualis::hiredis::kHiddenBytes + (offset))

static_assert(sizeof(redisReply) == 48);
DUALIS_AT(redisReply, integer, 8);
DUALIS_AT(redisReply, len, 16);
DUALIS_AT(redisReply, str, 24);
DUALIS_AT(redisReply, elements, 32);
DUALIS_AT(redisReply, element, 40);

static_assert(sizeof(redisReadTask) == 40);
DUALIS_AT(redisReadTask, elements, 4);
DUALIS_AT(redisReadTask, idx, 8);
DUALIS_AT(redisReadTask, obj, 16);
DUALIS_AT(redisReadTask, parent, 24);
DUALIS_AT(redisReadTask, privdata, 32);

static_assert(sizeof(redisReplyObjectFunctions) == 40);
DUALIS_AT(redisReplyObjectFunctions, createNil, 24);
DUALIS_AT(redisReplyObjectFunctions, freeObject, 32);

DUALIS_AT(redisReader, errstr, 4);
DUALIS_AT(redisReader, buf, 136);
DUALIS_AT(redisReader, pos, 144);
DUALIS_AT(redisReader, len, 152);
DUALIS_AT(redisReader, maxbuf, 160);
DUALIS_AT(redisReader, rstack, 168);
DUALIS_AT(redisReader, ridx, 528);
DUALIS_AT(redisReader, reply, 536);
DUALIS_AT(redisReader, fn, 544);
DUALIS_AT(redisReader, privdata, 552);
DUALIS_AT(redisReader, maxelements, 560);  // where programs see the end

static_assert(dualis::hiredis::kHiddenBytes % alignof(max_align_t) == 0);
static_assert(sizeof(redisContext) == dualis::hiredis::kHiddenBytes + 208);
DUALIS_BEHIND(redisContext, errstr, 4);
DUALIS_BEHIND(redisContext, fd, 132);
DUALIS_BEHIND(redisContext, flags, 136);
DUALIS_BEHIND(redisContext, obuf, 144);
DUALIS_BEHIND(redisContext, reader, 152);
DUALIS_BEHIND(redisContext, connection_type, 160);
DUALIS_BEHIND(redisContext, connect_timeout, 168);
DUALIS_BEHIND(redisContext, tcp, 176);
DUALIS_BEHIND(redisContext, tcp.source_addr, 184);
DUALIS_BEHIND(redisContext, tcp.port, 192);
DUALIS_BEHIND(redisContext, unix_sock, 200);

DUALIS_BEHIND(redisAsyncContext, err, 208);
DUALIS_BEHIND(redisAsyncContext, errstr, 216);
DUALIS_BEHIND(redisAsyncContext, data, 224);
DUALIS_BEHIND(redisAsyncContext, ev, 232);
DUALIS_BEHIND(redisAsyncContext, ev.cleanup, 272);
DUALIS_BEHIND(redisAsyncContext, onDisconnect, 280);
DUALIS_BEHIND(redisAsyncContext, onConnect, 288);
DUALIS_BEHIND(redisAsyncContext, replies, 296);
DUALIS_BEHIND(redisAsyncContext, sub, 312);
DUALIS_BEHIND(redisAsyncContext, sub.channels, 328);
DUALIS_BEHIND(redisAsyncContext, sub.patterns, 336);
DUALIS_BEHIND(redisAsyncContext, sub.pending_unsubs, 344);  // where programs see the end

static_assert(sizeof(redisCallback) == 32);
DUALIS_AT(redisCallback, pending_subs, 16);
DUALIS_AT(redisCallback, privdata, 24);
#endif
