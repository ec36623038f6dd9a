// Connections that act on each other from different threads: killed while they sleep, held up by a pause, silent.
#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "dualis/commands/clients.h"
#include "dualis/commands/connection.h"
#include "dualis/commands/keys.h"
#include "dualis/commands/lists.h"
#include "dualis/commands/strings.h"
#include "dualis/commands/tracking.h"
#include "engine/resp/encoder.h"
#include "tests/concurrency/crew.h"

namespace dualis::test {
namespace {

class ClientsTest : public Crew {
 protected:
  // What a RESP3 connection would have been sent for these words.
  static std::string Bytes3(Session& session, std::initializer_list<Arg> words) {
    std::string out;
    resp::Encoder sink(&out, 3);
    session.Execute(Args(words.begin(), words.size()), sink);
    return out;
  }
  static std::string Delivered(Session& session) {
    std::string out;
    resp::Encoder sink(&out, 3);
    session.Deliver(sink);
    return out;
  }
  int64_t IdOf(Session& session) { return session.Run(cmd::ClientId{}).value(); }
  // Waits until the connection waits in a command.
  void AwaitBlocked(int64_t id) {
    const std::string own = std::to_string(id);
    while (Say<std::string>(*main_, {"CLIENT", "LIST", "ID", own}).value().find(" flags=b ") == std::string::npos) {
      std::this_thread::yield();
    }
  }

  std::unique_ptr<Engine> engine_ = Engine::Create({.seed = seed_ | 1});
  std::unique_ptr<Session> main_ = engine_->Connect();
};

TEST_F(ClientsTest, AKilledSleeperWakesWithAnError) {
  const auto sleeper = engine_->Connect();
  const int64_t id = IdOf(*sleeper);
  std::atomic<int> told{0};
  sleeper->OnMessage([&] { told += sleeper->killed() ? 1 : 0; });
  ErrorCode code = ErrorCode::kNone;
  std::thread thread([&] { code = sleeper->Run(cmd::BLPop{{"q"}, 0}).error().code(); });
  AwaitBlocked(id);
  EXPECT_EQ(Say<int64_t>(*main_, {"CLIENT", "KILL", "ID", id}).value(), 1);
  thread.join();
  EXPECT_EQ(code, ErrorCode::kClosed);
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(sleeper->closing());
  EXPECT_EQ(sleeper->Run(cmd::Get{"k"}).error().code(), ErrorCode::kClosed);
  EXPECT_EQ(main_->Run(cmd::RPush{"q", {"x"}}).value(), 1);
  EXPECT_EQ(main_->Run(cmd::LLen{"q"}).value(), 1);
}

TEST_F(ClientsTest, AnUnblockedSleeperWakes) {
  const auto sleeper = engine_->Connect();
  const int64_t id = IdOf(*sleeper);
  for (const bool error : {false, true}) {
    Error seen;
    bool value = true;
    std::thread thread([&] {
      const auto popped = sleeper->Run(cmd::BLPop{{"q"}, 0});
      seen = popped.error();
      value = popped && popped->has_value();
    });
    AwaitBlocked(id);
    EXPECT_EQ(Say<int64_t>(*main_, {"CLIENT", "UNBLOCK", id, error ? "ERROR" : "TIMEOUT"}).value(), 1);
    thread.join();
    EXPECT_FALSE(value);
    EXPECT_EQ(seen.message(), error ? "UNBLOCKED client unblocked via CLIENT UNBLOCK" : "");
  }
}

TEST_F(ClientsTest, APausedWriterSleepsUntilThePauseEnds) {
  const auto writer = engine_->Connect();
  const int64_t id = IdOf(*writer);
  ASSERT_TRUE(Say<Ack>(*main_, {"CLIENT", "PAUSE", 1'000'000, "WRITE"}));
  std::thread thread([&] { writer->Run(cmd::Set{"k", "v"}).value(); });
  AwaitBlocked(id);
  EXPECT_EQ(main_->Run(cmd::Get{"k"}).value(), std::nullopt);
  ASSERT_TRUE(Say<Ack>(*main_, {"CLIENT", "UNPAUSE"}));
  thread.join();
  EXPECT_EQ(main_->Run(cmd::Get{"k"}).value(), "v");
  // And one that nobody ends: the sleeper does.
  ASSERT_TRUE(Say<Ack>(*main_, {"CLIENT", "PAUSE", 20, "WRITE"}));
  writer->Run(cmd::Set{"k", "w"}).value();
  EXPECT_EQ(main_->Run(cmd::Get{"k"}).value(), "w");
}

TEST_F(ClientsTest, APausedSleeperThenWaitsForItsKey) {
  const auto sleeper = engine_->Connect();
  const int64_t id = IdOf(*sleeper);
  ASSERT_TRUE(Say<Ack>(*main_, {"CLIENT", "PAUSE", 1'000'000, "WRITE"}));
  std::string got;
  bool timed_out = false;
  std::thread thread([&] {
    got = sleeper->Run(cmd::BLPop{{"q"}, 0}).value()->second;
    timed_out = !sleeper->Run(cmd::BLPop{{"q"}, 0.02}).value().has_value();
  });
  AwaitBlocked(id);
  ASSERT_TRUE(Say<Ack>(*main_, {"CLIENT", "UNPAUSE"}));
  main_->Run(cmd::RPush{"q", {"x"}}).value();
  thread.join();
  EXPECT_EQ(got, "x");
  EXPECT_TRUE(timed_out);
}

TEST_F(ClientsTest, KillsAndPausesInTurmoil) {
  const int rounds = kRounds / 20;
  Together(4, [&](int me, std::mt19937_64& luck) {
    for (int i = 0; i < rounds; ++i) {
      const auto session = engine_->Connect();
      if (me == 0) {
        Say<AnyReply>(*session, {"CLIENT", "PAUSE", 1, "WRITE"}).value();
        if (luck() % 2 == 0) Say<Ack>(*session, {"CLIENT", "UNPAUSE"}).value();
        Say<int64_t>(*session, {"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}).value();
      } else if (me == 1) {
        (void)Say<AnyReply>(*session, {"CLIENT", "TRACKING", "on", "BCAST"});
        (void)session->Run(cmd::BLPop{{"q"}, 0.001});
      } else {
        (void)session->Run(cmd::RPush{"q", {"x"}});
        (void)Say<AnyReply>(*session, {"SUBSCRIBE", "ch"});
        (void)session->Run(cmd::LPop{"q"});
      }
    }
  });
  Say<Ack>(*main_, {"CLIENT", "UNPAUSE"}).error();
}

TEST_F(ClientsTest, ReplyOffSkipAndOn) {
  Session& s = *main_;
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "OFF"}), "");
  EXPECT_TRUE(s.silent());
  EXPECT_EQ(Bytes3(s, {"SET", "k", "v"}), "");
  EXPECT_EQ(Bytes3(s, {"NOSUCH"}), "");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(Bytes3(s, {"GET", "k"}), "");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "nosuch"}), "");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "ON"}), "+OK\r\n");
  EXPECT_EQ(Bytes3(s, {"GET", "k"}), "$1\r\nv\r\n");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(Bytes3(s, {"GET", "k"}), "");
  EXPECT_EQ(Bytes3(s, {"GET", "k"}), "$1\r\nv\r\n");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "SKIP"}), "");
  EXPECT_EQ(Bytes3(s, {"GET"}), "");
  EXPECT_EQ(Bytes3(s, {"PING"}), "+PONG\r\n");
  EXPECT_EQ(Bytes3(s, {"CLIENT", "REPLY", "OFF"}), "");
  EXPECT_EQ(Bytes3(s, {"RESET"}), "+RESET\r\n");
  EXPECT_EQ(Bytes3(s, {"PING"}), "+PONG\r\n");
}

TEST_F(ClientsTest, SubscriptionsAreConfirmedInSilence) {
  Session& s = *main_;
  Bytes3(s, {"HELLO", 3});
  Bytes3(s, {"CLIENT", "REPLY", "OFF"});
  EXPECT_EQ(Bytes3(s, {"SUBSCRIBE", "a", "b"}),
            ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n");
  EXPECT_EQ(Bytes3(s, {"SUBSCRIBE"}), "");
  EXPECT_EQ(Bytes3(s, {"MULTI"}), "");
  EXPECT_EQ(Bytes3(s, {"UNSUBSCRIBE", "a"}), "");
  EXPECT_EQ(Bytes3(s, {"GET", "k"}), "");
  EXPECT_EQ(Bytes3(s, {"EXEC"}), ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n");
  Bytes3(s, {"CLIENT", "REPLY", "ON"});
  Bytes3(s, {"CLIENT", "REPLY", "SKIP"});
  EXPECT_EQ(Bytes3(s, {"UNSUBSCRIBE"}), ">3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n");
  EXPECT_EQ(Bytes3(s, {"PING"}), "+PONG\r\n");
}

TEST_F(ClientsTest, WhatAPauseHoldsUpKeepsItsSilence) {
  Session& s = *main_;
  const auto other = engine_->Connect();
  Bytes3(s, {"HELLO", 3});
  for (const char* mode : {"SKIP", "OFF"}) {
    ASSERT_TRUE(Say<Ack>(*other, {"CLIENT", "PAUSE", 1'000'000, "WRITE"}));
    Bytes3(s, {"CLIENT", "REPLY", mode});
    std::string out;
    resp::Encoder sink(&out, 3);
    bool done = false;
    const Arg words[] = {"EVAL", "return redis.call('set', 'k', 'v')", 0};
    s.Submit(Args(words), sink, [&] { done = true; });
    EXPECT_FALSE(done);
    ASSERT_TRUE(Say<Ack>(*other, {"CLIENT", "UNPAUSE"}));
    EXPECT_TRUE(done);
    EXPECT_EQ(out, "") << mode;
  }
  ASSERT_TRUE(Say<Ack>(*other, {"CLIENT", "PAUSE", 1, "ALL"}));
  std::string out;
  resp::Encoder sink(&out, 3);
  bool done = false;
  const Arg words[] = {"SUBSCRIBE", "a"};
  s.Submit(Args(words), sink, [&] { done = true; });
  while (!done) engine_->Tick();
  EXPECT_EQ(out, ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n");
}

TEST_F(ClientsTest, SilenceDoesNotKeepMessagesBack) {
  Bytes3(*main_, {"HELLO", 3});
  Bytes3(*main_, {"CLIENT", "TRACKING", "on"});
  Bytes3(*main_, {"GET", "k"});
  Bytes3(*main_, {"CLIENT", "REPLY", "OFF"});
  engine_->Connect()->Run(cmd::Set{"k", "v"}).value();
  EXPECT_EQ(Delivered(*main_), ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
}

TEST_F(ClientsTest, TypedCommandsAreTrackedAndMonitored) {
  const auto watcher = engine_->Connect();
  ASSERT_TRUE(watcher->Run(cmd::Monitor{}));
  Bytes3(*main_, {"HELLO", 3});
  ASSERT_TRUE(main_->Run(cmd::ClientTracking{"on"}));
  Delivered(*watcher);
  main_->Run(cmd::Get{"k"}).value();
  const std::string line = Delivered(*watcher);
  EXPECT_NE(line.find("] \"GET\" \"k\"\r\n"), std::string::npos) << line;
  EXPECT_EQ(line[0], '+');
  engine_->Connect()->Run(cmd::Set{"k", "v"}).value();
  EXPECT_EQ(Delivered(*main_), ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
  EXPECT_FALSE(main_->has_messages());
}

TEST_F(ClientsTest, ThePeerIsWhatTheFrontSays) {
  main_->SetPeer({.address = "1.2.3.4:5", .local_address = "1.2.3.4:6379", .descriptor = 17});
  main_->NoteBuffered({.query = 3, .query_free = 5, .replies = 1, .reply_bytes = 9});
  const std::string line = Say<std::string>(*main_, {"CLIENT", "INFO"}).value();
  for (const char* part : {"addr=1.2.3.4:5 laddr=1.2.3.4:6379 fd=17 ", " qbuf=3 qbuf-free=5 ", " oll=1 omem=9 "}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
  const auto other = engine_->Connect();
  EXPECT_TRUE(Say<Ack>(*other, {"CLIENT", "KILL", "1.2.3.4:5"}));
  EXPECT_TRUE(main_->killed());
}

}  // namespace
}  // namespace dualis::test
