// Places on the earth as scores of a sorted set.
//
// A place becomes 52 bits: 26 of its latitude at the even bits, 26 of its longitude at the odd ones. Places that are
// near each other mostly have near scores, and every cell of a grid of 2^step by 2^step is one range of scores. A
// search looks at the cell of its centre and at those around it, in cells just large enough, and measures what it finds
// there.
//
// The bits, the earth's radius and the choice of cells are Redis', so that scores, distances and the order of unsorted
// results agree with it.
#ifndef DUALIS_ENGINE_TYPES_GEO_H_
#define DUALIS_ENGINE_TYPES_GEO_H_

#include <absl/container/inlined_vector.h>

#include <cstdint>

namespace dualis::geo {

// In degrees.
struct Place {
  double longitude = 0;
  double latitude = 0;
};

inline constexpr double kMaxLongitude = 180;
inline constexpr double kMaxLatitude = 85.05112878;  // that of the Mercator projection's square

bool IsValid(const Place& place);
// Requires: IsValid(place).
double ScoreOf(const Place& place);
// The middle of the smallest cell that the score names. Any number is a score.
Place PlaceOf(double score);
// The eleven characters of the geohash that others know, which counts latitudes from -90 to 90.
void StandardHash(const Place& place, char (&text)[11]);
// In metres.
double Distance(const Place& a, const Place& b);

// What a search covers; lengths in metres.
struct Area {
  Place center;
  bool is_box = false;
  double radius = 0;
  double width = 0;
  double height = 0;

  // The distance from the centre, if the place is inside, else negative.
  double DistanceInside(const Place& place) const;
};

// Scores from `first` up to, but without, `last`.
struct ScoreRange {
  double first;
  double last;
};

// Where places inside the area have their scores, in the order in which they are to be looked at.
absl::InlinedVector<ScoreRange, 9> Cover(const Area& area);

}  // namespace dualis::geo

#endif  // DUALIS_ENGINE_TYPES_GEO_H_
