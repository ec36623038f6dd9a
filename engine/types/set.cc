#include "engine/types/set.h"

#include <algorithm>
#include <utility>

namespace dualis {

size_t Set::size() const {
  switch (form_.index()) {
    case kInts:
      return ints().size();
    case kPacked:
      return packed().size();
    default:
      return table().size();
  }
}

size_t Set::memory() const {
  switch (form_.index()) {
    case kInts:
      return sizeof(*this) + ints().memory();
    case kPacked:
      return sizeof(*this) + packed().memory();
    default:
      return sizeof(*this) + table().memory();
  }
}

Bytes Set::encoding() const {
  switch (form_.index()) {
    case kInts:
      return "intset";
    case kPacked:
      return "listpack";
    default:
      return "hashtable";
  }
}

bool Set::Contains(Bytes member) const {
  switch (form_.index()) {
    case kInts: {
      const auto number = ParseInt64(member);
      return number && ints().Contains(*number);
    }
    case kPacked:
      return packed().Find(member) != packed().end();
    default:
      return table().Find(member) != nullptr;
  }
}

bool Set::FitsPacked(size_t members, size_t longest) const {
  return static_cast<int64_t>(members) <= limits_->set_max_listpack_entries &&
         static_cast<int64_t>(longest) <= limits_->set_max_listpack_value;
}

bool Set::Insert(Bytes member) {
  if (form_.index() == kInts) {
    if (const auto number = ParseInt64(member)) {
      if (ints().Contains(*number)) return false;
      if (static_cast<int64_t>(ints().size()) < limits_->set_max_intset_entries) return ints().Insert(*number);
      // Too many integers skip the packed form, as in Redis; the first one may still start it.
      if (ints().empty() && FitsPacked(1, member.size())) {
        Pack();
      } else {
        Expand();
      }
    } else {
      size_t longest = member.size();
      TextBuffer buffer;
      for (size_t i = 0; i < ints().size(); i += std::max<size_t>(1, ints().size() - 1)) {
        longest = std::max(longest, FormatInt64(ints().At(i), buffer).size());
      }
      if (FitsPacked(ints().size() + 1, longest)) {
        Pack();
      } else {
        Expand();
      }
    }
  }
  if (form_.index() == kPacked) {
    if (packed().Find(member) != packed().end()) return false;
    if (FitsPacked(packed().size() + 1, member.size())) {
      packed().PushBack(member);
      return true;
    }
    Expand();
  }
  if (table().Find(member) != nullptr) return false;
  table().Emplace(member);
  return true;
}

bool Set::Erase(Bytes member) {
  switch (form_.index()) {
    case kInts: {
      const auto number = ParseInt64(member);
      return number && ints().Erase(*number);
    }
    case kPacked: {
      const auto found = packed().Find(member);
      if (found == packed().end()) return false;
      packed().Erase(found);
      return true;
    }
    default:
      return table().Erase(member);
  }
}

Bytes Set::Random(Rng& rng, TextBuffer& buffer) const {
  switch (form_.index()) {
    case kInts:
      return FormatInt64(ints().At(rng.Uniform(ints().size())), buffer);
    case kPacked:
      return (*packed().At(static_cast<int64_t>(rng.Uniform(packed().size())))).Text(buffer);
    default:
      return table().Random(rng)->text();
  }
}

void Set::Pack() {
  PackedList list;
  ints().ForEach([&](int64_t member) { list.PushBack(member); });
  form_ = std::move(list);
}

// The table is built aside, so that the set stays as it was if memory runs out.
void Set::Expand() {
  auto table = std::make_unique<Table>(seed_);
  ForEach([&](Bytes member) { table->Emplace(member); });
  form_ = std::move(table);
}

std::unique_ptr<Set> Set::Clone() const {
  auto copy = std::make_unique<Set>(*limits_, seed_);
  switch (form_.index()) {
    case kInts:
      copy->form_ = IntSet(ints());
      break;
    case kPacked:
      copy->form_ = PackedList(packed());
      break;
    default:
      copy->form_ = std::make_unique<Table>(seed_);
      table().ForEach([&](const TextNode& node) { copy->table().Emplace(node.text()); });
  }
  return copy;
}

}  // namespace dualis
