// How contexts come to their transport: a socket, or the link to an engine in this process.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <new>

#include "compat/hiredis/context.h"

namespace dualis::hiredis {
namespace {

// The transport of embedded contexts.

// For the functions of the table below, which a table of the program may call, too.
EngineLink* Transport(redisContext* c) { return static_cast<EngineLink*>(c->privctx); }

void EngineClose(redisContext* c) noexcept { redisNetClose(c); }

void EngineFree(void* link) noexcept { delete static_cast<EngineLink*>(link); }

ssize_t EngineRead(redisContext* c, char* to, size_t size) noexcept {
  ssize_t n = -1;
  const int ok = Guarded(c, [&] {
    EngineLink* link = Transport(c);
    const wire::Deadline deadline = CommandDeadline(c);
    while ((n = link->Read(to, size)) == 0 && (c->flags & REDIS_BLOCK) != 0) {
      if (link->Wait(deadline)) continue;
      errno = EAGAIN;
      __redisSetError(c, REDIS_ERR_IO, nullptr);
      return REDIS_ERR;
    }
    if (n < 0) SetError(c, REDIS_ERR_EOF, "Server closed the connection");
    // As a socket has it: programs with a loop of their own look at errno to know that they must wait.
    if (n == 0) errno = EAGAIN;
    return n < 0 ? REDIS_ERR : REDIS_OK;
  });
  return ok == REDIS_OK ? n : -1;
}

ssize_t EngineWrite(redisContext* c) noexcept {
  const size_t size = sdslen(c->obuf);
  const int ok = Guarded(c, [&] {
    Transport(c)->Write(Bytes(c->obuf, size));
    return REDIS_OK;
  });
  return ok == REDIS_OK ? static_cast<ssize_t>(size) : -1;
}

const redisContextFuncs kEngineFuncs = {EngineClose,     EngineFree, redisAsyncRead,
                                        redisAsyncWrite, EngineRead, EngineWrite};

void SetFailure(redisContext* c, const wire::Failure& failure) {
  char buffer[wire::kFailureTextBytes];
  const int type = failure.kind == wire::Failure::Kind::kLookup ? REDIS_ERR_OTHER : REDIS_ERR_IO;
  if (failure.kind == wire::Failure::Kind::kTimeout) errno = ETIMEDOUT;
  SetError(c, type, FailureText(failure, buffer));
}

// False with the error set if the program's timeout is none.
bool ConnectDeadline(redisContext* c, wire::Deadline* deadline) {
  *deadline = wire::kNoDeadline;
  const timeval* t = c->connect_timeout;
  if (t == nullptr) return true;
  if (t->tv_usec > 1000000 || t->tv_sec > (LONG_MAX - 999) / 1000) {
    SetError(c, REDIS_ERR_IO, "Invalid timeout specified");
    return false;
  }
  const int64_t ms = int64_t{t->tv_sec} * 1000 + (t->tv_usec + 999) / 1000;
  *deadline = wire::In(std::chrono::milliseconds(ms));
  return true;
}

// Replaces a string of the context. False with the error set if memory is short.
bool SetString(redisContext* c, char** field, const char* value) {
  if (*field == value) return true;
  char* copy = value == nullptr ? nullptr : hi_strdup(value);
  if (value != nullptr && copy == nullptr) {
    SetOom(c);
    return false;
  }
  hi_free(*field);
  *field = copy;
  return true;
}

// 1: the endpoint is an engine, and c is connected to it. 0: it is none. REDIS_ERR with the error set.
int TryEngine(redisContext* c, const char* endpoint, int port, std::shared_ptr<Engine> own) {
  int result = 0;
  const int ok = Guarded(c, [&] {
    auto route = FindRoute(endpoint, port);
    if (!route) {
      SetError(c, REDIS_ERR_OTHER, route.error().message());
      return REDIS_ERR;
    }
    if (!route->has_value()) return REDIS_OK;
    const auto descriptor =
        (c->flags & kAsynchronous) != 0 ? EngineLink::Descriptor::kCounter : EngineLink::Descriptor::kPair;
    auto link = std::make_unique<EngineLink>(**route, descriptor, std::move(own));
    c->fd = link->fd();
    // A program's own table around ours stays.
    if (c->funcs->free_privctx != EngineFree) c->funcs = &kEngineFuncs;
    if (const int db = (**route).target.db; db != 0) {
      const std::string refusal = link->Select(db);
      if (!refusal.empty()) SetError(c, REDIS_ERR_OTHER, refusal);
    }
    c->privctx = link.release();
    result = 1;
    return c->err == 0 ? REDIS_OK : REDIS_ERR;
  });
  return ok == REDIS_OK ? result : REDIS_ERR;
}

// What a fresh socket gets. REDIS_ERR with the error set.
int Dress(redisContext* c, int fd) {
  c->fd = fd;
  const bool blocking = (c->flags & REDIS_BLOCK) != 0;
  // Upstream's sockets survive exec unless the program says otherwise.
  if ((c->flags & kCloseOnExec) == 0) fcntl(fd, F_SETFD, 0);
  if (blocking && !wire::SetNonBlocking(fd, false)) {
    __redisSetError(c, REDIS_ERR_IO, nullptr);
    return REDIS_ERR;
  }
  c->flags |= REDIS_CONNECTED;
  return REDIS_OK;
}

}  // namespace

EngineLink* LinkOf(const redisContext* c) {
  return c->funcs != nullptr && c->funcs->free_privctx == EngineFree ? static_cast<EngineLink*>(c->privctx) : nullptr;
}

bool HasOurTable(const redisContext* c) { return c->funcs == &kEngineFuncs; }

wire::Deadline CommandDeadline(const redisContext* c) {
  const timeval* t = c->command_timeout;
  if (t == nullptr || (t->tv_sec == 0 && t->tv_usec == 0)) return wire::kNoDeadline;
  return wire::In(std::chrono::milliseconds(int64_t{t->tv_sec} * 1000 + (t->tv_usec + 999) / 1000));
}

int ConnectTcp(redisContext* c, const char* host, int port, const char* source_address, std::shared_ptr<Engine> own) {
  c->connection_type = REDIS_CONN_TCP;
  c->tcp.port = port;
  if (!SetString(c, &c->tcp.host, host) || !SetString(c, &c->tcp.source_addr, source_address)) return REDIS_ERR;
  wire::Deadline deadline;
  if (!ConnectDeadline(c, &deadline)) return REDIS_ERR;
  const int embedded = TryEngine(c, host, port, std::move(own));
  if (embedded != 0) {
    if (embedded == 1) c->flags |= REDIS_CONNECTED;
    return embedded == 1 ? REDIS_OK : REDIS_ERR;
  }
  wire::TcpOptions options;
  const bool v4 = (c->flags & REDIS_PREFER_IPV4) != 0, v6 = (c->flags & REDIS_PREFER_IPV6) != 0;
  options.family = v4 && v6 ? wire::TcpOptions::Family::kAny
                   : v6     ? wire::TcpOptions::Family::kIpv6First
                            : wire::TcpOptions::Family::kIpv4First;
  options.source_address = source_address;
  options.reuse_address = (c->flags & REDIS_REUSEADDR) != 0;
  options.wait = (c->flags & REDIS_BLOCK) != 0;
  options.every_address = false;
  wire::Failure failure;
  const int fd = wire::ConnectTcp(host, port, options, deadline, &failure);
  if (fd < 0) {
    SetFailure(c, failure);
    return REDIS_ERR;
  }
  wire::SetNoDelay(fd, true);
  return Dress(c, fd);
}

int ConnectUnix(redisContext* c, const char* path, std::shared_ptr<Engine> own) {
  c->connection_type = REDIS_CONN_UNIX;
  if (!SetString(c, &c->unix_sock.path, path)) return REDIS_ERR;
  wire::Deadline deadline;
  if (!ConnectDeadline(c, &deadline)) return REDIS_ERR;
  const int embedded = TryEngine(c, path, -1, std::move(own));
  if (embedded != 0) {
    if (embedded == 1) c->flags |= REDIS_CONNECTED;
    return embedded == 1 ? REDIS_OK : REDIS_ERR;
  }
  wire::Failure failure;
  const int fd = wire::ConnectUnix(path, (c->flags & REDIS_BLOCK) != 0, deadline, &failure);
  if (fd < 0) {
    SetFailure(c, failure);
    return REDIS_ERR;
  }
  return Dress(c, fd);
}

}  // namespace dualis::hiredis

using dualis::hiredis::LinkOf;
using dualis::hiredis::SetError;

extern "C" {

void redisNetClose(redisContext* c) noexcept {
  if (c == nullptr || c->fd == REDIS_INVALID_FD) return;
  close(c->fd);
  c->fd = REDIS_INVALID_FD;
}

ssize_t redisNetRead(redisContext* c, char* buf, size_t bufcap) noexcept {
  const ssize_t n = recv(c->fd, buf, bufcap, 0);
  if (n > 0) return n;
  if (n == 0) {
    SetError(c, REDIS_ERR_EOF, "Server closed the connection");
    return -1;
  }
  const bool again = errno == EAGAIN || errno == EWOULDBLOCK;
  if ((again && (c->flags & REDIS_BLOCK) == 0) || errno == EINTR) return 0;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  return -1;
}

ssize_t redisNetWrite(redisContext* c) noexcept {
  // A peer that is gone is an error of this context, not a signal for the process.
  const ssize_t n = send(c->fd, c->obuf, sdslen(c->obuf), MSG_NOSIGNAL);
  if (n >= 0) return n;
  const bool again = errno == EAGAIN || errno == EWOULDBLOCK;
  if ((again && (c->flags & REDIS_BLOCK) == 0) || errno == EINTR) return 0;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  return -1;
}

int redisSetTcpNoDelay(redisContext* c) noexcept {
  if (LinkOf(c) != nullptr || dualis::wire::SetNoDelay(c->fd, true)) return REDIS_OK;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  redisNetClose(c);
  return REDIS_ERR;
}

int redisKeepAlive(redisContext* c, int interval) noexcept {
  if (LinkOf(c) != nullptr || dualis::wire::SetKeepAlive(c->fd, interval)) return REDIS_OK;
  __redisSetError(c, REDIS_ERR_OTHER, nullptr);
  return REDIS_ERR;
}

int redisEnableKeepAliveWithInterval(redisContext* c, int interval) noexcept {
  if (LinkOf(c) == nullptr && c->connection_type == REDIS_CONN_UNIX) return REDIS_ERR;
  return redisKeepAlive(c, interval);
}

int redisEnableKeepAlive(redisContext* c) noexcept {
  return redisEnableKeepAliveWithInterval(c, REDIS_KEEPALIVE_INTERVAL);
}

int redisSetTcpUserTimeout(redisContext* c, unsigned int timeout) noexcept {
  if (LinkOf(c) != nullptr) return REDIS_OK;
  if (c->connection_type == REDIS_CONN_UNIX) return REDIS_ERR;
  if (dualis::wire::SetUserTimeout(c->fd, timeout)) return REDIS_OK;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  redisNetClose(c);
  return REDIS_ERR;
}

int dualisHiredisAdopt(redisContext* c, void* object, void (*free_object)(void*)) noexcept {
  dualis::hiredis::EngineLink* link = LinkOf(c);
  if (link != nullptr && object != nullptr) link->Adopt(object, free_object);
  return link != nullptr;
}

int dualisHiredisIsEmbedded(const redisContext* c) noexcept { return LinkOf(c) != nullptr; }

}  // extern "C"
