// ValueSink: builds the raw Value of a reply from its events (script/semantics/adapt.h). A scalar costs no allocation
// beside a long string's.
#ifndef DUALIS_SCRIPT_NATIVE_VALUE_SINK_H_
#define DUALIS_SCRIPT_NATIVE_VALUE_SINK_H_

#include <vector>

#include "dualis/reply.h"
#include "script/semantics/adapt.h"

namespace dualis::script {

class ValueSink final : public ReplySink {
 public:
  // `keep_reals`: real numbers stay numbers; else they become their text.
  explicit ValueSink(bool keep_reals) : keep_reals_(keep_reals) {}

  void Null() override { Put(Value()); }
  void Bool(bool value) override { Put(Value(value ? 1 : 0)); }
  void Int(int64_t value) override;
  void Double(double value) override;
  void Decimal(double value) override;
  void Bulk(Bytes value) override;
  void Simple(Bytes text) override { Bulk(text); }
  void Error(const dualis::Error& error) override {
    if (!error_) error_ = error;
  }
  void Begin(Shape shape, size_t count) override;
  void End() override;

  // The error reply, or why the reply could not be held; no error if the value is there.
  const dualis::Error& error() const { return error_; }
  Value Take() { return std::move(value_); }

 private:
  struct Open {
    Value::Items items;
    bool entries;  // couples become lists of two
  };
  void Put(Value value) noexcept;

  const bool keep_reals_;
  Value value_;
  std::vector<Open> open_;
  dualis::Error error_;
};

// For commands whose reply nobody looks at.
class DiscardSink final : public ReplySink {
 public:
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes) override {}
  void Simple(Bytes) override {}
  void Error(const dualis::Error& error) override { error_ = error; }
  void Begin(Shape, size_t) override {}
  void End() override {}
  const dualis::Error& error() const { return error_; }

 private:
  dualis::Error error_;
};

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_NATIVE_VALUE_SINK_H_
