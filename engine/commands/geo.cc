// GEOADD, and what is told of single members.
#include "dualis/commands/geo.h"

#include <charconv>

#include "dualis/commands/sorted_sets.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/geo_words.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {

Outcome Run(Exec& x, const ZAdd& c, ReplySink& sink);

Error GeoPlace::Check(double longitude, double latitude) {
  if (geo::IsValid({longitude, latitude})) return Error();
  std::string text = "ERR invalid longitude,latitude pair ";
  const auto append = [&](double degrees) {
    char digits[400];
    text.append(digits, std::to_chars(digits, digits + sizeof(digits), degrees, std::chars_format::fixed, 6).ptr);
  };
  append(longitude);
  text += ',';
  append(latitude);
  return Error(ErrorCode::kErr, text);
}

bool GeoDist::IsGeoUnit(Bytes word) { return MetresOf(word) > 0; }

Outcome Run(Exec& x, const GeoAdd& c, ReplySink& sink) {
  std::vector<ScoreMember> members;
  members.reserve(c.members.size());
  for (const GeoMember& m : c.members) members.push_back({geo::ScoreOf({m.longitude, m.latitude}), m.member});
  const ZAdd add{.key = c.key,
                 .members = std::span<const ScoreMember>(members),
                 .if_missing = c.if_missing,
                 .if_exists = c.if_exists,
                 .changed = c.changed};
  return Run(x, add, sink);
}

Outcome Run(ReadExec& x, const GeoDist& c, ReplySink& sink) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  const auto first = *set == nullptr ? std::nullopt : (*set)->Find(c.member1);
  const auto second = *set == nullptr ? std::nullopt : (*set)->Find(c.member2);
  if (first && second) {
    EmitDistance(geo::Distance(geo::PlaceOf(*first), geo::PlaceOf(*second)) / MetresOf(c.unit.value_or("m")), sink);
  } else {
    sink.Null();
  }
  return Outcome();
}

Outcome Run(ReadExec& x, const GeoHash& c, ReplySink& sink) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  sink.Begin(Shape::kArray, c.members.size());
  for (Bytes member : c.members) {
    const auto score = *set == nullptr ? std::nullopt : (*set)->Find(member);
    if (!score) {
      sink.Null();
      continue;
    }
    char text[11];
    geo::StandardHash(geo::PlaceOf(*score), text);
    sink.Bulk(Bytes(text, sizeof(text)));
  }
  sink.End();
  return Outcome();
}

Outcome Run(ReadExec& x, const GeoPos& c, ReplySink& sink) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  sink.Begin(Shape::kArray, c.members.size());
  for (Bytes member : c.members) {
    const auto score = *set == nullptr ? std::nullopt : (*set)->Find(member);
    if (score) {
      EmitPlace(geo::PlaceOf(*score), sink);
    } else {
      sink.NullArray();
    }
  }
  sink.End();
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family GeoCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<GeoAdd>(), Add<GeoDist>(), Add<GeoHash>(), Add<GeoPos>()};
  return {kCommands};
}

}  // namespace dualis
