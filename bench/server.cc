// Against redis-server on a Unix socket, by Debian's libhiredis: what a program has that talks to a Redis of its own.
// Both processes share one CPU, so that a round trip does not depend on where the scheduler puts them.
#include <dlfcn.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "dualis/client.h"
#include "tests/client/private_server.h"

namespace dualis::bench {
namespace {

constexpr size_t kKeys = 1000;
constexpr size_t kBatch = 64;
const std::string kValue = "0123456789abcdef";

// The functions of one libhiredis: Debian's and ours have the same names, so each is loaded for itself.
struct Hiredis {
  decltype(&::redisConnect) connect;
  decltype(&::redisConnectUnix) connect_unix;
  decltype(&::redisCommand) command;
  decltype(&::redisAppendCommand) append;
  decltype(&::redisGetReply) get_reply;
  decltype(&::freeReplyObject) free_reply;
  decltype(&::redisFree) free_context;

  explicit Hiredis(const char* library) {
    void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(dlerror());
    auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::decay_t<decltype(function)>>(dlsym(handle, name));
      if (function == nullptr) throw std::runtime_error(dlerror());
    };
    find(connect, "redisConnect");
    find(connect_unix, "redisConnectUnix");
    find(command, "redisCommand");
    find(append, "redisAppendCommand");
    find(get_reply, "redisGetReply");
    find(free_reply, "freeReplyObject");
    find(free_context, "redisFree");
  }
};

// One connection through a libhiredis, with kKeys keys set.
class HiredisSide {
 public:
  HiredisSide(const char* library, const std::string& socket) : api_(library) {
    context_ = socket.empty() ? api_.connect("mem://bench", 0) : api_.connect_unix(socket.c_str());
    // The two libraries lay their contexts out differently; a reply tells of success in both.
    for (size_t i = 0; i < kKeys; ++i) {
      void* reply =
          context_ == nullptr ? nullptr : api_.command(context_, "SET %s %s", text_(i).c_str(), kValue.c_str());
      if (reply == nullptr) throw std::runtime_error("hiredis does not connect");
      api_.free_reply(reply);
    }
  }
  ~HiredisSide() { api_.free_context(context_); }
  HiredisSide(const HiredisSide&) = delete;
  HiredisSide& operator=(const HiredisSide&) = delete;

  // The median of single round trips.
  double Get(size_t times) {
    std::vector<double> each(times);
    for (double& nanoseconds : each) {
      const char* key = text_(luck_.Below(kKeys)).c_str();
      nanoseconds = TimePer(1, [&] { api_.free_reply(api_.command(context_, "GET %s", key)); });
    }
    return Median(std::move(each));
  }
  // The same without the clock's own price, for what is about as cheap as reading it.
  double GetMean(size_t times) {
    return TimePer(times, [&] {
      for (size_t i = 0; i < times; ++i) {
        api_.free_reply(api_.command(context_, "GET %s", text_(luck_.Below(kKeys)).c_str()));
      }
    });
  }
  double Pipeline(size_t batches) {
    return TimePer(batches * kBatch, [&] {
      for (size_t b = 0; b < batches; ++b) {
        for (size_t i = 0; i < kBatch; ++i) api_.append(context_, "GET %s", text_(luck_.Below(kKeys)).c_str());
        for (size_t i = 0; i < kBatch; ++i) {
          void* reply = nullptr;
          api_.get_reply(context_, &reply);
          api_.free_reply(reply);
        }
      }
    });
  }

 private:
  Hiredis api_;
  redisContext* context_;
  KeyText text_{16};
  Luck luck_{1};
};

constexpr const char* kTheirs = "libhiredis.so.0.14";

Measured HiredisGet(const Plan& plan) {
  const OneCpu cpu;
  test::PrivateServer server;
  HiredisSide ours(DUALIS_OUR_HIREDIS, ""), theirs(kTheirs, server.socket_path());
  const size_t n = plan.Scale(20'000);
  return Alternate(
      plan, [&] { return ours.GetMean(n * 10); }, [&] { return theirs.Get(n); });
}

Measured HiredisPipeline(const Plan& plan) {
  const OneCpu cpu;
  test::PrivateServer server;
  HiredisSide ours(DUALIS_OUR_HIREDIS, ""), theirs(kTheirs, server.socket_path());
  const size_t batches = plan.Scale(2'000);
  return Alternate(
      plan, [&] { return ours.Pipeline(batches); }, [&] { return theirs.Pipeline(batches); });
}

Measured PipelineGet(const Plan& plan) {
  const OneCpu cpu;
  test::PrivateServer server;
  HiredisSide theirs(kTheirs, server.socket_path());
  Client client = Client::Connect("mem://").value();
  KeyText text(16);
  Luck luck(1);
  for (size_t i = 0; i < kKeys; ++i) client.set(text(i), kValue).value();
  const size_t batches = plan.Scale(2'000);
  auto pipeline = client.pipeline();
  auto run = [&] {
    std::vector<Pending<std::optional<std::string>>> values;
    values.reserve(kBatch);
    for (size_t b = 0; b < batches; ++b) {
      values.clear();
      for (size_t i = 0; i < kBatch; ++i) values.push_back(pipeline.get(text(luck.Below(kKeys))));
      pipeline.execute().value();
      Keep(values);
    }
  };
  return Alternate(
      plan, [&] { return TimePer(batches * kBatch, run); }, [&] { return theirs.Pipeline(batches); });
}

// The same calls of our client at two homes: pipelines of 64 on the server, plain calls in the process.
template <class Fill, class Step>
Measured AtBothHomes(const Plan& plan, size_t elements, const Fill& fill, const Step& step) {
  const OneCpu cpu;
  test::PrivateServer server;
  Client memory = Client::Connect("mem://").value(), remote = Client::Connect(server.url()).value();
  for (Client* client : {&memory, &remote}) {
    Pipeline batch = client->pipeline();
    fill(batch);
    batch.execute().value();
  }
  const size_t batches = plan.Scale(200);
  Luck luck(1);
  return Alternate(
      plan,
      [&] {
        return TimePer(batches * kBatch * elements, [&] {
          for (size_t i = 0; i < batches * kBatch; ++i) step(memory, luck);
        });
      },
      [&] {
        Pipeline batch = remote.pipeline();
        return TimePer(batches * kBatch * elements, [&] {
          for (size_t b = 0; b < batches; ++b) {
            for (size_t i = 0; i < kBatch; ++i) step(batch, luck);
            batch.execute().value();
          }
        });
      });
}

Measured SortedSet(const Plan& plan) {
  return AtBothHomes(
      plan, 101,
      [](Pipeline& batch) {
        KeyText member(16);
        for (size_t i = 0; i < 100'000; ++i) batch.zadd("z", {{static_cast<double>(i), member(i)}});
      },
      [](auto& home, Luck& luck) {
        const auto at = static_cast<int64_t>(luck.Below(99'000));
        const std::string member = "k" + std::to_string(at);
        Keep(home.zadd("z", {{static_cast<double>(at) + 0.5, member}}));
        Keep(home.zrange("z", at, at + 99));
      });
}

Measured List(const Plan& plan) {
  return AtBothHomes(
      plan, 101,
      [](Pipeline& batch) {
        for (int i = 0; i < 100; ++i) batch.lpush("l", kValue);
      },
      [](auto& home, Luck&) {
        Keep(home.lpush("l", kValue));
        Keep(home.lrange("l", 0, 99));
      });
}

Measured Hash(const Plan& plan) {
  return AtBothHomes(
      plan, 11,
      [](Pipeline& batch) {
        for (int i = 0; i < 10; ++i) batch.hset("h", {{"field" + std::to_string(i), kValue}});
      },
      [](auto& home, Luck& luck) {
        Keep(home.hset("h", {{"field" + std::to_string(luck.Below(10)), kValue}}));
        Keep(home.hgetall("h"));
      });
}

Measured Stream(const Plan& plan) {
  return AtBothHomes(
      plan, 101,
      [](Pipeline& batch) {
        for (int i = 0; i < 1000; ++i) batch.xadd("s", {{"field", kValue}});
      },
      [](auto& home, Luck&) {
        Keep(home.xadd("s", {{"field", kValue}}));
        Keep(home.xread({"s"}, {"0"}, {.count = 100}));
      });
}

}  // namespace

std::vector<Figure> ServerFigures() {
  return {
      {"hiredis_get", "redisCommand(\"GET %s\"), our libhiredis on mem://; Debian's to redis-server", HiredisGet},
      {"hiredis_pipeline", "64 GETs appended, per command; the same", HiredisPipeline},
      {"pipeline_get", "64 GETs in a typed Pipeline on mem://, per command; hiredis pipeline", PipelineGet},
      {"zset", "ZADD and ZRANGE of 100 of 100 000, per element; redis-server in pipelines of 64", SortedSet},
      {"list", "LPUSH and LRANGE of 100, per element; the same", List},
      {"hash", "HSET and HGETALL of 10 fields, per element; the same", Hash},
      {"stream", "XADD and XREAD of 100, per element; the same", Stream},
  };
}

}  // namespace dualis::bench
