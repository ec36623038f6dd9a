// Connection: one connection to a Redis server, for C++. Owns the socket and its buffers.
//
//   Result<std::unique_ptr<Connection>> c = Connection::Open(options, In(2s));
//   (*c)->Send(argv);                              // as many as you like: nothing is sent yet
//   Error e = (*c)->Receive(sink, In(500ms));      // sends what waits, then takes the replies in order
//
// An Error is the transport's (kIo, kTimeout, kClosed, kProtocol); a server's error reply is an event in the sink.
// After any of them the connection is broken, because what was sent and received is no longer known: only destroying it
// is left. A connection is used by one thread at a time.
#ifndef DUALIS_COMPAT_WIRE_CONNECTION_H_
#define DUALIS_COMPAT_WIRE_CONNECTION_H_

#include <chrono>
#include <memory>
#include <string>

#include "compat/wire/socket.h"
#include "dualis/args.h"
#include "dualis/reply.h"
#include "dualis/result.h"
#include "engine/resp/decoder.h"

namespace dualis::wire {

struct ConnectionOptions {
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string unix_path;  // not empty: instead of host and port
  std::string user;       // empty: the default user
  std::string password;   // empty: no authentication
  int db = 0;
  std::string client_name;
  int protocol = 3;     // at most; a server older than Redis 6 makes it 2
  int keepalive_s = 0;  // 0: off
  TcpOptions tcp;
  resp::ReplyDecoder::Limits limits;
};

class Connection {
 public:
  // Connects and shakes hands: HELLO 3, or AUTH on servers that don't know it, SELECT, CLIENT SETNAME. A refusal of the
  // server (WRONGPASS, NOAUTH, no such database) is returned with its own code and text.
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options, Deadline deadline);
  // The same over a connected socket that the Connection takes over.
  static Result<std::unique_ptr<Connection>> Adopt(int fd, const ConnectionOptions& options, Deadline deadline);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues a command; one reply is owed for it. Numbers are sent with Arg's text. Throws std::bad_alloc, and then
  // nothing was queued.
  void Send(Args argv);
  // Queues commands that are encoded already, `replies` of them.
  void SendEncoded(Bytes resp, size_t replies);
  // Sends what is queued. Receive does it by itself.
  Error Flush(Deadline deadline);

  // Takes the next reply owed. Out-of-band messages that arrive before it go to the push sink.
  // Requires: pending() > 0.
  Error Receive(ReplySink& sink, Deadline deadline);
  // Takes the next thing that arrives, owed reply or out-of-band message, for a connection that is subscribed.
  // kTimeout leaves the connection whole if nothing of it had arrived.
  Error ReceiveAny(ReplySink& sink, Deadline deadline);

  // Where out-of-band messages go; null: they are dropped. Not owned.
  void set_push_sink(ReplySink* push) { push_ = push; }
  // Replies owed: commands sent or queued, less replies received.
  size_t pending() const { return pending_; }
  // 2 or 3.
  int protocol() const { return protocol_; }
  int fd() const { return fd_; }
  // True if nothing more can be done with it: after an error, and in a process forked after it was opened.
  bool broken() const;
  // True if it could serve somebody else now: whole, nothing owed, nothing unread, and the server has not closed it.
  bool Idle() const;

 private:
  Connection(int fd, const ConnectionOptions& options);
  Error Handshake(const ConnectionOptions& options, Deadline deadline);
  // Sends one command and gives the server's refusal or the transport's error.
  Error Ask(Args argv, Deadline deadline);
  Error Break(ErrorCode code, Bytes what);
  Error Break(const Failure& failure, Bytes doing);
  Error Take(ReplySink& sink, ReplySink* push, bool any, Deadline deadline);
  // Room for at least `size` more bytes at the end of the input.
  void MakeRoom(size_t size);
  Bytes unread() const { return Bytes(in_.get() + in_begin_, in_end_ - in_begin_); }

  const int fd_;
  const uint64_t generation_;
  int protocol_ = 2;
  bool broken_ = false;
  size_t pending_ = 0;
  ReplySink* push_ = nullptr;
  std::string out_;
  // Input: [in_begin_, in_end_) of in_ is unread.
  std::unique_ptr<char[]> in_;
  size_t in_size_ = 0;
  size_t in_begin_ = 0;
  size_t in_end_ = 0;
  resp::ReplyDecoder decoder_;
};

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_CONNECTION_H_
