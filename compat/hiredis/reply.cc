#include "compat/hiredis/reply.h"

#include <algorithm>
#include <cstring>

namespace dualis::hiredis {

redisReply* NewReply(int type) {
  // Not calloc: glibc's does not use the thread's cache, which makes it the dearest part of a short reply.
  auto* reply = static_cast<redisReply*>(hi_malloc(sizeof(redisReply)));
  if (reply == nullptr) return nullptr;
  *reply = redisReply{};
  reply->type = type;
  return reply;
}

bool SetText(redisReply* reply, Bytes text) {
  reply->str = static_cast<char*>(hi_malloc(text.size() + 1));
  if (reply->str == nullptr) {
    freeReplyObject(reply);
    return false;
  }
  if (!text.empty()) std::memcpy(reply->str, text.data(), text.size());
  reply->str[text.size()] = '\0';
  reply->len = text.size();
  return true;
}

bool SetElements(redisReply* reply, size_t n) {
  if (n == 0) return true;
  // As above; a large vector comes zeroed from the system.
  constexpr size_t kSmall = 64;
  const size_t size = sizeof(redisReply*);
  reply->element = static_cast<redisReply**>(n <= kSmall ? hi_malloc(n * size) : hi_calloc(n, size));
  if (reply->element != nullptr && n <= kSmall) std::fill_n(reply->element, n, nullptr);
  if (reply->element == nullptr) {
    freeReplyObject(reply);
    return false;
  }
  reply->elements = n;
  return true;
}

namespace {

// Puts a finished object where it belongs.
void* Attach(const redisReadTask* task, redisReply* reply) {
  if (reply != nullptr && task->parent != nullptr) {
    static_cast<redisReply*>(task->parent->obj)->element[task->idx] = reply;
  }
  return reply;
}

void* CreateString(const redisReadTask* task, char* text, size_t size) {
  redisReply* reply = NewReply(task->type);
  if (reply == nullptr) return nullptr;
  if (task->type == REDIS_REPLY_VERB) {
    SetFormat(reply, text, 3);
    text += 4;
    size -= 4;
  }
  return SetText(reply, Bytes(text, size)) ? Attach(task, reply) : nullptr;
}

// The count is an int in 0.14.
template <class Count>
void* CreateArray(const redisReadTask* task, Count elements) {
  redisReply* reply = NewReply(task->type);
  if (reply == nullptr) return nullptr;
  return SetElements(reply, static_cast<size_t>(elements)) ? Attach(task, reply) : nullptr;
}

void* CreateInteger(const redisReadTask* task, long long value) {
  redisReply* reply = NewReply(REDIS_REPLY_INTEGER);
  if (reply != nullptr) reply->integer = value;
  return Attach(task, reply);
}

#ifndef DUALIS_HIREDIS_V0_14
void* CreateDouble(const redisReadTask* task, double value, char* text, size_t size) {
  redisReply* reply = NewReply(REDIS_REPLY_DOUBLE);
  if (reply == nullptr) return nullptr;
  SetReal(reply, value);
  return SetText(reply, Bytes(text, size)) ? Attach(task, reply) : nullptr;
}

void* CreateBool(const redisReadTask* task, int value) {
  redisReply* reply = NewReply(REDIS_REPLY_BOOL);
  if (reply != nullptr) reply->integer = value != 0;
  return Attach(task, reply);
}
#endif

void* CreateNil(const redisReadTask* task) { return Attach(task, NewReply(REDIS_REPLY_NIL)); }

}  // namespace
}  // namespace dualis::hiredis

extern "C" {

// Not const: the reader's field is not. Nothing writes to it.
redisReplyObjectFunctions dualisHiredisDefaultFunctions = {dualis::hiredis::CreateString,
                                                           dualis::hiredis::CreateArray,
                                                           dualis::hiredis::CreateInteger,
#ifndef DUALIS_HIREDIS_V0_14
                                                           dualis::hiredis::CreateDouble,
#endif
                                                           dualis::hiredis::CreateNil,
#ifndef DUALIS_HIREDIS_V0_14
                                                           dualis::hiredis::CreateBool,
#endif
                                                           freeReplyObject};

redisReader* redisReaderCreate(void) noexcept { return redisReaderCreateWithFunctions(&dualisHiredisDefaultFunctions); }

void freeReplyObject(void* reply) noexcept {
  auto* r = static_cast<redisReply*>(reply);
  if (r == nullptr) return;
  for (size_t i = 0; i < r->elements; ++i) freeReplyObject(r->element[i]);
  // Most replies have one of the two at most; a call through the table of allocators is not for nothing.
  if (r->element != nullptr) hi_free(r->element);
  if (r->str != nullptr) hi_free(r->str);
  hi_free(r);
}

}  // extern "C"
