// Parser: the visitor that fills a command struct from words. It latches its first error, so a Syntax reads straight
// through.
#ifndef DUALIS_ENGINE_COMMAND_PARSE_H_
#define DUALIS_ENGINE_COMMAND_PARSE_H_

#include <algorithm>
#include <memory>
#include <new>

#include "dualis/command.h"
#include "engine/command/arena.h"
#include "engine/command/prepare.h"
#include "engine/command/syntax_traits.h"
#include "engine/command/word.h"

namespace dualis {

class Parser {
 public:
  // `argv` includes the name. The struct borrows from argv and from the arena. `holes`: of a command that is prepared,
  // else null.
  Parser(const CommandInfo& info, Args argv, Arena& arena, Holes* holes = nullptr)
      : info_(info), argv_(argv), arena_(arena), next_(NameWords(info.name)), end_(argv.size()), holes_(holes) {}

  // Call last: words left over are an arity error. No error if the struct is complete.
  Error Finish() {
    if (!error_ && next_ != end_) FailArity();
    if (late_ != nullptr && error_) {
      *late_ = {std::move(error_), argv_.subspan(late_from_)};
      return Error();
    }
    return std::move(error_);
  }

  void key(Key& k, KeyUse = kKeyDefault, Bytes = {}) { Word(k); }
  template <class T>
  void bytes(T& b, Bytes) {
    Word(b);
  }
  template <class T>
  void one_of(T& field, Bytes, const Error::Rep& bad, std::initializer_list<Choice<T>> choices) {
    if (error_) return;
    if (next_ == end_) return Fail(bad);
    const Bytes word = Text(argv_[next_++]);
    for (const Choice<T>& choice : choices) {
      if (!IsWord(word, choice.upper)) continue;
      field = choice.value;
      return;
    }
    Fail(bad);
  }
  void pattern(KeyPattern& p) { Word(p); }
  void channel(Channel& c) { Word(c); }
  template <class T>
  void number(T& n, Bytes) {
    number(n, {}, BadNumber<T>());
  }
  template <class T>
  void number(T& n, Bytes, const Error::Rep& bad) {
    const Arg* word = Next();
    if (word != nullptr) ReadNumber(*word, n, bad);
  }
  template <class T>
  void late(Late<T>& n, Bytes) {
    Word(n);
  }
  template <class T>
  void optional(std::optional<T>& o, Bytes) {
    if (!error_ && next_ < end_) {
      o.emplace();
      if constexpr (HasSyntax<T, Parser>) {
        T::Syntax(*o, *this);
      } else {
        Word(*o);
      }
    }
  }
  template <class T, class Fits>
  void some(Many<T>& m, Bytes, Fits&& fits) {
    if (error_) return;
    size_t n = 0;
    while (next_ + n < end_ && fits(Text(argv_[next_ + n]))) ++n;
    TakeMany(m, n);
  }
  void words_left(size_t least, size_t most, const Error::Rep& error) {
    rule(end_ - next_ >= least && end_ - next_ <= most, error);
  }
  void ignore_rest() {
    if (!error_) next_ = end_;
  }
  void subcommand_errors() { subcommand_errors_ = true; }
  void note(Bytes) {}
  void hidden_keys(KeyUse, Bytes) {}
  void keys_behind(KeyUse, Bytes) {}
  void late_errors(LateErrors& late) {
    if (error_) return;
    if (holes_ != nullptr) holes_->Refuse();
    late_ = &late;
    late_from_ = next_;
  }
  void at_least(size_t words) {
    if (argv_.size() < words) FailArity();
  }
  void at_most(size_t words) {
    if (argv_.size() > words) FailArity();
  }
  void mark(bool& flag, Bytes set, Bytes unset) {
    if (error_ || end_ - next_ < 2) return;
    const Bytes word = Text(argv_[next_]);
    if (word != set && word != unset) return;
    flag = word == set;
    ++next_;
  }
  void fixed(Bytes upper, const Error::Rep& error = errors::kSyntax) {
    const Arg* word = Next();
    if (word != nullptr && !IsWord(Text(*word), upper)) Fail(error);
  }
  template <class T>
  void many(Many<T>& m, Bytes, size_t leave = 0, KeyUse = kKeyDefault) {
    if (error_) return;
    if (end_ - next_ <= leave) return FailArity();
    TakeMany(m, end_ - next_ - leave);
  }
  template <class T>
  void any(Many<T>& m, Bytes, KeyUse = kKeyDefault) {
    if (!error_) TakeMany(m, end_ - next_);
  }
  template <class T>
  void tuples(Many<T>& m, Uneven uneven) {
    late_tuples(m, uneven);
    convert(m);
  }
  template <class T>
  void late_tuples(Many<T>&, Uneven uneven) {
    if (error_) return;
    const size_t words = end_ - next_;
    if (words == 0 || words % GroupWidth<T>() != 0) {
      return uneven == Uneven::kSyntax ? Fail(errors::kSyntax) : FailArity();
    }
    tuples_from_ = next_;
    next_ = end_;
  }
  // What late_tuples counted, which rules may ask for before the numbers are read.
  template <class T>
  size_t tuple_count(const Many<T>&) const {
    return error_ ? 0 : (end_ - tuples_from_) / GroupWidth<T>();
  }
  template <class T>
  void convert(Many<T>& m) {
    if (error_) return;
    const size_t n = (end_ - tuples_from_) / GroupWidth<T>();
    T* groups = arena_.Allocate<T>(n);
    next_ = tuples_from_;
    for (size_t i = 0; i < n; ++i) {
      T::Syntax(*new (&groups[i]) T(), *this);
      if (error_) return;
    }
    m = Many<T>(std::span<const T>(groups, n));
  }
  template <class T>
  void convert(Late<T>& n) {
    convert(n, BadNumber<T>());
  }
  template <class T>
  void convert(Late<T>& n, const Error::Rep& bad) {
    if (error_) return;
    if (holes_ != nullptr) holes_->Convert(&n);
    T value;
    if (!n.Get(&value)) return Fail(bad);
    n = Late<T>(value);
  }
  template <class T>
  void convert(std::optional<T>& o) {
    if (o) convert(*o);
  }
  template <class T>
  void counted_keys(Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    int64_t n = 0;
    number(n, {}, *rule.not_a_number);
    if (error_) return;
    if (n < rule.least) {
      error_ = errors::TooFewKeys(*rule.too_few, info_.name);
      return;
    }
    if (static_cast<uint64_t>(n) > end_ - next_) return Fail(*rule.too_many);
    TakeMany(m, static_cast<size_t>(n));
  }
  template <class T>
  void counted(Many<T>& m, Bytes, const CountRule& rule) {
    counted_keys(m, rule);
  }
  template <class T>
  void late_counted_keys(Error& found, Many<T>& m, const CountRule& rule, KeyUse = kKeyDefault) {
    if (error_) return;
    if (holes_ != nullptr) holes_->Refuse();
    if (next_ == end_) return FailArity();
    counted_keys(m, rule);
    if (!error_) return;
    found = std::exchange(error_, Error());
    next_ = end_;
  }
  template <class K, class T>
  void halves(Many<K>& keys, Many<T>& others, Bytes, const Error::Rep& uneven, KeyUse = kKeyDefault) {
    if (error_) return;
    const size_t words = end_ - next_;
    if (words == 0) return Fail(errors::kSyntax);  // nor did the word come that announces them
    if (words % 2 != 0) return Fail(uneven);
    TakeMany(keys, words / 2);
    TakeMany(others, words / 2);
  }
  void rule(bool ok, const Error::Rep& error) {
    if (holes_ != nullptr) holes_->Rule();
    if (!error_ && !ok) Fail(error);
  }
  void rule(bool ok, const Error& error) {
    if (holes_ != nullptr) holes_->Rule();
    if (!error_ && !ok) error_ = error;
  }
  void named_rule(bool ok, const Error::Rep& error) {
    if (holes_ != nullptr) holes_->Rule();
    if (!error_ && !ok) error_ = errors::Named(error.text, Text(argv_[0]));
  }
  template <class F>
  void leading(F&& options) {
    Options<true>(options);
  }
  template <class F>
  void trailing(F&& options) {
    Options<false>(options);
  }
  void no_more(const Error::Rep& error) {
    if (next_ < end_) Fail(error);
  }
  template <class T>
  void steps(Many<T>& m, Bytes) {
    if (error_) return;
    T* steps = arena_.Allocate<T>(end_ - next_);
    size_t n = 0;
    for (; !error_ && next_ < end_; ++n) {
      chosen_count_ = 0;
      Option option(*this, Text(argv_[next_]));
      T::Step(*new (&steps[n]) T(), option);
      if (!option.matched) Fail(errors::kSyntax);
    }
    if (!error_) m = Many<T>(std::span<const T>(steps, n));
  }
  template <class F>
  void trailing(F&& options, Bytes unsupported, Bytes end = {}) {
    unsupported_ = unsupported;
    unsupported_end_ = end;
    Options<false>(options);
  }

 private:
  // One word held against the options of a command.
  class Option {
   public:
    Option(Parser& parser, Bytes word) : parser_(parser), word_(word) {}
    void flag(Bytes upper, bool& field) {
      if (Match(upper)) field = true;
    }
    template <class F, class... A>
    void choice(Bytes upper, F& field, F value, A&... args) {
      if (!Match(upper)) return;
      if (parser_.WasChosen(&field) && field != value) return parser_.Fail(errors::kSyntax);
      field = value;
      (parser_.OptionArg(args), ...);
    }
    template <class F>
    void mode(Bytes upper, F& field, F value) {
      if (Match(upper)) field = value;
    }
    template <class T>
    void gather(Bytes upper, Many<T>& m) {
      if (!Match(upper)) return;
      T item{};
      parser_.OptionArg(item);
      parser_.Gather(m, item);
    }
    template <class F, class... A>
    void last(Bytes upper, F& field, F value, A&... args) {
      if (!Match(upper)) return;
      field = value;
      (parser_.OptionArg(args), ...);
    }
    template <class... A>
    void option(Bytes upper, A&... args) {
      if (Match(upper)) (parser_.OptionArg(args), ...);
    }
    template <class T>
    void number(Bytes upper, T& field, const Error::Rep& bad) {
      if (Match(upper)) parser_.OptionNumber(field, bad);
    }
    template <class T>
    void repeated(Bytes upper, Many<T>& field, size_t n, const Error::Rep& bad) {
      if (parser_.end_ - parser_.next_ > n && Match(upper)) parser_.TakeNumbers(field, n, bad);
    }
    void ending(Bytes upper) {
      if (Match(upper)) ended = true;
    }
    void refuse(Bytes upper, const Error::Rep& error, size_t more = 0) {
      if (parser_.end_ - parser_.next_ > more && Match(upper)) parser_.Fail(error);
    }
    void rule(bool ok, const Error::Rep& error) { parser_.rule(ok, error); }
    bool matched = false;
    bool ended = false;

   private:
    bool Match(Bytes upper) {
      if (matched || !IsWord(word_, upper)) return false;
      ++parser_.next_;
      return matched = true;
    }
    Parser& parser_;
    Bytes word_;
  };

  template <bool kLeading, class F>
  void Options(F& options) {
    while (!error_ && next_ < end_) {
      Option option(*this, Text(argv_[next_]));
      options(option);
      if (option.ended) return;
      if (!option.matched) {
        if (kLeading) return;
        if (unsupported_.empty()) return Fail(errors::kSyntax);
        error_ = errors::Named(unsupported_, Text(argv_[next_]), unsupported_end_);
      }
    }
  }

  // True from the second call on for one field.
  bool WasChosen(const void* field) {
    if (std::find(chosen_, chosen_ + chosen_count_, field) != chosen_ + chosen_count_) return true;
    if (chosen_count_ < std::size(chosen_)) chosen_[chosen_count_++] = field;
    return false;
  }

  template <class T>
  void OptionArg(T& field) {
    if (error_) return;
    if constexpr (kIsOptional<T>) {
      if (!field) field.emplace();
      OptionArg(*field);
    } else if constexpr (HasSyntax<T, Parser>) {
      if (end_ - next_ < GroupWidth<T>()) return FailOption();
      T::Syntax(field, *this);
    } else {
      if (next_ == end_) return FailOption();
      Word(field);
    }
  }

  template <class T>
  void OptionNumber(T& field, const Error::Rep& bad) {
    if (error_) return;
    if (next_ == end_) return FailOption();
    if constexpr (kIsOptional<T>) {
      if (!field) field.emplace();
      ReadNumber(argv_[next_++], *field, bad);
    } else {
      ReadNumber(argv_[next_++], field, bad);
    }
  }
  template <class T>
  void TakeNumbers(Many<T>& m, size_t n, const Error::Rep& bad) {
    T* numbers = arena_.Allocate<T>(n);
    for (size_t i = 0; i < n && !error_; ++i) ReadNumber(argv_[next_++], numbers[i], bad);
    if (!error_) m = Many<T>(std::span<const T>(numbers, n));
  }
  // Appends to the one field of the command that grows word by word; its room doubles.
  template <class T>
  void Gather(Many<T>& m, const T& item) {
    if (error_) return;
    const size_t size = m.size();
    if (size == 0 || size == gather_room_) {
      const size_t room = std::max<size_t>(4, 2 * size);
      T* items = arena_.Allocate<T>(room);
      std::uninitialized_copy(m.begin(), m.end(), items);
      gather_room_ = room;
      gathered_ = items;
    }
    T* items = static_cast<T*>(gathered_);
    new (&items[size]) T(item);
    m = Many<T>(std::span<const T>(items, size + 1));
  }
  // An option without what belongs to it.
  void FailOption() {
    if (unsupported_.empty()) return Fail(errors::kSyntax);
    error_ = errors::Named(unsupported_, Text(argv_[next_ - 1]), unsupported_end_);
  }

  const Arg* Next() {
    if (error_) return nullptr;
    if (next_ == end_) {
      FailArity();
      return nullptr;
    }
    return &argv_[next_++];
  }
  template <class T>
  void Word(T& field) {
    const Arg* word = Next();
    if (word == nullptr || (holes_ != nullptr && holes_->Take(field, *word))) return;
    if constexpr (kIsLate<T>) {
      field = T::FromWord(*word);
    } else if constexpr (std::is_arithmetic_v<T>) {
      ReadNumber(*word, field, BadNumber<T>());
    } else if constexpr (std::is_same_v<T, Arg>) {
      field = *word;
    } else {
      field = T(Text(*word));
    }
  }
  template <class T>
  void ReadNumber(const Arg& word, T& field, const Error::Rep& bad) {
    if (holes_ != nullptr && holes_->Take(field, word)) return;
    bool ok;
    if constexpr (std::is_floating_point_v<T>) {
      ok = word.ToDouble(&field);
    } else {
      ok = word.ToInt(&field);
    }
    if (!ok) Fail(bad);
  }
  template <class T>
  void TakeMany(Many<T>& m, size_t n) {
    T* items = arena_.Allocate<T>(n);
    for (size_t i = 0; i < n; ++i) {
      new (&items[i]) T();
      Word(items[i]);
    }
    if (!error_) m = Many<T>(std::span<const T>(items, n));
  }
  Bytes Text(const Arg& word) {
    if (holes_ != nullptr) holes_->Look(word);
    if (word.is_bytes()) return word.bytes;
    return word.Text(arena_.Allocate<char>(Arg::kTextBytes));
  }
  void Fail(const Error::Rep& error) {
    if (error_) return;
    if (subcommand_errors_ && &error == &errors::kSyntax) return FailArity();
    error_ = Error(&error);
  }
  void FailArity() {
    if (error_) return;
    error_ = subcommand_errors_ ? errors::SubcommandSyntax(Text(argv_[1]), info_.name.substr(0, info_.name.find(' ')))
                                : errors::WrongArity(info_.name);
  }

  const CommandInfo& info_;
  Args argv_;
  Arena& arena_;
  size_t next_;
  size_t end_;
  size_t tuples_from_ = 0;
  void* gathered_ = nullptr;
  size_t gather_room_ = 0;
  Bytes unsupported_;
  Bytes unsupported_end_;
  bool subcommand_errors_ = false;
  const void* chosen_[8];
  size_t chosen_count_ = 0;
  LateErrors* late_ = nullptr;
  size_t late_from_ = 0;
  Holes* const holes_;
  Error error_;
};

// Fills `command` from argv; but for its holes, if it is prepared.
template <class C>
[[gnu::noinline]] Error Parse(C& command, Args argv, Arena& arena, Holes* holes = nullptr) {
  Parser parser(C::kInfo, argv, arena, holes);
  C::Syntax(command, parser);
  return parser.Finish();
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_PARSE_H_
