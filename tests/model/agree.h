// What "the same reply" means where two servers run the same commands: chance, time and order left aside.
#ifndef DUALIS_TESTS_MODEL_AGREE_H_
#define DUALIS_TESTS_MODEL_AGREE_H_

#include <string>
#include <vector>

#include "dualis/command.h"
#include "tests/runner/reply_tree.h"

namespace dualis::model {

// A difference between Redis 7.0, the oracle, and 7.2, whose semantics the engine has; found by command and replies.
struct KnownDifference {
  const char* why;
  bool (*is)(const std::vector<std::string>& words, const cases::ReplyTree& oracle, const cases::ReplyTree& engine);
  bool parts = false;  // the keys may differ from then on
};
const std::vector<KnownDifference>& KnownDifferences();

class Agreement {
 public:
  explicit Agreement(const CommandTable& table) : table_(table) {}

  // Compares the replies to `words`. Replies of EXEC are compared by what was queued, so replies must come in the order
  // of their commands; `connection` tells the queues apart.
  bool Agree(int connection, const std::vector<std::string>& words, const cases::ReplyTree& oracle,
             const cases::ReplyTree& engine);
  // A known difference was met after which the keys may differ: nothing that follows can be compared.
  bool parted() const { return parted_; }
  void Reset();

 private:
  bool Same(const std::vector<std::string>& words, const cases::ReplyTree& oracle, const cases::ReplyTree& engine);

  const CommandTable& table_;
  bool parted_ = false;
  std::vector<std::vector<std::string>> queued_[2];
};

}  // namespace dualis::model

#endif  // DUALIS_TESTS_MODEL_AGREE_H_
