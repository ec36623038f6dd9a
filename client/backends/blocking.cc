#include "client/backends/blocking.h"

#include <cmath>

#include "engine/command/word.h"

namespace dualis::client {
namespace {

bool Is(const Arg& word, Bytes upper) {
  char buffer[Arg::kTextBytes];
  return IsWord(word.Text(buffer), upper);
}

// A timeout word: 0 waits for ever, a number that is none will be refused.
BlockingTime Limit(const Arg& word, double milliseconds_a_unit) {
  double number = 0;
  if (!word.ToDouble(&number) || !(number >= 0) || !std::isfinite(number)) return {};
  if (number == 0) return {true, std::nullopt};
  constexpr double kMost = 1e12;
  return {true,
          std::chrono::milliseconds(static_cast<int64_t>(std::fmin(std::ceil(number * milliseconds_a_unit), kMost)))};
}

enum class Place : uint8_t { kFirst, kLast, kBlockOption };
struct Known {
  Bytes name;
  Place place;
  double milliseconds_a_unit;
};
constexpr Known kKnown[] = {
    {"BLPOP", Place::kLast, 1000},          {"BRPOP", Place::kLast, 1000},    {"BLMOVE", Place::kLast, 1000},
    {"BRPOPLPUSH", Place::kLast, 1000},     {"BZPOPMIN", Place::kLast, 1000}, {"BZPOPMAX", Place::kLast, 1000},
    {"BLMPOP", Place::kFirst, 1000},        {"BZMPOP", Place::kFirst, 1000},  {"XREAD", Place::kBlockOption, 1},
    {"XREADGROUP", Place::kBlockOption, 1}, {"WAIT", Place::kLast, 1},        {"WAITAOF", Place::kLast, 1},
};

}  // namespace

BlockingTime BlockingTimeOf(const Request& request) {
  if (request.row() != nullptr && !request.is(kBlocking)) return {};
  ArgList scratch;
  const Args words = request.words(scratch);
  if (words.size() < 2) return {};
  for (const Known& known : kKnown) {
    if (!Is(words[0], known.name)) continue;
    if (known.place == Place::kFirst) return Limit(words[1], known.milliseconds_a_unit);
    if (known.place == Place::kLast) return Limit(words.back(), known.milliseconds_a_unit);
    // The option stands before STREAMS, behind which a key may be called "block".
    for (size_t i = 1; i + 1 < words.size() && !Is(words[i], "STREAMS"); ++i) {
      if (Is(words[i], "BLOCK")) return Limit(words[i + 1], known.milliseconds_a_unit);
    }
    return {};
  }
  return {};
}

}  // namespace dualis::client
