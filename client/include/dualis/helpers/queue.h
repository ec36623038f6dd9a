// Queue: tasks by priority, taken by workers, one at a time each. A worker proves with a heartbeat that it lives; the
// tasks of one that stopped are taken from it and go back to their place.
//
//   Queue queue = Queue::Open(client, "mail").value();
//   queue.add(text, 5);                                       // anywhere, by anybody
//
//   Queue::Worker worker = queue.worker().value();            // in each worker
//   while (Result<std::optional<Queue::Task>> task = worker.take(10s); task && *task) {
//     Send((*task)->payload);                                 // meanwhile: worker.heartbeat()
//     worker.done((*task)->id);
//   }
//
//   queue.rescue();                                           // now and then, by anybody
//
// Tasks of one priority are taken in the order in which they came. A task is done at least once: a worker that was too
// slow with its heartbeat may find that its task was given to another (done() is false then).
//
// In Redis, all behind "BASE:": `waiting` (sorted set of ids), `payload` (hash by id), `taken` (sorted set, with the
// score that they had), `owner` (hash, id to worker), `last` (the number of the last task), `workers` (the number of
// the last worker), `worker:N` (heartbeats, which expire). New tasks are announced on the channel BASE:waiting. On a
// cluster, give a base in braces.
#ifndef DUALIS_HELPERS_QUEUE_H_
#define DUALIS_HELPERS_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dualis/client.h"

namespace dualis {

namespace helpers {
class ScriptSet;
}

// A value, cheap to copy. Thread-safe; each call is one atomic turn.
class Queue {
 public:
  struct Options {
    // How long a worker counts as living after a heartbeat. take() and done() are heartbeats, too.
    std::chrono::milliseconds heartbeat{30'000};
  };
  struct Task {
    std::string id;
    std::string payload;
    double priority = 0;
  };
  struct Sizes {
    int64_t waiting = 0;
    int64_t taken = 0;
    friend bool operator==(const Sizes&, const Sizes&) = default;
  };

  // One who takes tasks. A value; used by one thread at a time, but for heartbeat().
  class Worker {
   public:
    const std::string& id() const { return id_; }
    // Says that it lives. False if it had counted as dead: its tasks may have been given to others.
    Result<bool> heartbeat() const;
    // The most urgent task; nothing if none waits.
    Result<std::optional<Task>> take() const;
    // Waits for one up to that long. It counts as living all that time.
    Result<std::optional<Task>> take(std::chrono::milliseconds timeout) const;
    // The task is done and goes. False if it was not this worker's any more.
    Result<bool> done(const std::string& task) const;
    // The task goes back to its place, or to that of another priority. False if it was not this worker's any more.
    Result<bool> give_back(const std::string& task, std::optional<double> priority = {}) const;
    // Says that it stops. Its tasks go back; returns their ids.
    Result<std::vector<std::string>> leave() const;

   private:
    friend class Queue;
    Worker(const Queue& queue, std::string id) : queue_(std::make_shared<const Queue>(queue)), id_(std::move(id)) {}
    Script::Arguments With(Script::Arguments more) const;

    std::shared_ptr<const Queue> queue_;
    std::string id_;
  };

  static Result<Queue> Open(const Client& client, const std::string& base, const Options& options);
  static Result<Queue> Open(const Client& client, const std::string& base) { return Open(client, base, Options()); }

  // Puts a task there; returns its id. Greater priorities are taken first. kUsage for a priority that is no number.
  Result<std::string> add(const std::string& payload, double priority = 0) const;
  // A worker with an id that no other ever had.
  Result<Worker> worker() const;
  // Takes the tasks of dead workers from them; returns their ids.
  Result<std::vector<std::string>> rescue() const;
  Result<Sizes> sizes() const;
  // Removes a task that waits; false if it does not.
  Result<bool> remove(const std::string& task) const;

 private:
  Queue(Client client, std::string base, const Options& options, std::shared_ptr<const helpers::ScriptSet> scripts);

  Client client_;
  std::string base_;
  Options options_;
  std::shared_ptr<const helpers::ScriptSet> scripts_;  // shared by the copies
};

}  // namespace dualis

#endif  // DUALIS_HELPERS_QUEUE_H_
