// Connection: one connected client. It turns bytes into commands of its session and replies into bytes, in rounds of
// bounded work that the loop deals out.
//
//   socket --Read--> RequestParser --Run--> Session::Submit --reply_--> Outbound --Flush--> socket
//                                    messages: Session::Deliver ------>
//
// A command that waits fills reply_ on whatever thread completes it, so reply_ belongs to the command while one waits;
// everything else belongs to the loop. While a client has more unread replies than it should, its requests wait in the
// parser; they are still read from the socket, because a client may well send its whole pipeline before it reads.
#ifndef DUALIS_COMPAT_LISTENER_CONNECTION_H_
#define DUALIS_COMPAT_LISTENER_CONNECTION_H_

#include <event2/event.h>
#include <event2/event_struct.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "compat/listener/bell.h"
#include "compat/listener/limits.h"
#include "compat/listener/outbound.h"
#include "compat/wire/tls.h"
#include "dualis/listener.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"

namespace dualis::listener {

// What a client needs of the loop.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual event_base* base() = 0;
  virtual const Limits& limits() const = 0;
  // Room to read into, shared by all.
  virtual std::vector<char>& scratch() = 0;
  // By the engine's clock, monotonic.
  virtual TimeMs Now() const = 0;
  // The client has something to do: it gets its Serve in this round or the next. Loop thread.
  virtual void Enqueue(Connection& connection) noexcept = 0;
  // It has something to send at the end of the round. Loop thread.
  virtual void NoteOutput(Connection& connection) = 0;
  // It is done for: it is closed at the end of the round. Loop thread.
  virtual void NoteDoomed(Connection& connection) = 0;
  virtual bool IsLoopThread() const = 0;
  virtual Bell& bell() = 0;
  virtual void Log(LogLevel level, const std::string& line) = 0;
  // For INFO.
  virtual void NoteTraffic(size_t in, size_t out) = 0;
};

class Connection {
 public:
  // Takes the socket; `ssl`, which it takes too, is null for a plain one. Throws std::bad_alloc.
  Connection(ConnectionHost& host, std::unique_ptr<Session> session, dualis::Peer from, int fd, SSL* ssl);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A round of this client's work.
  void Serve();
  // Sends what waits, as far as the socket takes it.
  void Flush();
  // The soft output limit and the idle time.
  void CheckTime();
  // To be closed at the end of the round; output that waits is lost.
  void Doom();
  bool doomed() const { return doomed_; }
  Session& session() { return *session_; }

  // For the loop's lists: on the list or not.
  bool queued = false;
  bool has_output = false;
  size_t index = 0;  // among all clients

 private:
  static void OnReadable(int, short, void* self);
  static void OnWritable(int, short, void* self);

  void Round();
  bool Handshake();
  void Read();
  // Bytes read; 0: none now; -1: the connection is over.
  ssize_t ReadSome(char* to, size_t size);
  void RunCommands();
  void RunCommand();
  // The reply of the command at hand is complete in reply_.
  void TakeReply();
  void TakeMessages();
  // For CLIENT LIST.
  void NoteBuffered();
  void Refuse(const Error& error);
  // After something was put out.
  void CheckOutput();
  const OutputLimit& output_limit() const;
  bool paused() const;
  void WantWrite(bool on);
  // Called by whoever completes a command or publishes, on any thread.
  void OnDone() noexcept;
  void OnMessage() noexcept;

  ConnectionHost& host_;
  const int fd_;
  SSL* const ssl_;
  bool handshake_ = false;  // TLS' is still to be done
  event read_event_;
  event write_event_;
  bool wants_write_ = false;

  resp::RequestParser parser_;
  Outbound out_;
  std::string reply_;           // of the command at hand
  resp::Encoder encoder_;       // writes reply_
  std::string messages_;        // for the moment between Deliver and out_
  resp::Encoder push_encoder_;  // writes messages_
  Ticket ticket_ = 0;

  // Loop thread.
  bool readable_ = false;
  bool writable_ = false;
  bool hungry_ = true;    // the parser has no complete command
  bool blocked_ = false;  // a command waits
  bool closing_ = false;  // once everything is sent
  bool doomed_ = false;
  bool submitting_ = false;
  TimeMs last_heard_;
  OutputWatch output_watch_;

  // Any thread.
  std::atomic<bool> done_{false};
  std::atomic<bool> rung_{false};

  // Last: it is closed first, and then nobody calls OnDone or OnMessage any more.
  std::unique_ptr<Session> session_;
};

}  // namespace dualis::listener

#endif  // DUALIS_COMPAT_LISTENER_CONNECTION_H_
