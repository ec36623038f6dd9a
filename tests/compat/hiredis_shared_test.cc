// The shared library as a program loads it: every symbol of the ABI is there, nothing of the engine leaks out, and an
// embedded context works through the exported functions alone.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <fstream>
#include <string>

namespace {

class HiredisShared : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(library_, nullptr) << dlerror(); }
  template <class F>
  F* Get(const char* name) {
    return reinterpret_cast<F*>(dlsym(library_, name));
  }
  void* library_ = dlopen(DUALIS_HIREDIS_SHARED, RTLD_NOW | RTLD_LOCAL);
};

TEST_F(HiredisShared, ExportsTheWholeAbi) {
  std::ifstream list("tests/compat/hiredis_symbols.txt");
  int n = 0;
  for (std::string name; std::getline(list, name); ++n) EXPECT_NE(dlsym(library_, name.c_str()), nullptr) << name;
  EXPECT_EQ(n, 123);
}

TEST_F(HiredisShared, HidesTheEngine) { EXPECT_EQ(dlsym(library_, "_ZN6dualis6Engine6CreateENS_7OptionsE"), nullptr); }

TEST_F(HiredisShared, EmbeddedContext) {
  auto* connect = Get<redisContext*(const char*, int)>("redisConnect");
  auto* command = Get<void*(redisContext*, const char*, ...)>("redisCommand");
  auto* free_reply = Get<void(void*)>("freeReplyObject");
  redisContext* c = connect("mem://inside", 0);
  ASSERT_EQ(c->err, 0);
  free_reply(command(c, "SET %s %d", "k", 42));
  auto* reply = static_cast<redisReply*>(command(c, "GET k"));
  EXPECT_STREQ(reply->str, "42");
  free_reply(reply);
  Get<void(redisContext*)>("redisFree")(c);
}

}  // namespace
