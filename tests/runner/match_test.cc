#include "tests/runner/match.h"

#include <gtest/gtest.h>

namespace dualis::cases {
namespace {

using Lines = std::vector<std::string>;

bool Match(const Lines& expected, const Lines& actual, Order order = Order::kAsGiven) {
  return Matches(ParseReply(expected), ParseReply(actual), order);
}

TEST(MatchTest, KindsAreTheirOwn) {
  const Lines kinds[] = {{"OK"},          {"\"OK\""},      {"(error) OK"}, {"1"},           {"\"1\""},
                         {"(double) 1"},  {"(true)"},      {"(nil)"},      {"(nil array)"}, {"(empty array)"},
                         {"(empty set)"}, {"(empty map)"}, {"1) 1"},       {"1~ 1"}};
  for (size_t i = 0; i < std::size(kinds); ++i) {
    for (size_t j = 0; j < std::size(kinds); ++j)
      EXPECT_EQ(Match(kinds[i], kinds[j]), i == j) << kinds[i][0] << kinds[j][0];
  }
}

TEST(MatchTest, MatchersSayWhatIsLeftOpen) {
  EXPECT_TRUE(Match({"(between 9 10)"}, {"9"}));
  EXPECT_TRUE(Match({"(between 9 10)"}, {"\"9.5\""}));
  EXPECT_FALSE(Match({"(between 9 10)"}, {"11"}));
  EXPECT_FALSE(Match({"(between 9 10)"}, {"\"x\""}));
  EXPECT_TRUE(Match({"(number 3.1)"}, {"\"3.1000000000000001\""}));
  EXPECT_TRUE(Match({"(number inf)"}, {"(double) inf"}));
  EXPECT_FALSE(Match({"(number 3)"}, {"3"}));
  EXPECT_TRUE(Match({"(match bulk) [0-9]+-0"}, {"\"1700-0\""}));
  EXPECT_FALSE(Match({"(match bulk) [0-9]+-0"}, {"\"1700-01\""}));
  EXPECT_FALSE(Match({"(match bulk) .*"}, {"OK"}));
  EXPECT_TRUE(Match({"(any integer)"}, {"5"}));
  EXPECT_FALSE(Match({"(any integer)"}, {"\"5\""}));
  EXPECT_TRUE(Match({"1) 1", "..."}, {"1) 1", "2) 2"}));
  EXPECT_FALSE(Match({"1) 1", "..."}, {"1) 2"}));
}

TEST(MatchTest, DoublesAreNumbers) {
  EXPECT_TRUE(Match({"(double) 3.1"}, {"(double) 3.1000000000000001"}));
  EXPECT_TRUE(Match({"(double) nan"}, {"(double) nan"}));
  EXPECT_FALSE(Match({"(double) 3.1"}, {"(double) 3.2"}));
}

TEST(MatchTest, OrderCountsUnlessSaidOtherwise) {
  EXPECT_FALSE(Match({"1) 1", "2) 2"}, {"1) 2", "2) 1"}));
  EXPECT_TRUE(Match({"1) 1", "2) 2"}, {"1) 2", "2) 1"}, Order::kFree));
  EXPECT_FALSE(Match({"1) 1", "2) 1"}, {"1) 2", "2) 1"}, Order::kFree));
  EXPECT_TRUE(Match({"1~ 1", "2~ 2"}, {"1~ 2", "2~ 1"}));
  EXPECT_TRUE(Match({"1# 1 => 2", "2# 3 => 4"}, {"1# 3 => 4", "2# 1 => 2"}));
  EXPECT_FALSE(Match({"1# 1 => 2", "2# 3 => 4"}, {"1# 1 => 4", "2# 3 => 2"}));
  const Lines pairs = {"1) \"a\"", "2) 1", "3) \"b\"", "4) 2"}, crossed = {"1) \"a\"", "2) 2", "3) \"b\"", "4) 1"};
  const Lines turned = {"1) \"b\"", "2) 2", "3) \"a\"", "4) 1"};
  EXPECT_TRUE(Match(pairs, turned, Order::kFreePairs));
  EXPECT_FALSE(Match(pairs, crossed, Order::kFreePairs));
}

TEST(MatchTest, Resp3HasOneNull) {
  EXPECT_EQ(PrintReply(ImpliedInResp3(ParseReply({"1) (nil array)", "2) (nil)"}))), (Lines{"1) (nil)", "2) (nil)"}));
}

TEST(MatchTest, RecordingSortsWhatHasNoOrder) {
  const ReplyTree reply = ParseReply({"1) \"b\"", "2) 1", "3) \"a\"", "4) 2"});
  EXPECT_EQ(SortedForRecording(reply, Order::kAsGiven), reply);
  EXPECT_EQ(PrintReply(SortedForRecording(reply, Order::kFreePairs)), (Lines{"1) \"a\"", "2) 2", "3) \"b\"", "4) 1"}));
  EXPECT_EQ(PrintReply(SortedForRecording(ParseReply({"1~ 2", "2~ 1"}), Order::kAsGiven)), (Lines{"1~ 1", "2~ 2"}));
}

}  // namespace
}  // namespace dualis::cases
