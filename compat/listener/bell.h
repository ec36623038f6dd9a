// Bell: how other threads tell the thread that serves that a client has something new: a completed command, a message.
// They leave the client's name and ring; the descriptor is readable until the loop has taken the names.
#ifndef DUALIS_COMPAT_LISTENER_BELL_H_
#define DUALIS_COMPAT_LISTENER_BELL_H_

#include <mutex>
#include <vector>

namespace dualis::listener {

class Connection;

class Bell {
 public:
  Bell();  // throws std::bad_alloc if there is no descriptor
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  int fd() const { return fd_; }

  // Any thread. If there is no memory for the name the next round looks at every client.
  void Ring(Connection* connection) noexcept;
  void Ring() noexcept;

  // The loop: moves the names to `*connections`; true if all clients are to be looked at.
  bool Take(std::vector<Connection*>* connections);
  // The client goes away: its name, if it is there, is taken out.
  void Forget(Connection* connection) noexcept;

 private:
  void Wake() noexcept;

  int fd_;
  std::mutex mutex_;
  std::vector<Connection*> connections_;  // guarded by mutex_
  bool all_ = false;                      // guarded by mutex_
  bool rung_ = false;                     // guarded by mutex_: the descriptor is readable
};

}  // namespace dualis::listener

#endif  // DUALIS_COMPAT_LISTENER_BELL_H_
