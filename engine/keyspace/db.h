// Db: one numbered database: its keys, and which of them expire when.
#ifndef DUALIS_ENGINE_KEYSPACE_DB_H_
#define DUALIS_ENGINE_KEYSPACE_DB_H_

#include <absl/container/btree_set.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/core/hash.h"
#include "engine/core/rng.h"
#include "engine/core/segment_table.h"
#include "engine/keyspace/access.h"
#include "engine/keyspace/entry.h"
#include "engine/keyspace/field_calendar.h"

namespace dualis {

class Db {
 public:
  // `access` marks new entries; without it they stay unmarked. It must outlive the database.
  Db(int index, uint64_t seed, const Access* access = nullptr)
      : index_(index), access_(access), table_(EntryTraits{seed}) {}
  ~Db() { Clear(); }
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  int index() const { return index_; }
  // Of all hashing in this database, that of its large collections included.
  uint64_t seed() const { return table_.traits().seed; }
  size_t size() const { return table_.size(); }
  // How many of them expire.
  size_t expiring() const { return expiries_.size(); }

  // Bytes held: entries and their values as they were last charged, the table, the index of expiries.
  size_t memory() const {
    return static_cast<size_t>(std::max<int64_t>(entry_bytes_, 0)) + table_.bytes() + expiry_bytes();
  }
  size_t table_bytes() const { return table_.bytes(); }
  size_t expiry_bytes() const { return expiries_.size() * kExpiryBytes; }
  // Bytes that an entry takes with its value and its place in the table.
  static size_t BytesOf(const Entry& entry);
  // The value's part of them: 0 for a string, which lies in its entry.
  static size_t BytesOfValue(const Entry& entry);
  // The same of a value that knows its type.
  template <class T>
  static size_t BytesOfValue(const T& value) {
    return Allocation(value.memory());
  }
  // A value has grown or shrunk.
  void Charge(int64_t bytes) noexcept { entry_bytes_ += bytes; }

  // How often an entry came, went or moved: until it changes, entries that were found are where they were.
  uint64_t changes() const { return changes_; }

  // The entry of this name, dead or alive; null if there is none.
  Entry* Find(Bytes key) const;
  // Begins to load what Find will read.
  void Prefetch(Bytes key) const { table_.Prefetch(HashOf(key)); }

  // Takes the entry over. Requires: no entry of its name. Throws std::bad_alloc and leaves the entry to the caller.
  void Insert(Entry* entry);
  // Puts `fresh` in the place of `old`, which has the same name, and releases `old` (with its value, if told). The
  // expiry of `fresh` counts. Throws std::bad_alloc before anything changed; `fresh` is then still the caller's.
  enum class OldValue { kDestroy, kMoved };
  void Replace(Entry* old, Entry* fresh, OldValue old_value);
  // Removes and destroys. Never throws.
  void Erase(Entry* entry) noexcept;
  // Removes an entry without destroying it: the caller owns it now.
  void Detach(Entry* entry) noexcept;
  void Clear() noexcept;
  // Exchanges all keys. Both keep their numbers.
  void SwapContents(Db& other) noexcept;

  // Gives an entry an expiry; kNoExpiry makes it persistent. May move the entry, whose new place is returned. Throws
  // std::bad_alloc and changes nothing.
  Entry* SetExpiry(Entry* entry, TimeMs when);

  // The entry that dies first, null if none ever does.
  Entry* FirstToExpire() const { return expiries_.empty() ? nullptr : expiries_.begin()->second; }

  // Which hashes have fields that die.
  FieldCalendar& fields() { return fields_; }
  const FieldCalendar& fields() const { return fields_; }
  // How long keys that expire have to live on average, in milliseconds, by a few of them.
  TimeMs AverageTtl(TimeMs now) const;

  // Redis' SCAN: calls visit(Entry&) for at least `count` places; returns the next cursor, 0 at the end.
  template <class Visit>
  uint64_t Scan(uint64_t cursor, size_t count, Visit&& visit) const {
    return table_.Scan(cursor, count, [&](Entry* entry) { visit(*entry); });
  }
  template <class Visit>
  void ForEach(Visit&& visit) const {
    table_.ForEach([&](Entry* entry) { visit(*entry); });
  }
  // Any entry, each about equally likely; null if there are none.
  Entry* Random(Rng& rng) const { return table_.Random(rng); }
  // One of those that expire, each with some likelihood; null if none does.
  Entry* RandomExpiring(Rng& rng) const;

 private:
  struct EntryTraits {
    uint64_t seed;
    uint64_t Hash(const Entry* entry) const { return HashBytes(entry->key(), seed); }
  };
  // What malloc takes for an allocation of this size.
  static size_t Allocation(size_t bytes) { return std::max<size_t>((bytes + sizeof(size_t) + 15) & ~size_t{15}, 32); }
  uint64_t HashOf(Bytes key) const { return HashBytes(key, table_.traits().seed); }
  Entry** SlotOf(const Entry* entry);

  // What a node of the index takes for each of its elements, half of its free room included.
  static constexpr size_t kExpiryBytes = 24;

  int index_;
  const Access* access_;
  int64_t entry_bytes_ = 0;
  uint64_t changes_ = 0;
  SegmentTable<Entry, EntryTraits> table_;
  absl::btree_set<std::pair<TimeMs, Entry*>> expiries_;  // every entry with expiry() != kNoExpiry
  FieldCalendar fields_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_DB_H_
