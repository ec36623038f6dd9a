// Alarm: an eventfd that the kernel makes readable at a given time, for event loops that poll descriptors and have no
// timers. No thread, no signal:
//
//   timerfd  --- when it becomes readable, an asynchronous poll ends (IOCB_CMD_POLL) --->  eventfd (IOCB_FLAG_RESFD)
//
// One poll is under way per alarm, from its first Set on. All alarms of the process submit theirs to one queue, because
// to end a queue takes tens of milliseconds.
#ifndef DUALIS_COMPAT_HIREDIS_ALARM_H_
#define DUALIS_COMPAT_HIREDIS_ALARM_H_

#include <chrono>
#include <cstdint>

namespace dualis::hiredis {

// Used by one thread at a time.
class Alarm {
 public:
  Alarm() = default;
  ~Alarm() { Drop(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  // `counter`, an eventfd, becomes readable in so long, instead of when it was to before. False: this kernel cannot do
  // it, or has no room for it; then nothing happens.
  bool Set(int counter, std::chrono::milliseconds wait);
  // It does not, after all. (It may have already.)
  void Clear();
  // Forgets everything, in a child that was forked: its parent's alarm goes on in the parent.
  void Drop();

 private:
  int timer_ = -1;
  uint64_t generation_ = 0;  // of the process that made it
  bool polled_ = false;      // a poll of the timer is under way, unless the timer went off
  bool set_ = false;
};

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_ALARM_H_
