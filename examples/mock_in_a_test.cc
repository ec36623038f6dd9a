// Testing code that uses Redis, without a server: a private engine, a clock that obeys, and a look at what was stored.
#include <cassert>
#include <chrono>
#include <iostream>

#include "examples/parts/home.h"

namespace {

// The code under test: at most `limit` calls a minute and user.
dualis::Result<bool> Allowed(dualis::Client& client, const std::string& user, int64_t limit) {
  const std::string key = "calls:" + user;
  const auto calls = client.incr(key);
  if (!calls) return calls.error();
  if (*calls == 1) {
    if (auto timed = client.expire(key, std::chrono::seconds(60)); !timed) return timed.error();
  }
  return *calls <= limit;
}

void Check(bool ok, const char* what) {
  std::cout << (ok ? "ok    " : "FAILED ") << what << "\n";
  if (!ok) std::exit(1);
}

}  // namespace

int main() {
  dualis::Options options;
  options.clock = std::make_shared<dualis::ManualClock>();
  options.seed = 1;
  dualis::Client client = dualis::Client::On(dualis::Engine::Create(std::move(options)));

  Check(Allowed(client, "ann", 2).value(), "the first call is allowed");
  Check(Allowed(client, "ann", 2).value(), "the second call is allowed");
  Check(!Allowed(client, "ann", 2).value(), "the third call is not");
  Check(client.ttl("calls:ann").value() == 60, "the counter has a minute to live");
  client.engine()->Advance(60'000);
  Check(client.exists("calls:ann").value() == 0, "a minute later it is gone");
  Check(Allowed(client, "ann", 2).value(), "and calls are allowed again");
}
