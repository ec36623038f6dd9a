// dualis-server: an engine behind a listener, started as redis-server is.
//
//   dualis-server [/path/to/redis.conf] [-] [--OPTION VALUE ...]
//
// The order of things: read the configuration, become a daemon if asked, open the sockets, load the snapshot, serve;
// at SHUTDOWN, SIGTERM or SIGINT save if there are save points, and go.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "compat/listener/server/directives.h"
#include "compat/listener/server/log_file.h"
#include "dualis/listener.h"
#include "dualis/redis_version.h"
#include "engine/command/exec.h"
#include "engine/command/server_ops.h"
#include "engine/command/snapshot_ops.h"

namespace dualis::server {
namespace {

constexpr const char* kUsage =
    "Usage: dualis-server [/path/to/redis.conf] [options] [-]\n"
    "       dualis-server - (read config from stdin)\n"
    "       dualis-server -v or --version\n"
    "       dualis-server -h or --help\n"
    "\n"
    "Options are the parameters of redis.conf, as redis-server takes them:\n"
    "       --port PORT --bind ADDRESS ... --unixsocket PATH --unixsocketperm MODE\n"
    "       --tls-port PORT --tls-cert-file FILE --tls-key-file FILE --tls-ca-cert-file FILE --tls-auth-clients "
    "yes|no\n"
    "       --requirepass PASSWORD --protected-mode yes|no --maxclients N --timeout SECONDS\n"
    "       --maxmemory BYTES --maxmemory-policy POLICY --databases N\n"
    "       --dir FOLDER --dbfilename FILE --save 'SECONDS CHANGES ...'\n"
    "       --loglevel debug|verbose|notice|warning --logfile FILE --daemonize yes|no --pidfile FILE\n"
    "       and every other parameter of CONFIG\n"
    "\n"
    "Examples:\n"
    "       dualis-server --port 7777 --save ''\n"
    "       dualis-server /etc/redis/redis.conf --loglevel verbose\n"
    "       echo 'maxmemory 128mb' | dualis-server - --port 0 --unixsocket /tmp/dualis.sock\n";

// redis-server's when no line says otherwise.
constexpr const char* kDefaultSave = "3600 1 300 100 60 10000";

// Written by the signal handler alone.
std::atomic<int> last_signal{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

void OnSignal(int number) {
  // The second one means it.
  if (last_signal.exchange(number) != 0 && number == SIGINT) _exit(1);
}

void HandleSignals() {
  struct sigaction action = {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = OnSignal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
}

[[noreturn]] void RefuseDirective(const BadDirective& bad) {
  std::fprintf(stderr,
               "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\nReading the configuration file, at line %zu\n"
               ">>> '%s'\n%s\n",
               kRedisVersion.data(), bad.number, bad.line.c_str(), bad.reason.c_str());
  std::exit(1);
}

bool ReadFile(const std::string& path, std::string* text) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  text->append(std::istreambuf_iterator<char>(file), {});
  text->push_back('\n');
  return true;
}

// The directives of the command line, of the files that it and they name, and of standard input.
class CommandLine {
 public:
  CommandLine(int argc, char** argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::string text;
    bool from_input = false;
    if (!words.empty() && words[0] != "-" && !words[0].starts_with("--")) {
      if (!ReadFile(words[0], &text)) {
        std::fprintf(stderr, "Fatal error, can't open config file '%s': %s\n", words[0].c_str(), std::strerror(errno));
        std::exit(1);
      }
      char resolved[PATH_MAX];
      file_ = realpath(words[0].c_str(), resolved) != nullptr ? resolved : words[0];
      words.erase(words.begin());
    }
    if (std::erase(words, "-") > 0) from_input = true;
    if (from_input) text.append(std::istreambuf_iterator<char>(std::cin), {}).push_back('\n');
    Add(text, 0);
    Add(LinesOfWords(words), 0);
  }

  const std::vector<Directive>& directives() const { return directives_; }
  const std::string& file() const { return file_; }
  // The last directive of this name; null if there is none.
  const Directive* Find(const std::string& name) const {
    const Directive* found = nullptr;
    for (const Directive& directive : directives_) {
      if (directive.name == name) found = &directive;
    }
    return found;
  }

 private:
  void Add(const std::string& text, int depth) {
    std::vector<Directive> parsed;
    BadDirective bad;
    if (!ParseDirectives(text, &parsed, &bad)) RefuseDirective(bad);
    for (Directive& directive : parsed) {
      if (directive.name != "include") {
        directives_.push_back(std::move(directive));
        continue;
      }
      std::string included;
      if (directive.values.size() != 1 || depth > 16 || !ReadFile(directive.values[0], &included)) {
        RefuseDirective({directive.line, directive.number, "can't open the file that is to be included"});
      }
      Add(included, depth + 1);
    }
  }

  std::vector<Directive> directives_;
  std::string file_;
};

// What is told to the engine before anything else of it is made.
Options EngineOptions(const CommandLine& line, LogFile& log) {
  Options options;
  options.log = &log;
  if (const Directive* databases = line.Find("databases")) options.databases = std::atoi(databases->Joined().c_str());
  options.dir = ".";
  if (const Directive* password = line.Find("requirepass")) options.requirepass = password->Joined();
  return options;
}

// Why CONFIG SET would refuse a value, without what is about CONFIG SET.
std::string ReasonOf(const Error& error) {
  const std::string text(error.message());
  if (const size_t at = text.find(" - "); text.starts_with("ERR CONFIG SET failed") && at != std::string::npos) {
    return text.substr(at + 3);
  }
  return text.starts_with("ERR Bad directive") ? "Bad directive or wrong number of arguments" : text;
}

// Every line becomes a parameter of the engine.
void Configure(Engine& engine, const CommandLine& line) {
  std::string save;
  bool save_said = false;
  for (const Directive& directive : line.directives()) {
    const auto refuse = [&](const std::string& why) { RefuseDirective({directive.line, directive.number, why}); };
    if (directive.values.empty()) refuse("wrong number of arguments");
    std::string value = directive.Joined();
    if (directive.name == "save") {
      // Lines add up, but for the empty one, which starts anew.
      save_said = true;
      save = value.empty() ? "" : save + (save.empty() ? "" : " ") + value;
      continue;
    }
    if (directive.name == "loadmodule") refuse("Modules are not supported");
    if (directive.name == "rename-command") refuse("rename-command is not supported: use ACL rules");
    if (Error error = engine.Configure(directive.name, value)) refuse(ReasonOf(error));
  }
  if (Error error = engine.Configure("save", save_said ? save : kDefaultSave)) {
    RefuseDirective({"save " + save, 0, ReasonOf(error)});
  }
}

ListenerOptions SocketsOf(const Settings& settings) {
  const auto text = [&](Setting id) { return std::string(settings.text(id)); };
  ListenerOptions options;
  options.bind.clear();
  std::istringstream addresses(text(Setting::kBind));
  for (std::string address; addresses >> address;) options.bind.push_back(address);
  // What redis-server does with `bind ""`: nothing is listened to but the Unix socket.
  const auto port = [&](Setting id) -> std::optional<int> {
    const int number = static_cast<int>(settings.number(id));
    return number == 0 || options.bind.empty() ? std::nullopt : std::optional(number);
  };
  options.port = port(Setting::kPort);
  options.tls_port = port(Setting::kTlsPort);
  options.tls.cert_file = text(Setting::kTlsCertFile);
  options.tls.key_file = text(Setting::kTlsKeyFile);
  options.tls.key_file_pass = text(Setting::kTlsKeyFilePass);
  options.tls.ca_cert_file = text(Setting::kTlsCaCertFile);
  options.tls.ca_cert_dir = text(Setting::kTlsCaCertDir);
  options.tls.protocols = text(Setting::kTlsProtocols);
  options.tls.ciphers = text(Setting::kTlsCiphers);
  options.tls.ciphersuites = text(Setting::kTlsCiphersuites);
  options.tls.prefer_server_ciphers = settings.flag(Setting::kTlsPreferServerCiphers);
  constexpr ListenerTls::AuthClients kAuth[] = {ListenerTls::AuthClients::kNo, ListenerTls::AuthClients::kYes,
                                                ListenerTls::AuthClients::kOptional};
  options.tls.auth_clients = kAuth[settings.number(Setting::kTlsAuthClients)];
  options.unixsocket = text(Setting::kUnixsocket);
  options.unixsocketperm = static_cast<unsigned>(settings.number(Setting::kUnixsocketperm));
  options.backlog = static_cast<int>(settings.number(Setting::kTcpBacklog));
  return options;
}

void BecomeDaemon() {
  if (fork() != 0) _exit(0);
  setsid();
  const int null = open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, fd);
  if (null > STDERR_FILENO) close(null);
}

// The file of SAVE; empty if there is none.
std::string SnapshotPath(const Settings& settings) {
  const std::string name(settings.text(Setting::kDbfilename));
  return name.empty() ? "" : std::string(settings.text(Setting::kDir)) + "/" + name;
}

// What SHUTDOWN does: it saves if it is told to, or if there are save points, and stops the listener.
Error OnShutdown(Exec& x, const ShutdownRequest& request, Listener& listener) {
  ServerOps& server = x.server();
  if (request.abort) return Error(ErrorCode::kErr, "ERR No shutdown in progress.");
  server.Log(LogLevel::kWarning, "User requested shutdown...");
  if (request.save.value_or(!server.settings().text(Setting::kSave).empty())) {
    server.Log(LogLevel::kNotice, "Saving the final RDB snapshot before exiting.");
    const Error error = x.host().snapshots().SaveToFile(x.turn());
    if (error) server.Log(LogLevel::kWarning, "Error trying to save the DB: " + std::string(error.message()));
    if (error && !request.force) return Error(ErrorCode::kErr, "ERR Errors trying to SHUTDOWN. Check logs.");
    if (!error) server.Log(LogLevel::kNotice, "DB saved on disk");
  }
  listener.Stop();
  return Error();
}

// The same after a signal. False if it could not be saved: then the server goes on.
bool OnSignalled(Engine& engine, int number) {
  const auto say = [&](LogLevel level, const std::string& text) { engine.server().Log(level, text); };
  say(LogLevel::kWarning,
      std::string("Received ") + (number == SIGINT ? "SIGINT" : "SIGTERM") + " scheduling shutdown...");
  say(LogLevel::kWarning, "User requested shutdown...");
  if (engine.server().settings().text(Setting::kSave).empty()) return true;
  say(LogLevel::kNotice, "Saving the final RDB snapshot before exiting.");
  const auto saved = engine.SaveFile(SnapshotPath(engine.server().settings()));
  if (saved) {
    say(LogLevel::kNotice, "DB saved on disk");
    return true;
  }
  say(LogLevel::kWarning, "Error trying to save the DB, can't exit: " + std::string(saved.error().message()));
  return false;
}

// Loads the snapshot if there is one. False if it cannot be read: a server that went on would save over it.
bool LoadSnapshot(Engine& engine) {
  const auto say = [&](LogLevel level, const std::string& text) { engine.server().Log(level, text); };
  const std::string path = SnapshotPath(engine.server().settings());
  if (path.empty() || access(path.c_str(), F_OK) != 0) return true;
  const auto start = std::chrono::steady_clock::now();
  const auto loaded = engine.LoadFile(path);
  if (!loaded) {
    say(LogLevel::kWarning,
        "Fatal error loading the DB, check server logs. Exiting: " + std::string(loaded.error().message()));
    return false;
  }
  char text[128];
  std::snprintf(text, sizeof(text), "Done loading RDB, keys loaded: %llu, keys expired: %llu.",
                static_cast<unsigned long long>(loaded->keys), static_cast<unsigned long long>(loaded->expired));
  say(LogLevel::kNotice, text);
  std::snprintf(text, sizeof(text), "DB loaded from disk: %.3f seconds",
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  say(LogLevel::kNotice, text);
  return true;
}

int Serve(int argc, char** argv) {
  const CommandLine line(argc, argv);
  LogFile log;
  const std::unique_ptr<Engine> engine = Engine::Create(EngineOptions(line, log));
  Configure(*engine, line);
  Settings& settings = engine->server().settings();
  const auto say = [&](LogLevel level, const std::string& text) { engine->server().Log(level, text); };

  const bool daemon = settings.flag(Setting::kDaemonize);
  if (daemon) BecomeDaemon();
  log.SetPath(std::string(settings.text(Setting::kLogfile)));
  HandleSignals();
  const std::string dir(settings.text(Setting::kDir));
  if (chdir(dir.c_str()) != 0) {
    say(LogLevel::kWarning, "Can't chdir to '" + dir + "': " + std::strerror(errno));
    return 1;
  }
  char folder[PATH_MAX];
  if (getcwd(folder, sizeof(folder)) != nullptr) settings.Put(Setting::kDir, Bytes(folder));
  std::string pidfile(settings.text(Setting::kPidfile));
  if (daemon && pidfile.empty()) pidfile = "/var/run/redis.pid";
  if (!pidfile.empty()) std::ofstream(pidfile) << getpid() << "\n";

  say(LogLevel::kWarning, "Dualis is starting");
  say(LogLevel::kWarning,
      "Redis version=" + std::string(kRedisVersion) + ", bits=64, pid=" + std::to_string(getpid()) + ", just started");
  say(LogLevel::kWarning, line.file().empty() && line.directives().empty()
                              ? "Warning: no config file specified, using the default config. In order to specify a "
                                "config file use dualis-server /path/to/redis.conf"
                              : "Configuration loaded");

  ListenerOptions sockets = SocketsOf(settings);
  const std::string unixsocket = sockets.unixsocket;
  auto opened = Listener::Open(*engine, std::move(sockets));
  if (!opened) {
    say(LogLevel::kWarning, "Failed listening on port " + std::to_string(settings.number(Setting::kPort)) +
                                " (TCP), aborting: " + std::string(opened.error().message()));
    return 1;
  }
  const std::unique_ptr<Listener> listener = *std::move(opened);
  say(LogLevel::kNotice, "Running mode=standalone, port=" + std::to_string(listener->port()) + ".");
  say(LogLevel::kWarning, "Server initialized");
  if (!LoadSnapshot(*engine)) return 1;
  engine->server().hooks().shutdown = [&](Exec& x, const ShutdownRequest& request) {
    return OnShutdown(x, request, *listener);
  };
  if (listener->port() != 0 || listener->tls_port() != 0) say(LogLevel::kNotice, "Ready to accept connections");
  if (!unixsocket.empty()) {
    say(LogLevel::kNotice, "The server is now ready to accept connections at " + unixsocket);
  }

  while (listener->RunOnce(std::chrono::milliseconds(100))) {
    const int number = last_signal.load();
    if (number == 0) continue;
    if (OnSignalled(*engine, number)) break;
    last_signal.store(0);
  }
  if (!pidfile.empty()) {
    say(LogLevel::kNotice, "Removing the pid file.");
    unlink(pidfile.c_str());
  }
  say(LogLevel::kWarning, "Redis is now ready to exit, bye bye...");
  return 0;
}

}  // namespace
}  // namespace dualis::server

int main(int argc, char** argv) {
  if (argc == 2) {
    const std::string word = argv[1];
    if (word == "-v" || word == "--version") {
      std::printf("Redis server v=%s sha=00000000:0 malloc=libc bits=64 build=dualis\n", dualis::kRedisVersion.data());
      return 0;
    }
    if (word == "-h" || word == "--help") {
      std::fputs(dualis::server::kUsage, stderr);
      return 0;
    }
  }
  return dualis::server::Serve(argc, argv);
}
