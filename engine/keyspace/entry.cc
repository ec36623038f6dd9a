#include "engine/keyspace/entry.h"

#include <new>

#include "engine/keyspace/values.h"

namespace dualis {

Entry* Entry::New(Bytes key, ValueType type, size_t string_capacity, bool with_expiry) {
  const size_t size = sizeof(Entry) + (with_expiry ? sizeof(TimeMs) : 0) + kBodyBytes + string_capacity + key.size();
  auto* entry = static_cast<Entry*>(::operator new(size));
  entry->key_size_ = static_cast<uint32_t>(key.size());
  entry->type_ = static_cast<uint8_t>(type) & 15;
  entry->flags_ = with_expiry ? kHasExpiry : 0;
  entry->access_ = 0;
  if (with_expiry) entry->set_expiry(kNoExpiry);
  if (type == ValueType::kString) {
    entry->string().size_ = 0;
    entry->string().capacity_ = static_cast<uint32_t>(string_capacity);
  }
  if (!key.empty()) std::memcpy(const_cast<char*>(entry->key_data()), key.data(), key.size());
  return entry;
}

Entry* Entry::NewString(Bytes key, Bytes value, size_t capacity, bool with_expiry) {
  Entry* entry = New(key, ValueType::kString, capacity, with_expiry);
  entry->AssignString(value);
  return entry;
}

Entry* Entry::NewValue(Bytes key, ValueType type, void* value, bool with_expiry) {
  Entry* entry = New(key, type, 0, with_expiry);
  std::memcpy(entry->body(), &value, sizeof(value));
  return entry;
}

void Entry::Release(Entry* entry) { ::operator delete(entry); }

void Entry::Destroy(Entry* entry) {
  if (entry->type() != ValueType::kString) DestroyValue(entry->type(), entry->value());
  Release(entry);
}

void Entry::AssignString(Bytes value) {
  if (!value.empty()) std::memmove(mutable_string(), value.data(), value.size());
  string().size_ = static_cast<uint32_t>(value.size());
}

void Entry::AppendString(Bytes tail) {
  if (!tail.empty()) std::memmove(mutable_string() + string().size_, tail.data(), tail.size());
  string().size_ += static_cast<uint32_t>(tail.size());
}

void Entry::ResizeString(size_t size) {
  if (size > string().size_) std::memset(mutable_string() + string().size_, 0, size - string().size_);
  string().size_ = static_cast<uint32_t>(size);
}

size_t Entry::allocated() const {
  return static_cast<size_t>(key_data() - reinterpret_cast<const char*>(this)) + key_size_;
}

}  // namespace dualis
