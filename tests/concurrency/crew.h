// Threads for tests, with luck that can be had again: each run prints its seed when it fails, and takes
// DUALIS_TEST_SEED from the environment. The threads' interleaving is the machine's; what they do is the seed's.
#ifndef DUALIS_TESTS_CONCURRENCY_CREW_H_
#define DUALIS_TESTS_CONCURRENCY_CREW_H_

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "dualis/any_reply.h"
#include "dualis/engine.h"

namespace dualis::test {

// How often a loop runs: a sanitizer makes each round ten times as dear.
#ifdef DUALIS_SANITIZED
inline constexpr int kRounds = 2000;
#else
inline constexpr int kRounds = 20000;
#endif

class Crew : public testing::Test {
 protected:
  Crew() : seed_(Seed()), trace_(__FILE__, __LINE__, "DUALIS_TEST_SEED=" + std::to_string(seed_)) {}

  // Runs `work(i, luck)` on `count` threads that start together, and waits for all.
  void Together(int count, const std::function<void(int, std::mt19937_64&)>& work) {
    std::atomic<int> missing{count};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        std::mt19937_64 luck(seed_ + static_cast<uint64_t>(i));
        missing.fetch_sub(1);
        while (missing.load() > 0) std::this_thread::yield();
        work(i, luck);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  const uint64_t seed_;

 private:
  static uint64_t Seed() {
    if (const char* given = std::getenv("DUALIS_TEST_SEED")) return std::strtoull(given, nullptr, 10);
    return std::random_device()();
  }
  testing::ScopedTrace trace_;
};

// Runs words, for a reply of a known type.
template <class T>
Result<T> Say(Session& session, std::initializer_list<Arg> words) {
  Into<T> sink;
  session.Execute(Args(words.begin(), words.size()), sink);
  return std::move(sink).Take();
}

}  // namespace dualis::test

#endif  // DUALIS_TESTS_CONCURRENCY_CREW_H_
