#include "engine/keyspace/field_calendar.h"

#include "engine/types/hash.h"

namespace dualis {
namespace {

FieldTimes* TimesOf(Entry* entry) {
  return entry->type() == ValueType::kHash ? static_cast<Hash*>(entry->value())->times() : nullptr;
}

}  // namespace

static_assert(kNoExpiry == FieldTimes::kNever);

void FieldCalendar::Add(Entry* entry) {
  FieldTimes* times = TimesOf(entry);
  if (times == nullptr || times->empty()) return;
  by_time_.emplace(times->first_time(), entry);
  times->listed = times->first_time();
  entry->set_field_times(true);
}

void FieldCalendar::Prepare(Entry* entry) {
  FieldTimes& times = static_cast<Hash*>(entry->value())->MakeTimes();
  if (entry->has_field_times()) return;
  by_time_.emplace(kNoExpiry, entry);
  times.listed = kNoExpiry;
  entry->set_field_times(true);
}

void FieldCalendar::Settle(Entry* entry) noexcept {
  if (!entry->has_field_times()) return;
  FieldTimes* times = TimesOf(entry);
  if (times->empty()) return Remove(entry);
  if (times->first_time() == times->listed) return;
  auto node = by_time_.extract({times->listed, entry});
  node.value().first = times->listed = times->first_time();
  by_time_.insert(std::move(node));
}

void FieldCalendar::Remove(Entry* entry) noexcept {
  if (!entry->has_field_times()) return;
  by_time_.erase({TimesOf(entry)->listed, entry});
  entry->set_field_times(false);
}

}  // namespace dualis
