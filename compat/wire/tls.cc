#include "compat/wire/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <climits>
#include <cstring>

namespace dualis::wire {
namespace {

// The socket's end of an SSL: a BIO whose data is nothing but the descriptor, in the BIO's own number.
int BioWrite(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  Failure failure;
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  const ssize_t n = TryWrite(fd, Bytes(bytes, static_cast<size_t>(size)), &failure);
  if (n > 0) return static_cast<int>(n);
  if (n == 0) BIO_set_retry_write(bio);
  return -1;
}

int BioRead(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  Failure failure;
  const int fd = static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
  const ssize_t n = TryRead(fd, to, static_cast<size_t>(size), &failure);
  if (n > 0) return static_cast<int>(n);
  if (failure.kind == Failure::Kind::kClosed) return 0;
  if (n == 0) BIO_set_retry_read(bio);
  return -1;
}

long BioControl(BIO* bio, int what, long, void*) {
  switch (what) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_EOF:
      return 0;
    default:
      (void)bio;
      return 0;
  }
}

int BioCreate(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

// Made once a process, because OpenSSL numbers the kinds of BIOs and has few numbers.
const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "dualis socket");
    if (made == nullptr) return made;
    BIO_meth_set_write(made, BioWrite);
    BIO_meth_set_read(made, BioRead);
    BIO_meth_set_ctrl(made, BioControl);
    BIO_meth_set_create(made, BioCreate);
    return made;
  }();
  return method;
}

// The oldest complaint of OpenSSL, in words; the others are dropped.
std::string Complaint(Bytes what) {
  std::string text(what);
  if (const unsigned long code = ERR_get_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    text.append(": ").append(reason != nullptr ? reason : "unknown reason");
  }
  ERR_clear_error();
  return text;
}

Error Refused(Bytes what) { return Error(ErrorCode::kUsage, Complaint(what)); }

TlsStep StepOf(SSL* ssl, int result, Bytes doing, Error* error) {
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
      return TlsStep::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return TlsStep::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return TlsStep::kClosed;
    case SSL_ERROR_SYSCALL:
      // The socket's own end, without TLS' goodbye.
      if (ERR_peek_error() == 0) return TlsStep::kClosed;
      break;
    default:
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return TlsStep::kClosed;
      }
      break;
  }
  *error = Error(ErrorCode::kIo, Complaint(doing));
  return TlsStep::kFailed;
}

// Which protocols the list names leave out; -1 for a name that is none.
long ExcludedProtocols(const std::string& list) {
  struct Protocol {
    const char* name;
    long option;
  };
  constexpr Protocol kProtocols[] = {{"TLSv1", SSL_OP_NO_TLSv1},
                                     {"TLSv1.1", SSL_OP_NO_TLSv1_1},
                                     {"TLSv1.2", SSL_OP_NO_TLSv1_2},
                                     {"TLSv1.3", SSL_OP_NO_TLSv1_3}};
  long excluded = SSL_OP_NO_SSLv3;
  for (const Protocol& p : kProtocols) excluded |= p.option;
  for (size_t at = 0; at < list.size();) {
    const size_t end = std::min(list.find(' ', at), list.size());
    const std::string name = list.substr(at, end - at);
    at = end + 1;
    if (name.empty()) continue;
    bool known = false;
    for (const Protocol& p : kProtocols) {
      if (strcasecmp(name.c_str(), p.name) != 0) continue;
      excluded &= ~p.option;
      known = true;
    }
    if (!known) return -1;
  }
  return excluded;
}

int Password(char* to, int size, int, void* data) {
  const auto& password = *static_cast<const std::string*>(data);
  if (password.size() > static_cast<size_t>(size)) return -1;
  std::memcpy(to, password.data(), password.size());
  return static_cast<int>(password.size());
}

}  // namespace

TlsContext::TlsContext() = default;
TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Error TlsContext::Serve(const TlsFiles& files) {
  if (files.cert_file.empty()) return Error(ErrorCode::kUsage, "No tls-cert-file configured!");
  if (files.key_file.empty()) return Error(ErrorCode::kUsage, "No tls-key-file configured!");
  if (files.verify != TlsFiles::Verify::kNo && files.ca_cert_file.empty() && files.ca_cert_dir.empty()) {
    return Error(ErrorCode::kUsage,
                 "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-auth-clients is enabled!");
  }
  return Configure(files, true);
}

Error TlsContext::Connect(const TlsFiles& files) { return Configure(files, false); }

Error TlsContext::Configure(const TlsFiles& files, bool server) {
  ERR_clear_error();
  server_ = server;
  SSL_CTX_free(context_);
  context_ = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  if (context_ == nullptr) return Refused("Failed to make a TLS context");
  const long excluded = ExcludedProtocols(files.protocols.empty() ? "TLSv1.2 TLSv1.3" : files.protocols);
  if (excluded < 0)
    return Error(ErrorCode::kUsage, "Invalid tls-protocols specified. Use a combination of TLSv1.2, TLSv1.3");
  SSL_CTX_set_options(context_, static_cast<uint64_t>(excluded) | SSL_OP_SINGLE_DH_USE | SSL_OP_NO_COMPRESSION |
                                    SSL_OP_NO_RENEGOTIATION |
                                    (files.prefer_server_ciphers ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0));
  SSL_CTX_set_mode(context_,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  if (!files.cert_file.empty()) {
    // Set in any case: OpenSSL's own callback would ask at the terminal.
    SSL_CTX_set_default_passwd_cb(context_, Password);
    SSL_CTX_set_default_passwd_cb_userdata(context_, const_cast<std::string*>(&files.key_file_pass));
    if (SSL_CTX_use_certificate_chain_file(context_, files.cert_file.c_str()) != 1) {
      return Refused("Failed to load certificate: " + files.cert_file);
    }
    const std::string& key = files.key_file.empty() ? files.cert_file : files.key_file;
    if (SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1) {
      return Refused("Failed to load private key: " + key);
    }
    SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr);
  }
  if (!files.ca_cert_file.empty() || !files.ca_cert_dir.empty()) {
    const char* file = files.ca_cert_file.empty() ? nullptr : files.ca_cert_file.c_str();
    const char* dir = files.ca_cert_dir.empty() ? nullptr : files.ca_cert_dir.c_str();
    if (SSL_CTX_load_verify_locations(context_, file, dir) != 1) {
      return Refused("Failed to configure CA certificate(s) file/directory");
    }
  } else if (!server) {
    SSL_CTX_set_default_verify_paths(context_);
  }
  int verify = SSL_VERIFY_NONE;
  if (files.verify == TlsFiles::Verify::kOptional) verify = SSL_VERIFY_PEER;
  if (files.verify == TlsFiles::Verify::kRequired) verify = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context_, verify, nullptr);
  if (!files.ciphers.empty() && SSL_CTX_set_cipher_list(context_, files.ciphers.c_str()) != 1) {
    return Refused("Failed to configure ciphers: " + files.ciphers);
  }
  if (!files.ciphersuites.empty() && SSL_CTX_set_ciphersuites(context_, files.ciphersuites.c_str()) != 1) {
    return Refused("Failed to configure ciphersuites: " + files.ciphersuites);
  }
  ERR_clear_error();
  return Error();
}

SSL* TlsContext::NewSession(int fd, const std::string& server_name) const {
  SSL* ssl = context_ == nullptr ? nullptr : SSL_new(context_);
  if (ssl == nullptr) return nullptr;
  const bool named =
      server_name.empty() || server_ ||
      (SSL_set_tlsext_host_name(ssl, server_name.c_str()) == 1 && SSL_set1_host(ssl, server_name.c_str()));
  if (!named || !TlsAttach(ssl, fd)) {
    SSL_free(ssl);
    return nullptr;
  }
  server_ ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
  return ssl;
}

bool TlsAttach(SSL* ssl, int fd) {
  const BIO_METHOD* method = SocketMethod();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return false;
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  SSL_set_bio(ssl, bio, bio);
  return true;
}

void TlsFree(SSL* ssl) { SSL_free(ssl); }

TlsStep TlsHandshake(SSL* ssl, Error* error) {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl);
  return result == 1 ? TlsStep::kDone : StepOf(ssl, result, "TLS handshake failed", error);
}

TlsStep TlsRead(SSL* ssl, char* to, size_t size, size_t* moved, Error* error) {
  ERR_clear_error();
  *moved = 0;
  const int result = SSL_read_ex(ssl, to, size, moved);
  return result == 1 ? TlsStep::kDone : StepOf(ssl, result, "TLS read failed", error);
}

TlsStep TlsWrite(SSL* ssl, Bytes bytes, size_t* moved, Error* error) {
  ERR_clear_error();
  *moved = 0;
  const int result = SSL_write_ex(ssl, bytes.data(), bytes.size(), moved);
  return result == 1 ? TlsStep::kDone : StepOf(ssl, result, "TLS write failed", error);
}

bool TlsPending(SSL* ssl) { return SSL_has_pending(ssl) != 0; }

void TlsShutdown(SSL* ssl) {
  ERR_clear_error();
  SSL_shutdown(ssl);
  ERR_clear_error();
}

}  // namespace dualis::wire
