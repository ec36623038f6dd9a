// Large strings in pieces. The reader's buffer is looked at only between replies; once it begins with the header of a
// large string, the header is taken out of it and the bytes are passed on as the transport hands them over.
#include <algorithm>
#include <cstring>

#include "compat/hiredis/context.h"
#include "compat/hiredis/reply.h"

namespace dualis::hiredis {
namespace {

constexpr size_t kReadBytes = 16 * 1024;

// What the reader has not read yet.
Bytes Unread(const redisReader* r) { return Bytes(r->buf + r->pos, r->len - r->pos); }

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

}  // namespace
}  // namespace dualis::hiredis

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
    const Header next =
        c->reader->ridx == -1 && c->reader->err == 0 ? LookAt(Unread(c->reader), &length, &header) : Header::kOther;
    if (next == Header::kString && length >= threshold) {
      redisReply* empty = nullptr;
      if (reply != nullptr) {
        empty = NewText(REDIS_REPLY_STRING, "");
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
