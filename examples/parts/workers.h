// A producer and its workers: tasks with priorities, each done by one worker, also if another worker dies over it.
#ifndef EXAMPLES_PARTS_WORKERS_H_
#define EXAMPLES_PARTS_WORKERS_H_

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dualis/helpers/queue.h"

namespace examples {

// Adds the tasks, the urgent ones in capitals, then has them done by some workers at once, after one worker has taken a
// task and died. Returns what was done, sorted.
inline dualis::Result<std::vector<std::string>> WorkTogether(dualis::Client& client, const std::string& base,
                                                             const std::vector<std::string>& tasks, int workers) {
  auto queue = dualis::Queue::Open(client, base);
  if (!queue) return queue.error();
  for (const std::string& task : tasks) {
    const bool urgent = !task.empty() && task[0] >= 'A' && task[0] <= 'Z';
    if (auto added = queue->add(task, urgent ? 10 : 1); !added) return added.error();
  }

  // This one takes the most urgent task, and is never heard of again.
  auto unlucky = queue->worker();
  if (!unlucky) return unlucky.error();
  if (auto taken = unlucky->take(); !taken) return taken.error();
  // Its heartbeat would stop after a while; here it is stopped by hand, and whoever looks gives the task back.
  if (auto stopped = client.del(base + ":worker:" + unlucky->id()); !stopped) return stopped.error();
  if (auto rescued = queue->rescue(); !rescued) return rescued.error();

  std::mutex mutex;
  std::vector<std::string> done;
  dualis::Error failed;
  std::vector<std::thread> threads;
  for (int i = 0; i < workers; ++i) {
    threads.emplace_back([&] {
      const auto worker = queue->worker();
      for (;;) {
        const auto task = worker ? worker->take() : dualis::Result<std::optional<dualis::Queue::Task>>(worker.error());
        const std::lock_guard lock(mutex);
        if (!task) failed = task.error();
        if (!task || !*task) break;
        done.push_back((*task)->payload);
        if (auto reported = worker->done((*task)->id); !reported) failed = reported.error();
      }
      if (worker) (void)worker->leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed) return failed;
  std::sort(done.begin(), done.end());
  return done;
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_WORKERS_H_
