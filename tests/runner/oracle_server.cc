#include "tests/runner/oracle_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace dualis::cases {
namespace {

// -1 if nobody listens there.
int OpenSocket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  if (fd >= 0) ::close(fd);
  return -1;
}

}  // namespace

OracleServer::OracleServer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "dualis-oracle-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a directory for redis-server");
  directory_ = pattern;
  socket_path_ = directory_ + "/s";
  const std::string log = directory_ + "/log";
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // Should the tests crash, the server goes too.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path_.c_str(), "--save", "",
             "--appendonly", "no", "--enable-debug-command", "yes", "--dir", directory_.c_str(), "--logfile",
             log.c_str(), "--daemonize", "no", nullptr);
    ::_exit(127);
  }
  for (int tries = 0; tries < 1000; ++tries) {
    const int fd = OpenSocket(socket_path_);
    if (fd >= 0) {
      ::close(fd);
      return;
    }
    int status = 0;
    if (pid_ < 0 || ::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      break;
    }
    ::poll(nullptr, 0, 10);
  }
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  throw std::runtime_error("redis-server did not start; is it installed?");
}

OracleServer::~OracleServer() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

OracleSocket::OracleSocket(const std::string& path) : fd_(OpenSocket(path)) {
  if (fd_ < 0) throw std::runtime_error("cannot connect to redis-server at " + path);
}

OracleSocket::~OracleSocket() { ::close(fd_); }

void OracleSocket::Send(const std::vector<std::string>& words) {
  const std::string request = EncodeRequest(words);
  size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t n = ::send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      closed_ = true;
      return;
    }
  }
}

std::optional<ReplyTree> OracleSocket::Next(int wait_ms) {
  while (true) {
    if (auto reply = reader_.Next()) return reply;
    if (closed_) return ReplyTree::Of(ReplyTree::Kind::kClosed);
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, wait_ms) <= 0) return std::nullopt;
    char buffer[65536];
    const ssize_t n = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (n > 0) {
      reader_.Feed({buffer, static_cast<size_t>(n)});
    } else if (n == 0 || errno != EINTR) {
      closed_ = true;
    }
  }
}

ReplyTree OracleSocket::Ask(const std::vector<std::string>& words) {
  Send(words);
  auto reply = Next(10000);
  if (!reply || reply->kind == ReplyTree::Kind::kClosed) {
    throw std::runtime_error("redis-server does not answer " + words[0]);
  }
  return *std::move(reply);
}

}  // namespace dualis::cases
