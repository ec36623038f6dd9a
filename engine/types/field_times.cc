#include "engine/types/field_times.h"

namespace dualis {

size_t FieldTimes::memory() const {
  // A node of the map has three links and a colour beside its value; long names lie outside.
  constexpr size_t kNodeBytes = 4 * sizeof(void*) + sizeof(ByField::value_type);
  return size() * (kNodeBytes + sizeof(std::pair<TimeMs, Bytes>));
}

TimeMs FieldTimes::Find(Bytes field) const {
  const auto it = by_field_.find(field);
  return it == by_field_.end() ? kNever : it->second;
}

void FieldTimes::Set(Bytes field, TimeMs when) {
  auto it = by_field_.find(field);
  const bool fresh = it == by_field_.end();
  if (fresh) it = by_field_.emplace(field, when).first;
  if (!fresh && it->second == when) return;
  try {
    by_time_.emplace(when, it->first);
  } catch (...) {
    if (fresh) by_field_.erase(it);
    throw;
  }
  if (!fresh) by_time_.erase({it->second, it->first});
  it->second = when;
}

bool FieldTimes::Erase(Bytes field) noexcept {
  const auto it = by_field_.find(field);
  if (it == by_field_.end()) return false;
  by_time_.erase({it->second, it->first});
  by_field_.erase(it);
  return true;
}

}  // namespace dualis
