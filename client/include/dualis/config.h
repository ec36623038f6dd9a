// Config: where a client's data lives and how it is reached. The same fields can be written in code, in a URL, in JSON
// or in an environment variable, so that a program changes homes without a change of code.
//
//   mem://                                     an engine of this client alone, inside the process
//   mem://sessions                             the engine that everyone in the process shares under that name
//   redis://user:password@host:6379/2          a server over TCP, database 2
//   unix:///run/redis/redis.sock?db=1          a server over a Unix socket
//
// Query parameters, which are also the names of the JSON fields:
//
//   db  user  password  prefix  client_name  protocol (2 or 3)  pool (most connections at a time)
//   connect_timeout  timeout  pool_timeout     "250ms", "2s" or plain milliseconds; 0 waits without limit
//
// In JSON, "url" gives a URL that the other fields override; without it "home" is "mem", "redis" or "unix", and
// "name", "host", "port" and "path" say where:
//
//   {"home": "redis", "host": "cache", "port": 6379, "db": 2, "prefix": "shop:", "timeout": "500ms"}
#ifndef DUALIS_CONFIG_H_
#define DUALIS_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "dualis/bytes.h"
#include "dualis/result.h"

namespace dualis {

struct Config {
  enum class Home : uint8_t { kMemory, kTcp, kUnix };

  Home home = Home::kMemory;
  // kMemory: the name of a shared engine; empty: an engine of the client's own.
  std::string name;
  // kTcp.
  std::string host = "127.0.0.1";
  uint16_t port = 6379;
  // kUnix: the path of the socket.
  std::string path;

  // An empty user is Redis' default user; an empty password sends no AUTH.
  std::string user;
  std::string password;
  int db = 0;
  // Goes in front of every key and channel on the way in and is taken off on the way out. Any octets.
  std::string prefix;
  // What CLIENT LIST shows on a server; no blanks or line breaks.
  std::string client_name;
  // 3, or 2 for servers before Redis 6.
  int protocol = 3;
  // The most connections to a server that are open at a time (subscriptions have their own); on mem:// unused.
  size_t pool = 8;

  // Zero waits without limit. `timeout` bounds one call: sending and each wait for the reply; the time that a blocking
  // command asks the server to wait is added to it. `pool_timeout` bounds the wait for a free connection.
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds pool_timeout{5000};

  // Each reports the first problem with the place it was found in, code kUsage; secrets are not repeated in it.
  static Result<Config> FromUrl(Bytes url);
  static Result<Config> FromJson(Bytes json);
  // Reads the variable: a URL, or JSON if it starts with a brace. An error names the variable if it is unset or empty.
  static Result<Config> FromEnvironment(const char* variable = "DUALIS_URL");

  enum class Secrets : uint8_t { kShow, kHide };
  // A URL that FromUrl reads back to the same Config; fields with their default value are left out. kHide writes ***
  // for the password: for logs.
  std::string ToUrl(Secrets secrets = Secrets::kShow) const;

  // What FromUrl checks, for a Config built in code.
  Error Check() const;

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace dualis

#endif  // DUALIS_CONFIG_H_
