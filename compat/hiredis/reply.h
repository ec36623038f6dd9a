// redisReply objects: made by the reader's default functions and, without RESP in between, by the reply builder of
// embedded contexts. All memory comes from the program's allocators.
#ifndef DUALIS_COMPAT_HIREDIS_REPLY_H_
#define DUALIS_COMPAT_HIREDIS_REPLY_H_

#include "compat/hiredis/abi.h"
#include "dualis/bytes.h"

namespace dualis::hiredis {

// An empty reply, or null.
redisReply* NewReply(int type);
// Gives `reply` its own copy of the text. False if memory is short; then the reply has been freed.
bool SetText(redisReply* reply, Bytes text);
// Room for `n` elements, all null. The same.
bool SetElements(redisReply* reply, size_t n);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_REPLY_H_
