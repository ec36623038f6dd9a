#include "engine/commands/expiry.h"

namespace dualis {

Result<TimeMs> ExpiryMoment(ReadExec& x, int64_t amount, cmd::ExpiryUnit unit, bool positive, Bytes name) {
  using cmd::ExpiryUnit;
  if (positive && amount <= 0) return errors::InvalidExpire(name);
  if (unit == ExpiryUnit::kSeconds || unit == ExpiryUnit::kUnixSeconds) {
    if (__builtin_mul_overflow(amount, int64_t{1000}, &amount)) return errors::InvalidExpire(name);
  }
  if (unit == ExpiryUnit::kSeconds || unit == ExpiryUnit::kMillis) {
    if (__builtin_add_overflow(amount, x.now(), &amount)) return errors::InvalidExpire(name);
  }
  // The last moment means "never" inside; nobody lives to tell the difference.
  return amount == kNoExpiry ? amount - 1 : amount;
}

}  // namespace dualis
