// The reader: an sds buffer and a stack of tasks over the one scanner of RESP (engine/resp/scanner.h).
//
// task[0] is the outermost value, task[i + 1] the element at hand of task[i]; ridx is the top, -1 between replies. All
// of it is public memory: programs read pos and len and set fn, privdata and the limits.
//
// Whole values of RESP2, in their common forms and for the default functions, are read in a loop of their own
// (ReadCommonElements); everything else goes value by value through the scanner (ReadValues).
//
// A long string of which the beginning is there gets its reply at once, and what is fed goes there and not through the
// buffer (LongText). Meanwhile its header stays unread in the buffer.
//
// An attribute inside of an aggregate is a remark on the element behind it and not an element: it is read with no
// parent, and dropped. The outermost may be one, and is a reply then.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <utility>

#include "compat/hiredis/abi.h"
#include "compat/hiredis/reply.h"
#include "engine/resp/scanner.h"

namespace {

using dualis::Bytes;
using dualis::hiredis::ReplyBlock;
using dualis::resp::Scan;
using dualis::resp::ScanError;
using dualis::resp::Token;

constexpr int kTaskStep = 9;
// Consumed bytes are cut off when there are this many, not before: cutting moves the rest.
constexpr size_t kCutBytes = 1024;
// Strings from this size on are gathered in their reply; beyond the most that a server sends, in the buffer.
constexpr int64_t kLongText = 64 * 1024;
constexpr int64_t kLongestText = 512 * 1024 * 1024;

// The string that is on its way.
struct LongText {
  redisReply* reply;    // of the default functions; null: there is none
  size_t header_bytes;  // in the buffer
  size_t have;          // of its bytes and the two behind them

  size_t total() const { return reply->len + 2; }
};

// A reader as we make it: what programs see, and the rest.
struct OwnReader {
  redisReader shown;
  LongText text;
  bool compact;      // the program wants replies in blocks
  bool in_block;     // the reply at hand is
  ReplyBlock block;  // its block
};

OwnReader* Own(redisReader* r) { return reinterpret_cast<OwnReader*>(r); }
LongText& TextOf(redisReader* r) { return Own(r)->text; }

// Whether the program has left the functions as they were.
bool MakesReplies(const redisReader* r) { return r->fn == &dualisHiredisDefaultFunctions; }
// Where the default functions make the reply at hand; null: each object for itself.
ReplyBlock* BlockOf(redisReader* r) { return Own(r)->in_block ? &Own(r)->block : nullptr; }

// Whether the task at `at` is an open attribute inside of an aggregate.
bool IsRemark(const redisReader* r, int at) { return at > 0 && r->task[at]->parent == nullptr; }

// Frees what was made of the reply at hand.
void DropObjects(redisReader* r) {
  freeReplyObject(std::exchange(TextOf(r).reply, nullptr));
  if (r->fn == nullptr || r->fn->freeObject == nullptr) return;
  for (int at = r->ridx; at > 0; --at) {
    if (IsRemark(r, at) && r->task[at]->obj != nullptr) r->fn->freeObject(r->task[at]->obj);
  }
  if (r->reply != nullptr) r->fn->freeObject(r->reply);
}

int Fail(redisReader* r, int type, Bytes text) {
  DropObjects(r);
  Own(r)->block.Release();
  r->reply = nullptr;
  sdsfree(r->buf);
  r->buf = nullptr;
  r->pos = r->len = 0;
  r->ridx = -1;
  r->err = type;
  const size_t size = std::min(text.size(), sizeof(r->errstr) - 1);
  std::memcpy(r->errstr, text.data(), size);
  r->errstr[size] = '\0';
  return REDIS_ERR;
}

int FailOom(redisReader* r) { return Fail(r, REDIS_ERR_OOM, "Out of memory"); }

int ReplyType(char type) {
  switch (type) {
    case '+':
      return REDIS_REPLY_STATUS;
    case '-':
      return REDIS_REPLY_ERROR;
    case ':':
      return REDIS_REPLY_INTEGER;
    case '$':
      return REDIS_REPLY_STRING;
    case '*':
      return REDIS_REPLY_ARRAY;
    case '_':
      return REDIS_REPLY_NIL;
    case ',':
      return REDIS_REPLY_DOUBLE;
    case '#':
      return REDIS_REPLY_BOOL;
    case '(':
      return REDIS_REPLY_BIGNUM;
    case '=':
      return REDIS_REPLY_VERB;
    case '%':
      return REDIS_REPLY_MAP;
    case '~':
      return REDIS_REPLY_SET;
    case '|':
      return REDIS_REPLY_ATTR;
    default:
      return REDIS_REPLY_PUSH;
  }
}

// Room for task[count - 1].
bool GrowTasks(redisReader* r, int count) {
  if (count <= r->tasks) return true;
  const int larger = r->tasks + kTaskStep;
  auto** grown = static_cast<redisReadTask**>(hi_realloc(r->task, sizeof(*r->task) * static_cast<size_t>(larger)));
  if (grown == nullptr) return false;
  r->task = grown;
  for (; r->tasks < larger; ++r->tasks) {
    r->task[r->tasks] = static_cast<redisReadTask*>(hi_calloc(1, sizeof(redisReadTask)));
    if (r->task[r->tasks] == nullptr) return false;
  }
  return true;
}

void StartTask(redisReader* r, int at, int idx) {
  redisReadTask* task = r->task[at];
  *task = redisReadTask{-1, -1, idx, nullptr, at > 0 ? r->task[at - 1] : nullptr, r->privdata};
  r->ridx = at;
}

// The value at hand is complete: to its neighbour, or out of aggregates that it completes.
void NextTask(redisReader* r) {
  while (r->ridx > 0) {
    redisReadTask* task = r->task[r->ridx];
    if (IsRemark(r, r->ridx)) {
      if (task->obj != nullptr && r->fn != nullptr && r->fn->freeObject != nullptr) r->fn->freeObject(task->obj);
      // The element itself is still to come.
      StartTask(r, r->ridx, task->idx);
      return;
    }
    if (task->idx + 1 < r->task[r->ridx - 1]->elements) {
      task->type = -1;
      task->elements = -1;
      ++task->idx;
      return;
    }
    --r->ridx;
  }
  r->ridx = -1;
}

// The object of a value that is no aggregate, by the program's functions. Without one it is the number of its type.
void* MakeValue(const redisReader* r, const redisReadTask* task, int type, Bytes text, const Token& t) {
  const redisReplyObjectFunctions* fn = r->fn;
  void* const number = reinterpret_cast<void*>(static_cast<intptr_t>(type));
  if (fn == nullptr) return number;
  switch (type) {
    case REDIS_REPLY_NIL:
      return fn->createNil == nullptr ? number : fn->createNil(task);
    case REDIS_REPLY_INTEGER:
      return fn->createInteger == nullptr ? number : fn->createInteger(task, t.number);
    case REDIS_REPLY_BOOL:
      return fn->createBool == nullptr ? number : fn->createBool(task, static_cast<int>(t.number));
    case REDIS_REPLY_DOUBLE: {
      // The function gets a text with an end, which the buffer's has not. The scanner bounds its size.
      char copy[330];
      std::memcpy(copy, text.data(), text.size());
      copy[text.size()] = '\0';
      return fn->createDouble == nullptr ? number : fn->createDouble(task, t.real, copy, text.size());
    }
    default:
      return fn->createString == nullptr ? number : fn->createString(task, const_cast<char*>(text.data()), text.size());
  }
}

// The same by the default functions.
void* MakeReply(const redisReadTask* task, int type, Bytes text, const Token& t, ReplyBlock* block) {
  switch (type) {
    case REDIS_REPLY_NIL:
      return dualis::hiredis::MakeNil(task, block);
    case REDIS_REPLY_INTEGER:
      return dualis::hiredis::MakeInteger(task, t.number, block);
    case REDIS_REPLY_BOOL:
      return dualis::hiredis::MakeBool(task, static_cast<int>(t.number), block);
    case REDIS_REPLY_DOUBLE:
      return dualis::hiredis::MakeDouble(task, t.real, text, block);
    default:
      return dualis::hiredis::MakeString(task, text.data(), text.size(), block);
  }
}

void* MakeObject(redisReader* r, const redisReadTask* task, const Token& t) {
  const int type = t.null ? REDIS_REPLY_NIL : task->type;
  // Where there are no verbatim strings they lose their prefix.
  const Bytes text = t.text.substr(t.type == '=' && type == REDIS_REPLY_STRING ? 4 : 0);
  return MakesReplies(r) ? MakeReply(task, type, text, t, BlockOf(r)) : MakeValue(r, task, type, text, t);
}

// How much the elements will take, as far as they can be seen: the vector, and a reply for each of them that may be
// among the bytes that are there.
size_t ForeseenBytes(const redisReader* r, size_t elements) {
  constexpr size_t kShortest = 4;  // "+\r\n" and a bit of text
  const size_t there = r->len - r->pos;
  return std::min(elements, there / kShortest) * (sizeof(redisReply*) + sizeof(redisReply)) + there;
}

// Opens the aggregate of the token.
int OpenAggregate(redisReader* r, redisReadTask* task, const Token& t) {
  if (r->maxelements > 0 && t.number > r->maxelements) {
    return Fail(r, REDIS_ERR_PROTOCOL, ScanErrorText(ScanError::kCountOutOfRange));
  }
  if (r->maxdepth > 0 && r->ridx >= r->maxdepth) {
    constexpr Bytes text = dualis::hiredis::kTooDeepText;
    return Fail(r, REDIS_ERR_PROTOCOL, text.empty() ? ScanErrorText(ScanError::kTooDeep) : text);
  }
  if (!GrowTasks(r, r->ridx + 2)) return FailOom(r);
  const bool couples = t.type == '%' || t.type == '|';
  if (t.type == '|') task->parent = nullptr;
  const int64_t elements = couples ? t.number * 2 : t.number;
  void* object = reinterpret_cast<void*>(static_cast<intptr_t>(task->type));
  if (MakesReplies(r)) {
    ReplyBlock* block = BlockOf(r);
    if (block != nullptr && block->empty()) {
      block->Expect(std::min(ForeseenBytes(r, static_cast<size_t>(elements)), ReplyBlock::kMostAhead));
    }
    object = dualis::hiredis::MakeAggregate(task, static_cast<size_t>(elements), block);
  } else if (r->fn != nullptr && r->fn->createArray != nullptr) {
    object = r->fn->createArray(task, static_cast<size_t>(elements));
  }
  if (object == nullptr) return FailOom(r);
  if (r->ridx == 0) r->reply = object;
  task->elements = elements;
  task->obj = object;
  if (elements > 0) {
    StartTask(r, r->ridx + 1, 0);
  } else {
    NextTask(r);
  }
  return REDIS_OK;
}

// The digits at p as a number; moves p behind them. False: there are none or too many, or it is no canonical form.
bool TakeDigits(const char** p, const char* end, uint64_t* number) {
  constexpr int kMost = 18;  // any such number fits
  const char* const begin = *p;
  const char* const stop = end - begin > kMost ? begin + kMost : end;
  const char* q = begin;
  uint64_t n = 0;
  for (; q < stop; ++q) {
    const unsigned digit = static_cast<unsigned char>(*q) - unsigned{'0'};
    if (digit > 9) break;
    n = n * 10 + digit;
  }
  *p = q;
  *number = n;
  return q > begin && (*begin != '0' || q == begin + 1);
}

bool IsLineEnd(const char* p, const char* end) { return end - p >= 2 && p[0] == '\r' && p[1] == '\n'; }

enum class Common { kRead, kOther, kNoMemory };

// Makes a reply of the value at p, and moves p behind it, if it is an integer, a string, a status or an error that is
// all there and well formed. kOther: the scanner shall tell what it is; nothing has changed.
Common ReadCommonValue(const char** p, const char* end, ReplyBlock* block, redisReply** reply) {
  const char* q = *p;
  if (q == end) return Common::kOther;
  const char type = *q++;
  uint64_t number = 0;
  redisReply* made = nullptr;
  switch (type) {
    case '$': {
      if (!TakeDigits(&q, end, &number) || !IsLineEnd(q, end)) return Common::kOther;
      q += 2;
      const auto there = static_cast<uint64_t>(end - q);
      if (there < number + 2) return Common::kOther;
      made = dualis::hiredis::NewText(REDIS_REPLY_STRING, Bytes(q, static_cast<size_t>(number)), block);
      q += number + 2;
      break;
    }
    case ':': {
      const bool negative = q < end && *q == '-';
      q += negative;
      if (!TakeDigits(&q, end, &number) || !IsLineEnd(q, end) || (negative && number == 0)) return Common::kOther;
      q += 2;
      made = dualis::hiredis::NewReply(REDIS_REPLY_INTEGER, block);
      if (made != nullptr) made->integer = negative ? -static_cast<int64_t>(number) : static_cast<int64_t>(number);
      break;
    }
    case '+':
    case '-': {
      const char* const text = q;
      while (q < end && *q != '\r' && *q != '\n') ++q;
      if (!IsLineEnd(q, end)) return Common::kOther;
      made = dualis::hiredis::NewText(type == '+' ? REDIS_REPLY_STATUS : REDIS_REPLY_ERROR,
                                      Bytes(text, static_cast<size_t>(q - text)), block);
      q += 2;
      break;
    }
    default:
      return Common::kOther;
  }
  if (made == nullptr) return Common::kNoMemory;
  *reply = made;
  *p = q;
  return Common::kRead;
}

// Reads the next elements as far as they are common values. False: no memory.
bool ReadCommonElements(redisReader* r) {
  const char* p = r->buf + r->pos;
  const char* const end = r->buf + r->len;
  ReplyBlock* const block = BlockOf(r);
  Common last = Common::kRead;
  while (last == Common::kRead && r->ridx > 0) {
    redisReadTask* task = r->task[r->ridx];
    const auto elements = task->parent->elements;
    redisReply** const element = static_cast<redisReply*>(task->parent->obj)->element;
    auto at = task->idx;
    for (; at < elements; ++at) {
      last = ReadCommonValue(&p, end, block, &element[at]);
      if (last != Common::kRead) break;
    }
    // Up to the last element the next one has the task; after it, those above see to it.
    task->idx = at < elements ? at : at - 1;
    if (at == elements) NextTask(r);
  }
  r->pos = static_cast<size_t>(p - r->buf);
  return last != Common::kNoMemory;
}

// Reads a whole reply that is a common value, without a task.
bool ReadShortReply(redisReader* r) {
  if (!MakesReplies(r)) return false;
  const char* p = r->buf + r->pos;
  redisReply* reply = nullptr;
  // If memory was short it is tried once more, and failing is up to that.
  if (ReadCommonValue(&p, r->buf + r->len, BlockOf(r), &reply) != Common::kRead) return false;
  r->pos = static_cast<size_t>(p - r->buf);
  r->reply = reply;
  return true;
}

// Takes bytes of the string on its way; returns how many.
size_t TakeText(LongText* text, const char* bytes, size_t size) {
  const size_t n = std::min(size, text->total() - text->have);
  const size_t length = text->reply->len;
  if (text->have < length) std::memcpy(text->reply->str + text->have, bytes, std::min(n, length - text->have));
  text->have += n;
  return n;
}

// The token is a string that has begun: it has its reply at once if it is a long one. Lack of memory is no failure yet.
void StartText(redisReader* r, const Token& t) {
  if (t.type != '$' || t.number < kLongText || t.number > kLongestText) return;
  LongText& text = TextOf(r);
  text.reply = dualis::hiredis::NewRoom(REDIS_REPLY_STRING, static_cast<size_t>(t.number), BlockOf(r));
  if (text.reply == nullptr) return;
  text.have = 0;
  text.header_bytes = t.size - text.total();
  const size_t begin = r->pos + text.header_bytes;
  TakeText(&text, r->buf + begin, r->len - begin);
  r->len = begin;
  sdssetlen(r->buf, begin);
  r->buf[begin] = '\0';
}

// The string on its way is complete: it is the value at hand.
void FinishText(redisReader* r) {
  LongText& text = TextOf(r);
  redisReply* reply = std::exchange(text.reply, nullptr);
  redisReadTask* task = r->task[r->ridx];
  task->type = REDIS_REPLY_STRING;
  r->pos += text.header_bytes;
  if (r->ridx == 0) {
    r->reply = reply;
  } else {
    static_cast<redisReply*>(task->parent->obj)->element[task->idx] = reply;
  }
  NextTask(r);
}

// Reads until the reply at hand is complete (ridx is -1) or bytes are missing. REDIS_ERR: the reader has failed.
int ReadValues(redisReader* r) {
  const bool common = MakesReplies(r);
  while (r->ridx >= 0) {
    if (const LongText& text = TextOf(r); text.reply != nullptr) {
      if (text.have < text.total()) return REDIS_OK;
      FinishText(r);
      continue;
    }
    if (common && r->ridx > 0) {
      if (!ReadCommonElements(r)) return FailOom(r);
      if (r->ridx < 0) break;
    }
    Token t;
    ScanError why = ScanError::kNone;
    switch (ScanToken(r->buf + r->pos, r->buf + r->len, &t, &why)) {
      case Scan::kMore:
        if (common) StartText(r, t);
        return REDIS_OK;
      case Scan::kBad: {
        char buffer[dualis::resp::kBadTypeTextBytes];
        return Fail(r, REDIS_ERR_PROTOCOL,
                    why == ScanError::kBadType ? dualis::resp::BadTypeText(t.type, buffer) : ScanErrorText(why));
      }
      case Scan::kToken:
        break;
    }
    r->pos += t.size;
    redisReadTask* task = r->task[r->ridx];
    task->type = dualis::hiredis::Kind(ReplyType(t.type));
    if (t.is_aggregate() && !t.null) {
      if (OpenAggregate(r, task, t) != REDIS_OK) return REDIS_ERR;
      continue;
    }
    void* object = MakeObject(r, task, t);
    if (object == nullptr) return FailOom(r);
    if (r->ridx == 0) r->reply = object;
    NextTask(r);
  }
  return REDIS_OK;
}

}  // namespace

extern "C" {

redisReader* redisReaderCreateWithFunctions(redisReplyObjectFunctions* fn) noexcept {
  auto* own = static_cast<OwnReader*>(hi_calloc(1, sizeof(OwnReader)));
  if (own == nullptr) return nullptr;
  redisReader* r = &own->shown;
  r->buf = sdsempty();
  r->fn = fn;
  r->maxbuf = REDIS_READER_MAX_BUF;
  r->maxelements = REDIS_READER_MAX_ARRAY_ELEMENTS;
  r->maxdepth = REDIS_READER_MAX_REPLY_DEPTH;
  r->ridx = -1;
  if (r->buf == nullptr || !GrowTasks(r, 1)) {
    redisReaderFree(r);
    return nullptr;
  }
  return r;
}

void redisReaderFree(redisReader* r) noexcept {
  if (r == nullptr) return;
  DropObjects(r);
  for (int i = 0; i < r->tasks; ++i) hi_free(r->task[i]);
  hi_free(r->task);
  sdsfree(r->buf);
  hi_free(r);
}

#ifndef DUALIS_HIREDIS_V0_14
void dualisReaderSetCompact(redisReader* r, int on) noexcept { Own(r)->compact = on != 0; }
int dualisReaderIsCompact(const redisReader* r) noexcept { return reinterpret_cast<const OwnReader*>(r)->compact; }
#endif

int redisReaderFeed(redisReader* r, const char* buf, size_t len) noexcept {
  if (r->err != 0) return REDIS_ERR;
  if (buf == nullptr || len == 0) return REDIS_OK;
  if (LongText& text = TextOf(r); text.reply != nullptr) {
    const size_t taken = TakeText(&text, buf, len);
    if (taken == len) return REDIS_OK;
    buf += taken;
    len -= taken;
  }
  // Where as much would be allocated at once again the buffer stays: glibc answers each large block by gathering what
  // was freed in small ones, and so takes the speed out of making replies of them.
  if (r->len == 0 && r->maxbuf != 0 && sdsavail(r->buf) > r->maxbuf && sdsavail(r->buf) > 2 * len + kCutBytes) {
    sdsfree(r->buf);
    r->buf = sdsempty();
    if (r->buf == nullptr) return FailOom(r);
    r->pos = 0;
  }
  sds grown = sdscatlen(r->buf, buf, len);
  if (grown == nullptr) return FailOom(r);
  r->buf = grown;
  r->len = sdslen(grown);
  return REDIS_OK;
}

int redisReaderGetReply(redisReader* r, void** reply) noexcept {
  if (reply != nullptr) *reply = nullptr;
  if (r->err != 0) return REDIS_ERR;
  if (r->len == 0) return REDIS_OK;
  if (r->ridx == -1) Own(r)->in_block = Own(r)->compact;
  if (r->ridx != -1 || !ReadShortReply(r)) {
    if (r->ridx == -1) StartTask(r, 0, -1);
    if (ReadValues(r) != REDIS_OK) return REDIS_ERR;
  }
  if (r->pos >= kCutBytes) {
    if (sdsrange(r->buf, static_cast<ssize_t>(r->pos), -1) < 0) return FailOom(r);
    r->pos = 0;
    r->len = sdslen(r->buf);
  }
  if (r->ridx != -1) return REDIS_OK;
  Own(r)->block.Release();
  if (reply != nullptr) {
    *reply = r->reply;
  } else if (r->reply != nullptr && r->fn != nullptr && r->fn->freeObject != nullptr) {
    r->fn->freeObject(r->reply);
  }
  r->reply = nullptr;
  return REDIS_OK;
}

}  // extern "C"
