// The layouts that compiled programs rely on, on 64-bit Linux. A change that breaks one does not compile.
#include <cstddef>

#include "compat/hiredis/abi.h"
#include "compat/hiredis/include/hiredis/hiredis_ssl.h"

#if defined(__LP64__)
#define DUALIS_AT(type, field, offset) static_assert(offsetof(type, field) == (offset))
#define DUALIS_SIZE(type, size) static_assert(sizeof(type) == (size))

DUALIS_SIZE(redisReply, 64);
DUALIS_AT(redisReply, type, 0);
DUALIS_AT(redisReply, integer, 8);
DUALIS_AT(redisReply, dval, 16);
DUALIS_AT(redisReply, len, 24);
DUALIS_AT(redisReply, str, 32);
DUALIS_AT(redisReply, vtype, 40);
DUALIS_AT(redisReply, elements, 48);
DUALIS_AT(redisReply, element, 56);

DUALIS_SIZE(redisReadTask, 48);
DUALIS_AT(redisReadTask, type, 0);
DUALIS_AT(redisReadTask, elements, 8);
DUALIS_AT(redisReadTask, idx, 16);
DUALIS_AT(redisReadTask, obj, 24);
DUALIS_AT(redisReadTask, parent, 32);
DUALIS_AT(redisReadTask, privdata, 40);

DUALIS_SIZE(redisReplyObjectFunctions, 56);
DUALIS_AT(redisReplyObjectFunctions, createDouble, 24);
DUALIS_AT(redisReplyObjectFunctions, freeObject, 48);

DUALIS_SIZE(redisReader, 224);
DUALIS_AT(redisReader, err, 0);
DUALIS_AT(redisReader, errstr, 4);
DUALIS_AT(redisReader, buf, 136);
DUALIS_AT(redisReader, pos, 144);
DUALIS_AT(redisReader, len, 152);
DUALIS_AT(redisReader, maxbuf, 160);
DUALIS_AT(redisReader, maxelements, 168);
DUALIS_AT(redisReader, task, 176);
DUALIS_AT(redisReader, tasks, 184);
DUALIS_AT(redisReader, ridx, 188);
DUALIS_AT(redisReader, reply, 192);
DUALIS_AT(redisReader, fn, 200);
DUALIS_AT(redisReader, privdata, 208);
DUALIS_AT(redisReader, maxdepth, 216);

DUALIS_SIZE(redisContextFuncs, 48);
DUALIS_AT(redisContextFuncs, close, 0);
DUALIS_AT(redisContextFuncs, write, 40);

DUALIS_SIZE(redisContext, 272);
DUALIS_AT(redisContext, funcs, 0);
DUALIS_AT(redisContext, err, 8);
DUALIS_AT(redisContext, errstr, 12);
DUALIS_AT(redisContext, fd, 140);
DUALIS_AT(redisContext, flags, 144);
DUALIS_AT(redisContext, obuf, 152);
DUALIS_AT(redisContext, reader, 160);
DUALIS_AT(redisContext, connection_type, 168);
DUALIS_AT(redisContext, connect_timeout, 176);
DUALIS_AT(redisContext, command_timeout, 184);
DUALIS_AT(redisContext, tcp, 192);
DUALIS_AT(redisContext, tcp.source_addr, 200);
DUALIS_AT(redisContext, tcp.port, 208);
DUALIS_AT(redisContext, unix_sock, 216);
DUALIS_AT(redisContext, saddr, 224);
DUALIS_AT(redisContext, addrlen, 232);
DUALIS_AT(redisContext, privdata, 240);
DUALIS_AT(redisContext, free_privdata, 248);
DUALIS_AT(redisContext, privctx, 256);
DUALIS_AT(redisContext, push_cb, 264);

DUALIS_SIZE(redisOptions, 80);
DUALIS_AT(redisOptions, options, 4);
DUALIS_AT(redisOptions, connect_timeout, 8);
DUALIS_AT(redisOptions, command_timeout, 16);
DUALIS_AT(redisOptions, endpoint, 24);
DUALIS_AT(redisOptions, endpoint.tcp.ip, 32);
DUALIS_AT(redisOptions, endpoint.tcp.port, 40);
DUALIS_AT(redisOptions, privdata, 48);
DUALIS_AT(redisOptions, free_privdata, 56);
DUALIS_AT(redisOptions, push_cb, 64);
DUALIS_AT(redisOptions, async_push_cb, 72);

DUALIS_SIZE(hiredisAllocFuncs, 40);
DUALIS_AT(hiredisAllocFuncs, freeFn, 32);

DUALIS_SIZE(redisCallback, 32);
DUALIS_AT(redisCallback, pending_subs, 16);
DUALIS_AT(redisCallback, unsubscribe_sent, 20);
DUALIS_AT(redisCallback, privdata, 24);
DUALIS_SIZE(redisCallbackList, 16);

DUALIS_SIZE(redisAsyncContext, 464);
DUALIS_AT(redisAsyncContext, err, 272);
DUALIS_AT(redisAsyncContext, errstr, 280);
DUALIS_AT(redisAsyncContext, data, 288);
DUALIS_AT(redisAsyncContext, dataCleanup, 296);
DUALIS_AT(redisAsyncContext, ev, 304);
DUALIS_AT(redisAsyncContext, ev.scheduleTimer, 352);
DUALIS_AT(redisAsyncContext, onDisconnect, 360);
DUALIS_AT(redisAsyncContext, onConnect, 368);
DUALIS_AT(redisAsyncContext, onConnectNC, 376);
DUALIS_AT(redisAsyncContext, replies, 384);
DUALIS_AT(redisAsyncContext, saddr, 400);
DUALIS_AT(redisAsyncContext, addrlen, 408);
DUALIS_AT(redisAsyncContext, sub, 416);
DUALIS_AT(redisAsyncContext, sub.channels, 432);
DUALIS_AT(redisAsyncContext, sub.patterns, 440);
DUALIS_AT(redisAsyncContext, sub.pending_unsubs, 448);
DUALIS_AT(redisAsyncContext, push_cb, 456);

DUALIS_SIZE(redisSSLOptions, 56);
DUALIS_AT(redisSSLOptions, verify_mode, 40);
DUALIS_AT(redisSSLOptions, verify_name, 48);

DUALIS_SIZE(sdshdr5, 1);
DUALIS_SIZE(sdshdr8, 3);
DUALIS_SIZE(sdshdr16, 5);
DUALIS_SIZE(sdshdr32, 9);
DUALIS_SIZE(sdshdr64, 17);
#endif
