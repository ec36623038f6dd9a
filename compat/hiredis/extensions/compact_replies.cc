// A reply tree in one block of just its size, as a copy: see reply_block.h for what such a tree looks like.
#include <cstring>

#include "compat/hiredis/abi.h"
#include "compat/hiredis/reply.h"

namespace {

using dualis::Bytes;
using dualis::hiredis::NewAggregate;
using dualis::hiredis::NewText;
using dualis::hiredis::ReplyBlock;

size_t SizeOf(const redisReply* r) {
  size_t size = ReplyBlock::Aligned(sizeof(redisReply) + (r->str != nullptr ? r->len + 1 : 0)) +
                ReplyBlock::Aligned(r->elements * sizeof(redisReply*));
  for (size_t i = 0; i < r->elements; ++i) {
    if (r->element[i] != nullptr) size += SizeOf(r->element[i]);
  }
  return size;
}

// Takes no more than SizeOf tells, so that only the first piece, for which the block is allocated, can be missing.
redisReply* Copy(const redisReply* r, ReplyBlock* block) {
  redisReply* copy =
      r->str != nullptr ? NewText(r->type, Bytes(r->str, r->len), block) : NewAggregate(r->type, r->elements, block);
  if (copy == nullptr) return nullptr;
  copy->integer = r->integer;
  copy->dval = r->dval;
  std::memcpy(copy->vtype, r->vtype, sizeof(copy->vtype));
  for (size_t i = 0; i < copy->elements; ++i) {
    if (r->element[i] != nullptr) copy->element[i] = Copy(r->element[i], block);
  }
  return copy;
}

}  // namespace

extern "C" {

redisReply* dualisCompactReply(redisReply* reply) noexcept {
  if (reply == nullptr) return nullptr;
  ReplyBlock block;
  block.Expect(SizeOf(reply));
  redisReply* copy = Copy(reply, &block);
  if (copy != nullptr) freeReplyObject(reply);
  return copy;
}

void dualisFreeCompactReply(redisReply* reply) noexcept { freeReplyObject(reply); }

}  // extern "C"
