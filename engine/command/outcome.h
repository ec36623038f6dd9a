// Outcome: what became of one run of a command.
#ifndef DUALIS_ENGINE_COMMAND_OUTCOME_H_
#define DUALIS_ENGINE_COMMAND_OUTCOME_H_

#include <utility>

#include "dualis/error.h"

namespace dualis {

// Done: the reply is in the sink. Failed: nothing was emitted; the error is the reply. Parked: nothing was emitted; the
// command runs again when one of its keys changes.
class [[nodiscard]] Outcome {
 public:
  Outcome() = default;
  Outcome(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  static Outcome Parked() {
    Outcome outcome;
    outcome.parked_ = true;
    return outcome;
  }

  bool done() const { return !parked_ && !error_; }
  bool parked() const { return parked_; }
  const Error& error() const& { return error_; }
  Error error() && { return std::move(error_); }

 private:
  Error error_;
  bool parked_ = false;
};

}  // namespace dualis

#endif  // DUALIS_ENGINE_COMMAND_OUTCOME_H_
