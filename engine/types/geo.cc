#include "engine/types/geo.h"

#include <algorithm>
#include <cmath>

namespace dualis::geo {
namespace {

constexpr int kSteps = 26;  // bits of each coordinate
constexpr double kEarthRadius = 6372797.560856;
constexpr double kMercatorMax = 20037726.37;
constexpr double kRadians = M_PI / 180;

// A cell of the grid with 2^step columns and rows; counted from the west and from the south.
struct Cell {
  int step;
  uint64_t column;
  uint64_t row;

  bool operator==(const Cell&) const = default;
};

struct Bounds {
  double west, south, east, north;
};

// Spreads the lower 32 bits over the even places.
uint64_t Spread(uint64_t x) {
  x = (x | x << 16) & 0x0000ffff0000ffff;
  x = (x | x << 8) & 0x00ff00ff00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
  x = (x | x << 2) & 0x3333333333333333;
  return (x | x << 1) & 0x5555555555555555;
}

// Gathers the bits at the even places.
uint64_t Gather(uint64_t x) {
  x &= 0x5555555555555555;
  x = (x | x >> 1) & 0x3333333333333333;
  x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0f;
  x = (x | x >> 4) & 0x00ff00ff00ff00ff;
  x = (x | x >> 8) & 0x0000ffff0000ffff;
  return (x | x >> 16) & 0x00000000ffffffff;
}

uint64_t BitsOf(const Cell& cell) { return Spread(cell.row) | Spread(cell.column) << 1; }

uint64_t IndexOf(double value, double limit, int step) {
  const double part = (value + limit) / (2 * limit);
  return static_cast<uint32_t>(static_cast<uint64_t>(part * static_cast<double>(uint64_t{1} << step)));
}

Cell CellAt(const Place& place, int step) {
  return {step, IndexOf(place.longitude, kMaxLongitude, step), IndexOf(place.latitude, kMaxLatitude, step)};
}

// Where a column or row begins.
double EdgeOf(uint64_t index, double limit, int step) {
  return -limit + static_cast<double>(index) / static_cast<double>(uint64_t{1} << step) * (2 * limit);
}

Bounds BoundsOf(const Cell& cell) {
  return {EdgeOf(cell.column, kMaxLongitude, cell.step), EdgeOf(cell.row, kMaxLatitude, cell.step),
          EdgeOf(cell.column + 1, kMaxLongitude, cell.step), EdgeOf(cell.row + 1, kMaxLatitude, cell.step)};
}

// A neighbour; the grid has no end.
Cell Beside(const Cell& cell, int columns, int rows) {
  const uint64_t mask = (uint64_t{1} << cell.step) - 1;
  // The northern edge itself is a row beyond the last, and stays there unless it is moved.
  return {cell.step, columns == 0 ? cell.column : (cell.column + static_cast<uint64_t>(columns)) & mask,
          rows == 0 ? cell.row : (cell.row + static_cast<uint64_t>(rows)) & mask};
}

double LatitudeDistance(double a, double b) { return kEarthRadius * std::fabs(b * kRadians - a * kRadians); }

// How fine the grid may be so that three by three cells cover so many metres each way.
int StepFor(double metres, double latitude) {
  if (metres == 0) return kSteps;
  int step = 1;
  for (; metres < kMercatorMax; metres *= 2) ++step;
  step -= 2;
  // Degrees of longitude are shorter near the poles.
  if (std::fabs(latitude) > 66) --step;
  if (std::fabs(latitude) > 80) --step;
  return std::clamp(step, 1, kSteps);
}

Bounds BoundsOf(const Area& area) {
  const double height = area.is_box ? area.height / 2 : area.radius;
  const double width = area.is_box ? area.width / 2 : area.radius;
  const double latitude = area.center.latitude;
  const double rows = height / kEarthRadius / kRadians;
  // The side towards the pole is the wider one in degrees.
  const double towards_pole = latitude < 0 ? latitude - rows : latitude + rows;
  const double columns = width / kEarthRadius / std::cos(towards_pole * kRadians) / kRadians;
  return {area.center.longitude - columns, latitude - rows, area.center.longitude + columns, latitude + rows};
}

}  // namespace

bool IsValid(const Place& place) {
  return std::fabs(place.longitude) <= kMaxLongitude && std::fabs(place.latitude) <= kMaxLatitude;
}

double ScoreOf(const Place& place) { return static_cast<double>(BitsOf(CellAt(place, kSteps))); }

Place PlaceOf(double score) {
  // What ZADD put there may be anything; a negative number keeps its low bits.
  uint64_t bits = uint64_t{1} << 63;
  if (std::fabs(score) < 0x1p63) {
    bits = static_cast<uint64_t>(static_cast<int64_t>(score));
  } else if (score > 0) {
    bits = score < 0x1p64 ? static_cast<uint64_t>(score) : 0;
  }
  const Bounds b = BoundsOf(Cell{kSteps, Gather(bits >> 1), Gather(bits)});
  return {std::clamp((b.west + b.east) / 2, -kMaxLongitude, kMaxLongitude),
          std::clamp((b.south + b.north) / 2, -kMaxLatitude, kMaxLatitude)};
}

void StandardHash(const Place& place, char (&text)[11]) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  const uint64_t bits = BitsOf({kSteps, IndexOf(place.longitude, 180, kSteps), IndexOf(place.latitude, 90, kSteps)});
  for (int i = 0; i < 10; ++i) text[i] = kAlphabet[bits >> (2 * kSteps - 5 * (i + 1)) & 31];
  text[10] = kAlphabet[0];  // 52 bits are ten characters and a bit; the last one is for those who expect eleven
}

double Distance(const Place& a, const Place& b) {
  const double v = std::sin((b.longitude * kRadians - a.longitude * kRadians) / 2);
  if (v == 0) return LatitudeDistance(a.latitude, b.latitude);
  const double from = a.latitude * kRadians;
  const double to = b.latitude * kRadians;
  const double u = std::sin((to - from) / 2);
  return 2 * kEarthRadius * std::asin(std::sqrt(u * u + std::cos(from) * std::cos(to) * v * v));
}

double Area::DistanceInside(const Place& place) const {
  if (is_box) {
    if (LatitudeDistance(place.latitude, center.latitude) > height / 2) return -1;
    if (Distance(place, {center.longitude, place.latitude}) > width / 2) return -1;
    return Distance(center, place);
  }
  const double distance = Distance(center, place);
  return distance > radius ? -1 : distance;
}

absl::InlinedVector<ScoreRange, 9> Cover(const Area& area) {
  const Bounds need = BoundsOf(area);
  const double reach =
      area.is_box ? std::sqrt(area.width / 2 * (area.width / 2) + area.height / 2 * (area.height / 2)) : area.radius;
  int step = StepFor(reach, area.center.latitude);
  Cell center = CellAt(area.center, step);
  const bool too_fine =
      BoundsOf(Beside(center, 0, 1)).north < need.north || BoundsOf(Beside(center, 0, -1)).south > need.south ||
      BoundsOf(Beside(center, 1, 0)).east < need.east || BoundsOf(Beside(center, -1, 0)).west > need.west;
  if (step > 1 && too_fine) center = CellAt(area.center, --step);

  const Bounds have = BoundsOf(center);
  absl::InlinedVector<ScoreRange, 9> ranges;
  Cell previous = center;
  // The centre first, then the sides, then the corners.
  constexpr int kAround[][2] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
  for (const auto& [columns, rows] : kAround) {
    // A side that the centre's cell reaches beyond is not needed. In the coarsest grid all cells meet.
    if (step >= 2 && ((rows < 0 && have.south < need.south) || (rows > 0 && have.north > need.north) ||
                      (columns < 0 && have.west < need.west) || (columns > 0 && have.east > need.east))) {
      continue;
    }
    const Cell cell = Beside(center, columns, rows);
    // In a coarse grid neighbours on both sides are the same.
    if (ranges.size() > 1 && cell == previous) continue;
    previous = cell;
    const uint64_t bits = BitsOf(cell);
    const int shift = 2 * (kSteps - step);
    ranges.push_back({static_cast<double>(bits << shift), static_cast<double>((bits + 1) << shift)});
  }
  return ranges;
}

}  // namespace dualis::geo
