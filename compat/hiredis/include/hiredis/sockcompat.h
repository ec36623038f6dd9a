/* The socket interface that the headers of the hiredis ABI rely on. On POSIX systems, the only ones we serve, it is the
 * system's own; programs include this header because on Windows upstream's stands in for it. */
#ifndef __SOCKCOMPAT_H
#define __SOCKCOMPAT_H

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#endif /* __SOCKCOMPAT_H */
