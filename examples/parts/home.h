// Which home an example runs in: the URL on its command line, or else an engine of its own.
#ifndef EXAMPLES_PARTS_HOME_H_
#define EXAMPLES_PARTS_HOME_H_

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "dualis/client.h"

namespace examples {

// Ends the program with a message if there is no value.
template <class T>
T OrDie(dualis::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", std::string(result.error().message()).c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

// A client whose keys all start with a prefix of this process: the URL may be somebody's server.
inline dualis::Client Home(const std::string& url, const std::string& name) {
  const std::string prefix = "dualis-example:" + name + ":" + std::to_string(getpid()) + ":";
  if (!url.empty() && url != "mem://") return OrDie(dualis::Client::Connect(url)).with_prefix(prefix);
  // An engine with a clock that stands still until it is told.
  dualis::Options options;
  options.clock = std::make_shared<dualis::ManualClock>();
  return dualis::Client::On(dualis::Engine::Create(std::move(options)), prefix);
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_HOME_H_
