#include "compat/listener/loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "compat/wire/fork.h"
#include "engine/runtime/session_impl.h"

namespace dualis::listener {
namespace {

using std::chrono::milliseconds;

constexpr size_t kScratchBytes = 64 * 1024;
// Connections taken from one socket in a round.
constexpr int kAccepts = 1000;
// Every so often clients are looked at for their time: a tenth of them, and a few at least.
constexpr milliseconds kCheckEvery{100};
constexpr size_t kCheckAtLeast = 5;

constexpr Bytes kTooMany = "-ERR max number of clients reached\r\n";
constexpr Bytes kProtected =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. If you want to connect from "
    "external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending "
    "the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host "
    "the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG "
    "REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the "
    "Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If "
    "you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an "
    "authentication password for the default user. NOTE: You only need to do one of the above things in order for the "
    "server to start accepting connections from the outside.\r\n";

wire::TlsFiles FilesOf(const ListenerTls& tls) {
  wire::TlsFiles files;
  files.cert_file = tls.cert_file;
  files.key_file = tls.key_file;
  files.key_file_pass = tls.key_file_pass;
  files.ca_cert_file = tls.ca_cert_file;
  files.ca_cert_dir = tls.ca_cert_dir;
  files.protocols = tls.protocols;
  files.ciphers = tls.ciphers;
  files.ciphersuites = tls.ciphersuites;
  files.prefer_server_ciphers = tls.prefer_server_ciphers;
  files.verify = static_cast<wire::TlsFiles::Verify>(tls.auth_clients);
  return files;
}

event_base* NewBase() {
  event_config* config = event_config_new();
  if (config == nullptr) throw std::bad_alloc();
  // No environment variable chooses how we wait, and one thread at a time uses the base.
  event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_base* base = event_base_new_with_config(config);
  event_config_free(config);
  if (base == nullptr) throw std::bad_alloc();
  return base;
}

Error Refused(Bytes what, const wire::Failure& failure) {
  char buffer[wire::kFailureTextBytes];
  return Error(ErrorCode::kIo, std::string(what).append(": ").append(wire::FailureText(failure, buffer)));
}

}  // namespace

Loop::Loop(Engine& engine, ListenerOptions options)
    : engine_(engine),
      options_(std::move(options)),
      limit_reader_(engine),
      generation_(wire::ForkGeneration()),
      base_(NewBase()),
      scratch_(kScratchBytes),
      next_check_(std::chrono::steady_clock::now() + kCheckEvery) {
  limit_reader_.Refresh(limits_);
  event_assign(&timer_, base_.get(), -1, 0, OnTimer, nullptr);
  event_assign(&bell_event_, base_.get(), bell_.fd(), EV_READ | EV_PERSIST, OnBell, this);
  if (event_add(&bell_event_, nullptr) != 0) throw std::bad_alloc();
}

Loop::~Loop() {
  // A forked child shares the parent's epoll instance: what it took out there would be lost to the parent.
  const bool inherited = wire::ForkGeneration() != generation_;
  if (inherited) (void)event_reinit(base_.get());
  connections_.clear();
  engine_.impl().RemoveFront(this);
  {
    const runtime::Inside inside(engine_.impl().gate());
    engine_.server().settings().RemoveHook(port_hook_);
  }
  if (new_port_fds_) {
    for (const int fd : *new_port_fds_) close(fd);
  }
  if (shutdown_hook_) {
    const runtime::Inside inside(engine_.impl().gate());
    engine_.server().hooks().shutdown = nullptr;
  }
  for (Door& door : doors_) {
    event_del(&door.readable);
    close(door.fd);
  }
  event_del(&bell_event_);
  event_del(&timer_);
  if (unix_open_ && !inherited) unlink(options_.unixsocket.c_str());
}

Error Loop::Open() {
  engine_.impl().AddFront(this, [this] { ServeBeside(); });
  if (options_.tls_port) {
    if (Error error = tls_.Serve(FilesOf(options_.tls))) return error;
  }
  for (const bool tls : {false, true}) {
    const std::optional<int>& wanted = tls ? options_.tls_port : options_.port;
    if (!wanted) continue;
    int port = *wanted;
    auto fds = OpenTcp(&port);
    if (!fds) return fds.error();
    if (tls) {
      tls_port_ = port;
    } else {
      port_.store(port);
    }
    for (const int fd : *fds) {
      if (Error error = AddDoor(fd, tls)) return error;
    }
  }
  if (!options_.unixsocket.empty()) {
    wire::Failure failure;
    const int fd = wire::ListenUnix(options_.unixsocket, options_.unixsocketperm, options_.backlog, &failure);
    if (fd < 0) return Refused("Opening Unix socket " + options_.unixsocket, failure);
    unix_open_ = true;
    if (Error error = AddDoor(fd, false)) return error;
    doors_.back().unix_socket = true;
  }
  const runtime::Inside inside(engine_.impl().gate());
  ServerHooks& hooks = engine_.server().hooks();
  // The first listener of an engine is its server: it is what CONFIG tells of, and what SHUTDOWN stops.
  if (hooks.shutdown) return Error();
  hooks.shutdown = [this](Exec&, const ShutdownRequest& request) {
    if (!request.abort) Stop();
    return Error();
  };
  shutdown_hook_ = true;
  Settings& settings = engine_.server().settings();
  if (options_.port) {
    settings.Put(Setting::kPort, port_.load());
    port_hook_ = settings.OnChange(Setting::kPort, [this] { return ChangePort(); });
  }
  if (options_.tls_port) settings.Put(Setting::kTlsPort, tls_port_);
  if (!options_.unixsocket.empty()) settings.Put(Setting::kUnixsocket, options_.unixsocket);
  return Error();
}

Result<std::vector<int>> Loop::OpenTcp(int* port) const {
  std::vector<int> fds;
  for (const std::string& address : options_.bind) {
    const bool optional = address.starts_with('-');
    wire::Failure failure;
    const int fd = wire::ListenTcp(address.substr(optional), *port, options_.backlog, &failure);
    if (fd >= 0) {
      fds.push_back(fd);
      // Once the system has chosen a port for the first address, the others get the same one.
      if (*port == 0) *port = wire::LocalPort(fd);
      continue;
    }
    // "-ADDRESS": not on this machine, or its family is unknown here.
    const bool missing = failure.kind == wire::Failure::Kind::kLookup || failure.code == EADDRNOTAVAIL ||
                         failure.code == EAFNOSUPPORT || failure.code == EPROTONOSUPPORT;
    if (optional && missing) continue;
    for (const int opened : fds) close(opened);
    return Refused("Could not create server TCP listening socket " + address + ":" + std::to_string(*port) + ": bind",
                   failure);
  }
  if (fds.empty()) return Error(ErrorCode::kIo, "Could not bind to any of the addresses");
  return fds;
}

Bytes Loop::ChangePort() {
  const std::lock_guard lock(new_port_mutex_);
  if (new_port_fds_) {
    for (const int fd : *new_port_fds_) close(fd);
    new_port_fds_.reset();
  }
  int port = static_cast<int>(engine_.server().settings().number(Setting::kPort));
  if (port == port_.load() && !has_new_port_.load()) return Bytes();
  if (port == 0) {
    new_port_fds_.emplace();
  } else {
    auto fds = OpenTcp(&port);
    if (!fds) return "Unable to listen on this port. Check server logs.";
    new_port_fds_ = *std::move(fds);
  }
  has_new_port_.store(true);
  bell_.Ring();
  return Bytes();
}

void Loop::TakeNewPort() {
  std::vector<int> fds;
  {
    const std::lock_guard lock(new_port_mutex_);
    has_new_port_.store(false);
    if (!new_port_fds_) return;
    fds = *std::move(new_port_fds_);
    new_port_fds_.reset();
  }
  std::erase_if(doors_, [this](Door& door) {
    if (door.tls || door.unix_socket) return false;
    event_del(&door.readable);
    close(door.fd);
    return true;
  });
  for (const int fd : fds) (void)AddDoor(fd, false);
  port_.store(fds.empty() ? 0 : wire::LocalPort(fds.front()));
}

Error Loop::AddDoor(int fd, bool tls) {
  Door& door = doors_.emplace_back();
  door.loop = this;
  door.fd = fd;
  door.tls = tls;
  event_assign(&door.readable, base_.get(), fd, EV_READ | EV_PERSIST, OnDoor, &door);
  if (event_add(&door.readable, nullptr) != 0) return Error(ErrorCode::kIo, "Cannot wait for connections");
  return Error();
}

void Loop::OnDoor(int, short, void* door) { static_cast<Door*>(door)->waiting = true; }
// The loop takes the names after every wait.
void Loop::OnBell(int, short, void*) {}

void Loop::Stop() {
  stop_.store(true);
  bell_.Ring();
}

bool Loop::RunOnce(milliseconds timeout) {
  thread_.store(std::this_thread::get_id());
  if (stop_.load()) return false;
  Wait(Patience(timeout));
  limit_reader_.Refresh(limits_);
  if (has_new_port_.load(std::memory_order_relaxed)) TakeNewPort();
  for (Door& door : doors_) {
    if (door.waiting) Accept(door);
  }
  TakeBell();
  ServeQueued();
  DoWhatTimeOwes();
  FlushAll();
  CloseDoomed();
  return !stop_.load();
}

milliseconds Loop::Patience(milliseconds timeout) const {
  if (!queued_.empty() || !output_.empty()) return milliseconds(0);
  const auto now = std::chrono::steady_clock::now();
  auto patience = std::max(std::chrono::ceil<milliseconds>(next_check_ - now), milliseconds(0));
  if (timeout >= milliseconds(0)) patience = std::min(patience, timeout);
  // A clock that stands still brings no deadline nearer.
  if (engine_.clock().runs_by_itself()) {
    if (const auto deadline = engine_.NextDeadline()) {
      patience = std::clamp(milliseconds(*deadline - engine_.clock().Now()), milliseconds(0), patience);
    }
  }
  return patience;
}

void Loop::Wait(milliseconds timeout) {
  if (timeout <= milliseconds(0)) {
    // One look: by itself NONBLOCK looks again as long as something is ready.
    event_base_loop(base_.get(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
    return;
  }
  timeval time;
  time.tv_sec = timeout.count() / 1000;
  time.tv_usec = static_cast<suseconds_t>(timeout.count() % 1000 * 1000);
  event_add(&timer_, &time);
  event_base_loop(base_.get(), EVLOOP_ONCE);
}

void Loop::Accept(Door& door) {
  for (int i = 0; i < kAccepts; ++i) {
    wire::Failure failure;
    const int fd = wire::Accept(door.fd, &failure);
    if (fd < 0) {
      door.waiting = false;
      if (failure) {
        char buffer[wire::kFailureTextBytes];
        Log(LogLevel::kWarning, "Accepting client connection: " + std::string(wire::FailureText(failure, buffer)));
      }
      return;
    }
    Admit(fd, door.tls);
  }
}

Peer Loop::Describe(int fd, const wire::Endpoint& from) const {
  Peer peer;
  peer.descriptor = fd;
  peer.unix_socket = from.text.empty();
  peer.address = peer.unix_socket ? options_.unixsocket + ":0" : from.text;
  peer.local_address = peer.unix_socket ? peer.address : wire::LocalOf(fd).text;
  return peer;
}

void Loop::Admit(int fd, bool tls) {
  limit_reader_.Refresh(limits_);
  if (connections_.size() >= limits_.clients) return TurnAway(fd, tls, kTooMany);
  SSL* ssl = nullptr;
  try {
    std::unique_ptr<Session> session = engine_.Connect();
    const wire::Endpoint from = wire::PeerOf(fd);
    ++accepted_;
    if (limits_.protected_mode && !from.loopback && session->impl().authenticated()) {
      return TurnAway(fd, tls, kProtected);
    }
    wire::SetNoDelay(fd, true);
    if (limits_.keepalive_seconds > 0) wire::SetKeepAlive(fd, limits_.keepalive_seconds);
    // A client is on each list at most once: noting it there must not fail later.
    const size_t room = connections_.size() + 1;
    for (auto* list : {&queued_, &spare_, &output_, &doomed_}) {
      if (list->capacity() < room) list->reserve(room * 2);
    }
    if (connections_.capacity() < room) connections_.reserve(room * 2);
    if (tls) {
      ssl = tls_.NewSession(fd);
      if (ssl == nullptr) throw std::bad_alloc();
    }
    auto connection = std::make_unique<Connection>(*this, std::move(session), Describe(fd, from), fd, ssl);
    connection->index = connections_.size();
    connections_.push_back(std::move(connection));
    client_count_.store(connections_.size(), std::memory_order_relaxed);
    Log(LogLevel::kVerbose, "Accepted " + (from.text.empty() ? options_.unixsocket + ":0" : from.text));
  } catch (const std::bad_alloc&) {
    if (ssl != nullptr) wire::TlsFree(ssl);
    close(fd);
    Log(LogLevel::kWarning, "Refused a client: out of memory");
  }
}

void Loop::TurnAway(int fd, bool tls, Bytes why) {
  ++refused_;
  // Before a handshake there is no way to say anything.
  wire::Failure failure;
  if (!tls) wire::TryWrite(fd, why, &failure);
  close(fd);
}

void Loop::TakeBell() {
  rung_.clear();
  if (bell_.Take(&rung_)) {
    for (const auto& connection : connections_) Enqueue(*connection);
  }
  for (Connection* connection : rung_) Enqueue(*connection);
}

void Loop::Enqueue(Connection& connection) noexcept {
  if (connection.queued) return;
  connection.queued = true;
  try {
    queued_.push_back(&connection);
  } catch (const std::bad_alloc&) {
    // Only beside a command that computes is there no room kept for everyone.
    connection.queued = false;
    bell_.Ring(&connection);
  }
}

void Loop::NoteOutput(Connection& connection) {
  if (connection.has_output) return;
  output_.push_back(&connection);
  connection.has_output = true;
}

void Loop::NoteDoomed(Connection& connection) { doomed_.push_back(&connection); }

// The two lists are worked on as copies: while one client's command computes, ServeBeside may begin a list anew.
void Loop::ServeQueued() {
  std::vector<Connection*> serving = std::exchange(queued_, std::exchange(spare_, {}));
  for (Connection* connection : serving) connection->queued = false;
  for (Connection* connection : serving) connection->Serve();
  serving.clear();
  spare_ = std::move(serving);
}

void Loop::ServeBeside() noexcept {
  if (!IsLoopThread()) return;
  try {
    Wait(milliseconds(0));
    for (Door& door : doors_) {
      if (door.waiting) Accept(door);
    }
    TakeBell();
    ServeQueued();
    FlushAll();
  } catch (const std::bad_alloc&) {
    // Another time.
  }
}

void Loop::DoWhatTimeOwes() {
  if (engine_.clock().runs_by_itself()) {
    const auto deadline = engine_.NextDeadline();
    if (deadline && *deadline <= engine_.clock().Now()) engine_.Tick();
  }
  const auto now = std::chrono::steady_clock::now();
  if (now < next_check_) return;
  next_check_ = now + kCheckEvery;
  Report();
  const size_t count = std::min(connections_.size(), connections_.size() / 10 + kCheckAtLeast);
  for (size_t i = 0; i < count; ++i) {
    if (next_to_check_ >= connections_.size()) next_to_check_ = 0;
    connections_[next_to_check_++]->CheckTime();
  }
}

void Loop::Report() {
  if ((bytes_in_ | bytes_out_ | accepted_ | refused_) == 0) return;
  const runtime::InsideAnyhow inside(engine_.impl().gate());
  Stats& stats = engine_.server().stats();
  stats.net_input_bytes += std::exchange(bytes_in_, 0);
  stats.net_output_bytes += std::exchange(bytes_out_, 0);
  stats.connections_received += std::exchange(accepted_, 0);
  stats.rejected_connections += std::exchange(refused_, 0);
}

void Loop::FlushAll() {
  std::vector<Connection*> sending = std::exchange(output_, std::exchange(spare_, {}));
  for (Connection* connection : sending) connection->has_output = false;
  for (Connection* connection : sending) connection->Flush();
  sending.clear();
  spare_ = std::move(sending);
}

void Loop::CloseDoomed() {
  if (doomed_.empty()) return;
  for (size_t i = 0; i < doomed_.size(); ++i) {
    Connection* connection = doomed_[i];
    if (connection->queued) std::erase(queued_, connection);
    if (connection->has_output) std::erase(output_, connection);
    const size_t index = connection->index;
    std::swap(connections_[index], connections_.back());
    connections_[index]->index = index;
    const std::unique_ptr<Connection> gone = std::move(connections_.back());
    connections_.pop_back();
  }
  doomed_.clear();
  client_count_.store(connections_.size(), std::memory_order_relaxed);
}

void Loop::Log(LogLevel level, const std::string& line) {
  if (engine_.options().log == nullptr) return;
  const runtime::InsideAnyhow inside(engine_.impl().gate());
  engine_.server().Log(level, line);
}

}  // namespace dualis::listener
