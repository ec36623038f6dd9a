// KeyMemo: the keys that a script's turn looked up last, and their entries. A script uses a few keys many times, named
// by the same bytes in the same place; to find one again costs a comparison, not a hash and a walk through the table.
#ifndef DUALIS_ENGINE_KEYSPACE_KEY_MEMO_H_
#define DUALIS_ENGINE_KEYSPACE_KEY_MEMO_H_

#include <array>
#include <cstdint>

#include "engine/core/hash.h"
#include "engine/keyspace/db.h"

namespace dualis {

class KeyMemo {
 public:
  // As db.Find(key).
  Entry* Find(const Db& db, Bytes key) {
    const auto place = reinterpret_cast<uintptr_t>(key.data());
    Known& known = known_[static_cast<size_t>(uint64_t{place} * 0x9e3779b97f4a7c15u >> 62)];
    // What lies in that place may be another text by now.
    if (known.place == place && known.db == &db && known.changes == db.changes() &&
        SameBytes(known.entry->key(), key)) {
      return known.entry;
    }
    Entry* entry = db.Find(key);
    if (entry != nullptr) known = {place, &db, db.changes(), entry};
    return entry;
  }

 private:
  struct Known {
    uintptr_t place = 0;
    const Db* db = nullptr;
    uint64_t changes = 0;
    Entry* entry = nullptr;
  };
  std::array<Known, 4> known_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_KEY_MEMO_H_
