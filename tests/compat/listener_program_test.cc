// The program dualis-server, and programs that know nothing of us as its clients: redis-cli, redis-benchmark, a library
// of another language. What is not installed is skipped.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "tests/compat/listener_fixture.h"

namespace dualis::test {
namespace {

struct Finished {
  int status;
  std::string output;
};

// Runs a command line to its end; standard error included.
Finished RunShell(const std::string& command) {
  FILE* pipe = popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("no pipe");
  std::string output;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) output.append(buffer, n);
  return {pclose(pipe), output};
}

// A dualis-server on a Unix socket and a free port in a folder of its own.
class ServerProcess {
 public:
  explicit ServerProcess(const std::string& folder, std::vector<std::string> words) : folder_(folder) {
    words.insert(words.begin(), DUALIS_SERVER);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (getppid() != parent) _exit(1);
      const int out = open(log_path().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(out, 1);
      dup2(out, 2);
      execv(argv[0], argv.data());
      _exit(127);
    }
  }
  ~ServerProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  // Waits for a line in the log.
  bool Says(const std::string& text) {
    for (int i = 0; i < 10'000; ++i) {
      if (Log().find(text) != std::string::npos) return true;
      poll(nullptr, 0, 1);
    }
    return false;
  }
  std::string Log() const {
    std::ifstream file(log_path());
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  // Waits for its end and gives its exit code; -1 if it does not come.
  int Wait() {
    int status = 0;
    for (int i = 0; i < 10'000 && waitpid(pid_, &status, WNOHANG) == 0; ++i) poll(nullptr, 0, 1);
    if (kill(pid_, 0) == 0) return -1;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void Signal(int number) { kill(pid_, number); }

 private:
  std::string log_path() const { return folder_ + "/log"; }
  std::string folder_;
  pid_t pid_ = -1;
};

TEST(DualisServer, SavesAndLoads) {
  TemporaryFolder folder;
  const std::string socket = folder / "s";
  const std::vector<std::string> words = {"--port", "0", "--unixsocket", socket, "--dir", folder.path(), "--save",
                                          "3600",   "1", "--dbfilename", "x.rdb"};
  {
    ServerProcess server(folder.path(), words);
    ASSERT_TRUE(server.Says("now ready to accept connections at " + socket)) << server.Log();
    RawClient client = RawClient::Unix(socket);
    EXPECT_EQ(client.Text({"SET", "k", "v"}), "OK");
    EXPECT_EQ(client.Text({"CONFIG", "GET", "dbfilename"}), "1) \"dbfilename\"\n2) \"x.rdb\"");
    server.Signal(SIGTERM);
    EXPECT_EQ(server.Wait(), 0) << server.Log();
    EXPECT_TRUE(server.Says("Received SIGTERM scheduling shutdown..."));
    EXPECT_TRUE(server.Says("DB saved on disk"));
  }
  {
    ServerProcess server(folder.path(), words);
    ASSERT_TRUE(server.Says("DB loaded from disk")) << server.Log();
    RawClient client = RawClient::Unix(socket);
    EXPECT_EQ(client.Text({"GET", "k"}), "\"v\"");
    server.Signal(SIGINT);
    EXPECT_EQ(server.Wait(), 0) << server.Log();
  }
  EXPECT_NE(access(socket.c_str(), F_OK), 0);
  // What it cannot read it does not overwrite.
  std::ofstream(folder / "x.rdb") << "not an RDB file";
  ServerProcess server(folder.path(), words);
  EXPECT_EQ(server.Wait(), 1);
}

TEST(DualisServer, ReadsFilesStandardInputAndOptions) {
  TemporaryFolder folder;
  const std::string socket = folder / "s";
  std::ofstream(folder / "included.conf") << "maxmemory-policy allkeys-lru\n";
  std::ofstream(folder / "redis.conf") << "# a comment\n\nport 0\nunixsocket \"" << socket
                                       << "\"\nsave 900 1\nsave 60 10\n"
                                       << "maxmemory 100mb\ninclude " << (folder / "included.conf") << "\n"
                                       << "client-output-buffer-limit pubsub 1mb 0 0\n";
  ServerProcess server(folder.path(), {folder / "redis.conf", "--maxmemory", "200mb", "--databases", "3", "--dir",
                                       folder.path(), "--requirepass", "a b"});
  ASSERT_TRUE(server.Says("now ready to accept connections")) << server.Log();
  RawClient client = RawClient::Unix(socket);
  EXPECT_EQ(client.Text({"AUTH", "a b"}), "OK");
  const auto value = [&](const std::string& name) { return client.Ask({"CONFIG", "GET", name}).children.at(1).text; };
  EXPECT_EQ(value("maxmemory"), "209715200");
  EXPECT_EQ(value("maxmemory-policy"), "allkeys-lru");
  EXPECT_EQ(value("save"), "900 1 60 10");
  EXPECT_EQ(value("databases"), "3");
  EXPECT_EQ(value("dir"), folder.path());
  EXPECT_EQ(client.Text({"SELECT", "3"}), "(error) ERR DB index is out of range");

  const std::string program = DUALIS_SERVER;
  EXPECT_NE(RunShell("printf 'nosuch 1\\n' | " + program + " -").output.find(">>> 'nosuch 1'\nBad directive"),
            std::string::npos);
  EXPECT_NE(RunShell(program + " --maxmemory abc").output.find("argument must be a memory value"), std::string::npos);
  EXPECT_NE(RunShell(program + " /nosuch.conf").output.find("can't open config file"), std::string::npos);
  EXPECT_EQ(RunShell(program + " --version").output.substr(0, 13), "Redis server ");
  EXPECT_EQ(RunShell(program + " --help").output.substr(0, 7), "Usage: ");
}

class Foreign : public testing::Test {
 protected:
  bool Has(const std::string& command) { return RunShell(command).status == 0; }
  std::string port() const { return std::to_string(server_.listener->port()); }
  ServedEngine server_;
};

TEST_F(Foreign, RedisCli) {
  if (!Has("redis-cli --version")) GTEST_SKIP() << "redis-cli is not installed";
  const std::string cli = "redis-cli -p " + port() + " ";
  EXPECT_EQ(RunShell(cli + "set k 'a b'").output, "OK\n");
  EXPECT_EQ(RunShell(cli + "--raw get k").output, "a b\n");
  EXPECT_EQ(RunShell("printf 'SET a 1\\nINCR a\\nLPUSH l x y\\nLRANGE l 0 -1\\nnosuch\\n' | " + cli).output,
            "OK\n2\n2\ny\nx\nERR unknown command 'nosuch', with args beginning with: \n\n");
  EXPECT_EQ(RunShell(cli + "-3 hset h f v").output, "1\n");
  EXPECT_EQ(RunShell(cli + "--no-raw -3 hgetall h").output, "1# \"f\" => \"v\"\n");
  EXPECT_EQ(RunShell("printf 'SET p 1\\r\\nSET q 2\\r\\n' | " + cli + "--pipe").status, 0);
  EXPECT_EQ(RunShell(cli + "get q").output, "2\n");
  EXPECT_NE(RunShell(cli + "--scan").output.find("q\n"), std::string::npos);
}

TEST_F(Foreign, RedisBenchmark) {
  if (!Has("redis-benchmark --version")) GTEST_SKIP() << "redis-benchmark is not installed";
  const Finished run = RunShell("redis-benchmark -p " + port() + " -n 2000 -c 20 -P 4 --csv");
  EXPECT_EQ(run.status, 0) << run.output;
  for (const char* test :
       {"\"SET\"", "\"GET\"", "\"LPUSH\"", "\"LRANGE_600 (first 600 elements)\"", "\"MSET (10 keys)\""}) {
    EXPECT_NE(run.output.find(test), std::string::npos) << test << " in " << run.output;
  }
}

TEST_F(Foreign, RedisPy) {
  // Debian's own interpreter: another one would not know Debian's packages.
  if (!Has("/usr/bin/python3 -c 'import redis'")) GTEST_SKIP() << "python3-redis is not installed";
  const Finished run = RunShell("/usr/bin/python3 tests/compat/listener_session.py " + port());
  EXPECT_EQ(run.status, 0) << run.output;
}

}  // namespace
}  // namespace dualis::test
