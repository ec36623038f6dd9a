// ReplyBuilder: the sink that makes a redisReply of a command's reply, with the types that RESP2 or RESP3 would have
// given it, without RESP in between.
#ifndef DUALIS_COMPAT_HIREDIS_REPLY_BUILDER_H_
#define DUALIS_COMPAT_HIREDIS_REPLY_BUILDER_H_

#include <absl/container/inlined_vector.h>

#include "compat/hiredis/abi.h"
#include "compat/hiredis/reply_block.h"
#include "dualis/engine.h"

namespace dualis::hiredis {

class ReplyBuilder final : public ReplySink {
 public:
  // The session's protocol decides; it is asked at the first event, so that HELLO 3's own reply is a map.
  // `compact`: the reply is to be in a ReplyBlock.
  explicit ReplyBuilder(const Session& session, bool compact = false) : session_(session), compact_(compact) {}
  ~ReplyBuilder() override { freeReplyObject(root_); }

  void Null() override;
  void Bool(bool value) override;
  void Int(int64_t value) override;
  void Double(double value) override;
  void Decimal(double value) override;
  void BigNumber(Bytes digits) override;
  void Bulk(Bytes value) override;
  void Simple(Bytes text) override;
  void Verbatim(Bytes text, Bytes format) override;
  void Error(const dualis::Error& error) override;
  void Begin(Shape shape, size_t count) override;
  void End() override;

  // The reply, which is the caller's; null if memory ran out or none arrived.
  redisReply* Take();

 private:
  void Real(double value, Bytes text);
  // An open aggregate. Its reply is owned by its parent or is root_.
  struct Frame {
    redisReply* reply;
    size_t used;   // elements so far
    bool nested;   // couples are arrays of two
    bool unknown;  // the vector grows as elements come
    bool couple;   // this is one of those arrays of two: closes by itself
  };
  bool Resp3();
  // Puts a finished or opened reply in its place; null means that memory ran out.
  bool Attach(redisReply* reply);
  void Text(int type, Bytes text);
  void Number(int type, int64_t value);
  void Open(int type, size_t elements, bool unknown, bool nested, bool couple);
  // After a value: a couple that is full closes.
  void Settle();
  // Before a value: opens a couple if the aggregate at hand wants one.
  bool Prepare();
  void Fail();

  ReplyBlock* block() { return compact_ ? &block_ : nullptr; }

  const Session& session_;
  const bool compact_;
  ReplyBlock block_;
  bool resp3_ = false;
  bool failed_ = false;
  redisReply* root_ = nullptr;
  absl::InlinedVector<Frame, 8> frames_;
};

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_REPLY_BUILDER_H_
