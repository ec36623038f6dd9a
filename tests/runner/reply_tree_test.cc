#include "tests/runner/reply_tree.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;
using Lines = std::vector<std::string>;

void ExpectBothWays(const ReplyTree& reply, const Lines& lines) {
  EXPECT_EQ(PrintReply(reply), lines);
  EXPECT_EQ(ParseReply(lines), reply) << lines[0];
}

TEST(ReplyTreeTest, EveryScalarHasAFormOfItsOwn) {
  ExpectBothWays(ReplyTree::Status("OK"), {"OK"});
  ExpectBothWays(ReplyTree::Status("two words"), {R"((status) "two words")"});
  ExpectBothWays(ReplyTree::Status("12"), {R"((status) "12")"});
  ExpectBothWays(ReplyTree::Status("case"), {R"((status) "case")"});
  ExpectBothWays(ReplyTree::Error("ERR a\nb\\"), {R"((error) ERR a\nb\\)"});
  ExpectBothWays(ReplyTree::Integer(-42), {"-42"});
  ExpectBothWays(ReplyTree::Bulk("42"), {"\"42\""});
  ExpectBothWays(ReplyTree::Bulk(""), {"\"\""});
  ExpectBothWays(ReplyTree::Of(Kind::kNull), {"(nil)"});
  ExpectBothWays(ReplyTree::Of(Kind::kNullArray), {"(nil array)"});
  ExpectBothWays(ReplyTree::Double("3.5"), {"(double) 3.5"});
  ExpectBothWays(ReplyTree::Bool(true), {"(true)"});
  ExpectBothWays(ReplyTree::Bool(false), {"(false)"});
  ExpectBothWays({Kind::kBigNumber, Kind::kNull, "123"}, {"(big) 123"});
  ExpectBothWays({Kind::kVerbatim, Kind::kNull, "x y", "txt"}, {R"((verbatim txt) "x y")"});
  for (const char* text :
       {"(blocked)", "(nothing)", "(closed)", "(empty array)", "(empty set)", "(empty map)", "(empty push)", "(any)",
        "(any bulk)", "(between 1 2.5)", "(number inf)", "(match error) ERR .*"}) {
    EXPECT_EQ(PrintReply(ParseReply({text})), Lines{text});
  }
}

TEST(ReplyTreeTest, NestedValuesStandBehindTheirIndex) {
  const ReplyTree inner = ReplyTree::Aggregate(Kind::kArray, {ReplyTree::Bulk("a"), ReplyTree::Of(Kind::kNull)});
  const ReplyTree map = ReplyTree::Aggregate(
      Kind::kMap, {ReplyTree::Bulk("k => x"), inner, ReplyTree::Integer(3), ReplyTree::Aggregate(Kind::kSet, {inner})});
  ExpectBothWays(
      ReplyTree::Aggregate(Kind::kPush, {map, ReplyTree::Aggregate(Kind::kArray, {}), ReplyTree::Integer(1)}),
      {"1! 1# \"k => x\" => 1) \"a\"",  //
       "                  2) (nil)",    //
       "   2# 3 => 1~ 1) \"a\"",        //
       "              2) (nil)",        //
       "2! (empty array)",              //
       "3! 1"});
}

TEST(ReplyTreeTest, LongArraysKeepTheirIndentation) {
  ReplyTree array = ReplyTree::Of(Kind::kArray);
  for (int i = 0; i < 120; ++i) {
    array.children.push_back(ReplyTree::Aggregate(Kind::kArray, {ReplyTree::Integer(i), ReplyTree::Bulk("x")}));
  }
  EXPECT_EQ(ParseReply(PrintReply(array)), array);
}

TEST(ReplyTreeTest, RestStandsForMoreElements) {
  const ReplyTree reply = ParseReply({"1) 1", "..."});
  ASSERT_EQ(reply.children.size(), 2u);
  EXPECT_EQ(reply.children[1].kind, Kind::kRest);
  EXPECT_EQ(PrintReply(reply), (Lines{"1) 1", "..."}));
  EXPECT_TRUE(HasMatcher(reply));
  EXPECT_FALSE(HasMatcher(ParseReply({"1) 1"})));
}

TEST(ReplyTreeTest, RefusesWhatIsNotAReply) {
  for (const Lines& lines : {Lines{}, Lines{"two words"}, Lines{"(unknown)"}, Lines{"\"open"}, Lines{"1) 1", "3) 2"},
                             Lines{"1", "2"}, Lines{"1# \"k\""}, Lines{"1) 1", "2~ 2"}, Lines{"\"a\"b"}, Lines{"1x"}}) {
    EXPECT_THROW(ParseReply(lines), std::invalid_argument) << (lines.empty() ? "" : lines[0]);
  }
}

}  // namespace
}  // namespace dualis::cases
