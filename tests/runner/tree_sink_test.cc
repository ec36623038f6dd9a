#include "tests/runner/tree_sink.h"

#include <gtest/gtest.h>

namespace dualis::cases {
namespace {

using Lines = std::vector<std::string>;

// The couples a=1.5, b=nothing in one shape, as `protocol` shows them.
Lines Couples(Shape shape, int protocol) {
  TreeSink sink([protocol] { return protocol; });
  sink.Begin(shape, 2);
  sink.Bulk("a");
  sink.Double(1.5);
  sink.Bulk("b");
  sink.NullArray();
  sink.End();
  return PrintReply(sink.Take());
}

TEST(TreeSinkTest, ShapesFollowTheProtocol) {
  const Lines flat = {"1) \"a\"", "2) \"1.5\"", "3) \"b\"", "4) (nil array)"};
  EXPECT_EQ(Couples(Shape::kMap, 2), flat);
  EXPECT_EQ(Couples(Shape::kMap, 3), (Lines{"1# \"a\" => (double) 1.5", "2# \"b\" => (nil)"}));
  EXPECT_EQ(Couples(Shape::kPairs, 2), flat);
  EXPECT_EQ(Couples(Shape::kPairs, 3), (Lines{"1) 1) \"a\"", "   2) (double) 1.5", "2) 1) \"b\"", "   2) (nil)"}));
  EXPECT_EQ(Couples(Shape::kEntries, 2), (Lines{"1) 1) \"a\"", "   2) \"1.5\"", "2) 1) \"b\"", "   2) (nil array)"}));
  EXPECT_EQ(Couples(Shape::kEntries, 3), (Lines{"1# \"a\" => (double) 1.5", "2# \"b\" => (nil)"}));
}

TEST(TreeSinkTest, EveryKindOfValue) {
  TreeSink sink([] { return 3; });
  sink.Begin(Shape::kPush, kUnknownCount);
  sink.Begin(Shape::kSet, 2);
  sink.Bool(true);
  sink.BigNumber("123");
  sink.End();
  sink.Verbatim("t", "txt");
  sink.Simple("a\r\nb");
  sink.Error(Error(ErrorCode::kErr, "ERR x"));
  sink.End();
  sink.Int(7);
  EXPECT_EQ(sink.size(), 2u);
  EXPECT_EQ(PrintReply(sink.Take()), (Lines{"1! 1~ (true)", "   2~ (big) 123", "2! (verbatim txt) \"t\"",
                                            "3! (status) \"a  b\"", "4! (error) ERR x"}));
  EXPECT_EQ(PrintReply(sink.Take()), Lines{"7"});
}

TEST(TreeSinkTest, WrongEventsAreShown) {
  TreeSink sink([] { return 2; });
  sink.Begin(Shape::kArray, 2);
  sink.Null();
  sink.End();
  EXPECT_EQ(PrintReply(sink.Take()), Lines{"(error) MALFORMED events: a wrong count"});
  sink.Begin(Shape::kMap, kUnknownCount);
  sink.Null();
  sink.End();
  EXPECT_EQ(PrintReply(sink.Take()), Lines{"(error) MALFORMED events: half a couple"});
}

}  // namespace
}  // namespace dualis::cases
