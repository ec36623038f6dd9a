// Number texts. The rows were asked of redis-server 7.0, ZADD and ZSCORE, INCRBYFLOAT, INCRBY, XADD; but for the texts of
// doubles, which are those of 7.2.
#include "engine/core/number_text.h"

#include <gtest/gtest.h>

#include <locale.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "engine/core/rng.h"

namespace dualis {
namespace {

using namespace std::literals;

std::string Text(double value) {
  char buffer[kDoubleChars];
  return std::string(FormatDouble(value, buffer));
}
std::string Text(long double value) {
  char buffer[kLongDoubleChars];
  return std::string(FormatLongDouble(value, buffer));
}
std::string Text(int64_t value) {
  char buffer[kInt64Chars];
  return std::string(FormatInt64(value, buffer));
}

struct Row {
  std::string_view text;
  const char* want;  // nullptr: refused
};

TEST(NumberText, DoublesAsZaddReadsAndZscorePrintsThem) {
  const Row rows[] = {
      {"1", "1"},
      {"-1", "-1"},
      {"0", "0"},
      {"+5", "5"},
      {"007", "7"},
      {"1.5", "1.5"},
      {".5", "0.5"},
      {"5.", "5"},
      {".", nullptr},
      {"", nullptr},
      {" 1", nullptr},
      {"1 ", nullptr},
      {"\t1", nullptr},
      {"1e3", "1000"},
      {"1E3", "1000"},
      {"1e", nullptr},
      {"1e+3", "1000"},
      {"inf", "inf"},
      {"-inf", "-inf"},
      {"+inf", "inf"},
      {"Infinity", "inf"},
      {"INFINITY", "inf"},
      {"infinit", nullptr},
      {"nan", nullptr},
      {"-nan", nullptr},
      {"NaN(1)", nullptr},
      {"0x10", "16"},
      {"-0x1p3", "-8"},
      {"0x1.8p1", "3"},
      {"0x", nullptr},
      {"0x1p", nullptr},
      {"0x.8", "0.5"},
      {"1e308", "1e+308"},
      {"1e309", nullptr},
      {"-1e309", nullptr},
      {"1e1000000000000", nullptr},
      {"179769313486231570000000000000000000000e270", "1.7976931348623157e+308"},
      {"4.9e-324", "5e-324"},
      {"1e-320", "1e-320"},
      {"1e-400", nullptr},
      {"0e-400", "0"},
      {"1,5", nullptr},
      {"3\0"sv, nullptr},
      {"1_0", nullptr},
      {"--1", nullptr},
      {"+-1", nullptr},
      {"-+1", nullptr},
      {"0b1", nullptr},
      {"1d", nullptr},
      {"1l", nullptr},
      {"0.1", "0.1"},
      {"3.0", "3"},
      {"1e15", "1000000000000000"},
      {"1e16", "10000000000000000"},
      {"1e17", "100000000000000000"},
      {"123456789012345678", "123456789012345680"},
      {"99999999999999999", "100000000000000000"},
      {"9007199254740993", "9007199254740992"},
      {"1e-5", "0.00001"},
      {"1e-6", "0.000001"},
      {"1e-7", "1e-7"},
      {"1.5e-7", "1.5e-7"},
      {"12345.678901234", "1.2345678901234e+4"},
      {"-1234.5678901234", "-1234.5678901234"},
      {"1e100", "1e+100"},
      {"1.25e205", "1.25e+205"},
      {"0.0001", "0.0001"},
      {"12345.678", "12345.678"},
      {"3.3333333333333335", "3.3333333333333335"},
      {"1e22", "1e+22"},
  };
  for (const Row& row : rows) {
    const auto value = ParseDouble(row.text);
    ASSERT_EQ(value.has_value(), row.want != nullptr) << row.text;
    if (value) {
      EXPECT_EQ(Text(*value), row.want) << row.text;
    }
  }
  EXPECT_TRUE(std::signbit(*ParseDouble("-0")));
  EXPECT_EQ(Text(-0.0), "-0");
  EXPECT_EQ(Text(std::nan("")), "nan");
}

TEST(NumberText, DoublesPrintTheShortestTextThatReadsBack) {
  Rng rng(11);
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t bits = i % 2 ? rng.Next() : (rng.Next() >> 12) + 0x4000000000000000u + (rng.Uniform(64) << 52);
    double value;
    std::memcpy(&value, &bits, sizeof value);
    if (i % 5 == 0) value = std::trunc(value);
    if (!std::isfinite(value)) continue;
    const std::string text = Text(value);
    ASSERT_EQ(ParseDouble(text), value) << text;
    // No text with fewer digits does.
    const std::string digits = text.substr(0, text.find('e'));
    const auto count = std::count_if(digits.begin(), digits.end(), [](char c) { return c >= '1' && c <= '9'; });
    if (value == std::trunc(value) || count < 2) continue;
    char shorter[64];
    for (int precision = 0; precision < 14 && precision < count - 2; ++precision) {
      std::snprintf(shorter, sizeof shorter, "%.*e", precision, value);
      ASSERT_NE(ParseDouble(shorter), value) << text << " could be " << shorter;
    }
  }
}

TEST(NumberText, LongDoublesAsIncrbyfloat) {
  const Row rows[] = {
      {"1", "1"},
      {"-0", "0"},
      {"+5", "5"},
      {"007", "7"},
      {"5.", "5"},
      {".", nullptr},
      {"", nullptr},
      {" 1", nullptr},
      {"1 ", nullptr},
      {"1e", nullptr},
      {"infinit", nullptr},
      {"nan", nullptr},
      {"0x10", "16"},
      {"0x1p", nullptr},
      {"4.9e-324", "0"},
      {"1,5", nullptr},
      {"3\0"sv, nullptr},
      {"0.1", "0.1"},
      {"3.0e3", "3000"},
      {"10.5", "10.5"},
      {"123456789012345678", "123456789012345678"},
      {"1e-5", "0.00001"},
      {"12345.678", "12345.67799999999999994"},
      {"3.3333333333333335", "3.3333333333333335"},
      {"1e22", "10000000000000000000000"},
      {"1e-17", "0.00000000000000001"},
      {"-1e-18", "0"},
      {"5e-18", "0"},
      {"1e4933", nullptr},
      {"3.6e-4951", "0"},
      {"1e-5000", nullptr},
      {"123456789.123456789123", "123456789.12345678912242875"},
  };
  for (const Row& row : rows) {
    const auto value = ParseLongDouble(row.text);
    ASSERT_EQ(value.has_value(), row.want != nullptr) << row.text;
    if (value) {
      EXPECT_EQ(Text(*value), row.want) << row.text;
    }
  }
  EXPECT_TRUE(std::isinf(*ParseLongDouble("-Infinity")));
  EXPECT_EQ(Text(*ParseLongDouble("1e4932")).size(), 4933u);
  EXPECT_EQ(ParseLongDouble(std::string(5119, '0')), 0.0L);
  EXPECT_FALSE(ParseLongDouble(std::string(5120, '0')));
}

TEST(NumberText, Int64IsCanonicalOnly) {
  for (const Bytes text : {"0", "1", "-1", "9223372036854775807", "-9223372036854775808"}) {
    ASSERT_TRUE(ParseInt64(text)) << text;
    EXPECT_EQ(Text(*ParseInt64(text)), text);
  }
  for (const Bytes text :
       {"-0"sv, "+1"sv, "01"sv, "-01"sv, " 1"sv, "1 "sv, ""sv, "-"sv, "9223372036854775808"sv, "-9223372036854775809"sv,
        "1\0"sv, "12a"sv, "1.0"sv, "18446744073709551616"sv, "00"sv, "--1"sv, "10000000000000000000000"sv}) {
    EXPECT_FALSE(ParseInt64(text)) << text;
  }
}

TEST(NumberText, Uint64IsAsLaxAsStreamIds) {
  struct {
    Bytes text;
    std::optional<uint64_t> want;
  } const rows[] = {
      {"0", 0},
      {"5", 5},
      {"007", 7},
      {"+5", 5},
      {" 5", 5},
      {"-5", std::nullopt},
      {"-05", UINT64_MAX - 4},
      {"18446744073709551615", UINT64_MAX},
      {"18446744073709551616", std::nullopt},
      {"", std::nullopt},
      {"x", std::nullopt},
      {"5x", std::nullopt},
      {"5 ", std::nullopt},
      {"+-5", std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(ParseUint64(row.text), row.want) << row.text;
}

TEST(NumberText, TheHostsLocaleDoesNotMatter) {
  // Any locale with a decimal comma will do; without one there is nothing to show.
  locale_t comma = nullptr;
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "nl_NL.UTF-8"}) {
    if (comma == nullptr) comma = newlocale(LC_ALL_MASK, name, nullptr);
  }
  if (comma == nullptr) GTEST_SKIP() << "no such locale is installed";
  const locale_t before = uselocale(comma);
  EXPECT_EQ(ParseDouble("0x1.8"), 1.5);
  EXPECT_FALSE(ParseDouble("1,5"));
  EXPECT_EQ(Text(1.5), "1.5");
  EXPECT_EQ(Text(1.5L), "1.5");
  EXPECT_EQ(uselocale(before), comma);
  freelocale(comma);
}

}  // namespace
}  // namespace dualis
