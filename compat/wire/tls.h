// TLS over a connected socket, as steps that never wait: for the listener and for whoever connects, the libhiredis ABI
// included, whose users bring an SSL of their own. A step moves what it can and says what it needs before it can go on;
// who waits, and how, is the caller's business.
//
//   TlsContext context; if (Error e = context.Serve(files)) ...          // or Connect: the client's side
//   SSL* ssl = context.NewSession(fd, &failure);
//   switch (TlsHandshake(ssl, &failure)) { case TlsStep::kDone: ... case TlsStep::kWantRead: ...poll, call again }
//
// Nothing here raises SIGPIPE: the bytes go through functions of socket.h, not through OpenSSL's own socket calls.
#ifndef DUALIS_COMPAT_WIRE_TLS_H_
#define DUALIS_COMPAT_WIRE_TLS_H_

#include <memory>
#include <string>

#include "compat/wire/socket.h"
#include "dualis/error.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using BIO_METHOD = struct bio_method_st;

namespace dualis::wire {

// What TLS is configured by; the names are those of redis.conf.
struct TlsFiles {
  enum class Verify : uint8_t {
    kNo,        // the peer needs no certificate; one that it shows is not looked at
    kOptional,  // if it shows one it must be good
    kRequired,
  };
  std::string cert_file;  // PEM, with its chain
  std::string key_file;
  std::string key_file_pass;
  std::string ca_cert_file;
  std::string ca_cert_dir;
  std::string protocols;     // "TLSv1.2 TLSv1.3"; empty: these two
  std::string ciphers;       // OpenSSL's list for TLS 1.2; empty: its default
  std::string ciphersuites;  // the same for TLS 1.3
  bool prefer_server_ciphers = false;
  Verify verify = Verify::kRequired;
};

// How far a step came.
enum class TlsStep : uint8_t {
  kDone,       // handshake complete; bytes moved
  kWantRead,   // again when the socket is readable
  kWantWrite,  // again when it is writable
  kClosed,     // the peer has ended the connection
  kFailed,     // *error says why; the connection cannot be used any more
};

// Certificates and rules, shared by the connections made under them. Thread-safe once configured.
class TlsContext {
 public:
  TlsContext();
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Reads the files for a server's side, which needs a certificate, or a client's, which may have one and verifies the
  // server against the CA (the system's, if none is named). kUsage with the reason if they don't serve.
  Error Serve(const TlsFiles& files);
  Error Connect(const TlsFiles& files);

  // A session over the socket, which stays the caller's. Freed by TlsFree. `server_name`, on a client: the name to ask
  // for and to find in the certificate; empty: neither. Null if memory is short.
  SSL* NewSession(int fd, const std::string& server_name = {}) const;

 private:
  Error Configure(const TlsFiles& files, bool server);

  SSL_CTX* context_ = nullptr;
  bool server_ = false;
};

// Puts an SSL made elsewhere on a socket, by I/O that raises no SIGPIPE. False if memory is short.
bool TlsAttach(SSL* ssl, int fd);
void TlsFree(SSL* ssl);

TlsStep TlsHandshake(SSL* ssl, Error* error);
// Reads what is there, at least one byte: *moved tells how many.
TlsStep TlsRead(SSL* ssl, char* to, size_t size, size_t* moved, Error* error);
// Writes some of it: *moved tells how much. After kWantRead or kWantWrite the same bytes must be offered first again,
// from whatever address.
TlsStep TlsWrite(SSL* ssl, Bytes bytes, size_t* moved, Error* error);
// Decrypted bytes wait inside, which no poll on the socket shows.
bool TlsPending(SSL* ssl);
// Says goodbye as far as that goes without waiting.
void TlsShutdown(SSL* ssl);

}  // namespace dualis::wire

#endif  // DUALIS_COMPAT_WIRE_TLS_H_
