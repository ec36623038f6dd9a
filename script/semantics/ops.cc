// The C++ definition of each operation of ops.def. Kinds and number of the arguments have been checked. Each function
// has its twin in script/lua/prelude/; where IEEE arithmetic leaves a choice (mod, round) both follow one formula.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "script/semantics/json.h"
#include "script/semantics/op.h"

namespace dualis::script::ops {
namespace {

constexpr Value::Kind kNumber = Value::Kind::kNumber;

// "ERR lt: cannot order number and bytes"
Value Unordered(OpContext& cx, Bytes op, const Value& a, const Value& b) {
  std::string why = "cannot order ";
  why.append(KindName(a.kind())).append(" and ").append(KindName(b.kind()));
  return cx.Fail(op, why);
}

template <class Numbers, class Text>
Value Ordered(OpContext& cx, Bytes op, const Value& a, const Value& b, Numbers numbers, Text text) {
  if (a.kind() != b.kind()) return Unordered(cx, op, a, b);
  if (a.is_number()) return Value(bool(numbers(a.number(), b.number())));
  return Value(bool(text(CompareBytes(a.bytes(), b.bytes()))));
}

// The place of `index` in something of `size`: true and 0 <= *out (which may be >= size), or false if it lies before
// the beginning. Fails on an index that is no integer.
bool Position(OpContext& cx, Bytes op, double index, size_t size, double* out) {
  if (!std::isfinite(index) || std::floor(index) != index) {
    cx.Fail(op, "an index must be an integer");
    return false;
  }
  *out = index < 0 ? index + static_cast<double>(size) : index;
  return *out >= 0;
}

// For slices: cut to 0..size.
bool Cut(OpContext& cx, Bytes op, double index, size_t size, size_t* out) {
  double at;
  *out = 0;
  if (Position(cx, op, index, size, &at)) *out = at > static_cast<double>(size) ? size : static_cast<size_t>(at);
  return !cx.failed;
}

bool IsText(const Value& v) { return v.is_bytes() || v.is_number(); }

Value Order(OpContext& cx, Bytes op, Value* args, bool want_less) {
  if (args[0].kind() != args[1].kind()) return Unordered(cx, op, args[0], args[1]);
  const Value &a = args[0], &b = args[1];
  const bool second = want_less ? (a.is_number() ? b.number() < a.number() : b.bytes() < a.bytes())
                                : (a.is_number() ? a.number() < b.number() : a.bytes() < b.bytes());
  return second ? b : a;
}

// Counts the walk of a comparison; two scalars need none.
bool MayCompare(OpContext& cx, const Value* a) {
  return a[0].kind() < Value::Kind::kList || a[1].kind() < Value::Kind::kList ||
         cx.BeginWalk(a[0], OpContext::Walk::kLook);
}

// Where `what` begins in `text`, from `from` on; npos if nowhere. In linear time, which string_view::find is not.
size_t FindBytes(Bytes text, Bytes what, size_t from) {
  if (from > text.size() || text.size() - from < what.size()) return Bytes::npos;
  if (what.empty()) return from;
  const void* found = memmem(text.data() + from, text.size() - from, what.data(), what.size());
  return found ? static_cast<size_t>(static_cast<const char*>(found) - text.data()) : Bytes::npos;
}

// Counts a look at all bytes.
bool ReadBytes(OpContext& cx, Bytes text) { return cx.Spend(text.size() / 1024); }

}  // namespace

Value Add(OpContext&, Value* a, size_t) { return a[0].number() + a[1].number(); }
Value Sub(OpContext&, Value* a, size_t) { return a[0].number() - a[1].number(); }
Value Mul(OpContext&, Value* a, size_t) { return a[0].number() * a[1].number(); }
Value Div(OpContext& cx, Value* a, size_t) {
  if (a[1].number() == 0) return cx.Fail("div", "division by zero");
  return a[0].number() / a[1].number();
}
Value FloorDiv(OpContext& cx, Value* a, size_t) {
  if (a[1].number() == 0) return cx.Fail("floordiv", "division by zero");
  return std::floor(a[0].number() / a[1].number());
}
Value Mod(OpContext& cx, Value* args, size_t) {
  const double a = args[0].number(), b = args[1].number();
  if (b == 0) return cx.Fail("mod", "division by zero");
  return a - std::floor(a / b) * b;
}
Value Neg(OpContext&, Value* a, size_t) { return -a[0].number(); }
Value Floor(OpContext&, Value* a, size_t) { return std::floor(a[0].number()); }
Value Ceil(OpContext&, Value* a, size_t) { return std::ceil(a[0].number()); }
Value Round(OpContext&, Value* a, size_t) {
  const double x = a[0].number();
  return x < 0 ? std::ceil(x - 0.5) : std::floor(x + 0.5);
}
Value Abs(OpContext&, Value* a, size_t) { return std::fabs(a[0].number()); }
Value Min(OpContext& cx, Value* a, size_t) { return Order(cx, "min", a, true); }
Value Max(OpContext& cx, Value* a, size_t) { return Order(cx, "max", a, false); }

Value Eq(OpContext& cx, Value* a, size_t) {
  if (!MayCompare(cx, a)) return Value();
  bool too_deep = false;
  const bool equal = Equal(a[0], a[1], &too_deep);
  return too_deep ? cx.Fail("eq", "nested too deeply") : Value(equal);
}
Value Ne(OpContext& cx, Value* a, size_t) {
  if (!MayCompare(cx, a)) return Value();
  bool too_deep = false;
  const bool equal = Equal(a[0], a[1], &too_deep);
  return too_deep ? cx.Fail("eq", "nested too deeply") : Value(!equal);
}
Value Lt(OpContext& cx, Value* a, size_t) {
  return Ordered(
      cx, "lt", a[0], a[1], [](double x, double y) { return x < y; }, [](int c) { return c < 0; });
}
Value Le(OpContext& cx, Value* a, size_t) {
  return Ordered(
      cx, "le", a[0], a[1], [](double x, double y) { return x <= y; }, [](int c) { return c <= 0; });
}
Value Gt(OpContext& cx, Value* a, size_t) {
  return Ordered(
      cx, "gt", a[0], a[1], [](double x, double y) { return x > y; }, [](int c) { return c > 0; });
}
Value Ge(OpContext& cx, Value* a, size_t) {
  return Ordered(
      cx, "ge", a[0], a[1], [](double x, double y) { return x >= y; }, [](int c) { return c >= 0; });
}
Value Not(OpContext&, Value* a, size_t) { return Value(!script::Truth(a[0])); }
Value Truth(OpContext&, Value* a, size_t) { return Value(script::Truth(a[0])); }

Value Default(OpContext&, Value* a, size_t) { return a[0].is_none() ? a[1] : a[0]; }

Value Concat(OpContext&, Value* args, size_t count) {
  // Two passes: the sizes, then the bytes. Texts of numbers are short and made twice.
  char buffer[kNumberText];
  size_t size = 0;
  for (size_t i = 0; i < count; ++i) size += KeyText(args[i], buffer).size();
  BytesBuilder built(size);
  for (size_t i = 0; i < count; ++i) built.Add(KeyText(args[i], buffer));
  return built.Take();
}
Value ToNum(OpContext&, Value* a, size_t) {
  double number;
  if (a[0].is_number()) return a[0];
  return a[0].is_bytes() && ParseNumber(a[0].bytes(), &number) ? Value(number) : Value();
}
Value ToStr(OpContext& cx, Value* a, size_t) {
  switch (a[0].kind()) {
    case Value::Kind::kNone:
      return "None";
    case Value::Kind::kBool:
      return a[0].boolean() ? "true" : "false";
    case Value::Kind::kNumber: {
      char buffer[kNumberText];
      return NumberText(a[0].number(), buffer);
    }
    case Value::Kind::kBytes:
      return a[0];
    case Value::Kind::kList:
    case Value::Kind::kDict:
      break;
  }
  return ToJson(cx, a, 1);
}
Value ToIntStr(OpContext& cx, Value* a, size_t) {
  double number = 0;
  if (a[0].is_number()) {
    number = a[0].number();
  } else if (!ParseNumber(a[0].bytes(), &number)) {
    return cx.Fail("to_int_str", "not a number");
  }
  if (!std::isfinite(number)) return cx.Fail("to_int_str", "not a finite number");
  number = std::trunc(number) + 0.0;  // -0 becomes 0
  char digits[400];                   // a double has up to 309
  if (std::fabs(number) <= 9007199254740992.0) return NumberText(number, digits);
  const char* end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed, 0).ptr;
  return Bytes(digits, static_cast<size_t>(end - digits));
}
Value Type(OpContext&, Value* a, size_t) { return KindName(a[0].kind()); }
Value ToJson(OpContext& cx, Value* a, size_t) {
  if (!cx.BeginWalk(a[0], OpContext::Walk::kCopy)) return Value();
  std::string text;
  const char* bad = WriteJson(a[0], JsonStyle::kExact, &text);
  return bad ? cx.Fail("to_json", bad) : Value(text);
}
Value FromJson(OpContext& cx, Value* a, size_t) {
  // An item takes two bytes of text at least.
  const size_t size = a[0].bytes().size();
  if (!cx.Spend(size / 64) || !cx.Take(size * (sizeof(Value) / 2))) return Value();
  Value v;
  return ReadJson(a[0].bytes(), &v) ? v : cx.Fail("from_json", "not JSON");
}

Value Len(OpContext&, Value* a, size_t) {
  if (a[0].is_bytes()) return a[0].bytes().size();
  return a[0].is_list() ? a[0].items().size() : a[0].entries().size();
}
Value At(OpContext& cx, Value* a, size_t) {
  if (a[0].is_dict()) {
    char buffer[kNumberText];
    const auto& entries = a[0].entries();
    const auto found = entries.find(KeyText(a[1], buffer));
    return found == entries.end() ? Value() : found->second;
  }
  if (!a[1].is_number()) return cx.Fail("at", "an index must be an integer");
  const size_t size = a[0].is_list() ? a[0].items().size() : a[0].bytes().size();
  double at;
  if (!Position(cx, "at", a[1].number(), size, &at) || at >= static_cast<double>(size)) return Value();
  if (a[0].is_list()) return a[0].items()[static_cast<size_t>(at)];
  return a[0].bytes().substr(static_cast<size_t>(at), 1);
}
Value Slice(OpContext& cx, Value* a, size_t count) {
  const size_t size = a[0].is_list() ? a[0].items().size() : a[0].bytes().size();
  size_t from, to = size;
  if (!Cut(cx, "slice", a[1].number(), size, &from)) return Value();
  if (count > 2 && !Cut(cx, "slice", a[2].number(), size, &to)) return Value();
  to = std::max(from, to);
  if (a[0].is_bytes()) return a[0].bytes().substr(from, to - from);
  return Value::List(Value::Items(a[0].items().begin() + from, a[0].items().begin() + to));
}
Value Contains(OpContext& cx, Value* a, size_t) {
  if (a[0].is_list()) {
    if (!cx.BeginWalk(a[0], OpContext::Walk::kLook)) return Value();
    for (const Value& item : a[0].items()) {
      bool too_deep = false;
      const bool equal = Equal(item, a[1], &too_deep);
      if (too_deep) return cx.Fail("eq", "nested too deeply");
      if (equal) return true;
    }
    return false;
  }
  if (a[0].is_dict()) {
    if (!IsText(a[1])) return cx.Fail("contains", "a key must be bytes or number");
    char buffer[kNumberText];
    return a[0].entries().find(KeyText(a[1], buffer)) != a[0].entries().end();
  }
  if (!a[1].is_bytes()) return cx.Fail("contains", "bytes contain only bytes");
  if (!ReadBytes(cx, a[0].bytes())) return Value();
  return FindBytes(a[0].bytes(), a[1].bytes(), 0) != Bytes::npos;
}
Value Find(OpContext& cx, Value* a, size_t count) {
  size_t start = 0;
  if (count > 2) {
    double at = 0;
    if (Position(cx, "find", a[2].number(), a[0].bytes().size(), &at)) {
      if (at > static_cast<double>(a[0].bytes().size())) return Value();
      start = static_cast<size_t>(at);
    }
    if (cx.failed) return Value();
  }
  if (!ReadBytes(cx, a[0].bytes())) return Value();
  const size_t found = FindBytes(a[0].bytes(), a[1].bytes(), start);
  return found == Bytes::npos ? Value() : Value(found);
}
Value StartsWith(OpContext&, Value* a, size_t) { return a[0].bytes().starts_with(a[1].bytes()); }
Value EndsWith(OpContext&, Value* a, size_t) { return a[0].bytes().ends_with(a[1].bytes()); }
Value Upper(OpContext&, Value* a, size_t) {
  std::string text(a[0].bytes());
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}
Value Lower(OpContext&, Value* a, size_t) {
  std::string text(a[0].bytes());
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}
Value Split(OpContext& cx, Value* a, size_t) {
  const Bytes text = a[0].bytes(), separator = a[1].bytes();
  if (separator.empty()) return cx.Fail("split", "the separator is empty");
  Value::Items parts;
  size_t from = 0;
  for (size_t at; (at = FindBytes(text, separator, from)) != Bytes::npos; from = at + separator.size()) {
    parts.emplace_back(text.substr(from, at - from));
  }
  parts.emplace_back(text.substr(from));
  return Value::List(std::move(parts));
}
Value Join(OpContext& cx, Value* a, size_t) {
  std::string text;
  char buffer[kNumberText];
  bool first = true;
  size_t size = 0;
  for (const Value& item : a[0].items()) {
    if (!IsText(item)) return cx.Fail("join", "an item must be bytes or number");
    size += a[1].bytes().size() + (item.is_bytes() ? item.bytes().size() : kNumberText);
  }
  if (!cx.Take(size)) return Value();
  for (const Value& item : a[0].items()) {
    if (!std::exchange(first, false)) text.append(a[1].bytes());
    text.append(KeyText(item, buffer));
  }
  return text;
}
Value Replace(OpContext& cx, Value* a, size_t) {
  const Bytes text = a[0].bytes(), what = a[1].bytes();
  if (what.empty()) return cx.Fail("replace", "nothing to look for");
  if (!ReadBytes(cx, text)) return Value();
  size_t from = 0, times = 0;
  for (size_t at; (at = FindBytes(text, what, from)) != Bytes::npos; from = at + what.size()) ++times;
  if (!cx.Take(text.size() + times * a[2].bytes().size())) return Value();
  std::string out;
  from = 0;
  for (size_t at; (at = FindBytes(text, what, from)) != Bytes::npos; from = at + what.size()) {
    out.append(text.substr(from, at - from)).append(a[2].bytes());
  }
  return out.append(text.substr(from));
}

Value Strip(OpContext&, Value* a, size_t) {
  constexpr Bytes kBlanks = "\t\n\v\f\r ";
  const Bytes text = a[0].bytes();
  const size_t from = text.find_first_not_of(kBlanks);
  if (from == Bytes::npos) return "";
  return text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}
Value Format(OpContext& cx, Value* a, size_t) {
  const Bytes text = a[0].bytes();
  const auto& items = a[1].items();
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t at = std::min(text.find_first_of("{}", i), text.size());
    out.append(text.substr(i, at - i));
    if (at == text.size()) break;
    if (at + 1 < text.size() && text[at + 1] == text[at]) {
      out.push_back(text[at]);
      i = at + 2;
      continue;
    }
    if (text[at] == '}') return cx.Fail("format", "a } stands alone");
    size_t end = at + 1, number = 0;
    for (; end < text.size() && text[end] >= '0' && text[end] <= '9' && end - at <= 6; ++end) {
      number = number * 10 + static_cast<size_t>(text[end] - '0');
    }
    if (end == text.size() || text[end] != '}') return cx.Fail("format", "a { needs } or a number and }");
    const size_t which = end == at + 1 ? next++ : number;
    if (which >= items.size()) return cx.Fail("format", "there is no item for a pair of braces");
    Value item = items[which];
    const Value written = ToStr(cx, &item, 1);
    if (cx.failed) return Value();
    out.append(written.bytes());
    i = end + 1;
  }
  return out;
}

Value List(OpContext&, Value* args, size_t count) { return Value::List(Value::Items(args, args + count)); }
Value Dict(OpContext& cx, Value* args, size_t count) {
  if (count % 2) return cx.Fail("dict", "a key without a value");
  Value::Entries entries;
  char buffer[kNumberText];
  for (size_t i = 0; i < count; i += 2) {
    if (!IsText(args[i])) return cx.Fail("dict", "a key must be bytes or number");
    entries.insert_or_assign(std::string(KeyText(args[i], buffer)), args[i + 1]);
  }
  return Value::Dict(std::move(entries));
}
Value Zip(OpContext& cx, Value* a, size_t) {
  const auto &keys = a[0].items(), &values = a[1].items();
  if (keys.size() != values.size()) return cx.Fail("zip", "the lists differ in length");
  Value::Entries entries;
  char buffer[kNumberText];
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!IsText(keys[i])) return cx.Fail("zip", "a key must be bytes or number");
    entries.insert_or_assign(std::string(KeyText(keys[i], buffer)), values[i]);
  }
  return Value::Dict(std::move(entries));
}
Value Chain(OpContext&, Value* a, size_t) {
  Value::Items items = a[0].items();
  items.insert(items.end(), a[1].items().begin(), a[1].items().end());
  return Value::List(std::move(items));
}
Value Copy(OpContext& cx, Value* a, size_t) {
  if (!cx.BeginWalk(a[0], OpContext::Walk::kCopy)) return Value();
  Value copy;
  return DeepCopy(a[0], &copy) ? copy : cx.Fail("copy", "nested too deeply");
}
Value Reverse(OpContext&, Value* a, size_t) {
  return Value::List(Value::Items(a[0].items().rbegin(), a[0].items().rend()));
}
Value Sum(OpContext& cx, Value* a, size_t) {
  double sum = 0;
  for (const Value& item : a[0].items()) {
    if (!item.is_number()) return cx.Fail("sum", "an item must be number");
    sum += item.number();
  }
  return sum;
}
Value Sort(OpContext& cx, Value* a, size_t) {
  if (!cx.Spend(a[0].items().size())) return Value();
  Value::Items items = a[0].items();
  for (const Value& v : items) {
    if (v.kind() != items[0].kind() || !IsText(v) || (v.is_number() && std::isnan(v.number()))) {
      return cx.Fail("sort", "the items must be all numbers or all bytes");
    }
  }
  if (!items.empty() && items[0].kind() == kNumber) {
    std::sort(items.begin(), items.end(), [](const Value& x, const Value& y) { return x.number() < y.number(); });
  } else {
    std::sort(items.begin(), items.end(), [](const Value& x, const Value& y) { return x.bytes() < y.bytes(); });
  }
  return Value::List(std::move(items));
}
Value Keys(OpContext&, Value* a, size_t) {
  Value::Items items;
  items.reserve(a[0].entries().size());
  for (const auto& [key, v] : a[0].entries()) items.emplace_back(key);
  return Value::List(std::move(items));
}
Value Values(OpContext&, Value* a, size_t) {
  Value::Items items;
  items.reserve(a[0].entries().size());
  for (const auto& [key, v] : a[0].entries()) items.push_back(v);
  return Value::List(std::move(items));
}
Value Items(OpContext&, Value* a, size_t) {
  Value::Items items;
  items.reserve(a[0].entries().size());
  for (const auto& [key, v] : a[0].entries()) items.push_back(Value::List({Value(key), v}));
  return Value::List(std::move(items));
}

bool MayStore(OpContext& cx, Bytes op, const Value& container, const Value& item) {
  if (item.kind() < Value::Kind::kList) return true;
  bool too_deep = false;
  size_t visited = 0;
  const bool itself = Reaches(item, container, &too_deep, &visited);
  if (!cx.Spend(visited)) return false;
  if (itself) {
    cx.Fail(op, "a container cannot contain itself");
  } else if (too_deep) {
    cx.Fail(op, "nested too deeply");
  }
  container.rep()->nested = true;
  return !cx.failed;
}

Value SetAt(OpContext& cx, Value* a, size_t) {
  auto& items = script::ListOf(a[0]).items;
  double at = 0;
  if (!Position(cx, "set_at", a[1].number(), items.size(), &at) || at > static_cast<double>(items.size())) {
    return cx.failed ? Value() : cx.Fail("set_at", "index out of range");
  }
  if (!MayStore(cx, "set_at", a[0], a[2])) return Value();
  const auto i = static_cast<size_t>(at);
  if (i == items.size()) {
    if (!cx.Take(2 * sizeof(Value))) return Value();
    items.push_back(std::move(a[2]));
  } else {
    items[i] = std::move(a[2]);
  }
  return Value();
}
Value SetKey(OpContext& cx, Value* a, size_t) {
  if (!MayStore(cx, "set_key", a[0], a[2])) return Value();
  char buffer[kNumberText];
  const Bytes key = KeyText(a[1], buffer);
  auto& entries = script::DictOf(a[0]).entries;
  const auto place = entries.lower_bound(key);
  if (place != entries.end() && place->first == key) {
    place->second = std::move(a[2]);
  } else if (cx.Take(2 * sizeof(Value::Entries::value_type) + key.size())) {
    entries.emplace_hint(place, key, std::move(a[2]));
  }
  return Value();
}
Value RemoveKey(OpContext&, Value* a, size_t) {
  char buffer[kNumberText];
  auto& entries = script::DictOf(a[0]).entries;
  const auto found = entries.find(KeyText(a[1], buffer));
  if (found == entries.end()) return false;
  entries.erase(found);
  return true;
}
Value Append(OpContext& cx, Value* a, size_t) {
  if (MayStore(cx, "append", a[0], a[1]) && cx.Take(2 * sizeof(Value)))
    script::ListOf(a[0]).items.push_back(std::move(a[1]));
  return Value();
}
Value Insert(OpContext& cx, Value* a, size_t) {
  auto& items = script::ListOf(a[0]).items;
  double at = 0;
  if (!Position(cx, "insert", a[1].number(), items.size(), &at) || at > static_cast<double>(items.size())) {
    return cx.failed ? Value() : cx.Fail("insert", "index out of range");
  }
  if (!cx.Spend(items.size() / 256) || !cx.Take(2 * sizeof(Value))) return Value();
  if (MayStore(cx, "insert", a[0], a[2])) items.insert(items.begin() + static_cast<size_t>(at), std::move(a[2]));
  return Value();
}
Value Pop(OpContext& cx, Value* a, size_t count) {
  auto& items = script::ListOf(a[0]).items;
  double at = 0;
  if (!Position(cx, "pop", count > 1 ? a[1].number() : -1, items.size(), &at) ||
      at >= static_cast<double>(items.size())) {
    return Value();
  }
  if (!cx.Spend((items.size() - static_cast<size_t>(at)) / 256)) return Value();
  const auto place = items.begin() + static_cast<size_t>(at);
  Value item = std::move(*place);
  items.erase(place);
  return item;
}
// Executors bring the time themselves: the interpreter asks whoever runs the script's commands.
Value Now(OpContext& cx, Value*, size_t) { return cx.Fail("now", "there is no clock"); }
Value Log(OpContext& cx, Value* a, size_t) {
  const Bytes level = a[0].bytes();
  if (level != "debug" && level != "verbose" && level != "notice" && level != "warning") {
    return cx.Fail("log", "the level must be debug, verbose, notice or warning");
  }
  char buffer[kNumberText];
  if (cx.log) cx.log(level, KeyText(a[1], buffer));
  return Value();
}
Value Fail(OpContext& cx, Value* a, size_t) {
  std::string text(a[0].bytes());
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\0' || c == '\r' || c == '\n'; }, ' ');
  return cx.Fail(Error::FromReply(text));
}

}  // namespace dualis::script::ops
