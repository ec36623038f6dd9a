#include "tests/runner/tree_sink.h"

#include <utility>

#include "engine/core/number_text.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// A status or an error is one line on the wire.
std::string OneLine(Bytes text) {
  std::string line(text);
  for (char& c : line) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return line;
}

ReplyTree Malformed(const char* why) { return ReplyTree::Error(std::string("MALFORMED events: ") + why); }

ReplyTree Pair(ReplyTree first, ReplyTree second) {
  std::vector<ReplyTree> both;
  both.push_back(std::move(first));
  both.push_back(std::move(second));
  return ReplyTree::Aggregate(Kind::kArray, std::move(both));
}

}  // namespace

ReplyTree TreeSink::Take() {
  ReplyTree reply = std::move(done_.front());
  done_.pop_front();
  return reply;
}

int TreeSink::Protocol() {
  if (current_ == 0) current_ = protocol_();
  return current_;
}

void TreeSink::Put(ReplyTree value) {
  Protocol();
  if (!open_.empty()) {
    open_.back().children.push_back(std::move(value));
    return;
  }
  done_.push_back(std::move(value));
  current_ = 0;
}

void TreeSink::NullArray() { Put(ReplyTree::Of(Protocol() == 2 ? Kind::kNullArray : Kind::kNull)); }

void TreeSink::Bool(bool value) { Put(Protocol() == 2 ? ReplyTree::Integer(value) : ReplyTree::Bool(value)); }

void TreeSink::Double(double value) {
  char buffer[kDoubleChars];
  const Bytes text = FormatDouble(value, buffer);
  Put(Protocol() == 2 ? ReplyTree::Bulk(text) : ReplyTree::Double(text));
}

void TreeSink::Decimal(double value) {
  char buffer[kLongDoubleChars];
  const Bytes text = FormatLongDouble(value, buffer);
  Put(Protocol() == 2 ? ReplyTree::Bulk(text) : ReplyTree::Double(text));
}

void TreeSink::BigNumber(Bytes digits) {
  Put(Protocol() == 2 ? ReplyTree::Bulk(digits) : ReplyTree{Kind::kBigNumber, Kind::kNull, std::string(digits)});
}

void TreeSink::Simple(Bytes text) { Put(ReplyTree::Status(OneLine(text))); }

void TreeSink::Verbatim(Bytes text, Bytes format) {
  Put(Protocol() == 2 ? ReplyTree::Bulk(text)
                      : ReplyTree{Kind::kVerbatim, Kind::kNull, std::string(text), std::string(format)});
}

void TreeSink::Error(const dualis::Error& error) { Put(ReplyTree::Error(OneLine(error.message()))); }

void TreeSink::Begin(Shape shape, size_t count) {
  Protocol();
  open_.push_back({shape, count, {}});
}

void TreeSink::End() {
  if (open_.empty()) return Put(Malformed("End without Begin"));
  Open open = std::move(open_.back());
  open_.pop_back();
  Put(Close(std::move(open)));
}

ReplyTree TreeSink::Close(Open open) const {
  const bool couples = open.shape == Shape::kMap || open.shape == Shape::kPairs || open.shape == Shape::kEntries;
  const size_t events = open.children.size();
  if (couples && events % 2 != 0) return Malformed("half a couple");
  if (open.count != kUnknownCount && events != open.count * (couples ? 2 : 1)) return Malformed("a wrong count");
  const bool resp2 = current_ == 2;
  switch (open.shape) {
    case Shape::kArray:
      return ReplyTree::Aggregate(Kind::kArray, std::move(open.children));
    case Shape::kSet:
      return ReplyTree::Aggregate(resp2 ? Kind::kArray : Kind::kSet, std::move(open.children));
    case Shape::kPush:
      return ReplyTree::Aggregate(resp2 ? Kind::kArray : Kind::kPush, std::move(open.children));
    case Shape::kMap:
      return ReplyTree::Aggregate(resp2 ? Kind::kArray : Kind::kMap, std::move(open.children));
    case Shape::kPairs:
      if (resp2) return ReplyTree::Aggregate(Kind::kArray, std::move(open.children));
      break;
    case Shape::kEntries:
      if (!resp2) return ReplyTree::Aggregate(Kind::kMap, std::move(open.children));
      break;
  }
  // Couples nested in an array: pairs in RESP3, entries in RESP2.
  ReplyTree array = ReplyTree::Of(Kind::kArray);
  for (size_t i = 0; i < events; i += 2) {
    array.children.push_back(Pair(std::move(open.children[i]), std::move(open.children[i + 1])));
  }
  return array;
}

}  // namespace dualis::cases
