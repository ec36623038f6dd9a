// Names of endpoints.
//
//   mem://NAME[/db]                                  an engine in this process; mem:// a private one
//   redis://[[user]:password@]host[:port][/db]       a server; rediss:// with TLS
//   unix://[[user]:password@]PATH                    a server's Unix socket
//
// Everything may end in ?key=value&key=value; `db` is understood here, the rest is handed on. All parts are
// percent-decoded. A user part without a colon is a password, as redis-cli reads it.
#ifndef DUALIS_COMPAT_WIRE_URI_H_
#define DUALIS_COMPAT_WIRE_URI_H_

#include <string>
#include <utility>
#include <vector>

#include "dualis/result.h"

namespace dualis::wire {

struct Uri {
  enum class Scheme : uint8_t { kMem, kTcp, kTls, kUnix };

  Scheme scheme = Scheme::kTcp;
  std::string name;  // mem
  std::string host = "127.0.0.1";
  int port = 6379;
  std::string path;  // unix
  std::string user;
  std::string password;
  int db = 0;
  std::vector<std::pair<std::string, std::string>> query;  // in order, without db

  friend bool operator==(const Uri&, const Uri&) = default;
};

// kUsage with what is wrong.
Result<Uri> ParseUri(Bytes text);

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_URI_H_
