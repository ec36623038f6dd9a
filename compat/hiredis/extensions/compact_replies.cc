// A reply tree in one block:  | redisReply | elements | text | redisReply of element 0 | ... |, every part aligned for
// pointers, depth first, as a reader walks it.
#include <cstring>

#include "compat/hiredis/abi.h"

namespace {

constexpr size_t Aligned(size_t n) { return (n + alignof(redisReply) - 1) / alignof(redisReply) * alignof(redisReply); }

size_t SizeOf(const redisReply* r) {
  size_t size = Aligned(sizeof(redisReply)) + r->elements * sizeof(redisReply*);
  if (r->str != nullptr) size += Aligned(r->len + 1);
  for (size_t i = 0; i < r->elements; ++i) {
    if (r->element[i] != nullptr) size += SizeOf(r->element[i]);
  }
  return size;
}

// Copies to *at, which moves behind the copy.
redisReply* Copy(const redisReply* r, char** at) {
  auto* copy = reinterpret_cast<redisReply*>(*at);
  *copy = *r;
  *at += Aligned(sizeof(redisReply));
  if (r->elements > 0) {
    copy->element = reinterpret_cast<redisReply**>(*at);
    *at += r->elements * sizeof(redisReply*);
  }
  if (r->str != nullptr) {
    copy->str = *at;
    std::memcpy(copy->str, r->str, r->len + 1);
    *at += Aligned(r->len + 1);
  }
  for (size_t i = 0; i < r->elements; ++i) {
    copy->element[i] = r->element[i] == nullptr ? nullptr : Copy(r->element[i], at);
  }
  return copy;
}

}  // namespace

extern "C" {

redisReply* dualisCompactReply(redisReply* reply) noexcept {
  if (reply == nullptr) return nullptr;
  auto* block = static_cast<char*>(hi_malloc(SizeOf(reply)));
  if (block == nullptr) return nullptr;
  char* at = block;
  redisReply* copy = Copy(reply, &at);
  freeReplyObject(reply);
  return copy;
}

void dualisFreeCompactReply(redisReply* reply) noexcept { hi_free(reply); }

}  // extern "C"
