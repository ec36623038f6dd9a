// A consumer that sleeps until there is work: BLPOP on one thread, RPUSH on another.
#ifndef EXAMPLES_PARTS_CONSUMER_H_
#define EXAMPLES_PARTS_CONSUMER_H_

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "dualis/client.h"

namespace examples {

// Takes jobs until it gets "stop", and returns them in the order in which they came.
inline dualis::Result<std::vector<std::string>> Consume(dualis::Client client, const std::string& queue) {
  std::vector<std::string> jobs;
  for (;;) {
    const auto job = client.blpop(queue, std::chrono::seconds(10));
    if (!job) return job.error();
    if (!*job) return dualis::Error(dualis::ErrorCode::kTimeout, "ERR no job came");
    if ((*job)->second == "stop") return jobs;
    jobs.push_back((*job)->second);
  }
}

// Starts a consumer, gives it three jobs, and returns what it took.
inline dualis::Result<std::vector<std::string>> ProduceAndConsume(dualis::Client& client, const std::string& queue) {
  if (auto cleared = client.del(queue); !cleared) return cleared.error();
  dualis::Result<std::vector<std::string>> taken;
  std::thread consumer([&] { taken = Consume(client, queue); });
  dualis::Error failed;
  for (const char* job : {"wash", "rinse", "dry", "stop"}) {
    if (auto pushed = client.rpush(queue, job); !pushed) failed = pushed.error();
  }
  consumer.join();
  if (failed) return failed;
  return taken;
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_CONSUMER_H_
