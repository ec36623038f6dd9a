// Units, and how distances and places are printed.
#ifndef DUALIS_ENGINE_COMMANDS_GEO_WORDS_H_
#define DUALIS_ENGINE_COMMANDS_GEO_WORDS_H_

#include <charconv>

#include "dualis/reply.h"
#include "engine/command/word.h"
#include "engine/types/geo.h"

namespace dualis::cmd {

// How many metres a unit is; 0 for a word that is none.
inline double MetresOf(Bytes unit) {
  if (IsWord(unit, "M")) return 1;
  if (IsWord(unit, "KM")) return 1000;
  if (IsWord(unit, "FT")) return 0.3048;
  if (IsWord(unit, "MI")) return 1609.34;
  return 0;
}

// With four decimal places, in either protocol a bulk.
inline void EmitDistance(double distance, ReplySink& sink) {
  char text[400];
  const char* const end = std::to_chars(text, text + sizeof(text), distance, std::chars_format::fixed, 4).ptr;
  sink.Bulk(Bytes(text, static_cast<size_t>(end - text)));
}

inline void EmitPlace(const geo::Place& place, ReplySink& sink) {
  sink.Begin(Shape::kArray, 2);
  sink.Decimal(place.longitude);
  sink.Decimal(place.latitude);
  sink.End();
}

}  // namespace dualis::cmd

#endif  // DUALIS_ENGINE_COMMANDS_GEO_WORDS_H_
