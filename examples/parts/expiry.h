// A key that expires. On an engine with a manual clock nobody waits; on a server 50 ms really pass.
#ifndef EXAMPLES_PARTS_EXPIRY_H_
#define EXAMPLES_PARTS_EXPIRY_H_

#include <chrono>
#include <string>
#include <thread>

#include "dualis/client.h"

namespace examples {

struct Expired {
  bool before = false;  // the key was there
  bool after = false;   // and is still there when its time is over
};

inline dualis::Result<Expired> LetExpire(dualis::Client& client, const std::string& key) {
  using namespace std::chrono_literals;
  if (auto set = client.set(key, "soon gone", {.expiry = dualis::Expiry::In(50ms)}); !set) return set.error();
  Expired seen;
  const auto before = client.exists(key);
  if (!before) return before.error();
  seen.before = *before == 1;
  dualis::Engine* engine = client.engine();
  if (engine != nullptr && !engine->clock().runs_by_itself()) {
    engine->Advance(50);
  } else {
    std::this_thread::sleep_for(60ms);
  }
  const auto after = client.exists(key);
  if (!after) return after.error();
  seen.after = *after == 1;
  return seen;
}

}  // namespace examples

#endif  // EXAMPLES_PARTS_EXPIRY_H_
