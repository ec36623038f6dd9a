// FieldTimes: when the fields of one hash die, found by field and by time. Only hashes with such fields have one.
#ifndef DUALIS_ENGINE_TYPES_FIELD_TIMES_H_
#define DUALIS_ENGINE_TYPES_FIELD_TIMES_H_

#include <absl/container/btree_set.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "dualis/bytes.h"

namespace dualis {

class FieldTimes {
 public:
  // The time of fields that never die.
  static constexpr TimeMs kNever = INT64_MAX;

  bool empty() const { return by_field_.empty(); }
  size_t size() const { return by_field_.size(); }
  size_t memory() const;
  TimeMs Find(Bytes field) const;
  // The field that dies first. Requires: !empty().
  Bytes first_field() const { return by_time_.begin()->second; }
  // kNever if there is none.
  TimeMs first_time() const { return by_time_.empty() ? kNever : by_time_.begin()->first; }

  // Requires: when != kNever. Throws std::bad_alloc and changes nothing.
  void Set(Bytes field, TimeMs when);
  // False if the field had no time.
  bool Erase(Bytes field) noexcept;

  // Calls fn(Bytes field, TimeMs when) for each, the earliest first.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (const auto& [when, field] : by_time_) fn(field, when);
  }

  // Under what time the keyspace has this hash on its calendar. The keyspace's own note: nothing here reads it.
  TimeMs listed = kNever;

 private:
  using ByField = std::map<std::string, TimeMs, std::less<>>;
  ByField by_field_;
  absl::btree_set<std::pair<TimeMs, Bytes>> by_time_;  // views of the keys of by_field_
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_FIELD_TIMES_H_
