// The methods of the collection commands, at every home.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace dualis::test
