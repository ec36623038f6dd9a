// The forms of values that redis-server 7.0 no longer writes but still reads, and those that only later versions know.
#include <gtest/gtest.h>

#include <memory>

#include "tests/client/private_server.h"
#include "tests/rdb/contents.h"
#include "tests/rdb/payload.h"
#include "tests/runner/oracle_server.h"

namespace dualis::test {
namespace {

const Texts kTexts = {"",
                      "a",
                      "0",
                      "12",
                      "13",
                      "-1",
                      "127",
                      "128",
                      "-128",
                      "-129",
                      "32767",
                      "32768",
                      "-32769",
                      "8388607",
                      "8388608",
                      "-8388609",
                      "01",
                      "3.25",
                      Noise(63, 1),
                      Noise(64, 2),
                      Noise(253, 3),
                      Noise(254, 4),
                      Noise(300, 5),
                      Noise(16384, 6),
                      "2147483648",
                      "-9223372036854775808",
                      "last"};

// Fields and values in turn, the values different from the fields.
Texts Pairs() {
  Texts pairs;
  for (const std::string& text : kTexts) pairs.insert(pairs.end(), {text, "of " + text});
  return pairs;
}

Texts Scored() {
  Texts pairs;
  for (size_t i = 0; i < kTexts.size(); ++i) {
    pairs.insert(pairs.end(), {kTexts[i], std::to_string(i) + (i % 3 == 1 ? ".5" : "")});
  }
  return pairs;
}

std::string Strings(const Texts& texts) {
  std::string bytes;
  for (const std::string& text : texts) bytes += Plain(text);
  return bytes;
}

std::string RawId(uint64_t ms, uint64_t seq) { return HighFirst(ms, 8) + HighFirst(seq, 8); }

// Three entries under 5-1, one of them deleted, and one with fields of its own.
std::string StreamNode() {
  return Plain(RawId(5, 1)) + Plain(Listpack({"3", "1", "2",  "a", "b", "0",  //
                                              "2", "0", "0",  "1", "2", "5",  //
                                              "3", "0", "1",  "x", "y", "5",  //
                                              "2", "1", "-1", "3", "4", "5",  //
                                              "0", "7", "4",  "1", "c", Noise(70, 7), "6"}));
}

struct FormCase {
  const char* what;
  uint8_t form;
  std::string value;
};

std::vector<FormCase> OldForms() {
  std::string scores = Length(5);
  for (const char* text : {"1", "-2.5", "17.25"}) scores += Plain(text) + LowFirst(std::string(text).size(), 1) + text;
  scores += Plain("most") + "\xfe" + Plain("least") + "\xff";
  std::string nodes = Length(2) + Plain(Ziplist(kTexts)) + Plain(Ziplist({"1", "2"}));
  const std::string stream = Length(1) + StreamNode() + Length(3) + Length(12) + Length(5);
  const std::string groups = Length(1) + Plain("group") + Length(6) + Length(0) +                //
                             Length(2) + RawId(5, 1) + LowFirst(1700000000000, 8) + Length(1) +  //
                             RawId(6, 0) + LowFirst(1700000000001, 8) + Length(300) +            //
                             Length(2) + Plain("alice") + LowFirst(1700000000002, 8) + Length(1) + RawId(6, 0) +
                             Plain("bob") + LowFirst(1700000000003, 8) + Length(1) + RawId(5, 1);
  return {
      {"a list of strings", 1, Length(kTexts.size()) + Strings(kTexts)},
      {"a set of strings", 2, Length(kTexts.size()) + Strings(kTexts)},
      {"a sorted set with scores as text", 3, scores},
      {"a hash of strings", 4, Length(kTexts.size()) + Strings(Pairs())},
      {"a zipmap", 9, Plain(Zipmap(Pairs()))},
      {"a large zipmap", 9, Plain(Zipmap([] {
         Texts words;
         for (int i = 0; i < 600; ++i) words.push_back(std::to_string(i));
         return words;
       }()))},
      {"a list in a ziplist", 10, Plain(Ziplist(kTexts))},
      {"an intset of 2 bytes", 11, Plain(Intset({-32768, -1, 0, 1, 32767}, 2))},
      {"an intset of 4 bytes, needlessly", 11, Plain(Intset({-3, 70}, 4))},
      {"an intset of 8 bytes", 11, Plain(Intset({INT64_MIN, 0, INT64_MAX}, 8))},
      {"a sorted set in a ziplist", 12, Plain(Ziplist(Scored()))},
      {"a hash in a ziplist", 13, Plain(Ziplist(Pairs()))},
      {"a list of ziplists", 14, nodes},
      {"a stream of Redis 5", 15, stream + groups},
      {"a stream of Redis 5 without groups", 15, stream + Length(0)},
      {"a hash in a listpack", 16, Plain(Listpack(Pairs()))},
      {"a sorted set in a listpack", 17, Plain(Listpack(Scored()))},
      {"a list of listpacks and plain nodes", 18,
       Length(3) + Length(2) + Plain(Listpack(kTexts)) + Length(1) + Plain(Noise(9000, 8)) + Length(2) +
           Plain(Listpack({"1"}))},
  };
}

TEST(Forms, OldOnesAreReadAsRedisReadsThem) {
  PrivateServer process;
  cases::OracleSocket socket(process.socket_path());
  const Ask server = [&](const Words& words) { return socket.Ask(words); };
  const auto engine = Engine::Create();
  const auto session = engine->Connect();
  const Ask mine = AskEngine(*session);
  for (const FormCase& form : OldForms()) {
    SCOPED_TRACE(form.what);
    const std::string payload = Payload(form.form, form.value);
    ASSERT_EQ(server({"RESTORE", "k", "0", payload, "REPLACE"}).text, "OK");
    ASSERT_EQ(mine({"RESTORE", "k", "0", payload, "REPLACE"}).text, "OK");
    EXPECT_EQ(ContentsOf(mine, "k"), ContentsOf(server, "k"));
  }
}

class NewForms : public testing::Test {
 protected:
  NewForms() : engine_(Engine::Create()), session_(engine_->Connect()), ask_(AskEngine(*session_)) {}
  // Restores and tells what the key holds.
  std::string Restore(uint8_t form, const std::string& value) {
    const auto reply = ask_({"RESTORE", "k", "0", Payload(form, value, 12), "REPLACE"});
    return reply.text == "OK" ? ContentsOf(ask_, "k") : reply.text;
  }
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  Ask ask_;
};

TEST_F(NewForms, SetInAListpack) {
  EXPECT_EQ(Restore(20, Plain(Listpack({"b", "a", "7"}))), "set expires -1\n\"7\"\n \"a\"\n \"b\"\n ");
}

TEST_F(NewForms, StreamOfRedis72) {
  const std::string value = Length(1) + StreamNode() + Length(3) + Length(12) + Length(5) + Length(5) + Length(1) +
                            Length(5) + Length(2) + Length(9) + Length(1) + Plain("group") + Length(6) + Length(0) +
                            Length(4) + Length(1) + RawId(6, 0) + LowFirst(1700000000001, 8) + Length(2) + Length(1) +
                            Plain("alice") + LowFirst(1700000000002, 8) + LowFirst(1700000000005, 8) + Length(1) +
                            RawId(6, 0);
  ASSERT_TRUE(Restore(21, value).starts_with("stream"));
  EXPECT_EQ(ask_({"XLEN", "k"}).integer, 3);
  const auto groups = ask_({"XINFO", "GROUPS", "k"});
  ASSERT_EQ(groups.children.size(), 1u);
}

TEST_F(NewForms, HashWithFieldsThatExpire) {
  const uint64_t when = 4102444800000;
  const std::string table = LowFirst(when, 8) + Length(3) + Length(0) + Plain("stays") + Plain("1") + Length(1) +
                            Plain("first") + Plain("2") + Length(1001) + Plain("second") + Plain("3");
  const std::string moments = "1) -1\n2) 4102444800000\n3) 4102444801000\n4) -2\n";
  const Words kAsk = {"HPEXPIRETIME", "k", "FIELDS", "4", "stays", "first", "second", "none"};
  const std::string contents = "hash expires -1\n\"first\"\n \"2\"\n \"second\"\n \"3\"\n \"stays\"\n \"1\"\n ";
  EXPECT_EQ(Restore(24, table), contents);
  EXPECT_EQ(Text(ask_(kAsk)), moments);
  EXPECT_EQ(Restore(25, LowFirst(when, 8) + Plain(Listpack({"first", "2", "4102444800000", "second", "3",
                                                            "4102444801000", "stays", "1", "0"}))),
            contents);
  EXPECT_EQ(Text(ask_(kAsk)), moments);
  const std::string preview =
      Length(2) + Length(0) + Plain("stays") + Plain("1") + Length(when) + Plain("first") + Plain("2");
  EXPECT_EQ(Restore(22, preview), "hash expires -1\n\"first\"\n \"2\"\n \"stays\"\n \"1\"\n ");
  EXPECT_EQ(Restore(23, Plain(Listpack({"first", "2", "4102444800000", "stays", "1", "0"}))),
            "hash expires -1\n\"first\"\n \"2\"\n \"stays\"\n \"1\"\n ");
  // What the engine writes of it says version 12, and comes back.
  const std::string dump = ask_({"DUMP", "k"}).text;
  EXPECT_EQ(dump.substr(dump.size() - 10, 2), LowFirst(12, 2));
  ASSERT_EQ(ask_({"RESTORE", "again", "0", dump}).text, "OK");
  EXPECT_EQ(Text(ask_({"HPEXPIRETIME", "again", "FIELDS", "2", "stays", "first"})), "1) -1\n2) 4102444800000\n");
}

TEST_F(NewForms, TooNewVersionsAreRefused) {
  EXPECT_EQ(ask_({"RESTORE", "k", "0", Payload(0, Plain("v"), 13)}).text,
            "ERR DUMP payload version or checksum are wrong");
}

}  // namespace
}  // namespace dualis::test
