// Attributes of RESP3 inside of arrays, maps and each other, read by a program's own functions: they are remarks on the
// element behind them. They are made with no parent, freed when that element begins, and take nobody's place.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <string>
#include <vector>

namespace dualis::compat_test {
namespace {

// A program's object: what it was made of, and the elements that were put into it.
struct Thing {
  std::string text;
  std::vector<Thing*> elements;
};
int live = 0;

void* Make(const redisReadTask* task, std::string text, size_t elements) {
  ++live;
  auto* thing = new Thing{std::move(text), std::vector<Thing*>(elements)};
  if (task->parent != nullptr) {
    auto* parent = static_cast<Thing*>(task->parent->obj);
    EXPECT_EQ(parent->elements.at(static_cast<size_t>(task->idx)), nullptr) << "twice at one place";
    parent->elements[static_cast<size_t>(task->idx)] = thing;
  }
  return thing;
}
void Free(void* object) {
  auto* thing = static_cast<Thing*>(object);
  if (thing == nullptr) return;
  for (Thing* element : thing->elements) Free(element);
  --live;
  delete thing;
}
std::string Show(const Thing* thing) {
  if (thing == nullptr) return "?";
  std::string text = thing->text;
  if (!thing->elements.empty()) text += "(";
  for (size_t i = 0; i < thing->elements.size(); ++i) text += (i > 0 ? " " : "") + Show(thing->elements[i]);
  return thing->elements.empty() ? text : text + ")";
}

redisReplyObjectFunctions own = {
    [](const redisReadTask* task, char* s, size_t n) { return Make(task, std::string(s, n), 0); },
    [](const redisReadTask* task, size_t n) { return Make(task, "#" + std::to_string(task->type), n); },
    [](const redisReadTask* task, long long v) { return Make(task, std::to_string(v), 0); },
    [](const redisReadTask* task, double, char* s, size_t n) { return Make(task, std::string(s, n), 0); },
    [](const redisReadTask* task) { return Make(task, "nil", 0); },
    [](const redisReadTask* task, int v) { return Make(task, v != 0 ? "true" : "false", 0); },
    Free,
};

const std::pair<std::string, std::string> kReplies[] = {
    {"*2\r\n|1\r\n+ttl\r\n:5\r\n:1\r\n:2\r\n", "#2(1 2)"},
    {"*2\r\n:1\r\n|1\r\n+ttl\r\n:5\r\n:2\r\n", "#2(1 2)"},
    {"%1\r\n|1\r\n+a\r\n+b\r\n+key\r\n|1\r\n+a\r\n+b\r\n*1\r\n|0\r\n_\r\n", "#9(key #2(nil))"},
    {"~1\r\n|1\r\n+a\r\n*2\r\n|1\r\n+deep\r\n#t\r\n:1\r\n:2\r\n,1.5\r\n", "#10(1.5)"},
    {"*1\r\n|1\r\n+a\r\n+b\r\n|1\r\n+c\r\n+d\r\n$3\r\nend\r\n", "#2(end)"},
};

TEST(ReaderAttributes, InsideOfAggregatesByTheProgramsFunctions) {
  for (const auto& [bytes, want] : kReplies) {
    for (size_t cut = 0; cut < bytes.size(); ++cut) {
      redisReader* reader = redisReaderCreateWithFunctions(&own);
      void* reply = nullptr;
      ASSERT_EQ(redisReaderFeed(reader, bytes.data(), cut), REDIS_OK);
      ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK) << reader->errstr;
      ASSERT_EQ(reply, nullptr);
      ASSERT_EQ(redisReaderFeed(reader, bytes.data() + cut, bytes.size() - cut), REDIS_OK);
      ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK) << reader->errstr;
      EXPECT_EQ(Show(static_cast<Thing*>(reply)), want) << cut;
      Free(reply);
      redisReaderFree(reader);
      EXPECT_EQ(live, 0) << want << " at " << cut;
      // Given up in the midst, or ended by bytes that are no RESP.
      for (const bool broken : {false, true}) {
        reader = redisReaderCreateWithFunctions(&own);
        redisReaderFeed(reader, bytes.data(), cut);
        EXPECT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK);
        if (broken) {
          redisReaderFeed(reader, "\r\n!\r\n\r\n!", 8);
          (void)redisReaderGetReply(reader, &reply);
          Free(reply);
        }
        redisReaderFree(reader);
        EXPECT_EQ(live, 0) << want << " at " << cut;
      }
    }
  }
}

// Without functions of either kind, and by the library's own.
TEST(ReaderAttributes, InsideOfAggregatesByTheLibrarys) {
  for (const auto& [bytes, want] : kReplies) {
    for (const bool objects : {true, false}) {
      redisReader* reader = objects ? redisReaderCreate() : redisReaderCreateWithFunctions(nullptr);
      void* reply = nullptr;
      ASSERT_EQ(redisReaderFeed(reader, bytes.data(), bytes.size()), REDIS_OK);
      ASSERT_EQ(redisReaderGetReply(reader, &reply), REDIS_OK) << reader->errstr;
      ASSERT_NE(reply, nullptr);
      if (objects) {
        auto* r = static_cast<redisReply*>(reply);
        for (size_t i = 0; i < r->elements; ++i) ASSERT_NE(r->element[i]->type, REDIS_REPLY_ATTR) << want;
        freeReplyObject(reply);
      }
      EXPECT_EQ(reader->ridx, -1);
      redisReaderFree(reader);
    }
  }
}

}  // namespace
}  // namespace dualis::compat_test
