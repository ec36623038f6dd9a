#include "client/prefix/strip_sink.h"

#include <algorithm>

namespace dualis::client {
namespace {

// No reply has a fixed tuple longer than this; a longer one repeats its types.
constexpr size_t kProbedChildren = 16;

// The types met on the way down, each of which is looked at once. Replies nest a few levels; what does not fit is not
// remembered, and ends by the depth.
struct Seen {
  static constexpr size_t kMost = 16;
  const ReplyType* types[kMost];
  size_t count = 0;
};

bool Search(const ReplyType* type, Seen& seen, int depth) {
  if (type == nullptr || depth == 0 ||
      std::find(seen.types, seen.types + seen.count, type) != seen.types + seen.count) {
    return false;
  }
  if (type->is_key_name) return true;
  if (type->child_type == nullptr) return false;
  if (seen.count < Seen::kMost) seen.types[seen.count++] = type;
  for (size_t i = 0; i < kProbedChildren; ++i) {
    if (Search(type->child_type(i, false), seen, depth - 1) || Search(type->child_type(i, true), seen, depth - 1)) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool NamesKeys(const ReplyType* type) {
  Seen seen;
  return Search(type, seen, 8);
}

const ReplyType* StripSink::Next(bool aggregate) {
  if (frames_.empty()) return type_;
  Frame& frame = frames_.back();
  const size_t i = frame.next++;
  if (frame.undecided) {
    frame.undecided = false;
    frame.flat = !aggregate;
  }
  return frame.type == nullptr ? nullptr : frame.type->child_type(i, frame.flat);
}

void StripSink::Bulk(Bytes value) {
  const ReplyType* type = Next(false);
  // A key that another client made without the prefix (RANDOMKEY) keeps its whole name.
  if (type != nullptr && type->is_key_name && value.starts_with(prefix_)) value.remove_prefix(prefix_.size());
  next_.Bulk(value);
}

void StripSink::Begin(Shape shape, size_t count) {
  const ReplyType* type = Next(true);
  Frame frame{type != nullptr && type->child_type != nullptr ? type : nullptr};
  if (frame.type != nullptr && type->couples) {
    frame.flat = shape == Shape::kMap || shape == Shape::kPairs || shape == Shape::kEntries;
    frame.undecided = !frame.flat;
  }
  frames_.push_back(frame);
  next_.Begin(shape, count);
}

void StripSink::End() {
  frames_.pop_back();
  next_.End();
}

void StripSink::Null() {
  Next(false);
  next_.Null();
}
void StripSink::NullArray() {
  Next(false);
  next_.NullArray();
}
void StripSink::Bool(bool value) {
  Next(false);
  next_.Bool(value);
}
void StripSink::Int(int64_t value) {
  Next(false);
  next_.Int(value);
}
void StripSink::Double(double value) {
  Next(false);
  next_.Double(value);
}
void StripSink::Decimal(double value) {
  Next(false);
  next_.Decimal(value);
}
void StripSink::BigNumber(Bytes digits) {
  Next(false);
  next_.BigNumber(digits);
}
void StripSink::Simple(Bytes text) {
  Next(false);
  next_.Simple(text);
}
void StripSink::Verbatim(Bytes text, Bytes format) {
  Next(false);
  next_.Verbatim(text, format);
}
void StripSink::Error(const dualis::Error& error) {
  Next(false);
  next_.Error(error);
}

}  // namespace dualis::client
