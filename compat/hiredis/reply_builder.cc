#include "compat/hiredis/reply_builder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "compat/hiredis/reply.h"
#include "engine/core/number_text.h"

namespace dualis::hiredis {

redisReply* ReplyBuilder::Take() { return failed_ || !frames_.empty() ? nullptr : std::exchange(root_, nullptr); }

void ReplyBuilder::Fail() {
  failed_ = true;
  frames_.clear();
}

bool ReplyBuilder::Resp3() {
  if (frames_.empty()) resp3_ = session_.protocol() == 3;
  return resp3_;
}

bool ReplyBuilder::Attach(redisReply* reply) {
  if (reply == nullptr) {
    Fail();
    return false;
  }
  if (frames_.empty()) {
    root_ = reply;
    return true;
  }
  Frame& frame = frames_.back();
  if (frame.unknown && frame.used == frame.reply->elements) {
    if (!GrowElements(frame.reply, std::max<size_t>(4, frame.used * 2), block())) {
      freeReplyObject(reply);
      Fail();
      return false;
    }
  }
  frame.reply->element[frame.used++] = reply;
  return true;
}

bool ReplyBuilder::Prepare() {
  if (failed_) return false;
  if (!frames_.empty() && frames_.back().nested) Open(REDIS_REPLY_ARRAY, 2, false, false, true);
  return !failed_;
}

void ReplyBuilder::Settle() {
  if (!failed_ && !frames_.empty() && frames_.back().couple && frames_.back().used == 2) frames_.pop_back();
}

void ReplyBuilder::Open(int type, size_t elements, bool unknown, bool nested, bool couple) {
  redisReply* reply = NewAggregate(type, unknown ? 0 : elements, block());
  if (!Attach(reply)) return;
  try {
    frames_.push_back(Frame{reply, 0, nested, unknown, couple});
  } catch (...) {
    Fail();
  }
}

void ReplyBuilder::Text(int type, Bytes text) {
  if (Attach(NewText(type, text, block()))) Settle();
}

void ReplyBuilder::Number(int type, int64_t value) {
  redisReply* reply = NewReply(type, block());
  if (reply != nullptr) reply->integer = value;
  if (Attach(reply)) Settle();
}

void ReplyBuilder::Null() {
  if (!Prepare()) return;
  if (Attach(NewReply(REDIS_REPLY_NIL, block()))) Settle();
}

void ReplyBuilder::Bool(bool value) {
  const bool resp3 = Resp3();
  if (Prepare()) Number(resp3 ? Kind(REDIS_REPLY_BOOL) : REDIS_REPLY_INTEGER, value);
}

void ReplyBuilder::Int(int64_t value) {
  if (Prepare()) Number(REDIS_REPLY_INTEGER, value);
}

void ReplyBuilder::Double(double value) {
  char buffer[kDoubleChars];
  Real(value, FormatDouble(value, buffer));
}

void ReplyBuilder::Decimal(double value) {
  char buffer[kLongDoubleChars];
  Real(value, FormatLongDouble(value, buffer));
}

void ReplyBuilder::Real(double value, Bytes text) {
  const bool resp3 = Resp3();
  if (!Prepare()) return;
  redisReply* reply = NewText(resp3 ? Kind(REDIS_REPLY_DOUBLE) : REDIS_REPLY_STRING, text, block());
  if (reply != nullptr && resp3) SetReal(reply, value);
  if (Attach(reply)) Settle();
}

void ReplyBuilder::BigNumber(Bytes digits) {
  const bool resp3 = Resp3();
  if (Prepare()) Text(resp3 ? Kind(REDIS_REPLY_BIGNUM) : REDIS_REPLY_STRING, digits);
}

void ReplyBuilder::Bulk(Bytes value) {
  if (Prepare()) Text(REDIS_REPLY_STRING, value);
}

void ReplyBuilder::Simple(Bytes text) {
  if (Prepare()) Text(REDIS_REPLY_STATUS, text);
}

void ReplyBuilder::Verbatim(Bytes text, Bytes format) {
  const bool resp3 = Resp3();
  if (!Prepare()) return;
  if (!resp3) return Text(REDIS_REPLY_STRING, text);
  redisReply* reply = NewText(Kind(REDIS_REPLY_VERB), text, block());
  if (reply != nullptr) SetFormat(reply, format.data(), format.size());
  if (Attach(reply)) Settle();
}

void ReplyBuilder::Error(const dualis::Error& error) {
  if (Prepare()) Text(REDIS_REPLY_ERROR, error.message());
}

void ReplyBuilder::Begin(Shape shape, size_t count) {
  const bool resp3 = Resp3();
  if (!Prepare()) return;
  const bool unknown = count == kUnknownCount;
  const size_t twice = unknown ? 0 : count * 2;
  switch (shape) {
    case Shape::kArray:
      return Open(REDIS_REPLY_ARRAY, count, unknown, false, false);
    case Shape::kSet:
      return Open(resp3 ? Kind(REDIS_REPLY_SET) : REDIS_REPLY_ARRAY, count, unknown, false, false);
    case Shape::kPush:
      return Open(resp3 ? Kind(REDIS_REPLY_PUSH) : REDIS_REPLY_ARRAY, count, unknown, false, false);
    case Shape::kMap:
      return Open(resp3 ? Kind(REDIS_REPLY_MAP) : REDIS_REPLY_ARRAY, twice, unknown, false, false);
    case Shape::kPairs:
      return Open(REDIS_REPLY_ARRAY, resp3 ? count : twice, unknown, resp3, false);
    case Shape::kEntries:
      return Open(resp3 ? Kind(REDIS_REPLY_MAP) : REDIS_REPLY_ARRAY, resp3 ? twice : count, unknown, !resp3, false);
  }
}

void ReplyBuilder::End() {
  if (failed_) return;
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (frame.unknown) frame.reply->elements = frame.used;
  Settle();
}

}  // namespace dualis::hiredis
