// What a connection asked of client-side caching (CLIENT TRACKING).
#ifndef DUALIS_ENGINE_COMMAND_TRACKING_OPS_H_
#define DUALIS_ENGINE_COMMAND_TRACKING_OPS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace dualis {

struct TrackingOptions {
  int64_t redirect = 0;                    // the client that gets the messages; 0: this one
  bool broadcast = false;                  // of every key that changes and has one of the prefixes, read or not
  bool opt_in = false;                     // only keys of commands after CLIENT CACHING YES
  bool opt_out = false;                    // not keys of commands after CLIENT CACHING NO
  bool no_loop = false;                    // not what this client changes itself
  std::vector<std::string> prefixes = {};  // ordered once they hold
};

struct TrackingState : TrackingOptions {
  bool caching = false;          // CLIENT CACHING was said of the next command
  bool redirect_broken = false;  // the client that was to get the messages is gone
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_TRACKING_OPS_H_
