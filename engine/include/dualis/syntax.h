// Syntax: how a command describes its own words, once. A command is a plain struct whose static Syntax(self, v) names
// its fields in the order of the words. Visitors read that description to parse, encode, check, document, prefix and
// generate.
//
//   template <class Self, class V>
//   static void Syntax(Self& c, V& v) {
//     v.key(c.key);
//     v.leading([&](auto& o) {                       // options before the rest; the first unknown word ends them
//       o.choice("NX", c.condition, kIfMissing);
//       o.choice("XX", c.condition, kIfExists);      // another value of the same field: syntax error
//       o.flag("CH", c.changed);
//     });
//     v.tuples(c.members);
//   }
//
// The order of the statements is the order in which Redis finds errors.
//
//   word                       reads
//   key(k [, use [, name]])    one word
//   bytes(b, name)             one word
//   one_of(f, name, error, {{"WORD", value}, ...})
//                              one word that names a value of f; any other, or none, is the error
//   pattern(p)                 one word, a glob over key names (a prefix must hold for it)
//   channel(c)                 one word, a channel of PUBLISH
//   number(n, name [, error])  one word: int64_t or double
//   late(n, name)              one word, kept as text; convert(n) reads it where Redis does: after later words, or in
//   Run optional(o, name)          nothing or one word (std::optional of Bytes, int64_t, double or Late) mark(flag,
//   "~", "=")       an optional word before another: the first sets the flag, the second says it is not set many(m,
//   name [, leave])    one or more words; leaves `leave` words for what follows any(m, name)               zero or more
//   words tuples(m, uneven)          one or more groups of words; the group is a struct with a Syntax of its own
//   late_tuples(m, uneven)     the same, but only counted; convert(m) reads the numbers
//   counted_keys(m, rule [, use])  numkeys key ...
//   counted(m, name, rule)     the same for words that are no keys
//   halves(keys, ids, name, error [, use])  key ... id ...
//   late_counted_keys(e, keys, rule)  the same, but what is wrong is kept in `e`, for Run to return once it has looked
//   at
//                              what comes before (FCALL)
//   leading(options)           options until the first unknown word
//   trailing(options)          options to the end; an unknown word is a syntax error
//   no_more(error)             words beyond the last one are this error
//   steps(m, name)             steps to the end, each begun by a word that tells which; T has a function
//                              static void Step(T&, o) with the choices of one
//   some(m, name, fits)        words as long as bool fits(Bytes) says yes; there may be none
//   at_least(n)                no word, but an arity: fewer words, the name included, are refused
//   at_most(n)                 the same for more words: where Redis counts them before it reads what follows
//   note(text)                 no word, but a remark on the keys before, for COMMAND INFO
//   hidden_keys(use, note)     no word: keys that no rule finds among the words (SORT); the struct then has a function
//                              static bool FindKeys(Args, std::vector<KeyPosition>*)
//   keys_behind(use, upper)    no word: behind this option there are keys to the end; there is a FindKeys, too
//   convert(x)                 now read the numbers of x
//   late_errors(e)             no word: Redis looks at the keys before the words that follow, so what is wrong with
//                              them is kept in e, and Run returns it after errors of its own
//   rule(ok, error)            refuse the command unless ok; also for typed callers
//   words_left(least, most, error)  refuse words unless so many are left; typed callers cannot get it wrong
//   ignore_rest()              words may follow that mean nothing
//   subcommand_errors()        from here on, what would be an arity or syntax error is the container's (see its HELP)
//   named_rule(ok, error)      the same; the error's text goes on with the command's name, as it was typed
//
// Inside leading and trailing, on `o`:
//   flag("WORD", bool&)        present or not
//   choice("WORD", field, value, args...)
//                              sets field to value (two different values of one field: syntax error), reads args
//   last("WORD", field, value, args...)
//                              the same, but the last one counts
//   mode("WORD", field, value) sets field to value; the last such word counts
//   gather("WORD", many)       reads one more item of many; at most one such option in a command
//   option("WORD", args...)    reads args; given twice, the last one counts. An optional<T> arg becomes set
//   number("WORD", n, error)   the same for a number that has an error of its own
//   repeated("WORD", m, n, error)
//                              reads n numbers into m; if there are fewer words the option is unknown (WEIGHTS)
//   ending("WORD")             like an unknown word, but consumed: ends the options (XREAD's STREAMS)
//   refuse("WORD", error [, more])
//                              a word that has an error of its own (XREAD's GROUP), if `more` words follow it
//   rule(ok, error)            checked after each word
#ifndef DUALIS_SYNTAX_H_
#define DUALIS_SYNTAX_H_

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "dualis/args.h"
#include "dualis/result.h"

namespace dualis {

// A glob over key names (KEYS, SCAN MATCH). A prefix is put in front of it, escaped.
struct KeyPattern {
  Bytes glob;
  constexpr KeyPattern() = default;
  template <class T>
  requires std::is_convertible_v<const T&, Bytes>
  constexpr KeyPattern(const T& g) : glob(g) {}  // NOLINT(google-explicit-constructor)
};

// A pattern of SORT: the name of a key with a '*' in the place of the element. A prefix is put in front of it.
struct SortPattern {
  Bytes glob;
  constexpr SortPattern() = default;
  template <class T>
  requires std::is_convertible_v<const T&, Bytes>
  constexpr SortPattern(const T& g) : glob(g) {}  // NOLINT(google-explicit-constructor)
};

// A pub/sub channel, and a glob over channels.
struct Channel {
  Bytes name;
  constexpr Channel() = default;
  template <class T>
  requires std::is_convertible_v<const T&, Bytes>
  constexpr Channel(const T& n) : name(n) {}  // NOLINT(google-explicit-constructor)
};
struct ChannelPattern {
  Bytes glob;
  constexpr ChannelPattern() = default;
  template <class T>
  requires std::is_convertible_v<const T&, Bytes>
  constexpr ChannelPattern(const T& g) : glob(g) {}  // NOLINT(google-explicit-constructor)
};

// The words of a repeated part. Borrows a contiguous range of T; built from anything else (a vector of strings for
// Many<Bytes>) it keeps an array of views of its own. The bytes behind the views are always borrowed.
template <class T>
class Many {
 public:
  Many() = default;
  Many(std::span<const T> view) : view_(view) {}  // NOLINT(google-explicit-constructor)
  Many(const std::vector<T>& v) : view_(v) {}     // NOLINT(google-explicit-constructor)
  Many(std::initializer_list<T> list) : owned_(list), view_(owned_) {}
  template <class Range>
  requires(!std::is_convertible_v<const Range&, std::span<const T>> && !std::is_convertible_v<const Range&, T> &&
           requires(const Range& r) { T(*std::begin(r)); }) Many(const Range& range)
      : owned_(std::begin(range), std::end(range)), view_(owned_) {}  // NOLINT
  Many(const Many& other)
      : owned_(other.owned_), view_(other.owned_.empty() ? other.view_ : std::span<const T>(owned_)) {}
  Many(Many&& other) noexcept : owned_(std::move(other.owned_)), view_(std::exchange(other.view_, {})) {}
  // Keeps the array itself.
  static Many Owning(std::vector<T> items) {
    Many m;
    m.owned_ = std::move(items);
    m.view_ = m.owned_;
    return m;
  }
  Many& operator=(Many other) noexcept {
    owned_ = std::move(other.owned_);
    view_ = std::exchange(other.view_, {});
    return *this;
  }

  size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  const T& operator[](size_t i) const { return view_[i]; }
  auto begin() const { return view_.begin(); }
  auto end() const { return view_.end(); }
  std::span<const T> span() const { return view_; }

 private:
  std::vector<T> owned_;
  std::span<const T> view_;
};

// A number that stays text until Redis would look at it (LINDEX looks at the key first). Typed callers give a number.
template <class T>
class Late {
 public:
  Late() = default;
  Late(T value) : word_(value) {}  // NOLINT(google-explicit-constructor)
  template <class U>
  requires(std::is_arithmetic_v<U> && !std::is_same_v<U, T>) Late(U value)
      : word_(static_cast<T>(value)) {}  // NOLINT(google-explicit-constructor)
  static Late FromWord(Arg word) {
    Late late;
    late.word_ = word;
    return late;
  }

  const Arg& word() const { return word_; }
  // True and the value if the word is a number of this kind.
  bool Get(T* out) const {
    if constexpr (std::is_integral_v<T>) {
      return word_.ToInt(out);
    } else {
      return word_.ToDouble(out);
    }
  }
  // The value, or `other` if the word is no number.
  T value_or(T other) const {
    T value;
    return Get(&value) ? value : other;
  }

 private:
  Arg word_ = Arg(T{});
};

// A word and what it means.
template <class T>
struct Choice {
  Bytes upper;
  T value;
};

// What is wrong with the words of a command that looks at its keys first; and those words, as they came, so that a
// command which is sent on is refused there for the same reason. Borrows the words.
struct LateErrors {
  Error error;
  std::span<const Arg> words;
};

// What a number of words that does not fill its groups means to Redis.
enum class Uneven { kArity, kSyntax };

// What a command does with a key; the flags of Redis' key specs, with Redis' names in COMMAND INFO.
enum KeyUse : uint16_t {
  kKeyDefault = 0,  // by the command's flags: "RO access" for readonly, "RW update" for write
  kKeyRO = 1 << 0,  // reads the value
  kKeyRW = 1 << 1,  // reads and changes it
  kKeyOW = 1 << 2,  // overwrites it
  kKeyRM = 1 << 3,  // deletes the key
  kKeyAccess = 1 << 4,
  kKeyUpdate = 1 << 5,
  kKeyInsert = 1 << 6,
  kKeyDelete = 1 << 7,
  kKeyNotKey = 1 << 8,
  kKeyVariable = 1 << 9,     // what is done with it depends on the other words
  kKeySameSpec = 1 << 10,    // belongs to the key spec of the key before it
  kKeyIncomplete = 1 << 11,  // the key spec may find too few keys
};

// The errors of a numkeys word, which differ by command. A `too_few` that ends with a quote goes on with the name of
// the command and "' command".
struct CountRule {
  int64_t least;
  const Error::Rep* not_a_number;
  const Error::Rep* too_few;
  const Error::Rep* too_many;  // more than there are words
};

}  // namespace dualis

#endif  // DUALIS_SYNTAX_H_
