// What the visitors need to know of the types of fields.
#ifndef DUALIS_ENGINE_COMMAND_SYNTAX_TRAITS_H_
#define DUALIS_ENGINE_COMMAND_SYNTAX_TRAITS_H_

#include <optional>
#include <type_traits>

#include "dualis/syntax.h"
#include "engine/command/errors.h"

namespace dualis {

template <class T>
inline constexpr bool kIsLate = false;
template <class T>
inline constexpr bool kIsLate<Late<T>> = true;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// A group of words with a Syntax of its own: the couples of HSET, the LIMIT of ZRANGE.
template <class T, class V>
concept HasSyntax = requires(T& t, V& v) {
  T::Syntax(t, v);
};

template <class T>
concept NameField = std::is_same_v<T, Key> || std::is_same_v<T, KeyPattern> || std::is_same_v<T, SortPattern> ||
    std::is_same_v<T, Channel> || std::is_same_v<T, ChannelPattern>;

// The error for text that is not a number of this type.
template <class T>
constexpr const Error::Rep& BadNumber() {
  return std::is_floating_point_v<T> ? errors::kNotFloat : errors::kNotInteger;
}

// Counts the words of a group.
struct WordCounter {
  size_t words = 0;
  template <class T>
  void key(T&, KeyUse = kKeyDefault, Bytes = {}) {
    ++words;
  }
  template <class T>
  void bytes(T&, Bytes) {
    ++words;
  }
  template <class T>
  void one_of(T&, Bytes, const Error::Rep&, std::initializer_list<Choice<std::remove_const_t<T>>>) {
    ++words;
  }
  template <class T>
  void number(T&, Bytes) {
    ++words;
  }
  template <class T>
  void number(T&, Bytes, const Error::Rep&) {
    ++words;
  }
  template <class T>
  void late(T&, Bytes) {
    ++words;
  }
  void mark(bool, Bytes, Bytes) {}
  template <class E>
  void rule(bool, const E&) {}
};

template <class T>
size_t GroupWidth() {
  static const size_t width = [] {
    T group{};
    WordCounter counter;
    T::Syntax(group, counter);
    return counter.words;
  }();
  return width;
}

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_SYNTAX_TRAITS_H_
