#include "compat/listener/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "compat/wire/listen.h"
#include "engine/runtime/session_impl.h"

namespace dualis::listener {
namespace {

// The bounds of one client's round.
constexpr size_t kReadBytes = 64 * 1024;           // usually
constexpr size_t kReadBytesOfLarge = 1024 * 1024;  // while a large request arrives
constexpr int kCommands = 1024;
constexpr size_t kWriteBytes = 1024 * 1024;
constexpr size_t kMessages = 4096;
constexpr int kPieces = 64;
// Output that no limit counts: redis-server keeps so much in a buffer that every client has.
constexpr size_t kUncounted = 16 * 1024;
// Replies are sent before the end of the round once there are so many.
constexpr size_t kSendEarly = 256 * 1024;
// Unread replies above which the requests of a client without an output limit wait.
constexpr size_t kUnread = size_t{64} << 20;

// A browser that was led here: what it says for certain in each request.
bool IsHttp(Bytes word) {
  if (word.size() != 4 && word.size() != 5) return false;
  const Bytes wanted = word.size() == 4 ? Bytes("post") : Bytes("host:");
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + 'a' - 'A') : word[i];
    if (c != wanted[i]) return false;
  }
  return true;
}

}  // namespace

Connection::Connection(ConnectionHost& host, std::unique_ptr<Session> session, dualis::Peer from, int fd, SSL* ssl)
    : host_(host),
      fd_(fd),
      ssl_(ssl),
      handshake_(ssl != nullptr),
      encoder_(&reply_, [this] { return session_->protocol(); }),
      push_encoder_(&messages_, [this] { return session_->protocol(); }),
      last_heard_(host.Now()),
      session_(std::move(session)) {
  session_->OnMessage([this] { OnMessage(); });
  session_->SetPeer(std::move(from));
  event_assign(&read_event_, host_.base(), fd_, EV_READ | EV_PERSIST, OnReadable, this);
  event_assign(&write_event_, host_.base(), fd_, EV_WRITE | EV_PERSIST, OnWritable, this);
  if (event_add(&read_event_, nullptr) != 0) throw std::bad_alloc();
}

Connection::~Connection() {
  session_.reset();
  host_.bell().Forget(this);
  event_del(&read_event_);
  event_del(&write_event_);
  if (ssl_ != nullptr) {
    if (!handshake_) wire::TlsShutdown(ssl_);
    wire::TlsFree(ssl_);
  }
  if (closing_) {
    // With requests unread the kernel would answer with a reset, and the client might never see our last reply.
    for (int i = 0; i < 16 && recv(fd_, host_.scratch().data(), host_.scratch().size(), MSG_DONTWAIT) > 0; ++i) {
    }
  }
  close(fd_);
}

void Connection::OnReadable(int, short, void* self) {
  auto* connection = static_cast<Connection*>(self);
  connection->readable_ = true;
  connection->host_.Enqueue(*connection);
}

void Connection::OnWritable(int, short, void* self) {
  auto* connection = static_cast<Connection*>(self);
  connection->writable_ = true;
  // A handshake may wait for either.
  if (connection->handshake_) {
    connection->host_.Enqueue(*connection);
  } else {
    try {
      connection->host_.NoteOutput(*connection);
    } catch (const std::bad_alloc&) {
      // libevent calls again as long as the socket is writable.
    }
  }
}

void Connection::OnDone() noexcept {
  done_.store(true, std::memory_order_release);
  if (!host_.IsLoopThread()) {
    // Of a command that completes before Submit returns the loop hears anyhow; it is then looked at once in vain.
    host_.bell().Ring(this);
  } else if (!submitting_) {
    host_.Enqueue(*this);
  }
}

void Connection::OnMessage() noexcept {
  rung_.store(true, std::memory_order_release);
  if (!host_.IsLoopThread()) {
    host_.bell().Ring(this);
  } else {
    host_.Enqueue(*this);
  }
}

void Connection::Doom() {
  if (doomed_) return;
  doomed_ = true;
  host_.NoteDoomed(*this);
}

void Connection::Serve() {
  // While its own command computes it can do no more; afterwards it goes on by itself.
  if (doomed_ || submitting_) return;
  try {
    Round();
  } catch (const std::bad_alloc&) {
    host_.Log(LogLevel::kWarning, "Closing a client: out of memory");
    Doom();
  }
}

void Connection::Round() {
  if (session_->killed()) return Doom();
  if (handshake_ && !Handshake()) return;
  if (blocked_ && done_.load(std::memory_order_acquire)) {
    blocked_ = false;
    TakeReply();
  }
  TakeMessages();
  if (closing_) return;
  if (readable_) {
    readable_ = false;
    // What is complete is served first: then the parser never has to move much to make room.
    if (hungry_ || blocked_ || paused()) {
      Read();
    } else {
      readable_ = true;
    }
  }
  // A command that asks sees itself among what is buffered.
  NoteBuffered();
  RunCommands();
  NoteBuffered();
}

bool Connection::Handshake() {
  Error error;
  switch (wire::TlsHandshake(ssl_, &error)) {
    case wire::TlsStep::kDone:
      handshake_ = false;
      WantWrite(false);
      readable_ = true;
      return true;
    case wire::TlsStep::kWantRead:
      WantWrite(false);
      return false;
    case wire::TlsStep::kWantWrite:
      WantWrite(true);
      return false;
    case wire::TlsStep::kFailed:
      host_.Log(LogLevel::kVerbose, "Error accepting a client connection: " + std::string(error.message()));
      [[fallthrough]];
    case wire::TlsStep::kClosed:
      Doom();
      return false;
  }
  return false;
}

ssize_t Connection::ReadSome(char* to, size_t size) {
  if (ssl_ == nullptr) {
    wire::Failure failure;
    return wire::TryRead(fd_, to, size, &failure);
  }
  Error error;
  size_t moved = 0;
  switch (wire::TlsRead(ssl_, to, size, &moved, &error)) {
    case wire::TlsStep::kDone:
      return static_cast<ssize_t>(moved);
    case wire::TlsStep::kWantRead:
      return 0;
    case wire::TlsStep::kWantWrite:  // only a renegotiation would, which we don't allow
      return 0;
    case wire::TlsStep::kClosed:
    case wire::TlsStep::kFailed:
      return -1;
  }
  return -1;
}

void Connection::Read() {
  std::vector<char>& scratch = host_.scratch();
  const size_t bound = parser_.pending_bytes() > kReadBytes ? kReadBytesOfLarge : kReadBytes;
  size_t total = 0;
  while (total < bound) {
    const ssize_t n = ReadSome(scratch.data(), scratch.size());
    if (n < 0 && total > 0) {
      // What came before the end is run first.
      readable_ = true;
      return host_.Enqueue(*this);
    }
    if (n < 0) {
      // What was asked is answered, as far as the other side takes it without waiting.
      Flush();
      return Doom();
    }
    if (n == 0) return;
    last_heard_ = host_.Now();
    host_.NoteTraffic(static_cast<size_t>(n), 0);
    parser_.Feed(Bytes(scratch.data(), static_cast<size_t>(n)));
    total += static_cast<size_t>(n);
    if (parser_.pending_bytes() > host_.limits().query_buffer) {
      host_.Log(LogLevel::kWarning, "Closing client that reached max query buffer length");
      return Doom();
    }
    // A socket that gave less than there was room for is empty.
    if (ssl_ == nullptr && static_cast<size_t>(n) < scratch.size()) return;
  }
  // TLS may hold bytes that the socket no longer shows; a plain socket is asked again by the loop.
  if (ssl_ != nullptr && wire::TlsPending(ssl_)) {
    readable_ = true;
    host_.Enqueue(*this);
  }
}

void Connection::RunCommands() {
  parser_.set_bulk_bytes(host_.limits().bulk_bytes);
  for (int i = 0; i < kCommands; ++i) {
    if (blocked_ || closing_ || doomed_) return;
    if (paused()) {
      hungry_ = false;
      return;
    }
    parser_.set_unauthenticated(!session_->impl().authenticated());
    switch (parser_.Next()) {
      case resp::RequestParser::State::kMore:
        hungry_ = true;
        // Bytes that were left unread while there were commands.
        if (readable_) host_.Enqueue(*this);
        return;
      case resp::RequestParser::State::kError:
        return Refuse(parser_.error());
      case resp::RequestParser::State::kCommand:
        RunCommand();
    }
  }
  hungry_ = false;
  host_.Enqueue(*this);
}

void Connection::NoteBuffered() {
  Buffered buffered;
  buffered.query = parser_.pending_bytes();
  // Of output only what the limits count: the rest would be in a buffer that every client of redis-server has.
  if (out_.bytes() > kUncounted) {
    buffered.replies = out_.chunks();
    buffered.reply_bytes = out_.bytes() - kUncounted;
  }
  session_->NoteBuffered(buffered);
}

void Connection::RunCommand() {
  if (IsHttp(parser_.args()[0].bytes)) {
    host_.Log(
        LogLevel::kWarning,
        "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This "
        "is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis "
        "instance. Connection aborted.");
    return Doom();
  }
  // What was said to this client before its command was run comes first.
  TakeMessages();
  done_.store(false, std::memory_order_relaxed);
  submitting_ = true;
  ticket_ = session_->Submit(parser_.args(), encoder_, [this] { OnDone(); });
  submitting_ = false;
  if (ticket_ != 0 && !done_.load(std::memory_order_acquire)) {
    blocked_ = true;
    return;
  }
  TakeReply();
  TakeMessages();
}

void Connection::TakeReply() {
  ticket_ = 0;
  if (encoder_.failed()) {
    host_.Log(LogLevel::kWarning, "Closing a client: no memory for its reply");
    return Doom();
  }
  out_.Take(reply_);
  if (session_->closing()) closing_ = true;
  CheckOutput();
}

void Connection::TakeMessages() {
  if (!rung_.exchange(false, std::memory_order_acquire)) return;
  if (session_->killed()) return Doom();
  const size_t taken = session_->Deliver(push_encoder_, kMessages);
  if (push_encoder_.failed()) return Doom();
  if (taken == kMessages) {
    rung_.store(true, std::memory_order_relaxed);
    host_.Enqueue(*this);
  }
  out_.Take(messages_);
  CheckOutput();
}

void Connection::Refuse(const Error& error) {
  host_.Log(LogLevel::kVerbose, "Protocol error (" + std::string(error.message()) + ") from client");
  encoder_.Error(error);
  closing_ = true;
  TakeReply();
}

const OutputLimit& Connection::output_limit() const {
  return session_->subscriptions() > 0 ? host_.limits().output.pubsub : host_.limits().output.normal;
}

bool Connection::paused() const { return out_.bytes() > kUnread && output_limit().hard == 0; }

void Connection::CheckOutput() {
  if (out_.empty()) return;
  host_.NoteOutput(*this);
  const OutputLimit& limit = output_limit();
  const size_t unread = out_.bytes() - std::min(out_.bytes(), kUncounted);
  if (output_watch_.IsOver(limit, unread, [this] { return host_.Now(); })) {
    host_.Log(LogLevel::kWarning, "Client id=" + std::to_string(session_->impl().id()) +
                                      " scheduled to be closed ASAP for overcoming of output buffer limits.");
    return Doom();
  }
  if (out_.bytes() > kSendEarly && !wants_write_) Flush();
}

void Connection::Flush() {
  if (doomed_ || handshake_ || (wants_write_ && !writable_)) return;
  writable_ = false;
  size_t total = 0;
  bool wants_read = false;
  while (!out_.empty() && total < kWriteBytes) {
    size_t moved = 0;
    bool lost = false;
    if (ssl_ == nullptr) {
      iovec pieces[kPieces];
      wire::Failure failure;
      const ssize_t n = wire::TryWriteMany(fd_, pieces, out_.Pieces(pieces, kPieces), &failure);
      lost = n < 0;
      moved = lost ? 0 : static_cast<size_t>(n);
    } else {
      Error error;
      const wire::TlsStep step = wire::TlsWrite(ssl_, out_.Front(), &moved, &error);
      lost = step == wire::TlsStep::kClosed || step == wire::TlsStep::kFailed;
      wants_read = step == wire::TlsStep::kWantRead;
    }
    if (lost) return Doom();
    if (moved == 0) break;
    out_.Sent(moved);
    total += moved;
    last_heard_ = host_.Now();
  }
  if (total > 0) host_.NoteTraffic(0, total);
  WantWrite(!out_.empty() && !wants_read);
  NoteBuffered();
  if (!out_.empty()) return;
  output_watch_ = {};
  if (closing_) return Doom();
  // Requests may have waited until the replies were read.
  if (!hungry_ && !blocked_) host_.Enqueue(*this);
}

void Connection::WantWrite(bool on) {
  if (on == wants_write_) return;
  wants_write_ = on;
  on ? event_add(&write_event_, nullptr) : event_del(&write_event_);
}

void Connection::CheckTime() {
  if (doomed_) return;
  CheckOutput();
  const int64_t idle = host_.limits().idle_seconds;
  if (idle == 0 || blocked_ || session_->subscriptions() > 0 || session_->impl().monitors()) return;
  if (host_.Now() - last_heard_ > idle * 1000) {
    host_.Log(LogLevel::kVerbose, "Closing idle client");
    Doom();
  }
}

}  // namespace dualis::listener
