// The sinks around MULTI ... EXEC, for any backend: QueuedSink takes the answer to a queued command, ExecSink deals the
// array that EXEC replies with out to the commands' own sinks.
#ifndef DUALIS_CLIENT_BACKENDS_EXEC_SINK_H_
#define DUALIS_CLIENT_BACKENDS_EXEC_SINK_H_

#include <span>
#include <vector>

#include "dualis/backend.h"

namespace dualis::client {

// Keeps the error of a reply and nothing else.
class ErrorSink final : public ReplySink {
 public:
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes) override {}
  void Simple(Bytes) override {}
  void Error(const dualis::Error& error) override {
    if (depth_ == 0) error_ = error;
  }
  void Begin(Shape, size_t) override { ++depth_; }
  void End() override { --depth_; }

  const dualis::Error& error() const { return error_; }

 private:
  dualis::Error error_;
  int depth_ = 0;
};

class ExecSink final : public ReplySink {
 public:
  explicit ExecSink(std::span<ReplySink* const> sinks) : sinks_(sinks) {}

  void Null() override {
    if (depth_ == 0) {
      watch_failed_ = true;
    } else if (ReplySink* sink = Leaf()) {
      sink->Null();
    }
  }
  void NullArray() override {
    if (depth_ == 0) {
      watch_failed_ = true;
    } else if (ReplySink* sink = Leaf()) {
      sink->NullArray();
    }
  }
  void Bool(bool value) override {
    if (ReplySink* sink = Leaf()) sink->Bool(value);
  }
  void Int(int64_t value) override {
    if (ReplySink* sink = Leaf()) sink->Int(value);
  }
  void Double(double value) override {
    if (ReplySink* sink = Leaf()) sink->Double(value);
  }
  void Decimal(double value) override {
    if (ReplySink* sink = Leaf()) sink->Decimal(value);
  }
  void BigNumber(Bytes digits) override {
    if (ReplySink* sink = Leaf()) sink->BigNumber(digits);
  }
  void Bulk(Bytes value) override {
    if (ReplySink* sink = Leaf()) sink->Bulk(value);
  }
  void Simple(Bytes text) override {
    if (ReplySink* sink = Leaf()) sink->Simple(text);
  }
  void Verbatim(Bytes text, Bytes format) override {
    if (ReplySink* sink = Leaf()) sink->Verbatim(text, format);
  }
  void Error(const dualis::Error& error) override {
    if (depth_ == 0) {
      error_ = error;
    } else if (ReplySink* sink = Leaf()) {
      sink->Error(error);
    }
  }
  void Begin(Shape shape, size_t count) override {
    if (depth_++ == 0) return;
    if (depth_ == 2) ++next_;
    if (ReplySink* sink = Current()) sink->Begin(shape, count);
  }
  void End() override {
    if (--depth_ == 0) return;
    if (ReplySink* sink = Current()) sink->End();
  }

  bool watch_failed() const { return watch_failed_; }
  // EXECABORT, for instance. No error if the array arrived.
  const dualis::Error& error() const { return error_; }

 private:
  ReplySink* Current() const { return next_ == 0 || next_ > sinks_.size() ? nullptr : sinks_[next_ - 1]; }
  ReplySink* Leaf() {
    if (depth_ == 1) ++next_;
    return depth_ == 0 ? nullptr : Current();
  }

  std::span<ReplySink* const> sinks_;
  size_t next_ = 0;  // 1 + the index of the reply that is arriving
  int depth_ = 0;
  bool watch_failed_ = false;
  dualis::Error error_;
};

// What an EXEC whose commands were answered with `queued` came to; gives the refused commands their errors.
inline Result<Executed> Conclude(const ExecSink& exec, std::span<const Error> queued,
                                 std::span<ReplySink* const> sinks) {
  if (exec.watch_failed()) return Executed::kWatchFailed;
  if (!exec.error()) return Executed::kYes;
  for (size_t i = 0; i < sinks.size(); ++i) sinks[i]->Error(queued[i] ? queued[i] : exec.error());
  return Executed::kRefused;
}

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_EXEC_SINK_H_
