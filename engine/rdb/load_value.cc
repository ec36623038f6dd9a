// The forms of values:
//
//   string            string
//   list              length | string ...            or a ziplist string
//   list of nodes     length | ziplist string ...    or length | 1, text string or 2, listpack string | ...
//   set               length | string ...            or an intset or listpack string
//   sorted set        length | member string | score ...      score: 8 bytes, or u8 and text (255 -inf, 254 inf, 253
//   nan)
//                     or a ziplist or listpack string of members and scores in turn
//   hash              length | field string | value string | ...
//                     or a zipmap, ziplist or listpack string of fields and values in turn
//   hash whose fields expire
//                     earliest i64 | length | expiry length | field string | value string | ...
//                         expiry: 0 for none, else milliseconds after the earliest, plus one
//                     earliest i64 | listpack string of field, value and moment (0: none)
//                     previews of both lack `earliest`, and count their expiries from 1970
//   stream            stream_form.cc
#include "engine/rdb/load_value.h"

#include <bit>
#include <cmath>

#include "engine/rdb/blocks.h"
#include "engine/rdb/stream_form.h"
#include "engine/types/hash.h"
#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::rdb {
namespace {

constexpr Bytes kBrokenBlock = "a block whose bytes make no sense";

void LoadList(Input& in, List& list) {
  std::string scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const Bytes item = in.String(scratch);
    if (in.ok()) list.Push(List::End::kBack, item);
  }
}

template <class Reader>
void LoadListBlock(Input& in, Bytes block, List& list) {
  Reader items(block);
  ItemBuffer buffer;
  Bytes text;
  while (items.Next(&text, buffer)) list.Push(List::End::kBack, text);
  if (!items.sound()) in.Fail(kBrokenBlock);
}

void LoadListNodes(Input& in, ValueForm form, List& list) {
  std::string scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const uint64_t kind = form == kFormListOfZiplists ? uint64_t{kPackedNode} : in.Length();
    const Bytes node = in.String(scratch);
    if (!in.ok()) return;
    if (kind == kPlainNode) {
      list.Push(List::End::kBack, node);
    } else if (kind != kPackedNode) {
      return in.Fail("a list's node of unknown kind");
    } else if (form == kFormListOfZiplists) {
      LoadListBlock<ZiplistReader>(in, node, list);
    } else {
      LoadListBlock<ListpackReader>(in, node, list);
    }
  }
}

void AddMember(Input& in, Bytes member, Set& set) {
  if (in.ok() && !set.Insert(member)) in.Fail("a set with the same member twice");
}

void LoadSet(Input& in, Set& set) {
  std::string scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) AddMember(in, in.String(scratch), set);
}

template <class Reader>
void LoadSetBlock(Input& in, Set& set) {
  std::string scratch;
  Reader items(in.String(scratch));
  if (!in.ok()) return;
  ItemBuffer buffer;
  Bytes text;
  while (in.ok() && items.Next(&text, buffer)) AddMember(in, text, set);
  if (in.ok() && !items.sound()) in.Fail(kBrokenBlock);
}

void AddScored(Input& in, Bytes member, double score, SortedSet& set) {
  if (!in.ok()) return;
  if (std::isnan(score)) return in.Fail("a score that is not a number");
  if (set.Find(member)) return in.Fail("a sorted set with the same member twice");
  set.Insert(member, score);
}

double LoadScoreText(Input& in) {
  const uint8_t size = in.Byte();
  switch (size) {
    case 255:
      return -INFINITY;
    case 254:
      return INFINITY;
    case 253:
      return NAN;
    default:
      break;
  }
  std::string scratch;
  const Bytes text = in.Raw(size, scratch);
  if (!in.ok()) return 0;
  const auto score = ParseDouble(text);
  if (!score) in.Fail("a score that is not a number");
  return score.value_or(0);
}

void LoadSortedSet(Input& in, ValueForm form, SortedSet& set) {
  std::string scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const Bytes member = in.String(scratch);
    const double score = form == kFormZSet ? std::bit_cast<double>(in.Fixed<uint64_t>()) : LoadScoreText(in);
    AddScored(in, member, score, set);
  }
}

template <class Reader>
void LoadSortedSetBlock(Input& in, SortedSet& set) {
  std::string scratch;
  Reader items(in.String(scratch));
  if (!in.ok()) return;
  ItemBuffer member_buffer, score_buffer;
  Bytes member, text;
  while (in.ok() && items.Next(&member, member_buffer)) {
    if (!items.Next(&text, score_buffer)) return in.Fail(kBrokenBlock);
    const auto score = ParseDouble(text);
    AddScored(in, member, score.value_or(NAN), set);
  }
  if (in.ok() && !items.sound()) in.Fail(kBrokenBlock);
}

void AddField(Input& in, Bytes field, Bytes value, Hash& hash) {
  if (in.ok() && !hash.Set(field, value)) in.Fail("a hash with the same field twice");
}

void LoadHash(Input& in, Hash& hash) {
  std::string field_scratch, value_scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const Bytes field = in.String(field_scratch);
    const Bytes value = in.String(value_scratch);
    AddField(in, field, value, hash);
  }
}

template <class Reader>
void LoadHashBlock(Input& in, Hash& hash) {
  std::string scratch;
  Reader items(in.String(scratch));
  if (!in.ok()) return;
  ItemBuffer field_buffer, value_buffer;
  Bytes field, value;
  while (in.ok() && items.Next(&field, field_buffer)) {
    if (!items.Next(&value, value_buffer)) return in.Fail(kBrokenBlock);
    AddField(in, field, value, hash);
  }
  if (in.ok() && !items.sound()) in.Fail(kBrokenBlock);
}

// Beyond that Redis cannot count.
constexpr uint64_t kLatestExpiry = (uint64_t{1} << 48) - 2;

void AddExpiring(Input& in, Bytes field, Bytes value, uint64_t expiry, Hash& hash) {
  AddField(in, field, value, hash);
  if (!in.ok() || expiry == 0) return;
  if (expiry > kLatestExpiry) return in.Fail("a field that expires too late");
  hash.SetTime(field, static_cast<TimeMs>(expiry));
}

void LoadExpiringHash(Input& in, ValueForm form, Hash& hash) {
  const uint64_t earliest = form == kFormHashExpiring ? in.Fixed<uint64_t>() : 1;
  std::string field_scratch, value_scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const uint64_t after = in.Length();
    const Bytes field = in.String(field_scratch);
    const Bytes value = in.String(value_scratch);
    AddExpiring(in, field, value, after == 0 ? 0 : earliest + after - 1, hash);
  }
}

void LoadExpiringHashBlock(Input& in, ValueForm form, Hash& hash) {
  if (form == kFormHashExpiringListpack) in.Fixed<uint64_t>();
  std::string scratch;
  ListpackReader items(in.String(scratch));
  if (!in.ok()) return;
  ItemBuffer field_buffer, value_buffer;
  Bytes field, value;
  int64_t expiry;
  while (in.ok() && items.Next(&field, field_buffer)) {
    if (!items.Next(&value, value_buffer) || !items.NextInt(&expiry)) return in.Fail(kBrokenBlock);
    AddExpiring(in, field, value, static_cast<uint64_t>(expiry), hash);
  }
  if (in.ok() && !items.sound()) in.Fail(kBrokenBlock);
}

}  // namespace

Entry* LoadedValue::MakeEntry(Bytes key, TimeMs expiry) const {
  const bool expires = expiry != kNoExpiry;
  Entry* entry = value_ == nullptr ? Entry::NewString(key, text_, text_.size(), expires)
                                   : Entry::NewValue(key, type_, value_, expires);
  if (expires) entry->set_expiry(expiry);
  return entry;
}

bool IsValueForm(uint8_t form) {
  return form <= kFormModule || (form >= kFormHashZipmap && form <= kFormHashExpiringListpack);
}

LoadedValue LoadValue(Input& in, uint8_t form, const Surroundings& around) {
  LoadedValue loaded;
  std::string scratch;
  switch (static_cast<ValueForm>(form)) {
    case kFormString:
      loaded.TakeText(in);
      break;
    case kFormList:
      LoadList(in, loaded.Make<List>(around));
      break;
    case kFormListZiplist: {
      List& list = loaded.Make<List>(around);
      const Bytes block = in.String(scratch);
      if (in.ok()) LoadListBlock<ZiplistReader>(in, block, list);
      break;
    }
    case kFormListOfZiplists:
    case kFormListOfListpacks:
      LoadListNodes(in, static_cast<ValueForm>(form), loaded.Make<List>(around));
      break;
    case kFormSet:
      LoadSet(in, loaded.Make<Set>(around));
      break;
    case kFormSetInts:
      LoadSetBlock<IntsetReader>(in, loaded.Make<Set>(around));
      break;
    case kFormSetListpack:
      LoadSetBlock<ListpackReader>(in, loaded.Make<Set>(around));
      break;
    case kFormZSetText:
    case kFormZSet:
      LoadSortedSet(in, static_cast<ValueForm>(form), loaded.Make<SortedSet>(around));
      break;
    case kFormZSetZiplist:
      LoadSortedSetBlock<ZiplistReader>(in, loaded.Make<SortedSet>(around));
      break;
    case kFormZSetListpack:
      LoadSortedSetBlock<ListpackReader>(in, loaded.Make<SortedSet>(around));
      break;
    case kFormHash:
      LoadHash(in, loaded.Make<Hash>(around));
      break;
    case kFormHashZipmap:
      LoadHashBlock<ZipmapReader>(in, loaded.Make<Hash>(around));
      break;
    case kFormHashZiplist:
      LoadHashBlock<ZiplistReader>(in, loaded.Make<Hash>(around));
      break;
    case kFormHashListpack:
      LoadHashBlock<ListpackReader>(in, loaded.Make<Hash>(around));
      break;
    case kFormHashExpiring:
    case kFormHashExpiringPreview:
      LoadExpiringHash(in, static_cast<ValueForm>(form), loaded.Make<Hash>(around));
      break;
    case kFormHashExpiringListpack:
    case kFormHashExpiringListpackPreview:
      LoadExpiringHashBlock(in, static_cast<ValueForm>(form), loaded.Make<Hash>(around));
      break;
    case kFormStream:
    case kFormStream2:
    case kFormStream3:
      LoadStream(in, static_cast<ValueForm>(form), loaded.Make<Stream>(around));
      break;
    case kFormModulePreview:
    case kFormModule:
      in.Fail("a value of a module");
      break;
    default:
      in.Fail("a value of unknown type");
  }
  return loaded;
}

}  // namespace dualis::rdb
