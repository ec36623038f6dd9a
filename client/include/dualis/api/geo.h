// The geo commands as methods. See dualis/commands_api.h.
#ifndef DUALIS_API_GEO_H_
#define DUALIS_API_GEO_H_

#include <optional>
#include <utility>

#include "dualis/api/words.h"
#include "dualis/commands/geo.h"
#include "dualis/commands/geo_searches.h"

namespace dualis {

// The options of GEOADD.
struct GeoAddOptions {
  bool if_missing = false;  // NX
  bool if_exists = false;   // XX
  bool changed = false;     // CH: the reply counts moved members too
};

// What GEOSEARCH covers: a circle or a box around a member or a place.
//
//   client.geosearch("shops", {.from_member = "here", .by_radius = {{5, "km"}}}, {.count = 3});
struct GeoArea {
  std::optional<Bytes> from_member = {};
  std::optional<cmd::GeoPlace> from_lonlat = {};
  std::optional<cmd::GeoRadiusOption> by_radius = {};
  std::optional<cmd::GeoBoxOption> by_box = {};
};

// In which order and how many.
struct GeoSearchOptions {
  cmd::GeoSort sort = cmd::GeoSort::kNone;
  std::optional<int64_t> count = {};
  bool any = false;
};

template <class Self>
class GeoCommands {
 public:
  // Longitudes first, as in Redis: {{13.36, 38.11, "Palermo"}, ...}.
  auto geoadd(Key key, Many<cmd::GeoMember> members, const GeoAddOptions& o = {}) {
    return Do(cmd::GeoAdd{key, std::move(members), o.if_missing, o.if_exists, o.changed});
  }
  auto geoadd(Key key, double longitude, double latitude, Bytes member, const GeoAddOptions& options = {}) {
    return geoadd(key, {{longitude, latitude, member}}, options);
  }
  // Units: "m", "km", "ft", "mi".
  auto geodist(Key key, Bytes member1, Bytes member2, Bytes unit = "m") {
    return Do(cmd::GeoDist{key, member1, member2, unit});
  }
  auto geohash(Key key, Many<Bytes> members) { return Do(cmd::GeoHash{key, std::move(members)}); }
  auto geopos(Key key, Many<Bytes> members) { return Do(cmd::GeoPos{key, std::move(members)}); }
  auto geosearch(Key key, const GeoArea& area, const GeoSearchOptions& options = {}) {
    return Do(SearchOf(key, area, options));
  }
  // Members with their distance, score and place.
  auto geosearch_hits(Key key, const GeoArea& area, const GeoSearchOptions& options = {}) {
    return Do(cmd::GeoSearchHits(SearchOf(key, area, options)));
  }
  auto geosearchstore(Key destination, Key source, const GeoArea& a, const GeoSearchOptions& options = {},
                      bool store_dist = false) {
    return Do(cmd::GeoSearchStore{destination, source, a.from_member, a.from_lonlat, a.by_radius, a.by_box,
                                  OptionsOf(options), store_dist});
  }

 private:
  static cmd::GeoOptions OptionsOf(const GeoSearchOptions& o) {
    return {.sort = o.sort, .count = o.count, .any = o.any};
  }
  static cmd::GeoSearch SearchOf(Key key, const GeoArea& a, const GeoSearchOptions& options) {
    return {key, a.from_member, a.from_lonlat, a.by_radius, a.by_box, OptionsOf(options)};
  }
  template <class C>
  auto Do(const C& command) {
    return static_cast<Self*>(this)->Run(command);
  }
};

}  // namespace dualis

#endif  // DUALIS_API_GEO_H_
