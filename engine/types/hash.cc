#include "engine/types/hash.h"

#include <cstring>
#include <utility>

namespace dualis {

FieldNode* FieldNode::New(Bytes field, Bytes value) {
  void* place = ::operator new(sizeof(FieldNode) + field.size() + value.size());
  auto* node = new (place) FieldNode(static_cast<uint32_t>(field.size()), static_cast<uint32_t>(value.size()));
  field.copy(node->data(), field.size());
  value.copy(node->data() + field.size(), value.size());
  return node;
}

bool FieldNode::Assign(Bytes value) {
  // A long value that became short gives its memory back.
  if (value.size() > value_capacity_ || value_capacity_ - value.size() > 32 + value.size()) return false;
  if (!value.empty()) std::memmove(data() + field_size_, value.data(), value.size());
  value_size_ = static_cast<uint32_t>(value.size());
  return true;
}

bool Hash::Contains(Bytes field) const {
  if (table()) return table()->Find(field) != nullptr;
  return packed().Find(field, packed().begin(), 1) != packed().end();
}

std::optional<Bytes> Hash::Get(Bytes field, TextBuffer& buffer) const {
  if (table()) {
    const FieldNode* node = table()->Find(field);
    if (node == nullptr) return std::nullopt;
    return node->value();
  }
  auto found = packed().Find(field, packed().begin(), 1);
  if (found == packed().end()) return std::nullopt;
  return (*++found).Text(buffer);
}

size_t Hash::memory() const {
  const size_t aside = timed() ? sizeof(Timed) + timed()->times.memory() : 0;
  return sizeof(*this) + aside + (table() ? table()->memory() : packed().memory());
}

bool Hash::Set(Bytes field, Bytes value, FieldTime time) {
  const bool added = SetInForm(field, value);
  if (!added && time == FieldTime::kDrop && timed()) timed()->times.Erase(field);
  return added;
}

bool Hash::SetInForm(Bytes field, Bytes value) {
  const auto longest = static_cast<size_t>(limits_->hash_max_listpack_value);
  if (!table() && (field.size() > longest || value.size() > longest)) Expand();
  if (!table()) {
    PackedList& list = packed();
    auto found = list.Find(field, list.begin(), 1);
    if (found != list.end()) {
      list.Replace(++found, value);
      return false;
    }
    if (static_cast<int64_t>(size()) < limits_->hash_max_listpack_entries) {
      list.Reserve(PackedList::BytesFor(field) + PackedList::BytesFor(value));
      list.PushBack(field);
      list.PushBack(value);
      return true;
    }
    Expand();
  }
  FieldNode** slot = table()->FindSlot(field);
  if (slot == nullptr) {
    table()->Emplace(field, value);
    return true;
  }
  if (!(*slot)->Assign(value)) table()->Replace(slot, FieldNode::New(field, value));
  return false;
}

bool Hash::Erase(Bytes field) {
  if (timed()) timed()->times.Erase(field);
  return EraseFromForm(field);
}

bool Hash::EraseFromForm(Bytes field) {
  if (table()) return table()->Erase(field);
  PackedList& list = packed();
  const auto found = list.Find(field, list.begin(), 1);
  if (found == list.end()) return false;
  auto after = found;
  ++after, ++after;
  list.Erase(found, after);
  return true;
}

std::pair<Bytes, Bytes> Hash::Random(Rng& rng, TextBuffer& field, TextBuffer& value) const {
  if (table()) {
    const FieldNode* node = table()->Random(rng);
    return {node->text(), node->value()};
  }
  auto at = packed().At(static_cast<int64_t>(2 * rng.Uniform(size())));
  const Bytes text = (*at).Text(field);
  return {text, (*++at).Text(value)};
}

// The table is built aside, so that the hash stays as it was if memory runs out.
void Hash::Expand() {
  auto table = std::make_unique<Table>(seed_);
  ForEach([&](Bytes field, Bytes value) { table->Emplace(field, value); });
  if (timed()) {
    timed()->form = std::move(table);
  } else {
    form_ = std::move(table);
  }
}

FieldTimes& Hash::MakeTimes() {
  if (!timed()) {
    // The form goes aside, with room for times.
    auto aside = std::make_unique<Timed>();
    if (table()) {
      aside->form = std::move(std::get<1>(form_));
    } else {
      aside->form = std::move(std::get<0>(form_));
    }
    form_ = std::move(aside);
  }
  return timed()->times;
}

void Hash::SetTime(Bytes field, TimeMs when) {
  if (when != FieldTimes::kNever) {
    MakeTimes().Set(field, when);
  } else if (timed()) {
    timed()->times.Erase(field);
  }
}

std::unique_ptr<Hash> Hash::Clone() const {
  auto copy = std::make_unique<Hash>(*limits_, seed_);
  if (table()) {
    copy->Expand();
    ForEach([&](Bytes field, Bytes value) { copy->table()->Emplace(field, value); });
  } else {
    copy->packed() = packed();
  }
  if (timed()) {
    FieldTimes& times = copy->MakeTimes();
    timed()->times.ForEach([&](Bytes field, TimeMs when) { times.Set(field, when); });
  }
  return copy;
}

}  // namespace dualis
