// Encoder: the visitor that turns a command struct into words. Checker: the rules of parsing for a typed caller.
// NameMapper: rewrites keys, patterns and channels in place.
#ifndef DUALIS_ENGINE_COMMAND_ENCODE_H_
#define DUALIS_ENGINE_COMMAND_ENCODE_H_

#include <vector>

#include "dualis/command.h"
#include "engine/command/syntax_traits.h"

namespace dualis {

class Encoder {
 public:
  Encoder(const CommandInfo& info, ArgList& out) : out_(out) {
    const size_t blank = info.name.find(' ');
    out_.Add(info.name.substr(0, blank));
    if (blank != Bytes::npos) out_.Add(info.name.substr(blank + 1));
  }

  void key(const Key& k, KeyUse = kKeyDefault, Bytes = {}) { Put(k); }
  template <class T>
  void bytes(const T& b, Bytes) {
    Put(b);
  }
  template <class T>
  void one_of(const T& field, Bytes, const Error::Rep&, std::initializer_list<Choice<T>> choices) {
    if (wrong_) return;
    for (const Choice<T>& choice : choices) {
      if (choice.value == field) return out_.Add(choice.upper);
    }
  }
  // What follows does not parse: it goes as it came.
  void late_errors(const LateErrors& late) {
    if (!late.error) return;
    for (const Arg& word : late.words) out_.Add(word);
    wrong_ = true;
  }
  void pattern(const KeyPattern& p) { Put(p); }
  void channel(const Channel& c) { Put(c); }
  template <class T>
  void number(const T& n, Bytes) {
    Put(n);
  }
  template <class T>
  void number(const T& n, Bytes, const Error::Rep&) {
    Put(n);
  }
  template <class T>
  void late(const Late<T>& n, Bytes) {
    Put(n);
  }
  template <class T>
  void optional(const std::optional<T>& o, Bytes) {
    Put(o);
  }
  template <class T, class Fits>
  void some(const Many<T>& m, Bytes, Fits&&) {
    PutAll(m);
  }
  void at_least(size_t) {}
  void at_most(size_t) {}
  void words_left(size_t, size_t, const Error::Rep&) {}
  void ignore_rest() {}
  void subcommand_errors() {}
  void note(Bytes) {}
  void hidden_keys(KeyUse, Bytes) {}
  void keys_behind(KeyUse, Bytes) {}
  void mark(bool flag, Bytes set, Bytes) {
    if (flag) PutWord(set);
  }
  void fixed(Bytes upper, const Error::Rep& = errors::kSyntax) { PutWord(upper); }
  template <class T>
  void many(const Many<T>& m, Bytes, size_t = 0, KeyUse = kKeyDefault) {
    PutAll(m);
  }
  template <class T>
  void any(const Many<T>& m, Bytes, KeyUse = kKeyDefault) {
    PutAll(m);
  }
  template <class T>
  void tuples(const Many<T>& m, Uneven) {
    PutAll(m);
  }
  template <class T>
  void late_tuples(const Many<T>& m, Uneven) {
    PutAll(m);
  }
  template <class T>
  size_t tuple_count(const Many<T>& m) const {
    return m.size();
  }
  template <class T>
  void convert(const T&) {}
  template <class T>
  void convert(const T&, const Error::Rep&) {}
  template <class T>
  void counted_keys(const Many<T>& m, const CountRule&, KeyUse = kKeyDefault) {
    PutWord(static_cast<int64_t>(m.size()));
    PutAll(m);
  }
  template <class T>
  void counted(const Many<T>& m, Bytes, const CountRule& rule) {
    counted_keys(m, rule);
  }
  template <class K, class T>
  void halves(const Many<K>& keys, const Many<T>& others, Bytes, const Error::Rep&, KeyUse = kKeyDefault) {
    PutAll(keys);
    PutAll(others);
  }
  template <class E>
  void rule(bool, const E&) {}
  void named_rule(bool, const Error::Rep&) {}
  template <class F>
  void leading(F&& options) {
    options(*this);
  }
  template <class F>
  void trailing(F&& options, Bytes = {}, Bytes = {}) {
    options(*this);
  }
  void no_more(const Error::Rep&) {}
  template <class T>
  void steps(const Many<T>& m, Bytes) {
    for (const T& step : m) T::Step(step, *this);
  }
  template <class T>
  void late_counted_keys(const Error&, const Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    counted_keys(m, rule);
  }

  void flag(Bytes upper, const bool& field) {
    if (field) PutWord(upper);
  }
  template <class F, class... A>
  void choice(Bytes upper, const F& field, F value, const A&... args) {
    if (field != value) return;
    PutWord(upper);
    (Put(args), ...);
  }
  template <class F>
  void mode(Bytes upper, const F& field, F value) {
    // The first value is the one without a word.
    if (field == value && field != F{}) out_.Add(upper);
  }
  template <class T>
  void gather(Bytes upper, const Many<T>& m) {
    for (const T& item : m) {
      out_.Add(upper);
      Put(item);
    }
  }
  template <class F, class... A>
  void last(Bytes upper, const F& field, F value, const A&... args) {
    if (field == value) option(upper, args...);
  }
  template <class... A>
  void option(Bytes upper, const A&... args) {
    if (!(Present(args) && ...)) return;
    PutWord(upper);
    (Put(args), ...);
  }
  template <class T>
  void number(Bytes upper, const T& field, const Error::Rep&) {
    option(upper, field);
  }
  template <class T>
  void repeated(Bytes upper, const Many<T>& m, size_t, const Error::Rep&) {
    if (m.empty()) return;
    PutWord(upper);
    PutAll(m);
  }
  void ending(Bytes upper) { PutWord(upper); }
  void refuse(Bytes, const Error::Rep&, size_t = 0) {}

 private:
  template <class T>
  static bool Present(const T& field) {
    if constexpr (kIsOptional<T>) return field.has_value();
    return true;
  }
  void PutWord(Arg word) {
    if (!wrong_) out_.Add(word);
  }
  template <class T>
  void Put(const T& field) {
    if (wrong_) return;
    if constexpr (kIsOptional<T>) {
      if (field) Put(*field);
    } else if constexpr (kIsLate<T>) {
      out_.Add(field.word());
    } else if constexpr (std::is_same_v<T, Key> || std::is_same_v<T, Channel>) {
      out_.Add(field.name);
    } else if constexpr (NameField<T>) {
      out_.Add(field.glob);
    } else if constexpr (HasSyntax<const T, Encoder>) {
      T::Syntax(field, *this);
    } else {
      out_.Add(field);
    }
  }
  template <class T>
  void PutAll(const Many<T>& m) {
    for (const T& item : m) Put(item);
  }

  ArgList& out_;
  bool wrong_ = false;
};

// Visits a const command, so that both homes refuse the same typed calls.
class Checker {
 public:
  explicit Checker(const CommandInfo& info) : info_(info) {}
  Error Finish() { return std::move(error_); }

  template <class T>
  void key(const T&, KeyUse = kKeyDefault, Bytes = {}) {}
  template <class T>
  void bytes(const T&, Bytes) {}
  template <class T>
  void one_of(const T&, Bytes, const Error::Rep&, std::initializer_list<Choice<T>>) {}
  void late_errors(const LateErrors&) {}
  template <class T>
  void pattern(const T&) {}
  template <class T>
  void channel(const T&) {}
  template <class T>
  void number(const T& n, Bytes name) {
    number(n, name, BadNumber<T>());
  }
  // No word reads as NaN.
  template <class T>
  void number(const T& n, Bytes, const Error::Rep& bad) {
    if (!error_ && n != n) error_ = Error(&bad);
  }
  template <class T>
  void late(const T&, Bytes) {}
  template <class T>
  void optional(const std::optional<T>& o, Bytes) {
    CheckGroup(o);
  }
  template <class T, class Fits>
  void some(const Many<T>&, Bytes, Fits&&) {}
  void at_least(size_t) {}
  void at_most(size_t) {}
  void words_left(size_t, size_t, const Error::Rep&) {}
  void ignore_rest() {}
  void subcommand_errors() {}
  void note(Bytes) {}
  void hidden_keys(KeyUse, Bytes) {}
  void keys_behind(KeyUse, Bytes) {}
  void mark(bool, Bytes, Bytes) {}
  void fixed(Bytes, const Error::Rep& = errors::kSyntax) {}
  template <class T>
  void many(const Many<T>& m, Bytes, size_t = 0, KeyUse = kKeyDefault) {
    if (m.empty()) FailArity();
  }
  template <class T>
  void any(const T&, Bytes, KeyUse = kKeyDefault) {}
  template <class T>
  void tuples(const Many<T>& m, Uneven uneven) {
    late_tuples(m, uneven);
    convert(m);
  }
  template <class T>
  void late_tuples(const Many<T>& m, Uneven uneven) {
    if (!m.empty() || error_) return;
    if (uneven == Uneven::kSyntax) {
      error_ = Error(&errors::kSyntax);
    } else {
      FailArity();
    }
  }
  template <class T>
  size_t tuple_count(const Many<T>& m) const {
    return m.size();
  }
  template <class T>
  void convert(const T& x) {
    if constexpr (kIsLate<T>) CheckLate(x, nullptr);
    if constexpr (kIsOptional<T>) {
      if (x) convert(*x);
    }
  }
  template <class T>
  void convert(const Many<T>& groups) {
    for (const T& group : groups) T::Syntax(group, *this);
  }
  template <class T>
  void convert(const T& x, const Error::Rep& bad) {
    if constexpr (kIsLate<T>) CheckLate(x, &bad);
  }
  template <class T>
  void counted_keys(const Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    if (error_ || static_cast<int64_t>(m.size()) >= rule.least) return;
    error_ = errors::TooFewKeys(*rule.too_few, info_.name);
  }
  template <class T>
  void counted(const Many<T>& m, Bytes, const CountRule& rule) {
    counted_keys(m, rule);
  }
  template <class K, class T>
  void halves(const Many<K>& keys, const Many<T>& others, Bytes, const Error::Rep& uneven, KeyUse = kKeyDefault) {
    if (!error_ && (keys.empty() || keys.size() != others.size())) error_ = Error(&uneven);
  }
  void rule(bool ok, const Error::Rep& error) {
    if (!error_ && !ok) error_ = Error(&error);
  }
  void rule(bool ok, const Error& error) {
    if (!error_ && !ok) error_ = error;
  }
  void named_rule(bool ok, const Error::Rep& error) {
    if (!error_ && !ok) error_ = errors::Named(error.text, info_.name);
  }
  template <class F>
  void leading(F&& options) {
    options(*this);
  }
  template <class F>
  void trailing(F&& options, Bytes = {}, Bytes = {}) {
    options(*this);
  }
  void no_more(const Error::Rep&) {}
  template <class T>
  void steps(const Many<T>& m, Bytes) {
    for (const T& step : m) T::Step(step, *this);
  }
  template <class T>
  void late_counted_keys(const Error&, const Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    counted_keys(m, rule);
  }
  void flag(Bytes, const bool&) {}
  template <class F, class... A>
  void choice(Bytes, const F&, F, const A&...) {}
  template <class F>
  void mode(Bytes, const F&, F) {}
  template <class T>
  void gather(Bytes, const Many<T>&) {}
  template <class F, class... A>
  void last(Bytes, const F&, F, const A&...) {}
  template <class... A>
  void option(Bytes, const A&... args) {
    (CheckGroup(args), ...);
  }
  template <class T>
  void number(Bytes name, const T& field, const Error::Rep& bad) {
    if constexpr (kIsOptional<T>) {
      if (field) number(*field, name, bad);
    } else {
      number(field, name, bad);
    }
  }
  template <class T>
  void repeated(Bytes name, const Many<T>& m, size_t n, const Error::Rep& bad) {
    if (!m.empty()) rule(m.size() == n, errors::kSyntax);
    for (const T& value : m) number(value, name, bad);
  }
  void ending(Bytes) {}
  void refuse(Bytes, const Error::Rep&, size_t = 0) {}

 private:
  // The rules of a group that an option reads.
  template <class T>
  void CheckGroup(const T& field) {
    if constexpr (kIsOptional<T>) {
      if (field) CheckGroup(*field);
    } else if constexpr (HasSyntax<const T, Checker>) {
      T::Syntax(field, *this);
    }
  }
  template <class T>
  void CheckLate(const Late<T>& x, const Error::Rep* bad) {
    T value;
    if (!error_ && !x.Get(&value)) error_ = Error(bad != nullptr ? bad : &BadNumber<T>());
  }
  void FailArity() {
    if (!error_) error_ = errors::WrongArity(info_.name);
  }
  const CommandInfo& info_;
  Error error_;
};

// Visits a copy of a command and replaces the names in it.
class NameMapper {
 public:
  explicit NameMapper(KeyMapper& mapper) : mapper_(mapper) {}

  void key(Key& k, KeyUse = kKeyDefault, Bytes = {}) { Map(k); }
  template <class T>
  void bytes(T& b, Bytes) {
    Map(b);
  }
  template <class T>
  void one_of(T&, Bytes, const Error::Rep&, std::initializer_list<Choice<T>>) {}
  void late_errors(LateErrors&) {}
  void pattern(KeyPattern& p) { Map(p); }
  void channel(Channel& c) { Map(c); }
  template <class T>
  void number(T&, Bytes) {}
  template <class T>
  void number(T&, Bytes, const Error::Rep&) {}
  template <class T>
  void late(T&, Bytes) {}
  template <class T>
  void optional(std::optional<T>& o, Bytes) {
    if (o) Map(*o);
  }
  template <class T, class Fits>
  void some(Many<T>& m, Bytes, Fits&&) {
    MapAll(m);
  }
  void at_least(size_t) {}
  void at_most(size_t) {}
  void words_left(size_t, size_t, const Error::Rep&) {}
  void ignore_rest() {}
  void subcommand_errors() {}
  void note(Bytes) {}
  void hidden_keys(KeyUse, Bytes) {}
  void keys_behind(KeyUse, Bytes) {}
  void mark(bool, Bytes, Bytes) {}
  void fixed(Bytes, const Error::Rep& = errors::kSyntax) {}
  template <class T>
  void many(Many<T>& m, Bytes, size_t = 0, KeyUse = kKeyDefault) {
    MapAll(m);
  }
  template <class T>
  void any(Many<T>& m, Bytes, KeyUse = kKeyDefault) {
    MapAll(m);
  }
  template <class T>
  void tuples(Many<T>& m, Uneven) {
    MapAll(m);
  }
  template <class T>
  void late_tuples(Many<T>& m, Uneven) {
    MapAll(m);
  }
  template <class T>
  size_t tuple_count(const Many<T>& m) const {
    return m.size();
  }
  template <class T>
  void convert(T&) {}
  template <class T>
  void convert(T&, const Error::Rep&) {}
  template <class T>
  void counted_keys(Many<T>& m, const CountRule&, KeyUse = kKeyDefault) {
    MapAll(m);
  }
  template <class T>
  void counted(Many<T>&, Bytes, const CountRule&) {}
  template <class K, class T>
  void halves(Many<K>& keys, Many<T>&, Bytes, const Error::Rep&, KeyUse = kKeyDefault) {
    MapAll(keys);
  }
  template <class E>
  void rule(bool, const E&) {}
  void named_rule(bool, const Error::Rep&) {}
  template <class F>
  void leading(F&& options) {
    options(*this);
  }
  template <class F>
  void trailing(F&& options, Bytes = {}, Bytes = {}) {
    options(*this);
  }
  void no_more(const Error::Rep&) {}
  template <class T>
  void steps(const Many<T>&, Bytes) {}
  template <class T>
  void late_counted_keys(const Error& found, Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    error_ = found;
    counted_keys(m, rule);
  }
  // What is wrong with words whose error was kept for later: they cannot be mapped.
  const Error& error() const { return error_; }

  void flag(Bytes, bool&) {}
  template <class F, class... A>
  void choice(Bytes, F& field, F value, A&... args) {
    if (field == value) (Map(args), ...);
  }
  template <class F>
  void mode(Bytes, F&, F) {}
  template <class T>
  void gather(Bytes, Many<T>& m) {
    MapAll(m);
  }
  template <class F, class... A>
  void last(Bytes, F& field, F value, A&... args) {
    if (field == value) (Map(args), ...);
  }
  template <class... A>
  void option(Bytes, A&... args) {
    (MapOption(args), ...);
  }
  template <class T>
  void number(Bytes, T&, const Error::Rep&) {}
  template <class T>
  void repeated(Bytes, Many<T>&, size_t, const Error::Rep&) {}
  void ending(Bytes) {}
  void refuse(Bytes, const Error::Rep&, size_t = 0) {}

 private:
  template <class T>
  void MapOption(T& field) {
    if constexpr (std::is_same_v<T, std::optional<KeyPattern>>) {
      if (!field) {
        const Bytes walk_all = mapper_.DefaultKeyPattern();
        if (!walk_all.empty()) field.emplace().glob = walk_all;
        return;
      }
    }
    Map(field);
  }
  template <class T>
  void Map(T& field) {
    if constexpr (kIsOptional<T>) {
      if (field) Map(*field);
    } else if constexpr (std::is_same_v<T, Key>) {
      field.name = mapper_.MapKey(field.name);
    } else if constexpr (std::is_same_v<T, KeyPattern>) {
      field.glob = mapper_.MapKeyPattern(field.glob);
    } else if constexpr (std::is_same_v<T, SortPattern>) {
      // Without a star it names nothing.
      if (field.glob.find('*') != Bytes::npos) field.glob = mapper_.MapKey(field.glob);
    } else if constexpr (std::is_same_v<T, Channel>) {
      field.name = mapper_.MapChannel(field.name);
    } else if constexpr (std::is_same_v<T, ChannelPattern>) {
      field.glob = mapper_.MapChannelPattern(field.glob);
    } else if constexpr (HasSyntax<T, NameMapper>) {
      T::Syntax(field, *this);
    }
  }
  template <class T>
  void MapAll(Many<T>& m) {
    if constexpr (NameField<T> || HasSyntax<T, NameMapper>) {
      std::vector<T> mapped(m.begin(), m.end());
      for (T& item : mapped) Map(item);
      m = Many<T>::Owning(std::move(mapped));
    }
  }

  Error error_;
  KeyMapper& mapper_;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_ENCODE_H_
