// The callbacks of an asynchronous context's subscriptions, by channel or pattern: what redisAsyncContext.sub.channels
// and sub.patterns point to.
#ifndef DUALIS_COMPAT_HIREDIS_SUBSCRIPTIONS_H_
#define DUALIS_COMPAT_HIREDIS_SUBSCRIPTIONS_H_

#include "compat/hiredis/abi.h"
#include "dualis/bytes.h"

// A chained hash table on the program's allocators. The name is the ABI's; the layout is nobody's business.
struct dict {
  struct Entry {
    Entry* next;
    sds name;
    redisCallback callback;
  };

  // Null if memory is short.
  static dict* New();
  static dict* NewWithShards();
  // With all entries, and those of shards.
  static void Free(dict* d);

  Entry* Find(dualis::Bytes name) const;
  // The entry of that name, with an empty callback if it is new; null if memory is short.
  Entry* FindOrAdd(dualis::Bytes name);
  void Remove(Entry* entry);
  // Takes some entry out for the caller, who frees it with FreeEntry; null if there is none.
  Entry* TakeAny();
  static void FreeEntry(Entry* entry);
  // Calls visit(entry) for each; stops if it returns false.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < room; ++i) {
      for (Entry* entry = buckets[i]; entry != nullptr; entry = entry->next) {
        if (!visit(entry)) return;
      }
    }
  }

  Entry** buckets;
  size_t room;  // a power of two, or 0
  size_t count;
  // Of the table of channels: those of shards, names of their own for which the ABI has no field. Null of others.
  dict* shards;

 private:
  Entry** Bucket(dualis::Bytes name) const;
  bool Grow();
};

#endif  // DUALIS_COMPAT_HIREDIS_SUBSCRIPTIONS_H_
