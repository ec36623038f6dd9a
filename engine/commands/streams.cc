// Stream commands.
#include "dualis/commands/streams.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/types/stream.h"

namespace dualis::cmd {
namespace {

using Precision = Stream::Precision;

// "ms-seq"; with "ms" alone the sequence is `missing_seq`.
std::optional<StreamId> ParseId(Bytes text, uint64_t missing_seq = 0) {
  constexpr size_t kLongestId = 127;
  if (text.size() > kLongestId) return std::nullopt;
  const size_t dash = text.find('-');
  const auto ms = ParseUint64(text.substr(0, dash));
  const auto seq = dash == Bytes::npos ? missing_seq : ParseUint64(text.substr(dash + 1));
  if (!ms || !seq) return std::nullopt;
  return StreamId{*ms, *seq};
}

// The id that XADD is to give.
struct NewId {
  bool any_ms = false;   // "*"
  bool any_seq = false;  // "ms-*"
  StreamId id;
};

std::optional<NewId> ParseNewId(Bytes text) {
  if (text == "*") return NewId{.any_ms = true, .any_seq = true};
  if (text.size() > 2 && text.substr(text.size() - 2) == "-*" && text.find('-') == text.size() - 2) {
    const auto ms = ParseUint64(text.substr(0, text.size() - 2));
    if (!ms) return std::nullopt;
    return NewId{.any_seq = true, .id = {*ms, 0}};
  }
  const auto id = ParseId(text);
  if (!id) return std::nullopt;
  return NewId{.id = *id};
}

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
  const auto id = ParseId(bound.exclusive ? text.substr(1) : text, missing_seq);
  if (!id) return std::nullopt;
  bound.id = *id;
  return bound;
}

// Both bounds, included.
struct IdRange {
  StreamId first;
  StreamId last;
};

Result<IdRange> ParseRange(Bytes start, Bytes end) {
  auto first = ParseBound(start, 0);
  if (!first) return Error(&errors::kInvalidStreamId);
  if (first->exclusive && !first->id.Increment()) return Error(&errors::kInvalidStreamStart);
  auto last = ParseBound(end, UINT64_MAX);
  if (!last) return Error(&errors::kInvalidStreamId);
  if (last->exclusive && !last->id.Decrement()) return Error(&errors::kInvalidStreamEnd);
  return IdRange{first->id, last->id};
}

// The concrete id of a new entry; an error if the stream cannot have it.
Result<StreamId> ChooseId(ReadExec& x, const Stream* stream, const NewId& wanted) {
  const StreamId last = stream == nullptr ? StreamId() : stream->last_id();
  if (last == StreamId::Max()) return Error(&errors::kStreamExhausted);
  StreamId id = wanted.id;
  if (wanted.any_ms) {
    const auto now = static_cast<uint64_t>(x.now());
    id = last;
    // A clock that went back does not stop a stream.
    if (now > last.ms) {
      id = {now, 0};
    } else {
      id.Increment();
    }
  } else if (wanted.any_seq && id.ms == last.ms) {
    if (last.seq == UINT64_MAX) return Error(&errors::kStreamIdTooSmall);
    id.seq = last.seq + 1;
  }
  if (id <= last) return Error(&errors::kStreamIdTooSmall);
  return id;
}

size_t Trim(ReadExec& x, Stream& stream, const StreamTrim& trim) {
  const Precision precision = trim.approximately() ? Precision::kWholeBlocks : Precision::kExact;
  uint64_t limit = 0;
  if (trim.limit) {
    limit = static_cast<uint64_t>(*trim.limit);
  } else if (trim.approximately()) {
    // So that one command does not do too much at once.
    const int64_t blocks = 100 * x.limits().stream_node_max_entries;
    limit = blocks <= 0 ? 10'000 : std::min<uint64_t>(static_cast<uint64_t>(blocks), 1'000'000);
  }
  if (trim.max_len) return stream.TrimToLength(static_cast<uint64_t>(trim.max_len->length), precision, limit);
  return stream.TrimBelow(*ParseId(trim.min_id->id), precision, limit);
}

// The words that repeat a trim exactly: what an approximate one left depends on the blocks.
void AddTrimWords(const Stream& stream, const StreamTrim& trim, ArgList& words) {
  if (trim.max_len) {
    words.Add("MAXLEN");
    words.Add("=");
    words.Add(trim.approximately() ? static_cast<int64_t>(stream.size()) : trim.max_len->length);
  } else if (trim.min_id) {
    words.Add("MINID");
    words.Add("=");
    if (trim.approximately()) {
      words.Own(StreamIdText(stream.first_id()).text());
    } else {
      words.Add(trim.min_id->id);
    }
  }
}

void EmitEntry(StreamReader& reader, ReplySink& sink) {
  sink.Begin(Shape::kArray, 2);
  sink.Bulk(StreamIdText(reader.id()).text());
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

Outcome EmitRange(ReadExec& x, const Key& key, Bytes start, Bytes end, const std::optional<int64_t>& count,
                  StreamReader::Direction direction, ReplySink& sink) {
  const auto range = ParseRange(start, end);
  if (!range) return range.error();
  const auto stream = x.Read<Stream>(key);
  if (!stream) return stream.error();
  if (*stream == nullptr) {
    sink.Begin(Shape::kArray, 0);
    sink.End();
  } else if (count && *count <= 0) {
    sink.NullArray();
  } else {
    EmitEntries(StreamReader(**stream, range->first, range->last, direction), static_cast<uint64_t>(count.value_or(0)),
                sink);
  }
  return Outcome();
}

}  // namespace

bool IsStreamId(Bytes id) { return ParseId(id).has_value(); }
bool IsNewStreamId(Bytes id) { return ParseNewId(id).has_value(); }
bool IsZeroStreamId(Bytes id) { return ParseId(id) == StreamId(); }
Error CheckStreamRange(Bytes start, Bytes end) {
  const auto range = ParseRange(start, end);
  return range ? Error() : range.error();
}

Outcome Run(Exec& x, const XAdd& c, ReplySink& sink) {
  const auto present = x.Read<Stream>(c.key);
  if (!present) return present.error();
  if (*present == nullptr && c.no_mkstream) {
    sink.Null();
    return Outcome();
  }
  const auto wanted = ParseNewId(c.id);
  if (!wanted) return Error(&errors::kInvalidStreamId);
  const auto id = ChooseId(x, *present, *wanted);
  if (!id) return id.error();

  absl::InlinedVector<Bytes, 16> words;
  words.reserve(2 * c.fields.size());
  for (const FieldValue& f : c.fields) {
    words.push_back(f.field);
    words.push_back(f.value);
  }
  auto stream = x.Write<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  edit->Append(*id, words);
  edit.Changed(Event::kXAdd);
  const StreamIdText text(*id);
  sink.Bulk(text.text());
  if (c.trim.given() && Trim(x, *edit, c.trim) > 0) edit.Changed(Event::kXTrim);
  if (x.wants_effects()) {
    ArgList effect;
    effect.Add("XADD");
    effect.Add(c.key);
    AddTrimWords(*edit, c.trim, effect);
    effect.Add(text.text());
    for (Bytes word : words) effect.Add(word);
    x.Effect(effect.args());
  }
  return Outcome();
}

Result<int64_t> Run(ReadExec& x, const XLen& c) {
  const auto stream = x.Read<Stream>(c.key);
  if (!stream) return stream.error();
  return *stream == nullptr ? int64_t{0} : static_cast<int64_t>((*stream)->size());
}

Outcome Run(ReadExec& x, const XRange& c, ReplySink& sink) {
  return EmitRange(x, c.key, c.start, c.end, c.count, StreamReader::kUp, sink);
}
Outcome Run(ReadExec& x, const XRevRange& c, ReplySink& sink) {
  return EmitRange(x, c.key, c.start, c.end, c.count, StreamReader::kDown, sink);
}

Outcome Run(Exec& x, const XRead& c, ReplySink& sink) {
  struct Source {
    const Stream* stream;
    StreamId after;
  };
  absl::InlinedVector<Source, 4> sources;
  size_t ready = 0;
  for (size_t i = 0; i < c.keys.size(); ++i) {
    const auto read = x.Read<Stream>(c.keys[i]);
    // A key that got another type while we were waiting does not end the wait.
    if (!read && !x.rerunning()) return read.error();
    const Stream* stream = read ? *read : nullptr;
    StreamId after;
    if (c.ids[i] == "$") {
      if (stream != nullptr) after = stream->last_id();
    } else if (c.ids[i] == ">") {
      return Error(&errors::kXReadNewOnly);
    } else if (const auto id = ParseId(c.ids[i])) {
      after = *id;
    } else {
      return Error(&errors::kInvalidStreamId);
    }
    sources.push_back({stream, after});
    // Entries with a greater id may all be deleted; then there is nothing yet.
    if (stream != nullptr && stream->last_id() > after && after.Increment()) {
      ready += StreamReader(*stream, after, StreamId::Max()).Next();
    }
  }
  if (ready > 0) {
    const uint64_t count = static_cast<uint64_t>(std::max<int64_t>(c.count.value_or(0), 0));
    sink.Begin(Shape::kEntries, ready);
    for (size_t i = 0; i < sources.size(); ++i) {
      StreamId from = sources[i].after;
      if (sources[i].stream == nullptr || !from.Increment()) continue;
      StreamReader reader(*sources[i].stream, from, StreamId::Max());
      if (!StreamReader(reader).Next()) continue;
      sink.Bulk(c.keys[i].name);
      EmitEntries(std::move(reader), count, sink);
    }
    sink.End();
    return Outcome();
  }
  if (!c.block) {
    sink.NullArray();
    return Outcome();
  }
  if (c.block->ms > INT64_MAX - x.now()) return Error(&errors::kTimeoutOutOfRange);
  // What "$" means is settled now.
  ArgList words;
  words.Add("XREAD");
  if (c.count) {
    words.Add("COUNT");
    words.Add(*c.count);
  }
  words.Add("BLOCK");
  words.Add(c.block->ms);
  words.Add("STREAMS");
  for (const Key& key : c.keys) words.Add(key);
  for (const Source& source : sources) words.Own(StreamIdText(source.after).text());
  return x.Park(sink, c.keys.span(), c.block->ms, words.args());
}

Result<int64_t> Run(Exec& x, const XDel& c) {
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (!edit) return int64_t{0};
  edit.Unchanged();
  for (Bytes id : c.ids) {
    if (!IsStreamId(id)) return Error(&errors::kInvalidStreamId);
  }
  int64_t removed = 0;
  for (Bytes id : c.ids) removed += edit->Erase(*ParseId(id));
  if (removed > 0) edit.Changed(Event::kXDel);
  return removed;
}

Result<int64_t> Run(Exec& x, const XTrim& c) {
  auto stream = x.WriteExisting<Stream>(c.key);
  if (!stream) return stream.error();
  Edit<Stream>& edit = *stream;
  if (!edit) return int64_t{0};
  const size_t removed = Trim(x, *edit, c.trim);
  if (removed == 0) {
    edit.Unchanged();
    return int64_t{0};
  }
  edit.Changed(Event::kXTrim);
  if (x.wants_effects() && c.trim.approximately()) {
    ArgList effect;
    effect.Add("XTRIM");
    effect.Add(c.key);
    AddTrimWords(*edit, c.trim, effect);
    x.Effect(effect.args());
  }
  return static_cast<int64_t>(removed);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family StreamCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<XAdd>(), Add<XDel>(), Add<XLen>(), Add<XRange>(), Add<XRead>(), Add<XRevRange>(), Add<XTrim>(),
  };
  return {kCommands};
}

}  // namespace dualis
