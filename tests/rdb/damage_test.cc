// Hostile bytes: cut anywhere, changed anywhere. They give an error, or a load that makes sense; never a crash, never
// half a load.
#include <gtest/gtest.h>

#include <memory>

#include "engine/core/rng.h"
#include "engine/rdb/crc64.h"
#include "tests/rdb/contents.h"
#include "tests/rdb/memory_file.h"
#include "tests/rdb/payload.h"

namespace dualis::test {
namespace {

// One small value of each type and form, so that trying every byte is quick.
void FillALittle(const Ask& ask) {
  for (const Words& words : std::vector<Words>{
           {"SET", "number", "12345"},
           {"SET", "text", "hello"},
           {"SET", "packed", std::string(200, 'x')},
           {"SET", "expires", "later", "PXAT", "4102444800123"},
           {"RPUSH", "list", "a", "1", "300", Noise(70, 1)},
           {"SADD", "ints", "1", "2", "70000"},
           {"SADD", "set", "a", "b", "3"},
           {"HSET", "hash", "f", "v", "7", Noise(60, 2)},
           {"HSET", "wide", "f", Noise(80, 3)},
           {"ZADD", "zset", "1", "a", "2.5", "b", "inf", "c"},
           {"ZADD", "tall", "1.5", Noise(80, 4)},
           {"XADD", "stream", "1-1", "a", "1", "b", "2"},
           {"XADD", "stream", "2-0", "a", "3", "b", "4"},
           {"XADD", "stream", "3-0", "c", "5"},
           {"SELECT", "3"},
           {"SET", "other", "database"},
           {"SELECT", "0"},
       }) {
    ASSERT_NE(ask(words).kind, cases::ReplyTree::Kind::kError) << words[0];
  }
  // What has no command yet in every build: groups, and fields that expire.
  const std::string raw = HighFirst(2, 8) + HighFirst(0, 8);
  const std::string stream = Length(0) + Length(0) + Length(5) + Length(0) + Length(0) + Length(0) + Length(5) +
                             Length(0) + Length(2) + Length(1) + Plain("group") + Length(5) + Length(0) + Length(2) +
                             Length(1) + raw + LowFirst(1700000000001, 8) + Length(2) + Length(1) + Plain("alice") +
                             LowFirst(1700000000002, 8) + Length(1) + raw;
  ASSERT_EQ(ask({"RESTORE", "groups", "0", Payload(19, stream)}).text, "OK");
  const std::string table = LowFirst(4102444800000, 8) + Length(2) + Length(0) + Plain("stays") + Plain("1") +
                            Length(1) + Plain("first") + Plain("2");
  ASSERT_EQ(ask({"RESTORE", "times", "0", Payload(24, table, 12)}).text, "OK");
}

class Damage : public testing::Test {
 protected:
  Damage() : engine_(Engine::Create()), session_(engine_->Connect()), ask_(AskEngine(*session_)) {
    FillALittle(ask_);
    MemoryFile file;
    EXPECT_TRUE(engine_->Save(file));
    image_ = file.bytes;
  }
  // Loads the bytes into an engine that holds one key; after an error it must still hold just that.
  void Try(const std::string& bytes) {
    auto engine = Engine::Create({.seed = 1});
    const auto session = engine->Connect();
    const Ask ask = AskEngine(*session);
    ask({"SET", "before", "v"});
    MemoryFile file(bytes);
    const auto report = engine->Load(file);
    if (report) {
      ++loaded_;
      // Whatever it is now, it can be read, and saved again.
      ContentsOf(ask, 16);
      MemoryFile again;
      EXPECT_TRUE(engine->Save(again));
      return;
    }
    ++refused_;
    EXPECT_NE(report.error().message().find("ERR"), Bytes::npos);
    EXPECT_EQ(ask({"DBSIZE"}).integer, 1);
    EXPECT_EQ(ask({"GET", "before"}).text, "v");
  }
  static std::string WithChecksum(std::string bytes) {
    bytes.resize(bytes.size() - 8);
    return bytes + LowFirst(rdb::Crc64(0, bytes), 8);
  }

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  Ask ask_;
  std::string image_;
  int loaded_ = 0;
  int refused_ = 0;
};

TEST_F(Damage, CutAnywhere) {
  for (size_t size = 0; size < image_.size(); ++size) Try(image_.substr(0, size));
  EXPECT_EQ(loaded_, 0);
}

TEST_F(Damage, AnyChangedByteIsNoticedByTheChecksum) {
  for (size_t at = 0; at < image_.size() - 8; ++at) {
    std::string bytes = image_;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    Try(bytes);
  }
  EXPECT_EQ(loaded_, 0);
}

TEST_F(Damage, ChangedBytesUnderARightChecksum) {
  const uint64_t seed = 20261121;
  RecordProperty("seed", std::to_string(seed));
  Rng rng(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = image_;
    for (uint64_t n = 1 + rng.Uniform(3); n > 0; --n) {
      const size_t at = 9 + rng.Uniform(bytes.size() - 17);
      constexpr uint8_t kTelling[] = {0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xfe, 0xff};
      bytes[at] = static_cast<char>(rng.Uniform(2) ? kTelling[rng.Uniform(std::size(kTelling))] : rng.Uniform(256));
    }
    Try(WithChecksum(bytes));
  }
  EXPECT_GT(loaded_, 0) << "seed " << seed;
  EXPECT_GT(refused_, 0) << "seed " << seed;
}

TEST_F(Damage, DumpsOfEveryKeyCutAndChanged) {
  const uint64_t seed = 20261122;
  Rng rng(seed);
  for (const auto& key : ask_({"KEYS", "*"}).children) {
    const std::string dump = ask_({"DUMP", key.text}).text;
    const std::string body = dump.substr(1, dump.size() - 11);
    const auto form = static_cast<uint8_t>(dump[0]);
    ask_({"DEL", "copy"});
    for (size_t size = 0; size < body.size(); ++size) {
      const auto reply = ask_({"RESTORE", "copy", "0", Payload(form, body.substr(0, size), 12)});
      EXPECT_EQ(reply.text, "ERR Bad data format") << key.text << " cut after " << size;
    }
    for (int round = 0; round < 500; ++round) {
      std::string changed = body;
      changed[rng.Uniform(changed.size())] = static_cast<char>(rng.Uniform(256));
      const auto reply = ask_({"RESTORE", "copy", "0", Payload(form, changed, 12), "REPLACE"});
      ASSERT_TRUE(reply.text == "OK" || reply.text == "ERR Bad data format") << reply.text << " seed " << seed;
      if (reply.text == "OK") ContentsOf(ask_, "copy");
    }
  }
}

struct Lie {
  const char* what;
  std::string items;
};

TEST_F(Damage, LyingLengthsCostNothing) {
  const std::string huge = "\x81" + HighFirst(uint64_t{1} << 62, 8), large = "\x80" + HighFirst(0x1fffffff, 4);
  const Lie kLies[] = {
      {"a string", std::string(1, '\0') + Plain("k") + huge},
      {"a string of half a gigabyte", std::string(1, '\0') + Plain("k") + large + "x"},
      {"a key", std::string(1, '\0') + huge},
      {"a list", "\x01" + Plain("k") + huge},
      {"a list of nodes", "\x12" + Plain("k") + huge},
      {"a set", "\x02" + Plain("k") + huge},
      {"a sorted set", "\x05" + Plain("k") + huge},
      {"a hash", "\x04" + Plain("k") + huge},
      {"a stream", "\x13" + Plain("k") + huge},
      {"a compressed string", std::string(1, '\0') + Plain("k") + "\xc3" + Length(4) + large + "\x01\x61\x62\x00"},
      {"a compressed string that says it is long", std::string(1, '\0') + Plain("k") + "\xc3" + large + large + "x"},
      {"a listpack", "\x10" + Plain("k") + Plain(LowFirst(0x7fffffff, 4) + LowFirst(3, 2) + "\xff")},
      {"an intset", "\x0b" + Plain("k") + Plain(LowFirst(8, 4) + LowFirst(0x20000000, 4))},
      {"an intset of no width", "\x0b" + Plain("k") + Plain(LowFirst(0, 4) + LowFirst(0, 4))},
      {"the size of a database", "\xfb" + huge + huge + "\xfe" + huge},
      {"an aux field", "\xfa" + large + "x"},
      {"module data", "\xf7" + Length(1) + Length(5) + huge},
      {"a module's value", "\x07" + Plain("k") + Length(1)},
      {"an unknown type", "\x1b" + Plain("k")},
      {"a function of a preview", "\xf6" + Plain("f")},
      {"the same key twice",
       std::string(1, '\0') + Plain("k") + Plain("1") + std::string(1, '\0') + Plain("k") + Plain("2")},
      {"the same member twice", "\x02" + Plain("k") + Length(2) + Plain("a") + Plain("a")},
      {"the same field twice", "\x04" + Plain("k") + Length(2) + Plain("a") + Plain("1") + Plain("a") + Plain("2")},
      {"a score that is no number", "\x05" + Plain("k") + Length(1) + Plain("a") + LowFirst(0x7ff8000000000000, 8)},
      {"a score that is no text of a number", "\x03" + Plain("k") + Length(1) + Plain("a") + "\x03" + "abc"},
  };
  for (const Lie& lie : kLies) {
    SCOPED_TRACE(lie.what);
    const int before = refused_;
    Try(File(lie.items, 12));
    EXPECT_EQ(refused_, before + 1);
  }
}

TEST_F(Damage, HeadsThatAreNone) {
  for (const char* head :
       {"", "REDIS", "REDIS001", "REDIS0013\xff", "REDIS0000\xff", "REDISxxxx\xff", "RADIS0010\xff"}) {
    SCOPED_TRACE(head);
    const int before = refused_;
    Try(std::string(head) + std::string(8, '\0'));
    EXPECT_EQ(refused_, before + 1);
  }
}

TEST_F(Damage, WhatMeansNothingToUsIsPassedOver) {
  const std::string module_aux = "\xf7" + Length(77) + Length(2) + Length(1) + Length(5) + Plain("text") + Length(4) +
                                 LowFirst(1, 8) + Length(3) + LowFirst(1, 4) + Length(1) + Length(300) + Length(0);
  const std::string items = "\xfa" + Plain("name") + Plain("text") + module_aux + "\xf4" + Length(1) + Length(2) +
                            Length(3) + "\xf5" +
                            Plain("#!lua name=f\nredis.register_function('f', function() return 1 end)") + "\xf8" +
                            Length(500) + "\xf9" + "\x07" + std::string(1, '\0') + Plain("k") + Plain("v") +  //
                            "\x02" + Plain("empty") + Length(0);
  for (const int version : {1, 5, 9, 12}) {
    // Without a checksum as well.
    MemoryFile file(version == 9 ? "REDIS0009" + items + "\xff" + std::string(8, '\0') : File(items, version));
    const auto engine = Engine::Create();
    const auto report = engine->Load(file);
    ASSERT_TRUE(report) << version << report.error().message();
    EXPECT_EQ(report->keys, 1u);
  }
}

}  // namespace
}  // namespace dualis::test
