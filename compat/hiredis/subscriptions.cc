#include "compat/hiredis/subscriptions.h"

#include <functional>

using dualis::Bytes;

dict* dict::New() { return static_cast<dict*>(hi_calloc(1, sizeof(dict))); }

dict* dict::NewWithShards() {
  dict* d = New();
  if (d == nullptr || (d->shards = New()) != nullptr) return d;
  Free(d);
  return nullptr;
}

void dict::Free(dict* d) {
  if (d == nullptr) return;
  Free(d->shards);
  while (Entry* entry = d->TakeAny()) FreeEntry(entry);
  hi_free(d->buckets);
  hi_free(d);
}

void dict::FreeEntry(Entry* entry) {
  sdsfree(entry->name);
  hi_free(entry);
}

dict::Entry** dict::Bucket(Bytes name) const { return &buckets[std::hash<Bytes>()(name) & (room - 1)]; }

dict::Entry* dict::Find(Bytes name) const {
  if (room == 0) return nullptr;
  for (Entry* entry = *Bucket(name); entry != nullptr; entry = entry->next) {
    if (Bytes(entry->name, sdslen(entry->name)) == name) return entry;
  }
  return nullptr;
}

bool dict::Grow() {
  dict larger = *this;
  larger.room = room == 0 ? 4 : room * 2;
  larger.buckets = static_cast<Entry**>(hi_calloc(larger.room, sizeof(Entry*)));
  if (larger.buckets == nullptr) return false;
  for (size_t i = 0; i < room; ++i) {
    while (Entry* entry = buckets[i]) {
      buckets[i] = entry->next;
      Entry** bucket = larger.Bucket(Bytes(entry->name, sdslen(entry->name)));
      entry->next = *bucket;
      *bucket = entry;
    }
  }
  hi_free(buckets);
  *this = larger;
  return true;
}

dict::Entry* dict::FindOrAdd(Bytes name) {
  if (Entry* entry = Find(name)) return entry;
  if (count >= room && !Grow()) return nullptr;
  auto* entry = static_cast<Entry*>(hi_calloc(1, sizeof(Entry)));
  if (entry == nullptr) return nullptr;
  entry->name = sdsnewlen(name.data(), name.size());
  if (entry->name == nullptr) {
    hi_free(entry);
    return nullptr;
  }
  Entry** bucket = Bucket(name);
  entry->next = *bucket;
  *bucket = entry;
  ++count;
  return entry;
}

void dict::Remove(Entry* entry) {
  Entry** link = Bucket(Bytes(entry->name, sdslen(entry->name)));
  while (*link != entry) link = &(*link)->next;
  *link = entry->next;
  --count;
  FreeEntry(entry);
}

dict::Entry* dict::TakeAny() {
  for (size_t i = 0; i < room; ++i) {
    if (Entry* entry = buckets[i]) {
      buckets[i] = entry->next;
      --count;
      return entry;
    }
  }
  return nullptr;
}
