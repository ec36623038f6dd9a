// redisReply objects: made by the reader's default functions and, without RESP in between, by the reply builder of
// embedded contexts. All memory comes from the program's allocators.
//
// Most of the time that a short reply takes is the allocator's, so a short text or vector lies behind its reply in the
// same block:
//
//   | redisReply | text and a zero, or pointers to the elements |
//
// Programs free replies by freeReplyObject, or take elements out of arrays and free these so, and cannot tell. What
// they make or change themselves, with parts allocated one by one, freeReplyObject takes apart as it always did: a
// reply that is in one block says so in the padding behind its type, and its part is found where the block has it.
#ifndef DUALIS_COMPAT_HIREDIS_REPLY_H_
#define DUALIS_COMPAT_HIREDIS_REPLY_H_

#include "compat/hiredis/abi.h"
#include "dualis/bytes.h"

namespace dualis::hiredis {

// All of these return null if memory is short.

// A reply without text or elements.
redisReply* NewReply(int type);
// With a copy of the text.
redisReply* NewText(int type, Bytes text);
// With room for a text of that size, which the caller fills in, and a zero behind it.
redisReply* NewRoom(int type, size_t size);
// With room for `n` elements, all null.
redisReply* NewAggregate(int type, size_t n);

// Gives the aggregate a vector of `room` elements instead of its own, which is as long as that or shorter; those it has
// more are null. False: no memory, and nothing has changed.
bool GrowElements(redisReply* reply, size_t room);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_REPLY_H_
