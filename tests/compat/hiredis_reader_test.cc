// The reader, the formatter and sds strings of our hiredis, against what Debian's libhiredis 0.14 makes of the same
// bytes, and against the facts of the 1.x ABI that 0.14 knows nothing of.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <hiredis/dualis.h>
#include <hiredis/hiredis.h>

#include <cmath>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/compat/counting_allocators.h"

namespace {

// A reply on one line.
std::string Tree(const redisReply* r) {
  if (r == nullptr) return "nothing";
  switch (r->type) {
    case REDIS_REPLY_NIL:
      return "nil";
    case REDIS_REPLY_INTEGER:
      return ":" + std::to_string(r->integer);
    case REDIS_REPLY_BOOL:
      return r->integer != 0 ? "true" : "false";
    case REDIS_REPLY_DOUBLE:
      return "," + std::string(r->str, r->len) + "=" + std::to_string(r->dval);
    case REDIS_REPLY_VERB:
      return "=" + std::string(r->vtype) + ":" + std::string(r->str, r->len);
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
    case REDIS_REPLY_BIGNUM:
      EXPECT_EQ(r->str[r->len], '\0');
      return std::to_string(r->type) + "'" + std::string(r->str, r->len) + "'";
    default: {
      std::string text = std::to_string(r->type) + "[";
      for (size_t i = 0; i < r->elements; ++i) text += Tree(r->element[i]) + " ";
      EXPECT_TRUE(r->elements > 0 || r->element == nullptr);
      return text + "]";
    }
  }
}

// With a table of its own, though it holds the default functions, the reader goes value by value.
enum class Way { kDefault, kOwnTable, kCompact };

// Everything in `bytes`, fed in two parts; then the error, if any.
std::string Read(const std::string& bytes, size_t cut, Way way) {
  redisReader* reader = redisReaderCreate();
  redisReplyObjectFunctions same = *reader->fn;
  if (way == Way::kOwnTable) reader->fn = &same;
  dualisReaderSetCompact(reader, way == Way::kCompact);
  std::string got;
  bool failed = false;
  const auto drain = [&] {
    void* reply = nullptr;
    while (!failed) {
      if (redisReaderGetReply(reader, &reply) != REDIS_OK) {
        EXPECT_EQ(reader->buf, nullptr);
        EXPECT_EQ(reader->len, 0u);
        got += "! " + std::string(reader->errstr);
        failed = true;
      } else if (reply == nullptr) {
        break;
      } else {
        got += Tree(static_cast<redisReply*>(reply)) + "; ";
        freeReplyObject(reply);
      }
    }
  };
  redisReaderFeed(reader, bytes.data(), cut);
  drain();
  if (!failed) redisReaderFeed(reader, bytes.data() + cut, bytes.size() - cut);
  drain();
  redisReaderFree(reader);
  return got;
}

std::string Read(const std::string& bytes, size_t cut) {
  std::string got = Read(bytes, cut, Way::kDefault);
  EXPECT_EQ(got, Read(bytes, cut, Way::kOwnTable));
  EXPECT_EQ(got, Read(bytes, cut, Way::kCompact));
  return got;
}

struct ReadCase {
  std::string bytes;
  std::string want;
};

const ReadCase kReads[] = {
    {"+OK\r\n-ERR x\r\n:-12\r\n$3\r\na\r\n\r\n$0\r\n\r\n", "5'OK'; 6'ERR x'; :-12; 1'a\r\n'; 1''; "},
    {"$-1\r\n*-1\r\n_\r\n%-1\r\n=-1\r\n", "nil; nil; nil; nil; nil; "},
    {"*0\r\n*2\r\n*1\r\n:1\r\n$1\r\nx\r\n", "2[]; 2[2[:1 ] 1'x' ]; "},
    {"%1\r\n+k\r\n~1\r\n#t\r\n>1\r\n#F\r\n|1\r\n+a\r\n+b\r\n", "9[5'k' 10[true ] ]; 12[false ]; 11[5'a' 5'b' ]; "},
    {",1.5\r\n,-inf\r\n,.5\r\n,5.\r\n", ",1.5=1.500000; ,-inf=-inf; ,.5=0.500000; ,5.=5.000000; "},
    // Attributes inside are remarks on what follows, and no elements.
    {"*2\r\n|1\r\n+a\r\n*1\r\n|0\r\n+b\r\n:1\r\n*1\r\n|1\r\n+c\r\n+d\r\n|1\r\n+e\r\n+f\r\n:2\r\n:3\r\n",
     "2[:1 2[:2 ] ]; :3; "},
    {"*1\r\n|1\r\n+a\r\n!", "! Protocol error, got \"!\" as reply type byte"},
    {"(-123\r\n(\r\n=7\r\ntxt:hey\r\n", "13'-123'; 13''; =txt:hey; "},
    {":01\r\n", "! Bad integer value"},
    {":+1\r\n", "! Bad integer value"},
    {":-0\r\n", "! Bad integer value"},
    {":9223372036854775808\r\n", "! Bad integer value"},
    {"$?\r\n", "! Bad bulk string length"},
    {"$-2\r\n", "! Bulk string length out of range"},
    {"*?\r\n", "! Bad multi-bulk length"},
    {"*-2\r\n", "! Multi-bulk length out of range"},
    {"*4294967296\r\n", "! Multi-bulk length out of range"},
    {"%9223372036854775807\r\n", "! Multi-bulk length out of range"},
    {"+a\rb\r\n", "! Bad simple string value"},
    {"_x\r\n", "! Bad nil value"},
    {"#1\r\n", "! Bad bool value"},
    {"(+1\r\n", "! Bad bignum value"},
    {",+1.5\r\n", "! Bad double value"},
    {",1e400\r\n", "! Bad double value"},
    {"," + std::string(326, '1') + "\r\n", "! Double value is too large"},
    {"=3\r\nabc\r\n", "! Verbatim string 4 bytes of content type are missing or incorrectly encoded."},
    {"!3\r\nabc\r\n", "! Protocol error, got \"!\" as reply type byte"},
    {"+ok\r\n\x01", "5'ok'; ! Protocol error, got \"\\x01\" as reply type byte"},
    {"*2\r\n:1\r\n\n", "! Protocol error, got \"\\n\" as reply type byte"},
};

TEST(HiredisReader, ReadsHoweverTheBytesAreCut) {
  for (const ReadCase& c : kReads) {
    for (size_t cut = 0; cut <= c.bytes.size(); ++cut)
      EXPECT_EQ(Read(c.bytes, cut), c.want) << c.bytes << " at " << cut;
  }
}

TEST(HiredisReader, LongStringsHoweverTheyArrive) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const size_t size : {65535u, 65536u, 65537u, 200'000u}) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const std::string bulk = "$" + std::to_string(size) + "\r\n" + text + "\r\n";
    const std::string bytes = bulk + ":1\r\n*3\r\n" + bulk + bulk + "|1\r\n" + bulk + ":2\r\n$1\r\nx\r\n+end\r\n";
    const std::string long_text = "1'" + text + "'";
    const std::string want = long_text + "; :1; 2[" + long_text + " " + long_text + " 1'x' ]; 5'end'; ";
    for (const Way way : {Way::kDefault, Way::kOwnTable, Way::kCompact}) {
      // About the ends of the first string, and anywhere.
      for (size_t cut = 0; cut < 20; ++cut) {
        EXPECT_TRUE(Read(bytes, cut, way) == want) << cut;
        EXPECT_TRUE(Read(bytes, bulk.size() - 10 + cut, way) == want) << cut;
        EXPECT_TRUE(Read(bytes, random() % bytes.size(), way) == want);
      }
    }
    // Given up half-way.
    redisReader* reader = redisReaderCreate();
    redisReaderFeed(reader, bytes.data(), bulk.size() / 2);
    void* reply = nullptr;
    ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
    EXPECT_EQ(reply, nullptr);
    EXPECT_LT(reader->pos, reader->len) << "something waits";
    redisReaderFeed(reader, bytes.data() + bulk.size() / 2, 100);
    redisReaderFree(reader);
  }
}

TEST(HiredisReader, DepthIsLimited) {
  std::string deep;
  for (int i = 0; i < 1024; ++i) deep += "*1\r\n";
  EXPECT_EQ(Read(deep + ":1\r\n", 0).find('!'), std::string::npos);
  EXPECT_EQ(Read(deep + "*1\r\n:1\r\n", 0), "! Max nesting depth exceeded");
  std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(), redisReaderFree);
  reader->maxdepth = 0;
  redisReaderFeed(reader.get(), deep.data(), deep.size());
  redisReaderFeed(reader.get(), deep.data(), deep.size());
  redisReaderFeed(reader.get(), ":1\r\n", 4);
  void* reply = nullptr;
  ASSERT_EQ(redisReaderGetReply(reader.get(), &reply), REDIS_OK);
  ASSERT_NE(reply, nullptr);
  freeReplyObject(reply);
}

TEST(HiredisReader, WithoutFunctionsAReplyIsItsType) {
  redisReader* reader = redisReaderCreateWithFunctions(nullptr);
  const char bytes[] = "+OK\r\n:1\r\n$-1\r\n*2\r\n:1\r\n:2\r\n";
  redisReaderFeed(reader, bytes, sizeof(bytes) - 1);
  for (const int want : {REDIS_REPLY_STATUS, REDIS_REPLY_INTEGER, REDIS_REPLY_NIL, REDIS_REPLY_ARRAY}) {
    void* reply = nullptr;
    ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
    EXPECT_EQ(reinterpret_cast<intptr_t>(reply), want);
  }
  redisReaderFree(reader);
}

TEST(HiredisReader, ConsumedBytesAreCutOffOnlyWhenThereAreMany) {
  redisReader* reader = redisReaderCreate();
  const std::string reply = "+" + std::string(1020, 'x') + "\r\n";
  redisReaderFeed(reader, reply.data(), reply.size());
  ASSERT_EQ(redisReaderGetReply(reader, nullptr), REDIS_OK);
  EXPECT_EQ(reader->pos, 1023u);
  EXPECT_EQ(reader->len, 1023u);
  redisReaderFeed(reader, ":1\r\n", 4);
  ASSERT_EQ(redisReaderGetReply(reader, nullptr), REDIS_OK);
  EXPECT_EQ(reader->pos, 0u);
  EXPECT_EQ(reader->len, 0u);
  redisReaderFree(reader);
}

TEST(HiredisReader, FeedingNothingIsFine) {
  redisReader* reader = redisReaderCreate();
  EXPECT_EQ(redisReaderFeed(reader, nullptr, 5), REDIS_OK);
  EXPECT_EQ(redisReaderFeed(reader, "x", 0), REDIS_OK);
  void* reply = &reply;
  EXPECT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
  EXPECT_EQ(reply, nullptr);
  redisReaderFree(reader);
}

TEST(HiredisReader, RepliesAreTakenApartAsEver) {
  const dualis::compat_test::CountingAllocators allocators;
  const std::string bytes = "*4\r\n$1\r\na\r\n*2\r\n:1\r\n+b\r\n$3\r\nabc\r\n-ERR x\r\n";
  redisReader* reader = redisReaderCreate();
  redisReaderFeed(reader, bytes.data(), bytes.size());
  void* got = nullptr;
  ASSERT_EQ(redisReaderGetReply(reader, &got), REDIS_OK);
  redisReaderFree(reader);
  auto* reply = static_cast<redisReply*>(got);
  // Elements that are taken out outlive the rest.
  redisReply* array = std::exchange(reply->element[1], nullptr);
  redisReply* string = std::exchange(reply->element[2], nullptr);
  // Parts that the program puts in are freed with the reply, those that it takes out are its own.
  hi_free(std::exchange(reply->element[0]->str, hi_strdup("the program's")));
  auto* made = static_cast<redisReply*>(hi_calloc(1, sizeof(redisReply)));
  made->type = REDIS_REPLY_ARRAY;
  made->elements = 1;
  made->element = static_cast<redisReply**>(hi_calloc(1, sizeof(redisReply*)));
  made->element[0] = static_cast<redisReply*>(hi_calloc(1, sizeof(redisReply)));
  made->element[0]->type = REDIS_REPLY_STATUS;
  made->element[0]->str = hi_strdup("made");
  reply->element[2] = made;
  freeReplyObject(reply);
  EXPECT_EQ(Tree(array), "2[:1 5'b' ]");
  EXPECT_EQ(Tree(string), "1'abc'");
  freeReplyObject(array);
  char* text = std::exchange(string->str, nullptr);
  freeReplyObject(string);
  EXPECT_STREQ(text, "abc");
  hi_free(text);
  EXPECT_EQ(allocators.live(), 0);
}

TEST(HiredisReader, HoweverDeepOrLongRepliesAreFreed) {
  constexpr int kDeep = 200'000;
  std::string bytes;
  for (int i = 0; i < kDeep; ++i) bytes += "*1\r\n";
  bytes += "*5000\r\n";
  for (int i = 0; i < 5000; ++i) bytes += i % 2 == 0 ? "*2\r\n:1\r\n:2\r\n" : "+x\r\n";
  redisReader* reader = redisReaderCreate();
  reader->maxdepth = 0;
  void* reply = nullptr;
  redisReaderFeed(reader, bytes.data(), bytes.size());
  EXPECT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
  EXPECT_NE(reply, nullptr);
  freeReplyObject(reply);
  redisReaderFree(reader);
}

// Debian's library: only what this test uses, with its own shorter reply.
class Old {
 public:
  struct Reply {
    int type;
    long long integer;
    size_t len;
    char* str;
    size_t elements;
    Reply** element;
  };
  Old() : library_(dlopen("libhiredis.so.0.14", RTLD_NOW | RTLD_LOCAL)) {}
  explicit operator bool() const { return library_ != nullptr; }
  template <class F>
  F* Get(const char* name) const {
    return reinterpret_cast<F*>(dlsym(library_, name));
  }
  static std::string Tree(const Reply* r) {
    redisReply copy = {};
    copy.type = r->type;
    copy.integer = r->integer;
    copy.len = r->len;
    copy.str = r->str;
    if (r->type != REDIS_REPLY_ARRAY) return ::Tree(&copy);
    std::string text = "2[";
    for (size_t i = 0; i < r->elements; ++i) text += Tree(r->element[i]) + " ";
    return text + "]";
  }
  std::string Read(const std::string& bytes) const {
    void* reader = Get<void*()>("redisReaderCreate")();
    Get<int(void*, const char*, size_t)>("redisReaderFeed")(reader, bytes.data(), bytes.size());
    std::string got;
    while (true) {
      void* reply = nullptr;
      if (Get<int(void*, void**)>("redisReaderGetReply")(reader, &reply) != 0) {
        got += "! " + std::string(static_cast<char*>(reader) + 4);
        break;
      }
      if (reply == nullptr) break;
      got += Tree(static_cast<Reply*>(reply)) + "; ";
      Get<void(void*)>("freeReplyObject")(reply);
    }
    Get<void(void*)>("redisReaderFree")(reader);
    return got;
  }
  // -1 or -2, or the text.
  std::string Format(const char* format, va_list ap) const {
    char* text = nullptr;
    const int n = Get<int(char**, const char*, va_list)>("redisvFormatCommand")(&text, format, ap);
    if (n < 0) return std::to_string(n);
    std::string got(text, static_cast<size_t>(n));
    Get<void(char*)>("redisFreeCommand")(text);
    return got;
  }

 private:
  void* library_;
};

TEST(HiredisReader, AgreesWithDebiansOnRandomReplies) {
  const Old old;
  if (!old) GTEST_SKIP() << "libhiredis0.14 is not installed";
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const std::function<std::string(int)> make = [&](int depth) -> std::string {
    switch (pick(depth > 5 ? 5 : 6)) {
      case 0:
        return "+status\r\n";
      case 1:
        return "-ERR text " + std::to_string(pick(100)) + "\r\n";
      case 2:
        return ":" + std::to_string(static_cast<int>(random())) + "\r\n";
      case 3: {
        const std::string s(static_cast<size_t>(pick(40)), static_cast<char>(pick(256)));
        return "$" + std::to_string(s.size()) + "\r\n" + s + "\r\n";
      }
      case 4:
        return pick(2) == 0 ? "$-1\r\n" : "*-1\r\n";
      default: {
        const int n = pick(5);
        std::string s = "*" + std::to_string(n) + "\r\n";
        for (int i = 0; i < n; ++i) s += make(depth + 1);
        return s;
      }
    }
  };
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (int i = pick(4); i >= 0; --i) bytes += make(0);
    EXPECT_EQ(Read(bytes, static_cast<size_t>(pick(static_cast<int>(bytes.size()) + 1))), old.Read(bytes));
  }
}

std::string Format(const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  char* text = nullptr;
  const int n = redisvFormatCommand(&text, format, ap);
  va_end(ap);
  if (n < 0) return std::to_string(n);
  EXPECT_EQ(text[n], '\0');
  std::string got(text, static_cast<size_t>(n));
  redisFreeCommand(text);
  return got;
}

std::string OldFormat(const Old& old, const char* format, ...) {
  va_list ap;
  va_start(ap, format);
  std::string got = old.Format(format, ap);
  va_end(ap);
  return got;
}

TEST(HiredisFormat, AsDebiansFormatsIt) {
  const Old old;
  if (!old) GTEST_SKIP() << "libhiredis0.14 is not installed";
#define SAME(...) EXPECT_EQ(Format(__VA_ARGS__), OldFormat(old, __VA_ARGS__)) << #__VA_ARGS__
  SAME("");
  SAME("   ");
  SAME("PING");
  SAME("  SET  key   value  ");
  SAME("SET\tkey \"a b\"");
  SAME("SET %s %s", "foo", "");
  SAME("SET %s", "a b c");
  SAME("SET key:%s:%s %b", "x", "y", "a\0b", size_t{3});
  SAME("SET k %b", static_cast<const char*>(nullptr), size_t{0});
  SAME("SET k %b%b", "a", size_t{1}, "b", size_t{1});
  SAME("%%d %%");
  SAME("100%");
  SAME("%d %i %u %x %X %o", -1, 2, 3u, 255u, 255u, 8u);
  SAME("%hhd %hd %ld %lld", 3, 4, 5L, 6LL);
  SAME("%hhu %hu %lu %llu", 3, 4, 5UL, 6ULL);
  SAME("%5d|%-5d|%05d|%+d|% d|%#x", 1, 2, 3, 4, 5, 6);
  SAME("%f %.2f %e %g %a %E %G %A", 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5);
  SAME("key:%08.3f", 3.14159);
  SAME("%s%d%s", "a", 1, "b");
  SAME("%12345678901d", 1);
  SAME("%0000000012d", 1);
  SAME("%00000000012d", 1);
  SAME("%000000000012d", 1);
  SAME("%0000000000012d", 1);
  SAME("%000000000000012dx %d", 1, 2);
  SAME("%c", 'x');
  SAME("%p", static_cast<void*>(nullptr));
  SAME("SET %zu", size_t{1});
  SAME("%*d", 1, 2);
  SAME("%5s", "x");
  SAME("%.3s", "x");
  SAME("%lf", 1.5);
  SAME("%llf", 1.5);
  SAME("%d %y", 1);
#undef SAME
  // Debian's reads past the end of this one.
  EXPECT_EQ(Format("% "), "-2");
}

TEST(HiredisFormat, Long) {
  std::string format = "MSET", want = "*401\r\n$4\r\nMSET\r\n";
  for (int i = 0; i < 400; ++i) {
    format += " word" + std::to_string(100 + i);
    want += "$7\r\nword" + std::to_string(100 + i) + "\r\n";
  }
  EXPECT_EQ(Format(format.c_str()), want);
}

TEST(HiredisFormat, Argv) {
  const char* argv[] = {"SET", "k", "a\0b"};
  const size_t sizes[] = {3, 1, 3};
  char* text = nullptr;
  EXPECT_EQ(redisFormatCommandArgv(&text, 3, argv, nullptr), 27);
  redisFreeCommand(text);
  ASSERT_EQ(redisFormatCommandArgv(&text, 3, argv, sizes), 29);
  EXPECT_EQ(std::string(text, 29), std::string("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\0b\r\n", 29));
  redisFreeCommand(text);
  EXPECT_EQ(redisFormatCommandArgv(&text, 0, nullptr, nullptr), 4);
  redisFreeCommand(text);
  sds command;
  ASSERT_EQ(redisFormatSdsCommandArgv(&command, 3, argv, sizes), 29);
  EXPECT_EQ(sdslen(command), 29u);
  redisFreeSdsCommand(command);
}

// An sds as a string, freed.
std::string Take(sds s) {
  EXPECT_EQ(s[sdslen(s)], '\0');
  const std::string text(s, sdslen(s));
  sdsfree(s);
  return text;
}

TEST(HiredisSds, GrowsThroughAllTypes) {
  for (const size_t size : {0u, 1u, 31u, 32u, 255u, 256u, 65535u, 65536u, 200000u}) {
    const std::string text(size, 'x');
    sds s = sdsnewlen(text.data(), text.size());
    EXPECT_EQ(sdslen(s), size);
    s = sdscatlen(s, "tail", 4);
    sds copy = sdsdup(s);
    EXPECT_EQ(sdscmp(copy, s), 0);
    sdsfree(copy);
    s = sdsRemoveFreeSpace(s);
    EXPECT_EQ(sdsavail(s), 0u);
    EXPECT_EQ(Take(s), text + "tail");
  }
  sds grown = sdsempty();
  std::string want;
  for (int i = 0; i < 3000; ++i) {
    grown = sdscatfmt(grown, "%i-%s %u%%%I|", i, "ab", 7u, static_cast<int64_t>(-i));
    want += std::to_string(i) + "-ab 7%" + std::to_string(-i) + "|";
  }
  EXPECT_EQ(Take(grown), want);
}

TEST(HiredisSds, Functions) {
  EXPECT_EQ(Take(sdsfromlonglong(std::numeric_limits<long long>::min())), "-9223372036854775808");
  EXPECT_EQ(Take(sdstrim(sdsnew("xxhellox"), "x")), "hello");
  sds s = sdsnew("Hello World");
  sdsrange(s, 1, -2);
  EXPECT_EQ(Take(s), "ello Worl");
  s = sdsnew("abc");
  sdsrange(s, 5, 9);
  EXPECT_EQ(Take(s), "");
  s = sdsnew("aBc");
  sdstoupper(s);
  EXPECT_EQ(Take(s), "ABC");
  EXPECT_EQ(Take(sdscatrepr(sdsempty(), "a\n\"\x01\0", 5)), "\"a\\n\\\"\\x01\\x00\"");
  EXPECT_EQ(Take(sdscatprintf(sdsnew("n="), "%d %s", 5, "x")), "n=5 x");
  EXPECT_EQ(Take(sdsmapchars(sdsnew("hello"), "ho", "01", 2)), "0ell1");
  EXPECT_EQ(Take(sdsgrowzero(sdsnew("a"), 3)), std::string("a\0\0", 3));
  EXPECT_EQ(Take(sdscpy(sdsnew("a"), "longer than before")), "longer than before");
  int n = 0;
  sds* words = sdssplitlen("a,,b,", 5, ",", 1, &n);
  ASSERT_EQ(n, 4);
  EXPECT_STREQ(words[2], "b");
  EXPECT_EQ(Take(sdsjoinsds(words, n, "--", 2)), "a----b--");
  sdsfreesplitres(words, n);
  words = sdssplitargs(" set \"a\\x41\\n\" 'it\\'s' b\"c\" ", &n);
  ASSERT_EQ(n, 4);
  EXPECT_STREQ(words[1], "aA\n");
  EXPECT_STREQ(words[2], "it's");
  EXPECT_STREQ(words[3], "bc");
  sdsfreesplitres(words, n);
  EXPECT_EQ(sdssplitargs("\"open", &n), nullptr);
  words = sdssplitargs("", &n);
  EXPECT_NE(words, nullptr);
  EXPECT_EQ(n, 0);
  sdsfreesplitres(words, n);
}

}  // namespace
