// Evictor: makes room when the engine holds more than maxmemory, by the policy of maxmemory-policy.
//
// LRU and LFU are approximated as in Redis: each round looks at maxmemory-samples keys of every database and keeps the
// best candidates of this and earlier rounds in a small pool; the best one that still exists goes. volatile-ttl needs
// no samples, as the databases know which key dies first.
#ifndef DUALIS_ENGINE_RUNTIME_EVICTION_H_
#define DUALIS_ENGINE_RUNTIME_EVICTION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/command/server_ops.h"
#include "engine/core/rng.h"
#include "engine/keyspace/turn.h"

namespace dualis::runtime {

class Evictor {
 public:
  using Databases = std::vector<std::unique_ptr<Db>>;

  // Removes keys until the databases hold at most `limit` bytes. A turn does not work for long: what remains is for the
  // next ones. False if nothing more may be removed.
  bool MakeRoom(Databases& databases, int64_t limit, const Settings& settings, Rng& rng, Turn& turn);

 private:
  struct Candidate {
    uint64_t score;  // the higher, the sooner it goes
    int db;
    std::string key;
  };
  // The next key to go; null if there is none.
  Entry* Choose(Databases& databases, MaxmemoryPolicy policy, int64_t samples, Rng& rng, Turn& turn, Db** at);
  Entry* ChooseByChance(Databases& databases, bool expiring, Rng& rng, Db** at);
  void Sample(Db& db, MaxmemoryPolicy policy, int64_t samples, Rng& rng, const Access& access);

  std::vector<Candidate> pool_;  // by rising score
  size_t next_db_ = 0;
};

}  // namespace dualis::runtime

#endif  // DUALIS_ENGINE_RUNTIME_EVICTION_H_
