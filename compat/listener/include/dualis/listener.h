// Listener: RESP2 and RESP3 over TCP, TLS and Unix sockets in front of an engine, so that every Redis client of any
// language can talk to the engine in this process.
//
//   auto engine = dualis::Engine::Create();
//   auto listener = dualis::Listener::Open(*engine, {.port = 0}).value();   // any free port
//   listener->Start();                                                     // a thread of its own, or:
//   while (busy) listener->RunOnce(std::chrono::milliseconds(10));         // the caller's
//   connect("127.0.0.1", listener->port());
//
// It handles no signals, writes nowhere but to its sockets (its log lines go to Options::log), and starts no thread
// unless Start() is called. SHUTDOWN stops it.
#ifndef DUALIS_LISTENER_H_
#define DUALIS_LISTENER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dualis/engine.h"

namespace dualis {

// Certificates of a TLS port. Names and meanings are those of redis.conf (tls-cert-file ...).
struct ListenerTls {
  enum class AuthClients : uint8_t { kNo, kOptional, kYes };
  std::string cert_file;
  std::string key_file;
  std::string key_file_pass;
  std::string ca_cert_file;
  std::string ca_cert_dir;
  std::string protocols;
  std::string ciphers;
  std::string ciphersuites;
  bool prefer_server_ciphers = false;
  AuthClients auth_clients = AuthClients::kYes;
};

// What is bound where. How clients are treated is said by the engine's own parameters, by the names they have in
// redis.conf, with Engine::Configure or CONFIG SET, at any time: maxclients, timeout, tcp-keepalive, protected-mode,
// requirepass, client-output-buffer-limit, client-query-buffer-limit, proto-max-bulk-len.
struct ListenerOptions {
  // Addresses: numbers or names, "*" for every IPv4 and "::*" for every IPv6 address. One with a "-" in front may be
  // missing on this machine.
  std::vector<std::string> bind = {"127.0.0.1"};
  // Nothing: no such port. 0: any that is free.
  std::optional<int> port = 0;
  std::optional<int> tls_port;
  ListenerTls tls;
  // Empty: none. A file of that name is replaced; it is removed when the listener is destroyed.
  std::string unixsocket;
  unsigned unixsocketperm = 0;  // 0700 and the like; 0: as the umask has it
  int backlog = 511;
};

// Stop() and the accessors may be called from any thread; everything else belongs to the thread that serves.
class Listener {
 public:
  // Opens the sockets: from here on clients can connect, and wait for whoever serves. kUsage or kIo with the reason if
  // a socket cannot be had or a certificate does not serve. The engine must outlive the listener; several listeners may
  // serve one engine.
  static Result<std::unique_ptr<Listener>> Open(Engine& engine, ListenerOptions options = {});
  // Stops, closes every connection, and removes the Unix socket. Not on the thread that serves.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Waits at most so long (forever, if negative) for something to do, and does a round of it: at most a bounded piece
  // of work a client. False once Stop() has been called.
  bool RunOnce(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1));
  // Serves until Stop().
  void Run();
  // Serves on a thread of its own until Stop().
  void Start();
  // Ends Run(), and the thread of Start(), which it waits for unless called on it. Connections stay open: Run and Start
  // may be called again. Idempotent; may be called from a command, or by a signal's deferred handler.
  void Stop();
  bool stopped() const;

  // Serves a socket that is connected already (an end of a socketpair, a descriptor from a supervisor), and takes it.
  // Not while another thread serves.
  void Adopt(int fd);

  // The ports in use, of the first address; 0 if there is none.
  int port() const;
  int tls_port() const;
  // Connections that are open.
  size_t clients() const;

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dualis

#endif  // DUALIS_LISTENER_H_
