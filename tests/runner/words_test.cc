#include "tests/runner/words.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dualis::cases {
namespace {

using Words = std::vector<std::string>;

TEST(WordsTest, SplitsAsRedisCliDoes) {
  const struct {
    const char* line;
    Words want;
  } kRows[] = {
      {"", {}},
      {"  GET   k  ", {"GET", "k"}},
      {"SET \"a key\" ''", {"SET", "a key", ""}},
      {R"(SET k "\x00\n\r\t\a\b\\\"\xff")", {"SET", "k", std::string("\0\n\r\t\a\b\\\"\xff", 9)}},
      {R"(SET k 'it\'s \x00')", {"SET", "k", "it's \\x00"}},
      {"ECHO a\"b", {"ECHO", "a\"b"}},
  };
  for (const auto& row : kRows) EXPECT_EQ(SplitWords(row.line), row.want) << row.line;
}

TEST(WordsTest, RefusesUnbalancedQuotes) {
  for (const char* line : {"\"abc", "'abc", "\"a\"b", "\"\\x1\"", "\"\\"}) {
    EXPECT_THROW(SplitWords(line), std::invalid_argument) << line;
  }
}

TEST(WordsTest, MacrosWriteLongInputs) {
  EXPECT_EQ(SplitWords("SADD s $seq(e,9,11)"), (Words{"SADD", "s", "e9", "e10", "e11"}));
  EXPECT_EQ(SplitWords("HSET h $pairs(f,v,1,2)"), (Words{"HSET", "h", "f1", "v1", "f2", "v2"}));
  EXPECT_EQ(SplitWords("SET k $rep(ab,3)"), (Words{"SET", "k", "ababab"}));
  EXPECT_EQ(SplitWords("SET k '$rep(ab,3)'"), (Words{"SET", "k", "$rep(ab,3)"}));
  EXPECT_THROW(SplitWords("SET k $nosuch(1)"), std::invalid_argument);
  EXPECT_THROW(SplitWords("SET k $rep(a,b)"), std::invalid_argument);
}

TEST(WordsTest, QuotingReadsBack) {
  std::string every;
  for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
  const std::string quoted = Quote(every);
  size_t pos = 0;
  EXPECT_EQ(UnquoteAt(quoted, &pos), every);
  EXPECT_EQ(pos, quoted.size());
  EXPECT_EQ(Unescape(Escape(every)), every);
  EXPECT_EQ(Escape("a b "), "a b\\x20");
}

}  // namespace
}  // namespace dualis::cases
