// What the families of stream commands share: ids as words, and entries as replies.
#ifndef DUALIS_ENGINE_COMMANDS_STREAM_ENTRIES_H_
#define DUALIS_ENGINE_COMMANDS_STREAM_ENTRIES_H_

#include <optional>

#include "dualis/reply.h"
#include "dualis/result.h"
#include "engine/types/stream.h"

namespace dualis::cmd {

// "ms-seq"; with "ms" alone the sequence is `missing_seq`.
std::optional<StreamId> ParseStreamId(Bytes text, uint64_t missing_seq = 0);

// Both bounds, included.
struct StreamIdRange {
  StreamId first;
  StreamId last;
};
// The bounds of XRANGE.
Result<StreamIdRange> ParseStreamRange(Bytes start, Bytes end);

void EmitStreamId(StreamId id, ReplySink& sink);
// Emits the entry that the reader is at.
void EmitEntry(StreamReader& reader, ReplySink& sink);
// Emits up to `count` entries (0: all) as one array.
void EmitEntries(StreamReader reader, uint64_t count, ReplySink& sink);

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_STREAM_ENTRIES_H_
