// What we know of sockets, as functions without buffers and without state: the C++ connection and the contexts of the
// hiredis ABI are built on them. No function allocates, raises SIGPIPE, or blocks beyond its deadline (but for name
// lookups, which getaddrinfo bounds by its own configuration). Interrupted calls are repeated.
#ifndef DUALIS_COMPAT_WIRE_SOCKET_H_
#define DUALIS_COMPAT_WIRE_SOCKET_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "dualis/bytes.h"

namespace dualis::wire {

using Deadline = std::chrono::steady_clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();
// Now plus `timeout`; kNoDeadline if that is negative or out of range.
Deadline In(std::chrono::milliseconds timeout);

// Why a call failed.
struct Failure {
  enum class Kind : uint8_t { kNone, kLookup, kSystem, kTimeout, kClosed };
  Kind kind = Kind::kNone;
  int code = 0;  // kLookup: of getaddrinfo; kSystem: errno

  explicit operator bool() const { return kind != Kind::kNone; }
};
// In words: "Connection refused", "Name or service not known", "Connection timed out". Borrowed from `buffer` or
// static.
inline constexpr size_t kFailureTextBytes = 128;
Bytes FailureText(const Failure& failure, char (&buffer)[kFailureTextBytes]);

struct TcpOptions {
  enum class Family : uint8_t { kIpv4First, kIpv6First, kAny };
  Family family = Family::kIpv4First;
  const char* source_address = nullptr;  // to bind to
  bool reuse_address = false;            // SO_REUSEADDR with a source address
  bool wait = true;                      // false: return while the connection is still being made
  bool every_address = true;             // false: only EHOSTUNREACH makes us try a name's next address (hiredis)
};

// Connect; the descriptor, or -1 with *failure set. It is close-on-exec and non-blocking. With `wait` off the
// connection may still be in progress: FinishConnect completes it.
int ConnectTcp(const char* host, int port, const TcpOptions& options, Deadline deadline, Failure* failure);
int ConnectUnix(Bytes path, bool wait, Deadline deadline, Failure* failure);
// Waits until a connection in progress stands.
bool FinishConnect(int fd, Deadline deadline, Failure* failure);

// Options. False with errno set on failure.
bool SetNonBlocking(int fd, bool on);
bool SetNoDelay(int fd, bool on);
// Probes after `interval_s` of silence, every third of it, three times.
bool SetKeepAlive(int fd, int interval_s);
bool SetUserTimeout(int fd, unsigned milliseconds);
// SO_RCVTIMEO and SO_SNDTIMEO, for descriptors that block.
bool SetBlockingTimeout(int fd, const timeval& timeout);

// Waits for POLLIN or POLLOUT bits; the bits that are ready, or 0 with *failure set.
short WaitFor(int fd, short events, Deadline deadline, Failure* failure);

// Reads what is there, at least one byte: the number of bytes, or -1 with *failure set (kClosed: the peer is done).
ssize_t ReadSome(int fd, char* to, size_t size, Deadline deadline, Failure* failure);
// Writes all. False with *failure set; then some of it may have been sent.
bool WriteAll(int fd, Bytes bytes, Deadline deadline, Failure* failure);
// One attempt that never waits: bytes moved, 0 if it would wait, -1 with *failure set.
ssize_t TryRead(int fd, char* to, size_t size, Failure* failure);
ssize_t TryWrite(int fd, Bytes bytes, Failure* failure);

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_SOCKET_H_
