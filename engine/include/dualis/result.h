// Result<T>: a T or the Error that prevented it.
//
//   Result<int64_t> n = client.incrby("hits", 1);
//   if (!n) return n.error();
//   Use(*n);
#ifndef DUALIS_RESULT_H_
#define DUALIS_RESULT_H_

#include <cassert>
#include <memory>
#include <type_traits>
#include <utility>

#include "dualis/error.h"

namespace dualis {

// The reply "+OK".
struct Ack {
  friend bool operator==(const Ack&, const Ack&) = default;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // A T{}: a place to put a value.
  Result() requires std::is_default_constructible_v<T> { std::construct_at(&value_); }
  // Requires of an Error: that it is one.
  Result(Error error) : error_(std::move(error)) { assert(error_); }  // NOLINT(google-explicit-constructor)
  template <class U = T>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value) {  // NOLINT(google-explicit-constructor)
    std::construct_at(&value_, std::forward<U>(value));
  }
  Result(const Result& other) : error_(other.error_) {
    if (!error_) std::construct_at(&value_, other.value_);
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : error_(other.error_) {
    if (!error_) std::construct_at(&value_, std::move(other.value_));
  }
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    if (!error_) std::destroy_at(&value_);
    error_ = other.error_;
    if (!error_) std::construct_at(&value_, std::move(other.value_));
    return *this;
  }
  ~Result() {
    if (!error_) std::destroy_at(&value_);
  }

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  // No error if ok().
  const Error& error() const { return error_; }

  // Requires: ok().
  T& operator*() & {
    assert(ok());
    return value_;
  }
  const T& operator*() const& {
    assert(ok());
    return value_;
  }
  T&& operator*() && {
    assert(ok());
    return std::move(value_);
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

  // The value; throws RedisError if there is none.
  T& value() & {
    if (error_) throw RedisError(error_);
    return value_;
  }
  const T& value() const& {
    if (error_) throw RedisError(error_);
    return value_;
  }
  T&& value() && {
    if (error_) throw RedisError(error_);
    return std::move(value_);
  }
  T value_or(T fallback) const& { return ok() ? value_ : std::move(fallback); }

 private:
  Error error_;
  union {
    T value_;
  };
};

}  // namespace dualis

#endif  // DUALIS_RESULT_H_
