#include <hiredis/adapters/libev.h>

#include "tests/compat/event_loops.h"

namespace dualis::compat_test {
namespace {

class Libev final : public EventLoop {
 public:
  Libev() : loop_(ev_loop_new(EVFLAG_AUTO)) {}
  ~Libev() override { ev_loop_destroy(loop_); }
  int Attach(redisAsyncContext* ac) override { return redisLibevAttach(loop_, ac); }
  void Tick(int ms) override {
    ev_now_update(loop_);
    ev_timer wake;
    ev_timer_init(
        &wake, [](struct ev_loop*, ev_timer*, int) {}, ms / 1000.0, 0.);
    ev_timer_start(loop_, &wake);
    ev_run(loop_, EVRUN_ONCE);
    ev_timer_stop(loop_, &wake);
  }

 private:
  struct ev_loop* loop_;
};

}  // namespace

std::unique_ptr<EventLoop> MakeLibev();
std::unique_ptr<EventLoop> MakeLibev() { return std::make_unique<Libev>(); }

}  // namespace dualis::compat_test
