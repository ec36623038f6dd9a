// Encoder: the sink that writes a reply as RESP2 or RESP3 bytes, as redis-server would.
//
// The two protocols differ in more than type bytes: couples are flat or nested, and entries a map or nested arrays.
// A command only says what it means (Shape); everything about protocols is here.
//
//   shape      RESP2                 RESP3
//   kArray     *n                    *n
//   kSet       *n                    ~n
//   kMap       *2n                   %n
//   kPairs     *2n                   *n, each *2
//   kEntries   *n, each *2           %n
//   kPush      *n                    >n
#ifndef DUALIS_ENGINE_RESP_ENCODER_H_
#define DUALIS_ENGINE_RESP_ENCODER_H_

#include <functional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "dualis/reply.h"

namespace dualis::resp {

// Appends one reply after another to a string that it does not own. If memory runs out the bytes of the reply at hand
// are taken back, failed() becomes true and later events are ignored: the connection has lost a reply and must be
// closed.
class Encoder final : public ReplySink {
 public:
  // `protocol`: 2 or 3.
  Encoder(std::string* out, int protocol) : out_(out), protocol_(protocol) {}
  // Asks for the protocol at the first event of each reply, so that the reply of HELLO 3 is itself RESP3.
  Encoder(std::string* out, std::function<int()> protocol) : out_(out), ask_(std::move(protocol)) {}

  void Null() override;
  void NullArray() override;
  void Bool(bool value) override;
  void Int(int64_t value) override;
  void Double(double value) override;
  void Decimal(double value) override;
  void BigNumber(Bytes digits) override;
  void Bulk(Bytes value) override;
  // Line breaks inside simple texts and errors become spaces: they would end the reply.
  void Simple(Bytes text) override;
  void Verbatim(Bytes text, Bytes format) override;
  void Error(const dualis::Error& error) override;
  void Begin(Shape shape, size_t count) override;
  void End() override;

  bool failed() const { return failed_; }
  // True between replies.
  bool complete() const { return frames_.empty(); }

 private:
  struct Frame {
    Shape shape;
    bool nested;    // each couple is an array of two
    bool unknown;   // the header is put in front at End
    size_t header;  // where
    size_t events;  // children so far
  };
  // Runs `write` as one event: counts it, opens a couple if one is due, catches a failed allocation.
  template <class Write>
  void Event(Write write);
  void PutHeader(size_t at, const Frame& frame, size_t count);
  void PutNumber(char type, int64_t value);
  void PutBulk(Bytes value);
  void PutLine(char type, Bytes text);

  std::string* out_;
  std::function<int()> ask_;
  int protocol_ = 2;
  bool failed_ = false;
  size_t start_ = 0;  // of the reply at hand
  absl::InlinedVector<Frame, 8> frames_;
};

}  // namespace dualis::resp

#endif  // DUALIS_ENGINE_RESP_ENCODER_H_
