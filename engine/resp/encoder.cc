#include "engine/resp/encoder.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>
#include <new>

#include "engine/core/number_text.h"

namespace dualis::resp {
namespace {

// A type byte, a number and the end of line.
struct HeaderText {
  HeaderText(char type, int64_t value) {
    bytes[0] = type;
    char* end = std::to_chars(bytes + 1, bytes + sizeof(bytes) - 2, value).ptr;
    *end++ = '\r';
    *end++ = '\n';
    size = static_cast<size_t>(end - bytes);
  }
  char bytes[24];
  size_t size;
};

}  // namespace

template <class Write>
void Encoder::Event(Write write) {
  if (failed_) return;
  try {
    if (frames_.empty()) {
      start_ = out_->size();
      if (ask_) protocol_ = ask_();
    } else {
      Frame& frame = frames_.back();
      if (frame.nested && frame.events % 2 == 0) out_->append("*2\r\n", 4);
      ++frame.events;
    }
    write();
  } catch (...) {
    out_->resize(start_);
    frames_.clear();
    failed_ = true;
  }
}

void Encoder::PutNumber(char type, int64_t value) {
  const HeaderText text(type, value);
  out_->append(text.bytes, text.size);
}

void Encoder::PutBulk(Bytes value) {
  PutNumber('$', static_cast<int64_t>(value.size()));
  out_->append(value);
  out_->append("\r\n", 2);
}

void Encoder::PutLine(char type, Bytes text) {
  out_->push_back(type);
  const size_t at = out_->size();
  out_->append(text);
  std::replace_if(
      out_->begin() + static_cast<std::ptrdiff_t>(at), out_->end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  out_->append("\r\n", 2);
}

void Encoder::Null() {
  Event([&] { out_->append(protocol_ == 3 ? Bytes("_\r\n") : Bytes("$-1\r\n")); });
}

void Encoder::NullArray() {
  Event([&] { out_->append(protocol_ == 3 ? Bytes("_\r\n") : Bytes("*-1\r\n")); });
}

void Encoder::Bool(bool value) {
  Event([&] {
    if (protocol_ == 3) {
      out_->append(value ? Bytes("#t\r\n") : Bytes("#f\r\n"));
    } else {
      PutNumber(':', value);
    }
  });
}

void Encoder::Int(int64_t value) {
  Event([&] { PutNumber(':', value); });
}

void Encoder::Double(double value) {
  Event([&] {
    char buffer[kDoubleChars];
    const Bytes text = FormatDouble(value, buffer);
    if (protocol_ == 3) {
      PutLine(',', text);
    } else {
      PutBulk(text);
    }
  });
}

void Encoder::Decimal(double value) {
  Event([&] {
    char buffer[kLongDoubleChars];
    const Bytes text = FormatLongDouble(value, buffer);
    protocol_ == 3 ? PutLine(',', text) : PutBulk(text);
  });
}

void Encoder::BigNumber(Bytes digits) {
  Event([&] { protocol_ == 3 ? PutLine('(', digits) : PutBulk(digits); });
}

void Encoder::Bulk(Bytes value) {
  Event([&] { PutBulk(value); });
}

void Encoder::Simple(Bytes text) {
  Event([&] { PutLine('+', text); });
}

void Encoder::Verbatim(Bytes text, Bytes format) {
  Event([&] {
    if (protocol_ != 3) return PutBulk(text);
    // Exactly three bytes name the format.
    char prefix[4] = {' ', ' ', ' ', ':'};
    std::memcpy(prefix, format.data(), std::min<size_t>(format.size(), 3));
    PutNumber('=', static_cast<int64_t>(text.size() + sizeof(prefix)));
    out_->append(prefix, sizeof(prefix));
    out_->append(text);
    out_->append("\r\n", 2);
  });
}

void Encoder::Error(const dualis::Error& error) {
  Event([&] {
    Bytes text = error.message();
    while (!text.empty() && (text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
    PutLine('-', text);
  });
}

void Encoder::PutHeader(size_t at, const Frame& frame, size_t count) {
  const bool resp3 = protocol_ == 3;
  char type = '*';
  switch (frame.shape) {
    case Shape::kArray:
      break;
    case Shape::kSet:
      if (resp3) type = '~';
      break;
    case Shape::kPush:
      if (resp3) type = '>';
      break;
    case Shape::kMap:
      resp3 ? static_cast<void>(type = '%') : static_cast<void>(count *= 2);
      break;
    case Shape::kPairs:
      if (!resp3) count *= 2;
      break;
    case Shape::kEntries:
      if (resp3) type = '%';
      break;
  }
  const HeaderText text(type, static_cast<int64_t>(count));
  out_->insert(at, text.bytes, text.size);
}

void Encoder::Begin(Shape shape, size_t count) {
  Event([&] {
    const bool nested = shape == (protocol_ == 3 ? Shape::kPairs : Shape::kEntries);
    const Frame frame{shape, nested, count == kUnknownCount, out_->size(), 0};
    frames_.push_back(frame);
    if (!frame.unknown) PutHeader(frame.header, frame, count);
  });
}

void Encoder::End() {
  if (failed_) return;
  assert(!frames_.empty());
  const Frame frame = frames_.back();
  frames_.pop_back();
  if (!frame.unknown) return;
  const bool couples = frame.shape == Shape::kMap || frame.shape == Shape::kPairs || frame.shape == Shape::kEntries;
  try {
    PutHeader(frame.header, frame, couples ? frame.events / 2 : frame.events);
  } catch (...) {
    out_->resize(start_);
    frames_.clear();
    failed_ = true;
  }
}

}  // namespace dualis::resp
