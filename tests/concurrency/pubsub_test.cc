// Messages and threads: each subscriber hears each publisher's messages in their order, exactly once.
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dualis/commands/keys.h"
#include "dualis/commands/pubsub.h"
#include "dualis/commands/strings.h"
#include "tests/concurrency/crew.h"

namespace dualis::test {
namespace {

// Takes "PUBLISHER NUMBER" messages and checks that the numbers of each publisher count up by one.
class Listener : public ReplySink {
 public:
  void Null() override { ADD_FAILURE(); }
  void NullArray() override { ADD_FAILURE(); }
  void Bool(bool) override { ADD_FAILURE(); }
  void Int(int64_t) override { ADD_FAILURE(); }
  void Double(double) override { ADD_FAILURE(); }
  void Simple(Bytes) override { ADD_FAILURE(); }
  void Error(const dualis::Error& error) override { ADD_FAILURE() << error.message(); }
  void Begin(Shape shape, size_t) override { EXPECT_EQ(shape, Shape::kPush); }
  void Bulk(Bytes text) override { last_.assign(text); }
  void End() override {
    const size_t blank = last_.find(' ');
    ASSERT_NE(blank, std::string::npos) << last_;
    const int number = std::stoi(last_.substr(blank + 1));
    EXPECT_EQ(number, next_[last_.substr(0, blank)]++);
    ++heard;
  }

  int heard = 0;

 private:
  std::string last_;
  std::map<std::string, int> next_;
};

class Messages : public Crew {
 protected:
  std::unique_ptr<Engine> engine_ = Engine::Create({.seed = seed_ | 1});
};

TEST_F(Messages, KeepTheOrderOfEachPublisher) {
  constexpr int kPublishers = 2, kSubscribers = 2;
  std::atomic<int> ready{0};
  Together(kPublishers + kSubscribers, [&](int me, std::mt19937_64&) {
    const auto session = engine_->Connect();
    if (me < kPublishers) {
      while (ready.load() < kSubscribers) std::this_thread::yield();
      for (int i = 0; i < kRounds; ++i) {
        const std::string message = std::to_string(me) + " " + std::to_string(i);
        EXPECT_EQ(session->Run(cmd::Publish{"news", message}).value(), kSubscribers);
      }
      return;
    }
    if (me % 2 == 0) {
      Say<AnyReply>(*session, {"SUBSCRIBE", "news"}).value();
    } else {
      Say<AnyReply>(*session, {"PSUBSCRIBE", "n*s"}).value();
    }
    ready.fetch_add(1);
    Listener listener;
    while (listener.heard < kPublishers * kRounds) {
      if (session->Deliver(listener, 64) == 0) std::this_thread::yield();
    }
  });
}

// The callback delivers on the publishers' threads: never on two at once, and nothing stays behind.
TEST_F(Messages, AreDeliveredByTheCallbackOneAtATime) {
  const auto subscriber = engine_->Connect();
  Listener listener;  // no lock of its own
  std::atomic<int> inside{0};
  subscriber->OnMessage([&] {
    EXPECT_EQ(inside.fetch_add(1), 0);
    subscriber->Deliver(listener);
    inside.fetch_sub(1);
  });
  Say<AnyReply>(*subscriber, {"SUBSCRIBE", "news"}).value();
  Together(3, [&](int me, std::mt19937_64&) {
    const auto session = engine_->Connect();
    for (int i = 0; i < kRounds; ++i) {
      const std::string message = std::to_string(me) + " " + std::to_string(i);
      session->Run(cmd::Publish{"news", message}).value();
    }
  });
  EXPECT_EQ(listener.heard, 3 * kRounds);
}

// A callback may use its engine, publish to itself, and close its session.
TEST_F(Messages, CallbackMayCallTheEngineAgain) {
  auto subscriber = engine_->Connect();
  const auto other = engine_->Connect();
  Listener listener;
  subscriber->OnMessage([&] {
    subscriber->Deliver(listener);
    if (listener.heard < 5) other->Run(cmd::Publish{"news", "me " + std::to_string(listener.heard)}).value();
    EXPECT_EQ(other->Run(cmd::Incr{"calls"}).value(), listener.heard);
    if (listener.heard == 5) subscriber = nullptr;
  });
  Say<AnyReply>(*subscriber, {"SUBSCRIBE", "news"}).value();
  const auto publisher = engine_->Connect();
  EXPECT_EQ(publisher->Run(cmd::Publish{"news", "me 0"}).value(), 1);
  EXPECT_EQ(listener.heard, 5);
  EXPECT_EQ(subscriber, nullptr);
  EXPECT_EQ(publisher->Run(cmd::Publish{"news", "me 5"}).value(), 0);
}

TEST_F(Messages, SubscribersComeAndGo) {
  std::atomic<bool> over{false};
  Together(4, [&](int me, std::mt19937_64& luck) {
    const auto session = engine_->Connect();
    if (me == 0) {
      for (int i = 0; i < kRounds; ++i) session->Run(cmd::Publish{"news", "0 0"}).value();
      over.store(true);
      return;
    }
    while (!over.load()) {
      const auto subscriber = engine_->Connect();
      std::atomic<int> rings{0};
      subscriber->OnMessage([&rings] { rings.fetch_add(1); });
      Say<AnyReply>(*subscriber, {"SUBSCRIBE", "news", "weather"}).value();
      if (luck() % 2 == 0) Say<AnyReply>(*subscriber, {"PSUBSCRIBE", "*"}).value();
      if (luck() % 4 == 0) Say<AnyReply>(*subscriber, {"UNSUBSCRIBE", "news"}).value();
    }
  });
}

}  // namespace
}  // namespace dualis::test
