// What an engine takes beside time per command: memory, pauses, its own creation, and what threads do to each other.
#include <malloc.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/figure.h"
#include "bench/map_peer.h"
#include "dualis/client.h"
#include "dualis/commands/strings.h"
#include "dualis/engine.h"
#include "tests/client/private_server.h"

namespace dualis::bench {
namespace {

const std::string kValue = "0123456789abcdef";

Measured EngineCreate(const Plan& plan) {
  std::vector<double> rounds;
  const size_t n = plan.Scale(2'000, 4);
  for (int round = 0; round < plan.rounds(); ++round) {
    rounds.push_back(TimePer(n, [&] {
      for (size_t i = 0; i < n; ++i) {
        const auto engine = Engine::Create({.seed = 1});
        Keep(engine->Connect());
      }
    }));
  }
  return {Median(rounds), std::nullopt};
}

int64_t ResidentBytes(const std::string& process) {
  std::ifstream in("/proc/" + process + "/statm");
  int64_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// Runs `body` in a process of its own, where no memory is left over from other figures.
double InChild(const std::function<double()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  std::fflush(stdout);
  malloc_trim(0);  // or the child would fill what earlier figures freed
  const pid_t child = fork();
  if (child == 0) {
    const double result = body();
    _exit(write(ends[1], &result, sizeof(result)) == sizeof(result) ? 0 : 1);
  }
  close(ends[1]);
  double result = 0;
  if (read(ends[0], &result, sizeof(result)) != sizeof(result)) result = 0;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return result;
}

Measured BytesPerKey(const Plan& plan) {
  std::vector<size_t> sizes = {1'000'000, 1'250'000, 1'500'000, 1'750'000};
  if (plan.quick) sizes.resize(1);
  double ours = 0, peer = 0;
  for (const size_t keys : sizes) {
    ours += InChild([keys] {
      const auto engine = Engine::Create({.seed = 1});
      const auto session = engine->Connect();
      KeyText text(16);
      const int64_t before = ResidentBytes("self");
      for (size_t i = 0; i < keys; ++i) session->Run(cmd::Set{.key = text(i), .value = kValue}).value();
      return static_cast<double>(ResidentBytes("self") - before) / static_cast<double>(keys);
    });
    test::PrivateServer server;
    Client client = Client::Connect(server.url()).value();
    const std::string info = client.command_as<std::string>({"INFO", "server"}).value();
    const size_t at = info.find("process_id:") + 11;
    const std::string process = info.substr(at, info.find('\r', at) - at);
    const int64_t before = ResidentBytes(process);
    KeyText text(16);
    Pipeline batch = client.pipeline();
    for (size_t i = 0; i < keys; ++i) {
      batch.set(text(i), kValue);
      if (batch.size() == 1000 || i + 1 == keys) batch.execute().value();
    }
    peer += static_cast<double>(ResidentBytes(process) - before) / static_cast<double>(keys);
  }
  const auto n = static_cast<double>(sizes.size());
  return {ours / n, peer / n, "bytes"};
}

int64_t CpuNanoseconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// The worst operation of a run: each operation's least time in three identical runs, and the greatest of these. A pause
// of ours is there each time, one of the machine's is not.
double WorstPause(size_t operations, const std::function<std::function<void(size_t)>()>& make) {
  std::vector<uint32_t> least(operations, UINT32_MAX);
  for (int run = 0; run < 3; ++run) {
    const std::function<void(size_t)> operation = make();
    int64_t last = CpuNanoseconds();
    for (size_t i = 0; i < operations; ++i) {
      operation(i);
      const int64_t now = CpuNanoseconds();
      least[i] = std::min(least[i], static_cast<uint32_t>(std::min<int64_t>(now - last, UINT32_MAX)));
      last = now;
    }
  }
  return *std::max_element(least.begin(), least.end());
}

Measured WorstPauseGrowing(const Plan& plan) {
  const size_t keys = plan.Scale(10'000'000);
  const double ours = InChild([keys] {
    return WorstPause(keys, [] {
      std::shared_ptr<Engine> engine = Engine::Create({.seed = 1});
      std::shared_ptr<Session> session = engine->Connect();
      return [engine, session, text = KeyText(16)](size_t i) mutable {
        session->Run(cmd::Set{.key = text(i), .value = kValue}).value();
      };
    });
  });
  const double peer = InChild([keys] {
    return WorstPause(keys, [] {
      return [map = std::make_shared<MapPeer>(), text = KeyText(16)](size_t i) mutable { map->Set(text(i), kValue); };
    });
  });
  return {ours, peer};
}

// A million keys die within a second of the clock, while commands go on.
Measured ExpirePause(const Plan& plan) {
  const size_t keys = plan.Scale(1'000'000);
  const double ours = InChild([keys] {
    return WorstPause(keys, [keys] {
      auto clock = std::make_shared<ManualClock>();
      std::shared_ptr<Engine> engine = Engine::Create({.seed = 1, .clock = clock});
      std::shared_ptr<Session> session = engine->Connect();
      KeyText text(16);
      Luck luck(1);
      for (size_t i = 0; i < keys; ++i) {
        const auto life = static_cast<int64_t>(1 + luck.Below(1000));
        const Arg words[] = {"SET", text(i), kValue, "PX", life};
        Into<Ack> sink;
        session->Execute(words, sink);
      }
      return [=, engine = engine](size_t i) mutable {  // the engine must outlive its session
        if (i % (keys / 2000) == 0) clock->Add(1);
        Keep(session->Run(cmd::Get{text(luck.Below(keys))}));
      };
    });
  });
  return {ours, std::nullopt};
}

// Operations per microsecond of two threads; `shared`: on one engine, else each on its own.
double TwoThreads(size_t operations, int writes_in_100, bool shared) {
  constexpr size_t kKeys = 100'000;
  std::vector<std::unique_ptr<Engine>> engines;
  for (int i = 0; i < (shared ? 1 : 2); ++i) {
    engines.push_back(Engine::Create({.seed = 1}));
    const auto session = engines.back()->Connect();
    KeyText text(16);
    for (size_t k = 0; k < kKeys; ++k) session->Run(cmd::Set{.key = text(k), .value = kValue}).value();
  }
  std::atomic<int> missing{2};
  std::vector<std::thread> threads;
  const int64_t start = Nanoseconds();
  for (int me = 0; me < 2; ++me) {
    threads.emplace_back([&, me] {
      const auto session = engines[shared ? 0 : static_cast<size_t>(me)]->Connect();
      KeyText text(16);
      Luck luck(static_cast<uint64_t>(me) + 1);
      missing.fetch_sub(1);
      while (missing.load() > 0) std::this_thread::yield();
      for (size_t i = 0; i < operations; ++i) {
        const bool write = luck.Below(100) < static_cast<uint64_t>(writes_in_100);
        const std::string& key = text(luck.Below(kKeys));
        if (write) {
          Keep(session->Run(cmd::Set{.key = key, .value = kValue}));
        } else {
          Keep(session->Run(cmd::Get{key}));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 2 * static_cast<double>(operations) * 1000 / static_cast<double>(Nanoseconds() - start);
}

Measured Threads(const Plan& plan, int writes_in_100) {
  const size_t n = plan.Scale(2'000'000);
  Measured result = Alternate(
      plan, [&] { return TwoThreads(n, writes_in_100, true); }, [&] { return TwoThreads(n, writes_in_100, false); });
  result.unit = "ops/us";
  return result;
}

}  // namespace

std::vector<Figure> FootprintFigures() {
  return {
      {"engine_create", "Engine::Create, Connect, and their end", EngineCreate},
      {"bytes_per_key", "resident memory a string key of 16 and 16 bytes; redis-server", BytesPerKey},
      {"worst_pause", "worst SET while growing to ten million keys (quick: one), CPU time; the map", WorstPauseGrowing},
      {"expire_pause", "worst GET while a million keys expire, CPU time", ExpirePause},
      {"threads_read", "GETs of two threads on one engine; on one each (bigger is better)",
       [](const Plan& p) { return Threads(p, 0); }},
      {"threads_mixed", "the same with 5 SETs in 100", [](const Plan& p) { return Threads(p, 5); }},
  };
}

}  // namespace dualis::bench
