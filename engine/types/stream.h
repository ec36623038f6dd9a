// Stream: an append-only log of entries, each a list of field-value couples under an id that only grows.
//
// Entries live in packed blocks, ordered by the id of their first entry:
//
//   absl::btree_map   4-0 ──> block   9-1 ──> block   ...
//
//   block: | fields of the first entry | entry | entry | ...
//   fields: count varint | (length varint | bytes) ...
//   entry: flags u8 | ms - first ms varint | seq varint | body size varint | body
//   body: the values alone if flags has kSameFields, as most logs repeat the same fields; else fields and values in
//   turn
//
// A deleted entry keeps its place with a flag until its whole block is dead. A block takes no more entries once it
// holds EncodingLimits::stream_node_max_bytes or stream_node_max_entries; these blocks are also what trimming with `~`
// removes as a whole, so that MAXLEN ~ leaves what it leaves in Redis.
//
// Beside its entries a stream has counters that outlive them, and consumer groups (stream_group.h).
#ifndef DUALIS_ENGINE_TYPES_STREAM_H_
#define DUALIS_ENGINE_TYPES_STREAM_H_

#include <absl/container/btree_map.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dualis/options.h"
#include "engine/types/stream_group.h"
#include "engine/types/stream_id.h"
#include "engine/types/value_type.h"

namespace dualis {

class Stream {
 public:
  static constexpr ValueType kType = ValueType::kStream;

  // `limits` must outlive the stream.
  explicit Stream(const EncodingLimits& limits, uint64_t /*seed: nothing is hashed here*/ = 0) : limits_(&limits) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  using Groups = absl::btree_map<Bytes, std::unique_ptr<StreamGroup>>;

  // True until the first Append, Touch or CreateGroup: unlike the other types a stream that lost all its entries stays.
  bool empty() const { return !used_; }
  // Live entries.
  size_t size() const { return size_; }
  // Bytes held, this object included.
  size_t memory() const;
  Bytes encoding() const { return "stream"; }

  StreamId last_id() const { return last_id_; }
  // 0-0 if there are no entries.
  StreamId first_id() const;
  // The greatest id that Erase removed.
  StreamId max_deleted_id() const { return max_deleted_id_; }
  // Entries ever appended.
  uint64_t entries_added() const { return entries_added_; }
  size_t blocks() const { return blocks_.size(); }
  // How many nodes a radix tree over the blocks' ids has, which XINFO STREAM tells. Walks all blocks.
  size_t radix_nodes() const;
  // Whether a living entry has this id.
  bool Contains(StreamId id) const;

  // In bytewise order of their names.
  const Groups& groups() const { return groups_; }
  // The group of this name; null if there is none. It stays where it is until it is deleted.
  StreamGroup* FindGroup(Bytes name) const;
  // A new group that has read up to `last`, the `reads`th entry ever added or StreamGroup::kUnknownReads. Null if there
  // is one of this name already.
  StreamGroup* CreateGroup(Bytes name, StreamId last, int64_t reads);
  // False if there was none.
  bool DeleteGroup(Bytes name) noexcept;
  // How many of the entries ever added come up to `id`, `id` included; StreamGroup::kUnknownReads if entries were
  // deleted from the middle, so that nobody knows.
  int64_t ReadsUpTo(StreamId id) const;
  // Whether entries may have been deleted at or after `id`, which makes counting on from there a guess.
  bool MayLackEntriesFrom(StreamId id) const;

  // What Append and Erase keep, set as given: XSETID, and loading.
  void SetLastId(StreamId id) { last_id_ = id; }
  void SetMaxDeletedId(StreamId id) { max_deleted_id_ = id; }
  void SetEntriesAdded(uint64_t added) { entries_added_ = added; }

  // A copy of everything, groups with their consumers and what is pending included.
  std::unique_ptr<Stream> Clone() const;

  // Makes a stream without entries one that exists (XGROUP CREATE MKSTREAM).
  void Touch() { used_ = true; }
  // Adds an entry. Requires id > last_id() and an even, positive number of words: field, value, field, value ...
  void Append(StreamId id, std::span<const Bytes> words);
  // Removes one entry. False if there is none with this id.
  bool Erase(StreamId id);

  // Whether a trim may cut inside a block.
  enum class Precision { kExact, kWholeBlocks };
  // Removes the oldest entries until `length` are left; returns how many went. kWholeBlocks may leave more. Stops
  // before a block that would make it more than `limit` (0: no limit).
  size_t TrimToLength(uint64_t length, Precision precision, uint64_t limit);
  // Removes the entries with ids below `id`, in the same way.
  size_t TrimBelow(StreamId id, Precision precision, uint64_t limit);

 private:
  friend class StreamReader;

  struct Block {
    std::string bytes;
    uint32_t live = 0;
    uint32_t dead = 0;
    StreamId last;  // of its newest entry, dead or alive
  };
  using Blocks = absl::btree_map<StreamId, Block>;

  // One entry as it lies in a block.
  struct Item {
    size_t at;    // of its flags
    size_t body;  // of its body
    size_t end;   // of the next entry
    uint8_t flags;
    StreamId id;
  };
  static constexpr uint8_t kDead = 1;
  static constexpr uint8_t kSameFields = 2;

  // Where the first entry starts.
  static size_t FirstItem(const std::string& bytes);
  // The entry at `at`, which must be before the end of `bytes`.
  static Item ReadItem(const std::string& bytes, size_t at, StreamId first);

  bool HasRoom(const Block& block, size_t payload) const;
  Blocks::iterator DropBlock(Blocks::iterator block);
  template <class Goes>
  size_t DropItems(Blocks::iterator block, Goes goes);
  template <class DropsBlock, class Goes>
  size_t Trim(Precision precision, uint64_t limit, DropsBlock drops_block, Goes goes);

  const EncodingLimits* limits_;
  Blocks blocks_;
  size_t size_ = 0;
  size_t block_bytes_ = 0;
  StreamId last_id_;
  StreamId max_deleted_id_;
  uint64_t entries_added_ = 0;
  bool used_ = false;
  Groups groups_;  // the keys are the groups' own names
};

// Walks the live entries with first <= id <= last, upwards or downwards. Valid until the stream changes.
//
//   StreamReader r(stream, from, to, StreamReader::kUp);
//   while (r.Next()) { r.id(); r.couples(); Bytes field, value; while (r.NextCouple(&field, &value)) ... }
class StreamReader {
 public:
  enum Direction { kUp, kDown };

  StreamReader(const Stream& stream, StreamId first, StreamId last, Direction direction = kUp);

  // Steps to the next entry; false after the last one.
  bool Next();
  StreamId id() const { return item_.id; }
  // Names the block that holds this entry.
  StreamId block_id() const { return block_->first; }
  // Field-value couples of this entry, the ones already read included.
  size_t couples() const { return couples_; }
  // The next couple of this entry; false after the last one. The views point into the stream.
  bool NextCouple(Bytes* field, Bytes* value);

 private:
  bool NextUp();
  bool NextDown();
  void LoadBlock();
  void Open(const Stream::Item& item);

  const Stream& stream_;
  StreamId first_;
  StreamId last_;
  Direction direction_;
  Stream::Blocks::const_iterator block_;
  bool done_ = false;
  size_t next_ = 0;                // kUp: of the next entry in the block
  std::vector<Stream::Item> ups_;  // kDown: entries of the block that are still to come
  Stream::Item item_{};
  size_t couples_ = 0;
  size_t read_ = 0;      // couples read
  size_t field_at_ = 0;  // next field, among the block's or in the body
  size_t value_at_ = 0;  // next value in the body
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_STREAM_H_
