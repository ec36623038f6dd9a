// Loop: the sockets that listen, the clients, and the rounds in which they are served.
//
//   wait for sockets, the bell, or the next deadline
//   -> every client that has something to do: one bounded piece of work each
//   -> what time owes: the engine's deadlines, idle clients
//   -> send what was said, one write a client
//   -> close who is done for
//
// libevent only tells what is ready: its callbacks make notes, and the work is done after its loop has returned. A
// client whose piece was not enough is noted again, and the next wait does not sleep.
#ifndef DUALIS_COMPAT_LISTENER_LOOP_H_
#define DUALIS_COMPAT_LISTENER_LOOP_H_

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "compat/listener/connection.h"
#include "compat/wire/listen.h"

namespace dualis::listener {

class Loop final : public ConnectionHost {
 public:
  Loop(Engine& engine, ListenerOptions options);
  ~Loop() override;

  Error Open();
  bool RunOnce(std::chrono::milliseconds timeout);
  void Adopt(int fd) {
    wire::SetNonBlocking(fd, true);
    Admit(fd, false);
  }
  // Makes the next, or the present, RunOnce return false. Any thread.
  void Stop();
  // Forgets an earlier Stop.
  void Resume() { stop_.store(false); }
  bool stopped() const { return stop_.load(); }
  // Until the next RunOnce no thread is the loop's.
  void LeaveThread() { thread_.store(std::thread::id()); }
  bool IsLoopThread() const override { return thread_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

  int port() const { return port_.load(); }
  int tls_port() const { return tls_port_; }
  size_t clients() const { return client_count_.load(std::memory_order_relaxed); }

  // ConnectionHost.
  event_base* base() override { return base_.get(); }
  const Limits& limits() const override { return limits_; }
  std::vector<char>& scratch() override { return scratch_; }
  TimeMs Now() const override { return engine_.clock().NowMonotonic(); }
  void Enqueue(Connection& connection) noexcept override;
  void NoteOutput(Connection& connection) override;
  void NoteDoomed(Connection& connection) override;
  Bell& bell() override { return bell_; }
  void Log(LogLevel level, const std::string& line) override;
  void NoteTraffic(size_t in, size_t out) override {
    bytes_in_ += static_cast<int64_t>(in);
    bytes_out_ += static_cast<int64_t>(out);
  }

 private:
  struct FreeBase {
    void operator()(event_base* base) const { event_base_free(base); }
  };
  // A socket that listens.
  struct Door {
    Loop* loop;
    int fd;
    bool tls;
    bool unix_socket = false;
    bool waiting = false;  // somebody may be in front of it
    event readable;
  };
  // Listens on a port at every address; the descriptors. A port of 0 becomes the one that the system chose.
  Result<std::vector<int>> OpenTcp(int* port) const;
  // CONFIG SET port, under the gate, on any thread: the new sockets are opened at once, and the loop puts them in the
  // place of the old ones. Returns why not, or nothing.
  Bytes ChangePort();
  void TakeNewPort();
  Error AddDoor(int fd, bool tls);
  static void OnDoor(int, short, void* door);
  static void OnBell(int, short, void* loop);
  static void OnTimer(int, short, void*) {}

  void Wait(std::chrono::milliseconds timeout);
  // How long there is nothing to do but for what sockets bring.
  std::chrono::milliseconds Patience(std::chrono::milliseconds timeout) const;
  void Accept(Door& door);
  void Admit(int fd, bool tls);
  Peer Describe(int fd, const wire::Endpoint& from) const;
  // Says so to a client that is not let in, and closes.
  void TurnAway(int fd, bool tls, Bytes why);
  void TakeBell();
  void ServeQueued();
  // A round for the others while a command of this thread computes: without what may not happen inside its turn.
  void ServeBeside() noexcept;
  void DoWhatTimeOwes();
  // Tells the engine what was counted.
  void Report();
  void FlushAll();
  void CloseDoomed();

  Engine& engine_;
  const ListenerOptions options_;
  Limits limits_;
  LimitReader limit_reader_;
  wire::TlsContext tls_;
  const uint64_t generation_;  // of forks
  std::unique_ptr<event_base, FreeBase> base_;
  event timer_;
  event bell_event_;
  Bell bell_;
  std::list<Door> doors_;
  uint64_t port_hook_ = 0;
  std::mutex new_port_mutex_;
  std::optional<std::vector<int>> new_port_fds_;  // guarded by new_port_mutex_
  std::atomic<bool> has_new_port_{false};
  std::atomic<int> port_{0};
  int tls_port_ = 0;
  bool unix_open_ = false;

  std::vector<char> scratch_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> queued_;  // have something to do
  std::vector<Connection*> spare_;   // room for either list while the other is worked on
  std::vector<Connection*> output_;  // have something to send
  std::vector<Connection*> doomed_;
  std::vector<Connection*> rung_;
  size_t next_to_check_ = 0;
  // Counted since the engine was told.
  int64_t bytes_in_ = 0;
  int64_t bytes_out_ = 0;
  int64_t accepted_ = 0;
  int64_t refused_ = 0;
  bool shutdown_hook_ = false;  // it is ours
  std::chrono::steady_clock::time_point next_check_;

  std::atomic<std::thread::id> thread_{};
  std::atomic<bool> stop_{false};
  std::atomic<size_t> client_count_{0};
};

}  // namespace dualis::listener

#endif  // DUALIS_COMPAT_LISTENER_LOOP_H_
