// Replays cases on a front and compares, or records what the front says.
#ifndef DUALIS_TESTS_RUNNER_RUNNER_H_
#define DUALIS_TESTS_RUNNER_RUNNER_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/runner/case_file.h"
#include "tests/runner/front.h"

namespace dualis::cases {

struct Tally {
  size_t cases = 0;                    // replayed at least once
  size_t replays = 0;                  // a case counts once a protocol and encoding
  size_t failed = 0;                   // cases
  std::map<LeftOut, size_t> left_out;  // cases
};

// A complaint, as lines ready to print. Set by the program; tests collect them.
using Complain = std::function<void(const std::string&)>;

// Why the front does not replay the case in any form, or nothing if it does.
std::optional<LeftOut> WhyLeftOut(const CaseFront& front, const Case& c);

// Replays one case in every protocol and encoding that both it and the front have. False if a reply differs.
bool ReplayCase(CaseFront& front, const Case& c, Tally* tally, const Complain& complain);

// Fills in the replies of every step of the case from the front, in both protocols. Replies that hold matchers are
// compared instead. The encodings must agree, but for what `@ unordered` leaves open. False, with complaints, if
// something differs.
bool RecordCase(CaseFront& front, Case* c, const Complain& complain);

// "oracle: 512 cases in 1898 replays, 0 failed; left out: 3 another version".
std::string Describe(const CaseFront& front, const Tally& tally);

}  // namespace dualis::cases

#endif  // DUALIS_TESTS_RUNNER_RUNNER_H_
