// Streams in RDB.
//
//   stream:   nodes length | node ... | entries length | last id
//             | first id | greatest deleted id | entries ever added length                              from form 2 on
//             | groups length | group ...
//   node:     16 bytes: the id of its first entry, high byte first, as a string | listpack string
//   listpack: living | deleted | fields | field ... | 0 | entry ...
//   entry:    flags | milliseconds and sequence since the node's id | fields | field value ... | items of the entry
//             with flag 2 its fields are those of the node, and only the values are here: | value ... | items
//   group:    name string | last id | entries read length | pending length | pending ... | consumers length | consumer
//   ... pending:  id, 16 bytes | delivered at, milliseconds i64 | deliveries length consumer: name string | seen at i64
//   | active at i64, from form 3 on | pending length | id, 16 bytes ... id:       milliseconds length | sequence length
#include "engine/rdb/stream_form.h"

#include <absl/container/btree_map.h>

#include <string>
#include <vector>

#include "engine/rdb/blocks.h"

namespace dualis::rdb {
namespace {

constexpr int64_t kDeleted = 1;
constexpr int64_t kSameFields = 2;
// Flags, two parts of the id, and the count at the end, which does not count itself.
constexpr int64_t kItemsBesideFields = 3;

void PutIdHighFirst(StreamId id, std::string& to) {
  for (const uint64_t part : {id.ms, id.seq}) {
    for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<char>(part >> shift));
  }
}

void PutId(StreamId id, Output& out) {
  out.Length(id.ms);
  out.Length(id.seq);
}

StreamId GetId(Input& in) {
  const uint64_t ms = in.Length();
  return {ms, in.Length()};
}

// The 16 bytes, read.
StreamId GetRawId(Input& in) {
  const uint64_t ms = in.FixedHighFirst();
  return {ms, in.FixedHighFirst()};
}

// One node: entries that are gathered until their number is known, as it stands first.
class NodeWriter {
 public:
  bool empty() const { return living_ == 0; }
  void Begin(StreamId first) {
    first_ = first;
    living_ = 0;
    fields_.clear();
    words_.clear();
    entries_.clear();
  }
  void Add(StreamReader& entry) {
    Entry added{entry.id(), words_.size(), entry.couples(), true};
    Bytes field, value;
    size_t i = 0;
    const bool master = living_ == 0;
    for (; entry.NextCouple(&field, &value); ++i) {
      if (master) fields_.push_back(field);
      if (added.same_fields && (i >= fields_.size() || fields_[i] != field)) added.same_fields = false;
      words_.push_back(field);
      words_.push_back(value);
    }
    if (i != fields_.size()) added.same_fields = false;
    entries_.push_back(added);
    ++living_;
  }
  void Write(Output& out) {
    std::string id;
    PutIdHighFirst(first_, id);
    out.String(id);
    items_.Clear();
    items_.Add(static_cast<int64_t>(living_));
    items_.Add(int64_t{0});
    items_.Add(static_cast<int64_t>(fields_.size()));
    for (Bytes field : fields_) items_.Add(field);
    items_.Add(int64_t{0});
    for (const Entry& entry : entries_) {
      const auto couples = static_cast<int64_t>(entry.couples);
      items_.Add(entry.same_fields ? kSameFields : int64_t{0});
      items_.Add(static_cast<int64_t>(entry.id.ms - first_.ms));
      items_.Add(static_cast<int64_t>(entry.id.seq - first_.seq));
      if (!entry.same_fields) items_.Add(couples);
      for (size_t i = entry.same_fields ? 1 : 0; i < 2 * entry.couples; i += entry.same_fields ? 2 : 1) {
        items_.Add(words_[entry.words + i]);
      }
      items_.Add(kItemsBesideFields + (entry.same_fields ? couples : 1 + 2 * couples));
    }
    out.String(items_.Finish());
  }

 private:
  struct Entry {
    StreamId id;
    size_t words;  // where its first is
    size_t couples;
    bool same_fields;
  };
  StreamId first_;
  size_t living_ = 0;
  std::vector<Bytes> fields_;
  std::vector<Bytes> words_;
  std::vector<Entry> entries_;
  ListpackWriter items_;
};

void SaveEntries(const Stream& stream, Output& out) {
  // Blocks of dead entries alone do not stay, so every block becomes a node.
  out.Length(stream.blocks());
  NodeWriter node;
  StreamId block;
  StreamReader entry(stream, StreamId(), StreamId::Max());
  while (entry.Next()) {
    if (node.empty() || entry.block_id() != block) {
      if (!node.empty()) node.Write(out);
      block = entry.block_id();
      node.Begin(entry.id());
    }
    node.Add(entry);
  }
  if (!node.empty()) node.Write(out);
}

// Every id of a pending list as the 16 bytes that Redis keeps as its key.
void SaveGroups(const Stream& stream, Output& out) {
  out.Length(stream.groups().size());
  std::string id;
  const auto put_raw_id = [&](StreamId pending) {
    id.clear();
    PutIdHighFirst(pending, id);
    out.Raw(id);
  };
  for (const auto& [name, group] : stream.groups()) {
    out.String(name);
    PutId(group->last_id, out);
    out.Length(static_cast<uint64_t>(group->entries_read));
    out.Length(group->pending().size());
    for (const auto& [pending, delivery] : group->pending()) {
      put_raw_id(pending);
      out.Fixed(delivery.time);
      out.Length(delivery.count);
    }
    out.Length(group->consumers().size());
    for (const auto& [consumer_name, consumer] : group->consumers()) {
      out.String(consumer_name);
      out.Fixed(consumer->seen_time);
      out.Length(consumer->pending().size());
      for (const StreamId pending : consumer->pending()) put_raw_id(pending);
    }
  }
}

// Reads so many texts. Integers are written out, so that they outlive the reader's buffer.
bool ReadTexts(ListpackReader& items, int64_t count, std::vector<std::string>& texts) {
  ItemBuffer buffer;
  Bytes text;
  texts.clear();
  for (; count > 0; --count) {
    if (!items.Next(&text, buffer)) return false;
    texts.emplace_back(text);
  }
  return true;
}

// Appends the entries of one node. False if it makes no sense.
bool LoadNode(StreamId first, Bytes listpack, Stream& stream) {
  ListpackReader items(listpack);
  int64_t living, deleted, field_count, zero;
  if (!items.NextInt(&living) || !items.NextInt(&deleted) || !items.NextInt(&field_count)) return false;
  const auto most = static_cast<int64_t>(listpack.size());
  if (living < 0 || deleted < 0 || living > most || deleted > most || field_count < 1 || field_count > most)
    return false;
  std::vector<std::string> fields, texts;
  if (!ReadTexts(items, field_count, fields) || !items.NextInt(&zero) || zero != 0) return false;
  std::vector<Bytes> words;
  for (int64_t left = living + deleted; left > 0; --left) {
    int64_t flags, ms, seq, count, couples = field_count;
    if (!items.NextInt(&flags) || !items.NextInt(&ms) || !items.NextInt(&seq)) return false;
    const bool same = (flags & kSameFields) != 0;
    if (!same && (!items.NextInt(&couples) || couples < 1 || couples > most)) return false;
    const int64_t length = same ? couples : 2 * couples;
    if (!ReadTexts(items, length, texts) || !items.NextInt(&count) ||
        count != kItemsBesideFields + length + (same ? 0 : 1))
      return false;
    if ((flags & kDeleted) != 0) {
      --deleted;
      continue;
    }
    words.clear();
    for (size_t i = 0; i < static_cast<size_t>(couples); ++i) {
      words.push_back(same ? fields[i] : texts[2 * i]);
      words.push_back(same ? texts[i] : texts[2 * i + 1]);
    }
    const StreamId id{first.ms + static_cast<uint64_t>(ms), first.seq + static_cast<uint64_t>(seq)};
    if (id <= stream.last_id()) return false;
    stream.Append(id, words);
  }
  ItemBuffer buffer;
  Bytes text;
  return deleted == 0 && !items.Next(&text, buffer) && items.sound();
}

// What a group has pending, until its consumers come for it.
struct Unclaimed {
  TimeMs time;
  uint64_t count;
};

void LoadConsumer(Input& in, ValueForm form, StreamGroup& group, absl::btree_map<StreamId, Unclaimed>& unclaimed) {
  std::string scratch;
  const Bytes name = in.String(scratch);
  const auto seen = in.Fixed<TimeMs>();
  // Older Redis did not tell the two apart.
  const auto active = form == kFormStream3 ? in.Fixed<TimeMs>() : seen;
  if (!in.ok()) return;
  if (group.FindConsumer(name) != nullptr) return in.Fail("a group with the same consumer twice");
  StreamConsumer& consumer = group.CreateConsumer(name, seen);
  consumer.active_time = active;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const StreamId id = GetRawId(in);
    const auto it = unclaimed.find(id);
    if (!in.ok()) return;
    if (it == unclaimed.end()) return in.Fail("a consumer's entry that its group does not know");
    group.Assign(id, consumer, it->second.time, it->second.count);
    unclaimed.erase(it);
  }
}

void LoadGroups(Input& in, ValueForm form, Stream& stream) {
  std::string scratch;
  for (uint64_t left = in.Length(); left > 0 && in.ok(); --left) {
    const Bytes name = in.String(scratch);
    const StreamId last = GetId(in);
    const int64_t reads = form == kFormStream ? stream.ReadsUpTo(last) : static_cast<int64_t>(in.Length());
    if (!in.ok()) return;
    if (reads < StreamGroup::kUnknownReads) return in.Fail("a group that has read less than nothing");
    StreamGroup* group = stream.CreateGroup(name, last, reads);
    if (group == nullptr) return in.Fail("a stream with the same group twice");
    absl::btree_map<StreamId, Unclaimed> unclaimed;
    for (uint64_t pending = in.Length(); pending > 0 && in.ok(); --pending) {
      const StreamId id = GetRawId(in);
      const auto time = in.Fixed<TimeMs>();
      const uint64_t count = in.Length();
      if (in.ok() && !unclaimed.emplace(id, Unclaimed{time, count}).second) {
        return in.Fail("a group with the same entry pending twice");
      }
    }
    for (uint64_t consumers = in.Length(); consumers > 0 && in.ok(); --consumers) {
      LoadConsumer(in, form, *group, unclaimed);
    }
    if (in.ok() && !unclaimed.empty()) return in.Fail("an entry that is pending for nobody");
  }
}

}  // namespace

void SaveStream(const Stream& stream, Output& out) {
  SaveEntries(stream, out);
  out.Length(stream.size());
  PutId(stream.last_id(), out);
  PutId(stream.first_id(), out);
  PutId(stream.max_deleted_id(), out);
  out.Length(stream.entries_added());
  SaveGroups(stream, out);
}

void LoadStream(Input& in, ValueForm form, Stream& stream) {
  std::string scratch;
  for (uint64_t nodes = in.Length(); nodes > 0 && in.ok(); --nodes) {
    const Bytes key = in.String(scratch);
    if (!in.ok()) return;
    if (key.size() != 16) return in.Fail("a stream's node without an id");
    Input id(key);
    const StreamId first = GetRawId(id);
    const Bytes listpack = in.String(scratch);
    if (in.ok() && !LoadNode(first, listpack, stream)) return in.Fail("a stream's node that makes no sense");
  }
  const uint64_t size = in.Length();
  const StreamId last = GetId(in);
  StreamId max_deleted;
  uint64_t added = size;
  if (form != kFormStream) {
    GetId(in);  // of the first entry, which we have seen
    max_deleted = GetId(in);
    added = in.Length();
  }
  if (!in.ok()) return;
  // A stream whose entries are all gone stays one.
  stream.Touch();
  if (size != stream.size() || added < size) return in.Fail("a stream with a wrong number of entries");
  if (last < stream.last_id() || max_deleted > last) return in.Fail("a stream with entries beyond its last id");
  stream.SetLastId(last);
  stream.SetMaxDeletedId(max_deleted);
  stream.SetEntriesAdded(added);
  LoadGroups(in, form, stream);
}

}  // namespace dualis::rdb
