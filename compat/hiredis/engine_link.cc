#include "compat/hiredis/engine_link.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

#include "compat/wire/fork.h"
#include "engine/command/word.h"

namespace dualis::hiredis {
namespace {

// Requests wait while this much is unread: a program that never reads fills its own buffers, not ours.
constexpr size_t kMaxUnread = 1024 * 1024;
constexpr size_t kMessagesAtOnce = 256;

// Whether a command answers with messages rather than with one reply.
bool Subscribes(const Arg& name) {
  if (!name.is_bytes()) return false;
  constexpr Bytes kSuffix = "SUBSCRIBE";
  const Bytes text = name.bytes;
  return text.size() >= kSuffix.size() && IsWord(text.substr(text.size() - kSuffix.size()), kSuffix);
}

// Whether a command may have no reply: CLIENT REPLY.
bool Silences(Args argv) {
  return argv.size() > 2 && argv[0].is_bytes() && argv[1].is_bytes() && IsWord(argv[0].bytes, "CLIENT") &&
         IsWord(argv[1].bytes, "REPLY");
}

}  // namespace

EngineLink::EngineLink(const Route& route, Descriptor descriptor, std::shared_ptr<Engine> own)
    : engine_(!route.target.name.empty() ? Engine::Named(route.target.name)
              : own != nullptr           ? std::move(own)
                                         : std::shared_ptr<Engine>(Engine::Create())),
      session_(engine_->Connect()),
      named_(!route.target.name.empty()),
      rerouted_(route.rerouted),
      descriptor_(descriptor),
      generation_(wire::ForkGeneration()),
      encoder_(&reply_, [this] { return session_->protocol(); }),
      messages_(&replies_, [this] { return session_->protocol(); }) {
  OpenDescriptor();
  try {
    session_->LimitMessages();
    session_->OnMessage([this] { Ring(); });
  } catch (...) {
    close(fd_);
    close(peer_);
    throw;
  }
}

EngineLink::~EngineLink() {
  // The session goes first: it waits for callbacks that ring.
  session_.reset();
  close(peer_);
}

std::string EngineLink::Select(int db) {
  std::string reply;
  resp::Encoder sink(&reply, 2);
  session_->Execute(std::vector<Arg>{"SELECT", db}, sink);
  return reply.starts_with('-') ? reply.substr(1, reply.size() - 3) : std::string();
}

void EngineLink::OpenDescriptor() {
  int pair[2];
  bool open;
  if (descriptor_ == Descriptor::kPair) {
    open = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0;
  } else {
    pair[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pair[1] = pair[0] < 0 ? -1 : fcntl(pair[0], F_DUPFD_CLOEXEC, 0);
    open = pair[1] >= 0;
    if (!open && pair[0] >= 0) close(pair[0]);
  }
  if (!open) throw std::system_error(errno, std::generic_category());
  if (fd_ < 0) {
    fd_ = pair[0];
    peer_ = pair[1];
    return;
  }
  // Under the same numbers: the program knows the one, and another thread may be about to ring with the other.
  dup3(pair[0], fd_, O_CLOEXEC);
  dup3(pair[1], peer_, O_CLOEXEC);
  close(pair[0]);
  close(pair[1]);
}

void EngineLink::CheckFork() {
  const uint64_t generation = wire::ForkGeneration();
  if (generation == generation_) return;
  // The parent goes on with the old pair. If there are no descriptors for a new one we remain deaf, not wrong.
  generation_ = generation;
  alarm_.Drop();
  try {
    OpenDescriptor();
  } catch (const std::system_error&) {
    over_ = true;
    return;
  }
  // Whoever has rung meanwhile may have done so in the old pair; what for is seen now.
  rung_.store(false);
  if (read_ < replies_.size() || state_.load() == State::kDone || Listens()) Ring();
}

void EngineLink::Ring() {
  if (rung_.exchange(true)) return;
  const uint64_t bell = 1;
  // Cannot fail for want of room: there are at most a few bells in it. In a child that has not used this context since
  // the fork it is still the parent's, too: better that both wake than neither.
  if (descriptor_ == Descriptor::kPair) {
    (void)!send(peer_, &bell, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    (void)!write(peer_, &bell, sizeof(bell));
  }
}

bool EngineLink::TakeBells() {
  char bells[16];
  // The program may have made its socket a blocking one.
  if (descriptor_ == Descriptor::kPair) return recv(fd_, bells, sizeof(bells), MSG_DONTWAIT) > 0;
  return read(fd_, bells, sizeof(bells)) > 0;
}

void EngineLink::Silence() {
  if (!rung_.load()) return;
  TakeBells();
  // Before we look for what was announced: whoever comes after this rings again.
  rung_.store(false);
}

void EngineLink::Drain() {
  if (!TakeBells()) return;
  rung_.store(false);
  if (state_.load() == State::kDone || session_->has_messages() || session_->overrun()) Ring();
}

bool EngineLink::IsOpenToAll() {
  std::string reply;
  resp::Encoder sink(&reply, 2);
  engine_->Connect()->Execute(std::vector<Arg>{"ACL", "LIST"}, sink);
  return reply.starts_with("*1\r\n") && reply.find(" nopass ") != std::string::npos;
}

Args EngineLink::Accommodate(Args argv, std::vector<Arg>* instead) {
  if (!rerouted_ || argv.empty() || !argv[0].is_bytes()) return argv;
  const bool auth = IsWord(argv[0].bytes, "AUTH") && (argv.size() == 2 || argv.size() == 3);
  const bool hello = argv.size() >= 5 && IsWord(argv[0].bytes, "HELLO");
  if ((!auth && !hello) || !IsOpenToAll()) return argv;
  // The default user has no password, and so any will do.
  if (auth) {
    *instead = {"AUTH", "default", argv.back()};
    return *instead;
  }
  instead->assign(argv.begin(), argv.end());
  for (size_t i = 2; i + 1 < instead->size(); i += 2) {
    const Arg& option = (*instead)[i];
    if (!option.is_bytes() || !IsWord(option.bytes, "AUTH")) continue;
    (*instead)[++i] = "default";
  }
  return *instead;
}

bool EngineLink::Direct(Args argv, ReplySink& sink, wire::Deadline deadline, bool* timed_out) {
  CheckFork();
  *timed_out = false;
  over_ = over_ || session_->killed() || session_->overrun();
  if (over_ || Owing() || read_ < replies_.size() || state_.load() != State::kIdle) return false;
  if (argv.empty() || Listens() || Subscribes(argv[0]) || session_->silent() || Silences(argv)) return false;
  std::vector<Arg> instead;
  argv = Accommodate(argv, &instead);
  if (deadline == wire::kNoDeadline || !engine_->clock().runs_by_itself()) {
    session_->Execute(argv, sink);
  } else {
    state_.store(State::kRunning);
    ticket_ = session_->Submit(argv, sink, [this] {
      if (state_.exchange(State::kDone) == State::kParked) Ring();
    });
    State running = State::kRunning;
    state_.compare_exchange_strong(running, State::kParked);
    while (state_.load() != State::kDone && Wait(deadline)) Drain();
    if (state_.load() != State::kDone) {
      session_->Cancel(ticket_);
      *timed_out = state_.load() != State::kDone;
    }
    state_.store(State::kIdle);
    ticket_ = 0;
  }
  over_ = session_->closing();
  return true;
}

void EngineLink::Collect() {
  if (state_.load() != State::kDone) return;
  state_.store(State::kIdle);
  ticket_ = 0;
  // A server that kills a connection just closes it.
  if (session_->killed()) reply_.clear();
  if (read_ == replies_.size()) {
    replies_.clear();
    read_ = 0;
    replies_.swap(reply_);
  } else {
    replies_.append(reply_);
  }
  reply_.clear();
  // A reply that was lost for want of memory cannot be made good: the connection is over.
  over_ = over_ || encoder_.failed() || session_->closing();
}

size_t EngineLink::TakeMessages() {
  if (read_ == replies_.size()) {
    replies_.clear();
    read_ = 0;
  }
  const size_t taken = session_->Deliver(messages_, kMessagesAtOnce);
  over_ = over_ || messages_.failed();
  return taken;
}

void EngineLink::Pump() {
  Collect();
  while (!over_ && state_.load() == State::kIdle && replies_.size() - read_ < kMaxUnread) {
    // A command's messages come behind its reply, and before that of the next.
    if (session_->has_messages() && TakeMessages() > 0) continue;
    const resp::RequestParser::State found = parser_.Next();
    if (found == resp::RequestParser::State::kMore) return;
    if (found == resp::RequestParser::State::kError) {
      encoder_.Error(parser_.error());
      state_.store(State::kDone);
      Collect();
      over_ = true;
      return;
    }
    std::vector<Arg> instead;
    const Args words = Accommodate(parser_.args(), &instead);
    state_.store(State::kRunning);
    ticket_ = session_->Submit(words, encoder_, [this] {
      if (state_.exchange(State::kDone) == State::kParked) Ring();
    });
    State running = State::kRunning;
    state_.compare_exchange_strong(running, State::kParked);
    Collect();
  }
}

void EngineLink::Write(Bytes requests) {
  CheckFork();
  if (over_) return;
  parser_.Feed(requests);
  Pump();
  SetAlarm();
  RingIfMore();
}

ssize_t EngineLink::Read(char* to, size_t size) {
  CheckFork();
  Silence();
  if (const auto tick = UntilTick(); tick && tick->count() == 0) Tick();
  Pump();
  SetAlarm();
  if (session_->killed() || session_->overrun()) {
    over_ = true;
    replies_.clear();
    read_ = 0;
  }
  if (replies_.size() - read_ < kMaxUnread && Listens() && TakeMessages() == kMessagesAtOnce) Ring();
  const size_t n = std::min(size, replies_.size() - read_);
  if (n == 0) {
    if (!over_) Drain();
    return over_ ? -1 : 0;
  }
  std::memcpy(to, replies_.data() + read_, n);
  read_ += n;
  if (read_ == replies_.size()) {
    replies_.clear();
    read_ = 0;
    if (replies_.capacity() > kMaxUnread) replies_.shrink_to_fit();
    Pump();
    SetAlarm();
  }
  RingIfMore();
  return static_cast<ssize_t>(n);
}

std::optional<std::chrono::milliseconds> EngineLink::UntilTick() {
  if (state_.load() != State::kParked || !engine_->clock().runs_by_itself()) return std::nullopt;
  const std::optional<TimeMs> deadline = engine_->NextDeadline();
  if (!deadline) return std::nullopt;
  return std::chrono::milliseconds(std::max<int64_t>(0, *deadline - engine_->clock().Now()));
}

void EngineLink::SetAlarm() {
  if (descriptor_ != Descriptor::kCounter || loop_has_timers_) return;
  // The engine's clock has moved past the millisecond it is due in.
  if (const auto tick = UntilTick()) {
    alarm_.Set(fd_, *tick + std::chrono::milliseconds(1));
  } else {
    alarm_.Clear();
  }
}

bool EngineLink::Wait(wire::Deadline deadline) {
  while (true) {
    wire::Deadline until = deadline;
    const auto tick = UntilTick();
    if (tick) until = std::min(until, wire::In(*tick));
    wire::Failure failure;
    if (wire::WaitFor(fd_, POLLIN, until, &failure) != 0) return true;
    if (failure.kind != wire::Failure::Kind::kTimeout || until == deadline) return false;
    Tick();
  }
}

}  // namespace dualis::hiredis
