// Large strings in pieces. The reader's buffer is looked at only between replies; once it begins with the header of a
// large string, the header is taken out of it and the bytes are passed on as the transport hands them over.
//
// On an asynchronous context that is done for a command whose turn it is: its callback in the queue is ours, and its
// privdata, a StreamedCommand, has the program's. redisProcessCallbacks asks NextPiece before it asks the reader.
#include <algorithm>
#include <cstring>
#include <memory>

#include "compat/hiredis/async_extra.h"
#include "compat/hiredis/extensions/one_reply.h"
#include "compat/hiredis/reply.h"

namespace dualis::hiredis {
namespace {

constexpr size_t kReadBytes = 16 * 1024;

// What the reader has not read yet.
Bytes Unread(const redisReader* r) { return Bytes(r->buf + r->pos, r->len - r->pos); }

// Whether a reply is what the reader will read next: it has not begun one, or has seen nothing of it.
bool BetweenReplies(const redisReader* r) {
  return r->err == 0 && (r->ridx == -1 || (r->ridx == 0 && r->task[0]->type == -1));
}

void Consume(redisReader* r, size_t n) {
  r->pos += n;
  if (r->pos < r->len) return;
  sdsclear(r->buf);
  r->pos = r->len = 0;
}

enum class Header { kOther, kIncomplete, kString };

// Whether a string of known length comes next; its length, and that of the header.
Header LookAt(Bytes bytes, size_t* length, size_t* header) {
  if (bytes.empty()) return Header::kIncomplete;
  if (bytes[0] != '$') return Header::kOther;
  const size_t end = bytes.substr(0, 32).find("\r\n");
  if (end == Bytes::npos) return bytes.size() < 32 ? Header::kIncomplete : Header::kOther;
  *length = 0;
  for (const char digit : bytes.substr(1, end - 1)) {
    if (digit < '0' || digit > '9' || *length > SIZE_MAX / 16) return Header::kOther;
    *length = *length * 10 + static_cast<size_t>(digit - '0');
  }
  *header = end + 2;
  return end > 1 ? Header::kString : Header::kOther;
}

struct Pieces {
  dualisPieceFn* fn;
  void* privdata;
  size_t total;
  size_t offset = 0;  // of what comes next; behind `total` are \r\n
  bool stopped = false;

  size_t left() const { return total + 2 - offset; }
  // Takes as much of the bytes as is the string's; returns how much.
  size_t Take(Bytes bytes) {
    const size_t n = std::min(bytes.size(), left());
    const size_t text = offset < total ? std::min(n, total - offset) : 0;
    if (text > 0 && !stopped) stopped = fn(privdata, bytes.data(), text, offset, total) != 0;
    offset += n;
    return n;
  }
};

// Passes the string on that follows in reader and transport.
int Stream(redisContext* c, Pieces pieces) {
  Consume(c->reader, pieces.Take(Unread(c->reader)));
  char buffer[kReadBytes];
  while (pieces.left() > 0) {
    const ssize_t n = c->funcs->read(c, buffer, sizeof(buffer));
    if (n < 0) return REDIS_ERR;
    const Bytes bytes(buffer, static_cast<size_t>(n));
    const Bytes rest = bytes.substr(pieces.Take(bytes));
    if (!rest.empty() && redisReaderFeed(c->reader, rest.data(), rest.size()) != REDIS_OK) {
      SetError(c, c->reader->err, c->reader->errstr);
      return REDIS_ERR;
    }
  }
  return REDIS_OK;
}

int Flush(redisContext* c) {
  for (int done = 0; done == 0;) {
    if (redisBufferWrite(c, &done) != REDIS_OK) return REDIS_ERR;
  }
  return REDIS_OK;
}

// Asynchronous contexts.

struct StreamedCommand {
  redisCallbackFn* fn;
  void* privdata;
  dualisPieceFn* piece;
  size_t threshold;
  redisReply* begun;  // the reply, while its bytes are passed on
  size_t total;
  size_t offset;
  bool stopped;
};

void FinishStreamed(redisAsyncContext* ac, void* reply, void* privdata) noexcept {
  auto* command = static_cast<StreamedCommand*>(privdata);
  const StreamedCommand was = *command;
  hi_free(command);
  // The connection ended in the midst.
  if (reply != was.begun) freeReplyObject(was.begun);
  if (was.fn != nullptr) {
    was.fn(ac, reply, was.privdata);
  } else if (reply != nullptr && (ac->c.flags & REDIS_NO_AUTO_FREE_REPLIES) != 0) {
    freeReplyObject(reply);
  }
}

// The command that the next string answers, if it is one of ours.
StreamedCommand* NextStreamed(redisAsyncContext* ac) {
  for (const redisCallbackList* list : {&ac->replies, &ac->sub.replies}) {
    const redisCallback* next = list->head;
    // Lines are no strings.
    while (next != nullptr && next->pending_subs == kMonitoring) next = next->next;
    if (next == nullptr) continue;
    return next->fn == FinishStreamed ? static_cast<StreamedCommand*>(next->privdata) : nullptr;
  }
  return nullptr;
}

Piecewise NextPiece(redisAsyncContext* ac, redisReply** reply) {
  StreamedCommand* command = NextStreamed(ac);
  redisReader* reader = ac->c.reader;
  if (command == nullptr || !BetweenReplies(reader)) return Piecewise::kNo;
  if (command->begun == nullptr) {
    size_t length = 0, header = 0;
    const Header next = LookAt(Unread(reader), &length, &header);
    if (next == Header::kIncomplete) return Piecewise::kMore;
    if (next == Header::kOther || length < command->threshold) return Piecewise::kNo;
    command->begun = NewText(REDIS_REPLY_STRING, "", nullptr);
    if (command->begun == nullptr) {
      SetOom(&ac->c);
      __redisAsyncDisconnect(ac);
      return Piecewise::kGone;
    }
    command->begun->integer = static_cast<long long>(length);
    command->total = length;
    Consume(reader, header);
  }
  Pieces pieces{command->piece, command->privdata, command->total, command->offset, command->stopped};
  // The program may use the context meanwhile, but what asks for its end is put off.
  const int nested = ac->c.flags & REDIS_IN_CALLBACK;
  ac->c.flags |= REDIS_IN_CALLBACK;
  Consume(reader, pieces.Take(Unread(reader)));
  if (nested == 0) ac->c.flags &= ~REDIS_IN_CALLBACK;
  command->offset = pieces.offset;
  command->stopped = pieces.stopped;
  if ((ac->c.flags & REDIS_FREEING) != 0) {
    redisAsyncFree(ac);
    return Piecewise::kGone;
  }
  if (pieces.left() > 0) return Piecewise::kMore;
  *reply = command->begun;
  return Piecewise::kDone;
}

int SendStreamed(redisAsyncContext* ac, const StreamedCommand& wanted, char* text, long long size) {
  if (size < 0) return REDIS_ERR;
  const std::unique_ptr<char, void (*)(char*)> owned(text, redisFreeCommand);
  const Bytes resp(text, static_cast<size_t>(size));
  if (!HasOneReply(resp)) return REDIS_ERR;
  auto* command = static_cast<StreamedCommand*>(hi_malloc(sizeof(StreamedCommand)));
  if (command == nullptr) return REDIS_ERR;
  *command = wanted;
  ExtraOf(ac).next_piece = NextPiece;
  if (redisAsyncFormattedCommand(ac, FinishStreamed, command, resp.data(), resp.size()) == REDIS_OK) return REDIS_OK;
  hi_free(command);
  return REDIS_ERR;
}

}  // namespace
}  // namespace dualis::hiredis

using dualis::hiredis::SendStreamed;

extern "C" {

int dualisvAsyncCommandStreaming(redisAsyncContext* ac, size_t threshold, dualisPieceFn* piece, redisCallbackFn* fn,
                                 void* privdata, const char* format, va_list ap) noexcept {
  char* text = nullptr;
  const int size = redisvFormatCommand(&text, format, ap);
  return SendStreamed(ac, {fn, privdata, piece, threshold, nullptr, 0, 0, false}, text, size);
}

int dualisAsyncCommandStreaming(redisAsyncContext* ac, size_t threshold, dualisPieceFn* piece, redisCallbackFn* fn,
                                void* privdata, const char* format, ...) noexcept {
  va_list ap;
  va_start(ap, format);
  const int result = dualisvAsyncCommandStreaming(ac, threshold, piece, fn, privdata, format, ap);
  va_end(ap);
  return result;
}

int dualisAsyncCommandArgvStreaming(redisAsyncContext* ac, size_t threshold, dualisPieceFn* piece, redisCallbackFn* fn,
                                    void* privdata, int argc, const char** argv, const size_t* argvlen) noexcept {
  char* text = nullptr;
  const long long size = redisFormatCommandArgv(&text, argc, argv, argvlen);
  return SendStreamed(ac, {fn, privdata, piece, threshold, nullptr, 0, 0, false}, text, size);
}

}  // extern "C"

extern "C" int dualisGetReplyStreaming(redisContext* c, size_t threshold, dualisPieceFn* piece, void* privdata,
                                       void** reply, int* streamed) noexcept {
  using namespace dualis::hiredis;  // NOLINT: this C function is outside every namespace
  if (reply != nullptr) *reply = nullptr;
  if (streamed != nullptr) *streamed = 0;
  if ((c->flags & REDIS_BLOCK) == 0) {
    SetError(c, REDIS_ERR_OTHER, "Only blocking contexts stream replies");
    return REDIS_ERR;
  }
  const EngineLink::Reading reading(LinkOf(c));
  bool flushed = false;
  while (c->err == 0) {
    size_t length = 0, header = 0;
    // In the midst of a reply the reader goes on by itself.
    const Header next = BetweenReplies(c->reader) ? LookAt(Unread(c->reader), &length, &header) : Header::kOther;
    if (next == Header::kString && length >= threshold) {
      redisReply* empty = nullptr;
      if (reply != nullptr) {
        empty = NewText(REDIS_REPLY_STRING, "", nullptr);
        if (empty == nullptr) {
          SetOom(c);
          return REDIS_ERR;
        }
      }
      Consume(c->reader, header);
      if (Stream(c, Pieces{piece, privdata, length}) != REDIS_OK) {
        freeReplyObject(empty);
        return REDIS_ERR;
      }
      if (reply != nullptr) *reply = empty;
      if (streamed != nullptr) *streamed = 1;
      return REDIS_OK;
    }
    if (next != Header::kIncomplete) {
      void* found = nullptr;
      if (redisGetReplyFromReader(c, &found) != REDIS_OK) return REDIS_ERR;
      if (found != nullptr) {
        const bool push =
            c->push_cb != nullptr && c->reader->fn == &dualisHiredisDefaultFunctions && redisIsPushReply(found);
        if (push) {
          c->push_cb(c->privdata, found);
          continue;
        }
        if (reply != nullptr) {
          *reply = found;
        } else if (c->reader->fn != nullptr && c->reader->fn->freeObject != nullptr) {
          c->reader->fn->freeObject(found);
        }
        return REDIS_OK;
      }
    }
    if (!flushed && Flush(c) != REDIS_OK) return REDIS_ERR;
    flushed = true;
    if (redisBufferRead(c) != REDIS_OK) return REDIS_ERR;
  }
  return REDIS_ERR;
}
