#include "compat/wire/connection.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "compat/wire/fork.h"

namespace dualis::wire {
namespace {

constexpr size_t kReadBytes = 16 * 1024;
// Buffers that a large value made larger than this are given back when they are empty.
constexpr size_t kKeepBytes = 1024 * 1024;

// Remembers an error reply and drops every other.
class RefusalSink final : public ReplySink {
 public:
  void Null() override {}
  void Int(int64_t) override {}
  void Double(double) override {}
  void Bulk(Bytes) override {}
  void Simple(Bytes) override {}
  void Error(const dualis::Error& error) override {
    if (depth_ == 0) error_ = error;
  }
  void Begin(Shape, size_t) override { ++depth_; }
  void End() override { --depth_; }
  const dualis::Error& error() const { return error_; }

 private:
  int depth_ = 0;
  dualis::Error error_;
};

void AppendHeader(char type, size_t number, std::string* out) {
  char text[24];
  text[0] = type;
  char* end = std::to_chars(text + 1, text + sizeof(text) - 2, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out->append(text, static_cast<size_t>(end - text));
}

Error FailureError(const Failure& failure, Bytes doing) {
  char buffer[kFailureTextBytes];
  const ErrorCode code = failure.kind == Failure::Kind::kTimeout  ? ErrorCode::kTimeout
                         : failure.kind == Failure::Kind::kClosed ? ErrorCode::kClosed
                                                                  : ErrorCode::kIo;
  return Error(code, std::string("ERR ").append(doing).append(": ").append(FailureText(failure, buffer)));
}

std::string NameOf(const ConnectionOptions& options) {
  return options.unix_path.empty() ? options.host + ":" + std::to_string(options.port) : options.unix_path;
}

}  // namespace

Connection::Connection(int fd, const ConnectionOptions& options)
    : fd_(fd), generation_(ForkGeneration()), decoder_(options.limits) {}

Connection::~Connection() { close(fd_); }

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options, Deadline deadline) {
  Failure failure;
  int fd;
  if (options.unix_path.empty()) {
    fd = ConnectTcp(options.host.c_str(), options.port, options.tcp, deadline, &failure);
  } else {
    fd = ConnectUnix(options.unix_path, true, deadline, &failure);
  }
  if (fd < 0) return FailureError(failure, "cannot connect to " + NameOf(options));
  if (options.unix_path.empty()) {
    SetNoDelay(fd, true);
    if (options.keepalive_s > 0) SetKeepAlive(fd, options.keepalive_s);
  }
  return Adopt(fd, options, deadline);
}

Result<std::unique_ptr<Connection>> Connection::Adopt(int fd, const ConnectionOptions& options, Deadline deadline) {
  std::unique_ptr<Connection> connection(new Connection(fd, options));
  SetNonBlocking(fd, true);
  if (Error error = connection->Handshake(options, deadline)) return error;
  return connection;
}

Error Connection::Ask(Args argv, Deadline deadline) {
  Send(argv);
  RefusalSink sink;
  if (Error error = Receive(sink, deadline)) return error;
  return sink.error();
}

Error Connection::Handshake(const ConnectionOptions& options, Deadline deadline) {
  const Bytes user = options.user.empty() ? Bytes("default") : Bytes(options.user);
  bool named = options.client_name.empty();
  bool authenticated = options.password.empty();
  if (options.protocol >= 3) {
    std::vector<Arg> hello = {"HELLO", "3"};
    if (!authenticated) hello.insert(hello.end(), {"AUTH", user, options.password});
    if (!named) hello.insert(hello.end(), {"SETNAME", options.client_name});
    const Error refusal = Ask(hello, deadline);
    if (broken_) return refusal;
    if (!refusal) {
      protocol_ = 3;
      named = authenticated = true;
    } else if (!(refusal.code() == ErrorCode::kNoProto || refusal.message().starts_with("ERR unknown command"))) {
      return refusal;
    }
  }
  if (!authenticated) {
    // The form with a user is unknown before Redis 6.
    const Error refusal = options.user.empty()
                              ? Ask(std::vector<Arg>{"AUTH", options.password}, deadline)
                              : Ask(std::vector<Arg>{"AUTH", options.user, options.password}, deadline);
    if (refusal) return refusal;
  }
  if (!named) {
    if (Error refusal = Ask(std::vector<Arg>{"CLIENT", "SETNAME", options.client_name}, deadline)) return refusal;
  }
  if (options.db != 0) {
    if (Error refusal = Ask(std::vector<Arg>{"SELECT", options.db}, deadline)) return refusal;
  }
  return Error();
}

void Connection::Send(Args argv) {
  const size_t before = out_.size();
  try {
    AppendHeader('*', argv.size(), &out_);
    char buffer[Arg::kTextBytes];
    for (const Arg& arg : argv) {
      const Bytes text = arg.Text(buffer);
      AppendHeader('$', text.size(), &out_);
      out_.append(text);
      out_.append("\r\n", 2);
    }
  } catch (...) {
    out_.resize(before);
    throw;
  }
  ++pending_;
}

void Connection::SendEncoded(Bytes resp, size_t replies) {
  out_.append(resp);
  pending_ += replies;
}

bool Connection::broken() const { return broken_ || generation_ != ForkGeneration(); }

bool Connection::Idle() const {
  if (broken() || pending_ > 0 || !out_.empty() || in_begin_ != in_end_ || !decoder_.idle()) return false;
  // Readable now means that the server has closed it, or that it sends what nobody asked for.
  pollfd p{fd_, POLLIN, 0};
  return poll(&p, 1, 0) == 0;
}

Error Connection::Break(ErrorCode code, Bytes what) {
  broken_ = true;
  return Error(code, what);
}

Error Connection::Break(const Failure& failure, Bytes doing) {
  broken_ = true;
  return FailureError(failure, doing);
}

void Connection::MakeRoom(size_t size) {
  if (in_begin_ == in_end_) {
    in_begin_ = in_end_ = 0;
    if (in_size_ > kKeepBytes && size <= kReadBytes) {
      in_.reset();
      in_size_ = 0;
    }
  }
  if (in_size_ - in_end_ >= size) return;
  const size_t held = in_end_ - in_begin_;
  if (in_size_ - held >= size && in_begin_ >= in_size_ / 2) {
    std::memmove(in_.get(), in_.get() + in_begin_, held);
  } else {
    const size_t larger = std::max({held + size, in_size_ * 2, kReadBytes});
    std::unique_ptr<char[]> fresh(new char[larger]);
    if (held > 0) std::memcpy(fresh.get(), in_.get() + in_begin_, held);
    in_ = std::move(fresh);
    in_size_ = larger;
  }
  in_begin_ = 0;
  in_end_ = held;
}

Error Connection::Flush(Deadline deadline) {
  if (broken()) return Break(ErrorCode::kClosed, "ERR the connection is broken");
  Bytes left = out_;
  Failure failure;
  while (!left.empty()) {
    const ssize_t n = TryWrite(fd_, left, &failure);
    if (n < 0) return Break(failure, "write failed");
    left.remove_prefix(static_cast<size_t>(n));
    if (n > 0) continue;
    // A server that answers faster than we read stops reading: take what it sent, or both would wait for ever.
    const short ready = WaitFor(fd_, POLLIN | POLLOUT, deadline, &failure);
    if (ready == 0) return Break(failure, "write failed");
    if ((ready & POLLIN) == 0) continue;
    try {
      MakeRoom(kReadBytes);
    } catch (...) {
      return Break(ErrorCode::kOom, "OOM no memory for a reply");
    }
    const ssize_t got = TryRead(fd_, in_.get() + in_end_, in_size_ - in_end_, &failure);
    if (got < 0) return Break(failure, "read failed");
    in_end_ += static_cast<size_t>(got);
  }
  out_.clear();
  if (out_.capacity() > kKeepBytes) out_.shrink_to_fit();
  return Error();
}

Error Connection::Receive(ReplySink& sink, Deadline deadline) { return Take(sink, push_, false, deadline); }

Error Connection::ReceiveAny(ReplySink& sink, Deadline deadline) { return Take(sink, &sink, true, deadline); }

Error Connection::Take(ReplySink& sink, ReplySink* push, bool any, Deadline deadline) {
  if (Error error = Flush(deadline)) return error;
  using State = resp::ReplyDecoder::State;
  while (true) {
    size_t used = 0;
    const State state = decoder_.Decode(unread(), &used, &sink, push);
    in_begin_ += used;
    if (state == State::kReply) {
      if (pending_ > 0) --pending_;
      return Error();
    }
    if (state == State::kPush) {
      if (any) return Error();
      continue;
    }
    if (state == State::kError) {
      broken_ = true;
      return decoder_.error();
    }
    try {
      const size_t held = in_end_ - in_begin_;
      MakeRoom(std::max(kReadBytes, decoder_.wanted() - held));
    } catch (...) {
      return Break(ErrorCode::kOom, "OOM no memory for a reply");
    }
    Failure failure;
    const ssize_t n = ReadSome(fd_, in_.get() + in_end_, in_size_ - in_end_, deadline, &failure);
    if (n < 0) {
      // Nothing of a message had been handed on: it can still be taken whole later.
      const bool whole = any && failure.kind == Failure::Kind::kTimeout && decoder_.idle();
      return whole ? FailureError(failure, "no message") : Break(failure, "read failed");
    }
    in_end_ += static_cast<size_t>(n);
  }
}

}  // namespace dualis::wire
