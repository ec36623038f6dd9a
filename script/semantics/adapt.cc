#include "script/semantics/adapt.h"

#include <algorithm>

namespace dualis::script {
namespace {

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

bool SameWord(Bytes a, Bytes upper) {
  return std::equal(a.begin(), a.end(), upper.begin(), upper.end(),
                    [](char x, char y) { return (x >= 'a' && x <= 'z' ? x - 32 : x) == y; });
}

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

}  // namespace

Bytes AdaptName(Adapt adapt) {
  static constexpr Bytes kNames[] = {"raw",     "bool",  "number", "sorted",  "dict",    "pairs",    "scores",
                                     "numbers", "bools", "popped", "entries", "streams", "positions"};
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
      return KindsOf("l");
    case Adapt::kDict:
      return KindsOf("d");
    default:
      return kAnyKind;
  }
}

bool KeepsReals(Adapt adapt) {
  return adapt == Adapt::kNumber || adapt == Adapt::kScores || adapt == Adapt::kNumbers || adapt == Adapt::kPopped ||
         adapt == Adapt::kPositions;
}

Adapt AdaptOf(Bytes command, size_t words, const std::function<Bytes(size_t)>& literal) {
  for (const Row& row : kRows) {
    if (!SameWord(command, row.command)) continue;
    if (row.word.empty()) return row.adapt;
    for (size_t i = row.from; i < words; ++i) {
      if (SameWord(literal(i), row.word)) return row.adapt;
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
    case Adapt::kDict: {
      Value::Entries entries;
      if (raw.is_list()) {
        const auto& items = raw.items();
        for (size_t i = 0; i + 1 < items.size(); i += 2)
          entries.insert_or_assign(std::string(items[i].bytes()), items[i + 1]);
      }
      return Value::Dict(std::move(entries));
    }
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
  }
  return raw;
}

}  // namespace dualis::script
