#include "engine/rdb/save_value.h"

#include <bit>
#include <vector>

#include "engine/core/number_text.h"
#include "engine/rdb/blocks.h"
#include "engine/rdb/stream_form.h"
#include "engine/types/hash.h"
#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::rdb {
namespace {

template <class T>
const T& ValueOf(const Entry& entry) {
  return *static_cast<const T*>(entry.value());
}

// Node by node, as the list's own blocks are.
void SaveList(const List& list, Output& out) {
  out.Length(list.blocks());
  ListpackWriter node;
  list.ForEachBlock([&](const PackedList& block) {
    node.Clear();
    ItemBuffer buffer;
    for (const PackedList::Item item : block) {
      if (item.is_int()) {
        node.Add(item.number());
      } else {
        node.Add(item.Text(buffer));
      }
    }
    out.Length(kPackedNode);
    out.String(node.Finish());
  });
}

void SaveSet(const Set& set, Output& out) {
  if (set.encoding() == "intset") {
    std::vector<int64_t> numbers;
    numbers.reserve(set.size());
    set.ForEach([&](Bytes member) { numbers.push_back(*ParseInt64(member)); });
    out.String(WriteIntset(numbers));
    return;
  }
  out.Length(set.size());
  set.ForEach([&](Bytes member) { out.String(member); });
}

void SaveSortedSet(const SortedSet& set, Output& out) {
  if (set.encoding() == "listpack") {
    ListpackWriter items;
    set.ForRange(0, set.size(), [&](Bytes member, double score) {
      char text[kDoubleChars];
      items.Add(member);
      items.Add(FormatDouble(score, text));
    });
    out.String(items.Finish());
    return;
  }
  out.Length(set.size());
  // From the last one down: Redis then inserts each at the head of its skip list.
  set.ForRangeDown(set.size() - 1, set.size(), [&](Bytes member, double score) {
    out.String(member);
    out.Fixed(std::bit_cast<uint64_t>(score));
  });
}

bool IsPacked(const Hash& hash) { return hash.encoding() != "hashtable"; }
// Whether a field of it will expire.
bool Expires(const Hash& hash) { return hash.times() != nullptr && !hash.times()->empty(); }

// The fields that expire come first, in the order in which they do.
void SaveExpiringPacked(const Hash& hash, Output& out) {
  const FieldTimes& times = *hash.times();
  ListpackWriter items;
  TextBuffer buffer;
  times.ForEach([&](Bytes field, TimeMs when) {
    items.Add(field);
    items.Add(hash.Get(field, buffer).value_or(Bytes()));
    items.Add(when);
  });
  hash.ForEach([&](Bytes field, Bytes value) {
    if (times.Find(field) != FieldTimes::kNever) return;
    items.Add(field);
    items.Add(value);
    items.Add(int64_t{0});
  });
  out.Fixed(times.first_time());
  out.String(items.Finish());
}

void SaveExpiring(const Hash& hash, Output& out) {
  const FieldTimes& times = *hash.times();
  out.Fixed(times.first_time());
  out.Length(hash.size());
  hash.ForEach([&](Bytes field, Bytes value) {
    const TimeMs when = times.Find(field);
    out.Length(when == FieldTimes::kNever ? 0 : static_cast<uint64_t>(when - times.first_time()) + 1);
    out.String(field);
    out.String(value);
  });
}

void SaveHash(const Hash& hash, Output& out) {
  if (Expires(hash)) return IsPacked(hash) ? SaveExpiringPacked(hash, out) : SaveExpiring(hash, out);
  if (IsPacked(hash)) {
    ListpackWriter items;
    hash.ForEach([&](Bytes field, Bytes value) {
      items.Add(field);
      items.Add(value);
    });
    out.String(items.Finish());
    return;
  }
  out.Length(hash.size());
  hash.ForEach([&](Bytes field, Bytes value) {
    out.String(field);
    out.String(value);
  });
}

}  // namespace

ValueForm FormOf(const Entry& entry) {
  switch (entry.type()) {
    case ValueType::kString:
      return kFormString;
    case ValueType::kList:
      return kFormListOfListpacks;
    case ValueType::kSet:
      return ValueOf<Set>(entry).encoding() == "intset" ? kFormSetInts : kFormSet;
    case ValueType::kSortedSet:
      return ValueOf<SortedSet>(entry).encoding() == "listpack" ? kFormZSetListpack : kFormZSet;
    case ValueType::kHash:
      if (Expires(ValueOf<Hash>(entry))) {
        return IsPacked(ValueOf<Hash>(entry)) ? kFormHashExpiringListpack : kFormHashExpiring;
      }
      return IsPacked(ValueOf<Hash>(entry)) ? kFormHashListpack : kFormHash;
    case ValueType::kStream:
      break;
  }
  return kFormStream2;
}

int VersionOf(ValueForm form) { return form >= kFormHashExpiringPreview ? kVersionOfFieldExpiry : kVersion; }

void SaveValue(const Entry& entry, Output& out) {
  switch (entry.type()) {
    case ValueType::kString:
      return out.String(entry.string().view());
    case ValueType::kList:
      return SaveList(ValueOf<List>(entry), out);
    case ValueType::kSet:
      return SaveSet(ValueOf<Set>(entry), out);
    case ValueType::kSortedSet:
      return SaveSortedSet(ValueOf<SortedSet>(entry), out);
    case ValueType::kHash:
      return SaveHash(ValueOf<Hash>(entry), out);
    case ValueType::kStream:
      return SaveStream(ValueOf<Stream>(entry), out);
  }
}

}  // namespace dualis::rdb
