#include "engine/keyspace/db.h"

namespace dualis {

Entry* Db::Find(Bytes key) const {
  return table_.FindValue(HashOf(key), [&](const Entry* entry) { return entry->key() == key; });
}

Entry** Db::SlotOf(const Entry* entry) {
  return table_.Find(table_.traits().Hash(entry), [&](const Entry* other) { return other == entry; });
}

void Db::Insert(Entry* entry) {
  const bool expires = entry->expiry() != kNoExpiry;
  if (expires) expiries_.emplace(entry->expiry(), entry);
  try {
    fields_.Add(entry);
    table_.Insert(table_.traits().Hash(entry), entry);
  } catch (...) {
    if (expires) expiries_.erase({entry->expiry(), entry});
    fields_.Remove(entry);
    throw;
  }
}

void Db::Replace(Entry* old, Entry* fresh, OldValue old_value) {
  if (fresh->expiry() != kNoExpiry) expiries_.emplace(fresh->expiry(), fresh);
  try {
    // Before `fresh` notes a time of its own in what may be the same hash.
    if (old_value == OldValue::kMoved) fields_.Settle(old);
    fields_.Add(fresh);
  } catch (...) {
    if (fresh->expiry() != kNoExpiry) expiries_.erase({fresh->expiry(), fresh});
    throw;
  }
  if (old->expiry() != kNoExpiry) expiries_.erase({old->expiry(), old});
  fields_.Remove(old);
  table_.Replace(SlotOf(old), fresh);
  if (old_value == OldValue::kDestroy) {
    Entry::Destroy(old);
  } else {
    Entry::Release(old);
  }
}

void Db::Detach(Entry* entry) noexcept {
  if (entry->expiry() != kNoExpiry) expiries_.erase({entry->expiry(), entry});
  fields_.Remove(entry);
  table_.Erase(SlotOf(entry));
}

void Db::Erase(Entry* entry) noexcept {
  Detach(entry);
  Entry::Destroy(entry);
}

void Db::Clear() noexcept {
  expiries_.clear();
  fields_.Clear();
  table_.Clear([](Entry* entry) { Entry::Destroy(entry); });
}

void Db::SwapContents(Db& other) noexcept {
  std::swap(table_, other.table_);
  expiries_.swap(other.expiries_);
  fields_.Swap(other.fields_);
}

Entry* Db::SetExpiry(Entry* entry, TimeMs when) {
  if (when == entry->expiry()) return entry;
  if (!entry->has_expiry()) {
    Entry* fresh = entry->type() == ValueType::kString
                       ? Entry::NewString(entry->key(), entry->string().view(), entry->string_capacity(), true)
                       : Entry::NewValue(entry->key(), entry->type(), entry->value(), true);
    fresh->set_string_form(entry->string_form());
    fresh->set_expiry(when);
    try {
      Replace(entry, fresh, OldValue::kMoved);
    } catch (...) {
      Entry::Release(fresh);
      throw;
    }
    return fresh;
  }
  if (when != kNoExpiry) expiries_.emplace(when, entry);
  if (entry->expiry() != kNoExpiry) expiries_.erase({entry->expiry(), entry});
  entry->set_expiry(when);
  return entry;
}

}  // namespace dualis
