// libhiredis_ssl: TLS for contexts, as a table of transport functions over the steps of compat/wire/tls.h.
//
// It is a library of its own that knows of libhiredis only what every libhiredis exports, because a program may bring
// another one. Only whether a context is embedded it asks our own, if that is the one: such a context needs no TLS.
//
//   c->funcs = &redisContextSSLFuncs, c->privctx = Tls { SSL, what it waits for }
//
// The socket may be blocking or not: a step never waits; blocking contexts wait here, as long as their command timeout
// lets them. A handshake that was begun on a non-blocking context goes on with whatever reads or writes next.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "compat/hiredis/abi.h"
#include "compat/wire/tls.h"

#pragma GCC visibility push(default)
#include "compat/hiredis/include/hiredis/hiredis_ssl.h"

extern "C" {
extern const redisContextFuncs redisContextSSLFuncs;
// Ours alone: null under another libhiredis.
[[gnu::weak]] int dualisHiredisAdopt(redisContext* c, void* object, void (*free_object)(void*)) noexcept;
}
#pragma GCC visibility pop

struct redisSSLContext {
  SSL_CTX* context;
  char* server_name;
};

namespace {

using dualis::Bytes;
using dualis::wire::TlsStep;

struct Tls {
  SSL* ssl;
  bool read_wants_write;
  bool write_wants_read;
};

Tls* TlsOf(redisContext* c) { return static_cast<Tls*>(c->privctx); }

// What the connection failed at, in the words of this library. `code`: errno of the socket's call, if that is what
// failed.
void SetFailure(redisContext* c, SSL* ssl, Bytes doing, TlsStep step, int code, const dualis::Error& error) {
  char socket_text[dualis::wire::kFailureTextBytes];
  const dualis::wire::Failure socket_failure{dualis::wire::Failure::Kind::kSystem, code};
  const bool established = SSL_is_init_finished(ssl) != 0;
  Bytes reason = "unknown error";
  if (step == TlsStep::kClosed && code == 0) {
    if (established) return __redisSetError(c, REDIS_ERR_EOF, "Server closed the connection");
    reason = "unexpected eof while reading";
  } else if (step == TlsStep::kClosed) {
    errno = code;
    if (established) return __redisSetError(c, REDIS_ERR_IO, nullptr);
    reason = FailureText(socket_failure, socket_text);
  } else if (const size_t colon = error.message().find(": "); colon != Bytes::npos) {
    // Behind the colon of wire's own text.
    reason = error.message().substr(colon + 2);
  }
  char text[sizeof(c->errstr)];
  const size_t fits = std::min(reason.size(), sizeof(text) - 1 - doing.size());
  std::memcpy(text, doing.data(), doing.size());
  std::memcpy(text + doing.size(), reason.data(), fits);
  text[doing.size() + fits] = '\0';
  __redisSetError(c, REDIS_ERR_IO, text);
}

dualis::wire::Deadline DeadlineOf(const timeval* t) {
  if (t == nullptr || (t->tv_sec == 0 && t->tv_usec == 0)) return dualis::wire::kNoDeadline;
  return dualis::wire::In(std::chrono::milliseconds(int64_t{t->tv_sec} * 1000 + (t->tv_usec + 999) / 1000));
}

// Takes a step of a context until it is done, or needs what only the program's loop can wait for. A blocking context
// waits. kFailed: the context has its error.
template <class Step>
TlsStep Take(redisContext* c, SSL* ssl, dualis::wire::Deadline deadline, Bytes doing, Step step) {
  while (true) {
    dualis::Error error;
    errno = 0;
    const TlsStep came = step(&error);
    if (came == TlsStep::kDone) return came;
    if (came == TlsStep::kClosed || came == TlsStep::kFailed) {
      const int code = errno == EAGAIN ? 0 : errno;
      SetFailure(c, ssl, SSL_is_init_finished(ssl) ? doing : "SSL_connect failed: ", came, code, error);
      return TlsStep::kFailed;
    }
    if ((c->flags & REDIS_BLOCK) == 0) return came;
    dualis::wire::Failure failure;
    const short events = came == TlsStep::kWantRead ? POLLIN : POLLOUT;
    if (dualis::wire::WaitFor(c->fd, events, deadline, &failure) == 0) {
      // As from a socket's own timeout.
      errno = failure.kind == dualis::wire::Failure::Kind::kTimeout ? EAGAIN : failure.code;
      __redisSetError(c, REDIS_ERR_IO, nullptr);
      return TlsStep::kFailed;
    }
  }
}

void FreeTls(void* data) noexcept {
  auto* tls = static_cast<Tls*>(data);
  if (tls == nullptr) return;
  dualis::wire::TlsFree(tls->ssl);
  hi_free(tls);
}

// A context that was reconnected has this table and no TLS yet.
bool HasTls(redisContext* c) {
  if (c->privctx != nullptr) return true;
  __redisSetError(c, REDIS_ERR_OTHER, "TLS has to be initiated anew after reconnecting");
  return false;
}

ssize_t Read(redisContext* c, char* to, size_t size) noexcept {
  if (!HasTls(c)) return -1;
  Tls* tls = TlsOf(c);
  size_t moved = 0;
  const TlsStep came =
      Take(c, tls->ssl, DeadlineOf(c->command_timeout), "SSL_read failed: ", [&](dualis::Error* error) {
        return dualis::wire::TlsRead(tls->ssl, to, size, &moved, error);
      });
  tls->read_wants_write = came == TlsStep::kWantWrite;
  if (came == TlsStep::kFailed) return -1;
  return static_cast<ssize_t>(moved);
}

// As much as the socket takes: a record holds 16 KB, and obuf may hold much more.
ssize_t Write(redisContext* c) noexcept {
  if (!HasTls(c)) return -1;
  Tls* tls = TlsOf(c);
  Bytes rest(c->obuf, sdslen(c->obuf));
  TlsStep came = TlsStep::kDone;
  while (came == TlsStep::kDone && !rest.empty()) {
    size_t moved = 0;
    came = Take(c, tls->ssl, DeadlineOf(c->command_timeout), "SSL_write failed: ", [&](dualis::Error* error) {
      return dualis::wire::TlsWrite(tls->ssl, rest, &moved, error);
    });
    rest.remove_prefix(moved);
  }
  tls->write_wants_read = came == TlsStep::kWantRead;
  if (came == TlsStep::kFailed) return -1;
  return static_cast<ssize_t>(sdslen(c->obuf) - rest.size());
}

// Asynchronous contexts. Reading may have to wait until the socket can be written, and the other way round.

void AskForEvents(redisAsyncContext* ac) {
  redisContext* c = &ac->c;
  Tls* tls = TlsOf(c);
  const bool write = tls->read_wants_write || (sdslen(c->obuf) > 0 && !tls->write_wants_read);
  const timeval* timeout = c->command_timeout;
  if (ac->ev.scheduleTimer != nullptr && timeout != nullptr && (timeout->tv_sec != 0 || timeout->tv_usec != 0)) {
    ac->ev.scheduleTimer(ac->ev.data, *timeout);
  }
  if (ac->ev.addRead != nullptr) ac->ev.addRead(ac->ev.data);
  if (write && ac->ev.addWrite != nullptr) ac->ev.addWrite(ac->ev.data);
  if (!write && ac->ev.delWrite != nullptr) ac->ev.delWrite(ac->ev.data);
}

// Moves what can be moved either way; the handshake first, if it is still under way. False: the context is gone.
bool Move(redisAsyncContext* ac) {
  redisContext* c = &ac->c;
  bool ok = HasTls(c);
  Tls* tls = TlsOf(c);
  if (ok && !SSL_is_init_finished(tls->ssl)) {
    const TlsStep came = Take(c, tls->ssl, dualis::wire::kNoDeadline, "",
                              [&](dualis::Error* error) { return dualis::wire::TlsHandshake(tls->ssl, error); });
    tls->read_wants_write = came == TlsStep::kWantWrite;
    tls->write_wants_read = came == TlsStep::kWantRead;
    ok = came != TlsStep::kFailed;
    if (ok && came != TlsStep::kDone) {
      AskForEvents(ac);
      return true;
    }
  }
  ok = ok && redisBufferWrite(c, nullptr) == REDIS_OK;
  // Decrypted bytes that stay inside would show in no poll.
  do {
    ok = ok && redisBufferRead(c) == REDIS_OK;
  } while (ok && SSL_pending(tls->ssl) > 0);
  if (!ok) {
    __redisAsyncDisconnect(ac);
    return false;
  }
  AskForEvents(ac);
  return true;
}

void AsyncRead(redisAsyncContext* ac) noexcept {
  // What came before the end of the connection is still delivered: it is parsed as it is read.
  if (Move(ac)) redisProcessCallbacks(ac);
}

const char* const kErrorTexts[] = {
    "No Error",
    "Failed to create OpenSSL SSL_CTX",
    "Client cert and key must both be specified or skipped",
    "Failed to load CA Certificate or CA Path",
    "Failed to load client certificate",
    nullptr,
    "Failed to load private key",
    "Failed to open system certificate store",
    "Failed to add CA certificates obtained from system to the SSL context",
    "Failed to set the name that the server's certificate is verified for",
};

// Configures `context` as the options say.
redisSSLContextError Configure(SSL_CTX* context, const redisSSLOptions& o) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, o.verify_mode, nullptr);
  if ((o.cert_filename != nullptr) != (o.private_key_filename != nullptr)) return REDIS_SSL_CTX_CERT_KEY_REQUIRED;
  if (o.cacert_filename != nullptr || o.capath != nullptr) {
    if (SSL_CTX_load_verify_locations(context, o.cacert_filename, o.capath) != 1) {
      return REDIS_SSL_CTX_CA_CERT_LOAD_FAILED;
    }
  } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
    return REDIS_SSL_CTX_CLIENT_DEFAULT_CERT_FAILED;
  }
  if (o.cert_filename != nullptr) {
    if (SSL_CTX_use_certificate_chain_file(context, o.cert_filename) != 1) {
      return REDIS_SSL_CTX_CLIENT_CERT_LOAD_FAILED;
    }
    if (SSL_CTX_use_PrivateKey_file(context, o.private_key_filename, SSL_FILETYPE_PEM) != 1) {
      return REDIS_SSL_CTX_PRIVATE_KEY_LOAD_FAILED;
    }
  }
  if (o.verify_name != nullptr) {
    // A name that nobody looks at would be a promise that is not kept.
    if (o.verify_name[0] == '\0' || o.verify_mode == REDIS_SSL_VERIFY_NONE) return REDIS_SSL_CTX_VERIFY_NAME_FAILED;
    X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    unsigned char address[16];
    const bool is_address =
        inet_pton(AF_INET, o.verify_name, address) == 1 || inet_pton(AF_INET6, o.verify_name, address) == 1;
    const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(rules, o.verify_name)
                               : X509_VERIFY_PARAM_set1_host(rules, o.verify_name, 0);
    if (set != 1) return REDIS_SSL_CTX_VERIFY_NAME_FAILED;
  }
  return REDIS_SSL_CTX_NONE;
}

// Puts `ssl` on the context and begins the handshake. REDIS_ERR: `ssl` is still the caller's.
int Initiate(redisContext* c, SSL* ssl) {
  auto* tls = static_cast<Tls*>(hi_calloc(1, sizeof(Tls)));
  if (tls == nullptr || !dualis::wire::TlsAttach(ssl, c->fd)) {
    hi_free(tls);
    __redisSetError(c, REDIS_ERR_OOM, "Out of memory");
    return REDIS_ERR;
  }
  tls->ssl = ssl;
  SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_connect_state(ssl);
  // A server that does not speak TLS says nothing: what bounds connecting bounds this, too.
  const timeval* limit = c->command_timeout != nullptr ? c->command_timeout : c->connect_timeout;
  const TlsStep came = Take(c, ssl, DeadlineOf(limit), "SSL_connect failed: ", [&](dualis::Error* error) {
    return dualis::wire::TlsHandshake(ssl, error);
  });
  if (came == TlsStep::kFailed) {
    hi_free(tls);
    return REDIS_ERR;
  }
  tls->read_wants_write = came == TlsStep::kWantWrite;
  tls->write_wants_read = came == TlsStep::kWantRead;
  c->funcs = &redisContextSSLFuncs;
  c->privctx = tls;
  return REDIS_OK;
}

void FreeSsl(void* ssl) noexcept { SSL_free(static_cast<SSL*>(ssl)); }

bool IsEmbedded(redisContext* c) {
  return dualisHiredisAdopt != nullptr && dualisHiredisAdopt(c, nullptr, nullptr) != 0;
}

}  // namespace

extern "C" {

extern const redisContextFuncs redisContextSSLFuncs = {redisNetClose, FreeTls, AsyncRead, AsyncRead, Read, Write};

int redisInitOpenSSL(void) noexcept { return REDIS_OK; }

const char* redisSSLContextGetError(redisSSLContextError error) noexcept {
  const auto at = static_cast<size_t>(error);
  return at < std::size(kErrorTexts) && kErrorTexts[at] != nullptr ? kErrorTexts[at] : "Unknown error code";
}

redisSSLContext* redisCreateSSLContext(const char* cacert_filename, const char* capath, const char* cert_filename,
                                       const char* private_key_filename, const char* server_name,
                                       redisSSLContextError* error) noexcept {
  redisSSLOptions options = {};
  options.cacert_filename = cacert_filename;
  options.capath = capath;
  options.cert_filename = cert_filename;
  options.private_key_filename = private_key_filename;
  options.server_name = server_name;
  options.verify_mode = REDIS_SSL_VERIFY_PEER;
  return redisCreateSSLContextWithOptions(&options, error);
}

redisSSLContext* redisCreateSSLContextWithOptions(redisSSLOptions* options, redisSSLContextError* error) noexcept {
  ERR_clear_error();
  redisSSLContextError failed = REDIS_SSL_CTX_CREATE_FAILED;
  auto* made = static_cast<redisSSLContext*>(hi_calloc(1, sizeof(redisSSLContext)));
  if (made != nullptr) {
    made->context = SSL_CTX_new(TLS_client_method());
    made->server_name = options->server_name == nullptr ? nullptr : hi_strdup(options->server_name);
    const bool complete = made->context != nullptr && (options->server_name == nullptr || made->server_name != nullptr);
    if (complete) failed = Configure(made->context, *options);
    if (failed != REDIS_SSL_CTX_NONE) {
      redisFreeSSLContext(made);
      made = nullptr;
    }
  }
  ERR_clear_error();
  if (error != nullptr) *error = failed;
  return made;
}

void redisFreeSSLContext(redisSSLContext* redis_ssl_ctx) noexcept {
  if (redis_ssl_ctx == nullptr) return;
  SSL_CTX_free(redis_ssl_ctx->context);
  hi_free(redis_ssl_ctx->server_name);
  hi_free(redis_ssl_ctx);
}

int redisInitiateSSL(redisContext* c, struct ssl_st* ssl) noexcept {
  // The SSL becomes the context's in any case, so an embedded one keeps it as long as it lives.
  if (dualisHiredisAdopt != nullptr && dualisHiredisAdopt(c, ssl, FreeSsl) != 0) return REDIS_OK;
  if (c->privctx != nullptr) {
    __redisSetError(c, REDIS_ERR_OTHER, "redisContext was already associated");
    return REDIS_ERR;
  }
  return Initiate(c, ssl);
}

int redisInitiateSSLWithContext(redisContext* c, redisSSLContext* redis_ssl_ctx) noexcept {
  if (c == nullptr || redis_ssl_ctx == nullptr) return REDIS_ERR;
  if (IsEmbedded(c)) return REDIS_OK;
  if (c->privctx != nullptr) return REDIS_ERR;
  ERR_clear_error();
  SSL* ssl = SSL_new(redis_ssl_ctx->context);
  if (ssl == nullptr) {
    __redisSetError(c, REDIS_ERR_OTHER, "Couldn't create new SSL instance");
    return REDIS_ERR;
  }
  if (redis_ssl_ctx->server_name != nullptr && SSL_set_tlsext_host_name(ssl, redis_ssl_ctx->server_name) != 1) {
    __redisSetError(c, REDIS_ERR_OTHER, "Failed to set server_name/SNI");
    SSL_free(ssl);
    return REDIS_ERR;
  }
  if (Initiate(c, ssl) == REDIS_OK) return REDIS_OK;
  SSL_free(ssl);
  return REDIS_ERR;
}

}  // extern "C"
