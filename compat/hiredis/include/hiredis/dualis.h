/* What Dualis adds to the hiredis API: endpoints that are engines in this process.
 *
 * Wherever a host or a socket path is accepted, mem://NAME names an engine that everyone in the process shares who says
 * that name; it is made on first use. Programs that cannot be told another host are routed: by this function, or by the
 * environment variable DUALIS_HIREDIS_ROUTE, which is read when a context is connected and holds either one mem://NAME for
 * everything or a list of ENDPOINT=mem://NAME, separated by commas or semicolons. An ENDPOINT is HOST:PORT, HOST (any
 * port), a socket's path, or * for everything. */
#ifndef HIREDIS_DUALIS_H
#define HIREDIS_DUALIS_H

#include "hiredis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Adds a rule, which goes before the environment's and before older ones; a null target takes the rule for that endpoint
 * away. REDIS_ERR if the target is not mem://NAME or memory is short. Thread-safe; open contexts stay where they are. */
int dualisHiredisRoute(const char *endpoint, const char *target) HIREDIS_NOEXCEPT;
/* Whether the context is connected to an engine of this process. */
int dualisHiredisIsEmbedded(const redisContext *c) HIREDIS_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* HIREDIS_DUALIS_H */
