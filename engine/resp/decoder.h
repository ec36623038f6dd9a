// ReplyDecoder: what a client reads. RESP2 or RESP3 bytes in any portions become the events of a ReplySink.
//
// Values are handed on as soon as they are complete, so a long array needs no room of its own; only a bulk must be
// whole before its event. Attributes are dropped. Out-of-band messages (`>` at the outermost level) go to a sink of
// their own.
#ifndef DUALIS_ENGINE_RESP_DECODER_H_
#define DUALIS_ENGINE_RESP_DECODER_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "dualis/error.h"
#include "dualis/reply.h"

namespace dualis::resp {

class ReplyDecoder {
 public:
  // What a server may make us do.
  struct Limits {
    size_t depth = 1024;                        // open aggregates
    int64_t elements = (int64_t{1} << 32) - 1;  // of one aggregate, as announced
    int64_t bulk_bytes = int64_t{1} << 31;      // one bulk string or line
  };
  enum class State : uint8_t {
    kMore,   // everything was taken, or the rest is needed together with what follows
    kReply,  // a reply is complete in `sink`
    kPush,   // an out-of-band message is complete in `push`
    kError,  // not RESP, or beyond a limit: error() says which; nothing more can be decoded
  };

  ReplyDecoder() = default;
  explicit ReplyDecoder(const Limits& limits) : limits_(limits) {}

  // Decodes up to the end of one reply or message. `*used` is how many bytes of `in` were consumed; the caller offers
  // the others again, with more behind them. The same sinks must be given until the reply is complete. Either may be
  // null: its replies are dropped.
  State Decode(Bytes in, size_t* used, ReplySink* sink, ReplySink* push);

  // kProtocol with the reason.
  const Error& error() const { return error_; }
  // True between replies.
  bool idle() const { return frames_.empty(); }
  // After kMore: how many bytes, counted from `*used`, the next Decode needs at least.
  size_t wanted() const { return wanted_; }

 private:
  struct Frame {
    uint64_t left;   // events still to come
    bool attribute;  // dropped
  };
  State Fail(Bytes text);

  Limits limits_;
  absl::InlinedVector<Frame, 8> frames_;
  size_t dropping_ = 0;  // open attributes
  bool push_ = false;    // the reply at hand is a message
  size_t wanted_ = 1;
  Error error_;
};

}  // namespace dualis::resp

#endif  // DUALIS_ENGINE_RESP_DECODER_H_
