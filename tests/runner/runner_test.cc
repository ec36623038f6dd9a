#include "tests/runner/runner.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

#include "tests/runner/wrapping_fronts.h"

namespace dualis::cases {
namespace {

using Kind = ReplyTree::Kind;

// Answers with prepared replies and writes down what it was asked.
class ScriptedFront : public CaseFront {
 public:
  std::string name() const override { return "scripted"; }
  int version() const override { return 700; }
  bool has_manual_clock() const override { return false; }
  std::vector<int> protocols() const override { return {2, 3}; }
  void Begin(const Replay& replay) override {
    log.push_back("begin " + std::to_string(replay.protocol));
    replies = replay.protocol == 2 ? replies2 : replies3;
  }
  void Connect(int) override {}
  void Disconnect(int) override {}
  ReplyTree Execute(int, const std::vector<std::string>& words) override {
    log.push_back(words[0]);
    ReplyTree reply = replies.front();
    replies.pop_front();
    return reply;
  }
  ReplyTree Receive(int) override { return ReplyTree::Of(Kind::kNothing); }
  void Advance(std::chrono::milliseconds) override {}
  std::vector<std::pair<int, ReplyTree>> End() override { return left; }

  std::deque<ReplyTree> replies, replies2, replies3;
  std::vector<std::pair<int, ReplyTree>> left;
  std::vector<std::string> log;
};

struct Outcome {
  bool good;
  Tally tally;
  std::string complaints;
};

Outcome Replayed(CaseFront& front, const char* text) {
  Outcome outcome;
  const CaseFile file = ParseCaseFile("f", text);
  outcome.good =
      ReplayCase(front, file.cases[0], &outcome.tally, [&](const std::string& line) { outcome.complaints += line; });
  return outcome;
}

TEST(RunnerTest, ReplaysInEachProtocolAndEncoding) {
  ScriptedFront front;
  front.replies2 = {ReplyTree::Of(Kind::kNullArray)};
  front.replies3 = {ReplyTree::Of(Kind::kNull)};
  const Outcome outcome = Replayed(front, "case a\n> GET k\n(nil array)\n");
  EXPECT_TRUE(outcome.good) << outcome.complaints;
  EXPECT_EQ(outcome.tally.cases, 1u);
  EXPECT_EQ(outcome.tally.replays, 4u);
  EXPECT_EQ(front.log,
            (std::vector<std::string>{"begin 2", "GET", "begin 2", "GET", "begin 3", "GET", "begin 3", "GET"}));
}

TEST(RunnerTest, ADifferenceFailsAndIsShown) {
  ScriptedFront front;
  front.replies2 = {ReplyTree::Integer(1)};
  const Outcome outcome = Replayed(front, "case a\n@ resp2\n@ encodings compact\n> GET k\n2\n");
  EXPECT_FALSE(outcome.good);
  EXPECT_EQ(outcome.tally.failed, 1u);
  EXPECT_NE(outcome.complaints.find("f:4: a\n"), std::string::npos) << outcome.complaints;
  EXPECT_NE(outcome.complaints.find("expected:\n      2\n    got:\n      1\n"), std::string::npos)
      << outcome.complaints;
}

TEST(RunnerTest, AMissingReplyAndAStrayMessageFail) {
  ScriptedFront front;
  front.replies2 = {ReplyTree::Integer(1)};
  EXPECT_FALSE(Replayed(front, "case a\n@ resp2\n> GET k\n").good);
  front.left = {{2, ReplyTree::Bulk("stray")}};
  const Outcome outcome = Replayed(front, "case a\n@ resp2\n> GET k\n1\n");
  EXPECT_FALSE(outcome.good);
  EXPECT_NE(outcome.complaints.find("nobody received, on connection 2"), std::string::npos) << outcome.complaints;
}

TEST(RunnerTest, LeftOutCasesAreCountedByReason) {
  ScriptedFront front;
  Tally tally;
  const CaseFile file = ParseCaseFile("f",
                                      "case a\n@ since 7.2\n> GET k\n1\ncase b\n@ embedded\n> GET k\n1\n"
                                      "case c\n> GET k\n1\n@ advance 10s\ncase d\n@ except scripted why\n> GET k\n1\n");
  for (const Case& c : file.cases) EXPECT_TRUE(ReplayCase(front, c, &tally, [](const std::string&) {}));
  EXPECT_EQ(
      Describe(front, tally),
      "scripted: 0 cases in 0 replays, 0 failed; left out: 1 another version, 2 manual clock, 1 excepted by the case");
}

TEST(RunnerTest, RecordingFillsInBothProtocols) {
  ScriptedFront front;
  front.replies2 = {ReplyTree::Of(Kind::kNullArray), ReplyTree::Bulk("1.5"), ReplyTree::Integer(7)};
  front.replies3 = {ReplyTree::Of(Kind::kNull), ReplyTree::Double("1.5"), ReplyTree::Integer(8)};
  CaseFile file = ParseCaseFile("f", "case a\n> BLPOP q 1\n> ZSCORE z m\n\"old\"\n> TTL k\n(between 5 10)\n");
  EXPECT_TRUE(RecordCase(front, &file.cases[0], [](const std::string&) {}));
  EXPECT_EQ(WriteCaseFile(file),
            "case a\n> BLPOP q 1\n(nil array)\n> ZSCORE z m\n\"1.5\"\nresp3:\n(double) 1.5\n> TTL k\n(between 5 10)\n");
}

TEST(RunnerTest, RecordingRefusesWhatAHandWrittenMatcherExcludes) {
  ScriptedFront front;
  front.replies2 = front.replies3 = {ReplyTree::Integer(11)};
  CaseFile file = ParseCaseFile("f", "case a\n> TTL k\n(between 5 10)\n");
  EXPECT_FALSE(RecordCase(front, &file.cases[0], [](const std::string&) {}));
}

TEST(RunnerTest, TheMultiFrontWrapsEachCommand) {
  auto scripted = std::make_unique<ScriptedFront>();
  ScriptedFront* inner = scripted.get();
  MultiFront front("multi", std::move(scripted));
  inner->replies2 = {ReplyTree::Status("OK"),
                     ReplyTree::Status("QUEUED"),
                     ReplyTree::Aggregate(Kind::kArray, {ReplyTree::Integer(3)}),
                     ReplyTree::Status("OK"),
                     ReplyTree::Error("ERR unknown"),
                     ReplyTree::Status("OK")};
  const Outcome outcome =
      Replayed(front, "case a\n@ resp2\n@ encodings compact\n> LLEN q\n3\n> NOSUCH\n(error) ERR unknown\n");
  EXPECT_TRUE(outcome.good) << outcome.complaints;
  EXPECT_EQ(inner->log, (std::vector<std::string>{"begin 2", "MULTI", "LLEN", "EXEC", "MULTI", "NOSUCH", "DISCARD"}));
}

}  // namespace
}  // namespace dualis::cases
