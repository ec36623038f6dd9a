#include "script/semantics/value.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <new>
#include <unordered_set>

#include "script/semantics/json.h"

namespace dualis::script {

BytesRep* BytesRep::New(size_t size) { return new (::operator new(sizeof(BytesRep) + size)) BytesRep(size); }

void BytesRep::Delete(BytesRep* rep) {
  rep->~BytesRep();
  ::operator delete(rep);
}

Value::Value(Bytes bytes) : kind_(Kind::kBytes), small_(0) {
  if (bytes.size() <= kShortBytes) {
    small_ = static_cast<uint8_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(room_, bytes.data(), bytes.size());
    return;
  }
  BytesRep* made = BytesRep::New(bytes.size());
  std::memcpy(made->text(), bytes.data(), bytes.size());
  *this = Value(Kind::kBytes, made);
}

Value Value::List(Items items) {
  auto* made = new ListRep;
  made->items = std::move(items);
  for (const Value& v : made->items) made->nested |= v.kind() >= Kind::kList;
  return Value(Kind::kList, made);
}

Value Value::Dict(Entries entries) {
  auto* made = new DictRep;
  made->entries = std::move(entries);
  for (const auto& [key, v] : made->entries) made->nested |= v.kind() >= Kind::kList;
  return Value(Kind::kDict, made);
}

void Value::AddRef() const noexcept { rep()->refs.fetch_add(1, std::memory_order_relaxed); }

namespace {

// Drops the reference that `v` holds, without Value's destructor. Containers whose last reference that was are chained.
void Drop(Value& v, ContainerRep** dead) {
  if (v.counted() && v.rep()->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    if (v.is_bytes()) {
      BytesRep::Delete(static_cast<BytesRep*>(v.rep()));
    } else {
      auto* container = static_cast<ContainerRep*>(v.rep());
      container->dead = *dead;
      *dead = container;
    }
  }
  new (&v) Value();
}

}  // namespace

void Value::Release() noexcept {
  ContainerRep* dead = nullptr;
  Drop(*this, &dead);
  while (dead) {
    ContainerRep* next = dead;
    dead = next->dead;
    if (next->kind == Kind::kList) {
      auto* list = static_cast<ListRep*>(next);
      for (Value& v : list->items) Drop(v, &dead);
      delete list;
    } else {
      auto* dict = static_cast<DictRep*>(next);
      for (auto& [key, v] : dict->entries) Drop(v, &dead);
      delete dict;
    }
  }
}

Bytes Value::HeapBytes() const {
  auto* r = static_cast<BytesRep*>(rep());
  return Bytes(r->text(), r->size);
}

const Value::Items& Value::items() const { return script::ListOf(*this).items; }
const Value::Entries& Value::entries() const { return script::DictOf(*this).entries; }

Value::Items& Value::mutable_items() {
  script::ListOf(*this).nested = true;  // what the caller stores is not watched
  return script::ListOf(*this).items;
}

Value::Entries& Value::mutable_entries() {
  script::DictOf(*this).nested = true;
  return script::DictOf(*this).entries;
}

bool Equal(const Value& a, const Value& b, bool* too_deep, int depth) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNone:
      return true;
    case Value::Kind::kBool:
      return a.boolean() == b.boolean();
    case Value::Kind::kNumber:
      return a.number() == b.number();
    case Value::Kind::kBytes:
      return a.bytes() == b.bytes();
    case Value::Kind::kList:
    case Value::Kind::kDict:
      break;
  }
  if (a.SameObject(b)) return true;
  if (depth == kMaxNesting) {
    *too_deep = true;
    return false;
  }
  if (a.is_list()) {
    const auto& x = ListOf(a).items;
    const auto& y = ListOf(b).items;
    if (x.size() != y.size()) return false;
    for (size_t i = 0; i < x.size(); ++i) {
      if (!Equal(x[i], y[i], too_deep, depth + 1)) return false;
    }
    return true;
  }
  const auto& x = DictOf(a).entries;
  const auto& y = DictOf(b).entries;
  if (x.size() != y.size()) return false;
  // In the order of the keys of the first, which both executors follow: whether it is "too deep" or "different" that is
  // found first must not depend on the executor.
  for (const auto& [key, v] : x) {
    auto other = y.find(key);
    if (other == y.end() || !Equal(v, other->second, too_deep, depth + 1)) return false;
  }
  return true;
}

bool operator==(const Value& a, const Value& b) {
  bool too_deep = false;
  return Equal(a, b, &too_deep);
}

namespace {

// Depth first; an object that was seen needs no second look, so shared parts cost nothing.
bool Search(const Value& v, const Value& wanted, std::unordered_set<const void*>& seen, bool* too_deep, int depth) {
  if (v.SameObject(wanted)) return true;
  if (!v.rep()->nested || !seen.insert(v.rep()).second) return false;
  auto found_in = [&](const Value& item) {
    if (item.kind() < Value::Kind::kList) return false;
    if (depth + 1 == kMaxNesting) {
      *too_deep = true;
      return false;
    }
    return Search(item, wanted, seen, too_deep, depth + 1);
  };
  if (v.is_list()) {
    for (const Value& item : ListOf(v).items) {
      if (found_in(item)) return true;
    }
  } else {
    for (const auto& [key, item] : DictOf(v).entries) {
      if (found_in(item)) return true;
    }
  }
  return false;
}

}  // namespace

bool Reaches(const Value& inside, const Value& container, bool* too_deep, size_t* visited) {
  if (inside.kind() < Value::Kind::kList) return false;
  std::unordered_set<const void*> seen;
  const bool found = Search(inside, container, seen, too_deep, 0);
  *visited = seen.size();
  return found;
}

bool DeepCopy(const Value& from, Value* to, int depth) {
  if (from.kind() < Value::Kind::kList) {
    *to = from;
    return true;
  }
  if (depth == kMaxNesting) return false;
  bool fits = true;
  if (from.is_list()) {
    Value::Items items(ListOf(from).items.size());
    for (size_t i = 0; i < items.size() && fits; ++i) fits = DeepCopy(ListOf(from).items[i], &items[i], depth + 1);
    *to = Value::List(std::move(items));
  } else {
    Value::Entries entries;
    for (const auto& [key, v] : DictOf(from).entries) {
      if (!fits) break;
      fits = DeepCopy(v, &entries.emplace_hint(entries.end(), key, Value())->second, depth + 1);
    }
    *to = Value::Dict(std::move(entries));
  }
  return fits;
}

Value Value::Copy() const {
  Value copy;
  DeepCopy(*this, &copy);
  return copy;
}

std::string Value::ToText() const {
  std::string text;
  WriteJson(*this, JsonStyle::kMessage, &text);
  return text;
}

Bytes KindName(Value::Kind kind) {
  static constexpr Bytes kNames[] = {"none", "bool", "number", "bytes", "list", "dict"};
  return kNames[static_cast<int>(kind)];
}

Bytes NumberText(double number, char* buffer) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  if (std::trunc(number) == number && std::fabs(number) <= 9007199254740992.0) {
    auto end = std::to_chars(buffer, buffer + kNumberText, static_cast<int64_t>(number)).ptr;
    return Bytes(buffer, end - buffer);
  }
  for (int digits = 15;; ++digits) {
    char* end = std::to_chars(buffer, buffer + kNumberText, number, std::chars_format::general, digits).ptr;
    double back;
    if (digits == 17) return Bytes(buffer, end - buffer);
    auto read = std::from_chars(buffer, end, back);
    if (read.ec == std::errc() && back == number) return Bytes(buffer, end - buffer);
  }
}

bool ParseNumber(Bytes text, double* out) {
  // Most are short integers.
  if (!text.empty() && text.size() <= 15) {
    int64_t integer = 0;
    size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) integer = integer * 10 + (text[at] - '0');
    if (at == text.size()) {
      *out = static_cast<double>(integer);
      return true;
    }
  }
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (text == "inf") {
    *out = sign * std::numeric_limits<double>::infinity();
    return true;
  }
  // The grammar is checked here so that it does not depend on what a library accepts. `magnitude` is the decimal
  // exponent of the first digit that is not 0; it tells overflow from underflow.
  size_t i = 0, digits = 0;
  bool significant = false;
  int64_t magnitude = 0;
  auto digit = [&] { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  for (; digit(); ++i, ++digits) {
    if (significant) ++magnitude;
    significant |= text[i] != '0';
  }
  if (i < text.size() && text[i] == '.') {
    ++i;
    for (; digit(); ++i, ++digits) {
      if (!significant) --magnitude;
      significant |= text[i] != '0';
    }
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    const bool small = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (!digit()) return false;
    int64_t exponent = 0;
    for (; digit(); ++i) exponent = std::min<int64_t>(exponent * 10 + (text[i] - '0'), 1'000'000'000);
    magnitude += small ? -exponent : exponent;
  }
  if (i != text.size()) return false;
  double value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) {
    value = significant && magnitude > 0 ? std::numeric_limits<double>::infinity() : 0;
  }
  *out = sign * value;
  return true;
}

}  // namespace dualis::script
