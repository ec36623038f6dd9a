#include "tests/runner/match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <regex>

namespace dualis::cases {
namespace {

// libstdc++ recurses for every character unless it is told to take its time.
#ifdef __GLIBCXX__
constexpr auto kSyntax = std::regex::ECMAScript | std::regex_constants::__polynomial;
#else
constexpr auto kSyntax = std::regex::ECMAScript;
#endif

bool MatchesWhole(const std::string& text, const std::string& pattern) {
  return std::regex_match(text, std::regex(pattern, kSyntax));
}

using Kind = ReplyTree::Kind;

std::optional<double> ReadNumber(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0) return std::nullopt;
  return value;
}

std::optional<double> NumberOf(const ReplyTree& reply) {
  if (reply.kind == Kind::kInteger) return static_cast<double>(reply.integer);
  if (reply.kind == Kind::kBulk || reply.kind == Kind::kDouble) return ReadNumber(reply.text);
  return std::nullopt;
}

bool SameNumber(std::optional<double> a, std::optional<double> b) {
  return a && b && (*a == *b || (std::isnan(*a) && std::isnan(*b)));
}

bool MatchesScalar(const ReplyTree& expected, const ReplyTree& actual) {
  switch (expected.kind) {
    case Kind::kAny:
      return true;
    case Kind::kAnyOf:
      return actual.kind == expected.of;
    case Kind::kBetween: {
      const auto low = ReadNumber(expected.text), high = ReadNumber(expected.extra), value = NumberOf(actual);
      return low && high && value && *low <= *value && *value <= *high;
    }
    case Kind::kNumber:
      return actual.kind != Kind::kInteger && SameNumber(ReadNumber(expected.text), NumberOf(actual));
    case Kind::kMatch:
      return actual.kind == expected.of && MatchesWhole(actual.text, expected.text);
    case Kind::kDouble:
      return actual.kind == Kind::kDouble && SameNumber(NumberOf(expected), NumberOf(actual));
    default:
      return expected == actual;
  }
}

// How many neighbouring children move together, or 0 if their order counts.
size_t GroupSize(const ReplyTree& reply, Order order) {
  if (reply.kind == Kind::kMap) return 2;
  if (reply.kind == Kind::kSet) return 1;
  if (order == Order::kAsGiven || reply.kind != Kind::kArray) return 0;
  return order == Order::kFreePairs && reply.children.size() % 2 == 0 ? 2 : 1;
}

bool MatchesFree(const ReplyTree& expected, const ReplyTree& actual, size_t count, size_t group, Order order) {
  std::vector<bool> used(actual.children.size(), false);
  for (size_t e = 0; e < count; e += group) {
    bool found = false;
    for (size_t a = 0; a + group <= actual.children.size() && !found; a += group) {
      if (used[a]) continue;
      found = true;
      for (size_t i = 0; i < group && found; ++i) {
        found = Matches(expected.children[e + i], actual.children[a + i], order);
      }
      if (found) used[a] = true;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

bool Matches(const ReplyTree& expected, const ReplyTree& actual, Order order) {
  if (!expected.IsAggregate()) return MatchesScalar(expected, actual);
  if (actual.kind != expected.kind) return false;
  size_t count = expected.children.size();
  const bool open_ended = count > 0 && expected.children.back().kind == Kind::kRest;
  if (open_ended) --count;
  if (open_ended ? actual.children.size() < count : actual.children.size() != count) return false;
  const size_t group = GroupSize(actual, order);
  if (group != 0) return MatchesFree(expected, actual, count, group, order);
  for (size_t i = 0; i < count; ++i) {
    if (!Matches(expected.children[i], actual.children[i], order)) return false;
  }
  return true;
}

ReplyTree ImpliedInResp3(const ReplyTree& resp2) {
  ReplyTree reply = resp2;
  if (reply.kind == Kind::kNullArray) reply.kind = Kind::kNull;
  for (ReplyTree& child : reply.children) child = ImpliedInResp3(child);
  return reply;
}

ReplyTree SortedForRecording(ReplyTree reply, Order order) {
  for (ReplyTree& child : reply.children) child = SortedForRecording(std::move(child), order);
  const size_t group = GroupSize(reply, order);
  if (group == 0) return reply;
  std::vector<std::vector<ReplyTree>> groups;
  for (size_t i = 0; i < reply.children.size(); i += group) {
    groups.emplace_back(reply.children.begin() + static_cast<ptrdiff_t>(i),
                        reply.children.begin() + static_cast<ptrdiff_t>(i + group));
  }
  const auto printed = [](const std::vector<ReplyTree>& g) {
    return PrintReply(ReplyTree::Aggregate(Kind::kArray, g));
  };
  std::sort(groups.begin(), groups.end(), [&](const auto& a, const auto& b) { return printed(a) < printed(b); });
  reply.children.clear();
  for (auto& g : groups) {
    for (auto& child : g) reply.children.push_back(std::move(child));
  }
  return reply;
}

}  // namespace dualis::cases
