// A redis-server of a test's own: on a Unix socket, without persistence. It can be killed and started again at the same
// place. It ends with the thread that started it, even if that crashes.
#ifndef DUALIS_TESTS_CLIENT_PRIVATE_SERVER_H_
#define DUALIS_TESTS_CLIENT_PRIVATE_SERVER_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace dualis::test {

class PrivateServer {
 public:
  // `options` are further arguments of the program. Throws std::runtime_error if it does not start.
  explicit PrivateServer(std::vector<std::string> options = {}, std::string program = "redis-server");
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  // Ends it at once, connections and data included.
  void Kill();
  // Starts it again, empty, and returns when it accepts connections.
  void Start();
  // Stops and continues the process: a server that does not answer.
  void Freeze();
  void Thaw();

  pid_t pid() const { return pid_; }
  const std::string& socket_path() const { return socket_path_; }
  // "unix:///tmp/.../redis.sock"
  std::string url() const { return "unix://" + socket_path_; }

 private:
  const std::vector<std::string> options_;
  const std::string program_;
  std::string directory_;
  std::string socket_path_;
  pid_t pid_ = -1;
};

}  // namespace dualis::test

#endif  // DUALIS_TESTS_CLIENT_PRIVATE_SERVER_H_
