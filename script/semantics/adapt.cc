#include "script/semantics/adapt.h"

#include <algorithm>

#include "engine/command/word.h"

namespace dualis::script {
namespace {

constexpr size_t kFirst = SIZE_MAX;

struct Row {
  Bytes command;
  Bytes word;
  size_t from;
  Adapt adapt;
};

constexpr Row kRows[] = {
#define ADAPT(command, word, from, adapt) {command, word, from, Adapt::adapt},
#include "script/semantics/adapt.def"
#undef ADAPT
};

Value Number(Value raw) {
  double number;
  return raw.is_bytes() && ParseNumber(raw.bytes(), &number) ? Value(number) : raw;
}

Value Bool(const Value& raw) { return Value(raw.is_number() ? raw.number() != 0 : !raw.is_none()); }

template <class F>
Value Each(const Value& raw, F f) {
  Value::Items items;
  if (raw.is_list()) {
    items.reserve(raw.items().size());
    for (const Value& v : raw.items()) items.push_back(f(v));
  }
  return Value::List(std::move(items));
}

// Couples, flat or already in lists of two.
template <class F>
Value Couples(const Value& raw, F second) {
  Value::Items pairs;
  if (raw.is_list()) {
    const auto& items = raw.items();
    pairs.reserve(items.size() / 2);
    if (!items.empty() && items[0].is_list()) {
      for (const Value& couple : items) pairs.push_back(Value::List({couple.items()[0], second(couple.items()[1])}));
    } else {
      for (size_t i = 0; i + 1 < items.size(); i += 2) pairs.push_back(Value::List({items[i], second(items[i + 1])}));
    }
  }
  return Value::List(std::move(pairs));
}

Value Same(const Value& v) { return v; }

Value StreamEntries(const Value& raw) {
  return Each(raw, [](const Value& entry) {
    if (!entry.is_list()) return entry;
    const Value& fields = entry.items()[1];
    return Value::List({entry.items()[0], fields.is_none() ? fields : Couples(fields, Same)});
  });
}

// Couples as a dict.
Value DictOfCouples(const Value& raw) {
  Value::Entries entries;
  if (raw.is_list()) {
    const auto& items = raw.items();
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i].is_bytes()) entries.insert_or_assign(std::string(items[i].bytes()), items[i + 1]);
    }
  }
  return Value::Dict(std::move(entries));
}

// The same list with item `i` changed by f, if there is one.
template <class F>
Value With(const Value& raw, size_t i, F f) {
  Value::Items items = raw.items();
  if (i < items.size()) items[i] = f(items[i]);
  return Value::List(std::move(items));
}

Value Hit(const Value& hit) {
  if (!hit.is_list()) return hit;
  bool name = true;
  return Each(hit, [&name](const Value& part) {
    if (std::exchange(name, false)) return part;
    return part.is_list() ? Each(part, Number) : Number(part);
  });
}

}  // namespace

Bytes AdaptName(Adapt adapt) {
  static constexpr Bytes kNames[] = {"raw",     "bool",  "number",      "sorted",  "dict",    "pairs",     "scores",
                                     "numbers", "bools", "popped",      "entries", "streams", "positions", "reals",
                                     "scanned", "hits",  "autoclaimed", "pending", "dicts"};
  static_assert(std::size(kNames) == static_cast<size_t>(Adapt::kCount));
  return kNames[static_cast<size_t>(adapt)];
}

Kinds AdaptKinds(Adapt adapt) {
  switch (adapt) {
    case Adapt::kBool:
      return KindsOf("b");
    case Adapt::kNumber:
      return KindsOf("nz");
    case Adapt::kSorted:
    case Adapt::kPairs:
    case Adapt::kScores:
    case Adapt::kNumbers:
    case Adapt::kBools:
    case Adapt::kEntries:
    case Adapt::kPositions:
    case Adapt::kScanned:
    case Adapt::kAutoClaimed:
    case Adapt::kDicts:
      return KindsOf("l");
    case Adapt::kDict:
      return KindsOf("d");
    default:
      return kAnyKind;
  }
}

bool KeepsReals(Adapt adapt) {
  return adapt == Adapt::kNumber || adapt == Adapt::kScores || adapt == Adapt::kNumbers || adapt == Adapt::kPopped ||
         adapt == Adapt::kPositions || adapt == Adapt::kReals || adapt == Adapt::kHits;
}

Adapt AdaptOf(Bytes command, size_t words, const std::function<Bytes(size_t)>& literal) {
  for (const Row& row : kRows) {
    if (!IsWord(command, row.command)) continue;
    if (row.word.empty()) return row.adapt;
    const bool first = row.from == kFirst;
    for (size_t i = first ? 0 : row.from; i < (first ? std::min<size_t>(words, 1) : words); ++i) {
      if (IsWord(literal(i), row.word)) return row.adapt;
    }
  }
  return Adapt::kRaw;
}

Value AdaptReply(Adapt adapt, Value raw) {
  switch (adapt) {
    case Adapt::kRaw:
    case Adapt::kCount:
      return raw;
    case Adapt::kBool:
      return Bool(raw);
    case Adapt::kNumber:
      return Number(std::move(raw));
    case Adapt::kSorted: {
      Value list = raw.is_list() ? std::move(raw) : Value::List();
      auto& items = ListOf(list).items;
      std::sort(items.begin(), items.end(), [](const Value& a, const Value& b) { return a.bytes() < b.bytes(); });
      return list;
    }
    case Adapt::kDict:
      return DictOfCouples(raw);
    case Adapt::kPairs:
      return Couples(raw, Same);
    case Adapt::kScores:
      return Couples(raw, Number);
    case Adapt::kNumbers:
      return Each(raw, Number);
    case Adapt::kBools:
      return Each(raw, Bool);
    case Adapt::kPopped:
      if (!raw.is_list()) return raw;
      return Value::List({raw.items()[0], Couples(raw.items()[1], Number)});
    case Adapt::kEntries:
      return StreamEntries(raw);
    case Adapt::kStreams: {
      if (!raw.is_list()) return raw;
      Value::Entries streams;
      for (const Value& stream : raw.items()) {
        streams.insert_or_assign(std::string(stream.items()[0].bytes()), StreamEntries(stream.items()[1]));
      }
      return Value::Dict(std::move(streams));
    }
    case Adapt::kPositions:
      return Each(raw, [](const Value& place) { return place.is_list() ? Each(place, Number) : place; });
    case Adapt::kReals:
      return raw.is_list() && !raw.items().empty() ? With(raw, raw.items().size() - 1, Number) : raw;
    case Adapt::kScanned:
      return raw.is_list() ? With(raw, 1, [](const Value& v) { return Couples(v, Same); }) : raw;
    case Adapt::kHits:
      return raw.is_list() ? Each(raw, Hit) : raw;
    case Adapt::kAutoClaimed:
      return raw.is_list() ? With(raw, 1, StreamEntries) : raw;
    case Adapt::kPending:
      if (!raw.is_list() || raw.items().size() != 4 || !raw.items()[0].is_number() || !raw.items()[3].is_list())
        return raw;
      return With(raw, 3, [](const Value& v) { return Couples(v, Number); });
    case Adapt::kDicts:
      return Each(raw, DictOfCouples);
  }
  return raw;
}

}  // namespace dualis::script
