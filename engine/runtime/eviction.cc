#include "engine/runtime/eviction.h"

#include <algorithm>
#include <new>

namespace dualis::runtime {
namespace {

constexpr size_t kPool = 16;
// Keys that one turn removes at most.
constexpr int kAlong = 4096;

bool OnlyExpiring(MaxmemoryPolicy policy) {
  return policy == MaxmemoryPolicy::kVolatileLru || policy == MaxmemoryPolicy::kVolatileLfu ||
         policy == MaxmemoryPolicy::kVolatileRandom || policy == MaxmemoryPolicy::kVolatileTtl;
}

int64_t Held(const Evictor::Databases& databases) {
  int64_t bytes = 0;
  for (const auto& db : databases) bytes += static_cast<int64_t>(db->memory());
  return bytes;
}

// Of all databases the key that dies first.
Entry* NextToDie(const Evictor::Databases& databases, Db** at) {
  Entry* next = nullptr;
  for (const auto& db : databases) {
    Entry* first = db->FirstToExpire();
    if (first == nullptr || (next != nullptr && first->expiry() >= next->expiry())) continue;
    next = first;
    *at = db.get();
  }
  return next;
}

}  // namespace

bool Evictor::MakeRoom(Databases& databases, int64_t limit, const Settings& settings, Rng& rng, Turn& turn) {
  const auto policy = settings.choice<MaxmemoryPolicy>(Setting::kMaxmemoryPolicy);
  if (Held(databases) <= limit) return true;
  if (policy == MaxmemoryPolicy::kNoEviction) return false;
  turn.now();  // the marks of uses are judged by it
  for (int removed = 0; removed < kAlong; ++removed) {
    Db* at = nullptr;
    Entry* entry = nullptr;
    try {
      entry = Choose(databases, policy, settings.number(Setting::kMaxmemorySamples), rng, turn, &at);
    } catch (const std::bad_alloc&) {
      return false;
    }
    if (entry == nullptr) return false;
    turn.Evict(*at, entry);
    if (Held(databases) <= limit) return true;
  }
  return true;
}

Entry* Evictor::Choose(Databases& databases, MaxmemoryPolicy policy, int64_t samples, Rng& rng, Turn& turn, Db** at) {
  if (policy == MaxmemoryPolicy::kVolatileTtl) return NextToDie(databases, at);
  const bool expiring = OnlyExpiring(policy);
  if (policy == MaxmemoryPolicy::kAllKeysRandom || policy == MaxmemoryPolicy::kVolatileRandom) {
    return ChooseByChance(databases, expiring, rng, at);
  }
  for (;;) {
    bool any = false;
    for (const auto& db : databases) {
      if ((expiring ? db->expiring() : db->size()) == 0) continue;
      any = true;
      Sample(*db, policy, samples, rng, turn.access());
    }
    if (!any) return nullptr;
    while (!pool_.empty()) {
      const Candidate best = std::move(pool_.back());
      pool_.pop_back();
      Db& db = *databases[static_cast<size_t>(best.db)];
      Entry* entry = db.Find(best.key);
      if (entry == nullptr || (expiring && entry->expiry() == kNoExpiry)) continue;
      *at = &db;
      return entry;
    }
  }
}

Entry* Evictor::ChooseByChance(Databases& databases, bool expiring, Rng& rng, Db** at) {
  for (size_t tried = 0; tried < databases.size(); ++tried) {
    Db& db = *databases[next_db_++ % databases.size()];
    if ((expiring ? db.expiring() : db.size()) == 0) continue;
    *at = &db;
    return expiring ? db.RandomExpiring(rng) : db.Random(rng);
  }
  return nullptr;
}

void Evictor::Sample(Db& db, MaxmemoryPolicy policy, int64_t samples, Rng& rng, const Access& access) {
  const bool lfu = policy == MaxmemoryPolicy::kAllKeysLfu || policy == MaxmemoryPolicy::kVolatileLfu;
  const auto wanted = std::min<int64_t>(samples, static_cast<int64_t>(db.size()));
  for (int64_t i = 0; i < wanted; ++i) {
    const Entry* entry = OnlyExpiring(policy) ? db.RandomExpiring(rng) : db.Random(rng);
    const uint64_t score = lfu ? 255u - access.Frequency(*entry) : static_cast<uint64_t>(access.Idle(*entry));
    const auto known = [&](const Candidate& c) { return c.db == db.index() && c.key == entry->key(); };
    if (std::any_of(pool_.begin(), pool_.end(), known)) continue;
    if (pool_.size() == kPool && score <= pool_.front().score) continue;
    const auto place =
        std::upper_bound(pool_.begin(), pool_.end(), score, [](uint64_t s, const Candidate& c) { return s < c.score; });
    pool_.insert(place, {score, db.index(), std::string(entry->key())});
    if (pool_.size() > kPool) pool_.erase(pool_.begin());
  }
}

}  // namespace dualis::runtime
