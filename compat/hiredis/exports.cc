// Functions that upstream's library exports without a header. Programs that vendor its private net.h find them here.
#include <sys/socket.h>

#include <cerrno>

#include "compat/hiredis/context.h"

using dualis::hiredis::LinkOf;
using dualis::hiredis::SetTimeoutField;

int redisCheckSocketError(redisContext* c) noexcept {
  if (LinkOf(c) != nullptr) return REDIS_OK;
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return REDIS_OK;
  errno = error;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  return REDIS_ERR;
}

int redisCheckConnectDone(redisContext* c, int* completed) noexcept {
  *completed = 1;
  if (LinkOf(c) != nullptr) return REDIS_OK;
  dualis::wire::Failure failure;
  if (dualis::wire::FinishConnect(c->fd, std::chrono::steady_clock::now(), &failure)) return REDIS_OK;
  *completed = 0;
  if (failure.kind == dualis::wire::Failure::Kind::kTimeout) return REDIS_OK;
  errno = failure.code;
  return REDIS_ERR;
}

int redisContextUpdateConnectTimeout(redisContext* c, const struct timeval* timeout) noexcept {
  return timeout == nullptr || SetTimeoutField(&c->connect_timeout, timeout) ? REDIS_OK : REDIS_ERR;
}

int redisContextUpdateCommandTimeout(redisContext* c, const struct timeval* timeout) noexcept {
  return timeout == nullptr || SetTimeoutField(&c->command_timeout, timeout) ? REDIS_OK : REDIS_ERR;
}

int redisContextConnectBindTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout,
                               const char* source_addr) noexcept {
  if (redisContextUpdateConnectTimeout(c, timeout) != REDIS_OK) return REDIS_ERR;
  return dualis::hiredis::ConnectTcp(c, addr, port, source_addr);
}

int redisContextConnectTcp(redisContext* c, const char* addr, int port, const struct timeval* timeout) noexcept {
  return redisContextConnectBindTcp(c, addr, port, timeout, nullptr);
}

int redisContextConnectUnix(redisContext* c, const char* path, const struct timeval* timeout) noexcept {
  if (redisContextUpdateConnectTimeout(c, timeout) != REDIS_OK) return REDIS_ERR;
  return dualis::hiredis::ConnectUnix(c, path);
}

int redisContextSetTimeout(redisContext* c, const struct timeval tv) noexcept {
  if (LinkOf(c) != nullptr || dualis::wire::SetBlockingTimeout(c->fd, tv)) return REDIS_OK;
  __redisSetError(c, REDIS_ERR_IO, nullptr);
  return REDIS_ERR;
}

int redisContextSetTcpUserTimeout(redisContext* c, unsigned int timeout) noexcept {
  return redisSetTcpUserTimeout(c, timeout);
}
