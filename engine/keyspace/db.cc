#include "engine/keyspace/db.h"

#include "engine/keyspace/values.h"

namespace dualis {

size_t Db::BytesOfValue(const Entry& entry) {
  return entry.type() == ValueType::kString ? 0 : Allocation(MemoryOf(entry.type(), entry.value()));
}

size_t Db::BytesOf(const Entry& entry) { return Allocation(entry.allocated()) + BytesOfValue(entry); }

Entry* Db::Find(Bytes key) const {
  return table_.FindValue(HashOf(key), [&](const Entry* entry) { return SameBytes(entry->key(), key); });
}

Entry** Db::SlotOf(const Entry* entry) {
  return table_.Find(table_.traits().Hash(entry), [&](const Entry* other) { return other == entry; });
}

void Db::Insert(Entry* entry) {
  ++changes_;
  if (access_ != nullptr) access_->MarkNew(*entry);
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
  entry_bytes_ += static_cast<int64_t>(BytesOf(*entry));
}

void Db::Replace(Entry* old, Entry* fresh, OldValue old_value) {
  ++changes_;
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
  // A new value is a use of the key; how often it was used stays.
  if (old_value == OldValue::kMoved || (access_ != nullptr && access_->lfu)) fresh->set_access(old->access());
  if (access_ != nullptr) access_->MarkNew(*fresh);
  table_.Replace(SlotOf(old), fresh);
  entry_bytes_ +=
      static_cast<int64_t>(Allocation(fresh->allocated())) - static_cast<int64_t>(Allocation(old->allocated()));
  if (old_value == OldValue::kDestroy) {
    entry_bytes_ += static_cast<int64_t>(BytesOfValue(*fresh)) - static_cast<int64_t>(BytesOfValue(*old));
  }
  if (old_value == OldValue::kDestroy) {
    Entry::Destroy(old);
  } else {
    Entry::Release(old);
  }
}

void Db::Detach(Entry* entry) noexcept {
  ++changes_;
  if (entry->expiry() != kNoExpiry) expiries_.erase({entry->expiry(), entry});
  fields_.Remove(entry);
  table_.Erase(SlotOf(entry));
  entry_bytes_ -= static_cast<int64_t>(BytesOf(*entry));
}

void Db::Erase(Entry* entry) noexcept {
  Detach(entry);
  Entry::Destroy(entry);
}

void Db::Clear() noexcept {
  ++changes_;
  expiries_.clear();
  fields_.Clear();
  entry_bytes_ = 0;
  table_.Clear([](Entry* entry) { Entry::Destroy(entry); });
}

void Db::SwapContents(Db& other) noexcept {
  ++changes_;
  ++other.changes_;
  std::swap(table_, other.table_);
  expiries_.swap(other.expiries_);
  fields_.Swap(other.fields_);
  std::swap(entry_bytes_, other.entry_bytes_);
}

TimeMs Db::AverageTtl(TimeMs now) const {
  constexpr int kSamples = 32;
  TimeMs sum = 0;
  int seen = 0;
  for (auto it = expiries_.begin(); it != expiries_.end() && seen < kSamples; ++it, ++seen) {
    sum += std::max<TimeMs>(it->first - now, 0);
  }
  return seen == 0 ? 0 : sum / seen;
}

Entry* Db::RandomExpiring(Rng& rng) const {
  if (expiries_.empty()) return nullptr;
  // Where most keys expire, any key will do. Else the one that is next at some moment, which favours those that expire
  // alone.
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    Entry* entry = table_.Random(rng);
    if (entry->expiry() != kNoExpiry) return entry;
  }
  const TimeMs first = expiries_.begin()->first;
  const auto span = static_cast<uint64_t>(expiries_.rbegin()->first - first) + 1;
  return expiries_.lower_bound({first + static_cast<TimeMs>(rng.Next() % span), nullptr})->second;
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
