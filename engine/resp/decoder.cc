#include "engine/resp/decoder.h"

#include <string>

#include "engine/resp/scanner.h"

namespace dualis::resp {
namespace {

Shape ShapeOf(char type) {
  switch (type) {
    case '~':
      return Shape::kSet;
    case '%':
      return Shape::kMap;
    case '>':
      return Shape::kPush;
    default:
      return Shape::kArray;
  }
}

// The event of a token that is not an aggregate.
void Emit(const Token& t, ReplySink& sink) {
  if (t.null) {
    t.type == '*' || t.type == '~' || t.type == '%' || t.type == '>' ? sink.NullArray() : sink.Null();
    return;
  }
  switch (t.type) {
    case '+':
      return sink.Simple(t.text);
    case '-':
      return sink.Error(Error::FromReply(t.text));
    case ':':
      return sink.Int(t.number);
    case '$':
      return sink.Bulk(t.text);
    case ',':
      return sink.Double(t.real);
    case '#':
      return sink.Bool(t.number != 0);
    case '(':
      return sink.BigNumber(t.text);
    case '=':
      return sink.Verbatim(t.text.substr(4), t.text.substr(0, 3));
    default:
      return;
  }
}

}  // namespace

ReplyDecoder::State ReplyDecoder::Fail(Bytes text) {
  error_ = Error(ErrorCode::kProtocol, std::string("ERR Protocol error: ").append(text));
  return State::kError;
}

ReplyDecoder::State ReplyDecoder::Decode(Bytes in, size_t* used, ReplySink* sink, ReplySink* push) {
  *used = 0;
  if (error_) return State::kError;
  const char* const begin = in.data();
  const char* p = begin;
  const char* const end = p + in.size();
  while (true) {
    Token t;
    ScanError why = ScanError::kNone;
    switch (ScanToken(p, end, &t, &why)) {
      case Scan::kMore:
        // A bulk's length is known before its bytes are there: refuse it before anybody buffers it.
        if (t.number > limits_.bulk_bytes || end - p > limits_.bulk_bytes) {
          return Fail(ScanErrorText(ScanError::kBulkOutOfRange));
        }
        wanted_ = t.size;
        return State::kMore;
      case Scan::kBad: {
        char buffer[kBadTypeTextBytes];
        return Fail(why == ScanError::kBadType ? BadTypeText(t.type, buffer) : ScanErrorText(why));
      }
      case Scan::kToken:
        break;
    }
    if (static_cast<int64_t>(t.text.size()) > limits_.bulk_bytes) {
      return Fail(ScanErrorText(ScanError::kBulkOutOfRange));
    }
    p += t.size;
    *used = static_cast<size_t>(p - begin);
    if (frames_.empty()) push_ = t.type == '>';
    ReplySink* const to = push_ ? push : sink;
    bool complete = false;  // a value, rather than an attribute, has ended
    if (t.is_aggregate() && !t.null) {
      if (t.number > limits_.elements) return Fail(ScanErrorText(ScanError::kCountOutOfRange));
      if (frames_.size() >= limits_.depth) return Fail(ScanErrorText(ScanError::kTooDeep));
      const bool attribute = t.type == '|';
      if (!attribute && dropping_ == 0 && to != nullptr) to->Begin(ShapeOf(t.type), static_cast<size_t>(t.number));
      if (attribute) ++dropping_;
      const bool couples = attribute || t.type == '%';
      frames_.push_back(Frame{static_cast<uint64_t>(t.number) * (couples ? 2 : 1), attribute});
    } else if (t.type != '|') {
      if (dropping_ == 0 && to != nullptr) Emit(t, *to);
      complete = true;
    }
    while (true) {
      if (complete) {
        if (frames_.empty()) return push_ ? State::kPush : State::kReply;
        --frames_.back().left;
      }
      if (frames_.empty() || frames_.back().left > 0) break;
      // An attribute belongs to the value behind it: its end completes nothing.
      complete = !frames_.back().attribute;
      frames_.pop_back();
      if (!complete) {
        --dropping_;
      } else if (dropping_ == 0 && to != nullptr) {
        to->End();
      }
    }
  }
}

}  // namespace dualis::resp
