#include "compat/hiredis/reply.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dualis::hiredis {
namespace {

// The padding behind redisReply::type.
constexpr size_t kMarkAt = sizeof(int);
static_assert(offsetof(redisReply, integer) == kMarkAt + sizeof(uint32_t));
constexpr uint32_t kRoot = 0x526f6f74;    // of a ReplyBlock
constexpr uint32_t kInside = 0x496e7369;  // the other replies in it

bool IsMarked(const redisReply* reply, uint32_t mark) {
  uint32_t found;
  std::memcpy(&found, reinterpret_cast<const char*>(reply) + kMarkAt, sizeof(found));
  return found == mark;
}
void Mark(redisReply* reply, uint32_t mark) {
  std::memcpy(reinterpret_cast<char*>(reply) + kMarkAt, &mark, sizeof(mark));
}

// Whether it is where a ReplyBlock has its replies.
bool IsOdd(const redisReply* reply) { return reinterpret_cast<uintptr_t>(reply) % 16 == 8; }

// If it is of a ReplyBlock: frees that if the reply is its outermost one.
bool FreeBlock(redisReply* reply) {
  if (!IsOdd(reply)) return false;
  if (IsMarked(reply, kInside)) return true;
  if (!IsMarked(reply, kRoot)) return false;
  ReplyBlock::Free(reply);
  return true;
}

redisReply* Start(void* memory, int type) {
  if (memory == nullptr) return nullptr;
  auto* reply = static_cast<redisReply*>(memory);
  *reply = redisReply{};
  reply->type = type;
  return reply;
}

// A reply in the block with `part` bytes behind it.
redisReply* StartIn(ReplyBlock* block, int type, size_t part) {
  const uint32_t mark = block->empty() ? kRoot : kInside;
  redisReply* reply = Start(block->Take(sizeof(redisReply) + part), type);
  if (reply != nullptr) Mark(reply, mark);
  return reply;
}

void FreeParts(redisReply* reply) {
  if (reply->element != nullptr) hi_free(reply->element);
  if (reply->str != nullptr) hi_free(reply->str);
}

template <size_t size>
void CopyEnds(char* to, const char* from, size_t n) {
  char first[size], last[size];
  std::memcpy(first, from, size);
  std::memcpy(last, from + n - size, size);
  std::memcpy(to, first, size);
  std::memcpy(to + n - size, last, size);
}

// Short texts, which most are, without a call.
void CopyText(char* to, const char* from, size_t n) {
  if (n > 32) {
    std::memcpy(to, from, n);
  } else if (n >= 16) {
    CopyEnds<16>(to, from, n);
  } else if (n >= 8) {
    CopyEnds<8>(to, from, n);
  } else if (n >= 4) {
    CopyEnds<4>(to, from, n);
  } else {
    for (size_t i = 0; i < n; ++i) to[i] = from[i];
  }
}

redisReply* WithText(redisReply* reply, char* text, size_t size) {
  text[size] = '\0';
  reply->str = text;
  reply->len = size;
  return reply;
}

redisReply* WithElements(redisReply* reply, redisReply** element, size_t n) {
  reply->element = element;
  reply->elements = n;
  return reply;
}

}  // namespace

// Not calloc: glibc's does not use the thread's cache, which makes it the dearest part of a short reply.
redisReply* NewReply(int type, ReplyBlock* block) {
  return block != nullptr ? StartIn(block, type, 0) : Start(hi_malloc(sizeof(redisReply)), type);
}

redisReply* NewRoom(int type, size_t size, ReplyBlock* block) {
  if (size > SIZE_MAX / 4) return nullptr;
  if (block != nullptr) {
    redisReply* reply = StartIn(block, type, size + 1);
    return reply == nullptr ? nullptr : WithText(reply, reinterpret_cast<char*>(reply + 1), size);
  }
  redisReply* reply = NewReply(type, nullptr);
  if (reply == nullptr) return nullptr;
  if (auto* text = static_cast<char*>(hi_malloc(size + 1)); text != nullptr) return WithText(reply, text, size);
  hi_free(reply);
  return nullptr;
}

redisReply* NewText(int type, Bytes text, ReplyBlock* block) {
  redisReply* reply = NewRoom(type, text.size(), block);
  if (reply != nullptr) CopyText(reply->str, text.data(), text.size());
  return reply;
}

redisReply* NewAggregate(int type, size_t n, ReplyBlock* block) {
  constexpr size_t kSize = sizeof(redisReply*);
  // Where calloc is dear; a long vector comes zeroed from the system.
  constexpr size_t kShort = 64;
  redisReply* reply = NewReply(type, block);
  if (reply == nullptr || n == 0) return reply;
  void* element = nullptr;
  if (block == nullptr && n <= kShort) {
    element = hi_malloc(n * kSize);
    if (element != nullptr) std::memset(element, 0, n * kSize);
  } else if (block == nullptr) {
    element = hi_calloc(n, kSize);
  } else if (n <= SIZE_MAX / 4 / kSize) {
    element = block->TakeZeroed(n * kSize);
  }
  if (element != nullptr) return WithElements(reply, static_cast<redisReply**>(element), n);
  freeReplyObject(reply);
  return nullptr;
}

bool GrowElements(redisReply* reply, size_t room, ReplyBlock* block) {
  const size_t size = room * sizeof(redisReply*);
  void* memory = block != nullptr ? block->Take(size) : hi_realloc(reply->element, size);
  if (memory == nullptr) return false;
  auto** grown = static_cast<redisReply**>(memory);
  if (block != nullptr && reply->elements > 0) std::copy_n(reply->element, reply->elements, grown);
  std::fill(grown + reply->elements, grown + room, nullptr);
  WithElements(reply, grown, room);
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

}  // namespace

void* MakeString(const redisReadTask* task, const char* text, size_t size, ReplyBlock* block) {
  if (task->type != REDIS_REPLY_VERB) return Attach(task, NewText(task->type, Bytes(text, size), block));
  redisReply* reply = NewText(task->type, Bytes(text + 4, size - 4), block);
  if (reply != nullptr) SetFormat(reply, text, 3);
  return Attach(task, reply);
}

void* MakeAggregate(const redisReadTask* task, size_t elements, ReplyBlock* block) {
  return Attach(task, NewAggregate(task->type, elements, block));
}

void* MakeInteger(const redisReadTask* task, long long value, ReplyBlock* block) {
  redisReply* reply = NewReply(REDIS_REPLY_INTEGER, block);
  if (reply != nullptr) reply->integer = value;
  return Attach(task, reply);
}

void* MakeDouble(const redisReadTask* task, double value, Bytes text, ReplyBlock* block) {
  redisReply* reply = NewText(REDIS_REPLY_DOUBLE, text, block);
  if (reply != nullptr) SetReal(reply, value);
  return Attach(task, reply);
}

void* MakeBool(const redisReadTask* task, int value, ReplyBlock* block) {
  redisReply* reply = NewReply(REDIS_REPLY_BOOL, block);
  if (reply != nullptr) reply->integer = value != 0;
  return Attach(task, reply);
}

void* MakeNil(const redisReadTask* task, ReplyBlock* block) { return Attach(task, NewReply(REDIS_REPLY_NIL, block)); }

namespace {

void* CreateString(const redisReadTask* task, char* text, size_t size) { return MakeString(task, text, size, nullptr); }

// The count is an int in 0.14.
template <class Count>
void* CreateArray(const redisReadTask* task, Count elements) {
  return MakeAggregate(task, static_cast<size_t>(elements), nullptr);
}

void* CreateInteger(const redisReadTask* task, long long value) { return MakeInteger(task, value, nullptr); }
void* CreateNil(const redisReadTask* task) { return MakeNil(task, nullptr); }

#ifndef DUALIS_HIREDIS_V0_14
void* CreateDouble(const redisReadTask* task, double value, char* text, size_t size) {
  return MakeDouble(task, value, Bytes(text, size), nullptr);
}
void* CreateBool(const redisReadTask* task, int value) { return MakeBool(task, value, nullptr); }
#endif

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
  using namespace dualis::hiredis;  // NOLINT: this C function is outside every namespace
  constexpr size_t kLong = 4096;
  auto* r = static_cast<redisReply*>(reply);
  if (r != nullptr && FreeBlock(r)) return;
  redisReply* rest = nullptr;
  const auto put_off = [&rest](redisReply* element) {
    element->integer = reinterpret_cast<intptr_t>(rest);
    rest = element;
  };
  while (r != nullptr) {
    const bool is_long = r->elements >= kLong;
    for (size_t i = r->elements; i > 0; --i) {
      redisReply* element = r->element[i - 1];
      if (element == nullptr || FreeBlock(element)) continue;
      if (is_long || element->elements > 0) {
        put_off(element);
      } else {
        FreeParts(element);
        hi_free(element);
      }
    }
    FreeParts(r);
    hi_free(r);
    r = rest;
    if (r != nullptr) rest = reinterpret_cast<redisReply*>(static_cast<intptr_t>(r->integer));
  }
}

}  // extern "C"
