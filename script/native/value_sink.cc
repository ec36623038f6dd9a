#include "script/native/value_sink.h"

#include <algorithm>
#include <new>

#include "dualis/args.h"
#include "engine/core/number_text.h"

namespace dualis::script {
namespace {

// A sink never throws; a reply that does not fit into memory is an error of the script.
template <class F>
void Guarded(dualis::Error& error, F f) noexcept {
  try {
    f();
  } catch (const std::bad_alloc&) {
    if (!error) error = dualis::Error(ErrorCode::kOom, "OOM out of memory while a script read a reply");
  }
}

}  // namespace

void ValueSink::Int(int64_t value) {
  if (value >= kTooLarge || value <= -kTooLarge) return Error(dualis::Error(ErrorCode::kErr, kTooLargeText));
  Put(Value(value));
}

void ValueSink::Double(double value) {
  if (keep_reals_) return Put(Value(value));
  char buffer[Arg::kTextBytes];
  Bulk(Arg(value).Text(buffer));
}

// The text is shorter than the number: what reads it must see the same in every executor.
void ValueSink::Decimal(double value) {
  char buffer[kLongDoubleChars];
  Bulk(FormatLongDouble(value, buffer));
}

void ValueSink::Bulk(Bytes value) {
  Guarded(error_, [&] { Put(Value(value)); });
}

void ValueSink::Begin(Shape shape, size_t count) {
  Guarded(error_, [&] {
    open_.push_back({{}, shape == Shape::kEntries});
    if (count != kUnknownCount) open_.back().items.reserve(std::min<size_t>(count, 4096));
  });
}

void ValueSink::End() {
  if (open_.empty()) return;
  Value::Items items = std::move(open_.back().items);
  const bool entries = open_.back().entries;
  open_.pop_back();
  Guarded(error_, [&] {
    if (entries) {
      Value::Items couples;
      couples.reserve(items.size() / 2);
      for (size_t i = 0; i + 1 < items.size(); i += 2) {
        couples.push_back(Value::List({std::move(items[i]), std::move(items[i + 1])}));
      }
      items = std::move(couples);
    }
    Put(Value::List(std::move(items)));
  });
}

void ValueSink::Put(Value value) noexcept {
  if (open_.empty()) {
    value_ = std::move(value);
    return;
  }
  Guarded(error_, [&] { open_.back().items.push_back(std::move(value)); });
}

}  // namespace dualis::script
