// Each test of the hiredis API runs on an engine in this process and on a private redis-server, over the same code.
#ifndef DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_
#define DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_

#include <gtest/gtest.h>
#include <hiredis/async.h>
#include <hiredis/dualis.h>

#include <memory>
#include <string>

#include "dualis/engine.h"
#include "tests/runner/oracle_server.h"

namespace dualis::compat_test {

enum class Home { kEmbedded, kServer };

inline std::string NameOf(const ::testing::TestParamInfo<Home>& info) {
  return info.param == Home::kEmbedded ? "Embedded" : "Server";
}

// A reply as redis-cli would print it on one line.
inline std::string Text(const redisReply* r) {
  if (r == nullptr) return "(no reply)";
  switch (r->type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(r->integer);
    case REDIS_REPLY_BOOL:
      return r->integer != 0 ? "#t" : "#f";
    case REDIS_REPLY_ERROR:
      return "(error) " + std::string(r->str, r->len);
    case REDIS_REPLY_STATUS:
      return "+" + std::string(r->str, r->len);
    case REDIS_REPLY_STRING:
      return "\"" + std::string(r->str, r->len) + "\"";
    case REDIS_REPLY_DOUBLE:
      return "," + std::string(r->str, r->len);
    case REDIS_REPLY_VERB:
      return "=" + std::string(r->vtype) + ":" + std::string(r->str, r->len);
    default:
      break;
  }
  std::string text = r->type == REDIS_REPLY_MAP    ? "{"
                     : r->type == REDIS_REPLY_SET  ? "~["
                     : r->type == REDIS_REPLY_PUSH ? ">["
                                                   : "[";
  for (size_t i = 0; i < r->elements; ++i) text += (i > 0 ? " " : "") + Text(r->element[i]);
  return text + (r->type == REDIS_REPLY_MAP ? "}" : "]");
}

struct FreeContext {
  void operator()(redisContext* c) const { redisFree(c); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;

class HiredisTest : public ::testing::TestWithParam<Home> {
 protected:
  HiredisTest() {
    if (embedded()) {
      // A name of this test's own: nothing is left over from the one before.
      const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
      endpoint_ = "mem://" + test.substr(0, test.find('/'));
    } else {
      server_ = std::make_unique<cases::OracleServer>();
      endpoint_ = server_->socket_path();
    }
  }
  ~HiredisTest() override {
    if (embedded()) Engine::Forget(endpoint_.substr(6));
  }

  bool embedded() const { return GetParam() == Home::kEmbedded; }
  const char* endpoint() const { return endpoint_.c_str(); }
  Context Connect() const {
    Context c(redisConnectUnix(endpoint()));
    EXPECT_EQ(c->err, 0) << c->errstr;
    EXPECT_EQ(dualisHiredisIsEmbedded(c.get()) != 0, embedded());
    return c;
  }
  // Runs a command and prints its reply, or the context's error.
  template <class... A>
  static std::string Do(const Context& c, const char* format, A... args) {
    auto* reply = static_cast<redisReply*>(redisCommand(c.get(), format, args...));
    if (reply == nullptr) return "! " + std::to_string(c->err) + " " + c->errstr;
    const std::string text = Text(reply);
    freeReplyObject(reply);
    return text;
  }
  static std::string Next(const Context& c) {
    void* reply = nullptr;
    if (redisGetReply(c.get(), &reply) != REDIS_OK) return "! " + std::to_string(c->err) + " " + c->errstr;
    const std::string text = Text(static_cast<redisReply*>(reply));
    freeReplyObject(reply);
    return text;
  }

 private:
  std::unique_ptr<cases::OracleServer> server_;
  std::string endpoint_;
};

}  // namespace dualis::compat_test

#endif  // DUALIS_TESTS_COMPAT_HIREDIS_FIXTURE_H_
