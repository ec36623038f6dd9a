// redisReply objects: made by the reader's default functions and, without RESP in between, by the reply builder of
// embedded contexts. All memory comes from the program's allocators.
//
// A reply, its text and its vector are allocated one by one, as upstream's are: programs take a text or an element out
// of a reply, or put their own there. Only who asks for it gets replies in few blocks.
#ifndef DUALIS_COMPAT_HIREDIS_REPLY_H_
#define DUALIS_COMPAT_HIREDIS_REPLY_H_

#include "compat/hiredis/abi.h"
#include "compat/hiredis/reply_block.h"
#include "dualis/bytes.h"

namespace dualis::hiredis {

// A reply of a tree that a program wants in as few blocks as can be (dualisReaderSetCompact) lies, with its parts, in
// the tree's ReplyBlock. freeReplyObject frees the tree by its outermost reply, and does nothing for the others.
//
// The functions below make a reply in `block`, or without one (null) from the program's allocator. They return null if
// memory is short.

// A reply without text or elements.
redisReply* NewReply(int type, ReplyBlock* block);
// With a copy of the text.
redisReply* NewText(int type, Bytes text, ReplyBlock* block);
// With room for a text of that size, which the caller fills in, and a zero behind it.
redisReply* NewRoom(int type, size_t size, ReplyBlock* block);
// With room for `n` elements, all null.
redisReply* NewAggregate(int type, size_t n, ReplyBlock* block);

// Gives the aggregate a vector of `room` elements instead of its own, which is as long as that or shorter; those it has
// more are null. False: no memory, and nothing has changed.
bool GrowElements(redisReply* reply, size_t room, ReplyBlock* block);

// What the reader's default functions make of a task's value; it is put where it belongs.
void* MakeString(const redisReadTask* task, const char* text, size_t size, ReplyBlock* block);
void* MakeAggregate(const redisReadTask* task, size_t elements, ReplyBlock* block);
void* MakeInteger(const redisReadTask* task, long long value, ReplyBlock* block);
void* MakeDouble(const redisReadTask* task, double value, Bytes text, ReplyBlock* block);
void* MakeNil(const redisReadTask* task, ReplyBlock* block);
void* MakeBool(const redisReadTask* task, int value, ReplyBlock* block);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_REPLY_H_
