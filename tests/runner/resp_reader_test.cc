#include "tests/runner/resp_reader.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dualis::cases {
namespace {

using Lines = std::vector<std::string>;

const char* const kStream =
    "+OK\r\n-ERR no\r\n:-5\r\n$2\r\na\r\r\n$-1\r\n*-1\r\n*0\r\n_\r\n,1.5\r\n#t\r\n(12\r\n=7\r\ntxt:abc\r\n"
    "*2\r\n:1\r\n%1\r\n+k\r\n~1\r\n:2\r\n>1\r\n+m\r\n";

Lines ReadAll(RespReader* reader) {
  Lines lines;
  while (auto reply = reader->Next()) {
    for (const std::string& line : PrintReply(*reply)) lines.push_back(line);
  }
  return lines;
}

const Lines kWant = {"OK",          "(error) ERR no",         "-5",    "\"a\\r\"",        "(nil)",
                     "(nil array)", "(empty array)",          "(nil)", "(double) 1.5",    "(true)",
                     "(big) 12",    "(verbatim txt) \"abc\"", "1) 1",  "2) 1# k => 1~ 2", "1! m"};

TEST(RespReaderTest, ReadsEveryType) {
  RespReader reader;
  reader.Feed(kStream);
  EXPECT_EQ(ReadAll(&reader), kWant);
  EXPECT_TRUE(reader.empty());
}

TEST(RespReaderTest, WaitsForTheRestByteByByte) {
  RespReader reader;
  Lines lines;
  for (char c : std::string(kStream)) {
    reader.Feed({&c, 1});
    for (const std::string& line : ReadAll(&reader)) lines.push_back(line);
  }
  EXPECT_EQ(lines, kWant);
}

TEST(RespReaderTest, RefusesWhatIsNotResp) {
  for (const char* bytes : {"\r\n", "!x\r\n", ":1x\r\n", "*y\r\n", "=2\r\nab\r\n"}) {
    RespReader reader;
    reader.Feed(bytes);
    EXPECT_THROW(reader.Next(), std::runtime_error) << bytes;
  }
}

TEST(RespReaderTest, EncodesRequests) { EXPECT_EQ(EncodeRequest({"GET", ""}), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n"); }

}  // namespace
}  // namespace dualis::cases
