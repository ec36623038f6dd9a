// The searches in a geo index: GEOSEARCH, and GEORADIUS that was before it.
#ifndef DUALIS_COMMANDS_GEO_SEARCHES_H_
#define DUALIS_COMMANDS_GEO_SEARCHES_H_

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dualis/command.h"
#include "dualis/commands/geo.h"
#include "dualis/commands/key_uses.h"
#include "dualis/errors.h"
#include "dualis/syntax.h"

namespace dualis::cmd {

// A circle: BYRADIUS radius unit.
struct GeoRadiusOption {
  double radius = 0;
  Bytes unit = "m";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.radius, "radius", errors::kGeoRadiusNotNumeric);
    v.rule(c.radius >= 0, errors::kGeoRadiusNegative);
    v.bytes(c.unit, "unit");
    v.rule(GeoDist::IsGeoUnit(c.unit), errors::kGeoUnit);
  }
};

// A box around its centre: BYBOX width height unit.
struct GeoBoxOption {
  double width = 0;
  double height = 0;
  Bytes unit = "m";
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.number(c.width, "width", errors::kGeoWidthNotNumeric);
    v.number(c.height, "height", errors::kGeoHeightNotNumeric);
    v.rule(c.width >= 0 && c.height >= 0, errors::kGeoBoxNegative);
    v.bytes(c.unit, "unit");
    v.rule(GeoDist::IsGeoUnit(c.unit), errors::kGeoUnit);
  }
};

// In which order a search replies: that of the index, or by the distance.
enum class GeoSort : uint8_t { kNone, kAscending, kDescending };

// What every search may be told.
struct GeoOptions {
  GeoSort sort = GeoSort::kNone;
  std::optional<int64_t> count;  // at most so many; the nearest ones unless sorted otherwise
  bool any = false;              // ANY: the search ends when it has found `count`
  bool with_coord = false;
  bool with_dist = false;
  bool with_hash = false;

  template <class Self, class Option>
  static void Syntax(Self& c, Option& o) {
    o.flag("WITHDIST", c.with_dist);
    o.flag("WITHHASH", c.with_hash);
    o.flag("WITHCOORD", c.with_coord);
    o.flag("ANY", c.any);
    o.last("ASC", c.sort, GeoSort::kAscending);
    o.last("DESC", c.sort, GeoSort::kDescending);
    o.option("COUNT", c.count);
    o.rule(c.count.value_or(1) > 0, errors::kGeoCountNotPositive);
  }
  bool adds_to_members() const { return with_coord || with_dist || with_hash; }
};

// A member that was found, with everything that can be told of it.
struct GeoHit {
  std::string member;
  double distance = 0;
  int64_t hash = 0;
  std::pair<double, double> place;  // longitude and latitude
  auto members() { return std::tie(member, distance, hash, place); }
};

// GEOSEARCH key FROMMEMBER member|FROMLONLAT longitude latitude BYRADIUS radius unit|BYBOX width height unit
//   [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]
// The members inside a circle or a box. With all of the three WITH use GeoSearchHits.
struct GeoSearch {
  static constexpr CommandInfo kInfo{
      "GEOSEARCH",
      kReadOnly,
      Group::kGeo,
      "6.2.0",
      "Returns the members inside a circle or a box.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = std::vector<std::string>;
  Key key;
  std::optional<Bytes> from_member;
  std::optional<GeoPlace> from_lonlat;
  std::optional<GeoRadiusOption> by_radius;
  std::optional<GeoBoxOption> by_box;
  GeoOptions options;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.at_least(7);
    v.key(c.key);
    v.late_errors(c.late);
    v.trailing([&](auto& o) { Words(c, o); });
    Rules(c, v);
  }
  template <class Self, class Option>
  static void Words(Self& c, Option& o) {
    if (c.from_lonlat) o.refuse("FROMMEMBER", errors::kSyntax);
    if (c.from_member) o.refuse("FROMLONLAT", errors::kSyntax);
    if (c.by_box) o.refuse("BYRADIUS", errors::kSyntax);
    if (c.by_radius) o.refuse("BYBOX", errors::kSyntax);
    o.option("FROMMEMBER", c.from_member);
    o.option("FROMLONLAT", c.from_lonlat);
    o.option("BYRADIUS", c.by_radius);
    o.option("BYBOX", c.by_box);
    GeoOptions::Syntax(c.options, o);
  }
  template <class Self, class Visitor>
  static void Rules(Self& c, Visitor& v) {
    v.named_rule(c.from_member.has_value() != c.from_lonlat.has_value(), errors::kGeoFrom);
    v.named_rule(c.by_radius.has_value() != c.by_box.has_value(), errors::kGeoBy);
    v.rule(!c.options.any || c.options.count, errors::kGeoAnyNeedsCount);
  }
};
// GEOSEARCH ... WITHCOORD WITHDIST WITHHASH
struct GeoSearchHits : GeoSearch {
  using Reply = std::vector<GeoHit>;
  GeoSearchHits() { options.with_coord = options.with_dist = options.with_hash = true; }
  explicit GeoSearchHits(GeoSearch search) : GeoSearch(std::move(search)) {
    options.with_coord = options.with_dist = options.with_hash = true;
  }
};

// GEOSEARCHSTORE destination source ... [STOREDIST]
// Puts the members inside under `destination`, whatever was there, with their scores or their distances. Replies with
// how many there are.
struct GeoSearchStore {
  static constexpr CommandInfo kInfo{
      "GEOSEARCHSTORE",
      kWrite | kDenyOom,
      Group::kGeo,
      "6.2.0",
      "Stores the members inside a circle or a box.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = int64_t;
  Key destination;
  Key key;
  std::optional<Bytes> from_member;
  std::optional<GeoPlace> from_lonlat;
  std::optional<GeoRadiusOption> by_radius;
  std::optional<GeoBoxOption> by_box;
  GeoOptions options;
  bool store_dist = false;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.at_least(8);
    v.key(c.destination, kKeyOverwrites, "destination");
    v.key(c.key, kKeyReads, "source");
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      GeoSearch::Words(c, o);
      o.flag("STOREDIST", c.store_dist);
    });
    v.rule(!c.options.adds_to_members(), errors::kGeoSearchStoreWith);
    GeoSearch::Rules(c, v);
  }
};

// What a STORE of GEORADIUS keeps as scores.
enum class GeoStore : uint8_t { kScores, kDistances };

// GEORADIUS key longitude latitude radius unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
//   [STORE key|STOREDIST key]
// The members inside a circle around a place. With a target use GeoRadiusStore, with all of the three WITH
// GeoRadiusHits.
struct GeoRadius {
  static constexpr CommandInfo kInfo{
      "GEORADIUS",
      kWrite | kDenyOom,
      Group::kGeo,
      "3.2.0",
      "Returns the members inside a circle around a place.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = std::vector<std::string>;
  Key key;
  GeoPlace place;
  GeoRadiusOption area;
  GeoOptions options;
  GeoStore store = GeoStore::kScores;
  std::optional<Key> target;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyReads);
    v.late_errors(c.late);
    GeoPlace::Syntax(c.place, v);
    GeoRadiusOption::Syntax(c.area, v);
    v.trailing([&](auto& o) {
      GeoOptions::Syntax(c.options, o);
      o.last("STORE", c.store, GeoStore::kScores, c.target);
      o.last("STOREDIST", c.store, GeoStore::kDistances, c.target);
    });
    v.rule(!c.target || !c.options.adds_to_members(), errors::kGeoStoreWith);
    v.rule(!c.options.any || c.options.count, errors::kGeoAnyNeedsCount);
  }
};
// GEORADIUS ... WITHCOORD WITHDIST WITHHASH
struct GeoRadiusHits : GeoRadius {
  using Reply = std::vector<GeoHit>;
  GeoRadiusHits() { options.with_coord = options.with_dist = options.with_hash = true; }
  explicit GeoRadiusHits(GeoRadius search) : GeoRadius(std::move(search)) {
    options.with_coord = options.with_dist = options.with_hash = true;
  }
};
// GEORADIUS ... STORE key: how many there are.
struct GeoRadiusStore : GeoRadius {
  using Reply = int64_t;
  GeoRadiusStore() = default;
  explicit GeoRadiusStore(GeoRadius search) : GeoRadius(std::move(search)) {}
};

// GEORADIUS_RO key longitude latitude radius unit ...
// GEORADIUS without a target.
struct GeoRadiusRo {
  static constexpr CommandInfo kInfo{
      "GEORADIUS_RO",
      kReadOnly,
      Group::kGeo,
      "3.2.10",
      "Returns the members inside a circle around a place.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = std::vector<std::string>;
  Key key;
  GeoPlace place;
  GeoRadiusOption area;
  GeoOptions options;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.late_errors(c.late);
    GeoPlace::Syntax(c.place, v);
    GeoRadiusOption::Syntax(c.area, v);
    v.trailing([&](auto& o) { GeoOptions::Syntax(c.options, o); });
    v.rule(!c.options.any || c.options.count, errors::kGeoAnyNeedsCount);
  }
};

// GEORADIUSBYMEMBER key member radius unit [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC|DESC]
//   [STORE key|STOREDIST key]
// GEORADIUS around a member. Redis looks at key and member before the radius.
struct GeoRadiusByMember {
  static constexpr CommandInfo kInfo{
      "GEORADIUSBYMEMBER",
      kWrite | kDenyOom,
      Group::kGeo,
      "3.2.0",
      "Returns the members inside a circle around a member.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = std::vector<std::string>;
  Key key;
  Bytes member;
  Late<double> radius;
  Bytes unit = "m";
  GeoOptions options;
  GeoStore store = GeoStore::kScores;
  std::optional<Key> target;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key, kKeyReads);
    v.bytes(c.member, "member");
    v.late(c.radius, "radius");
    v.bytes(c.unit, "unit");
    v.late_errors(c.late);
    v.trailing([&](auto& o) {
      GeoOptions::Syntax(c.options, o);
      o.last("STORE", c.store, GeoStore::kScores, c.target);
      o.last("STOREDIST", c.store, GeoStore::kDistances, c.target);
    });
    v.rule(!c.target || !c.options.adds_to_members(), errors::kGeoStoreWith);
    v.rule(!c.options.any || c.options.count, errors::kGeoAnyNeedsCount);
  }
};
// GEORADIUSBYMEMBER ... WITHCOORD WITHDIST WITHHASH
struct GeoRadiusByMemberHits : GeoRadiusByMember {
  using Reply = std::vector<GeoHit>;
  GeoRadiusByMemberHits() { options.with_coord = options.with_dist = options.with_hash = true; }
  explicit GeoRadiusByMemberHits(GeoRadiusByMember search) : GeoRadiusByMember(std::move(search)) {
    options.with_coord = options.with_dist = options.with_hash = true;
  }
};
// GEORADIUSBYMEMBER ... STORE key: how many there are.
struct GeoRadiusByMemberStore : GeoRadiusByMember {
  using Reply = int64_t;
  GeoRadiusByMemberStore() = default;
  explicit GeoRadiusByMemberStore(GeoRadiusByMember search) : GeoRadiusByMember(std::move(search)) {}
};

// GEORADIUSBYMEMBER_RO key member radius unit ...
// GEORADIUSBYMEMBER without a target.
struct GeoRadiusByMemberRo {
  static constexpr CommandInfo kInfo{
      "GEORADIUSBYMEMBER_RO",
      kReadOnly,
      Group::kGeo,
      "3.2.10",
      "Returns the members inside a circle around a member.",
      "O(N+log(M)) with N the number of members around the area and M the number of those inside."};
  using Reply = std::vector<std::string>;
  Key key;
  Bytes member;
  Late<double> radius;
  Bytes unit = "m";
  GeoOptions options;
  LateErrors late = {};
  template <class Self, class Visitor>
  static void Syntax(Self& c, Visitor& v) {
    v.key(c.key);
    v.bytes(c.member, "member");
    v.late(c.radius, "radius");
    v.bytes(c.unit, "unit");
    v.late_errors(c.late);
    v.trailing([&](auto& o) { GeoOptions::Syntax(c.options, o); });
    v.rule(!c.options.any || c.options.count, errors::kGeoAnyNeedsCount);
  }
};

}  // namespace dualis::cmd

#endif  // DUALIS_COMMANDS_GEO_SEARCHES_H_
