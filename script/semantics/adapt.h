// Adaptation: how a reply becomes a Value, one way for both executors.
//
// First the reply as RESP2 has it becomes a raw Value: integer a number (an error from 2^53 on: Lua has lost digits by
// then), bulk and status bytes, null None, aggregates lists (maps and couples flat). Then the adaptation of the command
// gives it its meaning. The Lua functions reply_raw, reply_bool ... of the prelude do the same.
#ifndef DUALIS_SCRIPT_SEMANTICS_ADAPT_H_
#define DUALIS_SCRIPT_SEMANTICS_ADAPT_H_

#include "script/semantics/op.h"

namespace dualis::script {

enum class Adapt : uint8_t {
  kRaw,
  kBool,         // integer: not 0; null: false; a status: true
  kNumber,       // a number, also one that came as bytes; None
  kSorted,       // a list in the order of its bytes
  kDict,         // couples as a dict
  kPairs,        // couples as lists of two
  kScores,       // couples as lists of two, the second a number
  kNumbers,      // a list of kNumber
  kBools,        // a list of kBool
  kPopped,       // None, or [key, kScores]
  kEntries,      // stream entries: [id, kPairs]
  kStreams,      // None, or a dict of kEntries by stream
  kPositions,    // a list of None or [longitude, latitude]
  kReals,        // None, or a list whose last item is a number
  kScanned,      // [cursor, kPairs]
  kHits,         // members as they are; a list of each with numbers behind it
  kAutoClaimed,  // [next id, kEntries, ids that are gone]
  kPending,      // None, or [count, first, last, couples of consumer and count]; of the long form as it is
  kDicts,        // a list of kDict
  kCount,
};

// "raw", "bool", ...: the Lua function is reply_ and this.
Bytes AdaptName(Adapt adapt);
// The kinds that it may give.
Kinds AdaptKinds(Adapt adapt);
// True if reals stay numbers in the raw Value; else they become their text, as in RESP2.
bool KeepsReals(Adapt adapt);

// The adaptation of a command. `literal(i)` gives word i (0: the first after the name) if it is a literal of bytes,
// else an empty view.
Adapt AdaptOf(Bytes command, size_t words, const std::function<Bytes(size_t)>& literal);

// Turns the raw Value into what the script gets.
Value AdaptReply(Adapt adapt, Value raw);

// The integer beyond which Lua loses digits, and the error that says so.
inline constexpr int64_t kTooLarge = int64_t{1} << 53;
inline constexpr Bytes kTooLargeText = "ERR script: an integer reply of 2^53 or more cannot be held exactly";

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_SEMANTICS_ADAPT_H_
