#include "compat/hiredis/reply.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dualis::hiredis {
namespace {

// Longer texts and vectors have a block of their own: there, copying is what takes the time.
constexpr size_t kJoinedText = 1024;
constexpr size_t kJoinedElements = 64;

// The padding behind redisReply::type.
constexpr size_t kMarkAt = sizeof(int);
static_assert(offsetof(redisReply, integer) == kMarkAt + sizeof(uint32_t));
constexpr uint32_t kJoined = 0x4a6f696e;

bool IsMarked(const redisReply* reply, uint32_t mark) {
  uint32_t found;
  std::memcpy(&found, reinterpret_cast<const char*>(reply) + kMarkAt, sizeof(found));
  return found == mark;
}
void Mark(redisReply* reply, uint32_t mark) {
  std::memcpy(reinterpret_cast<char*>(reply) + kMarkAt, &mark, sizeof(mark));
}

// Whether `part` came in the reply's own block.
bool IsJoined(const redisReply* reply, const void* part) { return part == reply + 1 && IsMarked(reply, kJoined); }

redisReply* Start(void* block, int type) {
  if (block == nullptr) return nullptr;
  auto* reply = static_cast<redisReply*>(block);
  *reply = redisReply{};
  reply->type = type;
  return reply;
}

void FreeParts(redisReply* reply) {
  if (reply->element != nullptr && !IsJoined(reply, reply->element)) hi_free(reply->element);
  if (reply->str != nullptr && !IsJoined(reply, reply->str)) hi_free(reply->str);
}

}  // namespace

// Not calloc: glibc's does not use the thread's cache, which makes it the dearest part of a short reply.
redisReply* NewReply(int type) { return Start(hi_malloc(sizeof(redisReply)), type); }

redisReply* NewRoom(int type, size_t size) {
  const bool joined = size <= kJoinedText;
  redisReply* reply = Start(hi_malloc(sizeof(redisReply) + (joined ? size + 1 : 0)), type);
  if (reply == nullptr) return nullptr;
  if (joined) {
    reply->str = reinterpret_cast<char*>(reply + 1);
    Mark(reply, kJoined);
  } else {
    reply->str = static_cast<char*>(hi_malloc(size + 1));
    if (reply->str == nullptr) {
      hi_free(reply);
      return nullptr;
    }
  }
  reply->str[size] = '\0';
  reply->len = size;
  return reply;
}

redisReply* NewText(int type, Bytes text) {
  redisReply* reply = NewRoom(type, text.size());
  if (reply != nullptr && !text.empty()) std::memcpy(reply->str, text.data(), text.size());
  return reply;
}

redisReply* NewAggregate(int type, size_t n) {
  constexpr size_t kSize = sizeof(redisReply*);
  const bool joined = n <= kJoinedElements;
  redisReply* reply = Start(hi_malloc(sizeof(redisReply) + (joined ? n * kSize : 0)), type);
  if (reply == nullptr || n == 0) return reply;
  if (joined) {
    reply->element = reinterpret_cast<redisReply**>(reply + 1);
    std::fill_n(reply->element, n, nullptr);
    Mark(reply, kJoined);
  } else {
    // A large vector comes zeroed from the system.
    reply->element = static_cast<redisReply**>(hi_calloc(n, kSize));
    if (reply->element == nullptr) {
      hi_free(reply);
      return nullptr;
    }
  }
  reply->elements = n;
  return reply;
}

bool GrowElements(redisReply* reply, size_t room) {
  const bool own = reply->element != nullptr && !IsJoined(reply, reply->element);
  auto** grown = static_cast<redisReply**>(hi_realloc(own ? reply->element : nullptr, room * sizeof(redisReply*)));
  if (grown == nullptr) return false;
  if (!own && reply->elements > 0) std::copy_n(reply->element, reply->elements, grown);
  std::fill(grown + reply->elements, grown + room, nullptr);
  reply->element = grown;
  reply->elements = room;
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
  if (task->type != REDIS_REPLY_VERB) return Attach(task, NewText(task->type, Bytes(text, size)));
  redisReply* reply = NewText(task->type, Bytes(text + 4, size - 4));
  if (reply != nullptr) SetFormat(reply, text, 3);
  return Attach(task, reply);
}

// The count is an int in 0.14.
template <class Count>
void* CreateArray(const redisReadTask* task, Count elements) {
  return Attach(task, NewAggregate(task->type, static_cast<size_t>(elements)));
}

void* CreateInteger(const redisReadTask* task, long long value) {
  redisReply* reply = NewReply(REDIS_REPLY_INTEGER);
  if (reply != nullptr) reply->integer = value;
  return Attach(task, reply);
}

#ifndef DUALIS_HIREDIS_V0_14
void* CreateDouble(const redisReadTask* task, double value, char* text, size_t size) {
  redisReply* reply = NewText(REDIS_REPLY_DOUBLE, Bytes(text, size));
  if (reply != nullptr) SetReal(reply, value);
  return Attach(task, reply);
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

// Without recursion: however deep a reply is, it can be freed. Elements that are still to be freed are a list, linked
// where they have their integers.
//
// A long vector goes before its elements. If it went last, glibc would gather all that was freed before it and give the
// memory back to the system, for the next reply to fault it in again page by page.
void freeReplyObject(void* reply) noexcept {
  constexpr size_t kLong = 4096;
  auto* r = static_cast<redisReply*>(reply);
  redisReply* rest = nullptr;
  const auto put_off = [&rest](redisReply* element) {
    element->integer = reinterpret_cast<intptr_t>(rest);
    rest = element;
  };
  while (r != nullptr) {
    const bool is_long = r->elements >= kLong;
    for (size_t i = r->elements; i > 0; --i) {
      redisReply* element = r->element[i - 1];
      if (element == nullptr) continue;
      if (is_long || element->elements > 0) {
        put_off(element);
      } else {
        dualis::hiredis::FreeParts(element);
        hi_free(element);
      }
    }
    dualis::hiredis::FreeParts(r);
    hi_free(r);
    r = rest;
    if (r != nullptr) rest = reinterpret_cast<redisReply*>(static_cast<intptr_t>(r->integer));
  }
}

}  // extern "C"
