// One program, two homes. Nothing in it says which: the configuration does.
//
//   switch_home                                          an engine in this process
//   DUALIS_URL=redis://127.0.0.1:6379 switch_home        a server
//   DUALIS_URL='{"home": "unix", "path": "/run/redis.sock", "prefix": "demo:"}' switch_home
#include <cstdlib>
#include <iostream>

#include "examples/parts/home.h"

int main() {
  dualis::Config config;  // mem://
  if (std::getenv("DUALIS_URL") != nullptr) config = examples::OrDie(dualis::Config::FromEnvironment());
  dualis::Client client = examples::OrDie(dualis::Client::Connect(config));
  const std::string key = "dualis-example:visits";
  examples::OrDie(client.set(key, "41"));
  std::cout << "visits: " << examples::OrDie(client.incr(key)) << "\n";
  examples::OrDie(client.del(key));
}
