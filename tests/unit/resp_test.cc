// RESP both ways: the encoder against the bytes that redis-server sends, the request parser against its errors, and the
// reply decoder at every split of the bytes.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/resp/decoder.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"
#include "engine/resp/scanner.h"

namespace dualis::resp {
namespace {

// Encodes what `emit` says, in both protocols, on one line with | for line ends.
template <class Emit>
std::string Encoded(int protocol, Emit emit) {
  std::string out;
  Encoder encoder(&out, protocol);
  emit(encoder);
  EXPECT_TRUE(encoder.complete());
  EXPECT_FALSE(encoder.failed());
  std::string line;
  for (const char c : out) {
    if (c == '\n') line += '|';
    if (c != '\r' && c != '\n') line += c;
  }
  return line;
}

struct EncodeCase {
  const char* what;
  void (*emit)(ReplySink&);
  const char* resp2;
  const char* resp3;
};

// Two couples of which the second value is an integer.
void Couples(ReplySink& s, Shape shape, size_t count) {
  s.Begin(shape, count);
  s.Bulk("a");
  s.Int(1);
  s.Bulk("b");
  s.Begin(Shape::kArray, 0);
  s.End();
  s.End();
}

const EncodeCase kEncodings[] = {
    {"null", [](ReplySink& s) { s.Null(); }, "$-1|", "_|"},
    {"null array", [](ReplySink& s) { s.NullArray(); }, "*-1|", "_|"},
    {"true", [](ReplySink& s) { s.Bool(true); }, ":1|", "#t|"},
    {"false", [](ReplySink& s) { s.Bool(false); }, ":0|", "#f|"},
    {"smallest integer", [](ReplySink& s) { s.Int(INT64_MIN); }, ":-9223372036854775808|", ":-9223372036854775808|"},
    {"double", [](ReplySink& s) { s.Double(1.5); }, "$3|1.5|", ",1.5|"},
    {"double of the shortest text", [](ReplySink& s) { s.Double(0.1); }, "$3|0.1|", ",0.1|"},
    {"infinity", [](ReplySink& s) { s.Double(-1 / 0.0); }, "$4|-inf|", ",-inf|"},
    {"big number", [](ReplySink& s) { s.BigNumber("123"); }, "$3|123|", "(123|"},
    {"bulk", [](ReplySink& s) { s.Bulk("abc"); }, "$3|abc|", "$3|abc|"},
    {"empty bulk", [](ReplySink& s) { s.Bulk(""); }, "$0||", "$0||"},
    {"status", [](ReplySink& s) { s.Simple("OK"); }, "+OK|", "+OK|"},
    {"status with a line break", [](ReplySink& s) { s.Simple("a\r\nb"); }, "+a  b|", "+a  b|"},
    {"verbatim", [](ReplySink& s) { s.Verbatim("hey", "txt"); }, "$3|hey|", "=7|txt:hey|"},
    {"set",
     [](ReplySink& s) {
       s.Begin(Shape::kSet, 1);
       s.Int(1);
       s.End();
     },
     "*1|:1|", "~1|:1|"},
    {"push",
     [](ReplySink& s) {
       s.Begin(Shape::kPush, 1);
       s.Int(1);
       s.End();
     },
     "*1|:1|", ">1|:1|"},
    {"map", [](ReplySink& s) { Couples(s, Shape::kMap, 2); }, "*4|$1|a|:1|$1|b|*0|", "%2|$1|a|:1|$1|b|*0|"},
    {"pairs", [](ReplySink& s) { Couples(s, Shape::kPairs, 2); }, "*4|$1|a|:1|$1|b|*0|", "*2|*2|$1|a|:1|*2|$1|b|*0|"},
    {"entries", [](ReplySink& s) { Couples(s, Shape::kEntries, 2); }, "*2|*2|$1|a|:1|*2|$1|b|*0|",
     "%2|$1|a|:1|$1|b|*0|"},
    {"map of unknown size", [](ReplySink& s) { Couples(s, Shape::kMap, kUnknownCount); }, "*4|$1|a|:1|$1|b|*0|",
     "%2|$1|a|:1|$1|b|*0|"},
    {"pairs of unknown size", [](ReplySink& s) { Couples(s, Shape::kPairs, kUnknownCount); }, "*4|$1|a|:1|$1|b|*0|",
     "*2|*2|$1|a|:1|*2|$1|b|*0|"},
    {"entries of unknown size", [](ReplySink& s) { Couples(s, Shape::kEntries, kUnknownCount); },
     "*2|*2|$1|a|:1|*2|$1|b|*0|", "%2|$1|a|:1|$1|b|*0|"},
    {"unknown inside unknown",
     [](ReplySink& s) {
       s.Begin(Shape::kArray, kUnknownCount);
       s.Begin(Shape::kArray, kUnknownCount);
       s.End();
       s.Begin(Shape::kSet, kUnknownCount);
       s.Int(1);
       s.Int(2);
       s.End();
       s.Null();
       s.End();
     },
     "*3|*0|*2|:1|:2|$-1|", "*3|*0|~2|:1|:2|_|"},
    {"error", [](ReplySink& s) { s.Error(Error(ErrorCode::kWrongType, "WRONGTYPE no\r\nluck\r\n")); },
     "-WRONGTYPE no  luck|", "-WRONGTYPE no  luck|"},
};

TEST(Encoder, WritesWhatRedisWrites) {
  for (const EncodeCase& c : kEncodings) {
    EXPECT_EQ(Encoded(2, c.emit), c.resp2) << c.what;
    EXPECT_EQ(Encoded(3, c.emit), c.resp3) << c.what;
  }
}

TEST(Encoder, AsksForTheProtocolAtEachReply) {
  std::string out;
  int protocol = 2;
  Encoder encoder(&out, [&] { return protocol; });
  encoder.Null();
  protocol = 3;
  encoder.Null();
  EXPECT_EQ(out, "$-1\r\n_\r\n");
}

// The commands in `bytes`, words joined by |, commands by a space; then "more" or the error.
std::string Parsed(RequestParser& parser) {
  std::string out;
  while (true) {
    switch (parser.Next()) {
      case RequestParser::State::kMore:
        return out;
      case RequestParser::State::kError:
        return out + "!" + std::string(parser.error().message());
      case RequestParser::State::kCommand:
        for (const Arg& arg : parser.args()) out.append(arg.bytes).append("|");
        out += ' ';
    }
  }
}

struct ParseCase {
  std::string bytes;
  std::string want;
};

// Every row was sent to redis-server 7.0 and gave these words or this error.
const std::vector<ParseCase>& ParseCases() {
  static const std::vector<ParseCase> cases = {
      {"*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "PING| ECHO|| "},
      {"*0\r\n*-1\r\nPING\r\n", "PING| "},
      {"PING\n", "PING| "},
      {"\r\n\r\n  PING  \t x\r\n", "PING|x| "},
      {"PING 'a\\'b' \"\\x41\\n\\q\" \"\"\r\n", "PING|a'b|A\nq|| "},
      {"PING a\"b\" \"\\xzz\\x4\"\r\n", "PING|ab|xzzx4| "},
      {"*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n", "PING| PING| "},
      {"*1\rx$4\r\nPING\r\n", "PING| "},
      {"PING\rx\n", "PING|x| "},
      {"PING \"a\r\n", "!ERR Protocol error: unbalanced quotes in request"},
      {"PING \"a\"b\r\n", "!ERR Protocol error: unbalanced quotes in request"},
      {"*2147483648\r\n", "!ERR Protocol error: invalid multibulk length"},
      {"*x\r\n", "!ERR Protocol error: invalid multibulk length"},
      {"*01\r\n", "!ERR Protocol error: invalid multibulk length"},
      {"*\r\n", "!ERR Protocol error: invalid multibulk length"},
      {"*1\r\nPING\r\n", "!ERR Protocol error: expected '$', got 'P'"},
      {"*1\r\n$x\r\n", "!ERR Protocol error: invalid bulk length"},
      {"*1\r\n$-1\r\n", "!ERR Protocol error: invalid bulk length"},
      {"*1\r\n$+4\r\n", "!ERR Protocol error: invalid bulk length"},
      {"*1\r\n$536870913\r\n", "!ERR Protocol error: invalid bulk length"},
      {std::string(65537, 'x'), "!ERR Protocol error: too big inline request"},
      {"*" + std::string(65537, '1'), "!ERR Protocol error: too big mbulk count string"},
      {"*1\r\n$" + std::string(65537, '1'), "!ERR Protocol error: too big bulk count string"},
      {std::string(65536, 'x'), ""},
      {"*2147483647\r\n", ""},
  };
  return cases;
}

TEST(RequestParser, TakesAndRefusesWhatRedisDoes) {
  for (const ParseCase& c : ParseCases()) {
    RequestParser parser;
    parser.Feed(c.bytes);
    EXPECT_EQ(Parsed(parser), c.want) << c.bytes.substr(0, 60);
  }
}

TEST(RequestParser, SplitsDoNotMatter) {
  for (const ParseCase& c : ParseCases()) {
    if (c.bytes.size() > 1000) continue;
    for (size_t cut = 0; cut <= c.bytes.size(); ++cut) {
      RequestParser parser;
      parser.Feed(Bytes(c.bytes).substr(0, cut));
      std::string got = Parsed(parser);
      if (got.find('!') == std::string::npos) {
        parser.Feed(Bytes(c.bytes).substr(cut));
        got += Parsed(parser);
      }
      EXPECT_EQ(got, c.want) << c.bytes << " cut at " << cut;
    }
    RequestParser parser;
    std::string got;
    for (size_t i = 0; i < c.bytes.size() && got.find('!') == std::string::npos; ++i) {
      parser.Feed(Bytes(c.bytes).substr(i, 1));
      got += Parsed(parser);
    }
    EXPECT_EQ(got, c.want) << c.bytes << " byte by byte";
  }
}

TEST(RequestParser, OwedAuthenticationShrinksTheLimits) {
  RequestParser parser;
  parser.set_unauthenticated(true);
  parser.Feed("*11\r\n");
  EXPECT_EQ(Parsed(parser), "!ERR Protocol error: unauthenticated multibulk length");
  RequestParser other;
  other.set_unauthenticated(true);
  other.Feed("*2\r\n$4\r\nAUTH\r\n$16385\r\n");
  EXPECT_EQ(Parsed(other), "!ERR Protocol error: unauthenticated bulk length");
}

// Writes events as a line of text.
class Trace final : public ReplySink {
 public:
  void Null() override { text_ += "null "; }
  void NullArray() override { text_ += "nullarray "; }
  void Bool(bool v) override { text_ += v ? "true " : "false "; }
  void Int(int64_t v) override { text_ += ":" + std::to_string(v) + " "; }
  void Double(double v) override { text_ += "," + std::to_string(v) + " "; }
  void BigNumber(Bytes v) override { text_.append("(").append(v) += " "; }
  void Bulk(Bytes v) override { text_.append("$").append(v) += " "; }
  void Simple(Bytes v) override { text_.append("+").append(v) += " "; }
  void Verbatim(Bytes v, Bytes f) override { text_.append("=").append(f).append(":").append(v) += " "; }
  void Error(const dualis::Error& e) override { text_.append("-").append(e.message()) += " "; }
  void Begin(Shape s, size_t n) override {
    text_ += "[" + std::to_string(static_cast<int>(s)) + "/" + std::to_string(n) + " ";
  }
  void End() override { text_ += "] "; }
  std::string Take() { return std::exchange(text_, {}); }

 private:
  std::string text_;
};

// The events of everything in `in`, which arrives in portions of `portion` bytes; 0: at once.
std::string Decoded(Bytes in, size_t portion, size_t first = 0) {
  ReplyDecoder decoder;
  Trace sink, push;
  std::string got, buffer;
  size_t fed = 0;
  while (true) {
    size_t used = 0;
    const ReplyDecoder::State state = decoder.Decode(buffer, &used, &sink, &push);
    buffer.erase(0, used);
    if (state == ReplyDecoder::State::kReply) got += sink.Take() + "; ";
    if (state == ReplyDecoder::State::kPush) got += "push " + push.Take() + "; ";
    if (state == ReplyDecoder::State::kError) return got + "!" + std::string(decoder.error().message());
    if (state != ReplyDecoder::State::kMore) continue;
    EXPECT_GT(decoder.wanted(), buffer.size());
    if (fed == in.size()) return got;
    const size_t n = fed == 0 && first > 0 ? first : portion == 0 ? in.size() : portion;
    buffer.append(in.substr(fed, n));
    fed = std::min(in.size(), fed + n);
  }
}

struct DecodeCase {
  std::string bytes;
  std::string want;
};

const DecodeCase kDecodings[] = {
    {"+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\rb\r\n$0\r\n\r\n$-1\r\n*-1\r\n",
     "+OK ; -ERR no ; :-7 ; $a\rb ; $ ; null ; nullarray ; "},
    {"_\r\n#t\r\n#f\r\n,1.5\r\n,-inf\r\n(-12345678901234567890\r\n=7\r\ntxt:hey\r\n",
     "null ; true ; false ; ,1.500000 ; ,-inf ; (-12345678901234567890 ; =txt:hey ; "},
    {"*2\r\n*0\r\n%1\r\n+k\r\n~2\r\n:1\r\n:2\r\n", "[0/2 [0/0 ] [2/1 +k [1/2 :1 :2 ] ] ] ; "},
    {"*0\r\n%0\r\n", "[0/0 ] ; [2/0 ] ; "},
    {">2\r\n+pubsub\r\n*1\r\n:1\r\n:5\r\n", "push [5/2 +pubsub [0/1 :1 ] ] ; :5 ; "},
    {"|1\r\n+ttl\r\n*1\r\n:3\r\n*2\r\n|2\r\n:1\r\n:2\r\n:3\r\n|0\r\n:4\r\n:5\r\n:6\r\n", "[0/2 :5 :6 ] ; "},
    {"|1\r\n+a\r\n>1\r\n:1\r\n>1\r\n:2\r\n", "push [5/1 :2 ] ; "},
    {":01\r\n", "!ERR Protocol error: Bad integer value"},
    {":+1\r\n", "!ERR Protocol error: Bad integer value"},
    {":9223372036854775808\r\n", "!ERR Protocol error: Bad integer value"},
    {"$-2\r\n", "!ERR Protocol error: Bulk string length out of range"},
    {"$?\r\n", "!ERR Protocol error: Bad bulk string length"},
    {"*-2\r\n", "!ERR Protocol error: Multi-bulk length out of range"},
    {"*4294967296\r\n", "!ERR Protocol error: Multi-bulk length out of range"},
    {"%9223372036854775807\r\n", "!ERR Protocol error: Multi-bulk length out of range"},
    {"$99999999999\r\n", "!ERR Protocol error: Bulk string length out of range"},
    {"+a\nb\r\n", "!ERR Protocol error: Bad simple string value"},
    {"=3\r\nabc\r\n", "!ERR Protocol error: " + std::string(ScanErrorText(ScanError::kBadVerbatim))},
    {"#x\r\n", "!ERR Protocol error: Bad bool value"},
    {"_x\r\n", "!ERR Protocol error: Bad nil value"},
    {",1e400\r\n", "!ERR Protocol error: Bad double value"},
    {"\x01", "!ERR Protocol error: Protocol error, got \"\\x01\" as reply type byte"},
    {"!3\r\nabc\r\n", "!ERR Protocol error: Protocol error, got \"!\" as reply type byte"},
};

TEST(ReplyDecoder, GivesTheEventsHoweverTheBytesArrive) {
  for (const DecodeCase& c : kDecodings) {
    EXPECT_EQ(Decoded(c.bytes, 0), c.want) << c.bytes;
    EXPECT_EQ(Decoded(c.bytes, 1), c.want) << c.bytes << " byte by byte";
    for (size_t cut = 1; cut < c.bytes.size(); ++cut) {
      EXPECT_EQ(Decoded(c.bytes, 0, cut), c.want) << c.bytes << " cut at " << cut;
    }
  }
}

TEST(ReplyDecoder, DepthIsLimited) {
  std::string deep;
  for (int i = 0; i < 1024; ++i) deep += "*1\r\n";
  EXPECT_EQ(Decoded(deep + ":1\r\n", 0).find('!'), std::string::npos);
  EXPECT_EQ(Decoded(deep + "*1\r\n:1\r\n", 0), "!ERR Protocol error: Max nesting depth exceeded");
}

TEST(Scanner, DoublesAsHiredisReadsThem) {
  double d = 0;
  for (const char* good : {"1.5", "-1.5", ".5", "5.", "1e10", "inf", "-INF", "NaN", "-nan", "0"}) {
    EXPECT_TRUE(ParseRespDouble(good, &d)) << good;
  }
  for (const char* bad :
       {"", "+1.5", " 1", "0x10", "infinity", "+inf", "1e400", "1e-400", "-", ".", "1.5x", "nan(1)"}) {
    EXPECT_FALSE(ParseRespDouble(bad, &d)) << bad;
  }
}

TEST(Scanner, QuotesUnknownTypes) {
  char buffer[kBadTypeTextBytes];
  EXPECT_EQ(BadTypeText('\n', buffer), "Protocol error, got \"\\n\" as reply type byte");
  EXPECT_EQ(BadTypeText('"', buffer), "Protocol error, got \"\\\"\" as reply type byte");
  EXPECT_EQ(BadTypeText('\xff', buffer), "Protocol error, got \"\\xff\" as reply type byte");
}

}  // namespace
}  // namespace dualis::resp
