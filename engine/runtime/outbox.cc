#include "engine/runtime/outbox.h"

#include "engine/runtime/gate.h"

namespace dualis::runtime {

void Outbox::Append(std::shared_ptr<const Message> message, std::shared_ptr<const std::string> pattern) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({std::move(message), std::move(pattern)});
}

void Outbox::SetCallback(std::function<void()> on_message) {
  auto shared = on_message ? std::make_shared<std::function<void()>>(std::move(on_message)) : nullptr;
  const std::lock_guard lock(mutex_);
  callback_ = std::move(shared);
}

void Outbox::Ring() {
  std::unique_lock lock(mutex_);
  if (ringer_ != 0) {
    ring_again_ = true;
    return;
  }
  ringer_ = Gate::ThisThread();
  do {
    ring_again_ = false;
    const std::shared_ptr<std::function<void()>> callback = callback_;
    if (callback == nullptr || waiting_.empty()) break;
    lock.unlock();
    (*callback)();
    lock.lock();
  } while (ring_again_);
  ringer_ = 0;
  idle_.notify_all();
}

size_t Outbox::Deliver(ReplySink& sink, size_t limit) {
  size_t delivered = 0;
  while (delivered < limit) {
    Waiting next;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) break;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    sink.Begin(Shape::kPush, next.pattern ? 4 : 3);
    if (next.pattern) {
      sink.Bulk("pmessage");
      sink.Bulk(*next.pattern);
    } else {
      sink.Bulk("message");
    }
    sink.Bulk(next.message->channel);
    sink.Bulk(next.message->payload);
    sink.End();
    ++delivered;
  }
  return delivered;
}

void Outbox::Close() {
  std::unique_lock lock(mutex_);
  callback_ = nullptr;
  waiting_.clear();
  // A session may be closed from its own callback.
  if (ringer_ != Gate::ThisThread()) idle_.wait(lock, [this] { return ringer_ == 0; });
}

}  // namespace dualis::runtime
