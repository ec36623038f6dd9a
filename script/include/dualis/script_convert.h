// Between C++ types and script values: what a typed caller passes to a script and reads from its result.
//
//   std::vector<std::string> names = ...;
//   script::Value argument = script::ToValue(names);
//   Result<std::map<std::string, double>> scores = script::FromValue<std::map<std::string, double>>(result);
//
// None is std::nullopt, a list a vector, pair or tuple, a dict a map with string keys. Nothing is converted that has
// another kind: the number 1 is no bool, bytes are no number.
#ifndef DUALIS_SCRIPT_CONVERT_H_
#define DUALIS_SCRIPT_CONVERT_H_

#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "dualis/result.h"
#include "dualis/script_value.h"

namespace dualis::script {

namespace convert_internal {

template <class T, template <class...> class Template>
inline constexpr bool kIs = false;
template <class... A, template <class...> class Template>
inline constexpr bool kIs<Template<A...>, Template> = true;

inline Error Wrong(const char* wanted, const Value& v) {
  std::string text = "ERR a script's value is ";
  text.append(KindName(v.kind())).append(", not ").append(wanted);
  return Error(ErrorCode::kProtocol, text);
}

}  // namespace convert_internal

// A new Value; containers are made of new lists and dicts.
template <class T>
Value ToValue(const T& x) {
  using namespace convert_internal;
  if constexpr (kIs<T, std::optional>) {
    return x ? ToValue(*x) : Value();
  } else if constexpr (kIs<T, std::vector>) {
    Value::Items items;
    for (const auto& item : x) items.push_back(ToValue(item));
    return Value::List(std::move(items));
  } else if constexpr (kIs<T, std::pair> || kIs<T, std::tuple>) {
    return std::apply([](const auto&... parts) { return Value::List({ToValue(parts)...}); }, x);
  } else if constexpr (kIs<T, std::map>) {
    Value::Entries entries;
    for (const auto& [key, item] : x) entries.emplace(key, ToValue(item));
    return Value::Dict(std::move(entries));
  } else {
    return Value(x);
  }
}

// Error: kProtocol, naming what was there instead; also for a number that is not exactly a T.
template <class T>
Result<T> FromValue(const Value& v);

namespace convert_internal {

template <class Tuple, size_t... i>
Result<Tuple> TupleFrom(const Value& v, std::index_sequence<i...>) {
  auto parts = std::tuple(FromValue<std::tuple_element_t<i, Tuple>>(v.items()[i])...);
  Error error;
  ((!error && !std::get<i>(parts) ? void(error = std::get<i>(parts).error()) : void()), ...);
  if (error) return error;
  return Tuple(std::move(*std::get<i>(parts))...);
}

}  // namespace convert_internal

template <class T>
Result<T> FromValue(const Value& v) {
  using namespace convert_internal;
  if constexpr (std::is_same_v<T, Value>) {
    return v;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!v.is_bool()) return Wrong("bool", v);
    return v.boolean();
  } else if constexpr (std::is_integral_v<T>) {
    if (!v.is_number()) return Wrong("number", v);
    const double number = v.number();
    // The limits of T need not be doubles; the next power of two is one.
    const double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
    if (std::trunc(number) != number || number >= above || number < (std::is_signed_v<T> ? -above : 0.0)) {
      return Error(ErrorCode::kProtocol, "ERR a script's number is not such an integer: " + v.ToText());
    }
    return static_cast<T>(number);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!v.is_number()) return Wrong("number", v);
    return static_cast<T>(v.number());
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!v.is_bytes()) return Wrong("bytes", v);
    return std::string(v.bytes());
  } else if constexpr (kIs<T, std::optional>) {
    if (v.is_none()) return T();
    Result<typename T::value_type> inner = FromValue<typename T::value_type>(v);
    if (!inner) return inner.error();
    return T(std::move(*inner));
  } else if constexpr (kIs<T, std::vector>) {
    if (!v.is_list()) return Wrong("list", v);
    T items;
    for (const Value& part : v.items()) {
      Result<typename T::value_type> item = FromValue<typename T::value_type>(part);
      if (!item) return item.error();
      items.push_back(std::move(*item));
    }
    return items;
  } else if constexpr (kIs<T, std::map>) {
    if (!v.is_dict()) return Wrong("dict", v);
    T entries;
    for (const auto& [key, part] : v.entries()) {
      Result<typename T::mapped_type> item = FromValue<typename T::mapped_type>(part);
      if (!item) return item.error();
      entries.emplace(key, std::move(*item));
    }
    return entries;
  } else {
    static_assert(kIs<T, std::pair> || kIs<T, std::tuple>, "there is no script value for this type");
    if (!v.is_list()) return Wrong("list", v);
    if (v.items().size() != std::tuple_size_v<T>) {
      return Error(ErrorCode::kProtocol, "ERR a script's list has " + std::to_string(v.items().size()) +
                                             " items, not " + std::to_string(std::tuple_size_v<T>));
    }
    return TupleFrom<T>(v, std::make_index_sequence<std::tuple_size_v<T>>());
  }
}

}  // namespace dualis::script

#endif  // DUALIS_SCRIPT_CONVERT_H_
