#include "tests/rdb/contents.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/core/rng.h"
#include "tests/runner/tree_sink.h"

namespace dualis::test {
namespace {

using cases::ReplyTree;

// A number prints alike whoever prints it.
std::string NormalScore(const std::string& text) {
  char digits[64];
  std::snprintf(digits, sizeof(digits), "%.17g", std::strtod(text.c_str(), nullptr));
  return digits;
}

std::string Sorted(const ReplyTree& reply, size_t group) {
  std::vector<std::string> parts;
  for (size_t i = 0; i + group <= reply.children.size(); i += group) {
    std::string part;
    for (size_t k = 0; k < group; ++k) part += Text(reply.children[i + k]) + " ";
    parts.push_back(part);
  }
  std::sort(parts.begin(), parts.end());
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}

std::string SortedSetText(ReplyTree reply) {
  for (size_t i = 1; i < reply.children.size(); i += 2) reply.children[i].text = NormalScore(reply.children[i].text);
  return Text(reply);
}

// XINFO STREAM FULL without what depends on the layout in memory, or came with 7.2.
std::string StreamText(const Ask& ask, const std::string& key) {
  ReplyTree info = ask({"XINFO", "STREAM", key, "FULL", "COUNT", "0"});
  std::string text;
  for (size_t i = 0; i + 1 < info.children.size(); i += 2) {
    const std::string& name = info.children[i].text;
    if (name == "radix-tree-keys" || name == "radix-tree-nodes") continue;
    if (name == "groups") {
      for (ReplyTree& group : info.children[i + 1].children) {
        for (size_t k = 0; k + 1 < group.children.size(); k += 2) {
          if (group.children[k].text != "consumers") continue;
          for (ReplyTree& consumer : group.children[k + 1].children) {
            auto& parts = consumer.children;
            for (size_t p = 0; p + 1 < parts.size(); p += 2) {
              if (parts[p].text == "active-time") {
                parts.erase(parts.begin() + static_cast<ptrdiff_t>(p), parts.begin() + static_cast<ptrdiff_t>(p) + 2);
                break;
              }
            }
          }
        }
      }
    }
    text += name + "=" + Text(info.children[i + 1]) + "\n";
  }
  return text;
}

}  // namespace

Ask AskEngine(Session& session) {
  return [&session](const Words& words) {
    cases::TreeSink sink([] { return 2; });
    const std::vector<Arg> argv(words.begin(), words.end());
    session.Execute(argv, sink);
    return sink.Take();
  };
}

std::string Text(const cases::ReplyTree& reply) {
  std::string text;
  for (const std::string& line : cases::PrintReply(reply)) text += line + "\n";
  return text;
}

std::string ContentsOf(const Ask& ask, const std::string& key) {
  const std::string type = ask({"TYPE", key}).text;
  std::string value;
  if (type == "string") value = Text(ask({"GET", key}));
  if (type == "list") value = Text(ask({"LRANGE", key, "0", "-1"}));
  if (type == "set") value = Sorted(ask({"SMEMBERS", key}), 1);
  if (type == "zset") value = SortedSetText(ask({"ZRANGE", key, "0", "-1", "WITHSCORES"}));
  if (type == "hash") value = Sorted(ask({"HGETALL", key}), 2);
  if (type == "stream") value = StreamText(ask, key);
  return type + " expires " + Text(ask({"PEXPIRETIME", key})) + value;
}

std::map<std::string, std::string> ContentsOf(const Ask& ask, int databases) {
  std::map<std::string, std::string> contents;
  for (int db = 0; db < databases; ++db) {
    ask({"SELECT", std::to_string(db)});
    for (const ReplyTree& key : ask({"KEYS", "*"}).children) {
      contents[std::to_string(db) + "/" + key.text] = ContentsOf(ask, key.text);
    }
  }
  ask({"SELECT", "0"});
  return contents;
}

std::string Noise(size_t size, uint64_t seed) {
  Rng rng(seed);
  std::string text;
  while (text.size() < size) text.push_back(static_cast<char>(rng.Uniform(256)));
  return text;
}

void Fill(const Ask& ask) {
  const auto run = [&](const Words& words) {
    const ReplyTree reply = ask(words);
    if (reply.kind == ReplyTree::Kind::kError) throw std::runtime_error(words[0] + " " + words[1] + ": " + reply.text);
  };
  const auto many = [&](const std::string& command, const std::string& key, size_t count, auto&& word) {
    for (size_t i = 0; i < count; ++i) {
      Words words = {command, key};
      for (const std::string& w : word(i)) words.push_back(w);
      run(words);
    }
  };
  // Strings: every form of integer, its neighbours that are none, every length of a length, compressible and not.
  for (const char* number :
       {"0", "-1", "127", "128", "-128", "-129", "32767", "32768", "-32769", "2147483647", "2147483648", "-2147483648",
        "-2147483649", "9223372036854775807", "007", "1.5", "+1", ""}) {
    run({"SET", std::string("string:") + number, number});
  }
  for (const size_t size :
       {size_t{19}, size_t{20}, size_t{21}, size_t{63}, size_t{64}, size_t{16383}, size_t{16384}, size_t{100000}}) {
    run({"SET", "noise:" + std::to_string(size), Noise(size, size)});
    run({"SET", "same:" + std::to_string(size), std::string(size, 'a')});
  }
  run({"SET", std::string("key\0of\xff bytes", 13), std::string("\0\x01\xfe\xff", 4)});
  run({"SET", "", "of the empty key"});
  run({"SET", "expires", "later", "PXAT", "4102444800123"});
  run({"SETBIT", "bits", "70000", "1"});

  // Items of packed collections: integers and texts on both sides of every limit of the listpack.
  const Words kItems = {"",
                        "a",
                        "0",
                        "127",
                        "128",
                        "-1",
                        "4095",
                        "4096",
                        "-4096",
                        "-4097",
                        "32767",
                        "32768",
                        "-32768",
                        "-32769",
                        "8388607",
                        "8388608",
                        "-8388608",
                        "-8388609",
                        "2147483647",
                        "2147483648",
                        "-2147483648",
                        "-2147483649",
                        "9223372036854775807",
                        "-9223372036854775808",
                        "01",
                        "3.25",
                        Noise(63, 1),
                        Noise(64, 2)};
  for (const std::string& item : kItems) {
    run({"RPUSH", "list:small", item});
    run({"SADD", "set:small", item});
    run({"HSET", "hash:small", item, "of " + item});
    run({"HSET", "hash:small", "field " + item, item});
    run({"ZADD", "zset:small", "1", item});
  }
  run({"RPUSH", "list:long", Noise(4095, 3), Noise(4096, 4), Noise(20000, 5), std::string(70000, 'x'), "1"});
  run({"RPUSH", "list:one", "1"});
  many("RPUSH", "list:large", 3000, [](size_t i) { return Words{"item " + std::to_string(i), std::to_string(i * i)}; });
  for (const char* number : {"1", "-5", "32767"}) run({"SADD", "ints:16", number});
  for (const char* number : {"1", "-5", "32768"}) run({"SADD", "ints:32", number});
  for (const char* number : {"1", "-5", "2147483648", "-9223372036854775808"}) run({"SADD", "ints:64", number});
  many("SADD", "ints:large", 600, [](size_t i) { return Words{std::to_string(i * 7919)}; });
  many("SADD", "set:large", 600, [](size_t i) { return Words{"member " + std::to_string(i), Noise(i % 90, i)}; });
  many("HSET", "hash:large", 600, [](size_t i) { return Words{"field " + std::to_string(i), Noise(i % 90, i)}; });
  run({"HSET", "hash:wide", "field", Noise(65, 6)});
  for (const char* score : {"0", "-1", "0.1", "-0.1", "1e300", "-1e-300", "inf", "-inf", "4503599627370497.5",
                            "9007199254740993", "123456789012345678", "3.0000000000000004", "5e-324"}) {
    run({"ZADD", "zset:scores", score, std::string("of ") + score});
    run({"ZADD", "zset:large", score, std::string("of ") + score});
  }
  many("ZADD", "zset:large", 300, [](size_t i) {
    return Words{std::to_string(static_cast<double>(i) / 3), "member " + std::to_string(i)};
  });
  many("PFADD", "hll:sparse", 10, [](size_t i) { return Words{"element " + std::to_string(i)}; });
  many("PFADD", "hll:dense", 3000, [](size_t i) { return Words{"element " + std::to_string(i)}; });

  run({"SELECT", "1"});
  for (const char* type : {"SET", "LPUSH", "SADD"}) run({type, std::string("expires:") + type, "1"});
  for (const char* type : {"SET", "LPUSH", "SADD"}) run({"PEXPIREAT", std::string("expires:") + type, "4102444800000"});

  run({"SELECT", "9"});
  many("XADD", "stream:same", 300, [](size_t i) {
    return Words{std::to_string(1000 + i / 3) + "-" + std::to_string(i % 3), "a", std::to_string(i), "b",
                 Noise(i % 30, i)};
  });
  many("XADD", "stream:mixed", 250, [](size_t i) {
    Words words = {std::to_string(5000000000000 + i * i) + "-" + std::to_string(18446744073709551615u - i)};
    for (size_t k = 0; k <= i % 3; ++k)
      words.insert(words.end(), {"field" + std::to_string(k % (1 + i % 2)) + std::to_string(k), std::to_string(i * k)});
    return words;
  });
  for (const char* id : {"1000-0", "1000-1", "1033-1", "1099-2"}) run({"XDEL", "stream:same", id});
  run({"XADD", "stream:empty", "7-7", "f", "v"});
  run({"XDEL", "stream:empty", "7-7"});
  run({"XSETID", "stream:mixed", "6000000000000-5"});
  run({"XGROUP", "CREATE", "stream:same", "unread", "0"});
  run({"XGROUP", "CREATE", "stream:same", "reading", "0", "ENTRIESREAD", "3"});
  run({"XGROUP", "CREATE", "stream:mixed", "latest", "$"});
  run({"XGROUP", "CREATE", "stream:fresh", "group", "$", "MKSTREAM"});
  run({"XGROUP", "CREATECONSUMER", "stream:same", "unread", "idle"});
  run({"XREADGROUP", "GROUP", "reading", "alice", "COUNT", "30", "STREAMS", "stream:same", ">"});
  run({"XREADGROUP", "GROUP", "reading", "bob", "COUNT", "5", "STREAMS", "stream:same", ">"});
  run({"XACK", "stream:same", "reading", "1001-0", "1002-1"});
  run({"XCLAIM", "stream:same", "reading", "bob", "0", "1003-0", "TIME", "1700000000000", "RETRYCOUNT", "12345"});
  run({"XDEL", "stream:same", "1004-0"});
  run({"SELECT", "0"});
}

}  // namespace dualis::test
