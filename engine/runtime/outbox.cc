#include "engine/runtime/outbox.h"

#include "engine/runtime/gate.h"

namespace dualis::runtime {
namespace {

void EmitKeys(const std::vector<std::string>& keys, ReplySink& sink) {
  if (keys.empty()) return sink.Null();
  sink.Begin(Shape::kArray, keys.size());
  for (const std::string& key : keys) sink.Bulk(key);
  sink.End();
}

// What a message counts for, wherever else it may be shared.
size_t SizeOf(const Message& message) {
  size_t size = sizeof(Message) + message.channel.size() + message.payload.size();
  for (const std::string& key : message.keys) size += key.size();
  return size;
}

void Emit(const Message& message, const std::string* pattern, ReplySink& sink) {
  switch (message.kind) {
    case Message::Kind::kChannel:
    case Message::Kind::kShard:
      sink.Begin(Shape::kPush, pattern != nullptr ? 4 : 3);
      if (pattern != nullptr) {
        sink.Bulk("pmessage");
        sink.Bulk(*pattern);
      } else {
        sink.Bulk(message.kind == Message::Kind::kShard ? "smessage" : "message");
      }
      sink.Bulk(message.channel);
      sink.Bulk(message.payload);
      return sink.End();
    case Message::Kind::kInvalidate:
      sink.Begin(Shape::kPush, 2);
      sink.Bulk("invalidate");
      EmitKeys(message.keys, sink);
      return sink.End();
    case Message::Kind::kInvalidateMessage:
      sink.Begin(Shape::kPush, 3);
      sink.Bulk("message");
      sink.Bulk("__redis__:invalidate");
      EmitKeys(message.keys, sink);
      return sink.End();
    case Message::Kind::kRedirectionBroken:
      sink.Begin(Shape::kPush, 2);
      sink.Bulk("tracking-redir-broken");
      sink.Int(message.client);
      return sink.End();
    case Message::Kind::kLine:
      return sink.Simple(message.payload);
  }
}

}  // namespace

bool Outbox::Append(std::shared_ptr<const Message> message, std::shared_ptr<const std::string> pattern) {
  const std::lock_guard lock(mutex_);
  if (overrun_.load(std::memory_order_relaxed)) return false;
  const size_t size = SizeOf(*message);
  if (limit_ != nullptr && watch_.IsOver(*limit_, bytes_ + size, [this] { return clock_->NowMonotonic(); })) {
    waiting_.clear();
    bytes_ = 0;
    announced_ = true;
    has_messages_.store(false, std::memory_order_release);
    overrun_.store(true, std::memory_order_release);
    return Ask();
  }
  waiting_.push_back({std::move(message), std::move(pattern)});
  bytes_ += size;
  has_messages_.store(true, std::memory_order_release);
  return Ask();
}

bool Outbox::Announce() noexcept {
  const std::lock_guard lock(mutex_);
  announced_ = true;
  return Ask();
}

bool Outbox::InvalidateAll(Message::Kind kind) noexcept {
  const std::lock_guard lock(mutex_);
  lost_ = kind;
  announced_ = true;
  has_messages_.store(true, std::memory_order_release);
  return Ask();
}

void Outbox::Unask() noexcept {
  const std::lock_guard lock(mutex_);
  asked_ = false;
}

void Outbox::LimitBy(const OutputLimit& limit, const Clock& clock) {
  const std::lock_guard lock(mutex_);
  limit_ = &limit;
  clock_ = &clock;
}

void Outbox::SetCallback(std::function<void()> on_message) {
  auto shared = on_message ? std::make_shared<std::function<void()>>(std::move(on_message)) : nullptr;
  const std::lock_guard lock(mutex_);
  callback_ = std::move(shared);
}

void Outbox::Ring() {
  std::unique_lock lock(mutex_);
  // What is appended from here on asks again.
  asked_ = false;
  if (ringer_ != 0) {
    ring_again_ = true;
    return;
  }
  ringer_ = Gate::ThisThread();
  do {
    ring_again_ = false;
    const std::shared_ptr<std::function<void()>> callback = callback_;
    if (callback == nullptr || (waiting_.empty() && !announced_)) break;
    announced_ = false;
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
    std::optional<Message::Kind> lost;
    {
      const std::lock_guard lock(mutex_);
      lost.swap(lost_);
      if (!lost) {
        if (waiting_.empty()) break;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_ -= SizeOf(*next.message);
      }
      if (waiting_.empty()) {
        has_messages_.store(false, std::memory_order_release);
        watch_ = {};
      }
    }
    if (lost) {
      Emit({.kind = *lost}, nullptr, sink);
    } else {
      Emit(*next.message, next.pattern.get(), sink);
    }
    ++delivered;
  }
  return delivered;
}

void Outbox::Close() {
  std::unique_lock lock(mutex_);
  callback_ = nullptr;
  waiting_.clear();
  bytes_ = 0;
  has_messages_.store(false, std::memory_order_release);
  // A session may be closed from its own callback.
  if (ringer_ != Gate::ThisThread()) idle_.wait(lock, [this] { return ringer_ == 0; });
}

void RingList::Drop() noexcept {
  while (const std::shared_ptr<Outbox> outbox = Pop()) outbox->Unask();
}

void RingList::Add(std::shared_ptr<Outbox> outbox) noexcept {
  Outbox* const added = outbox.get();
  (last_ == nullptr ? first_ : last_->next_) = std::move(outbox);
  last_ = added;
}

void RingList::Take(RingList& other) noexcept {
  if (other.empty()) return;
  (last_ == nullptr ? first_ : last_->next_) = std::move(other.first_);
  last_ = std::exchange(other.last_, nullptr);
}

void RingList::Ring() {
  while (const std::shared_ptr<Outbox> outbox = Pop()) outbox->Ring();
}

std::shared_ptr<Outbox> RingList::Pop() noexcept {
  std::shared_ptr<Outbox> outbox = std::move(first_);
  if (outbox == nullptr) return outbox;
  first_ = std::move(outbox->next_);
  if (first_ == nullptr) last_ = nullptr;
  return outbox;
}

}  // namespace dualis::runtime
