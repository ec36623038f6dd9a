// Subscriptions at every home.
#include "dualis/subscription.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using std::chrono::milliseconds;
using SubscriptionTest = HomeTest;
DUALIS_AT_EVERY_HOME(SubscriptionTest);

constexpr milliseconds kLong{10'000};

TEST_P(SubscriptionTest, MessagesComeInOrder) {
  Subscription feed = client.subscribe({"news", "weather"}).value();
  EXPECT_EQ(feed.receive(milliseconds(0)).error().code(), ErrorCode::kTimeout);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.command({"PUBLISH", i % 2 == 0 ? "news" : "weather", i}).value().integer, 1);
  }
  for (int i = 0; i < 100; ++i) {
    const Message want{i % 2 == 0 ? "news" : "weather", std::to_string(i), ""};
    EXPECT_EQ(feed.receive(kLong).value(), want);
  }
}

TEST_P(SubscriptionTest, PatternsAndChannels) {
  Subscription feed = client.psubscribe({"n*s", "[ab]"}).value();
  EXPECT_FALSE(feed.subscribe({"news"}));
  client.command({"PUBLISH", "news", "1"}).value();
  client.command({"PUBLISH", "c", "2"}).value();
  client.command({"PUBLISH", "a", "3"}).value();
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"news", "1", ""}));
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"news", "1", "n*s"}));
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"a", "3", "[ab]"}));
  EXPECT_FALSE(feed.punsubscribe());
  EXPECT_FALSE(feed.unsubscribe({"news"}));
  EXPECT_EQ(client.command({"PUBLISH", "news", "4"}).value().integer, 0);
  EXPECT_EQ(feed.receive(milliseconds(10)).error().code(), ErrorCode::kTimeout);
}

TEST_P(SubscriptionTest, OnlyUnderTheSamePrefix) {
  Subscription feed = client.subscribe({"c"}).value();
  const int64_t receivers = client.prefix().empty() ? 1 : 0;
  EXPECT_EQ(raw.command({"PUBLISH", "c", "outside"}).value().integer, receivers);
  EXPECT_EQ(raw.command({"PUBLISH", Stored("c"), "inside"}).value().integer, 1);
  if (receivers == 1) {
    EXPECT_EQ(feed.receive(kLong).value().payload, "outside");
  }
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"c", "inside", ""}));
}

TEST_P(SubscriptionTest, AReceiverSleepsUntilAMessageComes) {
  Subscription feed = client.subscribe({"c"}).value();
  std::thread publisher([this] { client.command({"PUBLISH", "c", "x"}).value(); });
  EXPECT_EQ(feed.receive().value().payload, "x");
  publisher.join();
}

TEST_P(SubscriptionTest, ASubscriptionOutlivesItsClient) {
  std::optional<Client> own = Open();
  Subscription feed = own->subscribe({"c"}).value();
  if (!server()) own->command({"PUBLISH", "c", "last"}).value();
  own.reset();
  if (server()) client.command({"PUBLISH", "c", "last"}).value();
  EXPECT_EQ(feed.receive(kLong).value().payload, "last");
}

TEST(Subscription, ALostConnectionIsReportedAndRenewed) {
  PrivateServer server;
  Client client = Client::Connect(server.url()).value();
  Subscription feed = client.subscribe({"c"}).value();
  EXPECT_FALSE(feed.psubscribe({"p*"}));
  server.Kill();
  server.Start();
  EXPECT_FALSE(feed.receive(kLong).ok());
  // The next one connects and subscribes again.
  EXPECT_EQ(feed.receive(milliseconds(0)).error().code(), ErrorCode::kTimeout);
  EXPECT_EQ(client.command({"PUBLISH", "c", "1"}).value().integer, 1);
  EXPECT_EQ(client.command({"PUBLISH", "pq", "2"}).value().integer, 1);
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"c", "1", ""}));
  EXPECT_EQ(feed.receive(kLong).value(), (Message{"pq", "2", "p*"}));
}

}  // namespace
}  // namespace dualis::test
