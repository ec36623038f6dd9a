#include "client/backends/courier.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "compat/wire/fork.h"

namespace dualis::client {
namespace {

struct Job {
  ConnectionPool::Lease lease;
  ReplySink* sink;
  wire::Deadline deadline;
  std::function<void(const Error&)> done;
};

// Milliseconds for poll(2), rounded up so that a deadline has passed when it returns.
int PollTime(wire::Deadline deadline) {
  if (deadline == wire::kNoDeadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000));
}

}  // namespace

class Courier::Round {
 public:
  Round() : generation(wire::ForkGeneration()) {
    if (pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    thread_ = std::thread([this] { Work(); });
  }
  ~Round() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    Wake();
    thread_.join();
    close(wake_[0]);
    close(wake_[1]);
    for (auto& [ticket, job] : jobs_) job.done(Error(ErrorCode::kClosed, "ERR the client was closed"));
  }

  Ticket Add(Job job) {
    Ticket ticket;
    {
      const std::lock_guard lock(mutex_);
      ticket = ++last_ticket_;
      jobs_.emplace(ticket, std::move(job));
    }
    Wake();
    return ticket;
  }

  void Cancel(Ticket ticket) {
    std::unique_lock lock(mutex_);
    if (auto job = jobs_.extract(ticket)) {
      lock.unlock();
      // The server may still send the reply: the connection cannot serve others.
      job.mapped().lease.Spoil();
      Wake();
      return;
    }
    if (std::this_thread::get_id() == thread_.get_id()) return;
    finished_.wait(lock, [&] { return running_ != ticket; });
  }

  const uint64_t generation;

 private:
  void Wake() {
    const char byte = 0;
    // A full pipe wakes as well.
    [[maybe_unused]] const ssize_t written = write(wake_[1], &byte, 1);
  }

  void Work() {
    std::vector<pollfd> polled;
    std::vector<Ticket> tickets;
    for (;;) {
      polled.assign(1, {wake_[0], POLLIN, 0});
      tickets.assign(1, 0);
      wire::Deadline next = wire::kNoDeadline;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        for (const auto& [ticket, job] : jobs_) {
          polled.push_back({job.lease->fd(), POLLIN, 0});
          tickets.push_back(ticket);
          next = std::min(next, job.deadline);
        }
      }
      if (poll(polled.data(), polled.size(), PollTime(next)) < 0) continue;
      char drained[64];
      while (read(wake_[0], drained, sizeof(drained)) == static_cast<ssize_t>(sizeof(drained))) {
      }
      const auto now = std::chrono::steady_clock::now();
      for (size_t i = 1; i < polled.size(); ++i) Finish(tickets[i], polled[i].revents != 0, now);
    }
  }

  // Takes the reply of a job that has one, or tells it that its time is over.
  void Finish(Ticket ticket, bool readable, wire::Deadline now) {
    std::unique_lock lock(mutex_);
    const auto found = jobs_.find(ticket);
    if (found == jobs_.end() || (!readable && found->second.deadline > now)) return;
    auto job = jobs_.extract(found);
    running_ = ticket;
    lock.unlock();
    {
      Error error = job.mapped().lease->Receive(*job.mapped().sink, job.mapped().deadline);
      std::function<void(const Error&)> done = std::move(job.mapped().done);
      job = {};  // the connection is free before `done` submits the next command
      done(error);
    }
    lock.lock();
    running_ = 0;
    lock.unlock();
    finished_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable finished_;
  std::map<Ticket, Job> jobs_;  // guarded by mutex_
  Ticket last_ticket_ = 0;      // guarded by mutex_
  Ticket running_ = 0;          // whose sink or `done` is in use; guarded by mutex_
  bool ending_ = false;         // guarded by mutex_
  int wake_[2] = {-1, -1};
  std::thread thread_;
};

Courier::~Courier() {
  // A round inherited by fork() has no thread here that could be joined; it stays.
  Round* round = round_.load(std::memory_order_acquire);
  if (round != nullptr && round->generation == wire::ForkGeneration()) delete round;
}

Courier::Round& Courier::Current() {
  Round* round = round_.load(std::memory_order_acquire);
  if (round != nullptr && round->generation == wire::ForkGeneration()) return *round;
  auto fresh = std::make_unique<Round>();
  if (!round_.compare_exchange_strong(round, fresh.get(), std::memory_order_acq_rel)) return *round;
  return *fresh.release();
}

Ticket Courier::Send(const Request& request, ReplySink& sink, wire::Deadline call, wire::Deadline reply,
                     std::function<void(const Error&)> done) {
  Result<ConnectionPool::Lease> lease = pool_.Borrow(call);
  if (!lease) return done(lease.error()), 0;
  ArgList scratch;
  (*lease)->Send(request.words(scratch));
  if (Error error = (*lease)->Flush(reply)) return done(error), 0;
  return Current().Add({std::move(*lease), &sink, reply, std::move(done)});
}

void Courier::Cancel(Ticket ticket) {
  Round* round = round_.load(std::memory_order_acquire);
  if (round != nullptr && round->generation == wire::ForkGeneration()) round->Cancel(ticket);
}

}  // namespace dualis::client
