// Expiry: when a value ends, as SET and GETEX take it.
#ifndef DUALIS_API_EXPIRY_H_
#define DUALIS_API_EXPIRY_H_

#include <chrono>

#include "dualis/commands/strings.h"

namespace dualis {

// Expiry::In(250ms), Expiry::At(deadline), Expiry::Keep(). Times are sent in whole milliseconds, rounded towards zero;
// one that is not positive is refused by Redis.
struct Expiry {
  cmd::ExpiryUnit unit = cmd::ExpiryUnit::kNone;
  int64_t amount = 0;

  template <class Rep, class Period>
  static Expiry In(std::chrono::duration<Rep, Period> time) {
    return {cmd::ExpiryUnit::kMillis, std::chrono::duration_cast<std::chrono::milliseconds>(time).count()};
  }
  static Expiry At(std::chrono::system_clock::time_point moment) {
    return {cmd::ExpiryUnit::kUnixMillis,
            std::chrono::duration_cast<std::chrono::milliseconds>(moment.time_since_epoch()).count()};
  }
  // KEEPTTL of SET.
  static Expiry Keep() { return {cmd::ExpiryUnit::kKeepTtl, 0}; }
  // PERSIST of GETEX.
  static Expiry Never() { return {cmd::ExpiryUnit::kPersist, 0}; }
};

}  // namespace dualis

#endif  // DUALIS_API_EXPIRY_H_
