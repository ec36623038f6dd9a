// TreeSink: the events of replies as trees, in the form that RESP2 or RESP3 would give them on the wire.
#ifndef DUALIS_TESTS_RUNNER_TREE_SINK_H_
#define DUALIS_TESTS_RUNNER_TREE_SINK_H_

#include <deque>
#include <functional>
#include <vector>

#include "dualis/reply.h"
#include "tests/runner/reply_tree.h"

namespace dualis::cases {

// Holds the replies until they are taken. What a protocol makes of an event is written down here a second time, apart
// from the encoder, so that the two check each other. A malformed sequence of events shows as an error that begins with
// "MALFORMED". Not thread-safe.
class TreeSink : public ReplySink {
 public:
  // `protocol` is asked at the first event of each reply.
  explicit TreeSink(std::function<int()> protocol) : protocol_(std::move(protocol)) {}

  bool empty() const { return done_.empty(); }
  size_t size() const { return done_.size(); }
  // The oldest reply. Requires: !empty().
  ReplyTree Take();

  void Null() override { Put(ReplyTree::Of(ReplyTree::Kind::kNull)); }
  void NullArray() override;
  void Bool(bool value) override;
  void Int(int64_t value) override { Put(ReplyTree::Integer(value)); }
  void Double(double value) override;
  void Decimal(double value) override;
  void BigNumber(Bytes digits) override;
  void Bulk(Bytes value) override { Put(ReplyTree::Bulk(value)); }
  void Simple(Bytes text) override;
  void Verbatim(Bytes text, Bytes format) override;
  void Error(const dualis::Error& error) override;
  void Begin(Shape shape, size_t count) override;
  void End() override;

 private:
  struct Open {
    Shape shape;
    size_t count;
    std::vector<ReplyTree> children;
  };
  int Protocol();
  void Put(ReplyTree value);
  ReplyTree Close(Open open) const;

  std::function<int()> protocol_;
  int current_ = 0;  // protocol of the reply at hand; 0 between replies
  std::vector<Open> open_;
  std::deque<ReplyTree> done_;
};

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_TREE_SINK_H_
