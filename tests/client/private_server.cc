#include "tests/client/private_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace dualis::test {
namespace {

bool Accepts(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const bool connected = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return connected;
}

}  // namespace

PrivateServer::PrivateServer(std::vector<std::string> options, std::string program)
    : options_(std::move(options)), program_(std::move(program)) {
  char name[] = "/tmp/dualis-client-XXXXXX";
  if (mkdtemp(name) == nullptr) throw std::runtime_error("no directory for a private redis-server");
  directory_ = name;
  socket_path_ = directory_ + "/redis.sock";
  Start();
}

PrivateServer::~PrivateServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void PrivateServer::Start() {
  std::vector<std::string> words = {program_,       "--port", "0",     "--unixsocket", socket_path_,  "--save", "",
                                    "--appendonly", "no",     "--dir", directory_,     "--daemonize", "no"};
  words.insert(words.end(), options_.begin(), options_.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string log = directory_ + "/log";
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Should the test crash, the server goes too.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  for (int attempt = 0; attempt < 2000; ++attempt) {
    if (Accepts(socket_path_)) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error(program_ + " does not accept connections");
}

void PrivateServer::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  unlink(socket_path_.c_str());
}

void PrivateServer::Freeze() {
  kill(pid_, SIGSTOP);
  int status = 0;
  waitpid(pid_, &status, WUNTRACED);
}

void PrivateServer::Thaw() { kill(pid_, SIGCONT); }

}  // namespace dualis::test
