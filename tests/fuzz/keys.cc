#include "tests/fuzz/keys.h"

#include "tests/fuzz/fuzz.h"
#include "tests/rdb/payload.h"

namespace dualis::fuzz {

std::vector<std::string> HandMade() {
  using namespace test;  // NOLINT(google-build-using-namespace)
  const Texts pairs = {"a", "1", "b", "300", "c", "-70000"};
  const std::string raw = HighFirst(1, 8) + HighFirst(1, 8);
  const std::string node = Plain(raw) + Plain(Listpack({"2", "1", "1", "a", "0", "2", "0", "0", "x", "4", "3",
                                                        "1", "0", "y", "4", "0", "2", "0", "1", "c", "z", "6"}));
  const std::string counters = Length(2) + Length(3) + Length(1);
  const std::string group = Length(1) + Plain("g") + Length(1) + Length(1) + Length(1) + raw + LowFirst(5, 8) +
                            Length(1) + Length(1) + Plain("c") + LowFirst(6, 8) + Length(1) + raw;
  std::string scores = Length(2) + Plain("a") + "\x03" + "1.5" + Plain("b") + "\xfe";
  const auto form = [](uint8_t number, const std::string& body) {
    return std::string(1, static_cast<char>(number)) + body;
  };
  return {
      form(1, Length(2) + Plain("a") + Plain("b")),
      form(3, scores),
      form(9, Plain(Zipmap(pairs))),
      form(10, Plain(Ziplist(pairs))),
      form(11, Plain(Intset({-5, 1, 70000}, 4))),
      form(12, Plain(Ziplist(pairs))),
      form(13, Plain(Ziplist(pairs))),
      form(14, Length(2) + Plain(Ziplist(pairs)) + Plain(Ziplist(pairs))),
      form(15, Length(1) + node + counters + group),
      form(18, Length(2) + Length(1) + Plain("plain") + Length(2) + Plain(Listpack(pairs))),
      form(20, Plain(Listpack({"a", "1", "b"}))),
      form(22, Length(2) + Length(0) + Plain("a") + Plain("1") + Length(4102444800000) + Plain("b") + Plain("2")),
      form(23, Plain(Listpack({"a", "1", "4102444800000", "b", "2", "0"}))),
      form(24, LowFirst(4102444800000, 8) + Length(2) + Length(0) + Plain("a") + Plain("1") + Length(1) + Plain("b") +
                   Plain("2")),
      form(25, LowFirst(4102444800000, 8) + Plain(Listpack({"a", "1", "4102444800000", "b", "2", "0"}))),
  };
}

void Exercise(const test::Ask& ask, const std::string& key) {
  test::ContentsOf(ask, key);
  const std::string type = ask({"TYPE", key}).text;
  ask({"OBJECT", "ENCODING", key});
  ask({"MEMORY", "USAGE", key});
  ask({"DEBUG", "DIGEST-VALUE", key});
  ask({"COPY", key, "the copy of it"});
  const auto dump = ask({"DUMP", key});
  if (dump.kind == cases::ReplyTree::Kind::kBulk) {
    Check(ask({"RESTORE", key, "0", dump.text, "REPLACE"}).text == "OK", "what was dumped can be restored");
  }
  std::vector<test::Words> changes;
  if (type == "string") {
    changes = {{"PFCOUNT", key},        {"PFADD", key, "x"}, {"PFMERGE", "the copy of it", key}, {"BITCOUNT", key},
               {"APPEND", key, "tail"}, {"INCR", key},       {"SETRANGE", key, "3", "x"}};
  } else if (type == "list") {
    changes = {{"LPUSH", key, "x"},     {"LINSERT", key, "BEFORE", "x", "y"},
               {"LREM", key, "0", "a"}, {"LPOS", key, "1"},
               {"SORT", key, "ALPHA"},  {"LPOP", key, "2"},
               {"RPOP", key, "1000000"}};
  } else if (type == "set") {
    changes = {{"SADD", key, "1"}, {"SADD", key, "text"}, {"SRANDMEMBER", key, "-3"}, {"SPOP", key, "1000000"}};
  } else if (type == "zset") {
    changes = {{"ZADD", key, "1", "x"},
               {"ZRANGEBYLEX", key, "-", "+"},
               {"ZRANK", key, "x"},
               {"ZINCRBY", key, "2", "a"},
               {"GEOSEARCH", key, "FROMLONLAT", "0", "0", "BYRADIUS", "20000", "km", "WITHCOORD"},
               {"ZPOPMIN", key, "1000000"}};
  } else if (type == "hash") {
    changes = {{"HSET", key, "x", "y"},
               {"HINCRBY", key, "n", "1"},
               {"HPEXPIRETIME", key, "FIELDS", "1", "a"},
               {"HRANDFIELD", key, "-3"},
               {"HDEL", key, "a", "b", "x", "n"}};
  } else if (type == "stream") {
    changes = {{"XADD", key, "*", "f", "v"},
               {"XREVRANGE", key, "+", "-"},
               {"XAUTOCLAIM", key, "group", "bob", "0", "0"},
               {"XREADGROUP", "GROUP", "group", "bob", "STREAMS", key, ">"},
               {"XPENDING", key, "group"},
               {"XACK", key, "group", "1-1"},
               {"XDEL", key, "1-1"},
               {"XGROUP", "DELCONSUMER", key, "group", "alice"},
               {"XTRIM", key, "MAXLEN", "1"},
               {"XGROUP", "DESTROY", key, "group"}};
  }
  for (const test::Words& words : changes) ask(words);
}

}  // namespace dualis::fuzz
