// Which endpoints are engines of this process.
#ifndef DUALIS_COMPAT_HIREDIS_ROUTE_H_
#define DUALIS_COMPAT_HIREDIS_ROUTE_H_

#include <optional>
#include <string>

#include "compat/wire/uri.h"

namespace dualis::hiredis {

struct Route {
  wire::Uri target;  // mem://NAME
  bool rerouted;     // the program asked for a server: it may send a password that the engine does not have
};

// The engine behind a host and port, or (port -1) a socket's path; nothing: a socket it is. Looks at the name itself,
// then at dualisHiredisRoute's rules, then at DUALIS_HIREDIS_ROUTE. kUsage if the mem:// URL is wrong. May throw
// bad_alloc.
Result<std::optional<Route>> FindRoute(const char* endpoint, int port);

}  // namespace dualis::hiredis

#endif  // DUALIS_COMPAT_HIREDIS_ROUTE_H_
