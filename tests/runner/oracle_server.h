// A private redis-server: on a Unix socket in a directory of its own, without persistence, gone with this object.
#ifndef DUALIS_TESTS_RUNNER_ORACLE_SERVER_H_
#define DUALIS_TESTS_RUNNER_ORACLE_SERVER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/runner/resp_reader.h"

namespace dualis::cases {

class OracleServer {
 public:
  // Starts it and returns once it accepts connections. Throws std::runtime_error if it cannot.
  OracleServer();
  ~OracleServer();
  OracleServer(const OracleServer&) = delete;
  OracleServer& operator=(const OracleServer&) = delete;

  const std::string& socket_path() const { return socket_path_; }

 private:
  std::string directory_;
  std::string socket_path_;
  pid_t pid_ = -1;
};

// A connection over a Unix socket that can be read without waiting.
class OracleSocket {
 public:
  explicit OracleSocket(const std::string& path);  // throws std::runtime_error
  ~OracleSocket();
  OracleSocket(const OracleSocket&) = delete;
  OracleSocket& operator=(const OracleSocket&) = delete;

  void Send(const std::vector<std::string>& words);

  // The next reply if one is there, or arrives within `wait_ms`. Kind::kClosed once the server has closed.
  std::optional<ReplyTree> Next(int wait_ms);

  // Sends and waits as long as it takes; throws std::runtime_error after ten seconds.
  ReplyTree Ask(const std::vector<std::string>& words);

 private:
  int fd_ = -1;
  bool closed_ = false;
  RespReader reader_;
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_ORACLE_SERVER_H_
