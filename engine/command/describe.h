// CommandDescription: arity, key positions and arguments of a command, derived from its Syntax once. COMMAND INFO, DOCS
// and GETKEYS, cluster routing and access control read it; the keys are found in raw words, so it works on commands
// that would not parse.
#ifndef DUALIS_ENGINE_COMMAND_DESCRIBE_H_
#define DUALIS_ENGINE_COMMAND_DESCRIBE_H_

#include <vector>

#include "dualis/command.h"
#include "dualis/syntax.h"
#include "engine/command/syntax_traits.h"

namespace dualis {

// Where keys stand, as Redis 7 describes it.
struct KeySpec {
  uint16_t use = 0;      // KeyUse flags
  int index = 0;         // begin_search by index, if keyword is empty
  Bytes keyword = {};    // begin_search by keyword, looked for from word `index`; negative: backwards, from the end
  bool counted = false;  // find_keys by a number of keys at the beginning, else by range
  int last = 0;          // range: relative to the first key; negative counts from the end
  int step = 1;
  int limit = 0;         // range with last == -1: take only 1/limit of the words
  bool unknown = false;  // only the command's own function finds them
  Bytes notes = {};
};

// A key in raw words: its index in argv, and what the command does with it.
struct KeyPosition {
  size_t index;
  uint16_t use;
};

// One argument in the documentation.
struct ArgDoc {
  enum class Type : uint8_t { kKey, kString, kInteger, kDouble, kPattern, kPureToken, kOneOf, kBlock };
  Bytes name;
  Type type = Type::kString;
  Bytes token = {};
  bool optional = false;
  bool multiple = false;
  int key_spec = -1;
  std::vector<ArgDoc> parts = {};
};

struct CommandDescription {
  int arity = 0;  // as Redis counts: the name included; negative: at least
  std::vector<KeySpec> keys;
  std::vector<ArgDoc> args;
  // For a command whose keys, or what it does with them, no key spec can tell; else null.
  bool (*find_keys)(Args argv, std::vector<KeyPosition>* keys) = nullptr;

  bool Accepts(size_t words) const {
    return arity >= 0 ? words == static_cast<size_t>(arity) : words >= static_cast<size_t>(-arity);
  }
};

// The keys among argv. False if the words do not hold the keys that they announce (numkeys beyond the end).
bool FindKeys(const CommandDescription& description, Args argv, std::vector<KeyPosition>* keys);

// The visitor that fills a CommandDescription.
class Describer {
 public:
  Describer(const CommandInfo& info, CommandDescription& out);
  void Finish();

  void key(Key&, KeyUse use = kKeyDefault, Bytes name = "key") { AddKey(use, 0, 1, name); }
  template <class T>
  void bytes(T&, Bytes name) {
    AddWord(name, TypeOf<T>());
  }
  template <class T>
  void one_of(T&, Bytes name, const Error::Rep&, std::initializer_list<Choice<T>> choices) {
    AddWord(name, ArgDoc::Type::kOneOf);
    for (const Choice<T>& choice : choices) {
      args_->back().parts.push_back({.name = choice.upper, .type = ArgDoc::Type::kPureToken, .token = choice.upper});
    }
  }
  void late_errors(LateErrors&) {}
  void pattern(KeyPattern&) { AddWord("pattern", ArgDoc::Type::kPattern); }
  void channel(Channel&) { AddWord("channel", ArgDoc::Type::kString); }
  template <class T>
  void number(T&, Bytes name) {
    AddWord(name, TypeOf<T>());
  }
  template <class T>
  void number(T&, Bytes name, const Error::Rep&) {
    AddWord(name, TypeOf<T>());
  }
  template <class T>
  void late(Late<T>&, Bytes name) {
    AddWord(name, TypeOf<T>());
  }
  template <class T>
  void optional(std::optional<T>&, Bytes name) {
    if constexpr (HasSyntax<T, Describer>) {
      const bool outer = std::exchange(in_options_, true);  // its words are not needed
      Block<T>(name, false, {}, true);
      in_options_ = outer;
    } else {
      args_->push_back({.name = name, .type = TypeOf<T>(), .optional = true});
    }
    variable_ = true;
  }
  template <class T, class Fits>
  void some(Many<T>&, Bytes name, Fits&&) {
    args_->push_back({.name = name, .type = TypeOf<T>(), .multiple = true});
    variable_ = true;
  }
  void words_left(size_t, size_t, const Error::Rep&) {}
  void ignore_rest() {}
  void subcommand_errors() {}
  void note(Bytes text) { out_.keys.back().notes = text; }
  void keys_behind(KeyUse use, Bytes upper) {
    out_.keys.push_back({.use = use, .index = -2, .keyword = upper, .last = -1});
  }
  void hidden_keys(KeyUse use, Bytes note) { out_.keys.push_back({.use = use, .unknown = true, .notes = note}); }
  void at_least(size_t words) { least_words_ = static_cast<int>(words); }
  void at_most(size_t) {}
  void mark(bool&, Bytes set, Bytes unset) {
    ArgDoc doc{.name = "operator", .type = ArgDoc::Type::kOneOf, .optional = true};
    doc.parts.push_back({.name = set, .type = ArgDoc::Type::kPureToken, .token = set});
    doc.parts.push_back({.name = unset, .type = ArgDoc::Type::kPureToken, .token = unset});
    args_->push_back(std::move(doc));
  }
  void fixed(Bytes upper, const Error::Rep& = errors::kSyntax) { AddWord(upper, ArgDoc::Type::kPureToken, upper); }
  template <class T>
  void many(Many<T>&, Bytes name, size_t leave = 0, [[maybe_unused]] KeyUse use = kKeyDefault) {
    if constexpr (std::is_same_v<T, Key>) {
      AddKey(use, -1 - static_cast<int>(leave), 1, name);
    } else {
      AddWord(name, TypeOf<T>());
    }
    args_->back().multiple = true;
    variable_ = true;
  }
  template <class T>
  void any(Many<T>&, Bytes name, [[maybe_unused]] KeyUse use = kKeyDefault) {
    if constexpr (std::is_same_v<T, Key>) AddOptionalKeys(use);
    args_->push_back({.name = name, .type = TypeOf<T>(), .optional = true, .multiple = true});
    variable_ = true;
  }
  template <class T>
  void tuples(Many<T>& m, Uneven uneven) {
    late_tuples(m, uneven);
  }
  template <class T>
  void late_tuples(Many<T>&, Uneven) {
    const size_t first_key = out_.keys.size();
    Block<T>("data", true, {}, false);
    for (size_t i = first_key; i < out_.keys.size(); ++i) {
      out_.keys[i].last = -1;
      out_.keys[i].step = static_cast<int>(GroupWidth<T>());
    }
    variable_ = true;
  }
  template <class T>
  size_t tuple_count(const Many<T>&) const {
    return 1;
  }
  template <class T>
  void convert(T&) {}
  template <class T>
  void convert(T&, const Error::Rep&) {}
  template <class T>
  void counted_keys(Many<T>&, const CountRule& rule, KeyUse use = kKeyDefault) {
    AddCounted(rule.least > 0, use);
  }
  template <class T>
  void counted(Many<T>&, Bytes name, const CountRule&) {
    AddWord("numfields", ArgDoc::Type::kInteger);
    AddWord(name, TypeOf<T>());
    args_->back().multiple = true;
    variable_ = true;
  }
  template <class K, class T>
  void halves(Many<K>&, Many<T>&, Bytes name, const Error::Rep&, KeyUse use = kKeyDefault) {
    AddHalves(name, use);
  }
  template <class E>
  void rule(bool, const E&) {}
  void named_rule(bool, const Error::Rep&) {}
  template <class F>
  void leading(F&& options) {
    trailing(options);
  }
  template <class F>
  void trailing(F&& options, Bytes = {}, Bytes = {}) {
    const bool outer = std::exchange(in_options_, true);
    options(*this);
    in_options_ = outer;
    known_ = keyword_.empty() ? false : known_;
    variable_ = true;
  }
  void no_more(const Error::Rep&) {}
  template <class T>
  void steps(Many<T>&, Bytes name) {
    ArgDoc block{.name = name, .type = ArgDoc::Type::kOneOf, .optional = true, .multiple = true};
    std::vector<ArgDoc>* outer = std::exchange(args_, &block.parts);
    T step{};
    trailing([&](auto& o) { T::Step(step, o); });
    args_ = outer;
    args_->push_back(std::move(block));
  }
  template <class T>
  void late_counted_keys(Error&, Many<T>& m, const CountRule& rule, KeyUse use = kKeyDefault) {
    counted_keys(m, rule, use);
  }

  void flag(Bytes upper, bool&) {
    args_->push_back({.name = upper, .type = ArgDoc::Type::kPureToken, .token = upper, .optional = true});
  }
  template <class F, class... A>
  void choice(Bytes upper, F& field, F, [[maybe_unused]] A&... args) {
    ArgDoc doc;
    if constexpr (sizeof...(A) == 0) {
      doc = {.name = upper, .type = ArgDoc::Type::kPureToken, .token = upper};
    } else {
      doc = {.name = upper, .token = upper};
      ((doc.type = TypeOf<A>()), ...);
    }
    AddChoice(&field, std::move(doc));
  }
  template <class F>
  void mode(Bytes upper, F& field, F value) {
    choice(upper, field, value);
  }
  template <class T>
  void gather(Bytes upper, Many<T>&) {
    args_->push_back({.name = upper, .type = TypeOf<T>(), .token = upper, .optional = true, .multiple = true});
  }
  template <class F, class... A>
  void last(Bytes upper, F& field, F, A&... args) {
    if constexpr (sizeof...(A) == 0) {
      AddChoice(&field, {.name = upper, .type = ArgDoc::Type::kPureToken, .token = upper});
    } else {
      option(upper, args...);
    }
  }
  template <class... A>
  void option(Bytes upper, A&...) {
    if constexpr (sizeof...(A) == 1) {
      using T = typename Inner<std::remove_cvref_t<A>...>::type;
      if constexpr (HasSyntax<T, Describer>) {
        Block<T>(upper, false, upper, true);
      } else {
        args_->push_back({.name = upper, .type = (TypeOf<T>()), .token = upper, .optional = true});
        if constexpr (std::is_same_v<T, Key>) AddKeyOption(upper);
      }
    } else {
      ArgDoc block{.name = upper, .type = ArgDoc::Type::kBlock, .token = upper, .optional = true};
      (block.parts.push_back({.name = upper, .type = TypeOf<typename Inner<std::remove_cvref_t<A>>::type>()}), ...);
      args_->push_back(std::move(block));
    }
  }
  template <class T>
  void number(Bytes upper, T& field, const Error::Rep&) {
    option(upper, field);
  }
  template <class T>
  void repeated(Bytes upper, Many<T>&, size_t, const Error::Rep&) {
    args_->push_back({.name = upper, .type = TypeOf<T>(), .token = upper, .optional = true, .multiple = true});
  }
  void ending(Bytes upper);
  void refuse(Bytes, const Error::Rep&, size_t = 0) {}

 private:
  template <class T>
  struct Inner {
    using type = T;
  };
  template <class T>
  struct Inner<std::optional<T>> {
    using type = T;
  };
  template <class T>
  struct Inner<Late<T>> {
    using type = T;
  };

  template <class T>
  static constexpr ArgDoc::Type TypeOf() {
    using I = typename Inner<typename Inner<T>::type>::type;
    if constexpr (std::is_same_v<I, Key>) return ArgDoc::Type::kKey;
    if constexpr (std::is_floating_point_v<I>) return ArgDoc::Type::kDouble;
    if constexpr (std::is_integral_v<I>) return ArgDoc::Type::kInteger;
    if constexpr (std::is_same_v<I, KeyPattern> || std::is_same_v<I, SortPattern> || std::is_same_v<I, ChannelPattern>)
      return ArgDoc::Type::kPattern;
    return ArgDoc::Type::kString;
  }
  template <class T>
  void Block(Bytes name, bool multiple, Bytes token, bool optional) {
    ArgDoc block{
        .name = name, .type = ArgDoc::Type::kBlock, .token = token, .optional = optional, .multiple = multiple};
    std::vector<ArgDoc>* outer = std::exchange(args_, &block.parts);
    T group{};
    T::Syntax(group, *this);
    args_ = outer;
    args_->push_back(std::move(block));
  }
  void AddKey(KeyUse use, int last, int step, Bytes name);
  void AddWord(Bytes name, ArgDoc::Type type, Bytes token = {});
  void AddCounted(bool mandatory, KeyUse use);
  void AddKeyOption(Bytes upper);
  void AddOptionalKeys(KeyUse use);
  void AddHalves(Bytes name, KeyUse use);
  void AddChoice(const void* field, ArgDoc doc);
  uint16_t UseOf(KeyUse use) const;

  const CommandInfo& info_;
  CommandDescription& out_;
  std::vector<ArgDoc>* args_;
  int least_words_ = 0;
  int words_ = 0;     // words that must be there
  int position_ = 0;  // of the next word in argv, while known_
  bool known_ = true;
  bool variable_ = false;
  bool in_options_ = false;
  Bytes keyword_;
  const void* last_choice_ = nullptr;
};

template <class C>
const CommandDescription& Describe() {
  static const CommandDescription description = [] {
    CommandDescription d;
    C command{};
    Describer describer(C::kInfo, d);
    C::Syntax(command, describer);
    describer.Finish();
    if constexpr (requires { &C::FindKeys; }) d.find_keys = &C::FindKeys;
    return d;
  }();
  return description;
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_DESCRIBE_H_
