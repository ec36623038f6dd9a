/* TLS for contexts of the hiredis ABI: libhiredis_ssl, over OpenSSL.
 *
 *   redisSSLContext *tls = redisCreateSSLContext("ca.crt", NULL, NULL, NULL, NULL, &error);
 *   redisContext *c = redisConnect("db.example", 6380);
 *   if (redisInitiateSSLWithContext(c, tls) != REDIS_OK) ... c->errstr
 *
 * A context whose engine is in this process (mem://NAME, or routed there) needs no TLS: initiating it succeeds and does
 * nothing, so that a program that is configured for TLS can be routed, too. */
#ifndef __HIREDIS_SSL_H
#define __HIREDIS_SSL_H

#include "hiredis.h"

/* OpenSSL's SSL; programs that do not use it need not include OpenSSL's headers. */
struct ssl_st;

#ifdef __cplusplus
extern "C" {
#endif

/* Certificates and rules for any number of connections. Connections that were made under it outlive it. */
typedef struct redisSSLContext redisSSLContext;

typedef enum {
  REDIS_SSL_CTX_NONE = 0,
  REDIS_SSL_CTX_CREATE_FAILED,
  REDIS_SSL_CTX_CERT_KEY_REQUIRED, /* a certificate without a key, or a key without a certificate */
  REDIS_SSL_CTX_CA_CERT_LOAD_FAILED,
  REDIS_SSL_CTX_CLIENT_CERT_LOAD_FAILED,
  REDIS_SSL_CTX_CLIENT_DEFAULT_CERT_FAILED,
  REDIS_SSL_CTX_PRIVATE_KEY_LOAD_FAILED,
  REDIS_SSL_CTX_OS_CERTSTORE_OPEN_FAILED, /* never here: Windows' */
  REDIS_SSL_CTX_OS_CERT_ADD_FAILED,       /* the same */
  REDIS_SSL_CTX_VERIFY_NAME_FAILED        /* a name that is none, or to be verified without verifying */
} redisSSLContextError;

/* For redisSSLOptions.verify_mode. The values are OpenSSL's. */
#define REDIS_SSL_VERIFY_NONE 0x00
#define REDIS_SSL_VERIFY_PEER 0x01
#define REDIS_SSL_VERIFY_FAIL_IF_NO_PEER_CERT 0x02
#define REDIS_SSL_VERIFY_CLIENT_ONCE 0x04
#define REDIS_SSL_VERIFY_POST_HANDSHAKE 0x08

/* Null means none, for each of the texts; without a CA the system's are trusted. They are read while the context is
 * made. */
typedef struct {
  const char* cacert_filename;
  const char* capath;
  const char* cert_filename; /* with private_key_filename, or neither */
  const char* private_key_filename;
  const char* server_name; /* to ask for (SNI); not verified */
  int verify_mode;
  const char* verify_name; /* a host name or an IP address that the server's certificate must be for */
} redisSSLOptions;

/* Does nothing: OpenSSL sets itself up since 1.1. REDIS_OK. */
int redisInitOpenSSL(void) HIREDIS_NOEXCEPT;

const char* redisSSLContextGetError(redisSSLContextError error) HIREDIS_NOEXCEPT;

/* Null with *error set (error may be null). The short form verifies the server's certificate, but not its name. */
redisSSLContext* redisCreateSSLContext(const char* cacert_filename, const char* capath, const char* cert_filename,
                                       const char* private_key_filename, const char* server_name,
                                       redisSSLContextError* error) HIREDIS_NOEXCEPT;
redisSSLContext* redisCreateSSLContextWithOptions(redisSSLOptions* options,
                                                  redisSSLContextError* error) HIREDIS_NOEXCEPT;
void redisFreeSSLContext(redisSSLContext* redis_ssl_ctx) HIREDIS_NOEXCEPT;

/* Puts TLS on a connected context. Blocking contexts complete the handshake, within the command timeout; others begin
 * it, and go on with it while they read and write: to be called from the connect callback, or right after connecting.
 * After redisReconnect it must be called again. redisInitiateSSL takes an SSL that the program has made, and frees it
 * with the context. REDIS_ERR with c->err set; the SSL is then still the program's. */
int redisInitiateSSLWithContext(redisContext* c, redisSSLContext* redis_ssl_ctx) HIREDIS_NOEXCEPT;
int redisInitiateSSL(redisContext* c, struct ssl_st* ssl) HIREDIS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* __HIREDIS_SSL_H */
