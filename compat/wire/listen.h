// The server's side of sockets, as functions without buffers and without state, like those of socket.h: none raises
// SIGPIPE, none waits, descriptors are close-on-exec and non-blocking.
#ifndef DUALIS_COMPAT_WIRE_LISTEN_H_
#define DUALIS_COMPAT_WIRE_LISTEN_H_

#include <sys/uio.h>

#include <string>

#include "compat/wire/socket.h"

namespace dualis::wire {

// Listens on an address: a number or a name, "*" for every IPv4 address, "::*" for every IPv6 address. Port 0 lets the
// system choose: LocalPort tells. The descriptor, or -1 with *failure set.
int ListenTcp(const std::string& address, int port, int backlog, Failure* failure);
// Listens on a path. What is there already is replaced, as a server does that found its own socket of yesterday.
// `permissions` 0: as the process' umask has it.
int ListenUnix(const std::string& path, unsigned permissions, int backlog, Failure* failure);
// The next connection that waits; -1 with *failure unset if there is none.
int Accept(int fd, Failure* failure);

// The port that a socket is bound to; 0 if it has none.
int LocalPort(int fd);

// Where a connection comes from.
struct Endpoint {
  std::string text;       // "127.0.0.1:6379", "[::1]:6379"; empty for a Unix socket
  bool loopback = false;  // a loopback address, or a Unix socket
};
Endpoint PeerOf(int fd);
Endpoint LocalOf(int fd);

// TryWrite of several pieces in one call.
ssize_t TryWriteMany(int fd, const iovec* pieces, int count, Failure* failure);

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_LISTEN_H_
