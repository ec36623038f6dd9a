#include "tests/runner/case_file.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dualis::cases {
namespace {

constexpr char kText[] = R"(# A comment.
@ config maxmemory 1mb

case one
@ since 7.2
@ encodings compact
> SET k v
OK
@ unordered pairs
2> HGETALL "a b"
1) "f"
2) "v"
resp3:
1# "f" => "v"
@ advance 50ms
2<
(nothing)
@ disconnect 2

case two
@ resp3
@ embedded
@ except lua scripts cannot wait
> GET k
)";

TEST(CaseFileTest, ReadsCasesStepsAndDirectives) {
  const CaseFile file = ParseCaseFile("f.case", kText);
  ASSERT_EQ(file.cases.size(), 2u);
  const Case& one = file.cases[0];
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.since, 702);
  EXPECT_EQ(one.encodings, std::vector<Encoding>{Encoding::kCompact});
  ASSERT_EQ(one.config.size(), 1u);
  EXPECT_EQ(one.config[0].first, "maxmemory");
  ASSERT_EQ(one.steps.size(), 5u);
  EXPECT_EQ(one.steps[0].connection, 1);
  EXPECT_EQ(one.steps[0].reply, ReplyTree::Status("OK"));
  EXPECT_EQ(one.steps[0].order, Order::kAsGiven);
  EXPECT_EQ(one.steps[1].connection, 2);
  EXPECT_EQ(one.steps[1].words, (std::vector<std::string>{"HGETALL", "a b"}));
  EXPECT_EQ(one.steps[1].order, Order::kFreePairs);
  EXPECT_EQ(one.steps[1].Expected(2)->kind, ReplyTree::Kind::kArray);
  EXPECT_EQ(one.steps[1].Expected(3)->kind, ReplyTree::Kind::kMap);
  EXPECT_EQ(one.steps[2].advance, std::chrono::milliseconds(50));
  EXPECT_EQ(one.steps[3].kind, Step::Kind::kReceive);
  EXPECT_EQ(one.steps[4].kind, Step::Kind::kDisconnect);

  const Case& two = file.cases[1];
  EXPECT_TRUE(two.embedded_only);
  EXPECT_EQ(two.protocols, std::vector<int>{3});
  EXPECT_EQ(two.since, 0);
  ASSERT_EQ(two.except.size(), 1u);
  EXPECT_EQ(two.except[0].second, "scripts cannot wait");
  EXPECT_FALSE(two.steps[0].reply);
}

TEST(CaseFileTest, WritesWhatItRead) { EXPECT_EQ(WriteCaseFile(ParseCaseFile("f.case", kText)), kText); }

TEST(CaseFileTest, WritesNewRepliesInPlace) {
  CaseFile file =
      ParseCaseFile("f.case", "case a\n> GET k\n\n# why\n> LRANGE q 0 -1\n1) \"old\"\nresp3:\n1) \"old\"\n# end\n");
  file.cases[0].steps[0].reply = ReplyTree::Of(ReplyTree::Kind::kNull);
  file.cases[0].steps[1].reply =
      ReplyTree::Aggregate(ReplyTree::Kind::kArray, {ReplyTree::Bulk("x"), ReplyTree::Bulk("y")});
  file.cases[0].steps[1].reply3.reset();
  EXPECT_EQ(WriteCaseFile(file), "case a\n> GET k\n(nil)\n\n# why\n> LRANGE q 0 -1\n1) \"x\"\n2) \"y\"\n# end\n");
}

TEST(CaseFileTest, SaysWhereAFileIsWrong) {
  const struct {
    const char* text;
    const char* where;
  } kRows[] = {
      {"> GET k\n", "f:1: a command before the first case"},
      {"case a\n> GET k\nnot a reply\n", "f:4: not a reply"},
      {"case a\n> GET \"k\n", "f:2: a double quote is not closed"},
      {"case a\n> GET k\ncase a\n", "f:3: a second case of this name"},
      {"case a\n\ncase b\n", "f:3: the case above has no steps"},
      {"case a\n@ nosuch\n", "f:2: unknown directive 'nosuch'"},
      {"case a\n> GET k\n@ since 7.2\n", "f:3: unknown directive, or one that belongs"},
      {"case a\n@ resp2\n> GET k\n(nil)\nresp3:\n(nil)\n", "f:5: this case runs in one protocol only"},
      {"case a\n@ advance soon\n", "f:2: a duration is written"},
      {"case a\n0> GET k\n", "f:2: connections are numbered from 1"},
  };
  for (const auto& row : kRows) {
    try {
      ParseCaseFile("f", row.text);
      ADD_FAILURE() << row.text;
    } catch (const std::invalid_argument& e) {
      EXPECT_EQ(std::string(e.what()).find(row.where), 0u) << e.what() << " for " << row.text;
    }
  }
}

}  // namespace
}  // namespace dualis::cases
