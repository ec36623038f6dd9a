// StripSink: takes a client's prefix off the key names of a reply on its way to another sink. Which of the values are
// key names it learns from the command's ReplyType, which it follows event by event without building anything.
#ifndef DUALIS_CLIENT_PREFIX_STRIP_SINK_H_
#define DUALIS_CLIENT_PREFIX_STRIP_SINK_H_

#include <vector>

#include "dualis/into.h"

namespace dualis::client {

// True if a reply of this type can hold key names; asked once a type, the answer is worth keeping.
bool NamesKeys(const ReplyType* type);

class StripSink final : public ReplySink {
 public:
  // `type` describes the reply of the command, whatever the sink makes of it.
  StripSink(ReplySink& next, Bytes prefix, const ReplyType* type) : next_(next), prefix_(prefix), type_(type) {}

  void Null() override;
  void NullArray() override;
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

 private:
  struct Frame {
    const ReplyType* type;  // null: nothing below is a key name
    size_t next = 0;
    bool flat = false;
    bool undecided = false;  // couples in a plain array: the first child tells whether they are flat
  };
  // The type of the value that the next event begins.
  const ReplyType* Next(bool aggregate);

  ReplySink& next_;
  Bytes prefix_;
  const ReplyType* type_;
  std::vector<Frame> frames_;
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_PREFIX_STRIP_SINK_H_
