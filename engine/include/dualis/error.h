// Error: why a command or a connection failed. One word wide; the common texts are constants, so that returning an
// error costs no allocation. The texts live in dualis/errors.def and are Redis' own.
#ifndef DUALIS_ERROR_H_
#define DUALIS_ERROR_H_

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "dualis/bytes.h"

namespace dualis {

// The first word of a Redis error reply, or the layer below it that failed.
enum class ErrorCode : uint8_t {
  kNone,  // not an error
  kErr,   // "ERR ..." and any first word that is not listed here
  kWrongType,
  kNoScript,
  kExecAbort,
  kNoAuth,
  kWrongPass,
  kNoPerm,
  kNoProto,
  kBusy,
  kBusyKey,
  kBusyGroup,
  kNoGroup,
  kNotBusy,
  kUnkillable,
  kOom,
  kReadOnly,
  kMisconf,
  kLoading,
  kNoReplicas,
  kMoved,
  kAsk,
  kCrossSlot,
  kTryAgain,
  kClusterDown,
  kUnblocked,
  kIo,        // the transport: connect, read or write failed
  kTimeout,   // a deadline of the caller passed
  kClosed,    // the other side closed the connection, or the object was closed
  kProtocol,  // bytes that are not RESP, or a reply of a shape that its type cannot hold
  kUsage,     // the caller broke the contract of a client function
};

class Error {
 public:
  // What an Error points to. Constants are `static constexpr`; others are counted.
  struct Rep {
    ErrorCode code;
    Bytes text;
  };

  // No error.
  constexpr Error() = default;
  // A constant, which must live forever.
  explicit Error(const Rep* constant) : rep_(reinterpret_cast<uintptr_t>(constant)) {}
  // The text is copied. If memory is short the error becomes the constant OOM error.
  Error(ErrorCode code, Bytes text) noexcept;
  // From the text of an error reply: the code is read from its first word.
  static Error FromReply(Bytes text) noexcept;

  Error(const Error& other) noexcept : rep_(other.rep_) {
    if (rep_ & 1) Retain();
  }
  Error(Error&& other) noexcept : rep_(std::exchange(other.rep_, 0)) {}
  Error& operator=(Error other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Error() {
    if (rep_ & 1) Release();
  }

  // True if there is an error.
  explicit operator bool() const { return rep_ != 0; }
  ErrorCode code() const { return rep_ ? rep()->code : ErrorCode::kNone; }
  // The whole text, first word included: "WRONGTYPE Operation against ...". Valid as long as this Error.
  Bytes message() const { return rep_ ? rep()->text : Bytes(); }

  // By code and text.
  friend bool operator==(const Error& a, const Error& b) { return a.code() == b.code() && a.message() == b.message(); }

 private:
  const Rep* rep() const { return reinterpret_cast<const Rep*>(rep_ & ~uintptr_t{1}); }
  void Retain() noexcept;
  void Release() noexcept;

  uintptr_t rep_ = 0;  // bit 0: counted
};

// What value() throws, for those who like exceptions. what() is the whole text.
class RedisError : public std::runtime_error {
 public:
  explicit RedisError(Error error) : std::runtime_error(std::string(error.message())), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace dualis

#endif  // DUALIS_ERROR_H_
