// Courier: waits for the replies to submitted commands, so that their callers need not.
//
// A submitted command has a connection of the pool to itself. The caller's thread writes it; one thread, started by the
// first submission, polls all these connections and hands out what arrives.
#ifndef DUALIS_CLIENT_BACKENDS_COURIER_H_
#define DUALIS_CLIENT_BACKENDS_COURIER_H_

#include <atomic>
#include <functional>
#include <memory>

#include "client/backends/connection_pool.h"
#include "dualis/backend.h"

namespace dualis::client {

// Thread-safe.
class Courier {
 public:
  explicit Courier(ConnectionPool& pool) : pool_(pool) {}
  // What is under way ends with kClosed.
  ~Courier();
  Courier(const Courier&) = delete;
  Courier& operator=(const Courier&) = delete;

  // As Backend::Submit. `call` bounds borrowing and sending, `reply` the wait for the reply.
  Ticket Send(const Request& request, ReplySink& sink, wire::Deadline call, wire::Deadline reply,
              std::function<void(const Error&)> done);
  // As Backend::Cancel; closes the connection.
  void Cancel(Ticket ticket);

 private:
  class Round;  // the thread and what it works on; of one process
  Round& Current();

  ConnectionPool& pool_;
  std::atomic<Round*> round_{nullptr};
};

}  // namespace dualis::client

#endif  // DUALIS_CLIENT_BACKENDS_COURIER_H_
