#include "engine/commands/stream_entries.h"

#include "dualis/commands/streams.h"
#include "engine/command/errors.h"

namespace dualis::cmd {
namespace {

// A bound of XRANGE.
struct Bound {
  StreamId id;
  bool exclusive = false;
};

std::optional<Bound> ParseBound(Bytes text, uint64_t missing_seq) {
  if (text == "-") return Bound{};
  if (text == "+") return Bound{StreamId::Max()};
  Bound bound;
  bound.exclusive = text.size() > 1 && text.front() == '(';
  const auto id = ParseStreamId(bound.exclusive ? text.substr(1) : text, missing_seq);
  if (!id) return std::nullopt;
  bound.id = *id;
  return bound;
}

}  // namespace

std::optional<StreamId> ParseStreamId(Bytes text, uint64_t missing_seq) {
  constexpr size_t kLongestId = 127;
  if (text.size() > kLongestId) return std::nullopt;
  const size_t dash = text.find('-');
  const auto ms = ParseUint64(text.substr(0, dash));
  const auto seq = dash == Bytes::npos ? missing_seq : ParseUint64(text.substr(dash + 1));
  if (!ms || !seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

Result<StreamIdRange> ParseStreamRange(Bytes start, Bytes end) {
  auto first = ParseBound(start, 0);
  if (!first) return Error(&errors::kInvalidStreamId);
  if (first->exclusive && !first->id.Increment()) return Error(&errors::kInvalidStreamStart);
  auto last = ParseBound(end, UINT64_MAX);
  if (!last) return Error(&errors::kInvalidStreamId);
  if (last->exclusive && !last->id.Decrement()) return Error(&errors::kInvalidStreamEnd);
  return StreamIdRange{first->id, last->id};
}

bool IsStreamId(Bytes id) { return ParseStreamId(id).has_value(); }
bool IsZeroStreamId(Bytes id) { return ParseStreamId(id) == StreamId(); }
bool StreamIdBelow(Bytes a, Bytes b) {
  const auto first = ParseStreamId(a);
  const auto second = ParseStreamId(b);
  return first && second && *first < *second;
}
Error CheckStreamRange(Bytes start, Bytes end) {
  const auto range = ParseStreamRange(start, end);
  return range ? Error() : range.error();
}

void EmitStreamId(StreamId id, ReplySink& sink) { sink.Bulk(StreamIdText(id).text()); }

void EmitEntry(StreamReader& reader, ReplySink& sink) {
  sink.Begin(Shape::kArray, 2);
  EmitStreamId(reader.id(), sink);
  sink.Begin(Shape::kArray, 2 * reader.couples());
  Bytes field;
  Bytes value;
  while (reader.NextCouple(&field, &value)) {
    sink.Bulk(field);
    sink.Bulk(value);
  }
  sink.End();
  sink.End();
}

// Emits up to `count` entries (0: all) as one array.
void EmitEntries(StreamReader reader, uint64_t count, ReplySink& sink) {
  sink.Begin(Shape::kArray, kUnknownCount);
  for (uint64_t emitted = 0; (count == 0 || emitted < count) && reader.Next(); ++emitted) EmitEntry(reader, sink);
  sink.End();
}

}  // namespace dualis::cmd
