#include "compat/wire/socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace dualis::wire {
namespace {

using Kind = Failure::Kind;

// Milliseconds for poll(), rounded up so that we never wake just before the deadline and spin.
int PollTimeout(Deadline deadline) {
  if (deadline == kNoDeadline) return -1;
  const auto left = deadline - std::chrono::steady_clock::now();
  if (left <= left.zero()) return 0;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::min<int64_t>(ms, INT32_MAX));
}

int Fail(Kind kind, int code, Failure* failure) {
  *failure = Failure{kind, code};
  return -1;
}

// Closes without losing errno's news.
int FailAndClose(int fd, Kind kind, int code, Failure* failure) {
  close(fd);
  return Fail(kind, code, failure);
}

// Binds to the first address of `source` that lets us.
bool Bind(int fd, int family, const char* source, bool reuse, Failure* failure) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int code = getaddrinfo(source, nullptr, &hints, &list); code != 0) {
    Fail(Kind::kLookup, code, failure);
    return false;
  }
  const int on = 1;
  bool bound = false;
  if (!reuse || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0) {
    for (const addrinfo* a = list; a != nullptr && !bound; a = a->ai_next) {
      bound = bind(fd, a->ai_addr, a->ai_addrlen) == 0;
    }
  }
  if (!bound) Fail(Kind::kSystem, errno, failure);
  freeaddrinfo(list);
  return bound;
}

// Starts, and if asked finishes, a connection to one address.
int ConnectTo(const sockaddr* address, socklen_t size, int family, const TcpOptions& options, Deadline deadline,
              Failure* failure) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Fail(Kind::kSystem, errno, failure);
  if (options.source_address != nullptr && !Bind(fd, family, options.source_address, options.reuse_address, failure)) {
    close(fd);
    return -1;
  }
  int done;
  do {
    done = connect(fd, address, size);
  } while (done < 0 && errno == EINTR);
  // EAGAIN: a Unix socket whose queue is full; there is nothing to poll for.
  if (done < 0 && errno != EINPROGRESS) return FailAndClose(fd, Kind::kSystem, errno, failure);
  if (done < 0 && options.wait && !FinishConnect(fd, deadline, failure)) {
    close(fd);
    return -1;
  }
  return fd;
}

int Lookup(const char* host, const char* port, int family, addrinfo** list) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  return getaddrinfo(host, port, &hints, list);
}

}  // namespace

Deadline In(std::chrono::milliseconds timeout) {
  constexpr std::chrono::hours kForever{24 * 365};
  if (timeout < timeout.zero() || timeout > kForever) return kNoDeadline;
  return std::chrono::steady_clock::now() + timeout;
}

Bytes FailureText(const Failure& failure, char (&buffer)[kFailureTextBytes]) {
  switch (failure.kind) {
    case Kind::kNone:
      return "";
    case Kind::kLookup:
      if (failure.code != EAI_SYSTEM) return gai_strerror(failure.code);
      return "Name lookup failed";
    case Kind::kSystem:
      return strerror_r(failure.code, buffer, sizeof(buffer));
    case Kind::kTimeout:
      return "Connection timed out";
    case Kind::kClosed:
      return "Server closed the connection";
  }
  return "";
}

short WaitFor(int fd, short events, Deadline deadline, Failure* failure) {
  while (true) {
    pollfd p{fd, events, 0};
    const int n = poll(&p, 1, PollTimeout(deadline));
    // POLLERR and POLLHUP count as ready: the call that follows learns the reason.
    if (n > 0) return p.revents;
    if (n == 0) {
      Fail(Kind::kTimeout, ETIMEDOUT, failure);
      return 0;
    }
    if (errno != EINTR) {
      Fail(Kind::kSystem, errno, failure);
      return 0;
    }
  }
}

bool FinishConnect(int fd, Deadline deadline, Failure* failure) {
  if (WaitFor(fd, POLLOUT, deadline, failure) == 0) return false;
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return true;
  Fail(Kind::kSystem, error, failure);
  return false;
}

int ConnectTcp(const char* host, int port, const TcpOptions& options, Deadline deadline, Failure* failure) {
  char service[16] = {};
  std::to_chars(service, service + sizeof(service) - 1, port);
  const bool any = options.family == TcpOptions::Family::kAny;
  const int first = any ? AF_UNSPEC : options.family == TcpOptions::Family::kIpv6First ? AF_INET6 : AF_INET;
  addrinfo* list = nullptr;
  int code = Lookup(host, service, first, &list);
  if (code != 0 && !any) code = Lookup(host, service, first == AF_INET ? AF_INET6 : AF_INET, &list);
  if (code != 0) return Fail(Kind::kLookup, code, failure);
  int fd = -1;
  Fail(Kind::kSystem, EHOSTUNREACH, failure);
  for (const addrinfo* a = list; a != nullptr && fd < 0; a = a->ai_next) {
    fd = ConnectTo(a->ai_addr, a->ai_addrlen, a->ai_family, options, deadline, failure);
    if (fd < 0 && failure->kind == Kind::kTimeout) break;
    if (fd < 0 && !options.every_address && failure->code != EHOSTUNREACH) break;
  }
  freeaddrinfo(list);
  if (fd >= 0) *failure = Failure();
  return fd;
}

int ConnectUnix(Bytes path, bool wait, Deadline deadline, Failure* failure) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return Fail(Kind::kSystem, ENAMETOOLONG, failure);
  std::memcpy(address.sun_path, path.data(), path.size());
  TcpOptions options;
  options.wait = wait;
  return ConnectTo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), AF_UNIX, options, deadline, failure);
}

bool SetNonBlocking(int fd, bool on) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) == 0;
}

bool SetNoDelay(int fd, bool on) {
  const int value = on;
  return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)) == 0;
}

bool SetKeepAlive(int fd, int interval_s) {
  const int on = 1;
  const int between = std::max(interval_s / 3, 1);
  const int probes = 3;
  return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) == 0 &&
         setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &interval_s, sizeof(interval_s)) == 0 &&
         setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between)) == 0 &&
         setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes)) == 0;
}

bool SetUserTimeout(int fd, unsigned milliseconds) {
  return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof(milliseconds)) == 0;
}

bool SetBlockingTimeout(int fd, const timeval& timeout) {
  return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
         setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) == 0;
}

ssize_t TryRead(int fd, char* to, size_t size, Failure* failure) {
  while (true) {
    const ssize_t n = recv(fd, to, size, MSG_DONTWAIT);
    if (n > 0) return n;
    if (n == 0) return Fail(Kind::kClosed, 0, failure);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return Fail(Kind::kSystem, errno, failure);
  }
}

ssize_t TryWrite(int fd, Bytes bytes, Failure* failure) {
  while (true) {
    const ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return Fail(Kind::kSystem, errno, failure);
  }
}

ssize_t ReadSome(int fd, char* to, size_t size, Deadline deadline, Failure* failure) {
  while (true) {
    const ssize_t n = TryRead(fd, to, size, failure);
    if (n != 0) return n;
    if (WaitFor(fd, POLLIN, deadline, failure) == 0) return -1;
  }
}

bool WriteAll(int fd, Bytes bytes, Deadline deadline, Failure* failure) {
  while (!bytes.empty()) {
    const ssize_t n = TryWrite(fd, bytes, failure);
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
    if (n == 0 && WaitFor(fd, POLLOUT, deadline, failure) == 0) return false;
  }
  return true;
}

}  // namespace dualis::wire
