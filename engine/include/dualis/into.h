// Into<T>: the sink that builds a C++ value from reply events, without a reply tree in between.
//
// Every type that can be a reply has a ReplyType: a small table of functions that say what an event does to a value of
// it. A container hands out the place of its next child together with the child's ReplyType, so nesting costs one stack
// frame. The same value comes out whether the events are the engine's own or those of a RESP2 or RESP3 server: couples
// may arrive flat or as arrays of two.
//
//   T                          from
//   int64_t, double            integer, double, or a bulk that is one
//   bool                       boolean, integer (not 0), "+OK"; null is false
//   std::string, KeyName       bulk, status, verbatim, number as text
//   Ack                        "+OK" or any status
//   std::optional<T>           null, or T
//   std::vector<T>             any aggregate; null is empty. Couples (pair) flat or nested
//   std::pair, std::tuple,     an aggregate of that size; extra elements are ignored
//   struct with members()
//   std::map<std::string, T>   couples; null is empty
//   Result<T>                  T, or an error inside an aggregate (EXEC)
//   AnyReply                   anything (dualis/any_reply.h)
#ifndef DUALIS_INTO_H_
#define DUALIS_INTO_H_

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "dualis/reply.h"
#include "dualis/result.h"

namespace dualis {

// Functions over a value at `self`. A null function means: this event does not fit (the reply becomes a protocol
// error).
struct ReplyType {
  bool (*null)(void* self) = nullptr;
  bool (*integer)(void* self, int64_t value) = nullptr;
  bool (*boolean)(void* self, bool value) = nullptr;
  bool (*real)(void* self, double value) = nullptr;
  bool (*bytes)(void* self, Bytes value) = nullptr;
  bool (*status)(void* self, Bytes text) = nullptr;
  bool (*error)(void* self, const Error& error) = nullptr;
  bool (*begin)(void* self, Shape shape, size_t count) = nullptr;
  // The place for child `i`. `flat`: the couples of a container of couples arrive as single events.
  void* (*child)(void* self, size_t i, bool flat, std::string& scratch, const ReplyType** type) = nullptr;
  // What child `i` would be, without a value to put it in: lets a filter follow the events of this type.
  const ReplyType* (*child_type)(size_t i, bool flat) = nullptr;
  bool couples = false;      // a container whose elements are couples
  bool is_key_name = false;  // names a key: a prefixing client strips its prefix
};

// The ReplyType of T. Specialise ReplyOf for further types.
template <class T>
struct ReplyOf;
template <class T>
inline constexpr const ReplyType* kReplyType = &ReplyOf<T>::kType;

namespace reply_internal {

bool ParseInt(Bytes text, int64_t* out);
bool ParseDouble(Bytes text, double* out);
std::string TextOf(int64_t value);
std::string TextOf(double value);

template <class T>
T& As(void* self) {
  return *static_cast<T*>(self);
}

// Whether a function is there. Told by type, because GCC does not compare functions with null in constant expressions
// while it sanitizes.
template <auto F>
inline constexpr bool kHas =
    !std::is_same_v<std::integral_constant<decltype(F), F>, std::integral_constant<decltype(F), nullptr>>;

}  // namespace reply_internal

template <>
struct ReplyOf<int64_t> {
  static constexpr ReplyType kType = {
      .integer = [](void* s, int64_t v) { return reply_internal::As<int64_t>(s) = v, true; },
      .boolean = [](void* s, bool v) { return reply_internal::As<int64_t>(s) = v, true; },
      .bytes = [](void* s, Bytes v) { return reply_internal::ParseInt(v, static_cast<int64_t*>(s)); },
  };
};

template <>
struct ReplyOf<double> {
  static constexpr ReplyType kType = {
      .integer = [](void* s, int64_t v) { return reply_internal::As<double>(s) = static_cast<double>(v), true; },
      .real = [](void* s, double v) { return reply_internal::As<double>(s) = v, true; },
      .bytes = [](void* s, Bytes v) { return reply_internal::ParseDouble(v, static_cast<double*>(s)); },
  };
};

template <>
struct ReplyOf<bool> {
  static constexpr ReplyType kType = {
      .null = [](void* s) { return reply_internal::As<bool>(s) = false, true; },
      .integer = [](void* s, int64_t v) { return reply_internal::As<bool>(s) = v != 0, true; },
      .boolean = [](void* s, bool v) { return reply_internal::As<bool>(s) = v, true; },
      .status = [](void* s, Bytes) { return reply_internal::As<bool>(s) = true, true; },
  };
};

template <>
struct ReplyOf<std::string> {
  static constexpr ReplyType kType = {
      .integer = [](void* s,
                    int64_t v) { return reply_internal::As<std::string>(s) = reply_internal::TextOf(v), true; },
      .real = [](void* s, double v) { return reply_internal::As<std::string>(s) = reply_internal::TextOf(v), true; },
      .bytes = [](void* s, Bytes v) { return reply_internal::As<std::string>(s).assign(v), true; },
      .status = [](void* s, Bytes v) { return reply_internal::As<std::string>(s).assign(v), true; },
  };
};

template <>
struct ReplyOf<KeyName> {
  static constexpr ReplyType kType = {
      .bytes = [](void* s, Bytes v) { return reply_internal::As<KeyName>(s).name.assign(v), true; },
      .status = [](void* s, Bytes v) { return reply_internal::As<KeyName>(s).name.assign(v), true; },
      .is_key_name = true,
  };
};

template <>
struct ReplyOf<Ack> {
  static constexpr ReplyType kType = {.status = [](void*, Bytes) { return true; }};
};

// Forwards every event to a T that `Get` finds or makes inside the value.
template <class Outer, class T, auto Get>
struct ForwardReply {
  static constexpr const ReplyType& kInner = ReplyOf<T>::kType;
  static void* At(void* s) { return &Get(reply_internal::As<Outer>(s)); }
  static constexpr ReplyType Make() {
    ReplyType t;
    if constexpr (reply_internal::kHas<kInner.null>) t.null = [](void* s) { return kInner.null(At(s)); };
    if constexpr (reply_internal::kHas<kInner.integer>)
      t.integer = [](void* s, int64_t v) { return kInner.integer(At(s), v); };
    if constexpr (reply_internal::kHas<kInner.boolean>)
      t.boolean = [](void* s, bool v) { return kInner.boolean(At(s), v); };
    if constexpr (reply_internal::kHas<kInner.real>) t.real = [](void* s, double v) { return kInner.real(At(s), v); };
    if constexpr (reply_internal::kHas<kInner.bytes>) t.bytes = [](void* s, Bytes v) { return kInner.bytes(At(s), v); };
    if constexpr (reply_internal::kHas<kInner.status>)
      t.status = [](void* s, Bytes v) { return kInner.status(At(s), v); };
    if constexpr (reply_internal::kHas<kInner.error>)
      t.error = [](void* s, const Error& e) { return kInner.error(At(s), e); };
    if constexpr (reply_internal::kHas<kInner.begin>)
      t.begin = [](void* s, Shape shape, size_t n) { return kInner.begin(At(s), shape, n); };
    if constexpr (reply_internal::kHas<kInner.child>) {
      t.child = [](void* s, size_t i, bool flat, std::string& scratch, const ReplyType** type) {
        return kInner.child(At(s), i, flat, scratch, type);
      };
      t.child_type = kInner.child_type;
    }
    t.couples = kInner.couples;
    t.is_key_name = kInner.is_key_name;
    return t;
  }
};

template <class T>
struct ReplyOf<std::optional<T>> {
  static T& Get(std::optional<T>& o) { return o ? *o : o.emplace(); }
  static constexpr ReplyType Make() {
    ReplyType t = ForwardReply<std::optional<T>, T, Get>::Make();
    t.null = [](void* s) { return reply_internal::As<std::optional<T>>(s).reset(), true; };
    return t;
  }
  static constexpr ReplyType kType = Make();
};

template <class T>
struct ReplyOf<Result<T>> {
  static T& Get(Result<T>& r) { return *r; }
  static constexpr ReplyType Make() {
    ReplyType t = ForwardReply<Result<T>, T, Get>::Make();
    t.error = [](void* s, const Error& e) { return reply_internal::As<Result<T>>(s) = e, true; };
    return t;
  }
  static constexpr ReplyType kType = Make();
};

// A fixed number of members, by a functor that ties them.
template <class T, class Tie>
struct TupleReply {
  using Refs = decltype(Tie{}(std::declval<T&>()));
  static constexpr size_t kSize = std::tuple_size_v<Refs>;
  template <size_t I>
  using Member = std::remove_cvref_t<std::tuple_element_t<I, Refs>>;

  static const ReplyType* ChildType(size_t i, bool) {
    const ReplyType* found = nullptr;
    [&]<size_t... I>(std::index_sequence<I...>) { ((i == I ? (found = kReplyType<Member<I>>, 0) : 0), ...); }
    (std::make_index_sequence<kSize>());
    return found;
  }
  static void* Child(void* s, size_t i, bool flat, std::string&, const ReplyType** type) {
    void* place = nullptr;
    auto refs = Tie{}(reply_internal::As<T>(s));
    [&]<size_t... I>(std::index_sequence<I...>) { ((i == I ? (place = &std::get<I>(refs), 0) : 0), ...); }
    (std::make_index_sequence<kSize>());
    *type = ChildType(i, flat);
    return place;
  }
  static constexpr ReplyType kType = {
      .begin = [](void*, Shape, size_t n) { return n == kUnknownCount || n >= kSize; },
      .child = &Child,
      .child_type = &ChildType,
  };
};

namespace reply_internal {

// How the members of a value are tied. Named types: a lambda would give each file a type of its own.
struct TiePair {
  template <class P>
  auto operator()(P& pair) const {
    return std::tie(pair.first, pair.second);
  }
};
struct TieTuple {
  template <class T>
  auto operator()(T& tuple) const {
    return std::apply([](auto&... member) { return std::tie(member...); }, tuple);
  }
};
struct TieMembers {
  template <class T>
  auto operator()(T& value) const {
    return value.members();
  }
};

}  // namespace reply_internal

template <class A, class B>
struct ReplyOf<std::pair<A, B>> : TupleReply<std::pair<A, B>, reply_internal::TiePair> {};
template <class... T>
struct ReplyOf<std::tuple<T...>> : TupleReply<std::tuple<T...>, reply_internal::TieTuple> {};
template <class T>
requires requires(T& t) { t.members(); }
struct ReplyOf<T> : TupleReply<T, reply_internal::TieMembers> {};

namespace reply_internal {
template <class T>
inline constexpr bool kIsPair = false;
template <class A, class B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;
}  // namespace reply_internal

template <class T>
struct ReplyOf<std::vector<T>> {
  using V = std::vector<T>;
  static_assert(!std::is_same_v<T, bool>, "elements of std::vector<bool> have no address");
  static const ReplyType* ChildType(size_t i, bool flat) {
    if constexpr (reply_internal::kIsPair<T>) {
      if (flat) return i % 2 == 0 ? kReplyType<typename T::first_type> : kReplyType<typename T::second_type>;
    }
    return kReplyType<T>;
  }
  static void* Child(void* s, size_t i, bool flat, std::string&, const ReplyType** type) {
    V& v = reply_internal::As<V>(s);
    *type = ChildType(i, flat);
    if constexpr (reply_internal::kIsPair<T>) {
      if (flat && i % 2 == 1) return &v.back().second;
      if (flat) return &v.emplace_back().first;
    }
    if constexpr (requires { v.emplace_back(); }) {
      return &v.emplace_back();
    } else {
      return &v.emplace_back(typename T::value_type());
    }
  }
  static constexpr ReplyType kType = {
      .null = [](void* s) { return reply_internal::As<V>(s).clear(), true; },
      .begin =
          [](void* s, Shape, size_t n) {
            V& v = reply_internal::As<V>(s);
            v.clear();
            // A server's count is a claim, not a fact.
            if (n != kUnknownCount) v.reserve(std::min<size_t>(n, 4096));
            return true;
          },
      .child = &Child,
      .child_type = &ChildType,
      .couples = reply_internal::kIsPair<T>,
  };
};

template <class T, class C>
struct ReplyOf<std::map<std::string, T, C>> {
  using M = std::map<std::string, T, C>;
  static const ReplyType* ChildType(size_t i, bool) { return i % 2 == 0 ? kReplyType<std::string> : kReplyType<T>; }
  static void* Child(void* s, size_t i, bool, std::string& scratch, const ReplyType** type) {
    *type = ChildType(i, true);
    if (i % 2 == 0) return &scratch;
    return &reply_internal::As<M>(s)[std::move(scratch)];
  }
  static constexpr ReplyType kType = {
      .null = [](void* s) { return reply_internal::As<M>(s).clear(), true; },
      .begin = [](void* s, Shape, size_t) { return reply_internal::As<M>(s).clear(), true; },
      .child = &Child,
      .child_type = &ChildType,
      .couples = true,
  };
};

// The untyped part of Into: follows the events with a stack of places.
class ValueBuilder : public ReplySink {
 public:
  ValueBuilder(void* value, const ReplyType* type) : value_(value), type_(type) {}

  void Null() final;
  void Bool(bool value) final;
  void Int(int64_t value) final;
  void Double(double value) final;
  void Bulk(Bytes value) final;
  void Simple(Bytes text) final;
  void Error(const dualis::Error& error) final;
  void Begin(Shape shape, size_t count) final;
  void End() final;

  // The error reply, or why the events did not fit the type; no error if the value is complete.
  const dualis::Error& error() const { return error_; }
  // True once a whole reply has arrived.
  bool complete() const { return complete_; }

 protected:
  // Ready for another reply into the same place.
  void Restart();

 private:
  struct Frame {
    void* self;
    const ReplyType* type;  // null: the children are skipped
    size_t next = 0;
    bool flat = false;
    bool undecided = false;  // couples in a plain array: the first child tells whether they are flat
  };
  // The place for the next event, or null if it is to be skipped. `aggregate`: the event is a Begin.
  void* Place(bool aggregate, const ReplyType** type);
  void Misfit();
  void Done() {
    if (frames_.empty()) complete_ = true;
  }

  void* value_;
  const ReplyType* type_;
  std::vector<Frame> frames_;
  std::string scratch_;
  dualis::Error error_;
  bool complete_ = false;
};

// Collects one reply as a T.
template <class T>
class Into final : public ValueBuilder {
 public:
  Into() : ValueBuilder(&value_, kReplyType<T>) {}
  Into(const Into&) = delete;
  Into& operator=(const Into&) = delete;

  // The value or the error; an error also if no reply arrived.
  Result<T> Take() && {
    if (error()) return error();
    if (!complete()) return dualis::Error(ErrorCode::kProtocol, "ERR no reply");
    return std::move(value_);
  }

 private:
  T value_{};
};

}  // namespace dualis

#endif  // DUALIS_INTO_H_
