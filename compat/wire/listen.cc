#include "compat/wire/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dualis::wire {
namespace {

using Kind = Failure::Kind;

int Fail(Kind kind, int code, Failure* failure) {
  *failure = Failure{kind, code};
  return -1;
}

int FailAndClose(int fd, Failure* failure) {
  const int code = errno;
  close(fd);
  return Fail(Kind::kSystem, code, failure);
}

int ListenTo(const sockaddr* address, socklen_t size, int family, int backlog, Failure* failure) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return Fail(Kind::kSystem, errno, failure);
  const int on = 1;
  // An IPv6 socket that took IPv4 as well would collide with the IPv4 address bound beside it.
  if (family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0) {
    return FailAndClose(fd, failure);
  }
  if (family != AF_UNIX && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
    return FailAndClose(fd, failure);
  }
  if (bind(fd, address, size) != 0 || listen(fd, backlog) != 0) return FailAndClose(fd, failure);
  return fd;
}

Endpoint Name(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = {};
  Endpoint endpoint;
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    inet_ntop(AF_INET, &address.sin_addr, text, sizeof(text));
    endpoint.text = std::string(text) + ":" + std::to_string(ntohs(address.sin_port));
    endpoint.loopback = (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  } else if (storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof(text));
    endpoint.text = "[" + std::string(text) + "]:" + std::to_string(ntohs(address.sin6_port));
    endpoint.loopback = IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
  } else {
    endpoint.loopback = storage.ss_family == AF_UNIX;
  }
  return endpoint;
}

}  // namespace

int ListenTcp(const std::string& address, int port, int backlog, Failure* failure) {
  const bool any4 = address == "*";
  const bool any6 = address == "::*";
  addrinfo hints{};
  hints.ai_family = any4 ? AF_INET : any6 ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(port);
  const int code = getaddrinfo(any4 || any6 ? nullptr : address.c_str(), service.c_str(), &hints, &list);
  if (code != 0) return Fail(Kind::kLookup, code, failure);
  int fd = -1;
  for (const addrinfo* a = list; a != nullptr && fd < 0; a = a->ai_next) {
    fd = ListenTo(a->ai_addr, a->ai_addrlen, a->ai_family, backlog, failure);
  }
  freeaddrinfo(list);
  if (fd >= 0) *failure = Failure();
  return fd;
}

int ListenUnix(const std::string& path, unsigned permissions, int backlog, Failure* failure) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return Fail(Kind::kSystem, ENAMETOOLONG, failure);
  std::memcpy(address.sun_path, path.data(), path.size());
  unlink(path.c_str());
  const int fd = ListenTo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), AF_UNIX, backlog, failure);
  if (fd >= 0 && permissions != 0 && chmod(path.c_str(), permissions) != 0) return FailAndClose(fd, failure);
  return fd;
}

int Accept(int fd, Failure* failure) {
  while (true) {
    const int accepted = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) return accepted;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return -1;
    // The peer went away while it waited: the next one may be there.
    if (errno != EINTR && errno != ECONNABORTED) return Fail(Kind::kSystem, errno, failure);
  }
}

int LocalPort(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port);
  return 0;
}

Endpoint PeerOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return Name(storage);
}

Endpoint LocalOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return Name(storage);
}

ssize_t TryWriteMany(int fd, const iovec* pieces, int count, Failure* failure) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<size_t>(count);
  while (true) {
    const ssize_t n = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return Fail(Kind::kSystem, errno, failure);
  }
}

}  // namespace dualis::wire
