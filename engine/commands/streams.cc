// The entries of a stream: XADD, XDEL, XTRIM, XLEN, XRANGE, XREVRANGE.
#include "dualis/commands/streams.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/stream_entries.h"
#include "engine/types/stream.h"

namespace dualis::cmd {
namespace {

using Precision = Stream::Precision;

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
  const auto id = ParseStreamId(text);
  if (!id) return std::nullopt;
  return NewId{.id = *id};
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
  return stream.TrimBelow(*ParseStreamId(trim.min_id->id), precision, limit);
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

Outcome EmitRange(ReadExec& x, const Key& key, Bytes start, Bytes end, const std::optional<int64_t>& count,
                  StreamReader::Direction direction, ReplySink& sink) {
  const auto range = ParseStreamRange(start, end);
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

bool IsNewStreamId(Bytes id) { return ParseNewId(id).has_value(); }

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
  for (Bytes id : c.ids) removed += edit->Erase(*ParseStreamId(id));
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
      Add<XAdd>(), Add<XDel>(), Add<XLen>(), Add<XRange>(), Add<XRevRange>(), Add<XTrim>(),
  };
  return {kCommands};
}

}  // namespace dualis
