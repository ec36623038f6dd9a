#include "dualis/listener.h"

#include <mutex>
#include <thread>

#include "compat/listener/loop.h"

namespace dualis {

class Listener::Impl {
 public:
  Impl(Engine& engine, ListenerOptions options) : loop(engine, std::move(options)) {}

  listener::Loop loop;
  std::mutex mutex;
  std::thread thread;  // guarded by mutex
};

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { Stop(); }

Result<std::unique_ptr<Listener>> Listener::Open(Engine& engine, ListenerOptions options) {
  auto impl = std::make_unique<Impl>(engine, std::move(options));
  if (Error error = impl->loop.Open()) return error;
  return std::unique_ptr<Listener>(new Listener(std::move(impl)));
}

bool Listener::RunOnce(std::chrono::milliseconds timeout) { return impl_->loop.RunOnce(timeout); }

void Listener::Run() {
  impl_->loop.Resume();
  while (impl_->loop.RunOnce(std::chrono::milliseconds(-1))) {
  }
}

void Listener::Start() {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable()) return;
  impl_->loop.Resume();
  impl_->loop.LeaveThread();
  impl_->thread = std::thread([loop = &impl_->loop] {
    while (loop->RunOnce(std::chrono::milliseconds(-1))) {
    }
  });
}

void Listener::Stop() {
  impl_->loop.Stop();
  if (impl_->loop.IsLoopThread()) return;
  const std::lock_guard lock(impl_->mutex);
  if (impl_->thread.joinable()) impl_->thread.join();
  impl_->loop.LeaveThread();
}

void Listener::Adopt(int fd) { impl_->loop.Adopt(fd); }
bool Listener::stopped() const { return impl_->loop.stopped(); }
int Listener::port() const { return impl_->loop.port(); }
int Listener::tls_port() const { return impl_->loop.tls_port(); }
size_t Listener::clients() const { return impl_->loop.clients(); }

}  // namespace dualis
