// ReplySink: where a reply goes. A command describes its reply once, as events; what becomes of them (RESP2 or RESP3
// bytes, C++ values, Lua values, a redisReply) is the sink's business.
#ifndef DUALIS_REPLY_H_
#define DUALIS_REPLY_H_

#include <cstddef>
#include <cstdint>

#include "dualis/bytes.h"
#include "dualis/error.h"

namespace dualis {

// What an aggregate means. The count given to Begin is in the unit named here; the events that follow are its parts in
// order.
enum class Shape : uint8_t {
  kArray,    // elements
  kSet,      // elements; an array in RESP2
  kMap,      // key-value couples, two events each; a flat array of twice the count in RESP2
  kPairs,    // couples, two events each; flat in RESP2, an array of arrays of two in RESP3 (ZRANGE WITHSCORES)
  kEntries,  // couples, two events each; an array of arrays of two in RESP2, a map in RESP3 (XREAD)
  kPush,     // elements; an out-of-band message in RESP3, an array in RESP2
};

// The count of an aggregate whose size is known only at its End().
inline constexpr size_t kUnknownCount = SIZE_MAX;

// Receives exactly one reply, outermost value first. Views are valid only during the call. A sink never throws (it
// latches its failure and reports it to its owner afterwards) and never calls back into the engine. It is called by the
// thread that runs the command, or, for a command that was parked, by the thread whose write completed it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;

  virtual void Null() = 0;              // "$-1" in RESP2
  virtual void NullArray() { Null(); }  // "*-1" in RESP2
  virtual void Bool(bool value) { Int(value); }
  virtual void Int(int64_t value) = 0;
  virtual void Double(double value) = 0;  // a bulk of its text in RESP2
  // A double whose text in RESP2 has up to 17 decimal places, not as few digits as needed (GEOPOS).
  virtual void Decimal(double value) { Double(value); }
  virtual void BigNumber(Bytes digits) { Bulk(digits); }
  virtual void Bulk(Bytes value) = 0;
  virtual void Simple(Bytes text) = 0;  // a status reply: "+OK"
  virtual void Verbatim(Bytes text, Bytes format) {
    (void)format;
    Bulk(text);
  }
  virtual void Error(const dualis::Error& error) = 0;
  virtual void Begin(Shape shape, size_t count) = 0;
  virtual void End() = 0;
};

}  // namespace dualis

#endif  // DUALIS_REPLY_H_
