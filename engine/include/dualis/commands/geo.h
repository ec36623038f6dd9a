// The geo commands: places kept as the scores of a sorted set. The searches are in dualis/commands/geo_searches.h.
//
// Units are words: m, km, ft, mi.
#ifndef DUALIS_COMMANDS_GEO_H_
#define DUALIS_COMMANDS_GEO_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// A longitude and a latitude in degrees, and what is wrong with them.
struct GeoPlace {
  double longitude = 0;
  double latitude = 0;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.longitude, "longitude");
    v.number(c.latitude, "latitude");
    const Error wrong = Check(c.longitude, c.latitude);
    v.rule(!wrong, wrong);
  }
  // An error if there is no such place, or none that has a score.
  static Error Check(double longitude, double latitude);
};

// A member with its place.
struct GeoMember {
  double longitude = 0;
  double latitude = 0;
  Bytes member;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.longitude, "longitude");
    v.number(c.latitude, "latitude");
    const Error wrong = GeoPlace::Check(c.longitude, c.latitude);
    v.rule(!wrong, wrong);
    v.bytes(c.member, "member");
  }
};

// GEOADD key [NX|XX] [CH] longitude latitude member [longitude latitude member ...]
// Adds members or moves them to a new place. Replies with how many are new.
struct GeoAdd {
  static constexpr CommandInfo kInfo{"GEOADD",
                                     kWrite | kDenyOom,
                                     Group::kGeo,
                                     "3.2.0",
                                     "Adds members with their places to a geo index.",
                                     "O(log(N)) for each member."};
  using Reply = int64_t;
  Key key;
  Many<GeoMember> members;
  bool if_missing = false;  // NX: only new members
  bool if_exists = false;   // XX: only present members
  bool changed = false;     // CH: the reply counts moved members too
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.leading([&](auto& o) {
      o.flag("NX", c.if_missing);
      o.flag("XX", c.if_exists);
      o.flag("CH", c.changed);
    });
    v.late_tuples(c.members, Uneven::kSyntax);
    v.rule(!(c.if_missing && c.if_exists), errors::kSyntax);
    v.convert(c.members);
  }
};

// GEODIST key member1 member2 [m|km|ft|mi]
// How far two members are from each other; null if one of them is missing.
struct GeoDist {
  static constexpr CommandInfo kInfo{
      "GEODIST", kReadOnly, Group::kGeo, "3.2.0", "Returns the distance between two members of a geo index.", "O(1)"};
  using Reply = std::optional<double>;
  Key key;
  Bytes member1;
  Bytes member2;
  std::optional<Bytes> unit;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.member1, "member1");
    v.bytes(c.member2, "member2");
    v.optional(c.unit, "unit");
    v.trailing([](auto&) {});  // A further word is a syntax error, not one of arity.
    v.rule(!c.unit || IsGeoUnit(*c.unit), errors::kGeoUnit);
  }
  static bool IsGeoUnit(Bytes word);
};

// GEOHASH key [member [member ...]]
// The places of members as the geohashes that others know; null where there is none.
struct GeoHash {
  static constexpr CommandInfo kInfo{"GEOHASH",
                                     kReadOnly,
                                     Group::kGeo,
                                     "3.2.0",
                                     "Returns the places of members as geohashes.",
                                     "O(1) for each member."};
  using Reply = std::vector<std::optional<std::string>>;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.any(c.members, "member");
  }
};

// GEOPOS key [member [member ...]]
// The places of members as longitude and latitude; null where there is none.
struct GeoPos {
  static constexpr CommandInfo kInfo{"GEOPOS",
                                     kReadOnly,
                                     Group::kGeo,
                                     "3.2.0",
                                     "Returns the longitudes and latitudes of members.",
                                     "O(1) for each member."};
  using Reply = std::vector<std::optional<std::pair<double, double>>>;
  Key key;
  Many<Bytes> members;
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.any(c.members, "member");
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_GEO_H_
