// The listener against redis-server: processor time of the server per command of redis-benchmark, and per message of a
// publisher. Clients are the same for both; only the servers are measured, by their own threads' times.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/figure.h"
#include "dualis/client.h"
#include "tests/client/private_server.h"

namespace dualis::bench {
namespace {

const std::string kMessage = "0123456789abcdef";
constexpr size_t kSubscribers = 50;

// Nanoseconds that all threads of a process have computed.
double ProcessorTime(pid_t process) {
  double all = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream in(task.path() / "schedstat");
    double nanoseconds = 0;
    in >> nanoseconds;
    all += nanoseconds;
  }
  return all;
}

// Runs redis-benchmark to its end, silently.
void RunBenchmark(const test::PrivateServer& server, size_t commands, int pipeline) {
  std::vector<std::string> words = {"redis-benchmark",
                                    "-s",
                                    server.socket_path(),
                                    "-t",
                                    "set,get,lpush,hset,zadd",
                                    "-c",
                                    "50",
                                    "-r",
                                    "10000",
                                    "-q",
                                    "-n",
                                    std::to_string(commands),
                                    "-P",
                                    std::to_string(pipeline)};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("redis-benchmark failed");
}

// The two servers, on sockets of their own.
struct Servers {
  test::PrivateServer ours{{}, DUALIS_SERVER};
  test::PrivateServer peer;
};

Measured Benchmarked(const Plan& plan, size_t commands, int pipeline) {
  constexpr size_t kKinds = 5;
  Servers servers;
  const size_t each = plan.Scale(commands, 5);
  const auto run = [&](test::PrivateServer& server) {
    Client client = Client::Connect(server.url()).value();
    if (Error error = client.command({"FLUSHALL"}).error()) throw std::runtime_error(std::string(error.message()));
    const double before = ProcessorTime(server.pid());
    RunBenchmark(server, each, pipeline);
    return (ProcessorTime(server.pid()) - before) / static_cast<double>(each * kKinds);
  };
  return Alternate(
      plan, [&] { return run(servers.ours); }, [&] { return run(servers.peer); });
}

Measured Pipelined(const Plan& plan) { return Benchmarked(plan, 200'000, 16); }
Measured OneByOne(const Plan& plan) { return Benchmarked(plan, 40'000, 1); }

// A publisher, its subscribers, and messages on their way to all of them.
class Audience {
 public:
  explicit Audience(const std::string& url) : client_(Client::Connect(url).value()) {
    for (size_t i = 0; i < kSubscribers; ++i) {
      subscriptions_.push_back(client_.subscribe({"news"}).value());
    }
  }
  void Publish(size_t messages) {
    Pipeline batch = client_.pipeline();
    for (size_t i = 0; i < messages; ++i) batch.publish("news", kMessage);
    batch.execute().value();
    for (Subscription& subscription : subscriptions_) {
      for (size_t i = 0; i < messages; ++i) Keep(subscription.receive().value());
    }
  }

 private:
  Client client_;
  std::vector<Subscription> subscriptions_;
};

constexpr size_t kMessagesAtOnce = 100;

Measured PublishedLocally(const Plan& plan) {
  test::PrivateServer server;
  Audience ours("mem://"), peer(server.url());
  const size_t rounds = plan.Scale(100);
  const auto time = [&](Audience& audience) {
    return TimePer(rounds * kMessagesAtOnce * kSubscribers, [&] {
      for (size_t i = 0; i < rounds; ++i) audience.Publish(kMessagesAtOnce);
    });
  };
  return Alternate(
      plan, [&] { return time(ours); }, [&] { return time(peer); });
}

Measured PublishedOverSockets(const Plan& plan) {
  Servers servers;
  Audience ours(servers.ours.url()), peer(servers.peer.url());
  const size_t rounds = plan.Scale(100);
  const auto time = [&](Audience& audience, const test::PrivateServer& server) {
    const double before = ProcessorTime(server.pid());
    for (size_t i = 0; i < rounds; ++i) audience.Publish(kMessagesAtOnce);
    return (ProcessorTime(server.pid()) - before) / static_cast<double>(rounds * kMessagesAtOnce * kSubscribers);
  };
  return Alternate(
      plan, [&] { return time(ours, servers.ours); }, [&] { return time(peer, servers.peer); });
}

}  // namespace

std::vector<Figure> ListenerFigures() {
  return {
      {"listener_p16", "the server's time per command of redis-benchmark, 50 clients, pipelines of 16", Pipelined},
      {"listener_p1", "the same without pipelines", OneByOne},
      {"pubsub_local", "a message published to 50 subscribers, per delivery: in the process; redis-server",
       PublishedLocally},
      {"pubsub_net", "the server's time for that, through the listener", PublishedOverSockets},
  };
}

}  // namespace dualis::bench
