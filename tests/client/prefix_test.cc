// The two halves of a prefix: names going in, key names coming out.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "client/prefix/prefix_mapper.h"
#include "client/prefix/strip_sink.h"
#include "dualis/any_reply.h"
#include "dualis/client.h"
#include "dualis/into.h"

namespace dualis::client {
namespace {

TEST(PrefixMapper, PutsThePrefixInFront) {
  const Prefix prefix("p*:");
  PrefixMapper mapper(prefix);
  EXPECT_EQ(mapper.MapKey("key"), "p*:key");
  EXPECT_EQ(mapper.MapKey(""), "p*:");
  EXPECT_EQ(mapper.MapKeyPattern("a?*"), "p\\*:a?*");
  EXPECT_EQ(mapper.MapChannel("news"), "p*:news");
  EXPECT_EQ(mapper.MapChannelPattern("n*"), "p\\*:n*");
  EXPECT_EQ(mapper.DefaultKeyPattern(), "p\\*:*");
}

TEST(PrefixMapper, EarlierNamesStayWhenItGrows) {
  const Prefix prefix("p:");
  PrefixMapper mapper(prefix);
  std::vector<Bytes> mapped;
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back(std::string(static_cast<size_t>(i * 7 % 50), 'x') + std::to_string(i));
  for (const std::string& name : names) mapped.push_back(mapper.MapKey(name));
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(mapped[i], "p:" + names[i]);
}

TEST(PrefixMapper, EscapesWhatStartsAPattern) { EXPECT_EQ(EscapeGlob("a*b?c[d]e\\f"), "a\\*b\\?c\\[d]e\\\\f"); }

TEST(StripSink, KnowsWhichRepliesNameKeys) {
  EXPECT_TRUE(NamesKeys(kReplyType<KeyName>));
  EXPECT_TRUE(NamesKeys(kReplyType<std::vector<KeyName>>));
  EXPECT_TRUE(NamesKeys((kReplyType<std::tuple<std::string, std::vector<KeyName>>>)));
  EXPECT_TRUE(NamesKeys((kReplyType<std::optional<std::pair<KeyName, std::string>>>)));
  EXPECT_TRUE(NamesKeys((kReplyType<std::vector<std::pair<KeyName, std::vector<std::string>>>>)));
  EXPECT_FALSE(NamesKeys(kReplyType<std::string>));
  EXPECT_FALSE(NamesKeys((kReplyType<std::map<std::string, std::vector<std::optional<std::string>>>>)));
  EXPECT_FALSE(NamesKeys(kReplyType<AnyReply>));
  EXPECT_FALSE(NamesKeys(nullptr));
}

// XREAD's reply in its three spellings: key names are stripped, fields that begin like the prefix are not.
using Streams = std::vector<std::pair<KeyName, std::vector<std::string>>>;

void EmitCouples(ReplySink& sink, Shape shape, bool nested) {
  sink.Begin(shape, 2);
  for (const char* key : {"p:a", "p:b"}) {
    if (nested) sink.Begin(Shape::kArray, 2);
    sink.Bulk(key);
    sink.Begin(Shape::kArray, 1);
    sink.Bulk("p:field");
    sink.End();
    if (nested) sink.End();
  }
  sink.End();
}

TEST(StripSink, FollowsCouplesFlatAndNested) {
  const Streams want = {{KeyName("a"), {"p:field"}}, {KeyName("b"), {"p:field"}}};
  for (const auto& [shape, nested] : {std::pair(Shape::kEntries, false), std::pair(Shape::kMap, false),
                                      std::pair(Shape::kArray, true), std::pair(Shape::kArray, false)}) {
    Into<Streams> into;
    StripSink strip(into, "p:", kReplyType<Streams>);
    EmitCouples(strip, shape, nested);
    EXPECT_EQ(std::move(into).Take().value(), want);
  }
}

TEST(StripSink, StripsForUntypedReceivers) {
  Into<AnyReply> into;
  StripSink strip(into, "p:", kReplyType<std::optional<std::pair<KeyName, std::string>>>);
  strip.Begin(Shape::kArray, 2);
  strip.Bulk("p:list");
  strip.Bulk("p:value");
  strip.End();
  const AnyReply reply = std::move(into).Take().value();
  EXPECT_EQ(reply.elements[0].text, "list");
  EXPECT_EQ(reply.elements[1].text, "p:value");
}

TEST(StripSink, PassesOnWhatDoesNotFit) {
  Into<AnyReply> into;
  StripSink strip(into, "p:", kReplyType<std::vector<KeyName>>);
  strip.Error(Error(ErrorCode::kErr, "ERR p:no"));
  EXPECT_EQ(ToText(std::move(into).Take().value()), "(error) ERR p:no");
}

TEST(Prefix, StandsBeforeThePatternsOfSort) {
  const std::shared_ptr<Engine> engine = Engine::Create();
  Client client = Client::On(engine, "app:");
  ASSERT_TRUE(client.rpush("list", "1", "2"));
  ASSERT_TRUE(client.mset({{"weight_1", "b"}, {"weight_2", "a"}}));
  const auto sorted = client.sort("list", {.by = "weight_*", .get = {"weight_*", "#", "list"}, .alpha = true});
  const std::vector<std::optional<std::string>> expected = {"a", "2", std::nullopt, "b", "1", std::nullopt};
  EXPECT_EQ(sorted.value(), expected);
  EXPECT_EQ(client.sort_store("list", "sorted", {.by = "nosort", .order = cmd::SortOrder::kDescending}).value(), 2);
  EXPECT_EQ(client.unprefixed().lrange("app:sorted", 0, -1).value(), (std::vector<std::string>{"2", "1"}));
  // A pattern would put the element into such a prefix.
  EXPECT_EQ(Client::On(engine, "a*:").sort("list").error().code(), ErrorCode::kUsage);
}

}  // namespace
}  // namespace dualis::client
