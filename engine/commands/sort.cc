// SORT and SORT_RO.
//
//   load the elements -> look their weights up -> order -> cut -> look GET's keys up -> reply or store
//
// Without an order to make (BY a constant), lists and sorted sets load just the range that LIMIT asks for.
#include "dualis/commands/sort.h"

#include <algorithm>
#include <cmath>

#include "engine/command/describe.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/core/number_text.h"
#include "engine/types/hash.h"
#include "engine/types/list.h"
#include "engine/types/set.h"
#include "engine/types/sorted_set.h"

namespace dualis::cmd {
namespace {

constexpr Error::Rep kByDenied = {ErrorCode::kErr, "ERR BY option of SORT denied due to insufficient ACL permissions."};
constexpr Error::Rep kGetDenied = {ErrorCode::kErr,
                                   "ERR GET option of SORT denied due to insufficient ACL permissions."};

struct Element {
  std::string text;
  double score = 0;
  std::optional<std::string> weight = {};  // what BY found, if texts are compared
};

// A part of the elements: [begin, end).
struct Part {
  size_t begin;
  size_t end;
  size_t size() const { return end - begin; }
};

Part PartOf(const std::optional<SortLimit>& limit, size_t size) {
  if (!limit) return {0, size};
  const auto n = static_cast<int64_t>(size);
  const int64_t begin = std::clamp<int64_t>(limit->offset, 0, n);
  const int64_t count = limit->count < 0 ? n : std::min(limit->count, n);
  return {static_cast<size_t>(begin), static_cast<size_t>(std::min(begin + count, n))};
}

// What a pattern names for an element: the text of a string or of a field. Nothing if it is not there.
std::optional<std::string> LookUp(ReadExec& x, Bytes pattern, const std::string& element) {
  if (pattern == "#") return element;
  const size_t star = pattern.find('*');
  if (star == Bytes::npos) return std::nullopt;
  const size_t arrow = pattern.find("->", star + 1);
  const bool names_field = arrow != Bytes::npos && arrow + 2 < pattern.size();
  const Bytes behind = pattern.substr(star + 1, names_field ? arrow - star - 1 : Bytes::npos);
  const std::string name = std::string(pattern.substr(0, star)).append(element).append(behind);
  const Entry* entry = x.Find(Key(name));
  if (entry == nullptr) return std::nullopt;
  if (!names_field) {
    if (entry->type() != ValueType::kString) return std::nullopt;
    return std::string(entry->string().view());
  }
  if (entry->type() != ValueType::kHash) return std::nullopt;
  TextBuffer buffer;
  const auto value = static_cast<const Hash*>(entry->value())->Get(pattern.substr(arrow + 2), buffer);
  if (!value) return std::nullopt;
  return std::string(*value);
}

// A weight as strtod reads it: leading blanks are skipped, the empty text is 0, a zero byte ends it. Nothing for what
// is no number or beyond the range.
std::optional<double> ParseWeight(Bytes text) {
  text = text.substr(0, text.find('\0'));
  if (text.empty()) return 0;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  const auto number = ParseDouble(text);
  if (!number || std::fpclassify(*number) == FP_SUBNORMAL) return std::nullopt;
  return number;
}

class Sorting {
 public:
  Sorting(ReadExec& x, const SortRo& c) : x_(x), c_(c), ordered_(!c.by || c.by->glob.find('*') != Bytes::npos) {}

  // Loads and orders. A set that is to be left in its order gets one after all where it would show: in what is stored,
  // and in scripts.
  Error Prepare(bool order_sets) {
    const Entry* entry = x_.Find(c_.key);
    if (entry != nullptr && entry->type() != ValueType::kList && entry->type() != ValueType::kSet &&
        entry->type() != ValueType::kSortedSet) {
      return Error(&errors::kWrongType);
    }
    if (entry != nullptr) Load(*entry, order_sets);
    if (!ordered_) return {};
    for (Element& element : elements_) {
      if (Error error = Weigh(element)) return error;
    }
    std::stable_sort(elements_.begin(), elements_.end(),
                     [this](const Element& a, const Element& b) { return Before(a, b); });
    return {};
  }

  // How many values the result has.
  size_t size() const { return part_.size() * std::max<size_t>(c_.get.size(), 1); }
  // Calls fn(const std::optional<std::string>&) for each.
  template <class Fn>
  void ForEach(Fn&& fn) const {
    for (size_t i = part_.begin; i < part_.end; ++i) {
      if (c_.get.empty()) fn(std::optional<std::string>(elements_[i].text));
      for (const SortPattern& pattern : c_.get) fn(LookUp(x_, pattern.glob, elements_[i].text));
    }
  }

 private:
  bool descending() const { return c_.order == SortOrder::kDescending; }

  void Load(const Entry& entry, bool order_sets) {
    const auto add = [this](Bytes text) { elements_.push_back({std::string(text)}); };
    if (entry.type() == ValueType::kSet) {
      const auto& set = *static_cast<const class Set*>(entry.value());
      if (!ordered_ && order_sets) ordered_ = by_text_ = true;
      elements_.reserve(set.size());
      set.ForEach(add);
      part_ = PartOf(c_.limit, set.size());
      break_ties_ = true;
      return;
    }
    const bool is_list = entry.type() == ValueType::kList;
    const auto* list = static_cast<const List*>(entry.value());
    const auto* scored = static_cast<const SortedSet*>(entry.value());
    const size_t size = is_list ? list->size() : scored->size();
    part_ = PartOf(c_.limit, size);
    break_ties_ = !is_list;
    // The range to load: all, or, where the order stays, the part itself, counted from the end if descending.
    Part range{0, size};
    if (!ordered_) range = descending() ? Part{size - part_.end, size - part_.begin} : part_;
    elements_.reserve(range.size());
    if (is_list) {
      list->ForRange(range.begin, range.size(), add);
    } else {
      scored->ForRange(range.begin, range.size(), [&](Bytes member, double) { add(member); });
    }
    if (ordered_) return;
    if (descending()) std::reverse(elements_.begin(), elements_.end());
    part_ = {0, range.size()};
  }

  Error Weigh(Element& element) const {
    const bool by_pattern = c_.by && !by_text_;
    if (!by_pattern && (c_.alpha || by_text_)) return {};
    std::optional<std::string> weight = by_pattern ? LookUp(x_, c_.by->glob, element.text) : element.text;
    if (c_.alpha) {
      element.weight = std::move(weight);
    } else if (weight) {
      const auto score = ParseWeight(*weight);
      if (!score) return Error(&errors::kSortNotNumber);
      element.score = *score;
    }
    return {};
  }

  // Less than 0, 0, or more, as a comes before, with or after b.
  int Compare(const Element& a, const Element& b) const {
    if (!c_.alpha && !by_text_) {
      if (a.score != b.score) return a.score < b.score ? -1 : 1;
      return a.text.compare(b.text);
    }
    if (!c_.by || by_text_) return a.text.compare(b.text);
    if (!a.weight || !b.weight) return int{a.weight.has_value()} - int{b.weight.has_value()};
    return a.weight->compare(*b.weight);
  }
  bool Before(const Element& a, const Element& b) const {
    const int order = Compare(a, b);
    if (order != 0) return descending() ? order > 0 : order < 0;
    // Lists keep their order among equals; the others have none to keep.
    return break_ties_ && a.text < b.text;
  }

  ReadExec& x_;
  const SortRo& c_;
  bool ordered_;
  bool by_text_ = false;  // a set in the order of its members
  bool break_ties_ = false;
  std::vector<Element> elements_;
  Part part_{0, 0};
};

// Redis expands a sorted set for good when it is sorted.
void ExpandSortedSet(Exec& x, const Key& key) {
  const Entry* entry = x.Find(key);
  if (entry != nullptr && entry->type() == ValueType::kSortedSet) static_cast<SortedSet*>(entry->value())->Expand();
}

// A pattern may lead to any key, which not every user may read.
template <class C>
Error Forbid(Exec& x, const C& c) {
  const bool by = c.by && c.by->glob.find('*') != Bytes::npos;
  if ((!by && c.get.empty()) || x.session().MayReadEveryKey(c)) return Error();
  return Error(by ? &kByDenied : &kGetDenied);
}

void EmitSorted(const Sorting& sorting, ReplySink& sink) {
  sink.Begin(Shape::kArray, sorting.size());
  sorting.ForEach([&](const std::optional<std::string>& value) { Emit(sink, value); });
  sink.End();
}

}  // namespace

bool Sort::FindKeys(Args argv, std::vector<KeyPosition>* keys) {
  if (argv.size() < 2) return false;
  keys->push_back({1, kKeyRO | kKeyAccess});
  size_t store = 0;
  char buffer[Arg::kTextBytes];
  for (size_t i = 2; i < argv.size(); ++i) {
    const Bytes word = argv[i].Text(buffer);
    if (IsWord(word, "LIMIT")) {
      i += 2;
    } else if (IsWord(word, "GET") || IsWord(word, "BY")) {
      ++i;
    } else if (IsWord(word, "STORE") && i + 1 < argv.size()) {
      store = ++i;
    }
  }
  if (store != 0) keys->push_back({store, kKeyOW | kKeyUpdate});
  return true;
}

Outcome Run(Exec& x, const SortRo& c, ReplySink& sink) {
  if (Error error = Forbid(x, c)) return error;
  ExpandSortedSet(x, c.key);
  Sorting sorting(x, c);
  if (Error error = sorting.Prepare(x.in_script())) return error;
  EmitSorted(sorting, sink);
  return Outcome();
}

Outcome Run(Exec& x, const Sort& c, ReplySink& sink) {
  if (Error error = Forbid(x, c)) return error;
  ExpandSortedSet(x, c.key);
  Sorting sorting(x, c);
  if (Error error = sorting.Prepare(x.in_script() || c.store)) return error;
  if (!c.store) {
    EmitSorted(sorting, sink);
    return Outcome();
  }
  auto list = std::make_unique<List>(x.limits());
  sorting.ForEach(
      [&](const std::optional<std::string>& value) { list->Push(List::End::kBack, value ? Bytes(*value) : Bytes()); });
  const auto size = static_cast<int64_t>(list->size());
  if (size == 0) {
    x.Delete(*c.store);
  } else {
    x.PutValue(*c.store, std::move(list));
    x.SendEvent(Event::kSortStore, *c.store);
  }
  sink.Int(size);
  return Outcome();
}

}  // namespace dualis::cmd

namespace dualis {

Family SortCommands() {
  static constexpr const CommandRow* kCommands[] = {Add<cmd::Sort>(), Add<cmd::SortRo>()};
  static constexpr const CommandRow* kForms[] = {AddForm<cmd::SortStore>()};
  return {kCommands, kForms};
}

}  // namespace dualis
