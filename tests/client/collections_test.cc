// The methods of the collection commands, at every home.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using namespace std::chrono_literals;
using cmd::ListEnd;
using Strings = std::vector<std::string>;
using CollectionsTest = HomeTest;
DUALIS_AT_EVERY_HOME(CollectionsTest);

TEST_P(CollectionsTest, ListsAreSearched) {
  client.rpush("q", "a", "b", "a", "c", "a").value();
  EXPECT_EQ(client.lpos("q", "a").value(), 0);
  EXPECT_EQ(client.lpos("q", "a", {.rank = -1}).value(), 4);
  EXPECT_EQ(client.lpos("q", "c", {.maxlen = 3}).value(), std::nullopt);
  EXPECT_EQ(client.lpos_all("q", "a").value(), (std::vector<int64_t>{0, 2, 4}));
  EXPECT_EQ(client.lpos_all("q", "a", 1, {.rank = 2}).value(), (std::vector<int64_t>{2}));
  EXPECT_EQ(client.lpos("q", "a", {.rank = 0}).error().message().substr(0, 23), "ERR RANK can't be zero:");
}

// A command whose reply has several types is several structs, and one command.
TEST_P(CollectionsTest, FormsOfACommandAreCountedTogether) {
  client.rpush("q", "a").value();
  ASSERT_TRUE(client.config_resetstat());
  for (int i = 0; i < 3; ++i) {
    client.lpos("q", "a").value();
    client.lpos_all("q", "a").value();
  }
  EXPECT_FALSE(client.lpos("q", "a", {.rank = 0}));
  const std::string info = client.info({"commandstats"}).value();
  EXPECT_NE(info.find("cmdstat_lpos:calls=6,"), std::string::npos) << info;
}

TEST_P(CollectionsTest, ElementsMoveBetweenLists) {
  client.rpush("s", "a", "b", "c", "d").value();
  EXPECT_EQ(client.lmove("s", "t", ListEnd::kLeft, ListEnd::kRight).value(), "a");
  EXPECT_EQ(client.rpoplpush("s", "t").value(), "d");
  EXPECT_EQ(client.blmove("s", "t", ListEnd::kRight, ListEnd::kRight, 1s).value(), "c");
  EXPECT_EQ(client.brpoplpush("s", "t", 1s).value(), "b");
  EXPECT_EQ(client.brpoplpush("s", "t", 0.01s).value(), std::nullopt);
  EXPECT_EQ(client.lrange("t", 0, -1).value(), (Strings{"b", "d", "a", "c"}));
  const auto popped = client.lmpop({"s", "t"}, ListEnd::kRight, 2).value();
  ASSERT_TRUE(popped);
  EXPECT_EQ(popped->first.name, "t");
  EXPECT_EQ(popped->second, (Strings{"c", "a"}));
  EXPECT_EQ(client.blmpop({"s", "t"}, ListEnd::kLeft, 1s).value()->second, (Strings{"b"}));
  EXPECT_EQ(client.blmpop({"s"}, ListEnd::kLeft, 0.01s).value(), std::nullopt);
}

TEST_P(CollectionsTest, SetsAreJoinedAndCut) {
  client.sadd("a", "1", "2", "3").value();
  client.sadd("b", "2", "3", "4").value();
  const auto sorted = [](Strings strings) { return std::sort(strings.begin(), strings.end()), strings; };
  EXPECT_EQ(sorted(client.sinter({"a", "b"}).value()), (Strings{"2", "3"}));
  EXPECT_EQ(sorted(client.sdiff({"a", "b"}).value()), (Strings{"1"}));
  EXPECT_EQ(sorted(client.sunion({"a", "b"}).value()), (Strings{"1", "2", "3", "4"}));
  EXPECT_EQ(client.sinterstore("d", {"a", "b"}).value(), 2);
  EXPECT_EQ(client.sunionstore("d", {"a", "b"}).value(), 4);
  EXPECT_EQ(client.sdiffstore("d", {"a", "b"}).value(), 1);
  EXPECT_EQ(client.smembers("d").value(), (Strings{"1"}));
  EXPECT_EQ(client.sintercard({"a", "b"}).value(), 2);
  EXPECT_EQ(client.sintercard({"a", "b"}, 1).value(), 1);
  EXPECT_EQ(client.sintercard({"a", "b"}, -1).error().message(), "ERR LIMIT can't be negative");
}

TEST_P(CollectionsTest, CollectionsAreScannedAndSampled) {
  client.hset("h", "f", "v").value();
  client.sadd("s", "m").value();
  client.zadd("z", 1.5, "m").value();
  const auto fields = client.hscan("h", "0").value();
  EXPECT_EQ(fields.cursor, "0");
  EXPECT_EQ(fields.items, (std::vector<std::pair<std::string, std::string>>{{"f", "v"}}));
  EXPECT_EQ(client.sscan("s", "0", {.match = "m*", .count = 10}).value().items, (Strings{"m"}));
  EXPECT_EQ(client.sscan("s", "0", {.match = "x*"}).value().items, (Strings{}));
  EXPECT_EQ(client.zscan("z", "0").value().items, (std::vector<std::pair<std::string, double>>{{"m", 1.5}}));
  EXPECT_EQ(client.hrandfield("h").value(), "f");
  EXPECT_EQ(client.hrandfield("h", -2).value(), (Strings{"f", "f"}));
  EXPECT_EQ(client.hrandfield_with_values("h", 5).value(),
            (std::vector<std::pair<std::string, std::string>>{{"f", "v"}}));
  EXPECT_EQ(client.zrandmember("z").value(), "m");
  EXPECT_EQ(client.zrandmember("z", 3).value(), (Strings{"m"}));
  EXPECT_EQ(client.zrandmember_with_scores("z", 3).value(), (std::vector<std::pair<std::string, double>>{{"m", 1.5}}));
}

TEST_P(CollectionsTest, SortedSetsAreJoinedAndCut) {
  using Scores = std::vector<std::pair<std::string, double>>;
  client.zadd("a", {{1, "x"}, {2, "y"}}).value();
  client.zadd("b", {{10, "y"}, {20, "z"}}).value();
  EXPECT_EQ(client.zunion({"a", "b"}).value(), (Strings{"x", "y", "z"}));
  EXPECT_EQ(client.zunion_with_scores({"a", "b"}, {.weights = {2.0, 1.0}, .aggregate = cmd::Aggregate::kMax}).value(),
            (Scores{{"x", 2}, {"y", 10}, {"z", 20}}));
  EXPECT_EQ(client.zinter({"a", "b"}).value(), (Strings{"y"}));
  EXPECT_EQ(client.zinter_with_scores({"a", "b"}).value(), (Scores{{"y", 12}}));
  EXPECT_EQ(client.zdiff({"a", "b"}).value(), (Strings{"x"}));
  EXPECT_EQ(client.zdiff_with_scores({"a", "b"}).value(), (Scores{{"x", 1}}));
  EXPECT_EQ(client.zunion({"a", "b"}, {.weights = {1.0}}).error().message(), "ERR syntax error");
  EXPECT_EQ(client.zinterstore("d", {"a", "b"}).value(), 1);
  EXPECT_EQ(client.zdiffstore("d", {"a", "b"}).value(), 1);
  EXPECT_EQ(client.zunionstore("d", {"a", "b"}).value(), 3);
  EXPECT_EQ(client.zintercard({"a", "b"}, 5).value(), 1);
  EXPECT_EQ(client.zrangestore("e", "d", "(1", "+inf", {.by = cmd::RangeBy::kScore}).value(), 2);
  EXPECT_EQ(client.zmpop({"nosuch", "d"}, cmd::ZSetEnd::kMax, 2).value()->second, (Scores{{"z", 20}, {"y", 12}}));
  EXPECT_EQ(client.bzmpop({"d"}, cmd::ZSetEnd::kMin, 1s).value()->second, (Scores{{"x", 1}}));
  EXPECT_EQ(client.bzpopmin({"nosuch", "a"}, 1s).value(), std::make_tuple(KeyName{"a"}, std::string("x"), 1.0));
  EXPECT_EQ(client.bzpopmax({"nosuch"}, 0.01s).value(), std::nullopt);
}

TEST_P(CollectionsTest, PlacesAreFound) {
  EXPECT_EQ(client.geoadd("g", {{13.361389, 38.115556, "Palermo"}, {15.087269, 37.502669, "Catania"}}).value(), 2);
  EXPECT_EQ(client.geoadd("g", 2.349014, 48.864716, "Paris").value(), 1);
  EXPECT_EQ(client.geoadd("g", 200, 0, "nowhere").error().message(),
            "ERR invalid longitude,latitude pair 200.000000,0.000000");
  EXPECT_NEAR(client.geodist("g", "Palermo", "Catania", "km").value().value(), 166.2742, 0.001);
  EXPECT_EQ(client.geohash("g", {"Palermo", "nosuch"}).value(),
            (std::vector<std::optional<std::string>>{"sqc8b49rny0", std::nullopt}));
  const auto places = client.geopos("g", {"nosuch", "Catania"}).value();
  EXPECT_EQ(places[0], std::nullopt);
  EXPECT_NEAR(places[1]->second, 37.502669, 0.0001);
  const GeoArea near = {.from_lonlat = {{15, 37}}, .by_radius = {{200, "km"}}};
  EXPECT_EQ(client.geosearch("g", near, {.sort = cmd::GeoSort::kAscending}).value(), (Strings{"Catania", "Palermo"}));
  const auto hits = client.geosearch_hits("g", near, {.count = 1}).value();
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].member, "Catania");
  EXPECT_NEAR(hits[0].distance, 56.4413, 0.001);
  EXPECT_EQ(hits[0].hash, 3479447370796909);
  EXPECT_EQ(client.geosearchstore("d", "g", {.from_member = "Paris", .by_box = {{10, 10, "mi"}}}).value(), 1);
  EXPECT_EQ(client.Run(cmd::GeoRadiusStore({"g", {15, 37}, {200, "km"}, {}, cmd::GeoStore::kScores, Key("d")})).value(),
            2);
}

}  // namespace
}  // namespace dualis::test
