#include "engine/types/stream.h"

#include <algorithm>
#include <cassert>

namespace dualis {
namespace {

constexpr size_t kLargestBlock = size_t{1} << 30;

size_t VarintSize(uint64_t v) {
  size_t n = 1;
  for (; v >= 0x80; v >>= 7) ++n;
  return n;
}

void PutVarint(std::string& out, uint64_t v) {
  for (; v >= 0x80; v >>= 7) out.push_back(static_cast<char>(v | 0x80));
  out.push_back(static_cast<char>(v));
}

uint64_t GetVarint(const std::string& in, size_t* at) {
  uint64_t v = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = static_cast<uint8_t>(in[(*at)++]);
    v |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return v;
  }
}

size_t WordSize(Bytes word) { return VarintSize(word.size()) + word.size(); }

void PutWord(std::string& out, Bytes word) {
  PutVarint(out, word.size());
  out.append(word);
}

Bytes GetWord(const std::string& in, size_t* at) {
  const size_t size = GetVarint(in, at);
  const Bytes word = Bytes(in).substr(*at, size);
  *at += size;
  return word;
}

size_t FieldsSize(std::span<const Bytes> words) {
  size_t n = VarintSize(words.size() / 2);
  for (size_t i = 0; i < words.size(); i += 2) n += WordSize(words[i]);
  return n;
}

bool SameFields(const std::string& block, std::span<const Bytes> words) {
  size_t at = 0;
  if (GetVarint(block, &at) != words.size() / 2) return false;
  for (size_t i = 0; i < words.size(); i += 2) {
    if (GetWord(block, &at) != words[i]) return false;
  }
  return true;
}

// Room for `more` bytes, so that what follows cannot fail; doubling, so that appending stays linear.
void Reserve(std::string& bytes, size_t more) {
  const size_t need = bytes.size() + more;
  if (need > bytes.capacity()) bytes.reserve(std::max(need, 2 * bytes.capacity()));
}

}  // namespace

size_t Stream::memory() const {
  size_t bytes = sizeof(*this) + block_bytes_ + blocks_.size() * sizeof(Blocks::value_type);
  for (const auto& [name, group] : groups_) bytes += sizeof(Groups::value_type) + group->memory();
  return bytes;
}

StreamId Stream::first_id() const {
  StreamReader reader(*this, StreamId(), StreamId::Max());
  return reader.Next() ? reader.id() : StreamId();
}

bool Stream::Contains(StreamId id) const { return StreamReader(*this, id, id).Next(); }

// The keys of that tree are the 16 bytes of each block's first id, most significant first. A key ends in a leaf; where
// keys part there is a node with a branch for each next byte; between these a run of bytes without choice is one node.
size_t Stream::radix_nodes() const {
  constexpr int kKeyBytes = 16;
  // The number of leading bytes that two ids share.
  const auto shared = [](StreamId a, StreamId b) {
    const int ms = __builtin_clzll((a.ms ^ b.ms) | 1) / 8;
    if (a.ms != b.ms) return ms;
    return 8 + __builtin_clzll((a.seq ^ b.seq) | 1) / 8;
  };
  if (blocks_.empty()) return 1;
  size_t nodes = 0;
  // The depths of the branching nodes above the present key, from the root down.
  int branches[kKeyBytes];
  int open = 0;
  // A node at `depth` whose parent branches at `parent` (-1: there is none) has a run before it if bytes lie between.
  const auto run = [](int parent, int depth) { return depth > parent + 1 ? 1 : 0; };
  const auto close = [&](int to) {
    while (open > 0 && branches[open - 1] > to) {
      const int depth = branches[--open];
      const int parent = open > 0 ? std::max(branches[open - 1], to) : to;
      nodes += 1 + static_cast<size_t>(run(parent, depth));
    }
  };
  int before = -1;  // what this key shares with the one before it
  for (auto it = blocks_.begin(); it != blocks_.end(); ++it) {
    const auto next = std::next(it);
    const int after = next == blocks_.end() ? -1 : shared(it->first, next->first);
    nodes += 1 + static_cast<size_t>(run(std::max(before, after), kKeyBytes));
    close(after);
    if (after >= 0 && (open == 0 || branches[open - 1] < after)) branches[open++] = after;
    before = after;
  }
  return nodes;
}

StreamGroup* Stream::FindGroup(Bytes name) const {
  const auto it = groups_.find(name);
  return it == groups_.end() ? nullptr : it->second.get();
}

StreamGroup* Stream::CreateGroup(Bytes name, StreamId last, int64_t reads) {
  if (groups_.contains(name)) return nullptr;
  auto group = std::make_unique<StreamGroup>(name, last, reads);
  StreamGroup* made = group.get();
  groups_.try_emplace(made->name(), std::move(group));
  used_ = true;
  return made;
}

bool Stream::DeleteGroup(Bytes name) noexcept {
  const auto it = groups_.find(name);
  if (it == groups_.end()) return false;
  groups_.erase(it);
  return true;
}

bool Stream::MayLackEntriesFrom(StreamId id) const {
  if (size_ == 0 || max_deleted_id_ == StreamId() || max_deleted_id_ < id) return false;
  // What was deleted before the first living entry is missing nowhere.
  return first_id() <= max_deleted_id_;
}

int64_t Stream::ReadsUpTo(StreamId id) const {
  const auto added = static_cast<int64_t>(entries_added_);
  if (added == 0) return 0;
  if (id == last_id_ || (size_ == 0 && id < last_id_)) return added;
  if (id > last_id_) return StreamGroup::kUnknownReads;
  const StreamId first = first_id();
  // Nothing is missing from the first living entry on: what lies before it was all added before it.
  if (max_deleted_id_ == StreamId() || max_deleted_id_ < first) {
    const int64_t gone = added - static_cast<int64_t>(size_);
    if (id < first) return gone;
    if (id == first) return gone + 1;
  }
  return StreamGroup::kUnknownReads;
}

std::unique_ptr<Stream> Stream::Clone() const {
  auto copy = std::make_unique<Stream>(*limits_);
  copy->blocks_ = blocks_;
  copy->size_ = size_;
  for (const auto& [id, block] : copy->blocks_) copy->block_bytes_ += block.bytes.capacity();
  copy->last_id_ = last_id_;
  copy->max_deleted_id_ = max_deleted_id_;
  copy->entries_added_ = entries_added_;
  copy->used_ = used_;
  for (const auto& [name, group] : groups_) {
    std::unique_ptr<StreamGroup> twin = group->Clone();
    const Bytes twin_name = twin->name();
    copy->groups_.try_emplace(twin_name, std::move(twin));
  }
  return copy;
}

size_t Stream::FirstItem(const std::string& bytes) {
  size_t at = 0;
  for (uint64_t n = GetVarint(bytes, &at); n > 0; --n) GetWord(bytes, &at);
  return at;
}

Stream::Item Stream::ReadItem(const std::string& bytes, size_t at, StreamId first) {
  Item item{.at = at};
  item.flags = static_cast<uint8_t>(bytes[at++]);
  item.id.ms = first.ms + GetVarint(bytes, &at);
  item.id.seq = GetVarint(bytes, &at);
  const size_t body = GetVarint(bytes, &at);
  item.body = at;
  item.end = at + body;
  return item;
}

bool Stream::HasRoom(const Block& block, size_t payload) const {
  const uint64_t max_bytes = static_cast<uint64_t>(limits_->stream_node_max_bytes);
  const size_t limit = max_bytes == 0 || max_bytes > kLargestBlock ? kLargestBlock : max_bytes;
  if (block.bytes.size() + payload >= limit) return false;
  const int64_t entries = limits_->stream_node_max_entries;
  return entries == 0 || block.live + block.dead < entries;
}

void Stream::Append(StreamId id, std::span<const Bytes> words) {
  assert(id > last_id_ && !words.empty() && words.size() % 2 == 0);
  size_t payload = 0;
  for (Bytes word : words) payload += word.size();

  auto place = blocks_.empty() ? blocks_.end() : std::prev(blocks_.end());
  const bool extend = place != blocks_.end() && HasRoom(place->second, payload);
  Block fresh;
  Block& target = extend ? place->second : fresh;
  const StreamId first = extend ? place->first : id;
  const bool same = !extend || SameFields(target.bytes, words);

  size_t body = same ? 0 : VarintSize(words.size() / 2);
  for (size_t i = same ? 1 : 0; i < words.size(); i += same ? 2 : 1) body += WordSize(words[i]);
  const size_t head = 1 + VarintSize(id.ms - first.ms) + VarintSize(id.seq) + VarintSize(body);

  const size_t held = extend ? target.bytes.capacity() : 0;
  if (extend) {
    Reserve(target.bytes, head + body);
  } else {
    target.bytes.reserve(FieldsSize(words) + head + body);
    auto at = blocks_.emplace_hint(blocks_.end(), id, Block());
    // The full block before this one grows no more.
    if (at != blocks_.begin()) {
      std::string& full = std::prev(at)->second.bytes;
      block_bytes_ -= full.capacity();
      full.shrink_to_fit();
      block_bytes_ += full.capacity();
    }
    place = at;
    std::swap(place->second, fresh);
  }

  // From here on nothing allocates.
  Block& block = place->second;
  if (!extend) {
    PutVarint(block.bytes, words.size() / 2);
    for (size_t i = 0; i < words.size(); i += 2) PutWord(block.bytes, words[i]);
  }
  block.bytes.push_back(static_cast<char>(same ? kSameFields : 0));
  PutVarint(block.bytes, id.ms - first.ms);
  PutVarint(block.bytes, id.seq);
  PutVarint(block.bytes, body);
  if (!same) PutVarint(block.bytes, words.size() / 2);
  for (size_t i = same ? 1 : 0; i < words.size(); i += same ? 2 : 1) PutWord(block.bytes, words[i]);

  block_bytes_ += block.bytes.capacity() - held;
  ++block.live;
  block.last = id;
  last_id_ = id;
  ++size_;
  ++entries_added_;
  used_ = true;
}

Stream::Blocks::iterator Stream::DropBlock(Blocks::iterator block) {
  size_ -= block->second.live;
  block_bytes_ -= block->second.bytes.capacity();
  return blocks_.erase(block);
}

// Flags the live entries of a block dead, from the first on, as long as `goes(id)`. Returns how many went. A block that
// is left without a live entry stays, as in Redis: its last entry, dead already, was not below what is trimmed.
template <class Goes>
size_t Stream::DropItems(Blocks::iterator it, Goes goes) {
  Block& block = it->second;
  size_t dropped = 0;
  for (size_t at = FirstItem(block.bytes); at < block.bytes.size();) {
    const Item item = ReadItem(block.bytes, at, it->first);
    at = item.end;
    if (item.flags & kDead) continue;
    if (!goes(item.id)) break;
    block.bytes[item.at] = static_cast<char>(item.flags | kDead);
    --block.live, ++block.dead, --size_, ++dropped;
  }
  return dropped;
}

bool Stream::Erase(StreamId id) {
  auto it = blocks_.upper_bound(id);
  if (it == blocks_.begin()) return false;
  --it;
  Block& block = it->second;
  if (id > block.last) return false;
  for (size_t at = FirstItem(block.bytes); at < block.bytes.size();) {
    const Item item = ReadItem(block.bytes, at, it->first);
    at = item.end;
    if (item.id < id) continue;
    if (item.id > id || (item.flags & kDead)) return false;
    block.bytes[item.at] = static_cast<char>(item.flags | kDead);
    --block.live, ++block.dead, --size_;
    if (block.live == 0) DropBlock(it);
    max_deleted_id_ = std::max(max_deleted_id_, id);
    return true;
  }
  return false;
}

template <class DropsBlock, class Goes>
size_t Stream::Trim(Precision precision, uint64_t limit, DropsBlock drops_block, Goes goes) {
  size_t dropped = 0;
  auto it = blocks_.begin();
  while (it != blocks_.end()) {
    const Block& block = it->second;
    if (limit != 0 && dropped + block.live > limit) break;
    if (drops_block(block)) {
      dropped += block.live;
      it = DropBlock(it);
      continue;
    }
    if (precision == Precision::kExact) dropped += DropItems(it, goes);
    break;
  }
  return dropped;
}

size_t Stream::TrimToLength(uint64_t length, Precision precision, uint64_t limit) {
  if (size_ <= length) return 0;
  return Trim(
      precision, limit, [&](const Block& block) { return size_ > length && size_ - block.live >= length; },
      [&](StreamId) { return size_ > length; });
}

size_t Stream::TrimBelow(StreamId id, Precision precision, uint64_t limit) {
  return Trim(
      precision, limit, [&](const Block& block) { return block.last < id; },
      [&](StreamId entry) { return entry < id; });
}

StreamReader::StreamReader(const Stream& stream, StreamId first, StreamId last, Direction direction)
    : stream_(stream), first_(first), last_(last), direction_(direction) {
  const auto& blocks = stream.blocks_;
  if (first > last || blocks.empty()) {
    done_ = true;
    return;
  }
  block_ = blocks.upper_bound(direction == kUp ? first : last);
  if (block_ != blocks.begin()) {
    --block_;
  } else if (direction == kDown) {
    done_ = true;  // Every block starts above `last`.
    return;
  }
  LoadBlock();
}

void StreamReader::LoadBlock() {
  const std::string& bytes = block_->second.bytes;
  next_ = Stream::FirstItem(bytes);
  if (direction_ == kUp) return;
  ups_.clear();
  while (next_ < bytes.size()) {
    const Stream::Item item = Stream::ReadItem(bytes, next_, block_->first);
    if (item.id > last_) break;
    if (item.id >= first_ && !(item.flags & Stream::kDead)) ups_.push_back(item);
    next_ = item.end;
  }
}

bool StreamReader::Next() {
  if (done_) return false;
  if (direction_ == kUp ? NextUp() : NextDown()) return true;
  done_ = true;
  return false;
}

bool StreamReader::NextUp() {
  for (;;) {
    const std::string& bytes = block_->second.bytes;
    while (next_ < bytes.size()) {
      const Stream::Item item = Stream::ReadItem(bytes, next_, block_->first);
      next_ = item.end;
      if (item.id > last_) return false;
      if (item.id < first_ || (item.flags & Stream::kDead)) continue;
      Open(item);
      return true;
    }
    if (++block_ == stream_.blocks_.end()) return false;
    LoadBlock();
  }
}

bool StreamReader::NextDown() {
  while (ups_.empty()) {
    if (block_ == stream_.blocks_.begin() || block_->first <= first_) return false;
    --block_;
    LoadBlock();
  }
  Open(ups_.back());
  ups_.pop_back();
  return true;
}

void StreamReader::Open(const Stream::Item& item) {
  const std::string& bytes = block_->second.bytes;
  item_ = item;
  read_ = 0;
  field_at_ = 0;
  value_at_ = item.body;
  couples_ = GetVarint(bytes, (item.flags & Stream::kSameFields) ? &field_at_ : &value_at_);
}

bool StreamReader::NextCouple(Bytes* field, Bytes* value) {
  if (read_ == couples_) return false;
  ++read_;
  const std::string& bytes = block_->second.bytes;
  *field = GetWord(bytes, (item_.flags & Stream::kSameFields) ? &field_at_ : &value_at_);
  *value = GetWord(bytes, &value_at_);
  return true;
}

}  // namespace dualis
