// TextNode: one string in one allocation, a member of a large set. TextNodeTable: a table that owns such nodes, or
// others that know their text().
//
//   | size u32 | bytes ... |
#ifndef DUALIS_ENGINE_TYPES_TEXT_NODE_H_
#define DUALIS_ENGINE_TYPES_TEXT_NODE_H_

#include <cstddef>
#include <cstdint>
#include <new>

#include "dualis/bytes.h"
#include "engine/core/hash.h"
#include "engine/core/number_text.h"
#include "engine/core/segment_table.h"

namespace dualis {

class TextNode {
 public:
  // Throws std::bad_alloc.
  static TextNode* New(Bytes text) {
    void* place = ::operator new(sizeof(TextNode) + text.size());
    auto* node = new (place) TextNode(static_cast<uint32_t>(text.size()));
    text.copy(reinterpret_cast<char*>(node + 1), text.size());
    return node;
  }
  static void Delete(TextNode* node) { ::operator delete(node); }

  Bytes text() const { return Bytes(reinterpret_cast<const char*>(this + 1), size_); }
  // Bytes of this allocation, as asked for.
  size_t memory() const { return sizeof(TextNode) + size_; }

 private:
  explicit TextNode(uint32_t size) : size_(size) {}
  uint32_t size_;
};

static_assert(sizeof(TextNode) == sizeof(uint32_t));

// Hashes a node by its text.
struct TextNodeTraits {
  uint64_t seed = 0;
  template <class Node>
  uint64_t Hash(const Node* node) const {
    return HashBytes(node->text(), seed);
  }
};

// A table of nodes that owns them.
template <class Node>
class TextNodeTable {
 public:
  explicit TextNodeTable(uint64_t seed) : table_(TextNodeTraits{seed}) {}
  ~TextNodeTable() {
    table_.Clear([](Node* node) { Node::Delete(node); });
  }
  TextNodeTable(const TextNodeTable&) = delete;
  TextNodeTable& operator=(const TextNodeTable&) = delete;

  size_t size() const { return table_.size(); }
  size_t memory() const { return sizeof(*this) + table_.bytes() + node_bytes_; }
  uint64_t HashOf(Bytes text) const { return HashBytes(text, table_.traits().seed); }

  Node* Find(Bytes text) const { return table_.FindValue(HashOf(text), Same{text}); }
  Node** FindSlot(Bytes text) { return table_.Find(HashOf(text), Same{text}); }
  // Makes room for one node; the next Insert of this text does not throw.
  void Reserve(Bytes text) { table_.Reserve(HashOf(text)); }
  // Takes the node over; if it throws the node stays the caller's. Requires: no node with this text.
  void Insert(Node* node) {
    table_.Insert(HashOf(node->text()), node);
    node_bytes_ += node->memory();
  }
  // Inserts a new node for the text; the contents are unchanged if that throws.
  template <class... Args>
  Node* Emplace(Bytes text, Args... args) {
    Reserve(text);
    Node* node = Node::New(text, args...);
    Insert(node);
    return node;
  }
  // Puts another node with the same text into the slot and deletes the old one.
  void Replace(Node** slot, Node* node) {
    node_bytes_ += node->memory() - (*slot)->memory();
    Node* old = *slot;
    table_.Replace(slot, node);
    Node::Delete(old);
  }
  // Takes a node out; null if there is none. The caller deletes it.
  Node* Take(Bytes text) {
    Node* node = table_.Erase(HashOf(text), Same{text});
    if (node != nullptr) node_bytes_ -= node->memory();
    return node;
  }
  bool Erase(Bytes text) {
    Node* node = Take(text);
    if (node == nullptr) return false;
    Node::Delete(node);
    return true;
  }
  template <class Fn>
  void ForEach(Fn&& fn) const {
    table_.ForEach([&](Node* node) { fn(*node); });
  }
  template <class Fn>
  uint64_t Scan(uint64_t cursor, size_t count, Fn&& fn) const {
    return table_.Scan(cursor, count, [&](Node* node) { fn(*node); });
  }
  const Node* Random(Rng& rng) const { return table_.Random(rng); }

 private:
  struct Same {
    Bytes text;
    bool operator()(const Node* node) const { return node->text() == text; }
  };

  SegmentTable<Node, TextNodeTraits> table_;
  size_t node_bytes_ = 0;
};

// Where a short text that is stored as an integer is written for reading.
using TextBuffer = char[kInt64Chars];

}  // namespace dualis

#endif  // DUALIS_ENGINE_TYPES_TEXT_NODE_H_
