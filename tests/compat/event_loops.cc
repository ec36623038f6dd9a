#include "tests/compat/event_loops.h"

#include <hiredis/adapters/poll.h>

#include <cstdlib>

// The build says which libraries there are.
#ifdef HAVE_LIBEVENT
#include <hiredis/adapters/libevent.h>
#endif
#ifdef HAVE_LIBUV
#include <hiredis/adapters/libuv.h>
#endif
#ifdef HAVE_GLIB
#include <hiredis/adapters/glib.h>
#endif
#ifdef HAVE_IVYKIS
#include <hiredis/adapters/ivykis.h>
#endif
#ifdef HAVE_SDEVENT
#include <hiredis/adapters/libsdevent.h>
#endif

namespace dualis::compat_test {

// event_loops_libev.cc: its header and libevent's cannot be included together.
std::unique_ptr<EventLoop> MakeLibev();

namespace {

template <class L>
std::unique_ptr<EventLoop> Make() {
  return std::make_unique<L>();
}

class Poll final : public EventLoop {
 public:
  int Attach(redisAsyncContext* ac) override {
    ac_ = ac;
    return redisPollAttach(ac);
  }
  void Tick(int ms) override { redisPollTick(ac_, ms / 1000.0); }

 private:
  redisAsyncContext* ac_ = nullptr;
};

#ifdef HAVE_LIBEVENT
class Libevent final : public EventLoop {
 public:
  Libevent() : base_(event_base_new()) {
    wake_ = event_new(
        base_, -1, 0, [](evutil_socket_t, short, void*) {}, nullptr);
  }
  ~Libevent() override {
    event_free(wake_);
    event_base_free(base_);
  }
  int Attach(redisAsyncContext* ac) override { return redisLibeventAttach(ac, base_); }
  void Tick(int ms) override {
    const timeval wait = {ms / 1000, ms % 1000 * 1000};
    event_add(wake_, &wait);
    event_base_loop(base_, EVLOOP_ONCE);
    event_del(wake_);
  }

 private:
  event_base* base_;
  event* wake_;
};
#endif

#ifdef HAVE_LIBUV
class Libuv final : public EventLoop {
 public:
  Libuv() {
    uv_loop_init(&loop_);
    uv_timer_init(&loop_, &wake_);
  }
  ~Libuv() override {
    uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    // Whatever the adapter left open would show here.
    if (uv_loop_close(&loop_) != 0) abort();
  }
  int Attach(redisAsyncContext* ac) override { return redisLibuvAttach(ac, &loop_); }
  void Tick(int ms) override {
    uv_update_time(&loop_);
    uv_timer_start(
        &wake_, [](uv_timer_t*) {}, static_cast<uint64_t>(ms), 0);
    uv_run(&loop_, UV_RUN_ONCE);
    uv_timer_stop(&wake_);
  }

 private:
  uv_loop_t loop_;
  uv_timer_t wake_;
};
#endif

#ifdef HAVE_GLIB
class Glib final : public EventLoop {
 public:
  Glib() : context_(g_main_context_new()) {}
  ~Glib() override {
    if (source_ != nullptr) {
      g_source_destroy(source_);
      g_source_unref(source_);
    }
    g_main_context_unref(context_);
  }
  int Attach(redisAsyncContext* ac) override {
    GSource* source = redis_source_new(ac);
    if (source == nullptr) return REDIS_ERR;
    g_source_attach(source, context_);
    source_ = source;
    return REDIS_OK;
  }
  void Tick(int ms) override {
    GSource* wake = g_timeout_source_new(static_cast<guint>(ms));
    g_source_set_callback(
        wake, [](gpointer) -> gboolean { return G_SOURCE_CONTINUE; }, nullptr, nullptr);
    g_source_attach(wake, context_);
    g_main_context_iteration(context_, TRUE);
    g_source_destroy(wake);
    g_source_unref(wake);
  }

 private:
  GMainContext* context_;
  GSource* source_ = nullptr;
};
#endif

#ifdef HAVE_IVYKIS
class Ivykis final : public EventLoop {
 public:
  Ivykis() {
    if (!iv_inited()) iv_init();
  }
  int Attach(redisAsyncContext* ac) override { return redisIvykisAttach(ac); }
  // iv_main() does not return after an event, so the rounds are short.
  void Tick(int ms) override {
    iv_timer wake;
    IV_TIMER_INIT(&wake);
    iv_validate_now();
    wake.expires = iv_now;
    wake.expires.tv_nsec += (ms < 3 ? ms : 3) * 1000000L;
    if (wake.expires.tv_nsec >= 1000000000) {
      wake.expires.tv_nsec -= 1000000000;
      ++wake.expires.tv_sec;
    }
    wake.handler = [](void*) { iv_quit(); };
    iv_timer_register(&wake);
    iv_main();
    if (iv_timer_registered(&wake)) iv_timer_unregister(&wake);
  }
};
#endif

#ifdef HAVE_SDEVENT
class SdEvent final : public EventLoop {
 public:
  SdEvent() { sd_event_new(&event_); }
  ~SdEvent() override { sd_event_unref(event_); }
  int Attach(redisAsyncContext* ac) override { return redisLibsdeventAttach(ac, event_); }
  void Tick(int ms) override { sd_event_run(event_, static_cast<uint64_t>(ms) * 1000); }

 private:
  sd_event* event_ = nullptr;
};
#endif

}  // namespace

const std::vector<LoopKind>& LoopKinds() {
  static const std::vector<LoopKind> kinds = {
      {"poll", Make<Poll>},
#ifdef HAVE_LIBEVENT
      {"libevent", Make<Libevent>},
#endif
#ifdef HAVE_LIBEV
      {"libev", MakeLibev},
#endif
#ifdef HAVE_LIBUV
      {"libuv", Make<Libuv>},
#endif
#ifdef HAVE_GLIB
      {"glib", Make<Glib>},
#endif
#ifdef HAVE_IVYKIS
      {"ivykis", Make<Ivykis>},
#endif
#ifdef HAVE_SDEVENT
      {"sdevent", Make<SdEvent>},
#endif
  };
  return kinds;
}

}  // namespace dualis::compat_test
