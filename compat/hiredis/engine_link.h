// EngineLink: the transport of an embedded context: a session of an engine in this process, and a descriptor that
// programs and event loops may poll.
//
//      program                     EngineLink                      engine
//      c->fd  <---- socketpair ---- peer                            |
//      obuf   ----- Write --------> requests ----- Submit --------> | a turn; blocking commands are parked
//      reader <---- Read ---------- replies  <---- encoder -------- | (completed by any thread, then `peer` rings)
//                                   replies  <---- Deliver -------- | messages of subscriptions (the publisher rings)
//
// c->fd is readable while replies or messages wait, and always writable: a byte lies in it as long as there is
// something to be had. It never carries replies. Synchronous commands need none of this: see Direct().
//
// Asynchronous contexts have a counter (an eventfd) instead of the pair, with `peer` a second descriptor of it, because
// that alone the kernel can make readable at a given time: when a parked command is due and the loop has no timers
// (Alarm). Programs that look at c->fd themselves, and may ask it what a socket can tell, have blocking contexts.
//
// A link belongs to the thread of its context. Other threads touch only `state_`, the reply of the one parked command
// (theirs until state_ is kDone), and the bell.
#ifndef DUALIS_COMPAT_HIREDIS_ENGINE_LINK_H_
#define DUALIS_COMPAT_HIREDIS_ENGINE_LINK_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compat/hiredis/alarm.h"
#include "compat/hiredis/route.h"
#include "compat/wire/socket.h"
#include "dualis/engine.h"
#include "engine/resp/encoder.h"
#include "engine/resp/request_parser.h"

namespace dualis::hiredis {

class EngineLink {
 public:
  enum class Descriptor { kPair, kCounter };
  // A connection to the engine that the route names; if it names none, to `own`, or to a new one if that is null.
  // Throws std::bad_alloc or std::system_error.
  EngineLink(const Route& route, Descriptor descriptor, std::shared_ptr<Engine> own = nullptr);
  ~EngineLink();
  EngineLink(const EngineLink&) = delete;
  EngineLink& operator=(const EngineLink&) = delete;

  // The program's end of the pair. The link never closes it: the context does.
  int fd() const { return fd_; }
  Session& session() { return *session_; }
  // The engine, if it has no name by which one could come back to it; else null.
  std::shared_ptr<Engine> own_engine() const { return named_ ? nullptr : engine_; }
  // SELECT; the error's text, or nothing.
  std::string Select(int db);

  // Keeps something of the program's as long as the link lives; what was kept before is freed.
  void Adopt(void* object, void (*free_object)(void*)) { adopted_ = {object, free_object}; }

  // Runs a command at once, past the descriptor and the byte buffers: the reply is in the sink on return.
  // False: the command must go through Write and Read instead, because something is under way, or because it starts a
  // subscription. `deadline`: until when a blocking command may wait; *timed_out tells that it did.
  bool Direct(Args argv, ReplySink& sink, wire::Deadline deadline, bool* timed_out);

  // Takes requests and runs them as far as it can: up to a command that waits, or until many replies are unread.
  void Write(Bytes requests);
  // Replies and messages: bytes, 0 if there are none yet, -1 once the connection is over. The descriptor stays readable
  // if more wait.
  ssize_t Read(char* to, size_t size);
  // Waits until Read has something; false at the deadline. Does what time owes to the engine meanwhile.
  bool Wait(wire::Deadline deadline);

  // While one lives, its owner reads until it has what it wants, and the descriptor need not say that there is more.
  class Reading {
   public:
    explicit Reading(EngineLink* link) : link_(link) {
      if (link_ != nullptr) link_->quiet_ = true;
    }
    ~Reading() {
      if (link_ == nullptr) return;
      link_->quiet_ = false;
      link_->RingIfMore();
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    EngineLink* link_;  // null: not embedded
  };

  // For event loops with timers: how long until the engine owes something to a command that is parked here.
  std::optional<std::chrono::milliseconds> UntilTick();
  void Tick() { session_->engine().Tick(); }
  // Whether the loop's timer was set for that rather than for a timeout of the program.
  bool timer_is_engines() const { return timer_is_engines_; }
  void set_timer_is_engines(bool value) { timer_is_engines_ = value; }
  // Whether the descriptor need not tell what time owes.
  void set_loop_has_timers(bool value) { loop_has_timers_ = value; }

 private:
  enum class State { kIdle, kRunning, kParked, kDone };
  // After a fork: a pair of our own under the descriptor that the program knows.
  void CheckFork();
  void OpenDescriptor();
  // Whether messages may come, or wait already.
  bool Listens() const { return session_->subscriptions() > 0 || session_->has_messages(); }
  void Ring();
  // False: there was none.
  bool TakeBells();
  void Silence();
  // As Silence, also if nobody here has rung: a process that shares the pair since a fork may have.
  void Drain();
  void RingIfMore() {
    if (!quiet_ && (read_ < replies_.size() || over_)) Ring();
  }
  // Makes the descriptor readable when time owes something to a parked command.
  void SetAlarm();
  // A parked command that has its reply gives it to the others.
  void Collect();
  // Puts messages behind the replies, and says how many: not all, if it is the most of one call.
  size_t TakeMessages();
  // Runs requests.
  void Pump();
  bool Owing() const { return parser_.pending_bytes() > 0; }
  // Whether connections are the default user's without a password, and there is no other user.
  bool IsOpenToAll();
  // What to run for `argv`: a rerouted program sends its server's password, which this engine may not have. *instead
  // holds the words if they differ.
  Args Accommodate(Args argv, std::vector<Arg>* instead);

  std::unique_ptr<void, void (*)(void*)> adopted_{nullptr, nullptr};
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  const bool named_;
  const bool rerouted_;
  const Descriptor descriptor_;
  Alarm alarm_;
  int fd_ = -1;
  int peer_ = -1;
  uint64_t generation_;
  std::atomic<bool> rung_{false};  // a byte is in the pair, or about to be

  resp::RequestParser parser_;
  std::string replies_;  // complete, unread from read_ on
  size_t read_ = 0;
  bool quiet_ = false;
  bool timer_is_engines_ = false;
  bool loop_has_timers_ = false;
  bool over_ = false;  // nothing follows what is in replies_
  Ticket ticket_ = 0;
  std::atomic<State> state_{State::kIdle};
  std::string reply_;  // of the command at hand
  resp::Encoder encoder_;
  resp::Encoder messages_;
};

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_ENGINE_LINK_H_
