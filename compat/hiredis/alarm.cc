#include "compat/hiredis/alarm.h"

#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <new>

#include "compat/wire/fork.h"

namespace dualis::hiredis {
namespace {

constexpr int kMostAlarms = 1024;
// A timer that is not wanted is not stopped but put off, so that its poll stays under way and we know that it does.
constexpr timespec kNever = {1'000'000'000, 0};

// The process' queue of polls. A child has none of its parent's, and makes one of its own. Never destroyed: contexts
// may live as long as the process.
struct Queue {
  aio_context_t id = 0;
  uint64_t generation = 0;
  const Queue* before = nullptr;  // the parent's
};
std::atomic<const Queue*>& TheQueue() {
  static std::atomic<const Queue*> queue;
  return queue;
}

// Null: there is none to be had.
const Queue* Current() {
  const Queue* known = TheQueue().load(std::memory_order_acquire);
  while (known == nullptr || known->generation != wire::ForkGeneration()) {
    std::unique_ptr<Queue> fresh(new (std::nothrow) Queue{0, wire::ForkGeneration(), known});
    if (fresh == nullptr || syscall(SYS_io_setup, kMostAlarms, &fresh->id) != 0) return nullptr;
    if (TheQueue().compare_exchange_strong(known, fresh.get(), std::memory_order_acq_rel)) return fresh.release();
    // Another thread was first.
    syscall(SYS_io_destroy, fresh->id);
  }
  return known;
}

bool Poll(int timer, int counter) {
  const Queue* queue = Current();
  if (queue == nullptr) return false;
  // Polls that have ended hold their places until they are looked at; what they say is of no interest.
  io_event ended[64];
  timespec at_once = {0, 0};
  while (syscall(SYS_io_getevents, queue->id, 0, 64, ended, &at_once) == 64) {
  }
  iocb poll = {};
  poll.aio_lio_opcode = IOCB_CMD_POLL;
  poll.aio_fildes = static_cast<uint32_t>(timer);
  poll.aio_buf = POLLIN;
  poll.aio_flags = IOCB_FLAG_RESFD;
  poll.aio_resfd = static_cast<uint32_t>(counter);
  iocb* list[] = {&poll};
  return syscall(SYS_io_submit, queue->id, 1, list) == 1;
}

}  // namespace

bool Alarm::Set(int counter, std::chrono::milliseconds wait) {
  if (timer_ < 0) {
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (timer_ < 0) return false;
    generation_ = wire::ForkGeneration();
  }
  itimerspec next = {};
  next.it_value = {wait.count() / 1000, wait.count() % 1000 * 1'000'000 + 1};
  itimerspec before = {};
  if (timerfd_settime(timer_, 0, &next, &before) != 0) return false;
  const bool went_off = before.it_value.tv_sec == 0 && before.it_value.tv_nsec == 0;
  if (!polled_ || went_off) polled_ = Poll(timer_, counter);
  set_ = polled_;
  return set_;
}

void Alarm::Clear() {
  if (!set_) return;
  set_ = false;
  itimerspec never = {}, before = {};
  never.it_value = kNever;
  timerfd_settime(timer_, 0, &never, &before);
  if (before.it_value.tv_sec == 0 && before.it_value.tv_nsec == 0) polled_ = false;
}

void Alarm::Drop() {
  if (timer_ < 0) return;
  // The kernel holds on to the poll, and with it to the descriptors, until the timer goes off.
  itimerspec now = {};
  now.it_value.tv_nsec = 1;
  if (polled_ && generation_ == wire::ForkGeneration()) timerfd_settime(timer_, 0, &now, nullptr);
  close(timer_);
  timer_ = -1;
  polled_ = set_ = false;
}

}  // namespace dualis::hiredis
