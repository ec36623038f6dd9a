// Pipelines and transactions at every home.
#include "dualis/pipeline.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/client/homes.h"

namespace dualis::test {
namespace {

using PipelineTest = HomeTest;
DUALIS_AT_EVERY_HOME(PipelineTest);

TEST_P(PipelineTest, NothingHappensBeforeExecute) {
  Pipeline batch = client.pipeline();
  {
    // The words are copied: their strings may go.
    const std::string key(200, 'k');
    const std::string value(5000, 'v');
    (void)batch.set(key, value);
  }
  Pending<std::optional<std::string>> read = batch.get(std::string(200, 'k'));
  Pending<int64_t> sum = batch.incrby("n", 5);
  Pending<AnyReply> any = batch.command({"INCRBY", "n", 1});
  EXPECT_EQ(batch.size(), 4u);
  EXPECT_EQ(client.get("n").value(), std::nullopt);
  EXPECT_EQ(sum->error().code(), ErrorCode::kUsage);

  EXPECT_EQ(batch.execute().value(), 4u);
  EXPECT_EQ(read->value(), std::string(5000, 'v'));
  EXPECT_EQ(sum->value(), 5);
  EXPECT_EQ(any->value().integer, 6);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.execute().value(), 0u);

  Pending<int64_t> again = batch.incr("n");
  EXPECT_EQ(batch.execute().value(), 1u);
  EXPECT_EQ(again->value(), 7);
  EXPECT_EQ(sum->value(), 5);
}

TEST_P(PipelineTest, OneErrorStopsNoOther) {
  for (const Atomicity atomicity : {Atomicity::kNone, Atomicity::kTransaction}) {
    client.set("text", "abc").value();
    client.set("n", "0").value();
    Pipeline batch = client.pipeline(atomicity);
    const auto before = batch.incr("n");
    const auto fails = batch.incr("text");
    const auto after = batch.incr("n");
    EXPECT_EQ(batch.execute().value(), 3u);
    EXPECT_EQ(before->value(), 1);
    EXPECT_EQ(fails->error().message(), "ERR value is not an integer or out of range");
    EXPECT_EQ(after->value(), 2);
  }
}

TEST_P(PipelineTest, DiscardedAndForgottenPipelinesSendNothing) {
  {
    Pipeline batch = client.pipeline();
    (void)batch.set("k", "v");
  }
  Pipeline batch = client.pipeline(Atomicity::kTransaction);
  const auto pending = batch.set("k", "v");
  batch.discard();
  EXPECT_EQ(batch.execute().value(), 0u);
  EXPECT_FALSE(pending->ok());
  EXPECT_EQ(client.get("k").value(), std::nullopt);
}

TEST_P(PipelineTest, ARefusedCommandAbortsATransaction) {
  Pipeline batch = client.pipeline(Atomicity::kTransaction);
  const auto good = batch.set("k", "v");
  const auto bad = batch.command({"GET"});
  const Result<size_t> sent = batch.execute();
  ASSERT_FALSE(sent.ok());
  if (client.prefix().empty()) {
    EXPECT_EQ(sent.error().code(), ErrorCode::kExecAbort);
  }
  EXPECT_EQ(bad->error().message(), "ERR wrong number of arguments for 'get' command");
  EXPECT_FALSE(good->ok());
  EXPECT_EQ(client.get("k").value(), std::nullopt);
}

TEST_P(PipelineTest, CommandsOfOneConnectionAreRefused) {
  Pipeline batch = client.pipeline();
  (void)batch.set("k", "v");
  const auto refused = batch.command({"SELECT", "1"});
  EXPECT_EQ(refused->error().code(), ErrorCode::kUsage);
  EXPECT_EQ(batch.execute().error().code(), ErrorCode::kUsage);
  EXPECT_EQ(client.get("k").value(), std::nullopt);
}

TEST_P(PipelineTest, APipelineOutlivesItsClient) {
  std::optional<Client> own = Open();
  Pipeline batch = own->pipeline();
  own.reset();
  const auto set = batch.set("k", "v");
  EXPECT_EQ(batch.execute().value(), 1u);
  EXPECT_TRUE(set->value());
}

TEST_P(PipelineTest, TransactionsRetryUntilNobodyInterferes) {
  client.set("balance", "10").value();
  int attempts = 0;
  std::optional<Pending<bool>> written;
  const Result<int> done = client.transaction({"balance"}, [&](Client& reads, Transaction& writes) {
    const Result<std::optional<std::string>> balance = reads.get("balance");
    if (!balance) return balance.error();
    if (++attempts < 3) client.incr("balance").value();
    written = writes.set("balance", std::to_string(std::stoi(**balance) * 2));
    return Error();
  });
  EXPECT_EQ(done.value(), 3);
  EXPECT_TRUE((*written)->value());
  EXPECT_EQ(client.get("balance").value(), "24");
}

TEST_P(PipelineTest, TransactionsGiveUp) {
  const Result<int> done = client.transaction(
      {"k"},
      [&](Client&, Transaction& writes) {
        client.incr("k").value();
        (void)writes.set("k", "mine");
        return Error();
      },
      3);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), ErrorCode::kTryAgain);
  EXPECT_EQ(client.get("k").value(), "3");
}

TEST_P(PipelineTest, ATransactionBodyCanRefuse) {
  const Result<int> done = client.transaction({"k"}, [&](Client&, Transaction& writes) {
    (void)writes.set("k", "v");
    return Error(ErrorCode::kErr, "ERR not today");
  });
  EXPECT_EQ(done.error().message(), "ERR not today");
  EXPECT_EQ(client.get("k").value(), std::nullopt);
  // The connection is fit for others: it watches nothing any more.
  for (int i = 0; i < 20; ++i) client.incr("k").value();
  EXPECT_EQ(
      client.transaction({}, [](Client&, Transaction& writes) { return (void)writes.incr("k"), Error(); }).value(), 1);
  EXPECT_EQ(client.get("k").value(), "21");
}

TEST_P(PipelineTest, TransactionsFailAsAWholeWhenACommandIsRefused) {
  std::optional<Pending<AnyReply>> bad;
  const Result<int> done = client.transaction({}, [&](Client&, Transaction& writes) {
    (void)writes.set("k", "v");
    bad = writes.command({"INCRBY", "n"});
    return Error();
  });
  ASSERT_FALSE(done.ok());
  EXPECT_EQ((*bad)->error().message(), "ERR wrong number of arguments for 'incrby' command");
  EXPECT_EQ(client.get("k").value(), std::nullopt);
}

}  // namespace
}  // namespace dualis::test
