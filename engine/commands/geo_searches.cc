// GEOSEARCH and GEORADIUS. All of them come down to one Search; they differ in what they look at first.
#include "dualis/commands/geo_searches.h"

#include <algorithm>

#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/commands/families.h"
#include "engine/commands/geo_words.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

struct Hit {
  std::string member;
  geo::Place place;
  double distance;  // metres
  double score;
};

struct Target {
  const Key& key;
  bool distances;
  Event event;
};

// Everything that lies inside the area, in the order of the index; no more than `limit`, if that is not 0.
std::vector<Hit> Find(const SortedSet& set, const geo::Area& area, size_t limit) {
  std::vector<Hit> hits;
  const auto full = [&] { return limit != 0 && hits.size() >= limit; };
  for (const geo::ScoreRange& range : geo::Cover(area)) {
    if (full()) break;
    const size_t first = set.RankOfScore(range.first, SortedSet::Below::kLess);
    const size_t last = set.RankOfScore(range.last, SortedSet::Below::kLess);
    if (last <= first) continue;
    set.ForRange(first, last - first, [&](Bytes member, double score) {
      if (full()) return;
      const geo::Place place = geo::PlaceOf(score);
      const double distance = area.DistanceInside(place);
      if (distance >= 0) hits.push_back({std::string(member), place, distance, score});
    });
  }
  return hits;
}

void Sort(std::vector<Hit>& hits, const GeoOptions& options) {
  GeoSort sort = options.sort;
  // A count asks for the nearest ones, unless any will do.
  if (options.count && sort == GeoSort::kNone && !options.any) sort = GeoSort::kAscending;
  if (sort == GeoSort::kNone) return;
  std::stable_sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
    return sort == GeoSort::kAscending ? a.distance < b.distance : a.distance > b.distance;
  });
}

void Emit(const std::vector<Hit>& hits, const GeoOptions& options, double metres, ReplySink& sink) {
  sink.Begin(Shape::kArray, hits.size());
  for (const Hit& hit : hits) {
    if (options.adds_to_members()) {
      sink.Begin(Shape::kArray, size_t{1} + options.with_dist + options.with_hash + options.with_coord);
    }
    sink.Bulk(hit.member);
    if (options.with_dist) EmitDistance(hit.distance / metres, sink);
    if (options.with_hash) sink.Int(static_cast<int64_t>(hit.score));
    if (options.with_coord) EmitPlace(hit.place, sink);
    if (options.adds_to_members()) sink.End();
  }
  sink.End();
}

void Store(Exec& x, const std::vector<Hit>& hits, const Target& target, double metres, ReplySink& sink) {
  if (hits.empty()) {
    x.Delete(target.key);
  } else {
    auto set = x.NewValue<SortedSet>();
    for (const Hit& hit : hits) set->Insert(hit.member, target.distances ? hit.distance / metres : hit.score);
    x.PutValue(target.key, std::move(set));
    x.SendEvent(target.event, target.key);
  }
  sink.Int(static_cast<int64_t>(hits.size()));
}

// Searches a set, which may be absent. `metres`: the unit of the distances in the reply.
std::vector<Hit> Search(const SortedSet* set, const geo::Area& area, const GeoOptions& options) {
  if (set == nullptr) return {};
  const auto count = static_cast<size_t>(options.count.value_or(0));
  std::vector<Hit> hits = Find(*set, area, options.any ? count : 0);
  Sort(hits, options);
  if (count != 0 && hits.size() > count) hits.resize(count);
  return hits;
}

struct Plan {
  const SortedSet* set;
  geo::Area area;
  double metres;
};

geo::Area Circle(const geo::Place& center, double radius) {
  geo::Area area;
  area.center = center;
  area.radius = radius;
  return area;
}

Result<geo::Place> PlaceOfMember(const SortedSet& set, Bytes member) {
  const auto score = set.Find(member);
  if (!score) return Error(&errors::kGeoNoMember);
  return geo::PlaceOf(*score);
}

// GEOSEARCH and GEOSEARCHSTORE. Redis finds a missing member where it reads FROMMEMBER: after the errors before it.
template <class C>
Result<Plan> PlanSearch(ReadExec& x, const C& c) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  Plan plan{*set, {}, 1};
  if (plan.set != nullptr && c.from_member) {
    const auto center = PlaceOfMember(*plan.set, *c.from_member);
    if (!center) return center.error();
    plan.area.center = *center;
  }
  if (c.late.error) return c.late.error;
  if (c.from_lonlat) plan.area.center = {c.from_lonlat->longitude, c.from_lonlat->latitude};
  if (c.by_box) {
    plan.metres = MetresOf(c.by_box->unit);
    plan.area.is_box = true;
    plan.area.width = c.by_box->width * plan.metres;
    plan.area.height = c.by_box->height * plan.metres;
  } else if (c.by_radius) {
    plan.metres = MetresOf(c.by_radius->unit);
    plan.area.radius = c.by_radius->radius * plan.metres;
  }
  return plan;
}

// GEORADIUS and GEORADIUS_RO.
template <class C>
Result<Plan> PlanAroundPlace(ReadExec& x, const C& c) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  if (c.late.error) return c.late.error;
  const double metres = MetresOf(c.area.unit);
  return Plan{*set, Circle({c.place.longitude, c.place.latitude}, c.area.radius * metres), metres};
}

// GEORADIUSBYMEMBER and GEORADIUSBYMEMBER_RO. Without an index Redis does not even read the radius.
template <class C>
Result<Plan> PlanAroundMember(ReadExec& x, const C& c) {
  const auto set = x.Read<SortedSet>(c.key);
  if (!set) return set.error();
  Plan plan{*set, {}, 1};
  if (plan.set != nullptr) {
    const auto center = PlaceOfMember(*plan.set, c.member);
    if (!center) return center.error();
    double radius;
    if (!c.radius.Get(&radius)) return Error(&errors::kGeoRadiusNotNumeric);
    if (!(radius >= 0)) return Error(&errors::kGeoRadiusNegative);
    plan.metres = MetresOf(c.unit);
    if (plan.metres == 0) return Error(&errors::kGeoUnit);
    plan.area = Circle(*center, radius * plan.metres);
  }
  if (c.late.error) return c.late.error;
  return plan;
}

Outcome Reply(const Result<Plan>& plan, const GeoOptions& options, ReplySink& sink) {
  if (!plan) return plan.error();
  Emit(Search(plan->set, plan->area, options), options, plan->metres, sink);
  return Outcome();
}

Outcome ReplyOrStore(Exec& x, const Result<Plan>& plan, const GeoOptions& options, const std::optional<Key>& target,
                     GeoStore store, ReplySink& sink) {
  if (!target) return Reply(plan, options, sink);
  if (!plan) return plan.error();
  Store(x, Search(plan->set, plan->area, options), {*target, store == GeoStore::kDistances, Event::kGeoRadiusStore},
        plan->metres, sink);
  return Outcome();
}

}  // namespace

Outcome Run(ReadExec& x, const GeoSearch& c, ReplySink& sink) { return Reply(PlanSearch(x, c), c.options, sink); }

Outcome Run(Exec& x, const GeoSearchStore& c, ReplySink& sink) {
  const auto plan = PlanSearch(x, c);
  if (!plan) return plan.error();
  Store(x, Search(plan->set, plan->area, c.options), {c.destination, c.store_dist, Event::kGeoSearchStore},
        plan->metres, sink);
  return Outcome();
}

Outcome Run(Exec& x, const GeoRadius& c, ReplySink& sink) {
  return ReplyOrStore(x, PlanAroundPlace(x, c), c.options, c.target, c.store, sink);
}
Outcome Run(ReadExec& x, const GeoRadiusRo& c, ReplySink& sink) {
  return Reply(PlanAroundPlace(x, c), c.options, sink);
}
Outcome Run(Exec& x, const GeoRadiusByMember& c, ReplySink& sink) {
  return ReplyOrStore(x, PlanAroundMember(x, c), c.options, c.target, c.store, sink);
}
Outcome Run(ReadExec& x, const GeoRadiusByMemberRo& c, ReplySink& sink) {
  return Reply(PlanAroundMember(x, c), c.options, sink);
}

}  // namespace dualis::cmd

namespace dualis {

using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else

Family GeoSearchCommands() {
  static constexpr const CommandRow* kCommands[] = {
      Add<GeoRadius>(),   Add<GeoRadiusByMember>(), Add<GeoRadiusByMemberRo>(),
      Add<GeoRadiusRo>(), Add<GeoSearch>(),         Add<GeoSearchStore>(),
  };
  static constexpr const CommandRow* kForms[] = {
      AddForm<GeoRadiusByMemberHits>(), AddForm<GeoRadiusByMemberStore>(), AddForm<GeoRadiusHits>(),
      AddForm<GeoRadiusStore>(),        AddForm<GeoSearchHits>(),
  };
  return {kCommands, kForms};
}

}  // namespace dualis
