#include "engine/keyspace/turn.h"

#include <algorithm>
#include <new>

#include "engine/types/hash.h"

namespace dualis {
int Turn::Open(Db& db, Entry* entry, bool created, size_t bytes) {
  const size_t count = records_.size();
  size_t free = count;
  for (size_t i = 0; i < count; ++i) {
    Record& r = records_[i];
    if (r.open > 0 && r.entry == entry) {
      ++r.open;
      return static_cast<int>(i);
    }
    if (r.open == 0) free = i;
  }
  if (free == count) {
    try {
      records_.emplace_back();
    } catch (...) {
      if (created) db.Erase(entry);
      throw;
    }
  }
  Record& r = records_[free];
  r.db = &db;
  r.entry = entry;
  r.open = 1;
  r.created = created;
  r.changed = r.said = false;
  r.bytes = static_cast<int64_t>(bytes);
  return static_cast<int>(free);
}

void Turn::Close(int record, size_t bytes, bool empty) noexcept {
  Record& r = this->record(record);
  if (--r.open > 0) return;
  assert(r.said || std::uncaught_exceptions() > 0 || !"an Edit ends in Changed() or Unchanged()");
  Db& db = *r.db;
  Entry* entry = r.entry;
  if (r.changed) {
    changed_ = true;
    listener_.KeyChanged(db.index(), entry->key());
  }
  if (const int64_t grown = static_cast<int64_t>(bytes) - r.bytes; grown != 0) db.Charge(grown);
  if (r.created || empty) {
    if (!r.created) listener_.KeyEvent(Event::kDel, db.index(), entry->key());
    db.Erase(entry);
  } else if (entry->has_field_times()) {
    db.fields().Settle(entry);
  }
}

Entry* Turn::CreateString(Db& db, Bytes key, Bytes value, size_t capacity, TimeMs expiry) {
  Entry* entry = Entry::NewString(key, value, std::max(capacity, value.size()), expiry != kNoExpiry);
  if (expiry != kNoExpiry) entry->set_expiry(expiry);
  try {
    db.Insert(entry);
  } catch (...) {
    Entry::Release(entry);
    throw;
  }
  return entry;
}

Entry* Turn::PutString(Db& db, Bytes key, Bytes value, TimeMs expiry) {
  Entry* old = FindForWrite(db, key);
  Entry* entry = old;
  // In place if it fits and does not waste; else a new entry.
  if (old == nullptr) {
    entry = CreateString(db, key, value, value.size(), expiry);
    SendNew(db, key);
  } else if (old->type() == ValueType::kString && old->string_form() != StringForm::kEdited &&
             value.size() <= old->string_capacity() && old->string_capacity() <= value.size() + 32 &&
             (expiry == kNoExpiry || old->has_expiry())) {
    entry = db.SetExpiry(old, expiry);
    entry->AssignString(value);
    entry->set_string_form(StringForm::kGiven);
  } else {
    entry = Entry::NewString(key, value, value.size(), expiry != kNoExpiry);
    if (expiry != kNoExpiry) entry->set_expiry(expiry);
    try {
      db.Replace(old, entry, Db::OldValue::kDestroy);
    } catch (...) {
      Entry::Release(entry);
      throw;
    }
  }
  Touched(db, entry->key());
  return entry;
}

Entry* Turn::PutEntry(Db& db, Entry* fresh) {
  try {
    if (Entry* old = FindForWrite(db, fresh->key())) {
      db.Replace(old, fresh, Db::OldValue::kDestroy);
    } else {
      db.Insert(fresh);
      SendNew(db, fresh->key());
    }
  } catch (...) {
    Entry::Release(fresh);
    throw;
  }
  Touched(db, fresh->key());
  return fresh;
}

void Turn::Copy(const Entry& entry, Db& to, Bytes name) {
  if (entry.type() == ValueType::kString) {
    const StringForm form = entry.string_form();
    PutString(to, name, entry.string().view(), entry.expiry())->set_string_form(form);
    return;
  }
  void* value = CloneValue(entry.type(), entry.value());
  try {
    Entry* fresh = Entry::NewValue(name, entry.type(), value, entry.expiry() != kNoExpiry);
    if (entry.expiry() != kNoExpiry) fresh->set_expiry(entry.expiry());
    PutEntry(to, fresh);
  } catch (...) {
    DestroyValue(entry.type(), value);
    throw;
  }
}

void Turn::SwapDbs(Db& a, Db& b) noexcept {
  a.SwapContents(b);
  changed_ = true;
  listener_.DbsSwapped(a.index(), b.index());
}

void Turn::ReserveString(int record, size_t capacity) {
  Record& r = this->record(record);
  if (capacity <= r.entry->string_capacity()) return;
  Entry* fresh = Entry::NewString(r.entry->key(), r.entry->string().view(), capacity, r.entry->has_expiry());
  if (fresh->has_expiry()) fresh->set_expiry(r.entry->expiry());
  fresh->set_string_form(r.entry->string_form());
  try {
    r.db->Replace(r.entry, fresh, Db::OldValue::kDestroy);
  } catch (...) {
    Entry::Release(fresh);
    throw;
  }
  r.entry = fresh;
}

bool Turn::Delete(Db& db, Bytes key, Event event) {
  Entry* entry = FindForWrite(db, key);
  if (entry == nullptr) return false;
  Touched(db, key);
  db.Erase(entry);
  SendEvent(event, db, key);
  return true;
}

void Turn::Expire(Db& db, Entry* entry) noexcept {
  const Bytes key = entry->key();
  listener_.KeyExpired(db.index(), key);
  listener_.KeyChanged(db.index(), key);
  listener_.KeyEvent(Event::kExpired, db.index(), key);
  db.Erase(entry);
}

bool Turn::ExpireFields(Db& db, Entry* entry, size_t limit) noexcept {
  Hash& hash = *static_cast<Hash*>(entry->value());
  if (hash.times()->first_time() > now()) return true;
  const Bytes key = entry->key();
  const auto bytes = static_cast<int64_t>(Db::BytesOfValue(*entry));
  hash.EraseDue(now(), limit, [&](Bytes field) { listener_.FieldExpired(db.index(), key, field); });
  listener_.KeyChanged(db.index(), key);
  listener_.KeyEvent(Event::kHExpired, db.index(), key);
  db.Charge(static_cast<int64_t>(Db::BytesOfValue(*entry)) - bytes);
  if (!hash.empty()) {
    db.fields().Settle(entry);
    return true;
  }
  listener_.KeyEvent(Event::kDel, db.index(), key);
  db.Erase(entry);
  return false;
}

void Turn::Evict(Db& db, Entry* entry) noexcept {
  const Bytes key = entry->key();
  changed_ = true;
  listener_.KeyEvicted(db.index(), key);
  listener_.KeyChanged(db.index(), key);
  listener_.KeyEvent(Event::kEvicted, db.index(), key);
  db.Erase(entry);
}

void Turn::SetExpiry(Db& db, Entry* entry, TimeMs when) {
  Entry* moved = db.SetExpiry(entry, when);
  for (Record& r : records_) {
    if (r.open > 0 && r.entry == entry) r.entry = moved;
  }
  Touched(db, moved->key());
}

void Turn::Move(Db& from, Entry* entry, Db& to, Bytes name) {
  const bool expires = entry->expiry() != kNoExpiry;
  Entry* fresh = entry->type() == ValueType::kString
                     ? Entry::NewString(name, entry->string().view(), entry->string_capacity(), expires)
                     : Entry::NewValue(name, entry->type(), entry->value(), expires);
  if (expires) fresh->set_expiry(entry->expiry());
  fresh->set_string_form(entry->string_form());
  try {
    fresh->set_access(entry->access());
    if (Entry* old = FindForWrite(to, name)) {
      to.Replace(old, fresh, Db::OldValue::kDestroy);
    } else {
      to.Insert(fresh);
    }
    SendNew(to, fresh->key());
  } catch (...) {
    Entry::Release(fresh);
    throw;
  }
  Touched(from, entry->key());
  from.Detach(entry);
  Entry::Release(entry);
  Touched(to, fresh->key());
}

void Turn::ClearDb(Db& db) noexcept {
  changed_ = true;
  listener_.DbChanged(db.index());
  db.Clear();
}

void Turn::NoteDead(Db& db, Bytes key) noexcept {
  try {
    dead_.emplace_back(&db, std::string(key));
  } catch (const std::bad_alloc&) {
    // It stays dead and is found again.
  }
}

void Turn::RemoveDeadNow() noexcept {
  for (auto& [db, key] : dead_) {
    Entry* entry = db->Find(key);
    if (entry != nullptr && IsDead(*entry)) Expire(*db, entry);
  }
  dead_.clear();
}

void Edit<String>::Assign(Bytes value, StringForm form) {
  turn_->ReserveString(record_, value.size());
  rec().entry->AssignString(value);
  rec().entry->set_string_form(form);
}

void Edit<String>::Append(Bytes tail) {
  const size_t size = this->size() + tail.size();
  // Room for as much again, as repeated APPENDs are the rule.
  if (size > rec().entry->string_capacity()) turn_->ReserveString(record_, std::min(size * 2, size + (1u << 20)));
  rec().entry->AppendString(tail);
  rec().entry->set_string_form(StringForm::kEdited);
}

char* Edit<String>::Grow(size_t size) {
  if (size > rec().entry->string_capacity()) turn_->ReserveString(record_, size);
  if (size > this->size()) rec().entry->ResizeString(size);
  rec().entry->set_string_form(StringForm::kEdited);
  return rec().entry->mutable_string();
}

}  // namespace dualis
