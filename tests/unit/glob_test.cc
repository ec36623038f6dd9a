// Glob patterns. The rows were asked of redis-server 7.0 (SSCAN MATCH and CONFIG GET).
#include "engine/core/glob.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/core/rng.h"

namespace dualis {
namespace {

struct Row {
  Bytes pattern, text;
  bool match;
};

TEST(Glob, AgreesWithRedis) {
  const Row rows[] = {
      {"a*c", "abc", true},
      {"**", "", false},
      {"", "", true},
      {"", "x", false},
      {"[", "[", false},
      {"[^", "x", true},
      {"[abc", "b", true},
      {"[abc", "d", false},
      {"a]", "a]", true},
      {"[]", "]", false},
      {"[]a]", "a", false},
      {"[]", "a", false},
      {"[^]", "a", true},
      {"[z-a]", "m", true},
      {"[a-]", "-", false},
      {"[a-]", "a", true},
      {"[a-", "a", true},
      {"[a-", "-", true},
      {"[\\]]", "]", true},
      {"[\\", "\\", true},
      {"\\", "\\", true},
      {"\\*", "*", true},
      {"a\\", "a\\", true},
      {"a\\", "a", false},
      {"[\\a-z]", "m", false},
      {"[\\a-z]", "-", true},
      {"[a-\\z]", "b", false},
      {"[a-\\z]", "z", true},
      {"[^a]", "b", true},
      {"[^a]", "a", false},
      {"a**", "a", true},
      {"a*?", "a", false},
      {"?*", "a", true},
      {"a[", "a", false},
      {"[a-\377]", "m", false},
      {"[a-\377]", "0", true},
      {"[\200-\377]", "\220", true},
      {"[\200-\377]", "a", false},
      {"[!a]", "b", false},
      {"[!a]", "!", true},
      {"*a*b*c", "xxaxxbxxc", true},
      {"*a*b*c", "xxaxxbxxcd", false},
      {"h[a-b-d]x", "h-x", true},
      {"h[a-b-d]x", "hcx", false},
      {"h[a-b-d]x", "hdx", true},
      {"ABC", "abc", false},
  };
  for (const Row& row : rows) EXPECT_EQ(GlobMatch(row.pattern, row.text), row.match) << row.pattern << " " << row.text;
}

TEST(Glob, IgnoresCaseAsRedisDoes) {
  const Row rows[] = {
      {"MAXMEMORY", "maxmemory", true},     {"max[M]emory", "maxmemory", true},   {"max[\\M]emory", "maxmemory", false},
      {"max[L-N]emory", "maxmemory", true}, {"max[n-L]emory", "maxmemory", true}, {"max[_-M]emory", "maxmemory", false},
      {"MA?mem*RY", "maxmemory", true},     {"max\\Memory", "MAXmEMORY", true},
  };
  for (const Row& row : rows) EXPECT_EQ(GlobMatch(row.pattern, row.text, GlobCase::kIgnore), row.match) << row.pattern;
}

TEST(Glob, StarsDoNotExplode) {
  std::string pattern, text(10'000, 'a');
  for (int i = 0; i < 1'000; ++i) pattern += "a*";
  EXPECT_TRUE(GlobMatch(pattern, text));
  EXPECT_FALSE(GlobMatch(pattern + "b", text));
}

TEST(Glob, EscapedTextMatchesItselfOnly) {
  Rng rng(7);
  const Bytes alphabet = "*?[]\\^-ab";
  for (int i = 0; i < 2'000; ++i) {
    std::string text, other;
    for (uint64_t n = 1 + rng.Uniform(8); n > 0; --n) text += alphabet[rng.Uniform(alphabet.size())];
    for (uint64_t n = 1 + rng.Uniform(8); n > 0; --n) other += alphabet[rng.Uniform(alphabet.size())];
    const std::string pattern = GlobEscape(text);
    EXPECT_TRUE(GlobMatch(pattern, text)) << text;
    EXPECT_EQ(GlobMatch(pattern, other), text == other) << text << " " << other;
    EXPECT_EQ(LiteralPrefix(pattern), text);
    EXPECT_FALSE(HasWildcard(pattern));
  }
}

TEST(Glob, LiteralPrefixEndsAtTheFirstWildcard) {
  EXPECT_EQ(LiteralPrefix("user:*"), "user:");
  EXPECT_EQ(LiteralPrefix("a\\*b?c"), "a*b");
  EXPECT_EQ(LiteralPrefix("a\\"), "a\\");
  EXPECT_EQ(LiteralPrefix("[ab]"), "");
  EXPECT_TRUE(HasWildcard("a[b]"));
  EXPECT_FALSE(HasWildcard("a\\"));
}

}  // namespace
}  // namespace dualis
