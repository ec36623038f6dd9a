// FieldCalendar: the hashes of a database whose fields die, in the order in which their first fields do.
//
// An entry is listed with its first field's time; the hash remembers that time (FieldTimes::listed), so that the
// listing can be found again. Listing allocates; after that the entry moves along, and goes, without.
#ifndef DUALIS_ENGINE_KEYSPACE_FIELD_CALENDAR_H_
#define DUALIS_ENGINE_KEYSPACE_FIELD_CALENDAR_H_

#include <set>
#include <utility>

#include "engine/keyspace/entry.h"

namespace dualis {

class FieldCalendar {
 public:
  // Lists an entry that came into the database, if its fields die. Throws std::bad_alloc and changes nothing.
  void Add(Entry* entry);
  // Lists a hash that is about to get its first time: Settle then finds it listed. Throws std::bad_alloc.
  void Prepare(Entry* entry);
  // After times changed: the entry moves to where it belongs, or leaves. Requires: listed, or no field dies.
  void Settle(Entry* entry) noexcept;
  // Forgets an entry that leaves the database. The hash may be in another entry by now.
  void Remove(Entry* entry) noexcept;
  void Clear() noexcept { by_time_.clear(); }
  void Swap(FieldCalendar& other) noexcept { by_time_.swap(other.by_time_); }

  // The hash whose first field dies first; null if there is none.
  Entry* first() const { return first_time() == kNoExpiry ? nullptr : by_time_.begin()->second; }
  // When that is; kNoExpiry if there is none.
  TimeMs first_time() const { return by_time_.empty() ? kNoExpiry : by_time_.begin()->first; }

 private:
  std::set<std::pair<TimeMs, Entry*>> by_time_;  // std::set: its nodes can be moved without allocation
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_KEYSPACE_FIELD_CALENDAR_H_
