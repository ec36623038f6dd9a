// The event loops that our adapters are for, behind one interface, so that asynchronous tests run in each.
#ifndef DUALIS_TESTS_COMPAT_EVENT_LOOPS_H_
#define DUALIS_TESTS_COMPAT_EVENT_LOOPS_H_

#include <hiredis/async.h>

#include <memory>
#include <vector>

namespace dualis::compat_test {

class EventLoop {
 public:
  virtual ~EventLoop() = default;
  // What the adapter's function returned.
  virtual int Attach(redisAsyncContext* ac) = 0;
  // Waits for events, at most so long, and handles what there is. Not after the context is gone.
  virtual void Tick(int ms) = 0;
};

struct LoopKind {
  const char* name;
  std::unique_ptr<EventLoop> (*make)();
};
// Those whose library this machine has.
const std::vector<LoopKind>& LoopKinds();

}  // namespace dualis::compat_test

#endif  // DUALIS_TESTS_COMPAT_EVENT_LOOPS_H_
